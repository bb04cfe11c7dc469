//! The text that travels with weights.

use std::collections::BTreeMap;

use crate::labels::TaskSpec;

/// Text that travels with the weights.
pub type Metadata = BTreeMap<String, String>;

/// Metadata key of the resolved run config, as JSON.
pub const CONFIG_KEY: &str = "config";
/// Metadata key of the tasks with their classes, as JSON.
pub const TASKS_KEY: &str = "tasks";

/// Metadata key of the layout of a file: the names of its tensors, and what its metadata say.
pub const SCHEMA_KEY: &str = "checkpoint_schema";
/// The layout that is written. Files that name none are of older versions, or of other programs, and are read all the
/// same.
pub const CHECKPOINT_SCHEMA: u32 = 1;

/// The layout that a checkpoint says it has.
pub fn schema(metadata: &Metadata) -> Option<u32> {
    metadata.get(SCHEMA_KEY)?.parse().ok()
}

/// The tasks a checkpoint was trained for, if its metadata says.
pub fn tasks(metadata: &Metadata) -> Option<Vec<TaskSpec>> {
    serde_json::from_str(metadata.get(TASKS_KEY)?).ok()
}
