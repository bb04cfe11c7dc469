//! How much of a file is held at once, and what its header may claim.

use std::ops::RangeInclusive;

use super::RecordingError;

/// Bytes fetched at once while streaming a file.
pub(super) const CHUNK_BYTES: u64 = 1 << 20;
/// The low bits of a trigger channel that hold its code; BioSemi amplifiers put their own state in the higher ones.
pub(super) const TRIGGER_MASK: i64 = (1 << 16) - 1;

/// Rates in Hz and durations of data records in seconds beyond this are an error of the header; within it, nothing that is
/// computed from them overflows.
pub(super) const POSSIBLE: RangeInclusive<f64> = 1e-6..=1e9;

/// As much of a file as it takes to recognise it, and all of the header of an EDF file with up to 63 signals: every read
/// is several calls in a browser.
pub(super) const HEAD_BYTES: u64 = 1 << 14;

/// An empty vector with room for `samples`, which a file may announce in any number.
pub(super) fn reserve(samples: u64, path: &str) -> Result<Vec<f64>, RecordingError> {
    let too_large = || RecordingError::TooLarge { samples, path: path.to_owned() };
    let mut vector = Vec::new();
    vector.try_reserve_exact(usize::try_from(samples).map_err(|_| too_large())?).map_err(|_| too_large())?;
    Ok(vector)
}
