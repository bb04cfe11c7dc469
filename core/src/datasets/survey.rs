//! What a folder of files is, found out by looking into the files: recordings, subjects, labels, and what is wrong with
//! which file.

use std::{collections::BTreeMap, ops::ControlFlow};

use serde::{Deserialize, Serialize};

use super::{
    DATASETS, Dataset, DatasetError, DatasetPlan, FileProblem, Origin, PlannedRecording, PreprocessOptions, RawDataset,
    Recordings, SurveyEvent,
    headers::{Header, eeg_rate, is_hidden, read_headers, recording_paths},
    picked::Picked,
    raw_datasets,
    unusable::Unusable,
};
use crate::{
    recording::{format_names, recording_extensions, unread_extension},
    storage::{FileEntry, Storage, StorageError},
};

/// Folders of the splits of a preprocessed folder, whose root is above them.
const SPLIT_FOLDERS: [&str; 4] = ["train", "val", "validation", "test"];
/// Names in a message before the rest is only counted.
const LISTED: usize = 8;

/// What a folder of raw files is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Survey {
    /// The [`RawDataset`](super::RawDataset) that reads it; `None` when nothing can be made of the folder.
    pub dataset: Option<String>,
    /// The recordings, by path, those that cannot be read left out.
    pub recordings: Vec<SurveyedRecording>,
    /// The columns of labels that preprocessing would write.
    pub label_columns: Vec<String>,
    /// What is wrong, file by file.
    pub problems: Vec<FileProblem>,
    /// Bytes of all files.
    pub bytes: u64,
}

/// A recording of a [`Survey`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SurveyedRecording {
    /// Its path.
    pub path: String,
    /// Its format, in words.
    pub format: String,
    /// Whose it is, if that is known.
    pub subject: Option<String>,
    /// Channels of its file.
    pub channels: usize,
    /// The rate of its EEG channels, in Hz: of most of them, or of most channels where no label names one.
    pub rate_hz: f64,
    /// Its length in seconds.
    pub duration_s: f64,
    /// Its labels by column, as preprocessing would write them.
    pub labels: BTreeMap<String, String>,
    /// Why preprocessing would leave it out whatever its options are; not asked of a recording whose subject is not known.
    #[serde(default)]
    pub unusable: Option<String>,
}

/// Finds out what a folder of raw files is: opens every recording's header, recognises the dataset by layout, tables and
/// channels, and checks whether preprocessing could use each recording. What is wrong with a file is a
/// [`Survey::problems`] and no error.
///
/// # Errors
/// [`DatasetError::Storage`] when the folder cannot be listed, [`DatasetError::Cancelled`] when `sink` answers
/// [`ControlFlow::Break`].
pub async fn survey(
    raw: &dyn Storage,
    sink: &mut dyn FnMut(SurveyEvent) -> ControlFlow<()>,
) -> Result<Survey, DatasetError> {
    let files = raw.list("").await?;
    let mut survey = Survey {
        dataset: None,
        recordings: Vec::new(),
        label_columns: Vec::new(),
        problems: unread_datasets(&files).chain(unread_formats(&files)).collect(),
        bytes: files.iter().map(|file| file.size).sum(),
    };
    let (headers, unreadable) = read_headers(raw, &recording_paths(&files), sink).await?;
    survey.problems.extend(unreadable);
    for Header { path, info } in &headers {
        let odd = |warning: &String| FileProblem { path: path.clone(), message: warning.clone() };
        survey.problems.extend(info.warnings.iter().map(odd));
    }
    if headers.is_empty() {
        survey.problems.insert(0, FileProblem { path: String::new(), message: nothing() });
        return Ok(survey);
    }
    let mut planned = BTreeMap::new();
    let mut unusable = BTreeMap::new();
    let (dataset, plan) = recognise(raw, &files, &headers, &mut survey.problems).await?;
    survey.dataset = Some(dataset.name().to_owned());
    if let Some(plan) = plan {
        let (problems, found_unusable) = problems_of(&plan, &headers, &dataset.default_options());
        survey.problems.extend(problems);
        unusable = found_unusable;
        survey.label_columns = plan.label_columns;
        planned.extend(plan.recordings.into_iter().map(|recording| (recording.path.clone(), recording)));
    }
    survey.recordings = headers
        .into_iter()
        .map(|header| {
            let planned = planned.remove(&header.path);
            let unusable = unusable.remove(&header.path);
            describe(header, planned, unusable, &survey.label_columns)
        })
        .collect();
    Ok(survey)
}

fn nothing() -> String {
    format!(
        "there are no recordings that can be read here; expected are {} files ({}), with a table of their subjects such as \
         participants.tsv",
        format_names("or"),
        recording_extensions("or")
    )
}

/// What is lost of datasets that are not read as what they are, but as any folder of recordings.
fn unread_datasets(files: &[FileEntry]) -> impl Iterator<Item = FileProblem> {
    let unread = DATASETS.into_iter().filter_map(|dataset| dataset.unread(files));
    unread.map(|message| FileProblem { path: String::new(), message })
}

fn unread_formats(files: &[FileEntry]) -> Vec<FileProblem> {
    let others = files.iter().filter(|file| !is_hidden(&file.path)).filter_map(|file| {
        let extension = unread_extension(&file.path)?;
        let message =
            format!("recordings of this format (.{extension}) are not read; convert it to {}", format_names("or"));
        Some(FileProblem { path: file.path.clone(), message })
    });
    others.collect()
}

