//! What a folder of files is, found out by looking into the files, and what a preprocessed folder holds. A storage flows
//! in; what to tell its owner flows out: recordings, subjects, labels, and what is wrong with which file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::FeatureShape;

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
    /// The rate of most of its channels, in Hz.
    pub rate_hz: f64,
    /// Its length in seconds.
    pub duration_s: f64,
    /// Its labels by column, as preprocessing would write them.
    pub labels: BTreeMap<String, String>,
}

/// Something wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileProblem {
    /// The file.
    pub path: String,
    /// What is wrong and what to do.
    pub message: String,
}

/// What one split of a preprocessed folder holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SplitDescription {
    /// Its name.
    pub name: String,
    /// Its samples.
    pub samples: usize,
    /// The shape of each of them.
    pub shape: FeatureShape,
    /// Everyone with a sample in it.
    pub subjects: Vec<String>,
    /// By column of labels: samples by cell.
    pub labels: BTreeMap<String, BTreeMap<String, usize>>,
    /// Paths of up to a hundred samples, spread over the split.
    pub examples: Vec<String>,
}
