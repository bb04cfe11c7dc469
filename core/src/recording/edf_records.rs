//! The data records of an EDF or BDF file, which hold some samples of every signal each.

use std::ops::Range;

use super::{
    edf_header::{FixedPart, Signal},
    pieces::{Piece, split},
};

/// Where the data records are.
pub(super) struct Records {
    /// Bytes before the first record.
    start: u64,
    /// Bytes a record.
    bytes: u64,
    /// Whole records in the file.
    pub count: u64,
    /// Bytes a sample: 2 or 3.
    pub sample_bytes: u64,
    /// Seconds a record.
    pub seconds: f64,
}

impl Records {
    /// The file's pieces that hold the signals, each given its index, record by record.
    pub fn pieces<'s>(
        &'s self,
        signals: &'s [(usize, &'s Signal)],
        records: Range<u64>,
    ) -> impl Iterator<Item = Piece> + 's {
        records.flat_map(move |record| {
            signals.iter().flat_map(move |&(slot, signal)| {
                let start = self.start + record * self.bytes + signal.offset;
                split(Piece { range: start..start + signal.samples_per_record * self.sample_bytes, slot })
            })
        })
    }
}

/// The whole records that are in the file, whatever the header announces.
pub(super) fn count_records(fixed: &mut FixedPart, signals: &[Signal], size: u64) -> Result<Records, String> {
    let bytes = signals.iter().map(|signal| signal.samples_per_record).sum::<u64>() * fixed.sample_bytes;
    let data_bytes = size - fixed.header_bytes;
    let count = data_bytes.checked_div(bytes).ok_or("no signal has samples")?;
    if count == 0 {
        return Err(format!(
            "not one data record is complete: a record takes {bytes} bytes, and {data_bytes} follow the header"
        ));
    }
    let rest = data_bytes % bytes;
    let cut = if rest == 0 {
        String::new()
    } else {
        format!(" The last record is cut short and was left out ({rest} of {bytes} bytes).")
    };
    match fixed.records {
        Some(announced) if announced > count => fixed.warnings.push(format!(
            "The file is cut short: {} of {announced} data records are missing, which is {} s of {} s.{cut}",
            announced - count,
            (announced - count) as f64 * fixed.record_s,
            announced as f64 * fixed.record_s
        )),
        Some(announced) if announced < count => fixed.warnings.push(format!(
            "The header announces {announced} data records, but the file holds {count}; all of them are read.{cut}"
        )),
        None => fixed
            .warnings
            .push(format!("The header does not give the number of data records; the file holds {count}.{cut}")),
        Some(_) if rest > 0 => fixed
            .warnings
            .push(format!("After the {count} data records there are {rest} more bytes, which were left out.")),
        Some(_) => {}
    }
    Ok(Records { start: fixed.header_bytes, bytes, count, sample_bytes: fixed.sample_bytes, seconds: fixed.record_s })
}
