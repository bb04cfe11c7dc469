//! What a run's folder holds, as far as it is there.

use std::collections::BTreeMap;

use serde::Deserialize;
use signal_studio_app_shared::protocol::Level;
use signal_studio_core::{
    kept::KeptError,
    storage::{Storage, StorageError},
    training::{
        Summary,
        history::{self, EpochRecord},
        run_folder as layout,
    },
};

use crate::{
    opfs::Opfs,
    shell::{errors::Outcome, post::log},
};

/// The files of a run's folder and their sizes; none for a folder that is not there.
///
/// # Errors
/// [`StorageError::Failed`] when that cannot be told.
pub async fn files(folder: &Opfs) -> Result<BTreeMap<String, u64>, StorageError> {
    match folder.list("").await {
        Err(StorageError::NotFound { .. }) => Ok(BTreeMap::new()),
        listed => Ok(listed?.into_iter().map(|entry| (entry.path, entry.size)).collect()),
    }
}

/// The epochs that were recorded.
pub async fn history(folder: &Opfs) -> Outcome<Vec<EpochRecord>> {
    Ok(read_kept(folder, layout::HISTORY, history::read).await?.unwrap_or_default())
}

/// How it ended, as far as that was written.
pub async fn summary(folder: &Opfs) -> Outcome<Option<Summary>> {
    read_kept(folder, layout::SUMMARY, Summary::read).await
}

/// What a file holds that a run keeps. One that is damaged or of a newer version counts as missing, and the user is told.
async fn read_kept<T>(folder: &Opfs, path: &str, parse: impl Fn(&[u8]) -> Result<T, KeptError>) -> Outcome<Option<T>> {
    let Some(bytes) = read_if_there(folder, path).await? else { return Ok(None) };
    let why = match parse(&bytes) {
        Ok(kept) => return Ok(Some(kept)),
        Err(KeptError::Damaged(error)) => format!("is damaged and left out: {error}"),
        Err(KeptError::Newer { .. }) => {
            "was written by a newer version of the studio and is left out: reload the page".to_owned()
        }
    };
    log(Level::Warning, format!("{} {why}", folder.below(path).path()));
    Ok(None)
}

/// What a file holds. One that is damaged counts as missing, and the user is told: the rest of a run is of use without.
pub async fn read_json<T: for<'de> Deserialize<'de>>(folder: &Opfs, path: &str) -> Outcome<Option<T>> {
    let Some(bytes) = read_if_there(folder, path).await? else { return Ok(None) };
    let read = serde_json::from_slice(&bytes).inspect_err(|error| {
        let place = folder.below(path);
        log(Level::Warning, format!("{} is damaged and left out: {error}", place.path()));
    });
    Ok(read.ok())
}

/// A file, if it is there.
pub async fn read_if_there(folder: &Opfs, path: &str) -> Outcome<Option<Vec<u8>>> {
    match folder.read(path).await {
        Ok(bytes) => Ok(Some(bytes)),
        Err(StorageError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
