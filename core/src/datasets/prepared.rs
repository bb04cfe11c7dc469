//! What a preprocessed folder holds: samples, subjects, and how often each label comes up.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    DatasetError, FeatureShape, FolderDataset, LabelCounts, METADATA_FILE, headers::is_recording,
    preset_tasks::LabelledRow, provenance,
};
use crate::{
    labels::is_missing,
    storage::{FileEntry, Storage},
};

/// Columns of metadata that say which sample it is, and nothing about it.
const NO_LABELS: [&str; 3] = ["file_name", "split", "subject"];
/// A column with more different cells holds no classes.
const MAX_CLASSES: usize = 20;
/// Samples named as examples.
const EXAMPLES: usize = 100;

/// What one split of a preprocessed folder holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SplitDescription {
    /// Its name.
    pub name: String,
    /// Its samples.
    pub samples: usize,
    /// The shape of each of them.
    pub shape: FeatureShape,
    /// Everyone who is known to have a sample in it.
    pub subjects: Vec<String>,
    /// Samples of which it is not known whose they are.
    #[serde(default)]
    pub of_unknown: usize,
    /// Columns of labels: samples by what their cells say.
    pub labels: Vec<LabelCounts>,
    /// Paths of up to a hundred samples, spread over the split.
    pub examples: Vec<String>,
    /// The columns of labels, in the table's order; what run files are made from, and no part of JSON.
    #[serde(skip)]
    pub(super) columns: Vec<String>,
    /// The dataset that the samples were made of, where preprocessing says so.
    #[serde(skip)]
    pub(super) made_of: Option<String>,
    /// Subjects and their labels, those that agree once.
    #[serde(skip)]
    pub(super) rows: BTreeSet<LabelledRow>,
}

impl SplitDescription {
    /// The columns of its table that may hold labels, in the table's order.
    #[must_use]
    pub fn label_columns(&self) -> &[String] {
        &self.columns
    }
}

/// Whether files are those of a preprocessed folder: metadata of a split, and images or windows. A folder with recordings
/// is none: its metadata may be the table of the subjects, and its images pictures of anything.
#[must_use]
pub fn is_prepared(files: &[FileEntry]) -> bool {
    let is_metadata = |path: &str| {
        let rest = path.strip_suffix(METADATA_FILE);
        rest.is_some_and(|rest| {
            rest.is_empty() || (rest.ends_with(['-', '/']) && rest.find('/').is_none_or(|at| at + 1 == rest.len()))
        })
    };
    let is_sample = |path: &str| {
        let extension = path.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
        matches!(extension.as_deref(), Some("png" | "npy"))
    };
    let paths = || files.iter().map(|file| file.path.as_str());
    paths().any(is_metadata) && paths().any(is_sample) && !paths().any(is_recording)
}

/// Looks at a split: counts its labels by the columns with at most 20 different cells, and ages by decade.
///
/// # Errors
/// As [`FolderDataset::open`]: a split without samples is one, since it has no shape.
pub async fn describe_split(storage: &dyn Storage, split: &str) -> Result<SplitDescription, DatasetError> {
    let dataset = FolderDataset::open(storage, split, &[]).await?;
    let samples = dataset.len();
    let columns: Vec<String> = dataset.columns().iter().filter(|column| !is_identity(column)).cloned().collect();
    let labels = columns.iter().filter_map(|column| counts(&dataset, column)).collect();
    let shown = samples.min(EXAMPLES);
    Ok(SplitDescription {
        name: split.to_owned(),
        samples,
        shape: dataset.feature_shape(),
        subjects: dataset.subjects().into_iter().map(str::to_owned).collect(),
        of_unknown: (0..samples).filter(|&row| dataset.subject(row).is_none()).count(),
        labels,
        examples: (0..shown).map(|example| dataset.path(example * samples / shown).to_owned()).collect(),
        rows: labelled_rows(&dataset, &columns),
        columns,
        made_of: provenance(storage).await.map(|made| made.dataset),
    })
}

/// Subjects and their labels, those that agree once. A sample whose subject is not known is one of its own.
fn labelled_rows(dataset: &FolderDataset<'_>, columns: &[String]) -> BTreeSet<LabelledRow> {
    let labelled = |index| {
        let row = dataset.row(index);
        let cell = |column: &String| (column.clone(), row.get(column).unwrap_or_default().to_owned());
        let subject = dataset.subject(index).unwrap_or_else(|| dataset.path(index)).to_owned();
        LabelledRow { subject, labels: columns.iter().map(cell).collect() }
    };
    (0..dataset.len()).map(labelled).collect()
}

fn is_identity(column: &str) -> bool {
    NO_LABELS.iter().any(|name| name.eq_ignore_ascii_case(column))
}

/// Samples by cell; `None` when there are too many different ones.
fn counts(dataset: &FolderDataset<'_>, column: &str) -> Option<LabelCounts> {
    let is_age = column.eq_ignore_ascii_case("age");
    let word = |cell: &str| if is_age { decade(cell) } else { None }.unwrap_or_else(|| cell.to_owned());
    let mut cells = Vec::with_capacity(dataset.len());
    let mut different = BTreeSet::new();
    for row in 0..dataset.len() {
        let cell = dataset.row(row).get(column).filter(|cell| !is_missing(cell)).map(word);
        different.extend(cell.clone());
        if different.len() > MAX_CLASSES {
            return None;
        }
        cells.push((dataset.subject(row), cell));
    }
    Some(LabelCounts::of_cells(column, &cells))
}

/// The ten years that an age is in: `20–29`.
fn decade(cell: &str) -> Option<String> {
    let years: f64 = cell.parse().ok().filter(|years| (0.0..1000.0).contains(years))?;
    let first = (years / 10.0).floor() * 10.0;
    Some(format!("{first}–{}", first + 9.0))
}
