//! The recordings of a folder and their headers.

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use super::{DatasetError, FileProblem, channel_labels::eeg_channels};
use crate::{
    recording::{self, ChannelInfo, RecordingInfo, is_recording_name, unread_extension},
    storage::{FileEntry, Storage},
};

/// How far a survey has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurveyEvent {
    /// Recordings looked into so far.
    pub done: usize,
    /// Recordings there are.
    pub total: usize,
    /// The recording that comes next.
    pub path: String,
}

/// A recording whose header could be read; without its annotations.
pub(super) struct Header {
    pub path: String,
    pub info: RecordingInfo,
}

/// The recordings of a folder: hidden files do not count, nor do copies that BIDS keeps in `derivatives` and
/// `sourcedata` beside the recordings themselves.
pub(super) fn recording_paths(files: &[FileEntry]) -> Vec<&str> {
    let is_copy = |path: &str| path.starts_with("derivatives/") || path.starts_with("sourcedata/");
    let all = files.iter().map(|file| file.path.as_str()).filter(|path| is_recording_name(path) && !is_hidden(path));
    let (copies, own): (Vec<_>, Vec<_>) = all.partition(|path| is_copy(path));
    if own.is_empty() { copies } else { own }
}

/// Whether a file is one that operating systems and tools put beside a user's own.
pub(super) fn is_hidden(path: &str) -> bool {
    path.split('/').any(|part| part.starts_with('.') || part == "__MACOSX")
}

/// Whether a file is a recording by its name, if only of a format that is not read.
pub(super) fn is_recording(path: &str) -> bool {
    !is_hidden(path) && (is_recording_name(path) || unread_extension(path).is_some())
}

/// Opens recordings one after the other. Those that cannot be read become problems.
pub(super) async fn read_headers(
    raw: &dyn Storage,
    paths: &[&str],
    sink: &mut dyn FnMut(SurveyEvent) -> ControlFlow<()>,
) -> Result<(Vec<Header>, Vec<FileProblem>), DatasetError> {
    let mut headers = Vec::with_capacity(paths.len());
    let mut unreadable = Vec::new();
    for (done, &path) in paths.iter().enumerate() {
        if sink(SurveyEvent { done, total: paths.len(), path: path.to_owned() }).is_break() {
            return Err(DatasetError::Cancelled);
        }
        match recording::open_without_annotations(raw, path).await {
            Ok(recording) => headers.push(Header { path: path.to_owned(), info: recording.info().clone() }),
            Err(error) => unreadable.push(FileProblem { path: path.to_owned(), message: error.to_string() }),
        }
    }
    Ok((headers, unreadable))
}

/// The rate of the EEG channels in Hz, whatever else was recorded beside them: that of most of them, the highest of
/// equals. Where no label names a position, that of most voltages, or else channels.
pub(super) fn eeg_rate(info: &RecordingInfo) -> f64 {
    let mut channels: Vec<&ChannelInfo> =
        eeg_channels(&info.labels()).into_iter().map(|index| &info.channels[index]).collect();
    if channels.is_empty() {
        channels = info.channels.iter().filter(|channel| channel.is_voltage()).collect();
    }
    if channels.is_empty() {
        channels = info.channels.iter().collect();
    }
    most_common(channels.into_iter().map(|channel| channel.rate_hz)).unwrap_or_default()
}

/// The value that comes up most; the highest of equals.
pub(super) fn most_common(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let runs = values.chunk_by(|a, b| a == b);
    runs.max_by_key(|run| run.len()).map(|run| run[0])
}
