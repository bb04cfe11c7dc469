//! What a format has to be able to do.

use std::ops::Range;

use async_trait::async_trait;

use super::{RecordingError, RecordingInfo};
use crate::storage::Storage;

/// An open recording.
#[async_trait(?Send)]
pub trait Recording {
    /// What the header says.
    fn info(&self) -> &RecordingInfo;

    /// The path of the file that holds the samples, where that is another one than the recording's.
    fn sample_file(&self) -> Option<&str> {
        None
    }

    /// The samples of the channels asked for (indices into [`RecordingInfo::channels`]), `[channel][sample]`, each
    /// channel at its own rate. The file is streamed: beside the result, about one MiB is held.
    ///
    /// # Errors
    /// See [`read_range`](Self::read_range).
    async fn read(&self, channels: &[usize]) -> Result<Vec<Vec<f64>>, RecordingError> {
        self.read_range(channels, 0.0..f64::INFINITY).await
    }

    /// The same of a stretch from and to so many seconds, as far as it was recorded: the samples that
    /// [`ChannelInfo::samples_in`](super::ChannelInfo::samples_in) gives. No more of the file is read than it takes,
    /// except where samples are compressed: there everything before the stretch is decompressed, and not kept.
    ///
    /// Samples are in volts. Of a [trigger](super::ChannelKind::Trigger) they are the codes; of a channel whose unit is no
    /// voltage they are in that unit, and a warning in [`RecordingInfo::warnings`] names it.
    ///
    /// # Errors
    /// [`RecordingError::NoSuchChannel`] for an index out of range, [`RecordingError::NoScale`] for a channel whose
    /// header does not say what its samples mean, [`RecordingError::TooLarge`] when the samples do not fit the
    /// memory, [`RecordingError::Damaged`] for samples that cannot be decompressed, and the storage's own errors.
    async fn read_range(&self, channels: &[usize], seconds: Range<f64>) -> Result<Vec<Vec<f64>>, RecordingError>;
}

/// How far a recording is read when it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// The header alone.
    Header,
    /// The header and the annotations.
    Annotations,
}

/// How files of some kind are recognised and opened.
#[async_trait(?Send)]
pub(super) trait Reader: Sync {
    /// What they are called, and the extension that their names have.
    fn kinds(&self) -> &'static [(&'static str, &'static str)];

    /// Whether a file that starts with `head` is one of them.
    fn recognises(&self, head: &[u8]) -> bool;

    /// Opens a file of `size` bytes that starts with `head`.
    async fn open<'a>(
        &self,
        storage: &'a dyn Storage,
        path: &str,
        size: u64,
        head: Vec<u8>,
        extent: Extent,
    ) -> Result<Box<dyn Recording + 'a>, RecordingError>;
}
