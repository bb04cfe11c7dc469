//! Files that are added to while a run goes on: its journal, and its TensorBoard file. Bytes can be added at any time; they
//! wait in memory until they are written behind those that the file has.

use std::cell::RefCell;

use signal_studio_core::storage::StorageError;

use crate::{opfs::Opfs, shell::lock::Lock};

/// A file that is only ever added to.
pub struct AppendFile {
    folder: Opfs,
    path: String,
    waiting: RefCell<Vec<u8>>,
    writing: Lock,
}

impl AppendFile {
    /// A file of this folder. It is made when something is written.
    pub fn new(folder: Opfs, path: String) -> Self {
        Self { folder, path, waiting: RefCell::default(), writing: Lock::default() }
    }

    /// Adds bytes, which wait for the next [`AppendFile::write`].
    pub fn add(&self, bytes: &[u8]) {
        self.waiting.borrow_mut().extend_from_slice(bytes);
    }

    /// Writes what waits.
    ///
    /// # Errors
    /// [`StorageError::Full`] when there is no room; what waits goes on waiting.
    pub async fn write(&self) -> Result<(), StorageError> {
        // Only one handle at a time can add to a file.
        let _writing = self.writing.take().await;
        let bytes = self.waiting.take();
        if bytes.is_empty() {
            return Ok(());
        }
        let written = self.folder.append(&self.path, &bytes).await;
        if written.is_err() {
            self.waiting.borrow_mut().splice(0..0, bytes);
        }
        written
    }
}
