//! Files that a user drops on the page or picks in a dialog. Folders are walked to their leaves: a [`Picked`] holds
//! every file with its path.

use js_sys::{Array, Function, Promise, Reflect};
use signal_studio_app_shared::datasets::dropping::rooted;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransfer, File, FileList, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry};

/// What was dropped or picked.
#[derive(Debug, Clone)]
pub struct Picked {
    /// The folder's name, or the first file's.
    pub title: String,
    /// The files by their paths below the folder, sorted by path.
    pub files: Vec<(String, File)>,
}

impl Picked {
    /// Of files by their full paths; nothing when there is none.
    fn of(files: Vec<(String, File)>) -> Option<Self> {
        rooted(files).map(|(title, files)| Self { title, files })
    }
}

/// What an input of type `file` holds; nothing when its dialog was cancelled.
pub fn picked(list: &FileList) -> Option<Picked> {
    let files = (0..list.length()).filter_map(|index| list.get(index)).map(|file| (path_of(&file), file)).collect();
    Picked::of(files)
}

/// A picked file's path: with its folders where a folder was picked.
fn path_of(file: &File) -> String {
    // web-sys does not know the property.
    let path = Reflect::get(file, &JsValue::from_str("webkitRelativePath")).ok().and_then(|path| path.as_string());
    path.filter(|path| !path.is_empty()).unwrap_or_else(|| file.name())
}

/// Whether what is dragged are files.
pub fn holds_files(transfer: &DataTransfer) -> bool {
    transfer.types().includes(&JsValue::from_str("Files"), 0)
}

/// What was dropped, to be walked later: a drop can only be looked into while its event is handled.
pub struct Dropped {
    entries: Vec<FileSystemEntry>,
    files: Vec<(String, File)>,
}

impl Dropped {
    /// Takes what a drop event carries.
    pub fn of(transfer: &DataTransfer) -> Self {
        let items = transfer.items();
        let mut dropped = Self { entries: Vec::new(), files: Vec::new() };
        for item in (0..items.length()).filter_map(|index| items.get(index)).filter(|item| item.kind() == "file") {
            // A file that a script made has no entry.
            match item.webkit_get_as_entry() {
                Ok(Some(entry)) => dropped.entries.push(entry),
                _ => dropped.files.extend(item.get_as_file().ok().flatten().map(|file| (file.name(), file))),
            }
        }
        dropped
    }

    /// All files in it; nothing when there is none.
    ///
    /// # Errors
    ///
    /// With a sentence that names the file or folder that the browser may not read.
    pub async fn walk(self) -> Result<Option<Picked>, String> {
        let Self { mut entries, mut files } = self;
        while let Some(entry) = entries.pop() {
            let path = entry.full_path().trim_start_matches('/').to_owned();
            if entry.is_directory() {
                let found = entries_of(entry.unchecked_ref()).await.map_err(|error| unreadable(&path, &error))?;
                entries.extend(found);
            } else {
                let file = file_of(entry.unchecked_ref()).await.map_err(|error| unreadable(&path, &error))?;
                files.push((path, file));
            }
        }
        Ok(Picked::of(files))
    }
}

/// A folder's entries, which the browser hands out a hundred at a time.
async fn entries_of(folder: &FileSystemDirectoryEntry) -> Result<Vec<FileSystemEntry>, JsValue> {
    let reader = folder.create_reader();
    let mut entries = Vec::new();
    loop {
        let some = called(|done, failed| reader.read_entries_with_callback_and_callback(done, failed)).await?;
        let some = Array::from(&some);
        if some.length() == 0 {
            return Ok(entries);
        }
        entries.extend(some.iter().map(JsCast::unchecked_into::<FileSystemEntry>));
    }
}

async fn file_of(entry: &FileSystemFileEntry) -> Result<File, JsValue> {
    let call = |done: &Function, failed: &Function| {
        entry.file_with_callback_and_callback(done, failed);
        Ok(())
    };
    called(call).await.map(JsCast::unchecked_into)
}

/// What a function with two callbacks gives to one of them.
async fn called(call: impl Fn(&Function, &Function) -> Result<(), JsValue>) -> Result<JsValue, JsValue> {
    JsFuture::from(Promise::new(&mut |done, failed| {
        if let Err(error) = call(&done, &failed) {
            // The promise takes the error; calling its own function cannot fail.
            let _ = failed.call1(&JsValue::NULL, &error);
        }
    }))
    .await
}

fn unreadable(path: &str, error: &JsValue) -> String {
    // The entries' own errors are no `Error`s, and have a message all the same.
    let reason = Reflect::get(error, &JsValue::from_str("message")).ok().and_then(|text| text.as_string());
    let reason = reason.unwrap_or_default();
    format!("The browser may not read “{path}”. {reason}")
}
