//! The records that a run leaves: `history.json`, one object an epoch, and `summary.json`. Field names are the
//! reference's.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    metrics::Metrics,
    score::{Measure, Score},
};

/// Values by task; a task to which a metric does not apply is left out.
type ByTask = BTreeMap<String, f64>;

/// One epoch in `history.json`; what was not measured is null.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct EpochRecord {
    /// From 1.
    pub epoch: usize,
    /// Weighted sum of the tasks' losses, mean over the samples.
    pub train_loss: f64,
    /// Loss by task.
    pub train_losses: ByTask,
    /// As `train_loss`, on the validation split.
    pub val_loss: Option<f64>,
    /// As `train_losses`.
    pub val_losses: Option<ByTask>,
    /// Share of samples whose class is predicted.
    pub train_accuracy: ByTask,
    /// As `train_accuracy`.
    pub val_accuracy: Option<ByTask>,
    /// Mean recall over the classes that have samples.
    #[serde(default)]
    pub train_balanced_accuracy: ByTask,
    /// As `train_balanced_accuracy`.
    #[serde(default)]
    pub val_balanced_accuracy: Option<ByTask>,
    /// Share of the most frequent class: the accuracy of always naming it.
    #[serde(default)]
    pub train_majority: ByTask,
    /// As `train_majority`.
    #[serde(default)]
    pub val_majority: Option<ByTask>,
    /// Mean over all classes of the F1 score.
    pub train_f1: ByTask,
    /// As `train_f1`.
    pub val_f1: Option<ByTask>,
    /// Mean squared error, in the label's unit squared.
    pub train_mse: ByTask,
    /// As `train_mse`.
    pub val_mse: Option<ByTask>,
    /// Mean absolute error, in the label's unit.
    pub train_mae: ByTask,
    /// As `train_mae`.
    pub val_mae: Option<ByTask>,
    /// Explained share of the targets' variance.
    #[serde(default)]
    pub train_r2: ByTask,
    /// As `train_r2`.
    #[serde(default)]
    pub val_r2: Option<ByTask>,
    /// Learning rate of the epoch's last update.
    pub lr: f64,
}

impl EpochRecord {
    /// The record of an epoch.
    pub fn new(epoch: usize, train: &Metrics, val: Option<&Metrics>, lr: f64) -> Self {
        Self {
            epoch,
            train_loss: train.loss,
            train_losses: train.losses(),
            val_loss: val.map(|metrics| metrics.loss),
            val_losses: val.map(Metrics::losses),
            train_accuracy: train.accuracy(),
            val_accuracy: val.map(Metrics::accuracy),
            train_balanced_accuracy: train.balanced_accuracy(),
            val_balanced_accuracy: val.map(Metrics::balanced_accuracy),
            train_majority: train.majority(),
            val_majority: val.map(Metrics::majority),
            train_f1: train.f1(),
            val_f1: val.map(Metrics::f1),
            train_mse: train.mse(),
            val_mse: val.map(Metrics::mse),
            train_mae: train.mae(),
            val_mae: val.map(Metrics::mae),
            train_r2: train.r2(),
            val_r2: val.map(Metrics::r2),
            lr,
        }
    }
}

/// A checkpoint in `summary.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RankedCheckpoint {
    /// Path in the run folder.
    pub path: String,
    /// Its validation score.
    pub metric: f64,
    /// From 1.
    pub epoch: usize,
    /// Optimizer updates when it was written.
    pub global_step: usize,
}

/// `summary.json`: how a run ended.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Summary {
    /// The run folder, as the front end calls it.
    pub run_dir: String,
    /// Path of the best checkpoint in the run folder; null without validation.
    pub best_checkpoint: Option<String>,
    /// Path of the history in the run folder.
    pub history_file: String,
    /// The best validation score; higher is better, a loss is negated.
    pub best_metric: Option<f64>,
    /// What it is a score of; null in what older versions wrote.
    #[serde(default)]
    pub best_measure: Option<Measure>,
    /// The epoch it belongs to.
    pub best_epoch: Option<usize>,
    /// Optimizer updates at that time.
    pub best_global_step: Option<usize>,
    /// The best checkpoints kept, best first.
    pub top_checkpoints: Vec<RankedCheckpoint>,
    /// Path of the averaged weights in the run folder.
    pub swa_checkpoint: Option<String>,
    /// Why the run ended.
    pub ended: Ending,
    /// Optimizer updates of the whole run.
    pub global_step: usize,
}

impl Summary {
    /// The best validation score and what it is a score of.
    pub fn best_score(&self) -> Option<Score> {
        let value = self.best_metric?;
        Some(self.best_measure.map_or(Score::of_older_version(value), |measure| Score { value, measure }))
    }
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// All epochs were trained.
    #[default]
    Finished,
    /// `training.max_steps` was reached.
    MaxSteps,
    /// The validation score stopped improving.
    EarlyStopping,
    /// The user stopped it; it can be resumed.
    Stopped,
}
