//! What a split holds of its labels.

use super::{FolderDataset, present};
use crate::{
    datasets::LabelCounts,
    labels::{LabelError, LabelSpec, Target, TaskSpec},
};

impl FolderDataset<'_> {
    /// What the split holds of a task; `task` is its place among those that the split was opened with.
    #[must_use]
    pub fn counts(&self, task: usize, spec: &TaskSpec) -> LabelCounts {
        let samples = (0..self.len()).map(|row| (self.subject(row), self.targets(row)[task]));
        LabelCounts::of(&spec.name, spec.class_names(), samples)
    }

    /// What the split holds of a label, whether or not it was opened with that: the target of every sample, none where it
    /// is missing, and how often each class comes up.
    ///
    /// # Errors
    /// [`LabelError`] of the first row that says neither a label nor that it has none.
    pub fn counts_of(&self, spec: &LabelSpec) -> Result<(LabelCounts, Vec<Option<Target>>), LabelError> {
        let targets = (0..self.len()).map(|row| present(spec.encode(&self.row(row)))).collect::<Result<Vec<_>, _>>()?;
        let samples = targets.iter().enumerate().map(|(row, target)| (self.subject(row), *target));
        Ok((LabelCounts::of(&spec.task.name, spec.task.class_names(), samples), targets))
    }
}
