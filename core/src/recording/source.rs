//! Reads a range of a file from front to back, decompressed where it is compressed. Whatever the content says, no more
//! than a few chunks are held.

use flate2::{Decompress, FlushDecompress, Status};

use super::{CHUNK_BYTES, Format, RecordingError};
use crate::storage::Storage;

/// Bytes fetched, or decompressed, at once: most elements of a MATLAB file are far smaller.
const STEP_BYTES: usize = 1 << 16;

/// A forward reader.
pub(super) struct Source<'a> {
    storage: &'a dyn Storage,
    path: &'a str,
    /// Where in the file the next fetch starts, and where the last one ends.
    next: u64,
    end: u64,
    /// `None` where the bytes are not compressed.
    inflater: Option<Inflater>,
    /// Bytes that are ready from `ready_from` on.
    ready: Vec<u8>,
    ready_from: usize,
    /// Bytes handed out or skipped.
    position: u64,
}

struct Inflater {
    zlib: Decompress,
    /// Compressed bytes not yet consumed, from `from` on.
    input: Vec<u8>,
    from: usize,
}

impl<'a> Source<'a> {
    /// The bytes `start..end` of a file as they are. `end` must not be past the end of the file.
    pub(super) fn plain(storage: &'a dyn Storage, path: &'a str, start: u64, end: u64) -> Self {
        Self { storage, path, next: start, end, inflater: None, ready: Vec::new(), ready_from: 0, position: 0 }
    }

    /// What the zlib stream in the bytes `start..end` of a file decompresses to.
    pub(super) fn zlib(storage: &'a dyn Storage, path: &'a str, start: u64, end: u64) -> Self {
        let inflater = Inflater { zlib: Decompress::new(true), input: Vec::new(), from: 0 };
        Self { inflater: Some(inflater), ..Self::plain(storage, path, start, end) }
    }

    /// The number of bytes handed out or skipped so far.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// The next `count` bytes, at most [`CHUNK_BYTES`].
    pub(super) async fn bytes(&mut self, count: usize) -> Result<&[u8], RecordingError> {
        debug_assert!(count as u64 <= CHUNK_BYTES, "{count} bytes are more than a chunk");
        while self.ready.len() - self.ready_from < count {
            let missing = count - (self.ready.len() - self.ready_from);
            if !self.fill(missing).await? {
                return Err(self.ended());
            }
        }
        let start = self.ready_from;
        self.ready_from += count;
        self.position += count as u64;
        Ok(&self.ready[start..self.ready_from])
    }

    /// The next `N` bytes.
    pub(super) async fn array<const N: usize>(&mut self) -> Result<[u8; N], RecordingError> {
        let mut array = [0; N];
        array.copy_from_slice(self.bytes(N).await?);
        Ok(array)
    }

    /// Passes over `count` bytes.
    pub(super) async fn skip(&mut self, count: u64) -> Result<(), RecordingError> {
        let mut left = count;
        loop {
            let ready = (self.ready.len() - self.ready_from) as u64;
            let now = ready.min(left);
            // Not more than what is ready, so it fits.
            self.ready_from += now as usize;
            left -= now;
            if left == 0 {
                break;
            }
            if self.inflater.is_none() {
                if left > self.end - self.next {
                    return Err(self.ended());
                }
                self.next += left;
                break;
            }
            if !self.fill(STEP_BYTES).await? {
                return Err(self.ended());
            }
        }
        self.position += count;
        Ok(())
    }

    /// Makes at least one more byte ready, `missing` if that is easy. `false` at the end.
    async fn fill(&mut self, missing: usize) -> Result<bool, RecordingError> {
        self.ready.drain(..self.ready_from);
        self.ready_from = 0;
        let Some(inflater) = &mut self.inflater else {
            let end = self.end.min(self.next.saturating_add(missing.max(STEP_BYTES) as u64));
            if end == self.next {
                return Ok(false);
            }
            self.ready.extend_from_slice(&self.storage.read_range(self.path, self.next..end).await?);
            self.next = end;
            return Ok(true);
        };
        loop {
            if inflater.from == inflater.input.len() && self.next < self.end {
                let end = self.end.min(self.next + STEP_BYTES as u64);
                inflater.input = self.storage.read_range(self.path, self.next..end).await?;
                inflater.from = 0;
                self.next = end;
            }
            let (before_in, before_out) = (inflater.zlib.total_in(), inflater.zlib.total_out());
            let start = self.ready.len();
            self.ready.resize(start + STEP_BYTES, 0);
            let status = inflater.zlib.decompress(
                &inflater.input[inflater.from..],
                &mut self.ready[start..],
                FlushDecompress::None,
            );
            // Both are at most the lengths of the slices given.
            let consumed = (inflater.zlib.total_in() - before_in) as usize;
            let produced = (inflater.zlib.total_out() - before_out) as usize;
            inflater.from += consumed;
            self.ready.truncate(start + produced);
            let status = status.map_err(|error| RecordingError::Damaged {
                format: Format::EEGLAB,
                reason: format!("compressed data cannot be decompressed ({error})"),
                path: self.path.to_owned(),
            })?;
            if produced > 0 {
                return Ok(true);
            }
            let starved = inflater.from == inflater.input.len() && self.next == self.end;
            if status == Status::StreamEnd || starved || consumed == 0 {
                return Ok(false);
            }
        }
    }

    fn ended(&self) -> RecordingError {
        RecordingError::Damaged {
            format: Format::EEGLAB,
            reason: "the data end before they should; the file is cut short or its sizes are wrong".to_owned(),
            path: self.path.to_owned(),
        }
    }
}
