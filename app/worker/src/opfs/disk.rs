//! The browser's private file system in its own terms: handles of folders and files, by their paths from its root. Handles
//! of folders are kept: looking one up costs as much as writing a small file.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

use js_sys::{AsyncIterator, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, File, FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetDirectoryOptions,
    FileSystemGetFileOptions, FileSystemHandle, FileSystemReadWriteOptions, FileSystemSyncAccessHandle,
};

use crate::shell::blobs::NO_ROOM;

/// The whole file system of this site.
pub struct Disk {
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
    fn write(this: &WholeFileStream, content: &Blob) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn close(this: &WholeFileStream) -> Result<Promise, JsValue>;
}

/// What is left in the place of a file that was put elsewhere.
#[derive(PartialEq, Eq)]
pub enum Left {
    Nothing,
    Original,
}

impl Disk {
    /// The file system below this handle.
    pub fn new(root: FileSystemDirectoryHandle) -> Self {
        Self { root, folders: RefCell::default(), next: Cell::new(0) }
    }

    /// A folder, made if that is wanted.
    pub async fn folder(&self, place: &str, create: bool) -> Result<FileSystemDirectoryHandle, JsValue> {
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
    pub fn forget(&self, place: &str) {
        let inside = format!("{place}/");
        self.folders.borrow_mut().retain(|known, _| known != place && !known.starts_with(&inside));
    }

    /// A file, made with its folders if that is wanted.
    pub async fn file(&self, place: &str, create: bool) -> Result<FileSystemFileHandle, JsValue> {
        let (folder, name) = split(place);
        let folder = self.folder(folder, create).await?;
        file_in(&folder, name, create).await
    }

    /// A file as it is now; reading it needs no lock.
    pub async fn snapshot(&self, place: &str) -> Result<File, JsValue> {
        let file = self.file(place, false).await?;
        Ok(JsFuture::from(file.get_file()).await?.unchecked_into())
    }

    /// Opens a file to write to it; nobody else can until it is closed.
    pub async fn open(&self, file: &FileSystemFileHandle) -> Result<FileSystemSyncAccessHandle, JsValue> {
        Ok(JsFuture::from(file.create_sync_access_handle()).await?.unchecked_into())
    }

    /// Moves a file to a place. Where the browser cannot move files, it copies it, which appears as whole.
    pub async fn put(&self, file: &FileSystemFileHandle, place: &str) -> Result<Left, JsValue> {
        if can_move(file) {
            let (folder, name) = split(place);
            let folder = self.folder(folder, true).await?;
            JsFuture::from(file.unchecked_ref::<MovableFile>().move_to(&folder, name)?).await?;
            return Ok(Left::Nothing);
        }
        let source: Blob = JsFuture::from(file.get_file()).await?.unchecked_into();
        let target = self.file(place, true).await?;
        let stream: WholeFileStream = JsFuture::from(target.create_writable()).await?.unchecked_into();
        JsFuture::from(stream.write(&source)?).await?;
        JsFuture::from(stream.close()?).await?;
        Ok(Left::Original)
    }

    /// A name that no other file which is being written has.
    pub fn temporary(&self) -> String {
        let number = self.next.get();
        self.next.set(number + 1);
        number.to_string()
    }
}

/// The folder and the name of a path.
pub fn split(place: &str) -> (&str, &str) {
    place.rsplit_once('/').unwrap_or(("", place))
}

/// Whether the browser can move files.
fn can_move(file: &FileSystemFileHandle) -> bool {
    // Only asking about what is no object fails.
    Reflect::has(file, &"move".into()).unwrap_or(false)
}

/// A file of a folder, made if that is wanted.
pub async fn file_in(
    folder: &FileSystemDirectoryHandle,
    name: &str,
    create: bool,
) -> Result<FileSystemFileHandle, JsValue> {
    let options = FileSystemGetFileOptions::new();
    options.set_create(create);
    Ok(JsFuture::from(folder.get_file_handle_with_options(name, &options)).await?.unchecked_into())
}

/// Writes at a place of a file.
pub fn write_at(access: &FileSystemSyncAccessHandle, bytes: &[u8], at: f64) -> Result<(), JsValue> {
    let options = FileSystemReadWriteOptions::new();
    options.set_at(at);
    let written = access.write_with_u8_array_and_options(bytes, &options)?;
    #[expect(clippy::cast_precision_loss, reason = "WebAssembly's memory is smaller than 2^53 bytes")]
    let expected = bytes.len() as f64;
    all_written(written, expected)
}

/// Writes behind the `size` bytes of a file. What could not be written whole is cut off again, or else the next bytes
/// would come after a fragment.
pub fn write_at_end(access: &FileSystemSyncAccessHandle, bytes: &[u8], size: f64) -> Result<(), JsValue> {
    let written = write_at(access, bytes, size);
    if written.is_err() {
        // The first failure is the one to report.
        let _ = access.truncate_with_f64(size);
    }
    written
}

/// Makes sure that all was taken.
pub fn all_written(written: f64, expected: f64) -> Result<(), JsValue> {
    if written < expected {
        let error = js_sys::Error::new(&format!("only {written} of {expected} bytes were taken"));
        // A file takes a part of what it is given only when there is no room for the rest.
        error.set_name(NO_ROOM);
        return Err(error.into());
    }
    Ok(())
}

/// Whether an entry is a folder.
pub fn is_folder(entry: &FileSystemHandle) -> bool {
    entry.is_instance_of::<FileSystemDirectoryHandle>()
}

/// What is in a folder.
pub async fn entries_of(folder: &FileSystemDirectoryHandle) -> Result<Vec<FileSystemHandle>, JsValue> {
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
