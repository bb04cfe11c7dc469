//! A folder of recordings: which dataset it is, what its recordings and labels are, and what is wrong with which file.

use std::{collections::BTreeSet, ops::ControlFlow, path::Path};

use serde_json::{Value, json};
use signal_studio_core::{
    datasets::{DatasetError, FileProblem, Survey, SurveyedRecording, dataset_root, survey},
    storage::{Below, Storage},
};

use super::report::Report;
use crate::{failure::Failure, interrupt, progress::count, storage::DiskStorage};

/// Problems shown to people before the rest is only counted; programs get all.
const SHOWN: usize = 30;

pub fn report(path: &Path) -> Result<Report, Failure> {
    let (survey, root) = look(path)?;
    let place = if root.is_empty() { path.to_owned() } else { path.join(&root) };
    if survey.recordings.is_empty() && survey.problems.iter().all(|problem| problem.path.is_empty()) {
        return Err(Failure::request(format_args!(
            "neither a run, nor preprocessed data, nor recordings are in {}",
            path.display()
        )));
    }
    let text = text(&survey, &place);
    let mut json = serde_json::to_value(&survey).map_err(|error| Failure::run(format_args!("{error}")))?;
    json["kind"] = Value::from("recordings");
    json["root"] = json!(place);
    Ok(Report { json, text })
}

/// Surveys a folder, or the one below it that holds everything; that one's path comes along.
pub fn look(path: &Path) -> Result<(Survey, String), Failure> {
    let storage = DiskStorage::new(path);
    let root = dataset_root(&pollster::block_on(storage.list(""))?);
    interrupt::install("stopping after this recording")?;
    let mut sink = |_| if interrupt::is_requested() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    let survey = pollster::block_on(survey(&Below::new(&storage, &root), &mut sink));
    let survey = survey.map_err(|error| match error {
        DatasetError::Cancelled | DatasetError::Storage(_) => Failure::from(error),
        error => Failure::from(error).within("the folder", path),
    })?;
    Ok((survey, root))
}

fn text(survey: &Survey, path: &Path) -> String {
    let recordings = &survey.recordings;
    let subjects: BTreeSet<_> = recordings.iter().filter_map(|recording| recording.subject.as_deref()).collect();
    let of = match &survey.dataset {
        Some(dataset) => format!(" of {} of the dataset `{dataset}`", count(subjects.len(), "subject")),
        None => String::new(),
    };
    let mut lines = vec![format!("{}{of} in {}", count(recordings.len(), "recording"), path.display())];
    let seconds: f64 = recordings.iter().map(|recording| recording.duration_s).sum();
    lines.extend((seconds > 0.0).then(|| {
        let formats = tally(recordings, |recording| recording.format.clone());
        let rates = tally(recordings, |recording| format!("{} Hz", recording.rate_hz));
        let channels = tally(recordings, |recording| format!("{} channels", recording.channels));
        format!("  {formats}; {channels}; {rates}; {:.1} min in all", seconds / 60.0)
    }));
    if !survey.label_columns.is_empty() {
        lines.push(format!("  labels: {}", survey.label_columns.join(", ")));
    }
    for FileProblem { path, message } in survey.problems.iter().take(SHOWN) {
        // Most messages about a file end with its path already.
        let is_named = path.is_empty() || message.contains(path.as_str());
        lines.push(if is_named { format!("warning: {message}") } else { format!("warning: {path}: {message}") });
    }
    if survey.problems.len() > SHOWN {
        lines.push(format!("and {} more, which --json lists", count(survey.problems.len() - SHOWN, "warning")));
    }
    lines.join("\n")
}

/// The different values of the recordings, with how many have each where there are several.
fn tally(recordings: &[SurveyedRecording], value: impl Fn(&SurveyedRecording) -> String) -> String {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for value in recordings.iter().map(value) {
        match counts.iter_mut().find(|(known, _)| *known == value) {
            Some((_, count)) => *count += 1,
            None => counts.push((value, 1)),
        }
    }
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    match counts.as_slice() {
        [(only, _)] => only.clone(),
        several => several.iter().map(|(value, count)| format!("{value} ({count})")).collect::<Vec<_>>().join(", "),
    }
}
