//! Where files live. Everything in this crate that reads or writes goes through a [`Storage`]: a folder on disk, the
//! browser's private file system, dropped files, or memory. Paths are relative to the storage's root, use `/`, and
//! have no leading slash; the root itself is the empty string.

use std::{cell::RefCell, collections::BTreeMap, ops::Range};

use async_trait::async_trait;

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
    /// [`StorageError::Full`] when there is no room, [`StorageError::Failed`] when there is no permission; an older file
    /// of that name is kept.
    async fn write(&self, path: &str, bytes: &[u8]) -> Result<(), StorageError>;

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

#[async_trait(?Send)]
impl<S: Storage + ?Sized> Storage for &S {
    async fn list(&self, folder: &str) -> Result<Vec<FileEntry>, StorageError> {
        (**self).list(folder).await
    }

    async fn size(&self, path: &str) -> Result<u64, StorageError> {
        (**self).size(path).await
    }

    async fn read_range(&self, path: &str, range: Range<u64>) -> Result<Vec<u8>, StorageError> {
        (**self).read_range(path, range).await
    }

    async fn read(&self, path: &str) -> Result<Vec<u8>, StorageError> {
        (**self).read(path).await
    }

    async fn write(&self, path: &str, bytes: &[u8]) -> Result<(), StorageError> {
        (**self).write(path, bytes).await
    }

    async fn remove(&self, path: &str) -> Result<(), StorageError> {
        (**self).remove(path).await
    }

    async fn exists(&self, path: &str) -> Result<bool, StorageError> {
        (**self).exists(path).await
    }
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

    async fn remove(&self, path: &str) -> Result<(), StorageError> {
        self.storage.remove(&self.outer(path)).await
    }

    async fn exists(&self, path: &str) -> Result<bool, StorageError> {
        self.storage.exists(&self.outer(path)).await
    }
}

/// Files held in memory: for tests, and for data that never touches a disk.
#[derive(Debug, Default)]
pub struct MemoryStorage {
    files: RefCell<BTreeMap<String, Vec<u8>>>,
}

impl MemoryStorage {
    /// A storage with the given files.
    pub fn with_files<P: Into<String>>(files: impl IntoIterator<Item = (P, Vec<u8>)>) -> Self {
        let files = files.into_iter().map(|(path, bytes)| (path.into(), bytes)).collect();
        Self { files: RefCell::new(files) }
    }
}

#[async_trait(?Send)]
impl Storage for MemoryStorage {
    async fn list(&self, folder: &str) -> Result<Vec<FileEntry>, StorageError> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{}/", folder.trim_end_matches('/')) };
        let files = self.files.borrow();
        let entries: Vec<_> = files
            .iter()
            .filter(|(path, _)| path.starts_with(&prefix))
            .map(|(path, bytes)| FileEntry { path: path.clone(), size: bytes.len() as u64 })
            .collect();
        if entries.is_empty() && !folder.is_empty() {
            return Err(StorageError::NotFound { path: folder.to_owned() });
        }
        Ok(entries)
    }

    async fn size(&self, path: &str) -> Result<u64, StorageError> {
        match self.files.borrow().get(path) {
            Some(bytes) => Ok(bytes.len() as u64),
            None => Err(StorageError::NotFound { path: path.to_owned() }),
        }
    }

    async fn read_range(&self, path: &str, range: Range<u64>) -> Result<Vec<u8>, StorageError> {
        let files = self.files.borrow();
        let bytes = files.get(path).ok_or_else(|| StorageError::NotFound { path: path.to_owned() })?;
        let part = usize::try_from(range.start)
            .ok()
            .zip(usize::try_from(range.end).ok())
            .and_then(|(start, end)| bytes.get(start..end));
        part.map(<[u8]>::to_vec).ok_or_else(|| StorageError::Failed {
            action: "read",
            reason: format!("bytes {}..{} of {}", range.start, range.end, bytes.len()),
            path: path.to_owned(),
        })
    }

    async fn write(&self, path: &str, bytes: &[u8]) -> Result<(), StorageError> {
        self.files.borrow_mut().insert(path.to_owned(), bytes.to_vec());
        Ok(())
    }

    async fn remove(&self, path: &str) -> Result<(), StorageError> {
        match self.files.borrow_mut().remove(path) {
            Some(_) => Ok(()),
            None => Err(StorageError::NotFound { path: path.to_owned() }),
        }
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