/// The dataset that reads the folder, and what it makes of it. A known dataset whose table is not right is read as any
/// folder of recordings is, and the mistake becomes a problem.
async fn recognise(
    raw: &dyn Storage,
    files: &[FileEntry],
    headers: &[Header],
    problems: &mut Vec<FileProblem>,
) -> Result<(&'static dyn RawDataset, Option<DatasetPlan>), DatasetError> {
    for dataset in raw_datasets().filter(|dataset| dataset.origin() != Origin::Anyones) {
        // Everything that the dataset has, not only what is used by default.
        let options = PreprocessOptions { math_trials: dataset.has_math_trials(), ..dataset.default_options() };
        match dataset.plan(raw, &options).await {
            Ok(plan) => {
                let planned = |header: &&Header| plan.recordings.iter().any(|planned| planned.path == header.path);
                let infos: Vec<_> = headers.iter().filter(planned).map(|header| &header.info).collect();
                if dataset.fits(&plan, &infos) {
                    return Ok((dataset, Some(plan)));
                }
            }
            Err(DatasetError::Storage(error)) if !matches!(error, StorageError::NotFound { .. }) => {
                return Err(error.into());
            }
            Err(error @ (DatasetError::Label(_) | DatasetError::DuplicateSubject { .. })) => {
                let message = format!("the files are laid out as `{}` has them, but {error}", dataset.name());
                problems.push(FileProblem { path: String::new(), message });
            }
            // Another dataset's layout or table.
            Err(_) => {}
        }
    }
    match Recordings.plan_of(raw, files, headers, &Recordings.default_options()).await {
        Ok(plan) => Ok((&Recordings, Some(plan))),
        Err(error) => {
            problems.push(FileProblem { path: String::new(), message: error.to_string() });
            Ok((&Recordings, None))
        }
    }
}

/// What a plan and the recordings' channels say against using all of them, and why those that cannot be used cannot.
fn problems_of(
    plan: &DatasetPlan,
    headers: &[Header],
    options: &PreprocessOptions,
) -> (Vec<FileProblem>, BTreeMap<String, String>) {
    let mut unusable = BTreeMap::new();
    let of_table = |message: String| FileProblem { path: plan.table.clone(), message };
    let mut problems: Vec<_> = plan.warnings.iter().cloned().map(of_table).collect();
    if let Some(message) = without_recording(&plan.without_recording) {
        problems.push(of_table(message));
    }
    problems.extend(plan.not_planned());
    for Header { path, info } in headers {
        if !plan.recordings.iter().any(|planned| planned.path == *path) {
            continue;
        }
        let problem = match Picked::new(info, plan, options) {
            // Windows of another length may fit.
            Ok(picked) if picked.samples < options.window_length => {
                let (samples, rate_hz, window) = (picked.samples, plan.rate_hz, options.window_length);
                let too_short = Unusable::TooShort { samples, is_interrupted: false, rate_hz, window };
                problems.push(FileProblem { path: path.clone(), message: too_short.to_string() });
                continue;
            }
            Ok(picked) => {
                let oddities = picked.warnings.into_iter();
                problems.extend(oddities.map(|message| FileProblem { path: path.clone(), message }));
                continue;
            }
            Err(unusable) => unusable.to_string(),
        };
        unusable.insert(path.clone(), problem.clone());
        problems.push(FileProblem { path: path.clone(), message: problem });
    }
    (problems, unusable)
}

fn without_recording(subjects: &[String]) -> Option<String> {
    let named = subjects.iter().take(LISTED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match subjects.len() {
        0 => None,
        1 => Some(format!("there is no recording of {named}, which the table lists")),
        count if count <= LISTED => Some(format!("there are no recordings of {named}, which the table lists")),
        count => Some(format!("there are no recordings of {count} subjects that the table lists: {named}, …")),
    }
}

fn describe(
    header: Header,
    planned: Option<PlannedRecording>,
    unusable: Option<String>,
    columns: &[String],
) -> SurveyedRecording {
    let Header { path, info } = header;
    let (subject, labels) = match planned {
        Some(PlannedRecording { subject, mut segments, .. }) => {
            let labels = if segments.is_empty() { Vec::new() } else { segments.swap_remove(0).labels };
            (Some(subject), columns.iter().cloned().zip(labels).collect())
        }
        None => (None, BTreeMap::new()),
    };
    SurveyedRecording {
        path,
        format: info.format.to_string(),
        subject,
        channels: info.channels.len(),
        rate_hz: eeg_rate(&info),
        duration_s: info.duration_s,
        labels,
        unusable,
    }
}

/// The folder in which a dataset lies when all of its files lie below one, as in a `.zip` of a folder; else the empty
/// string. Folders that belong to a dataset's own layout are not descended into.
#[must_use]
pub fn dataset_root(files: &[FileEntry]) -> String {
    let mut common: Option<Vec<&str>> = None;
    for file in files.iter().filter(|file| !is_hidden(&file.path)) {
        let folders = file.path.rsplit_once('/').map_or("", |(folders, _)| folders);
        let folders = folders.split('/').filter(|folder| !folder.is_empty());
        match &mut common {
            None => common = Some(folders.collect()),
            Some(common) => {
                let shared = common.iter().zip(folders).take_while(|(ours, theirs)| *ours == theirs).count();
                common.truncate(shared);
            }
        }
    }
    let common = common.unwrap_or_default();
    let own: Vec<&str> = DATASETS.into_iter().flat_map(Dataset::folders).copied().collect();
    let of_layout =
        |folder: &&str| own.contains(folder) || SPLIT_FOLDERS.contains(folder) || folder.starts_with("sub-");
    let depth = common.iter().position(of_layout).unwrap_or(common.len());
    common[..depth].join("/")
}
