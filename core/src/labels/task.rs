//! What a head of the model has to predict.

use serde::{Deserialize, Serialize};

/// What a task predicts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum TaskKind {
    /// One of several classes.
    Classification {
        /// The classes' names, by index.
        classes: Vec<String>,
    },
    /// A number.
    Regression {
        /// The number's unit, for reports.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<String>,
    },
}

/// A task: what one head of the model learns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskSpec {
    /// Name, as in `dataset.tasks`.
    pub name: String,
    /// What is predicted.
    #[serde(flatten)]
    pub kind: TaskKind,
    /// One line for people.
    pub description: String,
}

impl TaskSpec {
    /// Width of the task's output: the number of classes, or 1 for a regression.
    #[must_use]
    pub fn outputs(&self) -> usize {
        match &self.kind {
            TaskKind::Classification { classes } => classes.len(),
            TaskKind::Regression { .. } => 1,
        }
    }

    /// The classes' names, by index; none for a regression.
    #[must_use]
    pub fn class_names(&self) -> &[String] {
        match &self.kind {
            TaskKind::Classification { classes } => classes,
            TaskKind::Regression { .. } => &[],
        }
    }

    /// Whether the task is to choose a class.
    #[must_use]
    pub fn is_classification(&self) -> bool {
        matches!(self.kind, TaskKind::Classification { .. })
    }
}

/// What a sample says about a task.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// The index of its class.
    Class(usize),
    /// The number to predict, in the label's unit.
    Value(f32),
}
