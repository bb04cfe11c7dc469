//! Where a run stands: the bookkeeping that resuming needs, beside the weights and the optimizer's moments.

use serde::{Deserialize, Serialize};

use super::{
    events::Position, history::RankedCheckpoint, identity::Identity, metrics::Metrics, pass::SavedPass, score::Measure,
};
use crate::config::TrainingConfig;

/// Where a run is and what it has seen: all that resuming needs beside weights and optimizer. What older versions did
/// not write has a default.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct RunState {
    /// What it is trained on, and what it trains; none in what older versions wrote.
    #[serde(default)]
    pub identity: Option<Identity>,
    /// The seed of all its random numbers.
    pub seed: u64,
    /// The epoch under way, from 1.
    pub epoch: usize,
    /// Batches done in it.
    pub batch: usize,
    /// Optimizer updates done.
    pub step: usize,
    /// Samples in a batch; 0 if that is not known.
    #[serde(default)]
    pub batch_size: usize,
    /// Samples of the training split; 0 if that is not known.
    #[serde(default)]
    pub train_samples: usize,
    /// Batches of an update; 0 if that is not known.
    #[serde(default)]
    pub gradient_accumulation_steps: usize,
    /// Whether the last batch of the epoch, or of the run, is done, but not all that comes after it.
    #[serde(default)]
    pub is_end_due: bool,
    /// Whether the history has a record of the epoch under way: the run had ended in it, and is gone on with.
    #[serde(default)]
    pub is_recorded: bool,
    /// Learning rate of the latest update.
    #[serde(default)]
    pub latest_rate: f64,
    /// What the batches done in this epoch gave. Older versions wrote sums of it alone.
    #[serde(rename = "sums")]
    pub pass: SavedPass,
    /// The evaluation that the epoch's record will show, and the update it came after.
    #[serde(default)]
    pub evaluated: Option<(Metrics, usize)>,
    /// What the validation results are compared by.
    #[serde(default)]
    pub measure: Option<Measure>,
    /// The best validation result, kept or not.
    pub best: Option<RankedCheckpoint>,
    /// The best checkpoints kept, best first.
    pub top: Vec<RankedCheckpoint>,
    /// Periodic checkpoints kept, oldest first.
    pub periodic: Vec<String>,
    /// Checkpoints that are no longer kept. They are removed when a state that does not need them has been written.
    #[serde(default)]
    pub obsolete: Vec<String>,
    /// Validation runs since the best one.
    pub without_improvement: usize,
    /// Models in the weight average.
    pub averaged: usize,
    /// Models in the moving average of the weights.
    #[serde(default)]
    pub moving_average_updates: usize,
    /// The latest epoch whose model is in the weight average.
    #[serde(default)]
    pub averaged_epoch: usize,
}

impl RunState {
    /// That of a new run.
    pub fn new(seed: u64) -> Self {
        Self { seed, epoch: 1, ..Self::default() }
    }

    /// Where the run is.
    pub fn position(&self) -> Position {
        Position { epoch: self.epoch, batch: self.batch, step: self.step }
    }

    /// An update was made of so many batches, with this learning rate. The end of an epoch is due when that was its last, or
    /// the run's.
    pub fn count_update(&mut self, batches: usize, learning_rate: f64, batches_per_epoch: usize, total_steps: usize) {
        self.latest_rate = learning_rate;
        self.step += 1;
        self.batch += batches;
        self.is_end_due = self.batch == batches_per_epoch || self.step >= total_steps;
    }

    /// All that comes after the last batch of an epoch is done: the next one begins.
    pub fn begin_next_epoch(&mut self) {
        self.epoch += 1;
        self.batch = 0;
        self.evaluated = None;
        (self.is_end_due, self.is_recorded) = (false, false);
    }

    /// All that comes at the run's end is done, within an epoch with which a longer run would go on: it would not have been
    /// evaluated here, but where `evaluated` says.
    pub fn end_within_epoch(&mut self, evaluated: Option<(Metrics, usize)>) {
        self.evaluated = evaluated;
        (self.is_end_due, self.is_recorded) = (false, true);
    }

    /// Whether the latest evaluation was one too many without improvement. Averaging that has begun is not cut short.
    pub fn is_out_of_patience(&self, training: &TrainingConfig) -> bool {
        training.early_stopping && self.averaged == 0 && self.without_improvement >= training.early_stopping_patience
    }

    /// Whether the model has been evaluated as it is now.
    pub fn is_evaluated(&self) -> bool {
        self.evaluated.as_ref().is_some_and(|(_, step)| *step == self.step)
    }
}
