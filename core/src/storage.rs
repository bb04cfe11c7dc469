//! Where files live. Everything in this crate that reads or writes goes through a [`Storage`]: a folder on disk, the
//! browser's private file system, dropped files, or memory. Paths are relative to the storage's root, use `/`, and
//! have no leading slash; the root itself is the empty string.

mod delegate;
#[cfg(test)]
pub(crate) mod limited;
mod memory;

use std::ops::Range;

use async_trait::async_trait;

pub use memory::MemoryStorage;

/// What can go wrong with a file. The path comes last in every message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StorageError {
    /// There is no such file or folder.
    #[error("no such file: {path}")]
    NotFound {
        /// Path within the storage, or on disk where the storage knows it.
        path: String,
    },
    /// There is no room left for what should be written.
    #[error("there is no room left for this file: remove something, then try again: {path}")]
    Full {
        /// Path within the storage, or on disk where the storage knows it.
        path: String,
    },
    /// There is no room left, and it was decided to go on without keeping what finds none.
    #[error("this file is not kept, since there is no room for it: {path}")]
    NotKept {
        /// Path within the storage.
        path: String,
    },
    /// The file exists, but what was asked of it failed.
    #[error("could not {action}: {reason}: {path}")]
    Failed {
        /// What was tried, as a verb: `read`, `write`, `list`, `remove`.
        action: &'static str,
        /// What the system answered.
        reason: String,
        /// Path within the storage, or on disk where the storage knows it.
        path: String,
    },
}

/// A file below a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEntry {
    /// Path relative to the storage's root.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
}

/// A tree of files.
#[async_trait(?Send)]
pub trait Storage {
    /// Every file below `folder`, at any depth, sorted by path.
    ///
    /// # Errors
    /// [`StorageError::NotFound`] when there is no such folder.
    async fn list(&self, folder: &str) -> Result<Vec<FileEntry>, StorageError>;

    /// The size of a file in bytes.
    ///
    /// # Errors
    /// [`StorageError::NotFound`] when there is no such file.
    async fn size(&self, path: &str) -> Result<u64, StorageError>;

    /// The bytes `range` of a file.
    ///
    /// # Errors
    /// [`StorageError::Failed`] when the range reaches past the end of the file.
    async fn read_range(&self, path: &str, range: Range<u64>) -> Result<Vec<u8>, StorageError>;

    /// A whole file.
    ///
    /// # Errors
    /// [`StorageError::NotFound`] when there is no such file.
    async fn read(&self, path: &str) -> Result<Vec<u8>, StorageError> {
        let size = self.size(path).await?;
        self.read_range(path, 0..size).await
    }

    /// Writes a whole file, making the folders it needs. A reader sees the old content or the new, never a part.
    ///
    /// # Errors
    /// [`StorageError::Full`] when there is no room, [`StorageError::NotKept`] when it was decided to go on all the same,
    /// [`StorageError::Failed`] when there is no permission; an older file of that name is kept.
    async fn write(&self, path: &str, bytes: &[u8]) -> Result<(), StorageError>;

    /// Begins a file that is written piece by piece, for what is too large to be put together first. Where a storage has
    /// no way of its own, the pieces are gathered in memory.
    ///
    /// # Errors
    /// As [`Self::write`].
    async fn begin<'a>(&'a self, path: &str) -> Result<Box<dyn FileWriter + 'a>, StorageError> {
        Ok(Box::new(Gathered { storage: self, path: path.to_owned(), bytes: Vec::new() }))
    }

    /// Removes a file.
    ///
    /// # Errors
    /// [`StorageError::NotFound`] when there is no such file.
    async fn remove(&self, path: &str) -> Result<(), StorageError>;

    /// Whether there is a file at `path`.
    ///
    /// # Errors
    /// When that cannot be told: only [`StorageError::NotFound`] means that there is none.
    async fn exists(&self, path: &str) -> Result<bool, StorageError> {
        match self.size(path).await {
            Ok(_) => Ok(true),
            Err(StorageError::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// A file that is being written. Until it is finished, readers see an older file of that name or none; when it is
/// dropped before, nothing of it stays.
#[async_trait(?Send)]
pub trait FileWriter {
    /// Adds bytes at the end: all of them or, when that fails, none, so that it can be tried again.
    ///
    /// # Errors
    /// As [`Storage::write`].
    async fn add(&mut self, bytes: &[u8]) -> Result<(), StorageError>;

    /// Gives the file its name.
    ///
    /// # Errors
    /// As [`Storage::write`]; nothing of the file stays then.
    async fn finish(self: Box<Self>) -> Result<(), StorageError>;
}

/// Pieces that become a file at once.
struct Gathered<'a, S: ?Sized> {
    storage: &'a S,
    path: String,
    bytes: Vec<u8>,
}

#[async_trait(?Send)]
impl<S: Storage + ?Sized> FileWriter for Gathered<'_, S> {
    async fn add(&mut self, bytes: &[u8]) -> Result<(), StorageError> {
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<(), StorageError> {
        self.storage.write(&self.path, &self.bytes).await
    }
}

#[async_trait(?Send)]
impl<S: Storage + ?Sized> Storage for &S {
    crate::delegate_storage!(|self| **self => list, size, read_range, read, write, begin, remove, exists);
}

/// A folder of a storage as a storage of its own. Errors name files as the outer storage does.
#[derive(Debug, Clone)]
pub struct Below<S> {
    storage: S,
    folder: String,
}

impl<S: Storage> Below<S> {
    /// The files below `folder`; the empty string is the storage's own root.
    pub fn new(storage: S, folder: &str) -> Self {
        Self { storage, folder: folder.trim_matches('/').to_owned() }
    }

    /// A path of this storage as the outer one has it.
    fn outer(&self, path: &str) -> String {
        match (self.folder.as_str(), path) {
            ("", path) => path.to_owned(),
            (folder, "") => folder.to_owned(),
            (folder, path) => format!("{folder}/{path}"),
        }
    }
}

#[async_trait(?Send)]
impl<S: Storage> Storage for Below<S> {
    async fn list(&self, folder: &str) -> Result<Vec<FileEntry>, StorageError> {
        let mut files = self.storage.list(&self.outer(folder)).await?;
        if !self.folder.is_empty() {
            // Everything listed lies below the folder and its slash.
            files.iter_mut().for_each(|file| drop(file.path.drain(..=self.folder.len())));
        }
        Ok(files)
    }

    async fn size(&self, path: &str) -> Result<u64, StorageError> {
        self.storage.size(&self.outer(path)).await
    }

    async fn read_range(&self, path: &str, range: Range<u64>) -> Result<Vec<u8>, StorageError> {
        self.storage.read_range(&self.outer(path), range).await
    }

    async fn read(&self, path: &str) -> Result<Vec<u8>, StorageError> {
        self.storage.read(&self.outer(path)).await
    }

    async fn write(&self, path: &str, bytes: &[u8]) -> Result<(), StorageError> {
        self.storage.write(&self.outer(path), bytes).await
    }

    async fn begin<'a>(&'a self, path: &str) -> Result<Box<dyn FileWriter + 'a>, StorageError> {
        self.storage.begin(&self.outer(path)).await
    }

    async fn remove(&self, path: &str) -> Result<(), StorageError> {
        self.storage.remove(&self.outer(path)).await
    }

    async fn exists(&self, path: &str) -> Result<bool, StorageError> {
        self.storage.exists(&self.outer(path)).await
    }
}

