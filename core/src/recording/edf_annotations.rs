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

/// A record that begins further than this, in seconds, from the end of the one before follows an interruption.
const GAP_S: f64 = 1e-3;
/// The same in a file whose header says that it is continuous, where recorders round the times of their records.
const GAP_OF_CONTINUOUS_S: f64 = 0.05;
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
    /// When each record starts; NaN where it does not tell.
    onsets: Vec<f64>,
    text_bytes: usize,
    unreadable: u64,
}

impl Lists {
    /// Takes in one record of one annotation signal; the first of these tells the record's time. `false` when there are
    /// more annotations than can be.
    fn add(&mut self, bytes: &[u8], tells_time: bool) -> bool {
        if tells_time {
            self.onsets.push(f64::NAN);
        }
        for (index, list) in tal::parse(bytes).enumerate() {
            let Ok(Tal { onset_s, duration_s, keeps_time, texts }) = list else {
                self.unreadable += 1;
                continue;
            };
            if let Some(onset) = self.onsets.last_mut().filter(|_| tells_time && index == 0 && keeps_time) {
                *onset = onset_s;
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
    if records.count > MAX_TIMES {
        return Ok(Err(format!(
            "it may be interrupted after each of {} data records, and at most {MAX_TIMES} are read",
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
        is_bounded = found.add(buffer, slot == 0);
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
    let is_ordered = onsets.is_sorted() && !onsets.iter().any(|onset| onset.is_nan());
    let gaps = match fixed.discontinuous {
        true if !is_ordered => untold_gaps(records, warnings),
        true => gaps(records, &onsets, GAP_S),
        false => gaps_of_continuous(records, &onsets, warnings),
    };
    if gaps.len() > MAX_ANNOTATIONS {
        return too_many();
    }
    if is_ordered && (fixed.discontinuous || !gaps.is_empty()) {
        move_to_samples(records, &onsets, &mut annotations);
    } else if let Some(first) = onsets.first().filter(|first| !fixed.discontinuous && first.is_finite()) {
        // The first record may start within a second; its samples count from its own start.
        annotations.iter_mut().for_each(|annotation| annotation.onset_s -= first);
    }
    let known: Vec<f64> = gaps.iter().map(|gap| gap.seconds).filter(|seconds| *seconds != 0.0).collect();
    if !known.is_empty() {
        let missing_s: f64 = known.iter().map(|seconds| seconds.max(0.0)).sum();
        let though = if fixed.discontinuous { "The" } else { "Though its header says that it is continuous, the" };
        warnings.push(format!(
            "{though} recording has interruptions ({}, {missing_s:.3} s in all); the samples on either side follow each \
             other, and annotations called \"{BOUNDARY}\" mark the places.",
            known.len()
        ));
    }
    annotations.extend(gaps.iter().map(|gap| boundary(gap.record as f64 * records.seconds)));
    annotations.sort_by(|a, b| a.onset_s.total_cmp(&b.onset_s));
    Ok(Ok(annotations))
}

fn boundary(onset_s: f64) -> Annotation {
    Annotation { onset_s, duration_s: 0.0, text: BOUNDARY.to_owned() }
}

/// An interruption.
struct Gap {
    /// The record that follows it.
    record: usize,
    /// How much is missing, less than nothing where the clock was set back; 0 where that is not known.
    seconds: f64,
}

/// Where records do not begin as the ones before end. `onsets` are their times, NaN where one is not told: an interruption
/// around such a record may be on either side of it.
fn gaps(records: &Records, onsets: &[f64], least_s: f64) -> Vec<Gap> {
    let told: Vec<(usize, f64)> = onsets.iter().copied().enumerate().filter(|(_, onset)| !onset.is_nan()).collect();
    let mut gaps = Vec::new();
    for pair in told.windows(2) {
        let ((before, onset), (record, next)) = (pair[0], pair[1]);
        let seconds = next - onset - (record - before) as f64 * records.seconds;
        if seconds.abs() > least_s {
            gaps.extend((before + 1..record).map(|record| Gap { record, seconds: 0.0 }));
            gaps.push(Gap { record, seconds });
        }
    }
    gaps
}

/// One after each record of a discontinuous file whose times are not known.
fn untold_gaps(records: &Records, warnings: &mut Vec<String>) -> Vec<Gap> {
    warnings.push(
        "The recording may have been interrupted (EDF+D), but its records do not all tell their times in order, so that \
         each record counts as a piece of its own."
            .to_owned(),
    );
    (1..records.count as usize).map(|record| Gap { record, seconds: 0.0 }).collect()
}

/// The gaps of a file that says it has none: by the definition of EDF+, a record of it begins where the one before ends, and
/// where one does not, the times are to be believed. Records that all tell the same time tell none.
fn gaps_of_continuous(records: &Records, onsets: &[f64], warnings: &mut Vec<String>) -> Vec<Gap> {
    let mut told = onsets.iter().filter(|onset| !onset.is_nan());
    let first = told.next();
    if onsets.len() > 1 && first.is_some() && told.clone().next().is_some() && told.all(|onset| Some(onset) == first) {
        warnings.push(
            "Its records all tell the same time, so that interruptions would not be known; it is read as its header says, \
             as continuous."
                .to_owned(),
        );
        return Vec::new();
    }
    gaps(records, onsets, GAP_OF_CONTINUOUS_S)
}

/// Moves annotations from the clock to the samples, whose records follow each other without gaps. `onsets` are the times of
/// the records, in order and at least one.
fn move_to_samples(records: &Records, onsets: &[f64], annotations: &mut [Annotation]) {
    for annotation in annotations {
        let after = onsets.partition_point(|&onset| onset <= annotation.onset_s);
        let record = after.saturating_sub(1);
        let within = (annotation.onset_s - onsets[record]).min(records.seconds);
        annotation.onset_s = record as f64 * records.seconds + within;
    }
}
