//! Whether a run can go on where it was, and with which of its records.

use super::length::RunLength;
use crate::{
    config::RunConfig,
    model::parameters::Weights,
    training::{
        TrainError,
        averaging::WeightAverage,
        history::EpochRecord,
        identity::Identity,
        run_folder::{self, RunFolder},
        run_state::RunState,
    },
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

/// Brings the checkpoints and what the state says of them together, as far as a kill between the two, or whoever removed
/// some, has parted them. Returns what the user should know.
pub(super) async fn settle_checkpoints(
    state: &mut RunState,
    folder: &RunFolder<'_>,
) -> Result<Vec<String>, TrainError> {
    for path in std::mem::take(&mut state.obsolete) {
        folder.remove(&path).await?;
    }
    if let Some(first) = state.top.first() {
        folder.settle_best(first).await?;
    }
    let mut gone = Vec::new();
    for checkpoint in std::mem::take(&mut state.top) {
        if folder.has(&checkpoint.path).await? {
            state.top.push(checkpoint);
        } else {
            gone.push(checkpoint.path);
        }
    }
    for path in std::mem::take(&mut state.periodic) {
        if folder.has(&path).await? { state.periodic.push(path) } else { gone.push(path) }
    }
    let best = state.best.as_ref().map(|best| best.path.clone()).filter(|best| gone.contains(best));
    if best.is_some() {
        state.best = state.top.first().cloned();
        if let Some(first) = &state.best {
            folder.settle_best(first).await?;
        }
    }
    let now_best = match &state.best {
        Some(left) => format!("the best of those that are left, of epoch {}, is the best now", left.epoch),
        None => "what is best is found anew".to_owned(),
    };
    let note = |path: String| {
        let is_best = best.as_ref() == Some(&path);
        let then = if is_best { format!("; {now_best}") } else { String::new() };
        format!("the checkpoint {path} is gone, and no longer among those that are kept{then}")
    };
    Ok(gone.into_iter().map(note).collect())
}

/// The average that the saved run had; none for a run that has more base epochs now and averages anew after them.
pub(super) async fn restore_average(
    mean: Weights,
    state: &mut RunState,
    length: &RunLength,
    folder: &RunFolder<'_>,
) -> Result<WeightAverage, TrainError> {
    if state.averaged == 0 || !length.is_averaging(state.epoch) {
        (state.averaged, state.averaged_epoch) = (0, 0);
        return Ok(WeightAverage::default());
    }
    // Older versions kept it in a file of its own alone.
    let mean = if mean.is_empty() { folder.read_weights(run_folder::SWA).await?.0 } else { mean };
    Ok(WeightAverage::restore(mean, state.averaged))
}
