//! Files held in memory.

use std::{cell::RefCell, collections::BTreeMap, ops::Range};

use async_trait::async_trait;

use super::{FileEntry, Storage, StorageError};

/// Files held in memory: for tests, and for data that never touches a disk.
#[derive(Debug, Default)]
pub struct MemoryStorage {
    files: RefCell<BTreeMap<String, Vec<u8>>>,
}

impl MemoryStorage {
    /// A storage with the given files.
    pub fn with_files<P: Into<String>>(files: impl IntoIterator<Item = (P, Vec<u8>)>) -> Self {
        let files = files.into_iter().map(|(path, bytes)| (path.into(), bytes)).collect();
        Self { files: RefCell::new(files) }
    }
}

#[async_trait(?Send)]
impl Storage for MemoryStorage {
    async fn list(&self, folder: &str) -> Result<Vec<FileEntry>, StorageError> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{}/", folder.trim_end_matches('/')) };
        let files = self.files.borrow();
        let entries: Vec<_> = files
            .iter()
            .filter(|(path, _)| path.starts_with(&prefix))
            .map(|(path, bytes)| FileEntry { path: path.clone(), size: bytes.len() as u64 })
            .collect();
        if entries.is_empty() && !folder.is_empty() {
            return Err(StorageError::NotFound { path: folder.to_owned() });
        }
        Ok(entries)
    }

    async fn size(&self, path: &str) -> Result<u64, StorageError> {
        match self.files.borrow().get(path) {
            Some(bytes) => Ok(bytes.len() as u64),
            None => Err(StorageError::NotFound { path: path.to_owned() }),
        }
    }

    async fn read_range(&self, path: &str, range: Range<u64>) -> Result<Vec<u8>, StorageError> {
        let files = self.files.borrow();
        let bytes = files.get(path).ok_or_else(|| StorageError::NotFound { path: path.to_owned() })?;
        let part = usize::try_from(range.start)
            .ok()
            .zip(usize::try_from(range.end).ok())
            .and_then(|(start, end)| bytes.get(start..end));
        part.map(<[u8]>::to_vec).ok_or_else(|| StorageError::Failed {
            action: "read",
            reason: format!("bytes {}..{} of {}", range.start, range.end, bytes.len()),
            path: path.to_owned(),
        })
    }

    async fn write(&self, path: &str, bytes: &[u8]) -> Result<(), StorageError> {
        self.files.borrow_mut().insert(path.to_owned(), bytes.to_vec());
        Ok(())
    }

    async fn remove(&self, path: &str) -> Result<(), StorageError> {
        match self.files.borrow_mut().remove(path) {
            Some(_) => Ok(()),
            None => Err(StorageError::NotFound { path: path.to_owned() }),
        }
    }
}
