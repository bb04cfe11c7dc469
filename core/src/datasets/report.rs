//! `preprocessing.json`, the report beside prepared samples: what was done, with which options, of which files. It tells
//! whether preprocessing would make the same samples now.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    DATASETS, Dataset, DatasetError, DatasetPlan, PreprocessOptions, PreprocessSummary, RawDataset,
    bad_channels::BadChannel, picked::Picked,
};
use crate::{
    config::DataType,
    fingerprint::{Differences, FileMark, Fingerprint},
    labels::{LabelRegistry, LabelSpec},
    recording,
    storage::{Storage, StorageError},
};

/// What was done, beside the metadata.
pub const PREPROCESSING_FILE: &str = "preprocessing.json";
/// The layout of [`PREPROCESSING_FILE`]. Reports without one are of version 0: they keep no fingerprint.
pub(super) const REPORT_SCHEMA: u32 = 1;
/// The version of the code that turns recordings into samples, from readers to tables: raised whenever the same
/// recordings and options would give other files.
const PREPROCESS_VERSION: u32 = 7;
/// What prepared data are made by, in their fingerprint.
const MAKER: &str = "preprocess";
/// Options that a run decides, whatever was asked for when its samples were made.
const DECIDED_BY_RUNS: [&str; 2] = ["data_type", "output_type"];
/// Options that make no difference to time series.
const OF_IMAGES: [&str; 5] = ["output_type", "resolution", "spacing", "min_db", "max_db"];

/// What `preprocessing.json` says.
#[derive(Serialize)]
pub(super) struct Report<'a> {
    pub schema: u32,
    /// False from the start of a run to its end.
    pub complete: bool,
    pub dataset: &'a str,
    pub montage: Vec<&'a str>,
    pub options: &'a PreprocessOptions,
    /// What the samples are made of.
    pub fingerprint: &'a Fingerprint,
    /// While it is not complete: samples of the runs before, which the metadata that was removed had named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earlier: Option<&'a BTreeSet<String>>,
    pub summary: Option<&'a PreprocessSummary>,
    /// The bad channels of each recording that has some, by its path.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub bad_channels: &'a BTreeMap<String, Vec<BadChannel>>,
}

/// The part of `preprocessing.json` that is read again.
#[derive(Deserialize)]
pub(super) struct ReportHead {
    #[serde(default)]
    schema: u32,
    pub complete: bool,
    pub dataset: String,
    /// Reports of version 0 have none.
    fingerprint: Option<Fingerprint>,
    /// Finished reports have none.
    #[serde(default)]
    pub earlier: BTreeSet<String>,
}

impl ReportHead {
    /// The report of a folder; `None` where there is none that this version can read.
    pub async fn read(output: &dyn Storage) -> Option<Self> {
        let report = serde_json::from_slice::<Self>(&output.read(PREPROCESSING_FILE).await.ok()?).ok()?;
        (report.schema <= REPORT_SCHEMA).then_some(report)
    }

    /// Whether a run of this fingerprint began to write the folder and did not reach its end.
    pub fn is_unfinished_of(&self, fingerprint: &Fingerprint) -> bool {
        !self.complete && self.fingerprint.as_ref() == Some(fingerprint)
    }
}

/// What prepared samples were made by.
#[derive(Debug, Clone, PartialEq)]
pub struct Provenance {
    /// The name of the dataset whose recordings they were made of.
    pub dataset: String,
    /// The options as they were asked for, by name; see [`PreprocessOptions`]. Older reports keep none.
    pub options: BTreeMap<String, Value>,
    /// Which of them were [asked for by name](PreprocessOptions::chosen).
    pub chosen: BTreeSet<String>,
}

/// What the samples in a folder were made by; `None` where preprocessing did not write it.
pub async fn provenance(output: &dyn Storage) -> Option<Provenance> {
    let head = ReportHead::read(output).await?;
    let options = head.fingerprint.map(|fingerprint| fingerprint.options).unwrap_or_default();
    let chosen = chosen_of(&options);
    let options = options.as_object().map(|options| options.clone().into_iter().collect()).unwrap_or_default();
    Some(Provenance { dataset: head.dataset, options, chosen })
}

