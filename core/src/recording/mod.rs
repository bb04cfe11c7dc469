//! Recordings of EEG, as samples in volts and annotations. [`open`] recognises the format by the content and reads the
//! header; [`Recording::read`] then streams the channels asked for, and [`traces()`] thins a stretch of them to what can be
//! drawn.
//!
//! Read are EDF, EDF+C, EDF+D, BDF, BDF+ and EEGLAB datasets (`.set` of MATLAB 5, with or without `.fdt`).

mod edf;
mod edf_annotations;
mod edf_header;
mod edf_records;
mod edf_writer;
mod eeglab;
mod error;
mod formats;
mod info;
mod limits;
mod matlab;
mod matlab_values;
mod pieces;
mod reader;
mod source;
mod tal;
#[cfg(test)]
mod tests;
mod text;
mod traces;

use self::{
    info::BOUNDARY,
    limits::{CHUNK_BYTES, HEAD_BYTES, POSSIBLE, TRIGGER_MASK, reserve},
    reader::Extent,
};
use crate::storage::Storage;

pub use edf_writer::{EdfChannel, EdfHeader, write_edf};
pub use error::RecordingError;
pub use formats::{format_names, is_recording_name, recording_extensions, unread_extension};
pub use info::{Annotation, ChannelInfo, ChannelKind, Format, RecordingInfo, StartTime};
pub use reader::Recording;
pub use traces::{Trace, Traces, extremes, traces};

/// Opens a recording: recognises its format by the content, whatever its name, and reads its header and annotations.
///
/// # Errors
/// [`RecordingError::NotARecording`] when the content is something else, [`RecordingError::Unsupported`] for a format
/// that is known but not read, [`RecordingError::Damaged`] when the header contradicts itself or the file,
/// [`RecordingError::AnnotationsOnly`] for a file without channels,
/// [`RecordingError::MissingData`] when an EEGLAB dataset's samples are not beside it, and the storage's own errors.
pub async fn open<'a>(storage: &'a dyn Storage, path: &str) -> Result<Box<dyn Recording + 'a>, RecordingError> {
    open_to(storage, path, Extent::Annotations).await
}

/// The same without annotations and the warnings about them. Those of EDF and BDF lie among the samples, so that reading
/// them takes reading most of the file; here only discontinuous files are read through, for the interruptions that
/// [`RecordingInfo::warnings`] tells of.
///
/// # Errors
/// As [`open`].
pub async fn open_without_annotations<'a>(
    storage: &'a dyn Storage,
    path: &str,
) -> Result<Box<dyn Recording + 'a>, RecordingError> {
    open_to(storage, path, Extent::Header).await
}

async fn open_to<'a>(
    storage: &'a dyn Storage,
    path: &str,
    extent: Extent,
) -> Result<Box<dyn Recording + 'a>, RecordingError> {
    let size = storage.size(path).await?;
    let head = storage.read_range(path, 0..size.min(HEAD_BYTES)).await?;
    formats::reader_of(&head, path)?.open(storage, path, size, head, extent).await
}
