//! A dataset's samples in one file. [`Packed`] is a [`Storage`] in which files of subfolders are stretches of one large
//! file, and all others are files of their own: in a browser, opening a small file takes longer than making or decoding
//! what is in it.

use std::{cell::RefCell, collections::BTreeMap, io::Write, ops::Range, rc::Rc};

use async_trait::async_trait;
use signal_studio_core::storage::{FileEntry, Storage, StorageError};
use web_sys::Blob;

use crate::{
    opfs::{NewFile, Opfs},
    shell::{
        blobs::{part_of, read_blob, storage_error},
        event_loop::yield_if_due,
    },
};

/// The samples, one after the other.
const PACK: &str = "samples.pack";
/// Where in it each of them is.
const INDEX: &str = "samples.json";

/// A folder of samples. Samples can be written to a [new](Packed::create) one, and read from one that is
/// [there](Packed::open).
#[derive(Clone)]
pub struct Packed {
    folder: Opfs,
    contents: Rc<RefCell<Contents>>,
}

struct Contents {
    /// By path, the bytes of the pack.
    index: BTreeMap<String, Range<u64>>,
    /// Whether the index has been written as it is.
    is_kept: bool,
    pack: Pack,
}

enum Pack {
    New { file: NewFile, length: u64 },
    Kept { snapshot: Option<Blob> },
}

impl Packed {
    /// Samples that are there; without an index, all of them are files of their own.
    ///
    /// # Errors
    /// [`StorageError::Failed`] when the index cannot be read.
    pub async fn open(folder: Opfs) -> Result<Self, StorageError> {
        let index = match folder.read(INDEX).await {
            Err(StorageError::NotFound { .. }) => BTreeMap::new(),
            read => serde_json::from_slice(&read?).map_err(|error| StorageError::Failed {
                action: "read",
                reason: error.to_string(),
                path: format!("{}/{INDEX}", folder.path()),
            })?,
        };
        Ok(Self::of(folder, Contents { index, is_kept: true, pack: Pack::Kept { snapshot: None } }))
    }

    /// A folder without samples; what was in it is removed.
    ///
    /// # Errors
    /// [`StorageError`] when it cannot be removed or written.
    pub async fn create(folder: Opfs) -> Result<Self, StorageError> {
        folder.remove_folder("").await?;
        let pack = Pack::New { file: folder.create(PACK).await?, length: 0 };
        Ok(Self::of(folder, Contents { index: BTreeMap::new(), is_kept: false, pack }))
    }

    fn of(folder: Opfs, contents: Contents) -> Self {
        Self { folder, contents: Rc::new(RefCell::new(contents)) }
    }

    /// A file as the browser's own object, for the page.
    ///
    /// # Errors
    /// [`StorageError::NotFound`].
    pub async fn blob(&self, path: &str) -> Result<Blob, StorageError> {
        match self.stretch(path) {
            Some(stretch) => {
                part_of(&self.snapshot().await?, &stretch).map_err(|error| storage_error("read", path, &error))
            }
            None => Ok(self.folder.file(path).await?.into()),
        }
    }

    /// Where in the pack a sample is.
    fn stretch(&self, path: &str) -> Option<Range<u64>> {
        self.contents.borrow().index.get(path).cloned()
    }

    async fn snapshot(&self) -> Result<Blob, StorageError> {
        if let Pack::Kept { snapshot: Some(file) } = &self.contents.borrow().pack {
            return Ok(file.clone());
        }
        let file: Blob = self.folder.file(PACK).await?.into();
        if let Pack::Kept { snapshot } = &mut self.contents.borrow_mut().pack {
            *snapshot = Some(file.clone());
        }
        Ok(file)
    }

    /// Writes the index, if it has changed.
    async fn keep_index(&self) -> Result<(), StorageError> {
        let json = {
            let mut contents = self.contents.borrow_mut();
            if contents.is_kept {
                return Ok(());
            }
            if let Pack::New { file, .. } = &mut contents.pack {
                file.flush().map_err(|error| failed("write", error, PACK))?;
            }
            let json = serde_json::to_vec(&contents.index).map_err(|error| failed("write", error, INDEX))?;
            contents.is_kept = true;
            json
        };
        let written = self.folder.write(INDEX, &json).await;
        if written.is_err() {
            self.contents.borrow_mut().is_kept = false;
        }
        written
    }
}

impl Contents {
    fn append(&mut self, path: &str, bytes: &[u8]) -> Result<(), StorageError> {
        let Pack::New { file, length } = &mut self.pack else {
            return Err(failed("write", "samples are written once", path));
        };
        file.add_bytes(bytes)?;
        let start = *length;
        *length += bytes.len() as u64;
        self.index.insert(path.to_owned(), start..*length);
        self.is_kept = false;
        Ok(())
    }

    /// Whether there was such a sample; its bytes stay where they are.
    fn forget(&mut self, path: &str) -> bool {
        let was_there = self.index.remove(path).is_some();
        self.is_kept &= !was_there;
        was_there
    }
}

#[async_trait(?Send)]
impl Storage for Packed {
    async fn list(&self, folder: &str) -> Result<Vec<FileEntry>, StorageError> {
        let below = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let mut entries: Vec<FileEntry> = {
            let contents = self.contents.borrow();
            let samples = contents.index.range(below.clone()..).take_while(|(path, _)| path.starts_with(&below));
            samples.map(|(path, stretch)| FileEntry { path: path.clone(), size: stretch.end - stretch.start }).collect()
        };
        match self.folder.list(folder).await {
            Err(StorageError::NotFound { .. }) if !entries.is_empty() => {}
            listed => entries.extend(listed?.into_iter().filter(|entry| ![PACK, INDEX].contains(&entry.path.as_str()))),
        }
        entries.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(entries)
    }

    async fn size(&self, path: &str) -> Result<u64, StorageError> {
        match self.stretch(path) {
            Some(stretch) => Ok(stretch.end - stretch.start),
            None => self.folder.size(path).await,
        }
    }

    async fn read_range(&self, path: &str, range: Range<u64>) -> Result<Vec<u8>, StorageError> {
        let Some(stretch) = self.stretch(path) else { return self.folder.read_range(path, range).await };
        let size = stretch.end - stretch.start;
        if range.end > size {
            return Err(failed("read", format_args!("bytes {}..{} of {size}", range.start, range.end), path));
        }
        read_blob(&self.snapshot().await?, stretch.start + range.start..stretch.start + range.end, path).await
    }

    async fn write(&self, path: &str, bytes: &[u8]) -> Result<(), StorageError> {
        if path.contains('/') {
            // Nothing here waits for the browser, whose messages would wait.
            yield_if_due().await;
            return self.contents.borrow_mut().append(path, bytes);
        }
        // The tables say that the samples are complete.
        self.keep_index().await?;
        self.folder.write(path, bytes).await
    }

    async fn remove(&self, path: &str) -> Result<(), StorageError> {
        if self.contents.borrow_mut().forget(path) { Ok(()) } else { self.folder.remove(path).await }
    }
}

fn failed(action: &'static str, reason: impl ToString, path: &str) -> StorageError {
    StorageError::Failed { action, reason: reason.to_string(), path: path.to_owned() }
}
