//! Preprocessed folders: a metadata table and its images or windows flow in, samples with targets flow out. The table is
//! held; features are read when they are asked for and kept by nobody.

mod teachable;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use futures_util::future::try_join_all;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{DatasetError, METADATA_FILE, Table, output::is_sample_name, report::is_unfinished, split_metadata_file};
use crate::{
    labels::{LabelError, LabelFault, LabelSpec, MetadataRow, Target, vocabulary::is_missing},
    signal::{Image, decode_npy},
    storage::{Storage, StorageError},
};

/// Columns of metadata that say whose a sample is.
const SUBJECT_COLUMNS: [&str; 3] = ["subject", "subject_id", "participant_id"];

/// What a model sees of a sample.
#[derive(Debug, Clone, PartialEq)]
pub enum Features {
    /// A spectrogram.
    Image(Image),
    /// A window of normalised samples.
    Signal {
        /// EEG channels.
        channels: usize,
        /// Samples of each.
        samples: usize,
        /// The values, `[channels, samples]`.
        values: Vec<f32>,
    },
}

impl Features {
    /// The features' shape.
    #[must_use]
    pub fn shape(&self) -> FeatureShape {
        match self {
            Self::Image(image) => {
                FeatureShape::Image { channels: image.channels, height: image.height, width: image.width }
            }
            &Self::Signal { channels, samples, .. } => FeatureShape::Signal { channels, samples },
        }
    }
}

/// The shape that all samples of a split share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeatureShape {
    /// An image.
    Image {
        /// Colour channels, 1 or 3.
        channels: usize,
        /// Rows of pixels.
        height: usize,
        /// Columns of pixels.
        width: usize,
    },
    /// A window of samples.
    Signal {
        /// EEG channels.
        channels: usize,
        /// Samples of each.
        samples: usize,
    },
}

impl fmt::Display for FeatureShape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image { channels: 1, height, width } => {
                write!(formatter, "a grey image of {width} x {height} pixels")
            }
            Self::Image { height, width, .. } => write!(formatter, "a colour image of {width} x {height} pixels"),
            Self::Signal { channels, samples } => {
                write!(formatter, "a window of {channels} channels x {samples} samples")
            }
        }
    }
}

/// One sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Its row in the split; [`FolderDataset::row`] has the metadata.
    pub row: usize,
    /// What a model sees.
    pub features: Features,
    /// What it should say, in the order of the tasks asked for; none where the label is missing.
    pub targets: Vec<Option<Target>>,
}

/// One split of a preprocessed folder.
pub struct FolderDataset<'a> {
    storage: &'a dyn Storage,
    index: Index,
}

/// Everything about a split but where its files are.
struct Index {
    split: String,
    table: Table,
    /// The path of each row's file.
    paths: Vec<String>,
    /// Number of tasks.
    tasks: usize,
    /// Targets, `[rows, tasks]`; none where the label is missing.
    targets: Vec<Option<Target>>,
    shape: FeatureShape,
}

impl fmt::Debug for FolderDataset<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Index { split, paths, shape, .. } = &self.index;
        write!(formatter, "FolderDataset {{ split: {split:?}, samples: {}, shape: {shape:?} }}", paths.len())
    }
}

