//! Core's [`Storage`] over a folder of the browser's private file system, whose files belong to this site alone.
//!
//! Files are read through snapshots (`getFile`), which need no lock, so that a sample can be shown while a run reads it
//! too. They are written under another name, through a synchronous handle, and moved to their place, so that what is
//! there is whole.

use std::{ops::Range, rc::Rc};

use async_trait::async_trait;
use js_sys::{Array, Promise, Reflect};
use signal_studio_core::storage::{FileEntry, FileWriter, Storage, StorageError};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, FileSystemFileHandle, FileSystemRemoveOptions};

use super::{
    disk::{Disk, Left, entries_of, is_folder, split, write_at_end},
    incoming::IncomingFile,
    new_file::NewFile,
};
use crate::shell::{
    blobs::{read_blob, size_of_blob, storage_error},
    errors::{Failure, Outcome},
    scope::scope,
};

/// A folder of the private file system.
#[derive(Clone)]
pub struct Opfs {
    disk: Rc<Disk>,
    /// Path from the file system's root, without slashes at its ends.
    root: String,
}

impl Opfs {
    /// Makes sure that the browser has a private file system for this page.
    ///
    /// # Errors
    /// [`FaultKind::Request`](signal_studio_app_shared::protocol::FaultKind::Request) says where there is one.
    pub fn must_be_offered() -> Outcome<()> {
        let storage: JsValue = scope().navigator().storage().into();
        // To read a property of nothing is an error.
        let has =
            |object: &JsValue, name: &str| Reflect::get(object, &name.into()).is_ok_and(|found| found.is_function());
        if has(&storage, "getDirectory") && has(&scope(), "FileSystemSyncAccessHandle") {
            return Ok(());
        }
        Err(Failure::request(if scope().is_secure_context() {
            "this browser keeps no files for a page: current versions of Chrome, Edge, Firefox and Safari do"
        } else {
            "a browser keeps files only for a page that comes over https, or from your own machine (http://localhost)"
        }))
    }

    /// The whole file system of this site.
    ///
    /// # Errors
    /// What the browser says when it has none, as in some private windows.
    pub async fn open() -> Result<Self, JsValue> {
        let root = JsFuture::from(scope().navigator().storage().get_directory()).await?.unchecked_into();
        Ok(Self { disk: Rc::new(Disk::new(root)), root: String::new() })
    }

    /// A folder below this one, whether it is there or not.
    pub fn below(&self, folder: &str) -> Self {
        Self { disk: self.disk.clone(), root: self.place(folder) }
    }

    /// Its path from the file system's root.
    pub fn path(&self) -> &str {
        &self.root
    }

    /// The names of the folders in this one.
    ///
    /// # Errors
    /// [`StorageError::Failed`]. A folder that is not there has none.
    pub async fn folders(&self) -> Result<Vec<String>, StorageError> {
        let read = async {
            let folder = self.disk.folder(&self.root, false).await?;
            let entries = entries_of(&folder).await?;
            Ok(entries.into_iter().filter(is_folder).map(|entry| entry.name()).collect::<Vec<_>>())
        };
        match read.await.map_err(|error| storage_error("list", &self.root, &error)) {
            Err(StorageError::NotFound { .. }) => Ok(Vec::new()),
            names => names,
        }
    }

    /// A file as the browser's own object, for the page.
    ///
    /// # Errors
    /// [`StorageError::NotFound`].
    pub async fn file(&self, path: &str) -> Result<File, StorageError> {
        let place = self.place(path);
        self.disk.snapshot(&place).await.map_err(|error| storage_error("read", &place, &error))
    }

    /// A new file that is written piece by piece, in its place from the start. An older one of that name is emptied.
    ///
    /// # Errors
    /// [`StorageError::Failed`].
    pub async fn create(&self, path: &str) -> Result<NewFile, StorageError> {
        let place = self.place(path);
        let opened = async { self.disk.open(&self.disk.file(&place, true).await?).await };
        let access = opened.await.map_err(|error| storage_error("write", &place, &error))?;
        NewFile::new(access, place)
    }

    /// Adds to the end of a file: all of the bytes, or none of them.
    ///
    /// # Errors
    /// [`StorageError::Full`] when there is no room.
    pub async fn append(&self, path: &str, bytes: &[u8]) -> Result<(), StorageError> {
        let place = self.place(path);
        let added = async {
            let access = self.disk.open(&self.disk.file(&place, true).await?).await?;
            let written = access.get_size().and_then(|size| write_at_end(&access, bytes, size));
            access.close();
            written
        };
        added.await.map_err(|error| storage_error("write", &place, &error))
    }

