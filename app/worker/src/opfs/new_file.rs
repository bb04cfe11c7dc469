//! Files that are written piece by piece.

use std::io::{self, Seek, SeekFrom, Write};

use js_sys::Uint8Array;
use signal_studio_core::storage::StorageError;
use web_sys::{FileSystemReadWriteOptions, FileSystemSyncAccessHandle};

use super::disk::{all_written, write_at};
use crate::shell::{blobs::storage_error, errors::text_of};

/// A file that is being written; nobody else can open it until this is dropped.
pub struct NewFile {
    access: FileSystemSyncAccessHandle,
    at: u64,
    size: u64,
    place: String,
}

impl NewFile {
    /// An open file, which is emptied.
    ///
    /// # Errors
    /// [`StorageError::Failed`].
    pub fn new(access: FileSystemSyncAccessHandle, place: String) -> Result<Self, StorageError> {
        let file = Self { access, at: 0, size: 0, place };
        file.access.truncate_with_u32(0).map_err(|error| storage_error("write", &file.place, &error))?;
        Ok(file)
    }

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