#[cfg(test)]
mod tests {
    use pollster::block_on;

    use super::*;

    #[test]
    fn a_folder_is_a_storage_of_its_own() {
        let whole = MemoryStorage::with_files([("a/b/x.edf", vec![1, 2]), ("a/b/c/y.edf", vec![3]), ("a/z", vec![])]);
        let below = Below::new(&whole as &dyn Storage, "a/b/");
        let paths =
            |folder| block_on(below.list(folder)).unwrap().into_iter().map(|file| file.path).collect::<Vec<_>>();
        assert_eq!(paths(""), ["c/y.edf", "x.edf"]);
        assert_eq!(paths("c"), ["c/y.edf"]);
        assert_eq!(block_on(below.read("x.edf")).unwrap(), [1, 2]);
        assert_eq!(block_on(below.read_range("x.edf", 1..2)).unwrap(), [2]);
        assert_eq!(block_on(below.size("c/y.edf")), Ok(1));
        assert_eq!(block_on(below.exists("x.edf")), Ok(true));
        assert_eq!(block_on(below.exists("z")), Ok(false));

        block_on(below.write("new", &[7])).unwrap();
        assert_eq!(block_on(whole.read("a/b/new")).unwrap(), [7]);
        let mut file = block_on(below.begin("new")).unwrap();
        block_on(file.add(&[8])).unwrap();
        block_on(file.add(&[9])).unwrap();
        assert_eq!(block_on(whole.read("a/b/new")).unwrap(), [7], "until it is finished");
        block_on(file.finish()).unwrap();
        assert_eq!(block_on(whole.read("a/b/new")).unwrap(), [8, 9]);
        block_on(below.remove("new")).unwrap();
        assert_eq!(block_on(below.remove("new")), Err(StorageError::NotFound { path: "a/b/new".to_owned() }));
    }

    #[test]
    fn below_the_root_is_the_storage_itself() {
        let below = Below::new(MemoryStorage::with_files([("a/x", vec![1])]), "");
        assert_eq!(block_on(below.list("")).unwrap()[0].path, "a/x");
        assert_eq!(block_on(below.read("a/x")).unwrap(), [1]);
    }

    /// A disk that has been pulled out.
    struct Gone;

    impl Gone {
        fn error(path: &str) -> StorageError {
            StorageError::Failed { action: "read", reason: "the disk is gone".to_owned(), path: path.to_owned() }
        }
    }

    #[async_trait(?Send)]
    impl Storage for Gone {
        async fn list(&self, folder: &str) -> Result<Vec<FileEntry>, StorageError> {
            Err(Self::error(folder))
        }

        async fn size(&self, path: &str) -> Result<u64, StorageError> {
            Err(Self::error(path))
        }

        async fn read_range(&self, path: &str, _: Range<u64>) -> Result<Vec<u8>, StorageError> {
            Err(Self::error(path))
        }

        async fn write(&self, path: &str, _: &[u8]) -> Result<(), StorageError> {
            Err(Self::error(path))
        }

        async fn remove(&self, path: &str) -> Result<(), StorageError> {
            Err(Self::error(path))
        }
    }

    #[test]
    fn a_file_that_cannot_be_looked_for_is_not_said_to_be_missing() {
        assert_eq!(block_on(Gone.exists("a")), Err(Gone::error("a")));
        let below = Below::new(&Gone as &dyn Storage, "folder");
        assert_eq!(block_on(below.exists("a")), Err(Gone::error("folder/a")));
    }
}
