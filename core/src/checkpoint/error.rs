//! What can be wrong with a checkpoint file.

use safetensors::SafeTensorError;

use super::metadata::CHECKPOINT_SCHEMA;
#[cfg(feature = "engine")]
use crate::model::ModelError;
use crate::storage::StorageError;

/// A checkpoint that cannot be read or written.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CheckpointError {
    /// The bytes are not safetensors, or are cut short.
    #[error("not a readable safetensors file: {reason}")]
    Malformed {
        /// What the format's reader says.
        reason: String,
    },
    /// A later version of this program wrote the file.
    #[error(
        "a newer version of this program wrote it, as layout {schema} of checkpoints, and this one knows layout \
         {CHECKPOINT_SCHEMA}: update the program"
    )]
    Newer {
        /// Its layout.
        schema: u32,
    },
    /// A tensor holds something else than floating-point numbers.
    #[error("tensor `{name}` has the type {found}; only F16, BF16, F32 and F64 can be weights")]
    NotFloat {
        /// The tensor's name.
        name: String,
        /// Its type.
        found: String,
    },
    /// The file cannot be written or read.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A tensor cannot be read from its device.
    #[cfg(feature = "engine")]
    #[error(transparent)]
    Device(#[from] ModelError),
}

impl From<SafeTensorError> for CheckpointError {
    fn from(error: SafeTensorError) -> Self {
        Self::Malformed { reason: error.to_string() }
    }
}