impl<'a> FolderDataset<'a> {
    /// Opens a split: its metadata is `<split>-metadata.csv`, else `<split>/metadata.csv` (whose file names may be
    /// relative to that folder), else the rows of `metadata.csv` whose column `split` says so. Reads every row's targets
    /// for the tasks of `specs`, checks that every row's file is there, and decodes the first.
    ///
    /// # Errors
    /// [`DatasetError`]; those about a row name the table and the line.
    pub async fn open(storage: &'a dyn Storage, split: &str, specs: &[LabelSpec]) -> Result<Self, DatasetError> {
        let (table, folder) = find_metadata(storage, split).await?;
        if table.is_empty() {
            let (split, file) = (split.to_owned(), table.file().to_owned());
            return Err(DatasetError::EmptySplit { split, file, splits: splits(storage).await? });
        }
        let targets = table
            .rows()
            .flat_map(|row| specs.iter().map(move |spec| present(spec.encode(&row))))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| teachable::explained(error, &table))?;
        let paths = sample_paths(storage, &table, folder).await?;
        let first = decode(&storage.read(&paths[0]).await?, &table, 0, &paths[0])?;
        let index = Index { split: split.to_owned(), table, paths, tasks: specs.len(), targets, shape: first.shape() };
        Ok(Self { storage, index })
    }

    /// The split's name.
    #[must_use]
    pub fn split(&self) -> &str {
        &self.index.split
    }

    /// Number of samples, at least 1.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a split without samples is an error when it is opened")]
    pub fn len(&self) -> usize {
        self.index.paths.len()
    }

    /// The shape of every sample's features.
    #[must_use]
    pub fn feature_shape(&self) -> FeatureShape {
        self.index.shape
    }

    /// The columns of the metadata.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        self.index.table.headers()
    }

    /// The metadata of a sample.
    ///
    /// # Panics
    /// When `row` is not below [`len`](Self::len).
    #[must_use]
    pub fn row(&self, row: usize) -> MetadataRow<'_> {
        self.index.table.row(row)
    }

    /// The targets of a sample, in the order of the tasks asked for; none where the label is missing.
    ///
    /// # Panics
    /// When `row` is not below [`len`](Self::len).
    #[must_use]
    pub fn targets(&self, row: usize) -> &[Option<Target>] {
        &self.index.targets[row * self.index.tasks..(row + 1) * self.index.tasks]
    }

    /// Where a sample's features are, in the storage.
    ///
    /// # Panics
    /// When `row` is not below [`len`](Self::len).
    #[must_use]
    pub fn path(&self, row: usize) -> &str {
        &self.index.paths[row]
    }

    /// Whose sample it is: the column `subject`, else the folder below the split's.
    ///
    /// # Panics
    /// When `row` is not below [`len`](Self::len).
    #[must_use]
    pub fn subject(&self, row: usize) -> Option<&str> {
        let Index { split, table, paths, .. } = &self.index;
        if let Some(column) = table.column("subject") {
            return Some(table.value(row, column));
        }
        let path = &paths[row];
        let below = path.strip_prefix(split.as_str()).and_then(|rest| rest.strip_prefix('/')).unwrap_or(path);
        below.split_once('/').map(|(subject, _)| subject)
    }

    /// Everyone with a sample in this split.
    #[must_use]
    pub fn subjects(&self) -> BTreeSet<&str> {
        (0..self.len()).filter_map(|row| self.subject(row)).collect()
    }

    /// Reads samples, in the order asked for; decoding is spread over threads.
    ///
    /// # Errors
    /// [`DatasetError`] that names the table, the line and the file.
    ///
    /// # Panics
    /// When an index is not below [`len`](Self::len).
    pub async fn load(&self, indices: &[usize]) -> Result<Vec<Sample>, DatasetError> {
        let index = &self.index;
        // All at once: a browser takes its time for each file.
        let files = indices.iter().map(|&row| async move {
            let path = &index.paths[row];
            let bytes = self.storage.read(path).await.map_err(|error| match error {
                StorageError::NotFound { .. } => missing_file(&index.table, row, path),
                other => other.into(),
            });
            bytes.map(|bytes| (row, bytes))
        });
        let files: Vec<(usize, Vec<u8>)> = try_join_all(files).await?;
        files
            .into_par_iter()
            .map(|(row, bytes)| {
                let features = decode(&bytes, &index.table, row, &index.paths[row])?;
                index.check_shape(row, features.shape())?;
                let targets = index.targets[row * index.tasks..(row + 1) * index.tasks].to_vec();
                Ok(Sample { row, features, targets })
            })
            .collect()
    }
}

