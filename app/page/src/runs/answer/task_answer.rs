//! A task of a split: what every part of the page of its answer is made from.

use std::sync::Arc;

use signal_studio_app_shared::protocol::SplitAnswer;
use signal_studio_core::evaluation::{Level, LevelAssessment, TaskAssessment};

/// A task of a split.
#[derive(Clone)]
pub struct TaskAnswer {
    /// The split.
    pub split: Arc<SplitAnswer>,
    /// The task's place in it.
    pub task: usize,
}

impl TaskAnswer {
    /// The task.
    pub fn task(&self) -> &TaskAssessment {
        &self.split.assessment.tasks[self.task]
    }

    /// What tells it from the same task of other splits.
    pub fn label(&self) -> String {
        format!("{}, {}", self.task().task, if self.split.is_test { "test" } else { "validation" })
    }

    /// Its answers at a level, if that is known.
    pub fn level(&self, level: Level) -> Option<&LevelAssessment> {
        self.task().levels.iter().find(|known| known.level == level)
    }
}
