//! Whether a run can go on where it was, and with which of its records.

use crate::{
    config::RunConfig,
    training::{TrainError, history::EpochRecord, identity::Identity, run_folder, run_state::RunState},
};

/// The records that belong to a state, by epoch. The run may have gone further before it was interrupted.
pub(super) fn history_until(state: &RunState, mut history: Vec<EpochRecord>) -> Vec<EpochRecord> {
    let is_past = |epoch: usize| epoch < state.epoch || (epoch == state.epoch && state.is_recorded);
    history.retain(|record| is_past(record.epoch));
    history.sort_by_key(|record| record.epoch);
    history
}

/// Checks that a run goes on with what it was begun with; how it is to be known from then on.
pub(super) fn check_identity(then: Identity, now: Identity) -> Result<Identity, TrainError> {
    let differences = then.differences(&now);
    if differences.is_empty() {
        return Ok(now.with_what_was_known(then));
    }
    Err(TrainError::NotResumable {
        reason: format!("it would be another run: {differences}. Set that back, or begin a new run"),
        path: run_folder::LAST_OPTIMIZER.to_owned(),
    })
}

/// Checks that a run which goes on within an epoch finds as many batches there as before.
pub(super) fn check_epoch_under_way(
    state: &RunState,
    config: &RunConfig,
    train_samples: usize,
) -> Result<(), TrainError> {
    let batch_size = config.dataset.batch_size;
    let batches_per_epoch = train_samples.div_ceil(batch_size);
    let is_other = |then: usize, now: usize| then != 0 && then != now;
    let batches_per_update = config.training.gradient_accumulation_steps;
    let what = if state.batch == 0 {
        return Ok(());
    } else if is_other(state.batch_size, batch_size) {
        let then = state.batch_size;
        format!("was begun with dataset.batch_size = {then}, which is {batch_size} now; set it back to {then}")
    } else if is_other(state.gradient_accumulation_steps, batches_per_update) {
        let then = state.gradient_accumulation_steps;
        format!(
            "was begun with training.gradient_accumulation_steps = {then}, which is {batches_per_update} now; set it back to {then}"
        )
    } else if is_other(state.train_samples, train_samples) {
        let then = state.train_samples;
        format!("was begun with {then} training samples; there are {train_samples} now; prepare them as before")
    } else if state.batch > batches_per_epoch {
        let (done, now) = (state.batch, batches_per_epoch);
        format!("had {done} batches done and has only {now} now; use the batch size and the data as before")
    } else {
        return Ok(());
    };
    Err(TrainError::NotResumable {
        reason: format!("epoch {}, in which it stopped, {what}", state.epoch),
        path: run_folder::LAST_OPTIMIZER.to_owned(),
    })
}
