//! A run's folder as core writes to it. Without room for a file the run asks once, and then goes on without keeping it,
//! which core is told.

use std::rc::Rc;

use async_trait::async_trait;
use signal_studio_core::{
    delegate_storage,
    storage::{FileWriter, Storage, StorageError},
};

use crate::{opfs::Opfs, training::active_run::ActiveRun};

/// The folder of the run under way.
pub struct RunStorage {
    /// The folder.
    pub folder: Opfs,
    /// The run.
    pub run: Rc<ActiveRun>,
}

#[async_trait(?Send)]
impl Storage for RunStorage {
    delegate_storage!(|self| self.folder => list, size, read_range, read, remove);

    async fn write(&self, path: &str, bytes: &[u8]) -> Result<(), StorageError> {
        let mut file = self.begin(path).await?;
        file.add(bytes).await?;
        file.finish().await
    }

    async fn begin<'a>(&'a self, path: &str) -> Result<Box<dyn FileWriter + 'a>, StorageError> {
        let file = self.with_room(path, async || self.folder.begin(path).await).await?;
        Ok(Box::new(RunFileWriter { storage: self, file: Some(file), path: path.to_owned() }))
    }
}

impl RunStorage {
    /// Does what takes room. When there is none, the user is asked, once; [`StorageError::NotKept`] when the run goes on
    /// without.
    async fn with_room<T>(
        &self,
        path: &str,
        mut attempt: impl AsyncFnMut() -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let mut done = attempt().await;
        if let Err(full @ StorageError::Full { .. }) = &done
            && self.run.can_ask_about_room()
        {
            self.run.ask_about_room(full).await?;
            done = attempt().await;
        }
        match done {
            Err(StorageError::Full { .. }) if self.run.has_asked_about_room() => {
                self.run.note_unkept(path);
                Err(StorageError::NotKept { path: path.to_owned() })
            }
            done => done,
        }
    }
}

/// A file of the run that is being written.
struct RunFileWriter<'a> {
    storage: &'a RunStorage,
    /// None when there was no room for it: what there was of it has made room.
    file: Option<Box<dyn FileWriter + 'a>>,
    path: String,
}

impl RunFileWriter<'_> {
    fn not_kept(path: &str) -> StorageError {
        StorageError::NotKept { path: path.to_owned() }
    }
}

#[async_trait(?Send)]
impl FileWriter for RunFileWriter<'_> {
    async fn add(&mut self, bytes: &[u8]) -> Result<(), StorageError> {
        let file = self.file.as_mut().ok_or_else(|| Self::not_kept(&self.path))?;
        let added = self.storage.with_room(&self.path, async || file.add(bytes).await).await;
        if let Err(StorageError::NotKept { .. }) = added {
            self.file = None;
        }
        added
    }

    async fn finish(self: Box<Self>) -> Result<(), StorageError> {
        let Self { storage, mut file, path } = *self;
        // Taken by the first attempt: a file that found no room for its name is lost.
        let finished = storage.with_room(&path, async || match file.take() {
            Some(file) => file.finish().await,
            None => Err(StorageError::Full { path: path.clone() }),
        });
        finished.await?;
        storage.run.note_kept(&path);
        Ok(())
    }
}