impl Index {
    fn check_shape(&self, row: usize, found: FeatureShape) -> Result<(), DatasetError> {
        if found == self.shape {
            return Ok(());
        }
        Err(DatasetError::OtherShape {
            file: self.table.file().to_owned(),
            line: self.table.line(row),
            found,
            expected: self.shape,
            path: self.paths[row].clone(),
        })
    }
}

/// The target of a row; none where its cell has no value.
fn present(target: Result<Target, LabelError>) -> Result<Option<Target>, LabelError> {
    match target {
        Err(error) if matches!(*error.fault, LabelFault::MissingValue { .. }) => Ok(None),
        other => other.map(Some),
    }
}

/// Checks that no subject has samples in two of these splits, whoever made the folder. Whose a sample is says the column
/// `subject` (or `subject_id`, `participant_id`) of the metadata, or else the folder below the split's of a file that is
/// named as preprocessing names samples; of others nothing is known. Splits that the folder does not have are left out, and so
/// is a split that is named twice.
///
/// # Errors
/// [`DatasetError::SharedSubjects`] that names them; [`DatasetError`] when a table cannot be read.
pub async fn check_subjects_apart(storage: &dyn Storage, splits: &[&str]) -> Result<(), DatasetError> {
    let mut known: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for &split in splits {
        if known.contains_key(split) {
            continue;
        }
        let subjects = match find_metadata(storage, split).await {
            Ok((table, _)) => subjects_of(&table, split),
            Err(DatasetError::NoSuchSplit { .. } | DatasetError::NoMetadata { .. }) => continue,
            Err(error) => return Err(error),
        };
        for (&first, others) in &known {
            let shared: Vec<String> = others.intersection(&subjects).cloned().collect();
            if !shared.is_empty() {
                let (first, second) = (first.to_owned(), split.to_owned());
                return Err(DatasetError::SharedSubjects { first, second, subjects: shared });
            }
        }
        known.insert(split, subjects);
    }
    Ok(())
}

/// The subjects that a table is known to be about.
fn subjects_of(table: &Table, split: &str) -> BTreeSet<String> {
    let column = SUBJECT_COLUMNS.iter().find_map(|column| table.column(column));
    let file = table.column("file_name");
    let subject = |row: usize| match (column, file) {
        (Some(column), _) => Some(table.value(row, column).to_owned()),
        (None, Some(file)) => {
            let path = within_folder(table.value(row, file))?;
            let (subject, file) = path.strip_prefix(split)?.strip_prefix('/')?.rsplit_once('/')?;
            is_sample_name(file).then(|| subject.to_owned())
        }
        (None, None) => None,
    };
    (0..table.len()).filter_map(subject).filter(|subject| !is_missing(subject)).collect()
}

/// The splits of a preprocessed folder and how many samples each has, in alphabetical order.
///
/// # Errors
/// [`DatasetError`] when the folder or one of its tables cannot be read.
pub async fn splits(storage: &dyn Storage) -> Result<Vec<(String, usize)>, DatasetError> {
    let mut found = BTreeMap::new();
    for entry in storage.list("").await? {
        let path = entry.path.as_str();
        let own = path.strip_suffix(METADATA_FILE).and_then(|split| split.strip_suffix(['-', '/']));
        if let Some(split) = own.filter(|split| !split.is_empty() && !split.contains('/')) {
            found.insert(split.to_owned(), Table::read(storage, path).await?.len());
        }
    }
    if storage.exists(METADATA_FILE).await? {
        let table = Table::read(storage, METADATA_FILE).await?;
        if let Some(column) = table.column("split") {
            let mut counts = BTreeMap::new();
            for row in 0..table.len() {
                *counts.entry(table.value(row, column).to_owned()).or_insert(0) += 1;
            }
            for (split, count) in counts {
                found.entry(split).or_insert(count);
            }
        }
    }
    Ok(found.into_iter().collect())
}

