//! What belongs to no topic: failures, lines of the log, progress, and what is kept altogether.

use serde::{Deserialize, Serialize};

use super::{datasets::DatasetLine, runs::RunLine};

/// A request that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What kind of failure.
    pub kind: FaultKind,
    /// What went wrong, where, and what to do: whole sentences.
    pub message: String,
}

/// What kind of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FaultKind {
    /// The request cannot be carried out as it is: a mistake in a config, a dataset that is not there.
    Request,
    /// It failed on the way.
    Failed,
    /// The device failed, or cannot be had: the CPU may do.
    Device,
    /// There is no room left in the browser's storage.
    NoRoom,
    /// The user cancelled it.
    Cancelled,
}

/// What ended a worker that reported nothing, in whole sentences; `message` is what the browser says. WebAssembly that
/// gets no more memory can say nothing, and only traps.
#[must_use]
pub fn silent_end(message: &str) -> String {
    let words = message.to_lowercase();
    if !TRAPS.iter().any(|trap| words.contains(trap)) {
        return message.to_owned();
    }
    format!(
        "The training engine stopped without a word, as it does when its memory runs out. Lower dataset.batch_size, or \
         make the model smaller with model.embedding_dim, then train again. The browser says: {message}"
    )
}

/// What browsers say when WebAssembly traps, or when they have no memory left for what it asks.
const TRAPS: [&str; 4] = ["unreachable", "out of bounds", "out of memory", "allocation failed"];

/// How much a line of the log matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Level {
    /// Good to know.
    Info,
    /// The user should know.
    Warning,
    /// Something failed.
    Error,
}

/// How far work has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What is under way: "Copying sub-01.edf".
    pub what: String,
    /// How much of it is done, in `unit`.
    pub done: u64,
    /// How much there is.
    pub total: u64,
    /// "bytes", "recordings".
    pub unit: String,
}

/// What is kept in the browser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Library {
    /// Datasets, by name.
    pub datasets: Vec<DatasetLine>,
    /// Runs, the newest first.
    pub runs: Vec<RunLine>,
    /// Bytes used by this page.
    pub used_bytes: u64,
    /// Bytes that the browser allows.
    pub quota_bytes: u64,
    /// Whether the browser has promised not to remove them by itself.
    pub is_persistent: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trap_is_told_as_memory_that_ran_out() {
        for told in [
            "unreachable",
            "Uncaught RuntimeError: unreachable executed",
            "Unreachable code should not be executed (evaluating 'wasm.run()')",
            "memory access out of bounds",
            "Array buffer allocation failed",
        ] {
            let message = silent_end(told);
            assert!(message.contains("memory") && message.contains("dataset.batch_size"), "{message}");
            assert!(message.ends_with(told), "{message}");
        }
    }

    #[test]
    fn what_says_why_is_left_as_it_is() {
        let told = "The training engine could not be loaded: the server answered 404.";
        assert_eq!(silent_end(told), told);
    }
}
