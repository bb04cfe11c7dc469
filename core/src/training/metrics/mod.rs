//! Losses and scores of a pass over samples, as they are reported and recorded. A metric is a file here and a line of
//! [`METRICS`]: history and TensorBoard follow from it.

mod accuracy;
mod balanced_accuracy;
mod f1;
mod mae;
mod majority;
mod mse;
mod r2;
mod scores;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::{
    accuracy::ACCURACY,
    balanced_accuracy::BALANCED_ACCURACY,
    f1::F1,
    mae::MAE,
    majority::MAJORITY,
    mse::MSE,
    r2::R2,
    scores::{Scores, Standing},
};

/// Every metric that is recorded.
pub const METRICS: [&Metric; 7] = [&ACCURACY, &BALANCED_ACCURACY, &MAJORITY, &F1, &MAE, &MSE, &R2];

/// A number that says how good a task's predictions are.
#[derive(Debug)]
pub struct Metric {
    /// Its name in `history.json`, behind `train_` and `val_`.
    pub key: &'static str,
    /// What stands before and behind the task in its TensorBoard tag; none when it is not logged.
    pub tag: Option<(&'static str, &'static str)>,
    /// Its value; none for tasks to which it does not apply.
    pub of: fn(&TaskMetrics) -> Option<f64>,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_metrics_share_a_name() {
        let keys: std::collections::BTreeSet<&str> = METRICS.iter().map(|metric| metric.key).collect();
        assert_eq!(keys.len(), METRICS.len());
    }
}
