//! Fetches many small byte ranges of a file in few reads of bounded size.

use std::ops::{ControlFlow, Range};

use super::CHUNK_BYTES;
use crate::storage::{Storage, StorageError};

/// Neighbouring pieces with less than this between them are fetched together: a read costs more than bytes not needed.
const MAX_GAP_BYTES: u64 = 1 << 16;
/// Long pieces are split at this length, which samples of 2 and of 3 bytes divide.
const MAX_PIECE_BYTES: u64 = CHUNK_BYTES / 6 * 6;

/// A range of a file, and what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// Bytes of the file.
    pub range: Range<u64>,
    /// A number that comes back with the bytes.
    pub slot: usize,
}

/// Splits a piece into ones that fit a read.
pub(super) fn split(piece: Piece) -> impl Iterator<Item = Piece> {
    let Piece { range, slot } = piece;
    let mut start = range.start;
    std::iter::from_fn(move || {
        let end = range.end.min(start.saturating_add(MAX_PIECE_BYTES));
        let part = start..end;
        start = end;
        (!part.is_empty()).then_some(Piece { range: part, slot })
    })
}

/// Fetches pieces, ordered by their start and none longer than [`split`] leaves them, and gives each to `take`, until that
/// breaks off.
pub(super) async fn read_pieces(
    storage: &dyn Storage,
    path: &str,
    pieces: impl Iterator<Item = Piece>,
    mut take: impl FnMut(usize, &[u8]) -> ControlFlow<()>,
) -> Result<(), StorageError> {
    let mut pieces = pieces.peekable();
    let mut batch: Vec<Piece> = Vec::new();
    while let Some(first) = pieces.next() {
        let mut span = first.range.clone();
        batch.push(first);
        while let Some(next) = pieces.next_if(|next| {
            next.range.start.saturating_sub(span.end) < MAX_GAP_BYTES && next.range.end - span.start <= CHUNK_BYTES
        }) {
            span.end = span.end.max(next.range.end);
            batch.push(next);
        }
        let bytes = storage.read_range(path, span.clone()).await?;
        for Piece { range, slot } in batch.drain(..) {
            // Offsets within one read are below CHUNK_BYTES, so they fit any usize.
            let piece = &bytes[(range.start - span.start) as usize..(range.end - span.start) as usize];
            if take(slot, piece).is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::MemoryStorage;

    fn collect(length: usize, ranges: &[Range<u64>]) -> Vec<(usize, Vec<u8>)> {
        let bytes: Vec<u8> = (0..length).map(|index| (index % 251) as u8).collect();
        let storage = MemoryStorage::with_files([("f", bytes)]);
        let pieces = ranges.iter().cloned().enumerate().flat_map(|(slot, range)| split(Piece { range, slot }));
        let mut taken: Vec<(usize, Vec<u8>)> = Vec::new();
        pollster::block_on(read_pieces(&storage, "f", pieces, |slot, part| {
            match taken.last_mut() {
                Some((last, bytes)) if *last == slot => bytes.extend_from_slice(part),
                _ => taken.push((slot, part.to_vec())),
            }
            ControlFlow::Continue(())
        }))
        .unwrap();
        taken
    }

    #[test]
    fn every_piece_comes_back_with_its_bytes() {
        let length = 5 << 20;
        let ranges = [0..3, 3..9, 3..9, 70_000..70_010, 200_000..(3 << 20), (4 << 20)..(5 << 20)];
        let taken = collect(length, &ranges);
        assert_eq!(taken.len(), ranges.len());
        for (slot, bytes) in taken {
            let expected: Vec<u8> = ranges[slot].clone().map(|index| (index % 251) as u8).collect();
            assert!(bytes == expected, "piece {slot}");
        }
    }

    #[test]
    fn an_empty_piece_is_no_read() {
        assert_eq!(split(Piece { range: 5..5, slot: 0 }).count(), 0);
    }
}
