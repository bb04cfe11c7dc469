//! What is learnt from a metadata table. A dataset's [`LabelRegistry`] knows its tasks; a [`LabelSpec`] turns a
//! [`MetadataRow`], one line of a metadata table, into the [`Target`] that a head of the model is trained on, and a
//! class back into its name.

pub(crate) mod common;
mod error;
mod registry;
mod row;
mod spec;
mod task;
#[cfg(test)]
mod tests;
pub(crate) mod vocabulary;

pub use error::{LabelError, LabelFault};
pub use registry::LabelRegistry;
pub use row::MetadataRow;
pub use spec::{ClassValues, LabelSpec};
pub use task::{Target, TaskKind, TaskSpec};
pub use vocabulary::is_missing;
