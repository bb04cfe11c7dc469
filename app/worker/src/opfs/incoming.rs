//! Files that are written under another name, through a synchronous handle, and get their place when they are whole.

use std::rc::Rc;

use async_trait::async_trait;
use signal_studio_app_shared::shell::names::INCOMING;
use signal_studio_core::storage::{FileWriter, StorageError};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemSyncAccessHandle};

use super::disk::{Disk, Left, file_in, write_at_end};
use crate::shell::blobs::storage_error;

/// A file that is being written.
pub struct IncomingFile {
    disk: Rc<Disk>,
    folder: FileSystemDirectoryHandle,
    name: String,
    file: FileSystemFileHandle,
    access: FileSystemSyncAccessHandle,
    size: u64,
    place: String,
    /// Whether there is something to remove where it was written.
    is_left: bool,
}

impl IncomingFile {
    /// A file that is to have its place at `place`, from the file system's root.
    ///
    /// # Errors
    /// [`StorageError::Full`] when there is no room, [`StorageError::Failed`].
    pub async fn begin(disk: Rc<Disk>, place: String) -> Result<Self, StorageError> {
        let opened: Result<_, JsValue> = async {
            let (folder, name) = (disk.folder(INCOMING, true).await?, disk.temporary());
            let file = file_in(&folder, &name, true).await?;
            let access = disk.open(&file).await?;
            Ok((folder, name, file, access))
        }
        .await;
        let (folder, name, file, access) = opened.map_err(|error| storage_error("write", &place, &error))?;
        Ok(Self { disk, folder, name, file, access, size: 0, place, is_left: true })
    }
}

#[async_trait(?Send)]
impl FileWriter for IncomingFile {
    #[expect(clippy::cast_precision_loss, reason = "sizes are below 2^53")]
    async fn add(&mut self, bytes: &[u8]) -> Result<(), StorageError> {
        let added = write_at_end(&self.access, bytes, self.size as f64);
        added.map_err(|error| storage_error("write", &self.place, &error))?;
        self.size += bytes.len() as u64;
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<(), StorageError> {
        self.access.close();
        let put = self.disk.put(&self.file, &self.place).await;
        self.is_left = put.map_err(|error| storage_error("write", &self.place, &error))? == Left::Original;
        Ok(())
    }
}

impl Drop for IncomingFile {
    fn drop(&mut self) {
        self.access.close();
        if self.is_left {
            let removed = JsFuture::from(self.folder.remove_entry(&self.name));
            // What cannot be removed now is when the worker starts the next time.
            spawn_local(async { drop(removed.await) });
        }
    }
}
