//! The tasks of one dataset.

use super::{LabelSpec, common};

/// The tasks of a dataset and how their targets are read.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelRegistry {
    specs: Vec<LabelSpec>,
}

impl LabelRegistry {
    /// These tasks, of different names.
    pub(crate) fn new(specs: impl IntoIterator<Item = LabelSpec>) -> Self {
        Self { specs: specs.into_iter().collect() }
    }

    /// The tasks of any preprocessed folder.
    #[must_use]
    pub fn folder() -> Self {
        Self::new([common::gender(), common::health(), common::age()])
    }

    /// The same tasks and some of one's own; one of the same name takes the other's place.
    #[must_use]
    pub fn with_custom(mut self, specs: impl IntoIterator<Item = LabelSpec>) -> Self {
        for spec in specs {
            match self.specs.iter_mut().find(|known| known.task.name == spec.task.name) {
                Some(known) => *known = spec,
                None => self.specs.push(spec),
            }
        }
        self
    }

    /// How a task's target is read.
    #[must_use]
    pub fn get(&self, task: &str) -> Option<&LabelSpec> {
        self.specs.iter().find(|spec| spec.task.name == task)
    }

    /// The names of all tasks.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.specs.iter().map(|spec| spec.task.name.as_str())
    }
}
