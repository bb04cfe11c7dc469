//! A preprocessed folder: its splits, with samples, subjects and labels.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::Path,
};

use serde::Serialize;
use serde_json::{Value, json};
use signal_studio_core::{
    datasets::{
        DatasetError, FolderDataset, LabelCounts, PREPROCESSING_FILE, SplitDescription, check_subjects_apart,
        describe_split, labels_of, splits,
    },
    labels::{LabelRegistry, LabelSpec, Target, is_missing},
};

use super::report::Report;
use crate::{failure::Failure, progress::count, storage::DiskStorage};

/// What one split holds.
#[derive(Debug, Serialize)]
struct Split {
    name: String,
    samples: usize,
    /// None where a sample's person is not known.
    subjects: Option<usize>,
    shape: Option<String>,
    labels: BTreeMap<String, Labels>,
    /// Samples without a label, by task or column, where there are any.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    without_label: BTreeMap<String, usize>,
}

/// The labels of one task, or of a column that could be one.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Labels {
    /// Samples by class.
    Classes(BTreeMap<String, usize>),
    /// What a regression's values are like.
    Values { min: f32, mean: f64, max: f32 },
    /// Why the task cannot be learnt from this folder.
    Unreadable(String),
    /// How many different cells a column has that are too many for classes.
    Different(usize),
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
            let (labels, without_label) = Default::default();
            reports.push(Split { name, samples, subjects: Some(0), shape: None, labels, without_label });
            continue;
        }
        let split = pollster::block_on(FolderDataset::open(&storage, &name, &[])).map_err(within)?;
        let described = pollster::block_on(describe_split(&storage, &name)).map_err(within)?;
        reports.push(Split::of(&split, &described, &registry));
    }
    let notes = notes(&storage, &reports).map_err(within)?;
    let mut text = text(path, dataset, &reports);
    for note in &notes {
        let _ = write!(text, "\nnote: {note}");
    }
    let json = json!({
        "kind": "preprocessed",
        "dataset": dataset,
        "options": preprocessing["options"],
        "splits": reports,
        "notes": notes,
    });
    Ok(Report { json, text })
}

/// What is to be known of the splits before one is trained on: who is in two of them, and of whom nothing is known.
fn notes(storage: &DiskStorage, splits: &[Split]) -> Result<Vec<String>, DatasetError> {
    let is_there = |name: &&str| splits.iter().any(|split| split.name == *name);
    let Some(train) = ["train", "training"].into_iter().find(is_there) else { return Ok(Vec::new()) };
    match pollster::block_on(check_subjects_apart(storage, train, None, None)) {
        Err(error @ DatasetError::SharedSubjects { .. }) => Ok(vec![error.to_string()]),
        notes => notes,
    }
}

impl Split {
    /// A split with the tasks of the registry, and with every column beside them.
    fn of(split: &FolderDataset<'_>, described: &SplitDescription, registry: &LabelRegistry) -> Self {
        let specs: Vec<&LabelSpec> = registry.names().filter_map(|task| registry.get(task)).collect();
        let tasks = specs.iter().map(|spec| (spec.task.name.clone(), labels(split, spec)));
        let is_read = |column: &str| specs.iter().any(|spec| spec.columns().contains(&column));
        let columns = described.label_columns().iter().filter(|column| !is_read(column));
        let columns = columns.map(|column| (column.clone(), cells(split, described, column)));
        let mut labels = BTreeMap::new();
        let mut without_label = BTreeMap::new();
        for (name, (found, missing)) in tasks.chain(columns) {
            if missing > 0 {
                without_label.insert(name.clone(), missing);
            }
            labels.insert(name, found);
        }
        Self {
            name: described.name.clone(),
            samples: described.samples,
            subjects: Some(described.subjects.len()).filter(|_| described.of_unknown == 0),
            shape: Some(described.shape.to_string()),
            labels,
            without_label,
        }
    }
}

/// What the cells of a column say, and how many say nothing.
fn cells(split: &FolderDataset<'_>, described: &SplitDescription, column: &str) -> (Labels, usize) {
    if let Some(counts) = described.labels.iter().find(|counts| counts.label == column) {
        return (Labels::of_classes(counts), counts.without_label);
    }
    let all = (0..split.len()).map(|row| split.row(row).get(column).unwrap_or_default());
    let known: Vec<&str> = all.filter(|cell| !is_missing(cell)).collect();
    let numbers: Option<Vec<f32>> = known.iter().map(|cell| cell.parse().ok()).collect();
    let found = match numbers {
        Some(values) => Labels::of_values(&values),
        None => Labels::Different(known.iter().collect::<BTreeSet<_>>().len()),
    };
    (found, split.len() - known.len())
}

/// What preprocessing wrote about itself; folders from elsewhere have no such file.
fn preprocessing(path: &Path) -> Value {
    let text = fs::read(path.join(PREPROCESSING_FILE)).ok();
    text.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
}

/// The labels of a task as training reads them, and how many samples have none.
fn labels(split: &FolderDataset<'_>, spec: &LabelSpec) -> (Labels, usize) {
    let (counts, targets) = match split.counts_of(spec) {
        Ok(counted) => counted,
        Err(error) => return (Labels::Unreadable(error.to_string()), 0),
    };
    let value = |target: &Option<Target>| match target {
        Some(Target::Value(value)) => Some(*value),
        Some(Target::Class(_)) | None => None,
    };
    let found = match counts.samples {
        0 => Labels::Unreadable("no sample has a label of it".to_owned()),
        _ if spec.task.is_classification() => Labels::of_classes(&counts),
        _ => Labels::of_values(&targets.iter().filter_map(value).collect::<Vec<_>>()),
    };
    (found, counts.without_label)
}

impl Labels {
    fn of_classes(counts: &LabelCounts) -> Self {
        Self::Classes(counts.classes.iter().map(|count| (count.class.clone(), count.samples)).collect())
    }

    fn of_values(values: &[f32]) -> Self {
        let sum: f64 = values.iter().map(|&value| f64::from(value)).sum();
        Self::Values {
            min: values.iter().copied().fold(f32::INFINITY, f32::min),
            mean: sum / values.len() as f64,
            max: values.iter().copied().fold(f32::NEG_INFINITY, f32::max),
        }
    }
}

fn text(path: &Path, dataset: Option<&str>, splits: &[Split]) -> String {
    let of = dataset.map_or_else(String::new, |dataset| format!(" of {dataset}"));
    let mut text = format!("preprocessed data{of} in {}", path.display());
    for split in splits {
        let shape = split.shape.as_ref().map_or_else(String::new, |shape| format!(", each {shape}"));
        let samples = count(split.samples, "sample");
        let subjects = split.subjects.map_or_else(|| "unknown people".to_owned(), |people| count(people, "subject"));
        let _ = write!(text, "\n{}: {samples} of {subjects}{shape}", split.name);
        for (task, labels) in &split.labels {
            let _ = write!(text, "\n  {task}: {}", describe(labels));
            if let Some(missing) = split.without_label.get(task) {
                let _ = write!(text, " ({} without a label)", count(*missing, "sample"));
            }
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
        Labels::Different(cells) => format!("{cells} different cells"),
        Labels::Unreadable(reason) => format!("cannot be learnt: {reason}"),
    }
}
