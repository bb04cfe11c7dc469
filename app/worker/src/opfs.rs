//! Core's [`Storage`] over the browser's private file system: paths and bytes flow in and out of files that belong to
//! this site alone.
//!
//! Files are read through snapshots (`getFile`), which need no lock, so that a sample can be shown while a run reads it
//! too. They are written under another name, through a synchronous handle, and moved to their place, so that what is
//! there is whole. Handles of folders are kept: looking one up costs as much as writing a small file.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    io::{self, Seek, SeekFrom, Write},
    ops::Range,
    rc::Rc,
};

use async_trait::async_trait;
use js_sys::{Array, AsyncIterator, Promise, Reflect, Uint8Array};
use signal_studio_app_shared::names::INCOMING;
use signal_studio_core::storage::{FileEntry, Storage, StorageError};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    File, FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetDirectoryOptions, FileSystemGetFileOptions,
    FileSystemHandle, FileSystemReadWriteOptions, FileSystemRemoveOptions, FileSystemSyncAccessHandle,
};

use crate::{
    errors::{Failure, Outcome, text_of},
    files::{NO_ROOM, read_blob, size_of_blob, storage_error},
    post::scope,
};

/// A folder of the private file system.
#[derive(Clone)]
pub struct Opfs {
    disk: Rc<Disk>,
    /// Path from the file system's root, without slashes at its ends.
    root: String,
}

struct Disk {
    root: FileSystemDirectoryHandle,
    folders: RefCell<BTreeMap<String, FileSystemDirectoryHandle>>,
    /// Numbers files that are being written.
    next: Cell<u64>,
}

