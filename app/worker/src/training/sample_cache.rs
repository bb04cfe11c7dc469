//! Files that are read again and again, kept in memory: in the browser, opening a small file takes longer than decoding
//! it, and every epoch reads every sample.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    ops::Range,
};

use async_trait::async_trait;
use signal_studio_core::storage::{FileEntry, Storage, StorageError};

use crate::{datasets::packed::Packed, shell::event_loop::yield_if_due};

/// Bytes that are kept at most. Of a larger dataset the first samples are kept, and the others read every time.
pub const ROOM: usize = 256 << 20;

/// A folder whose whole files are read from the file system once. Nobody else may write to it meanwhile.
pub struct SampleCache {
    folder: Packed,
    files: RefCell<HashMap<String, Vec<u8>>>,
    room: Cell<usize>,
}

impl SampleCache {
    /// Over this folder.
    pub fn new(folder: Packed) -> Self {
        Self { folder, files: RefCell::default(), room: Cell::new(ROOM) }
    }
}

#[async_trait(?Send)]
impl Storage for SampleCache {
    async fn list(&self, folder: &str) -> Result<Vec<FileEntry>, StorageError> {
        self.folder.list(folder).await
    }

    async fn size(&self, path: &str) -> Result<u64, StorageError> {
        self.folder.size(path).await
    }

    async fn read_range(&self, path: &str, range: Range<u64>) -> Result<Vec<u8>, StorageError> {
        self.folder.read_range(path, range).await
    }

    async fn read(&self, path: &str) -> Result<Vec<u8>, StorageError> {
        // The file system lets messages in while it is waited for; memory does not.
        yield_if_due().await;
        let known = self.files.borrow().get(path).cloned();
        if let Some(bytes) = known {
            return Ok(bytes);
        }
        let bytes = self.folder.read(path).await?;
        if let Some(left) = self.room.get().checked_sub(bytes.len()) {
            self.room.set(left);
            self.files.borrow_mut().insert(path.to_owned(), bytes.clone());
        }
        Ok(bytes)
    }

    async fn write(&self, path: &str, bytes: &[u8]) -> Result<(), StorageError> {
        self.folder.write(path, bytes).await
    }

    async fn remove(&self, path: &str) -> Result<(), StorageError> {
        self.folder.remove(path).await
    }

    async fn exists(&self, path: &str) -> Result<bool, StorageError> {
        self.folder.exists(path).await
    }
}
