//! A preprocessed folder: its splits, with samples, subjects and labels.

use std::{collections::BTreeMap, fmt::Write, fs, path::Path};

use serde::Serialize;
use serde_json::{Value, json};
use signal_studio_core::{
    datasets::{FolderDataset, PREPROCESSING_FILE, labels_of, splits},
    labels::{LabelRegistry, LabelSpec, Target},
};

use super::report::Report;
use crate::{failure::Failure, progress::count, storage::DiskStorage};

/// What one split holds.
#[derive(Debug, Serialize)]
struct Split {
    name: String,
    samples: usize,
    subjects: usize,
    shape: Option<String>,
    labels: BTreeMap<String, Labels>,
}

/// The labels of one task.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Labels {
    /// Samples by class.
    Classes(BTreeMap<String, usize>),
    /// What a regression's values are like.
    Values { min: f32, mean: f64, max: f32 },
    /// Why the task cannot be learnt from this folder.
    Unreadable(String),
}

pub fn report(path: &Path, only: Option<&str>) -> Result<Report, Failure> {
    let storage = DiskStorage::new(path);
    let within = |error| Failure::from(error).within("the dataset", path);
    let found = pollster::block_on(splits(&storage)).map_err(within)?;
    if let Some(name) = only
        && !found.iter().any(|(split, _)| split == name)
    {
        let names: Vec<_> = found.iter().map(|(split, _)| split.as_str()).collect();
        return Err(Failure::request(format_args!("there is no split `{name}`; there are: {}", names.join(", "))));
    }
    let preprocessing = preprocessing(path);
    let dataset = preprocessing["dataset"].as_str();
    let registry = dataset.and_then(labels_of).unwrap_or_else(LabelRegistry::folder);
    let mut reports = Vec::new();
    for (name, samples) in found.into_iter().filter(|(split, _)| only.is_none_or(|only| only == split)) {
        if samples == 0 {
            reports.push(Split { name, samples, subjects: 0, shape: None, labels: BTreeMap::new() });
            continue;
        }
        let split = pollster::block_on(FolderDataset::open(&storage, &name, &[])).map_err(within)?;
        let specs = registry.names().filter_map(|task| registry.get(task));
        let labels = specs.map(|spec| (spec.task.name.clone(), labels(&split, spec))).collect();
        let (subjects, shape) = (split.subjects().len(), Some(split.feature_shape().to_string()));
        reports.push(Split { name, samples, subjects, shape, labels });
    }
    let text = text(path, dataset, &reports);
    let json = json!({
        "kind": "preprocessed",
        "dataset": dataset,
        "options": preprocessing["options"],
        "splits": reports,
    });
    Ok(Report { json, text })
}

/// What preprocessing wrote about itself; folders from elsewhere have no such file.
fn preprocessing(path: &Path) -> Value {
    let text = fs::read(path.join(PREPROCESSING_FILE)).ok();
    text.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
}

fn labels(split: &FolderDataset<'_>, spec: &LabelSpec) -> Labels {
    let targets: Result<Vec<_>, _> = (0..split.len()).map(|row| spec.encode(&split.row(row))).collect();
    let targets = match targets {
        Ok(targets) => targets,
        Err(error) => return Labels::Unreadable(error.to_string()),
    };
    if !spec.task.is_classification() {
        let values: Vec<f32> = targets
            .into_iter()
            .filter_map(|target| match target {
                Target::Value(value) => Some(value),
                Target::Class(_) => None,
            })
            .collect();
        let sum: f64 = values.iter().map(|&value| f64::from(value)).sum();
        return Labels::Values {
            min: values.iter().copied().fold(f32::INFINITY, f32::min),
            mean: sum / values.len() as f64,
            max: values.iter().copied().fold(f32::NEG_INFINITY, f32::max),
        };
    }
    let mut classes: BTreeMap<_, _> = spec.task.class_names().iter().map(|name| (name.clone(), 0)).collect();
    for target in targets {
        if let Target::Class(class) = target
            && let Some(name) = spec.task.class_names().get(class)
        {
            *classes.entry(name.clone()).or_insert(0) += 1;
        }
    }
    Labels::Classes(classes)
}

fn text(path: &Path, dataset: Option<&str>, splits: &[Split]) -> String {
    let of = dataset.map_or_else(String::new, |dataset| format!(" of {dataset}"));
    let mut text = format!("preprocessed data{of} in {}", path.display());
    for split in splits {
        let shape = split.shape.as_ref().map_or_else(String::new, |shape| format!(", each {shape}"));
        let (samples, subjects) = (count(split.samples, "sample"), count(split.subjects, "subject"));
        let _ = write!(text, "\n{}: {samples} of {subjects}{shape}", split.name);
        for (task, labels) in &split.labels {
            let _ = write!(text, "\n  {task}: {}", describe(labels));
        }
    }
    text
}

fn describe(labels: &Labels) -> String {
    match labels {
        Labels::Classes(classes) => {
            classes.iter().map(|(class, samples)| format!("{class} {samples}")).collect::<Vec<_>>().join(", ")
        }
        Labels::Values { min, mean, max } => format!("{min} to {max}, {mean:.1} on average"),
        Labels::Unreadable(reason) => format!("cannot be learnt: {reason}"),
    }
}
