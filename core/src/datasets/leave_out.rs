//! Leaving bad channels out of a whole dataset. All samples have the same channels, so one that is bad in a single recording
//! is left out of all, as analyses across people do it that do not interpolate.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
};

use serde::{Deserialize, Serialize};

use super::{
    BadChannel, DatasetError, DatasetPlan, FileProblem, PreprocessEvent, PreprocessOptions, resampling::Resamplers,
    unusable::Unusable, windows::Signals,
};
use crate::storage::Storage;

/// Which channels of which recordings are bad.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Judgement {
    /// Recordings with bad channels, in the plan's order: the path, and the channels by their place in a sample.
    bad: Vec<(String, BTreeMap<usize, BadChannel>)>,
    /// Recordings that the others cannot be measured in, since a channel of the reference is bad.
    without_reference: Vec<FileProblem>,
}

/// Looks for bad channels in all recordings whose subjects are in a split. Recordings that cannot be read are passed over.
///
/// # Errors
/// [`DatasetError::Cancelled`], and lists of subjects that cannot be meant.
pub(super) async fn judge_channels(
    plan: &DatasetPlan,
    raw: &dyn Storage,
    options: &PreprocessOptions,
    sink: &mut dyn FnMut(PreprocessEvent) -> ControlFlow<()>,
) -> Result<Judgement, DatasetError> {
    let subjects: BTreeSet<&str> = plan.recordings.iter().map(|recording| recording.subject.as_str()).collect();
    let listed = options.split.listed(subjects.into_iter())?;
    let is_used = |subject: &str| listed.as_ref().is_none_or(|listed| listed.splits.contains_key(subject));
    let mut resamplers = Resamplers::default();
    let mut judgement = Judgement::default();
    for recording in plan.recordings.iter().filter(|recording| is_used(&recording.subject)) {
        let signals = match Signals::read(raw, &recording.path, plan, options, &mut resamplers).await {
            Ok(signals) => signals,
            Err(error @ Unusable::BadReference { .. }) => {
                let problem = FileProblem { path: recording.path.clone(), message: error.to_string() };
                judgement.without_reference.push(problem);
                continue;
            }
            // What is wrong with it is told when it is read again.
            Err(_) => continue,
        };
        if !signals.bad.is_empty() {
            judgement.bad.push((recording.path.clone(), signals.bad));
        }
        if sink(PreprocessEvent::Measured { path: recording.path.clone() }).is_break() {
            return Err(DatasetError::Cancelled);
        }
    }
    Ok(judgement)
}

/// Takes the channels that are bad in one of the recordings out of the plan, and returns them by path.
///
/// # Errors
/// [`DatasetError::NoGoodChannel`].
pub(super) fn leave_out_bad_channels(
    plan: &mut DatasetPlan,
    judgement: Judgement,
) -> Result<BTreeMap<String, Vec<BadChannel>>, DatasetError> {
    let Judgement { bad, without_reference } = judgement;
    plan.recordings.retain(|recording| without_reference.iter().all(|problem| problem.path != recording.path));
    plan.left_out.extend(without_reference);
    let mut recordings_of: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (path, bad) in &bad {
        for &place in bad.keys() {
            recordings_of.entry(place).or_default().push(path.clone());
        }
    }
    let found: BTreeMap<_, Vec<_>> = bad.into_iter().map(|(path, bad)| (path, bad.into_values().collect())).collect();
    if found.is_empty() {
        return Ok(found);
    }
    let names = plan.channels.names();
    if recordings_of.len() == plan.channels.recorded() {
        let worst = found.iter().max_by_key(|(_, bad)| bad.len());
        let worst = worst.map(|(path, bad)| format!("{path} ({} bad channels)", bad.len())).unwrap_or_default();
        return Err(DatasetError::NoGoodChannel { worst });
    }
    let in_words = |(place, paths): (&usize, &Vec<String>)| match paths.as_slice() {
        [only] => format!("{} (bad in {only})", names[*place]),
        [first, ..] => format!("{} (bad in {} recordings, {first} is the first)", names[*place], paths.len()),
        [] => names[*place].to_owned(),
    };
    let dropped = recordings_of.iter().map(in_words).collect::<Vec<_>>().join(", ");
    let warning = format!("bad channels are left out of all recordings: {dropped}");
    let places: BTreeSet<usize> = recordings_of.into_keys().collect();
    plan.channels = plan.channels.clone().without(places);
    plan.warnings.push(warning);
    Ok(found)
}
