//! Losses and scores of a pass over samples, as they are reported and recorded.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Results of one task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskMetrics {
    /// The task's name.
    pub task: String,
    /// Mean loss over the samples.
    pub loss: f64,
    /// What kind of result it has.
    #[serde(flatten)]
    pub scores: Scores,
}

/// Scores by the kind of task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scores {
    /// Samples by true class (row) and predicted class (column).
    Confusion(Vec<Vec<u64>>),
    /// Errors in the label's unit.
    Errors {
        /// Mean absolute error.
        mae: f64,
        /// Mean squared error.
        mse: f64,
    },
}

impl Scores {
    /// Share of samples whose class is predicted; none for a regression.
    pub fn accuracy(&self) -> Option<f64> {
        let Self::Confusion(matrix) = self else { return None };
        let total: u64 = matrix.iter().flatten().sum();
        let right: u64 = matrix.iter().enumerate().map(|(class, row)| row[class]).sum();
        Some(if total == 0 { 0.0 } else { right as f64 / total as f64 })
    }

    /// F1 score, the mean over the classes that occur as truth or prediction; none for a regression.
    pub fn macro_f1(&self) -> Option<f64> {
        let Self::Confusion(matrix) = self else { return None };
        let scores: Vec<f64> = (0..matrix.len())
            .filter_map(|class| {
                let right = matrix[class][class] as f64;
                let truth: u64 = matrix[class].iter().sum();
                let predicted: u64 = matrix.iter().map(|row| row[class]).sum();
                (truth + predicted > 0).then(|| 2.0 * right / (truth + predicted) as f64)
            })
            .collect();
        Some(if scores.is_empty() { 0.0 } else { scores.iter().sum::<f64>() / scores.len() as f64 })
    }
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
    fn by_task(&self, value: impl Fn(&TaskMetrics) -> Option<f64>) -> BTreeMap<String, f64> {
        self.tasks.iter().filter_map(|task| Some((task.task.clone(), value(task)?))).collect()
    }

    /// Loss by task.
    pub fn losses(&self) -> BTreeMap<String, f64> {
        self.by_task(|task| Some(task.loss))
    }

    /// Accuracy by classification task.
    pub fn accuracy(&self) -> BTreeMap<String, f64> {
        self.by_task(|task| task.scores.accuracy())
    }

    /// Macro-F1 by classification task.
    pub fn f1(&self) -> BTreeMap<String, f64> {
        self.by_task(|task| task.scores.macro_f1())
    }

    /// Mean absolute error by regression task.
    pub fn mae(&self) -> BTreeMap<String, f64> {
        self.by_task(|task| match task.scores {
            Scores::Errors { mae, .. } => Some(mae),
            Scores::Confusion(_) => None,
        })
    }

    /// Mean squared error by regression task.
    pub fn mse(&self) -> BTreeMap<String, f64> {
        self.by_task(|task| match task.scores {
            Scores::Errors { mse, .. } => Some(mse),
            Scores::Confusion(_) => None,
        })
    }

    /// What decides about the best checkpoint: the accuracies' mean, weighted as the losses are; without a
    /// classification task, the loss negated. Higher is better.
    pub fn score(&self, weights: &BTreeMap<String, f64>) -> f64 {
        let accuracy = self.accuracy();
        let weight = |task: &String| weights.get(task).copied().unwrap_or_default();
        let total: f64 = accuracy.keys().map(weight).sum();
        if accuracy.is_empty() || total == 0.0 {
            return -self.loss;
        }
        accuracy.iter().map(|(task, value)| weight(task) * value).sum::<f64>() / total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_classes_the_loss_decides() {
        let metrics = Metrics { samples: 1, loss: 3.0, grad_norm: 0.0, tasks: vec![] };
        assert_eq!(metrics.score(&BTreeMap::new()), -3.0);
    }
}
