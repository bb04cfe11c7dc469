//! The annotations of an EDF+ or BDF+ file, which lie among its samples, and the interruptions that they tell of.

use std::ops::ControlFlow;

use super::{
    Annotation, BOUNDARY, RecordingError,
    edf_header::{FixedPart, Role, Signal},
    edf_records::Records,
    pieces::read_pieces,
    tal::{self, Tal},
};
use crate::storage::Storage;

/// A record later than the end of the one before by more than this, in seconds, follows an interruption.
const GAP_S: f64 = 1e-3;
/// Annotations of a file, and bytes of all their texts; more than anyone's take.
const MAX_ANNOTATIONS: usize = 1 << 20;
const MAX_TEXT_BYTES: usize = 1 << 26;
/// Bytes of a data record's annotations.
const MAX_RECORD_BYTES: u64 = 1 << 22;
/// Data records of a file whose records all tell their times.
const MAX_TIMES: u64 = 1 << 24;

/// What the annotation signals say.
#[derive(Default)]
struct Lists {
    annotations: Vec<Annotation>,
    /// When each record starts, of a discontinuous file; else when the first does.
    onsets: Vec<f64>,
    text_bytes: usize,
    unreadable: u64,
}

impl Lists {
    /// Takes in one record of one annotation signal; the first of these tells the record's time. `false` when there are
    /// more annotations than can be.
    fn add(&mut self, bytes: &[u8], tells_time: bool, keeps_all_times: bool) -> bool {
        for (index, list) in tal::parse(bytes).enumerate() {
            let Ok(Tal { onset_s, duration_s, keeps_time, texts }) = list else {
                self.unreadable += 1;
                continue;
            };
            if tells_time && index == 0 && keeps_time && (keeps_all_times || self.onsets.is_empty()) {
                self.onsets.push(onset_s);
            }
            self.text_bytes += texts.iter().map(String::len).sum::<usize>();
            if self.annotations.len() + texts.len() > MAX_ANNOTATIONS || self.text_bytes > MAX_TEXT_BYTES {
                return false;
            }
            self.annotations.extend(texts.into_iter().map(|text| Annotation { onset_s, duration_s, text }));
        }
        true
    }
}

/// The annotations of all records, by onset, with the onsets counted in samples. The inner `Err` says what is wrong with
/// them: they are bounded, whatever the file holds.
pub(super) async fn read_annotations(
    storage: &dyn Storage,
    path: &str,
    fixed: &FixedPart,
    records: &Records,
    signals: &[Signal],
    warnings: &mut Vec<String>,
) -> Result<Result<Vec<Annotation>, String>, RecordingError> {
    let lists: Vec<(usize, &Signal)> = signals
        .iter()
        .filter(|signal| signal.role == Role::Annotations && signal.samples_per_record > 0)
        .enumerate()
        .collect();
    if lists.is_empty() {
        return Ok(Ok(Vec::new()));
    }
    let record_bytes = lists.iter().map(|(_, signal)| signal.samples_per_record).sum::<u64>() * records.sample_bytes;
    if record_bytes > MAX_RECORD_BYTES {
        return Ok(Err(format!(
            "the annotations of a data record take {record_bytes} bytes, and at most {MAX_RECORD_BYTES} are read"
        )));
    }
    if fixed.discontinuous && records.count > MAX_TIMES {
        return Ok(Err(format!(
            "it may be interrupted (EDF+D) after each of {} data records, and at most {MAX_TIMES} are read",
            records.count
        )));
    }
    let too_many = || {
        Ok(Err(format!(
            "it holds more than {MAX_ANNOTATIONS} annotations, or {MAX_TEXT_BYTES} bytes of them; export it without, or \
             split it into shorter files"
        )))
    };
    let mut found = Lists::default();
    let mut is_bounded = true;
    let mut buffers = vec![Vec::new(); lists.len()];
    read_pieces(storage, path, records.pieces(&lists, 0..records.count), |slot, bytes| {
        let buffer = &mut buffers[slot];
        buffer.extend_from_slice(bytes);
        if (buffer.len() as u64) < lists[slot].1.samples_per_record * records.sample_bytes {
            return ControlFlow::Continue(());
        }
        is_bounded = found.add(buffer, slot == 0, fixed.discontinuous);
        buffer.clear();
        if is_bounded { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })
    .await?;
    if !is_bounded {
        return too_many();
    }
    let Lists { mut annotations, onsets, unreadable, .. } = found;
    if unreadable > 0 {
        warnings.push(format!("Annotations that cannot be read were left out: {unreadable}."));
    }
    if fixed.discontinuous && tells_times(records, &onsets, warnings) {
        join_records(records, &onsets, &mut annotations, warnings);
    } else if fixed.discontinuous {
        if records.count > MAX_ANNOTATIONS as u64 {
            return too_many();
        }
        let starts = (1..records.count).map(|record| record as f64 * records.seconds);
        annotations.extend(starts.map(boundary));
    } else if let Some(first) = onsets.first() {
        // The first record may start within a second; its samples count from its own start.
        annotations.iter_mut().for_each(|annotation| annotation.onset_s -= first);
    }
    annotations.sort_by(|a, b| a.onset_s.total_cmp(&b.onset_s));
    Ok(Ok(annotations))
}

fn boundary(onset_s: f64) -> Annotation {
    Annotation { onset_s, duration_s: 0.0, text: BOUNDARY.to_owned() }
}

/// Whether each record of a discontinuous file tells its time, in order.
fn tells_times(records: &Records, onsets: &[f64], warnings: &mut Vec<String>) -> bool {
    let complete = onsets.len() as u64 == records.count && onsets.is_sorted();
    if !complete {
        warnings.push(
            "The recording may have been interrupted (EDF+D), but its records do not all tell their times in order, so \
             each record counts as a piece of its own."
                .to_owned(),
        );
    }
    complete
}

/// Moves the annotations of a discontinuous file from the clock to the samples, whose records follow each other
/// without gaps, and marks the interruptions. `onsets` are the times of the records, at least one.
fn join_records(records: &Records, onsets: &[f64], annotations: &mut Vec<Annotation>, warnings: &mut Vec<String>) {
    for annotation in annotations.iter_mut() {
        let after = onsets.partition_point(|&onset| onset <= annotation.onset_s);
        let record = after.saturating_sub(1);
        let within = (annotation.onset_s - onsets[record]).min(records.seconds);
        annotation.onset_s = record as f64 * records.seconds + within;
    }
    let mut missing_s = 0.0;
    let mut gaps = 0;
    for (index, pair) in onsets.windows(2).enumerate() {
        let gap = pair[1] - pair[0] - records.seconds;
        if gap > GAP_S {
            gaps += 1;
            missing_s += gap;
            annotations.push(boundary((index + 1) as f64 * records.seconds));
        }
    }
    if gaps > 0 {
        warnings.push(format!(
            "The recording has interruptions ({gaps}, {missing_s:.3} s in all); the samples on either side follow \
             each other, and annotations called \"{BOUNDARY}\" mark the places."
        ));
    }
}
