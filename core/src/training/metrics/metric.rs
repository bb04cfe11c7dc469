//! What a metric is, and the results that it is computed from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::scores::Scores;

/// A number that says how good a task's predictions are.
#[derive(Debug)]
pub struct Metric {
    /// Its name in `history.json`, behind `train_` and `val_`.
    pub key: &'static str,
    /// What stands before and behind the task in its TensorBoard tag; none when it is not logged.
    pub tag: Option<(&'static str, &'static str)>,
    /// Its value; none for tasks to which it does not apply.
    pub of: fn(&TaskMetrics) -> Option<f64>,
    /// How it is drawn; none when it is not.
    pub chart: Option<Chart>,
}

/// The chart of a metric.
#[derive(Debug)]
pub struct Chart {
    /// What stands over it.
    pub title: &'static str,
    /// Whether it is of tasks that tell classes apart, else of those that predict a number.
    pub is_of_classes: bool,
    /// Whether the training split has a line beside that of validation.
    pub with_training: bool,
    /// What guessing would reach in validation.
    pub guess: Option<Guess>,
}

/// What a metric is compared with.
#[derive(Debug)]
pub struct Guess {
    /// What its line is called.
    pub name: &'static str,
    /// Its value, where the metric has one.
    pub of: fn(&TaskMetrics) -> Option<f64>,
    /// The metric that a history has of it; none where it has none.
    pub recorded: Option<&'static Metric>,
}

/// Results of one task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskMetrics {
    /// The task's name.
    pub task: String,
    /// Samples that have a label of this task; 0 where an older version did not count them.
    #[serde(default)]
    pub samples: u64,
    /// People among them, where that is known.
    #[serde(default)]
    pub subjects: Option<usize>,
    /// Mean loss over these samples; 0 when there are none.
    pub loss: f64,
    /// What kind of result it has.
    #[serde(flatten)]
    pub scores: Scores,
}

/// Results of a pass over samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// Samples seen.
    pub samples: usize,
    /// Weighted sum of the tasks' losses, mean over the samples.
    pub loss: f64,
    /// L2 norm of the gradients before clipping, mean over the updates; 0 for an evaluation.
    pub grad_norm: f64,
    /// By task, in the order of the config.
    pub tasks: Vec<TaskMetrics>,
}

impl Metrics {
    /// A metric by the tasks to which it applies.
    pub fn by_task(&self, metric: &Metric) -> BTreeMap<String, f64> {
        self.tasks.iter().filter_map(|task| Some((task.task.clone(), (metric.of)(task)?))).collect()
    }

    /// Loss by task.
    pub fn losses(&self) -> BTreeMap<String, f64> {
        self.tasks.iter().map(|task| (task.task.clone(), task.loss)).collect()
    }
}
