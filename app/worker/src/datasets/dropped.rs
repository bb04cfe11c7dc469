//! Dropped files: a folder of them as core's [`Storage`].

use std::{collections::BTreeMap, ops::Range};

use async_trait::async_trait;
use signal_studio_core::storage::{FileEntry, Storage, StorageError};
use web_sys::File;

use crate::shell::blobs::{read_blob, size_of_blob};

/// A folder of dropped files. Nothing can be written to it.
pub struct Dropped {
    files: BTreeMap<String, File>,
}

impl Dropped {
    /// These files, by their paths.
    pub fn new(files: impl IntoIterator<Item = (String, File)>) -> Self {
        Self { files: files.into_iter().collect() }
    }

    /// A file.
    ///
    /// # Errors
    /// [`StorageError::NotFound`].
    pub fn file(&self, path: &str) -> Result<&File, StorageError> {
        self.files.get(path).ok_or_else(|| StorageError::NotFound { path: path.to_owned() })
    }
}

#[async_trait(?Send)]
impl Storage for Dropped {
    async fn list(&self, folder: &str) -> Result<Vec<FileEntry>, StorageError> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let below = self.files.iter().filter(|(path, _)| path.starts_with(&prefix));
        let entries: Vec<_> =
            below.map(|(path, file)| FileEntry { path: path.clone(), size: size_of_blob(file) }).collect();
        if entries.is_empty() && !folder.is_empty() {
            return Err(StorageError::NotFound { path: folder.to_owned() });
        }
        Ok(entries)
    }

    async fn size(&self, path: &str) -> Result<u64, StorageError> {
        Ok(size_of_blob(self.file(path)?))
    }

    async fn read_range(&self, path: &str, range: Range<u64>) -> Result<Vec<u8>, StorageError> {
        read_blob(self.file(path)?, range, path).await
    }

    async fn write(&self, path: &str, _: &[u8]) -> Result<(), StorageError> {
        Err(only_read("write", path))
    }

    async fn remove(&self, path: &str) -> Result<(), StorageError> {
        Err(only_read("remove", path))
    }
}

fn only_read(action: &'static str, path: &str) -> StorageError {
    StorageError::Failed { action, reason: "dropped files can only be read".to_owned(), path: path.to_owned() }
}
