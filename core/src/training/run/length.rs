//! How long a run is, in epochs and updates.

use crate::{
    config::{RunConfig, TrainingConfig},
    training::{history::Ending, run_state::RunState},
};

/// Epochs and optimizer updates of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct RunLength {
    pub(super) batches_per_epoch: usize,
    /// Batches of an update; the last one of an epoch may have fewer.
    pub(super) batches_per_update: usize,
    pub(super) updates_per_epoch: usize,
    /// Without those of weight averaging.
    base_epochs: usize,
    pub(super) epochs: usize,
    /// Updates that the schedule spans.
    pub(super) scheduled_steps: usize,
    /// Updates of the whole run.
    pub(super) total_steps: usize,
}

impl RunLength {
    /// The length of a run that stands where `state` says, with so many samples to train on.
    pub(super) fn new(config: &RunConfig, samples: usize, state: &RunState) -> Self {
        let training = &config.training;
        let batches_per_epoch = samples.div_ceil(config.dataset.batch_size);
        let is_fitted = config.model.backbone.is_fitted();
        // What is fitted at once takes one update of all there is.
        let batches_per_update = if is_fitted { batches_per_epoch } else { training.gradient_accumulation_steps };
        let updates_per_epoch = batches_per_epoch.div_ceil(batches_per_update);
        let base_epochs = if is_fitted { 1 } else { training.epochs };
        let extra = training
            .swa
            .filter(|_| !is_fitted)
            .map_or(0, |swa| ((base_epochs as f64 * swa.extra_ratio) as usize).max(1));
        let epochs = base_epochs.saturating_add(extra);
        let limit = training.max_steps.unwrap_or(usize::MAX);
        // Counted from the epoch under way: those before it may have had another number of updates.
        let epoch_start = state.step.saturating_sub(state.batch.div_ceil(batches_per_update));
        let steps_of = |epochs: usize| {
            let first_after = epochs.saturating_add(1);
            let to_come = first_after.saturating_sub(state.epoch).saturating_mul(updates_per_epoch);
            let gone_by = state.epoch.saturating_sub(first_after).saturating_mul(updates_per_epoch);
            epoch_start.saturating_add(to_come).saturating_sub(gone_by)
        };
        Self {
            batches_per_epoch,
            batches_per_update,
            updates_per_epoch,
            base_epochs,
            epochs,
            scheduled_steps: limit.min(steps_of(base_epochs)),
            total_steps: limit.min(steps_of(epochs)),
        }
    }

    /// Whether weights are averaged in this epoch.
    pub(super) fn is_averaging(&self, epoch: usize) -> bool {
        epoch > self.base_epochs
    }

    /// Updates of averaging epochs before this batch of this epoch.
    pub(super) fn averaging_steps(&self, epoch: usize, batch: usize) -> usize {
        let epochs = epoch.saturating_sub(self.base_epochs.saturating_add(1));
        epochs.saturating_mul(self.updates_per_epoch).saturating_add(batch.div_ceil(self.batches_per_update))
    }

    /// How a run that stands there has ended, if no update is left to do.
    pub(super) fn ending(&self, state: &RunState, training: &TrainingConfig) -> Option<Ending> {
        if state.is_out_of_patience(training) {
            Some(Ending::EarlyStopping)
        } else if state.epoch > self.epochs {
            Some(Ending::Finished)
        } else if state.step >= self.total_steps {
            Some(Ending::MaxSteps)
        } else {
            None
        }
    }

    /// Whether a run that stands there has begun an epoch and not closed it.
    pub(super) fn is_within_epoch(&self, state: &RunState) -> bool {
        state.batch > 0 && state.epoch <= self.epochs && (state.is_end_due || state.step < self.total_steps)
    }
}