/// Checks that tasks which only one dataset has are asked of samples that were made of it. Tasks that any folder has, and
/// those of the run file's `own` labels, may be asked of all.
///
/// # Errors
/// [`DatasetError::TaskOfOther`].
pub async fn check_tasks_of_folder(
    output: &dyn Storage,
    specs: &[LabelSpec],
    own: &[LabelSpec],
) -> Result<(), DatasetError> {
    let of_any = LabelRegistry::folder();
    let found = provenance(output).await.map(|made| made.dataset);
    for spec in specs.iter().filter(|spec| !own.contains(spec) && of_any.get(&spec.task.name) != Some(spec)) {
        let has = |dataset: &&dyn Dataset| dataset.labels().get(&spec.task.name) == Some(spec);
        let owners: Vec<_> = DATASETS.into_iter().filter(has).collect();
        let is_made_of = owners.iter().any(|dataset| found.as_deref() == Some(dataset.name()));
        if let Some(first) = owners.first().filter(|_| !is_made_of) {
            let (task, dataset) = (spec.task.name.clone(), first.name());
            return Err(DatasetError::TaskOfOther { task, dataset, found });
        }
    }
    Ok(())
}

/// What the samples of a prepared folder are made of. `None` for a folder that preprocessing did not write, or that a
/// version wrote which did not say.
pub async fn fingerprint_of_prepared(output: &dyn Storage) -> Option<Fingerprint> {
    ReportHead::read(output).await?.fingerprint
}

/// Checks that the samples in a folder are made of some of the files that they would be made of now, whatever these are
/// called. A folder that says nothing of what it was made of is not refused.
///
/// # Errors
/// [`DatasetError::OutputOfOtherRecordings`].
pub(super) async fn check_same_recordings(output: &dyn Storage, now: &Fingerprint) -> Result<(), DatasetError> {
    let Some(then) = fingerprint_of_prepared(output).await else { return Ok(()) };
    let Some(first) = then.files.keys().next() else { return Ok(()) };
    let is_used = |mark: &FileMark| now.files.values().any(|other| other == mark);
    if then.files.values().any(is_used) {
        return Ok(());
    }
    Err(DatasetError::OutputOfOtherRecordings { found: then.files.len(), first: first.clone() })
}

/// Whether preprocessing began to write this folder and did not reach its end.
pub async fn is_unfinished(output: &dyn Storage) -> bool {
    ReportHead::read(output).await.is_some_and(|report| !report.complete)
}

/// What the samples of a plan are made of: `options` as they were asked for, the recordings, and the table of their
/// subjects. A recording that cannot be read is not used, and no part of it.
pub(super) async fn fingerprint_of(
    dataset: &dyn RawDataset,
    raw: &dyn Storage,
    plan: &DatasetPlan,
    options: &PreprocessOptions,
) -> Result<Fingerprint, DatasetError> {
    let mut files: Vec<String> = plan.recordings.iter().map(|recording| recording.path.clone()).collect();
    for path in &plan.recordings {
        if let Ok(recording) = recording::open_without_annotations(raw, &path.path).await {
            files.extend(recording.sample_file().map(str::to_owned));
        }
    }
    files.extend(Some(plan.table.clone()).filter(|table| !table.is_empty()));
    let fingerprint = Fingerprint::new(&maker_of(dataset.name()), PREPROCESS_VERSION, options);
    Ok(fingerprint.with_files(raw, files.iter().map(String::as_str)).await?)
}

