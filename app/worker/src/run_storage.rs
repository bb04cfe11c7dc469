//! A run's folder as core writes to it. Without room for a file the run asks once, and then goes on without keeping it.

use std::{ops::Range, rc::Rc};

use async_trait::async_trait;
use signal_studio_core::storage::{FileEntry, Storage, StorageError};

use crate::{active_run::ActiveRun, opfs::Opfs};

/// The folder of the run under way.
pub struct RunStorage {
    /// The folder.
    pub folder: Opfs,
    /// The run.
    pub run: Rc<ActiveRun>,
}

#[async_trait(?Send)]
impl Storage for RunStorage {
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
        self.folder.read(path).await
    }

    async fn write(&self, path: &str, bytes: &[u8]) -> Result<(), StorageError> {
        let mut written = self.folder.write(path, bytes).await;
        if let Err(full @ StorageError::Full { .. }) = &written
            && self.run.can_ask_about_room()
        {
            self.run.ask_about_room(full).await?;
            written = self.folder.write(path, bytes).await;
        }
        match written {
            Err(StorageError::Full { .. }) if self.run.has_asked_about_room() => {
                self.run.note_unkept(path);
                Ok(())
            }
            Ok(()) => {
                self.run.note_kept(path);
                Ok(())
            }
            failed => failed,
        }
    }

    async fn remove(&self, path: &str) -> Result<(), StorageError> {
        self.folder.remove(path).await
    }
}
