//! What can go wrong with a recording. Every message says what and what to do, and ends with the file.

use super::Format;
use crate::storage::StorageError;

/// What can go wrong when a recording is read or written.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RecordingError {
    /// The file could not be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The content is not a recording, whatever the name says.
    #[error("not a recording: {reason}: {path}")]
    NotARecording {
        /// What the content is instead.
        reason: String,
        /// The file.
        path: String,
    },
    /// A kind of recording that is known but not read.
    #[error("{reason}: {path}")]
    Unsupported {
        /// What it is, and what to do about it.
        reason: String,
        /// The file.
        path: String,
    },
    /// The file contradicts its format or itself.
    #[error("damaged {format} file: {reason}: {path}")]
    Damaged {
        /// The format the file claims.
        format: Format,
        /// What is wrong, and where.
        reason: String,
        /// The file.
        path: String,
    },
    /// An EDF+ or BDF+ file without any channel.
    #[error(
        "the file holds annotations only, and no channel: those of one file are not joined to the recording in another; leave \
         it out: {path}"
    )]
    AnnotationsOnly {
        /// The file.
        path: String,
    },
    /// The file that holds an EEGLAB dataset's samples is not there.
    #[error("the dataset's samples are in another file, which is missing; looked for {} beside: {path}", tried.join(" and "))]
    MissingData {
        /// The files looked for.
        tried: Vec<String>,
        /// The dataset.
        path: String,
    },
    /// A channel was asked for that the recording does not have.
    #[error("there is no channel with index {index}, the recording has {channels}: {path}")]
    NoSuchChannel {
        /// The index asked for.
        index: usize,
        /// The number of channels.
        channels: usize,
        /// The file.
        path: String,
    },
    /// A channel's header gives no range, so that its samples mean nothing.
    #[error(
        "channel {label} cannot be read: its {limits} minimum and maximum are both {level}, which leaves its scale \
         undefined; leave the channel out, or correct the header: {path}"
    )]
    NoScale {
        /// The channel.
        label: String,
        /// Which limits are equal: `digital` or `physical`.
        limits: &'static str,
        /// Both of them.
        level: f64,
        /// The file.
        path: String,
    },
    /// The samples asked for do not fit the memory.
    #[error("there is no memory for {samples} samples of a channel; split the recording into shorter files: {path}")]
    TooLarge {
        /// The samples of the channel.
        samples: u64,
        /// The file.
        path: String,
    },
    /// What was to be written does not fit the format.
    #[error("cannot be written as EDF: {reason}")]
    Write {
        /// What does not fit.
        reason: String,
    },
}

impl RecordingError {
    /// Whether the file is of a kind that is not read, rather than damaged or out of reach.
    #[must_use]
    pub fn is_request(&self) -> bool {
        match self {
            Self::NotARecording { .. } | Self::Unsupported { .. } => true,
            Self::Storage(_)
            | Self::Damaged { .. }
            | Self::AnnotationsOnly { .. }
            | Self::MissingData { .. }
            | Self::NoSuchChannel { .. }
            | Self::NoScale { .. }
            | Self::TooLarge { .. }
            | Self::Write { .. } => false,
        }
    }
}
