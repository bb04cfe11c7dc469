//! Runs whose files are being copied. Until all of them are there, there is no such run: what is left of one when the worker
//! starts is removed.

use signal_studio_core::storage::{Storage, StorageError};

use crate::{opfs::Opfs, shell::home::Home};

/// Among what is on its way, an empty file for each of them.
const RUNS: &str = "runs";

/// The files of a run are being copied from now on.
///
/// # Errors
/// When that cannot be noted down.
pub async fn mark(home: &Home, name: &str) -> Result<(), StorageError> {
    marks(home).write(name, b"").await
}

/// All files of a run are there, or none is any more.
///
/// # Errors
/// When that cannot be noted down.
pub async fn unmark(home: &Home, name: &str) -> Result<(), StorageError> {
    marks(home).remove(name).await
}

/// The runs whose files are not all there.
///
/// # Errors
/// When that cannot be told.
pub async fn names(home: &Home) -> Result<Vec<String>, StorageError> {
    match marks(home).list("").await {
        Err(StorageError::NotFound { .. }) => Ok(Vec::new()),
        listed => Ok(listed?.into_iter().map(|mark| mark.path).collect()),
    }
}

fn marks(home: &Home) -> Opfs {
    home.incoming().below(RUNS)
}