/// How the samples of a prepared folder differ from what preprocessing would make now: by an older version of it, with
/// what is `wanted` of it (a dataset, and the options that settings and a run file give) or, in a folder of the
/// recordings, of other files. Options that were [asked for by name](PreprocessOptions::chosen) stand, but for the data
/// type and the output type, which a run decides. Recordings that are new and would be used are a difference, too.
///
/// `None` for a folder that preprocessing did not write, of which nothing is known.
///
/// # Errors
/// [`DatasetError::Storage`] when a file cannot be read.
pub async fn outdated(
    output: &dyn Storage,
    wanted: Option<(&dyn RawDataset, &PreprocessOptions)>,
    raw: Option<&dyn Storage>,
) -> Result<Option<Differences>, DatasetError> {
    if !output.exists(PREPROCESSING_FILE).await? {
        return Ok(None);
    }
    let Some(report) = ReportHead::read(output).await else {
        let unknown = format!("{PREPROCESSING_FILE} is none that this version can read");
        return Ok(Some(Differences::from(unknown)));
    };
    if !report.complete {
        // Samples and tables may be those of the run before, which had other options.
        return Ok(Some(Differences::from("preprocessing began here and did not reach its end".to_owned())));
    }
    let Some(then) = report.fingerprint else {
        let older = "it was made by a version of preprocess that did not say what it read".to_owned();
        return Ok(Some(Differences::from(older)));
    };
    let mut now = Fingerprint { version: PREPROCESS_VERSION, ..then.clone() };
    if let Some((dataset, options)) = wanted {
        now.maker = maker_of(dataset.name());
        now.options = with_chosen(Fingerprint::new(&now.maker, now.version, options).options, &then.options);
    }
    if let Some(raw) = raw {
        let files = marks_of(raw, then.files.keys()).await?;
        // A folder with none of them is another one.
        if !files.is_empty() {
            now.files = files;
            if let Some((dataset, _)) = wanted {
                let added = new_recordings(dataset, raw, &then, &now.options).await?;
                now.files.extend(added);
            }
        }
    }
    Ok(Some(then.differences(&now)))
}

/// The recordings that samples would be made of and that were not there `then`.
async fn new_recordings(
    dataset: &dyn RawDataset,
    raw: &dyn Storage,
    then: &Fingerprint,
    options: &Value,
) -> Result<BTreeMap<String, FileMark>, DatasetError> {
    let mut added = BTreeMap::new();
    // What older versions asked for cannot be planned, and is told as a difference of options.
    let Ok(options) = serde_json::from_value::<PreprocessOptions>(options.clone()) else { return Ok(added) };
    let plan = match DatasetPlan::of(dataset, raw, &options).await {
        Err(DatasetError::Storage(error)) => return Err(error.into()),
        // Preprocessing says what is wrong with the folder as it is now.
        Err(_) => return Ok(added),
        Ok(plan) => plan,
    };
    for recording in plan.recordings.iter().filter(|recording| !then.files.contains_key(&recording.path)) {
        let Ok(opened) = recording::open_without_annotations(raw, &recording.path).await else { continue };
        let picked = Picked::new(opened.info(), &plan, &options);
        if picked.is_ok_and(|picked| picked.samples >= options.window_length) {
            added.insert(recording.path.clone(), FileMark::read(raw, &recording.path).await?);
        }
    }
    Ok(added)
}

fn maker_of(dataset: &str) -> String {
    format!("{MAKER} {dataset}")
}

/// The options of a fingerprint that were asked for by name.
fn chosen_of(options: &Value) -> BTreeSet<String> {
    let chosen = options.get("chosen").and_then(Value::as_array).into_iter().flatten();
    chosen.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Options as they would be now, with those of `then` that were asked for by name or make no difference.
fn with_chosen(mut now: Value, then: &Value) -> Value {
    let is_timeseries = now.get("data_type") == serde_json::to_value(DataType::Timeseries).ok().as_ref();
    if let (Some(now), Some(table)) = (now.as_object_mut(), then.as_object()) {
        let mut kept = chosen_of(then);
        kept.retain(|name| !DECIDED_BY_RUNS.contains(&name.as_str()));
        if is_timeseries {
            kept.extend(OF_IMAGES.map(str::to_owned));
        }
        for name in kept {
            match table.get(&name) {
                Some(value) => drop(now.insert(name, value.clone())),
                None => drop(now.remove(&name)),
            }
        }
    }
    now
}

/// The marks of those files that are there.
async fn marks_of<'p>(
    raw: &dyn Storage,
    paths: impl Iterator<Item = &'p String>,
) -> Result<BTreeMap<String, FileMark>, DatasetError> {
    let mut marks = BTreeMap::new();
    for path in paths {
        match FileMark::read(raw, path).await {
            Ok(mark) => drop(marks.insert(path.clone(), mark)),
            Err(StorageError::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(marks)
}