#[wasm_bindgen]
extern "C" {
    /// Moving files, which the bindings do not have yet, as not every browser has it.
    #[wasm_bindgen(extends = FileSystemFileHandle, extends = FileSystemHandle)]
    type MovableFile;

    #[wasm_bindgen(method, catch, js_name = "move")]
    fn move_to(this: &MovableFile, folder: &FileSystemDirectoryHandle, name: &str) -> Result<Promise, JsValue>;

    /// A stream whose file changes when it is closed.
    type WholeFileStream;

    #[wasm_bindgen(method, catch)]
    fn write(this: &WholeFileStream, bytes: &Uint8Array) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn close(this: &WholeFileStream) -> Result<Promise, JsValue>;
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
        let disk = Disk { root, folders: RefCell::default(), next: Cell::new(0) };
        Ok(Self { disk: Rc::new(disk), root: String::new() })
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
        let file = NewFile { access, at: 0, size: 0, place };
        file.access.truncate_with_u32(0).map_err(|error| storage_error("write", &file.place, &error))?;
        Ok(file)
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

    /// Moves a file of this folder to a path in another; where the browser cannot, it is copied.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn move_file(&self, path: &str, into: &Self, name: &str) -> Result<(), StorageError> {
        let (place, target) = (self.place(path), into.place(name));
        let moved = async {
            let file = self.disk.file(&place, false).await?;
            if !can_move(&file) {
                return Ok(false);
            }
            let (folder, name) = split(&target);
            let folder = self.disk.folder(folder, true).await?;
            JsFuture::from(file.unchecked_into::<MovableFile>().move_to(&folder, name)?).await?;
            Ok(true)
        };
        if !moved.await.map_err(|error| storage_error("write", &target, &error))? {
            into.write(name, &self.read(path).await?).await?;
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

impl Disk {
    async fn folder(&self, place: &str, create: bool) -> Result<FileSystemDirectoryHandle, JsValue> {
        if let Some(folder) = self.folders.borrow().get(place) {
            return Ok(folder.clone());
        }
        let mut folder = self.root.clone();
        let ends = place.match_indices('/').map(|(end, _)| end).chain([place.len()]);
        for end in ends.filter(|_| !place.is_empty()) {
            let here = &place[..end];
            let known = self.folders.borrow().get(here).cloned();
            folder = match known {
                Some(known) => known,
                None => {
                    let options = FileSystemGetDirectoryOptions::new();
                    options.set_create(create);
                    let found = folder.get_directory_handle_with_options(split(here).1, &options);
                    let found: FileSystemDirectoryHandle = JsFuture::from(found).await?.unchecked_into();
                    self.folders.borrow_mut().insert(here.to_owned(), found.clone());
                    found
                }
            };
        }
        Ok(folder)
    }

    /// Forgets the handles of a folder and of those in it.
    fn forget(&self, place: &str) {
        let inside = format!("{place}/");
        self.folders.borrow_mut().retain(|known, _| known != place && !known.starts_with(&inside));
    }

    async fn file(&self, place: &str, create: bool) -> Result<FileSystemFileHandle, JsValue> {
        let (folder, name) = split(place);
        let folder = self.folder(folder, create).await?;
        file_in(&folder, name, create).await
    }

    async fn snapshot(&self, place: &str) -> Result<File, JsValue> {
        let file = self.file(place, false).await?;
        Ok(JsFuture::from(file.get_file()).await?.unchecked_into())
    }

    async fn open(&self, file: &FileSystemFileHandle) -> Result<FileSystemSyncAccessHandle, JsValue> {
        Ok(JsFuture::from(file.create_sync_access_handle()).await?.unchecked_into())
    }

    async fn write_whole(&self, place: &str, bytes: &[u8]) -> Result<(), JsValue> {
        let incoming = self.folder(INCOMING, true).await?;
        let temporary = self.temporary();
        let file = file_in(&incoming, &temporary, true).await?;
        if !can_move(&file) {
            JsFuture::from(incoming.remove_entry(&temporary)).await?;
            return self.write_stream(place, bytes).await;
        }
        let (folder, name) = split(place);
        let written = async {
            let access = self.open(&file).await?;
            let written = write_at(&access, bytes, 0.0);
            access.close();
            written?;
            let folder = self.folder(folder, true).await?;
            JsFuture::from(file.unchecked_into::<MovableFile>().move_to(&folder, name)?).await
        };
        let written = written.await.map(drop);
        if written.is_err() {
            // The first failure is the one to tell; what is left is removed when the worker starts.
            let _ = JsFuture::from(incoming.remove_entry(&temporary)).await;
        }
        written
    }

    /// For browsers that cannot move files: slower for large ones, and as whole.
    async fn write_stream(&self, place: &str, bytes: &[u8]) -> Result<(), JsValue> {
        let file = self.file(place, true).await?;
        let stream: WholeFileStream = JsFuture::from(file.create_writable()).await?.unchecked_into();
        JsFuture::from(stream.write(&Uint8Array::from(bytes))?).await?;
        JsFuture::from(stream.close()?).await.map(drop)
    }

    fn temporary(&self) -> String {
        let number = self.next.get();
        self.next.set(number + 1);
        number.to_string()
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
        let place = self.place(path);
        self.disk.write_whole(&place, bytes).await.map_err(|error| storage_error("write", &place, &error))
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

/// A file that is being written; nobody else can open it until this is dropped.
pub struct NewFile {
    access: FileSystemSyncAccessHandle,
    at: u64,
    size: u64,
    place: String,
}

impl NewFile {
    /// Adds bytes that lie outside WebAssembly's memory.
    ///
    /// # Errors
    /// [`StorageError::Full`] when there is no room.
    #[expect(clippy::cast_precision_loss, reason = "offsets are below 2^53")]
    pub fn add(&mut self, bytes: &Uint8Array) -> Result<(), StorageError> {
        let options = FileSystemReadWriteOptions::new();
        options.set_at(self.at as f64);
        let written = self.access.write_with_js_u8_array_and_options(bytes, &options);
        let length = bytes.length();
        let checked = written.and_then(|written| all_written(written, f64::from(length)));
        checked.map_err(|error| storage_error("write", &self.place, &error))?;
        self.at += u64::from(length);
        self.size = self.size.max(self.at);
        Ok(())
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// [`StorageError::Full`] when there is no room.
    #[expect(clippy::cast_precision_loss, reason = "offsets are below 2^53")]
    pub fn add_bytes(&mut self, bytes: &[u8]) -> Result<(), StorageError> {
        let written = write_at(&self.access, bytes, self.at as f64);
        written.map_err(|error| storage_error("write", &self.place, &error))?;
        self.at += bytes.len() as u64;
        self.size = self.size.max(self.at);
        Ok(())
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        self.access.close();
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.add_bytes(bytes).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.access.flush().map_err(|error| io::Error::other(text_of(&error)))
    }
}

impl Seek for NewFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => self.size.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.at.checked_add_signed(offset),
        };
        self.at = target.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a place before the beginning"))?;
        Ok(self.at)
    }
}

/// The folder and the name of a path.
fn split(place: &str) -> (&str, &str) {
    place.rsplit_once('/').unwrap_or(("", place))
}

fn can_move(file: &FileSystemFileHandle) -> bool {
    // Only asking about what is no object fails.
    Reflect::has(file, &"move".into()).unwrap_or(false)
}

async fn file_in(
    folder: &FileSystemDirectoryHandle,
    name: &str,
    create: bool,
) -> Result<FileSystemFileHandle, JsValue> {
    let options = FileSystemGetFileOptions::new();
    options.set_create(create);
    Ok(JsFuture::from(folder.get_file_handle_with_options(name, &options)).await?.unchecked_into())
}

fn write_at(access: &FileSystemSyncAccessHandle, bytes: &[u8], at: f64) -> Result<(), JsValue> {
    let options = FileSystemReadWriteOptions::new();
    options.set_at(at);
    let written = access.write_with_u8_array_and_options(bytes, &options)?;
    #[expect(clippy::cast_precision_loss, reason = "WebAssembly's memory is smaller than 2^53 bytes")]
    let expected = bytes.len() as f64;
    all_written(written, expected)
}

/// Writes behind the `size` bytes of a file. What could not be written whole is cut off again, or else the next bytes
/// would come after a fragment.
fn write_at_end(access: &FileSystemSyncAccessHandle, bytes: &[u8], size: f64) -> Result<(), JsValue> {
    let written = write_at(access, bytes, size);
    if written.is_err() {
        // The first failure is the one to tell.
        let _ = access.truncate_with_f64(size);
    }
    written
}

fn all_written(written: f64, expected: f64) -> Result<(), JsValue> {
    if written < expected {
        let error = js_sys::Error::new(&format!("only {written} of {expected} bytes were taken"));
        // A file takes a part of what it is given only when there is no room for the rest.
        error.set_name(NO_ROOM);
        return Err(error.into());
    }
    Ok(())
}

fn is_folder(entry: &FileSystemHandle) -> bool {
    entry.is_instance_of::<FileSystemDirectoryHandle>()
}

async fn entries_of(folder: &FileSystemDirectoryHandle) -> Result<Vec<FileSystemHandle>, JsValue> {
    let iterator: AsyncIterator = folder.values();
    let mut entries = Vec::new();
    loop {
        let next = JsFuture::from(iterator.next()?).await?;
        if Reflect::get(&next, &"done".into())?.is_truthy() {
            return Ok(entries);
        }
        entries.push(Reflect::get(&next, &"value".into())?.unchecked_into());
    }
}
