//! Preprocessed folders, read as samples with targets. The metadata table is held; features, which are images or
//! windows, are read when they are asked for and kept by nobody.

mod cells;
mod counted;
mod metadata;
mod people;
mod subjects_apart;
mod teachable;

use std::{collections::BTreeSet, fmt};

use futures_util::future::try_join_all;
use rayon::prelude::*;

use self::metadata::{find_metadata, within_folder};
pub(super) use self::subjects_apart::VALIDATION_NAMES;
pub use self::{metadata::splits, people::subject_of_path, subjects_apart::check_subjects_apart};
use super::{
    DatasetError, FeatureShape, Features, PREPROCESSING_FILE, Table, WindowOrigin,
    origins::{OwnedOrigin, read_origins},
};
use crate::{
    labels::{LabelError, LabelFault, LabelSpec, MetadataRow, Target},
    signal::{Image, SignalError, decode_npy},
    storage::{Storage, StorageError},
};

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
    /// Whose each row's sample is, where that is known.
    people: Vec<Option<String>>,
    /// Where each row's sample comes from, where that is known.
    origins: Vec<Option<OwnedOrigin>>,
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
    /// for the tasks of `specs`, checks that every row's file is there, and decodes the first. Where the samples come from
    /// is read of folders that preprocessing made.
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
            .map_err(|error| cells::explained(error, &table))?;
        let paths = sample_paths(storage, &table, folder).await?;
        let first = decode(&storage.read(&paths[0]).await?, &table, 0, &paths[0])?;
        let is_own = storage.exists(PREPROCESSING_FILE).await?;
        let people = people::people(&table, split, &paths, is_own);
        // Of other folders it is not known what a file of that name is about.
        let origins = if is_own { read_origins(storage, &paths).await? } else { vec![None; paths.len()] };
        let (split, tasks, shape) = (split.to_owned(), specs.len(), first.shape());
        let index = Index { split, table, paths, people, origins, tasks, targets, shape };
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

    /// Whose sample it is: by the folder that preprocessing gave it, a column `subject` (`subject_id`, `participant_id`, …),
    /// or a name that is surely a subject's, such as `sub-01`; none where nothing says so. Everyone has one spelling.
    ///
    /// # Panics
    /// When `row` is not below [`len`](Self::len).
    #[must_use]
    pub fn subject(&self, row: usize) -> Option<&str> {
        self.index.people[row].as_deref()
    }

    /// Which recording a sample was made of, and where in it; none in folders that were made elsewhere or by older versions.
    ///
    /// # Panics
    /// When `row` is not below [`len`](Self::len).
    #[must_use]
    pub fn origin(&self, row: usize) -> Option<WindowOrigin<'_>> {
        self.index.origins[row].as_ref().map(OwnedOrigin::get)
    }

    /// Everyone who is known to have a sample in this split.
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

fn missing_file(table: &Table, row: usize, path: &str) -> DatasetError {
    DatasetError::MissingFile { file: table.file().to_owned(), line: table.line(row), path: path.to_owned() }
}

/// Decodes the file of a row: `.npy` is a window of samples, anything else has to be a PNG image.
fn decode(bytes: &[u8], table: &Table, row: usize, path: &str) -> Result<Features, DatasetError> {
    decode_sample(bytes, path).map_err(|reason| DatasetError::Undecodable {
        file: table.file().to_owned(),
        line: table.line(row),
        reason,
        path: path.to_owned(),
    })
}

/// Decodes a sample's file, else says what is wrong with it.
pub(super) fn decode_sample(bytes: &[u8], path: &str) -> Result<Features, String> {
    if path.to_ascii_lowercase().ends_with(".npy") {
        decode_npy(bytes).map_err(|error| error.to_string()).and_then(|(channels, samples, values)| {
            match values.iter().position(|value| !value.is_finite()) {
                Some(place) => {
                    let (channel, sample, value) = (place / samples.max(1), place % samples.max(1), values[place]);
                    Err(SignalError::NonFinite { channel, sample, value: value.into() }.to_string())
                }
                None => Ok(Features::Signal { channels, samples, values }),
            }
        })
    } else {
        Image::decode_png(bytes).map(Features::Image).map_err(|error| error.to_string())
    }
}