    /// Cuts a file off behind its first `size` bytes.
    ///
    /// # Errors
    /// [`StorageError::NotFound`].
    #[expect(clippy::cast_precision_loss, reason = "sizes are below 2^53")]
    pub async fn truncate(&self, path: &str, size: u64) -> Result<(), StorageError> {
        let place = self.place(path);
        let cut = async {
            let access = self.disk.open(&self.disk.file(&place, false).await?).await?;
            let cut = access.truncate_with_f64(size as f64);
            access.close();
            cut
        };
        cut.await.map_err(|error| storage_error("shorten", &place, &error))
    }

    /// Moves a file of this folder to a path in another; where the browser cannot, it is copied.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn move_file(&self, path: &str, into: &Self, name: &str) -> Result<(), StorageError> {
        let (place, target) = (self.place(path), into.place(name));
        let moved = async { self.disk.put(&self.disk.file(&place, false).await?, &target).await };
        if moved.await.map_err(|error| storage_error("write", &target, &error))? == Left::Original {
            self.remove(path).await?;
        }
        Ok(())
    }

    /// Removes a folder below this one, or this one itself (`""`), and all that is in it; one that is not there is as
    /// good as removed.
    ///
    /// # Errors
    /// [`StorageError::Failed`].
    pub async fn remove_folder(&self, folder: &str) -> Result<(), StorageError> {
        let place = self.place(folder);
        self.disk.forget(&place);
        let removed = async {
            let (parent, name) = split(&place);
            let parent = self.disk.folder(parent, false).await?;
            let options = FileSystemRemoveOptions::new();
            options.set_recursive(true);
            JsFuture::from(parent.remove_entry_with_options(name, &options)).await
        };
        let removed = removed.await;
        // Whoever looked into the folder meanwhile has brought its handles back.
        self.disk.forget(&place);
        match removed.map_err(|error| storage_error("remove", &place, &error)) {
            Err(StorageError::NotFound { .. }) | Ok(_) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn place(&self, path: &str) -> String {
        match (self.root.as_str(), path.trim_matches('/')) {
            (root, "") => root.to_owned(),
            ("", path) => path.to_owned(),
            (root, path) => format!("{root}/{path}"),
        }
    }
}

#[async_trait(?Send)]
impl Storage for Opfs {
    async fn list(&self, folder: &str) -> Result<Vec<FileEntry>, StorageError> {
        let place = self.place(folder);
        let read = async {
            let mut found = Vec::new();
            let mut folders = vec![(self.disk.folder(&place, false).await?, folder.trim_matches('/').to_owned())];
            while let Some((handle, path)) = folders.pop() {
                let (inner, files): (Vec<_>, Vec<_>) = entries_of(&handle).await?.into_iter().partition(is_folder);
                let path_of = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
                folders.extend(inner.into_iter().map(|inner| {
                    let path = path_of(&inner.name());
                    (inner.unchecked_into(), path)
                }));
                // All at once: asking one by one takes six times as long.
                let asked: Array =
                    files.iter().map(|file| file.unchecked_ref::<FileSystemFileHandle>().get_file()).collect();
                let snapshots: Array = JsFuture::from(Promise::all(&asked)).await?.unchecked_into();
                for file in snapshots.iter() {
                    let file: File = file.unchecked_into();
                    found.push(FileEntry { path: path_of(&file.name()), size: size_of_blob(&file) });
                }
            }
            Ok(found)
        };
        let mut entries = read.await.map_err(|error| storage_error("list", &place, &error))?;
        entries.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(entries)
    }

    async fn size(&self, path: &str) -> Result<u64, StorageError> {
        let file = self.file(path).await?;
        Ok(size_of_blob(&file))
    }

    async fn read_range(&self, path: &str, range: Range<u64>) -> Result<Vec<u8>, StorageError> {
        let file = self.file(path).await?;
        read_blob(&file, range, &self.place(path)).await
    }

    async fn read(&self, path: &str) -> Result<Vec<u8>, StorageError> {
        let file = self.file(path).await?;
        read_blob(&file, 0..size_of_blob(&file), &self.place(path)).await
    }

    async fn write(&self, path: &str, bytes: &[u8]) -> Result<(), StorageError> {
        let mut file = self.begin(path).await?;
        file.add(bytes).await?;
        file.finish().await
    }

    async fn begin<'a>(&'a self, path: &str) -> Result<Box<dyn FileWriter + 'a>, StorageError> {
        Ok(Box::new(IncomingFile::begin(self.disk.clone(), self.place(path)).await?))
    }

    async fn remove(&self, path: &str) -> Result<(), StorageError> {
        let place = self.place(path);
        let removed = async {
            let (folder, name) = split(&place);
            let folder = self.disk.folder(folder, false).await?;
            JsFuture::from(folder.remove_entry(name)).await
        };
        removed.await.map(drop).map_err(|error| storage_error("remove", &place, &error))
    }
}
