//! A run's folder as core writes to it. Without room for a file the run asks once, and then goes on without keeping it.

use std::{ops::Range, rc::Rc};

use async_trait::async_trait;
use signal_studio_core::storage::{FileEntry, FileWriter, Storage, StorageError};

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
        let mut file = self.begin(path).await?;
        file.add(bytes).await?;
        file.finish().await
    }

    async fn begin<'a>(&'a self, path: &str) -> Result<Box<dyn FileWriter + 'a>, StorageError> {
        let file = self.with_room(async || self.folder.begin(path).await).await?;
        Ok(Box::new(RunFile { storage: self, file, path: path.to_owned() }))
    }

    async fn remove(&self, path: &str) -> Result<(), StorageError> {
        self.folder.remove(path).await
    }
}

impl RunStorage {
    /// Does what takes room. When there is none, the user is asked, once; none, when the run goes on without.
    async fn with_room<T>(
        &self,
        mut attempt: impl AsyncFnMut() -> Result<T, StorageError>,
    ) -> Result<Option<T>, StorageError> {
        let mut done = attempt().await;
        if let Err(full @ StorageError::Full { .. }) = &done
            && self.run.can_ask_about_room()
        {
            self.run.ask_about_room(full).await?;
            done = attempt().await;
        }
        match done {
            Err(StorageError::Full { .. }) if self.run.has_asked_about_room() => Ok(None),
            done => done.map(Some),
        }
    }
}

/// A file of the run that is being written.
struct RunFile<'a> {
    storage: &'a RunStorage,
    /// None when there is no room for it: what else is added goes nowhere.
    file: Option<Box<dyn FileWriter + 'a>>,
    path: String,
}

#[async_trait(?Send)]
impl FileWriter for RunFile<'_> {
    async fn add(&mut self, bytes: &[u8]) -> Result<(), StorageError> {
        if let Some(file) = &mut self.file
            && self.storage.with_room(async || file.add(bytes).await).await?.is_none()
        {
            // What there was of it makes room.
            self.file = None;
        }
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<(), StorageError> {
        let Self { storage, file, path } = *self;
        let mut file = file;
        // Taken by the first attempt: a file that found no room for its name is lost.
        let finished = storage.with_room(async || match file.take() {
            Some(file) => file.finish().await.map(|()| true),
            None => Ok(false),
        });
        match finished.await? {
            Some(true) => storage.run.note_kept(&path),
            Some(false) | None => storage.run.note_unkept(&path),
        }
        Ok(())
    }
}
