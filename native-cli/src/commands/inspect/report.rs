//! What `inspect` finds.

use serde_json::Value;

/// What was found, twice: for programs and for people.
pub struct Report {
    /// For programs.
    pub json: Value,
    /// For people.
    pub text: String,
}
