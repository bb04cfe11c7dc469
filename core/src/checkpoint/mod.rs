//! Checkpoint files: tensors and text metadata in the safetensors format, written and read tensor by tensor, so that no
//! more than one of them is in memory beside what is kept there anyway. The names are PyTorch's, so that
//! `safetensors.torch.load_file` and `load_state_dict` take what is written here, and the other way round.
//!
//! The header is the `safetensors` crate's; its own writer takes paths on a disk only, its reader whole files. Reading
//! needs no engine.

mod error;
mod metadata;
mod reading;
#[cfg(feature = "engine")]
mod writing;

#[cfg(all(test, feature = "engine"))]
mod tests;
pub mod values;

pub use error::CheckpointError;
pub use metadata::{CHECKPOINT_SCHEMA, CONFIG_KEY, Metadata, SCHEMA_KEY, TASKS_KEY, schema, tasks};
pub use reading::{Contents, read, read_contents, read_metadata};
#[cfg(feature = "engine")]
pub use writing::{Source, Sources, sources_of, write};

/// Bytes that are converted and handed on at a time, whole values of every type.
const PIECE: usize = 1 << 20;
/// Bytes of the number that a file begins with: how long its header is.
const LENGTH_BYTES: usize = size_of::<u64>();
