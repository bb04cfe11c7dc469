//! A folder of recordings: which dataset it is, and whether its labels are good.

use std::{collections::BTreeSet, path::Path};

use serde_json::json;
use signal_studio_core::{
    datasets::{DatasetError, RAW_DATASETS, RawDataset},
    recording::is_recording_name,
    storage::Storage,
};

use super::Report;
use crate::{failure::Failure, progress::count, storage::DiskStorage};

/// Files named before the rest is only counted.
const LISTED: usize = 10;

pub fn report(path: &Path) -> Result<Report, Failure> {
    let storage = DiskStorage::new(path);
    for dataset in RAW_DATASETS {
        if let Some(report) = recognise(dataset, &storage)? {
            return Ok(report);
        }
    }
    let files = pollster::block_on(storage.list(""))?;
    let recordings: Vec<_> = files.into_iter().filter(|file| is_recording_name(&file.path)).collect();
    if recordings.is_empty() {
        return Err(Failure::request(format_args!(
            "neither a run, nor preprocessed data, nor recordings are in {}",
            path.display()
        )));
    }
    let paths: Vec<_> = recordings.iter().map(|file| file.path.as_str()).collect();
    let mut lines = vec![format!("{} of no known dataset in {}", count(paths.len(), "recording"), path.display())];
    lines.extend(paths.iter().take(LISTED).map(|path| format!("  {path}")));
    if paths.len() > LISTED {
        lines.push(format!("  and {} more", paths.len() - LISTED));
    }
    let json = json!({ "kind": "recordings", "dataset": null, "recordings": paths });
    Ok(Report { json, text: lines.join("\n") })
}

/// What there is to say if the folder is laid out as this dataset is. Labels that are not good are an error.
fn recognise(dataset: &dyn RawDataset, storage: &DiskStorage) -> Result<Option<Report>, Failure> {
    // Everything that the dataset has, not only what is used by default.
    let mut options = dataset.default_options();
    options.math_trials = true;
    let plan = match pollster::block_on(dataset.plan(storage, &options)) {
        Ok(plan) => plan,
        Err(DatasetError::NoRecordings { .. }) => return Ok(None),
        Err(error) => return Err(Failure::from(error).within("the recordings of", storage.root())),
    };
    let subjects: BTreeSet<_> = plan.recordings.iter().map(|recording| recording.subject.as_str()).collect();
    let mut lines = vec![format!(
        "{} of {} of the dataset `{}` in {}",
        count(plan.recordings.len(), "recording"),
        count(subjects.len(), "subject"),
        dataset.name(),
        storage.root().display()
    )];
    lines.extend(plan.warnings.iter().map(|warning| format!("warning: {warning}")));
    let json = json!({
        "kind": "recordings",
        "dataset": dataset.name(),
        "recordings": plan.recordings.iter().map(|recording| recording.path.as_str()).collect::<Vec<_>>(),
        "subjects": subjects,
        "warnings": plan.warnings,
    });
    Ok(Some(Report { json, text: lines.join("\n") }))
}
