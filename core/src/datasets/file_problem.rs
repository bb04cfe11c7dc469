//! What is wrong with one file of many.

use serde::{Deserialize, Serialize};

/// Something wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileProblem {
    /// The file.
    pub path: String,
    /// What is wrong and what to do.
    pub message: String,
}