/// The rows of a split, and the folder that its file names may be relative to.
async fn find_metadata<'s>(storage: &dyn Storage, split: &'s str) -> Result<(Table, Option<&'s str>), DatasetError> {
    let plain = !split.is_empty() && !split.contains(['/', '\\']);
    let own = split_metadata_file(split);
    if plain && storage.exists(&own).await? {
        return Ok((Table::read(storage, &own).await?, None));
    }
    let inside = format!("{split}/{METADATA_FILE}");
    if plain && split != ".." && storage.exists(&inside).await? {
        return Ok((Table::read(storage, &inside).await?, Some(split)));
    }
    if storage.exists(METADATA_FILE).await? {
        let table = Table::read(storage, METADATA_FILE).await?;
        let column = table.require_column("split")?;
        let rows = table.filtered(|values| values[column] == split);
        if !rows.is_empty() {
            return Ok((rows, None));
        }
    }
    let splits = splits(storage).await?;
    let split = split.to_owned();
    if splits.is_empty() {
        return Err(DatasetError::NoMetadata { split, unfinished: is_unfinished(storage).await });
    }
    Err(DatasetError::NoSuchSplit { split, splits })
}

/// The path of each row's file, all of which are there.
async fn sample_paths(storage: &dyn Storage, table: &Table, folder: Option<&str>) -> Result<Vec<String>, DatasetError> {
    let column = table.require_column("file_name")?;
    let names = (0..table.len())
        .map(|row| {
            let name = table.value(row, column);
            within_folder(name).ok_or_else(|| DatasetError::OutsideFolder {
                file: table.file().to_owned(),
                line: table.line(row),
                path: name.to_owned(),
            })
        })
        .collect::<Result<Vec<_>, _>>()?;

    let tops: BTreeSet<&str> = match folder {
        Some(folder) => [folder].into(),
        None => names.iter().map(|name| name.split_once('/').map_or("", |(top, _)| top)).collect(),
    };
    let mut present = BTreeSet::new();
    for top in tops {
        match storage.list(top).await {
            Err(StorageError::NotFound { .. }) => {}
            listed => present.extend(listed?.into_iter().map(|entry| entry.path)),
        }
    }
    names
        .into_iter()
        .enumerate()
        .map(|(row, name)| {
            let below = folder.map(|folder| format!("{folder}/{name}"));
            let path = match below {
                Some(below) if present.contains(&below) || !present.contains(&name) => below,
                _ => name,
            };
            if present.contains(&path) { Ok(path) } else { Err(missing_file(table, row, &path)) }
        })
        .collect()
}

/// A relative path with `/` that stays within its folder; `None` for any other.
fn within_folder(name: &str) -> Option<String> {
    let name = name.replace('\\', "/");
    let drive = name.as_bytes().get(1) == Some(&b':');
    let parts: Vec<&str> = name.split('/').filter(|part| *part != ".").collect();
    let plain = parts.iter().all(|part| !part.is_empty() && *part != "..");
    (plain && !drive && !parts.is_empty()).then(|| parts.join("/"))
}

fn missing_file(table: &Table, row: usize, path: &str) -> DatasetError {
    DatasetError::MissingFile { file: table.file().to_owned(), line: table.line(row), path: path.to_owned() }
}

/// Decodes the file of a row: `.npy` is a window of samples, anything else has to be a PNG image.
fn decode(bytes: &[u8], table: &Table, row: usize, path: &str) -> Result<Features, DatasetError> {
    let decoded = if path.to_ascii_lowercase().ends_with(".npy") {
        decode_npy(bytes)
            .map(|(channels, samples, values)| Features::Signal { channels, samples, values })
            .map_err(|error| error.to_string())
    } else {
        Image::decode_png(bytes).map(Features::Image).map_err(|error| error.to_string())
    };
    decoded.map_err(|reason| DatasetError::Undecodable {
        file: table.file().to_owned(),
        line: table.line(row),
        reason,
        path: path.to_owned(),
    })
}
