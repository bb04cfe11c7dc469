//! The browser's own files, read by range: at once, or through [`Read`] and [`Seek`] where a library wants those; and what
//! the browser says of files, in core's terms.

use std::{
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
};

use js_sys::Uint8Array;
use signal_studio_core::storage::StorageError;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, FileReaderSync};

use crate::shell::errors::{name_of, text_of};

/// What the browser calls an error that says that there is no room.
pub const NO_ROOM: &str = "QuotaExceededError";

/// What the browser says about a file, in core's terms.
pub fn storage_error(action: &'static str, path: &str, error: &JsValue) -> StorageError {
    let path = path.to_owned();
    match name_of(error).as_deref() {
        Some("NotFoundError" | "TypeMismatchError") if action != "write" => StorageError::NotFound { path },
        Some(NO_ROOM) => StorageError::Full { path },
        _ => StorageError::Failed { action, reason: text_of(error), path },
    }
}

/// Bytes of a blob.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes are whole and below 2^53")]
pub fn size_of_blob(blob: &Blob) -> u64 {
    blob.size() as u64
}

/// A part of a blob; whether there is one is checked when it is read.
#[expect(clippy::cast_precision_loss, reason = "offsets are below 2^53")]
pub fn part_of(blob: &Blob, range: &Range<u64>) -> Result<Blob, JsValue> {
    blob.slice_with_f64_and_f64(range.start as f64, range.end as f64)
}

/// The bytes of a part of a blob, outside WebAssembly's memory.
pub async fn read_part(blob: &Blob, range: &Range<u64>) -> Result<Uint8Array, JsValue> {
    let buffer = JsFuture::from(part_of(blob, range)?.array_buffer()).await?;
    Ok(Uint8Array::new(&buffer))
}

/// The bytes `range` of a blob; `path` names it in errors.
pub async fn read_blob(blob: &Blob, range: Range<u64>, path: &str) -> Result<Vec<u8>, StorageError> {
    let size = size_of_blob(blob);
    if range.start > range.end || range.end > size {
        let reason = format!("bytes {}..{} of {size}", range.start, range.end);
        return Err(StorageError::Failed { action: "read", reason, path: path.to_owned() });
    }
    let bytes = read_part(blob, &range).await.map_err(|error| storage_error("read", path, &error))?;
    Ok(bytes.to_vec())
}

/// Reads a blob without waiting, a stretch at a time: libraries that unpack archives know no other way.
pub struct BlobReader {
    blob: Blob,
    reader: FileReaderSync,
    at: u64,
    stretch: Vec<u8>,
    stretch_at: u64,
}

impl BlobReader {
    /// Read at a time: each reading has a price of its own.
    const STRETCH: u64 = 1 << 20;

    /// Starts at the beginning.
    pub fn new(blob: &Blob) -> Result<Self, JsValue> {
        Ok(Self { blob: blob.clone(), reader: FileReaderSync::new()?, at: 0, stretch: Vec::new(), stretch_at: 0 })
    }

    fn fill(&mut self) -> Result<(), JsValue> {
        let range = self.at..size_of_blob(&self.blob).min(self.at + Self::STRETCH);
        let buffer = self.reader.read_as_array_buffer(&part_of(&self.blob, &range)?)?;
        self.stretch = Uint8Array::new(buffer.unchecked_ref()).to_vec();
        self.stretch_at = self.at;
        Ok(())
    }

    /// What of the stretch lies before the reader.
    fn ahead(&self) -> &[u8] {
        let offset = self.at.checked_sub(self.stretch_at).and_then(|offset| usize::try_from(offset).ok());
        offset.and_then(|offset| self.stretch.get(offset..)).unwrap_or_default()
    }
}

impl Read for BlobReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= size_of_blob(&self.blob) {
            return Ok(0);
        }
        if self.ahead().is_empty() {
            self.fill().map_err(|error| io::Error::other(text_of(&error)))?;
        }
        let ahead = self.ahead();
        let length = ahead.len().min(buffer.len());
        buffer[..length].copy_from_slice(&ahead[..length]);
        self.at += length as u64;
        Ok(length)
    }
}

impl Seek for BlobReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => size_of_blob(&self.blob).checked_add_signed(offset),
            SeekFrom::Current(offset) => self.at.checked_add_signed(offset),
        };
        self.at = target.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a place before the beginning"))?;
        Ok(self.at)
    }
}
