//! A folder that takes so many changes, for tests of what is killed, or finds no room, at any moment.

use std::cell::{Cell, RefCell};

use async_trait::async_trait;

use super::{MemoryStorage, Storage, StorageError};
use crate::delegate_storage;

/// A folder of which so many files are written or removed, and then none.
pub(crate) struct LimitedStorage<'a> {
    folder: &'a MemoryStorage,
    changes_left: Cell<usize>,
    /// What it says of a file from then on.
    refusal: fn(String) -> StorageError,
    /// Whether files can be removed at any time: that takes no room.
    pub removes_freely: bool,
    written: RefCell<Vec<String>>,
}

impl<'a> LimitedStorage<'a> {
    /// Takes so many changes of a folder, and refuses the others with this error.
    pub fn after(changes: usize, folder: &'a MemoryStorage, refusal: fn(String) -> StorageError) -> Self {
        let (changes_left, written) = (Cell::new(changes), RefCell::default());
        Self { folder, changes_left, refusal, removes_freely: false, written }
    }

    /// How many changes it would take yet.
    pub fn changes_left(&self) -> usize {
        self.changes_left.get()
    }

    /// The files that were written, in order.
    pub fn written(&self) -> Vec<String> {
        self.written.borrow().clone()
    }

    fn change(&self, path: &str) -> Result<(), StorageError> {
        let left = self.changes_left.get().checked_sub(1).ok_or_else(|| (self.refusal)(path.to_owned()))?;
        self.changes_left.set(left);
        Ok(())
    }
}

#[async_trait(?Send)]
impl Storage for LimitedStorage<'_> {
    delegate_storage!(|self| self.folder => list, size, read_range);

    async fn write(&self, path: &str, bytes: &[u8]) -> Result<(), StorageError> {
        self.change(path)?;
        self.written.borrow_mut().push(path.to_owned());
        self.folder.write(path, bytes).await
    }

    async fn remove(&self, path: &str) -> Result<(), StorageError> {
        // What is not there is no change.
        if !self.removes_freely && self.folder.exists(path).await? {
            self.change(path)?;
        }
        self.folder.remove(path).await
    }
}
