//! Where files live. Everything in this crate that reads or writes goes through a [`Storage`]: a folder on disk, the
//! browser's private file system, dropped files, or memory. Paths are relative to the storage's root, use `/`, and
//! have no leading slash; the root itself is the empty string.

use std::{cell::RefCell, collections::BTreeMap, ops::Range};

use async_trait::async_trait;

/// What can go wrong with a file. The path comes last in every message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StorageError {
    /// There is no such file or folder.
    #[error("no such file: {path}")]
    NotFound {
        /// Path within the storage, or on disk where the storage knows it.
        path: String,
    },
    /// There is no room left for what should be written.
    #[error("there is no room left for this file: remove something, then try again: {path}")]
    Full {
        /// Path within the storage, or on disk where the storage knows it.
        path: String,
    },
    /// The file exists, but what was asked of it failed.
    #[error("could not {action}: {reason}: {path}")]
    Failed {
        /// What was tried, as a verb: `read`, `write`, `list`, `remove`.
        action: &'static str,
        /// What the system answered.
        reason: String,
        /// Path within the storage, or on disk where the storage knows it.
        path: String,
    },
}

/// A file below a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEntry {
    /// Path relative to the storage's root.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
}

/// A tree of files.
#[async_trait(?Send)]
pub trait Storage {
    /// Every file below `folder`, at any depth, sorted by path.
    ///
    /// # Errors
    /// [`StorageError::NotFound`] when there is no such folder.
    async fn list(&self, folder: &str) -> Result<Vec<FileEntry>, StorageError>;

    /// The size of a file in bytes.
    ///
    /// # Errors
    /// [`StorageError::NotFound`] when there is no such file.
    async fn size(&self, path: &str) -> Result<u64, StorageError>;

    /// The bytes `range` of a file.
    ///
    /// # Errors
    /// [`StorageError::Failed`] when the range reaches past the end of the file.
    async fn read_range(&self, path: &str, range: Range<u64>) -> Result<Vec<u8>, StorageError>;

    /// A whole file.
    ///
    /// # Errors
    /// [`StorageError::NotFound`] when there is no such file.
    async fn read(&self, path: &str) -> Result<Vec<u8>, StorageError> {
        let size = self.size(path).await?;
        self.read_range(path, 0..size).await
    }

    /// Writes a whole file, making the folders it needs. A reader sees the old content or the new, never a part.
    ///
    /// # Errors
    /// [`StorageError::Full`] when there is no room, [`StorageError::Failed`] when there is no permission; an older file
    /// of that name is kept.
    async fn write(&self, path: &str, bytes: &[u8]) -> Result<(), StorageError>;

    /// Removes a file.
    ///
    /// # Errors
    /// [`StorageError::NotFound`] when there is no such file.
    async fn remove(&self, path: &str) -> Result<(), StorageError>;

    /// Whether there is a file at `path`.
    async fn exists(&self, path: &str) -> bool {
        self.size(path).await.is_ok()
    }
}

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
