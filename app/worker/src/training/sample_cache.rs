//! Files that are read again and again, kept in memory: in the browser, opening a small file takes longer than decoding
//! it, and every epoch reads every sample.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
};

use async_trait::async_trait;
use signal_studio_core::{
    delegate_storage,
    storage::{Storage, StorageError},
};

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
    delegate_storage!(|self| self.folder => list, size, read_range, write, remove, exists);

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
}
