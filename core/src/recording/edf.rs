//! An EDF, EDF+ or BDF file flows in record by record, the samples of the channels asked for flow out in volts.

use std::ops::Range;

use async_trait::async_trait;

use super::{
    Annotation, ChannelInfo, ChannelKind, Extent, Format, Recording, RecordingError, RecordingInfo, TRIGGER_MASK,
    edf_header::{FixedPart, PART_BYTES, Role, Scale, Signal, parse_fixed, parse_signals, volts_in},
    pieces::{Piece, read_pieces, split},
    reserve, tal,
    text::make_unique,
};
use crate::storage::Storage;

/// The text that marks an interruption, as EEGLAB has it.
const BOUNDARY: &str = "boundary";
/// A record later than the end of the one before by more than this, in seconds, follows an interruption.
const GAP_S: f64 = 1e-3;

/// A signal that is read as a channel.
struct Channel {
    signal: Signal,
    kind: ChannelKind,
    scale: Result<Scale, f64>,
}

/// An open EDF or BDF file.
pub(super) struct EdfRecording<'a> {
    storage: &'a dyn Storage,
    path: String,
    records: Records,
    /// Beside `info.channels`.
    channels: Vec<Channel>,
    info: RecordingInfo,
}

/// Where the data records are.
struct Records {
    /// Bytes before the first record.
    start: u64,
    /// Bytes a record.
    bytes: u64,
    /// Whole records in the file.
    count: u64,
    /// Bytes a sample: 2 or 3.
    sample_bytes: u64,
    /// Seconds a record.
    seconds: f64,
}

impl Records {
    /// The file's pieces that hold the signals, each given its index, record by record.
    fn pieces<'s>(
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

impl<'a> EdfRecording<'a> {
    /// Opens a file of `size` bytes that starts with `head`.
    pub(super) async fn open(
        storage: &'a dyn Storage,
        path: &str,
        size: u64,
        head: Vec<u8>,
        extent: Extent,
    ) -> Result<Self, RecordingError> {
        let damaged = |format, reason| RecordingError::Damaged { format, reason, path: path.to_owned() };
        let fixed_bytes = head.first_chunk().ok_or_else(|| {
            let reason = format!("the header ends after {} bytes, it has at least {PART_BYTES}", head.len());
            damaged(Format::Edf, reason)
        })?;
        let mut fixed = parse_fixed(fixed_bytes).map_err(|reason| damaged(Format::Edf, reason))?;
        let format = fixed.format;
        if size < fixed.header_bytes {
            return Err(damaged(
                format,
                format!(
                    "the header of {} signals takes {} bytes, but the file ends after {size}",
                    fixed.signals, fixed.header_bytes
                ),
            ));
        }
        let mut header = head;
        let missing = header.len() as u64..fixed.header_bytes;
        if !missing.is_empty() {
            header.extend_from_slice(&storage.read_range(path, missing).await?);
        }
        // At most 9999 signals: this fits.
        let signal_bytes = header
            .get(PART_BYTES as usize..fixed.header_bytes as usize)
            .ok_or_else(|| damaged(format, "the storage returned less of the header than asked for".to_owned()))?;
        let signals = parse_signals(&fixed, signal_bytes).map_err(|reason| damaged(format, reason))?;
        let records = count_records(&mut fixed, &signals, size).map_err(|reason| damaged(format, reason))?;

        let mut warnings = std::mem::take(&mut fixed.warnings);
        let mut annotations = Vec::new();
        // Where a recording was interrupted is worth a warning, and only the annotations tell.
        if extent == Extent::Annotations || fixed.discontinuous {
            annotations = read_annotations(storage, path, &fixed, &records, &signals, &mut warnings).await?;
        }
        if extent == Extent::Header {
            annotations.clear();
        }
        let channels = pick_channels(signals, &mut warnings);
        let mut labels: Vec<String> = channels.iter().map(|channel| channel.signal.label.clone()).collect();
        warnings.extend(make_unique(&mut labels));
        let channel_infos = channels
            .iter()
            .zip(labels)
            .map(|(channel, label)| ChannelInfo {
                label,
                unit: channel.signal.unit.clone(),
                rate_hz: channel.signal.samples_per_record as f64 / records.seconds,
                samples: channel.signal.samples_per_record * records.count,
                kind: channel.kind,
            })
            .collect();
        let info = RecordingInfo {
            format,
            channels: channel_infos,
            duration_s: records.count as f64 * records.seconds,
            start: fixed.start,
            annotations,
            warnings,
        };
        Ok(Self { storage, path: path.to_owned(), records, channels, info })
    }
}

/// The whole records that are in the file, whatever the header announces.
fn count_records(fixed: &mut FixedPart, signals: &[Signal], size: u64) -> Result<Records, String> {
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

/// The signals that are channels, with warnings about what is odd in them.
fn pick_channels(signals: Vec<Signal>, warnings: &mut Vec<String>) -> Vec<Channel> {
    let mut channels = Vec::new();
    let (mut empty, mut no_voltage, mut no_scale, mut constant) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut swapped = Vec::new();
    for signal in signals {
        let Role::Channel { kind, scale } = signal.role else { continue };
        let label = signal.label.clone();
        if signal.samples_per_record == 0 {
            empty.push(label);
            continue;
        }
        if kind == ChannelKind::Signal && volts_in(&signal.unit).is_none() {
            no_voltage.push(format!("{label} (\"{}\")", signal.unit));
        }
        if scale.is_ok_and(|scale| scale.is_swapped) {
            swapped.push(label.clone());
        }
        match scale {
            Err(_) => no_scale.push(label),
            Ok(scale) if scale.gain == 0.0 => constant.push(label),
            Ok(_) => {}
        }
        channels.push(Channel { signal, kind, scale });
    }
    for (sentence, labels) in [
        ("Channels without samples were left out", empty),
        ("The unit of these channels is no voltage, so their samples are read as they stand", no_voltage),
        ("The digital minimum of these channels equals the maximum, so they cannot be read", no_scale),
        ("The physical minimum of these channels equals the maximum, so they are constant", constant),
        (
            "The digital minimum of these channels is above the maximum; their samples were scaled as the limits say",
            swapped,
        ),
    ] {
        if !labels.is_empty() {
            warnings.push(format!("{sentence}: {}.", labels.join(", ")));
        }
    }
    channels
}

/// The annotations of all records, by onset, with the onsets counted in samples.
async fn read_annotations(
    storage: &dyn Storage,
    path: &str,
    fixed: &FixedPart,
    records: &Records,
    signals: &[Signal],
    warnings: &mut Vec<String>,
) -> Result<Vec<Annotation>, RecordingError> {
    let lists: Vec<(usize, &Signal)> = signals
        .iter()
        .filter(|signal| signal.role == Role::Annotations && signal.samples_per_record > 0)
        .enumerate()
        .collect();
    if lists.is_empty() {
        return Ok(Vec::new());
    }
    let mut annotations = Vec::new();
    let mut onsets: Vec<f64> = Vec::new();
    let mut unreadable = 0_u64;
    let mut buffers = vec![Vec::new(); lists.len()];
    read_pieces(storage, path, records.pieces(&lists, 0..records.count), |slot, bytes| {
        let buffer = &mut buffers[slot];
        buffer.extend_from_slice(bytes);
        if (buffer.len() as u64) < lists[slot].1.samples_per_record * records.sample_bytes {
            return;
        }
        for (index, list) in tal::parse(buffer).enumerate() {
            match list {
                Ok(list) => {
                    if slot == 0 && index == 0 && list.keeps_time {
                        onsets.push(list.onset_s);
                    }
                    let tal::Tal { onset_s, duration_s, texts, .. } = list;
                    annotations.extend(texts.into_iter().map(|text| Annotation { onset_s, duration_s, text }));
                }
                Err(_) => unreadable += 1,
            }
        }
        buffer.clear();
    })
    .await?;
    if unreadable > 0 {
        warnings.push(format!("Annotations that cannot be read were left out: {unreadable}."));
    }
    if fixed.discontinuous && tells_times(records, &onsets, warnings) {
        join_records(records, &onsets, &mut annotations, warnings);
    } else if fixed.discontinuous {
        let starts = (1..records.count).map(|record| record as f64 * records.seconds);
        annotations.extend(starts.map(boundary));
    } else if let Some(first) = onsets.first() {
        // The first record may start within a second; its samples count from its own start.
        annotations.iter_mut().for_each(|annotation| annotation.onset_s -= first);
    }
    annotations.sort_by(|a, b| a.onset_s.total_cmp(&b.onset_s));
    Ok(annotations)
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

#[async_trait(?Send)]
impl Recording for EdfRecording<'_> {
    fn info(&self) -> &RecordingInfo {
        &self.info
    }

    async fn read_range(&self, channels: &[usize], seconds: Range<f64>) -> Result<Vec<Vec<f64>>, RecordingError> {
        let mut wanted = Vec::with_capacity(channels.len());
        let mut signals = Vec::with_capacity(channels.len());
        for (slot, &index) in channels.iter().enumerate() {
            let channel = self.channels.get(index).ok_or_else(|| RecordingError::NoSuchChannel {
                index,
                channels: self.channels.len(),
                path: self.path.clone(),
            })?;
            wanted.push(self.info.channels[index].samples_in(&seconds));
            signals.push((slot, &channel.signal));
        }
        // The records that hold the stretch of every channel.
        let within = || signals.iter().zip(&wanted).filter(|(_, samples)| !samples.is_empty());
        let first = within().map(|((_, signal), samples)| samples.start / signal.samples_per_record).min();
        let end = within().map(|((_, signal), samples)| samples.end.div_ceil(signal.samples_per_record)).max();
        let records = first.unwrap_or(0)..end.unwrap_or(0);

        let mut decoders = Vec::with_capacity(channels.len());
        for (&index, (_, signal)) in channels.iter().zip(&signals) {
            let channel = &self.channels[index];
            let scale = channel.scale.map_err(|level| RecordingError::NoScale {
                label: self.info.channels[index].label.clone(),
                level,
                path: self.path.clone(),
            })?;
            let samples = (records.end - records.start) * signal.samples_per_record;
            decoders.push((scale, channel.kind, reserve(samples, &self.path)?));
        }
        let starts: Vec<u64> = signals.iter().map(|(_, signal)| records.start * signal.samples_per_record).collect();
        signals.sort_by_key(|(_, signal)| signal.offset);
        let sample_bytes = self.records.sample_bytes;
        read_pieces(self.storage, &self.path, self.records.pieces(&signals, records), |slot, bytes| {
            let (scale, kind, samples) = &mut decoders[slot];
            if sample_bytes == 2 {
                decode(bytes, |&[low, high]: &[u8; 2]| i16::from_le_bytes([low, high]).into(), *scale, *kind, samples);
            } else {
                // Shifted down from the top byte, the sign comes along.
                let level = |&[low, middle, high]: &[u8; 3]| i32::from_le_bytes([0, low, middle, high]) >> 8;
                decode(bytes, level, *scale, *kind, samples);
            }
        })
        .await?;
        let trimmed = decoders.into_iter().zip(wanted).zip(starts).map(|(((_, _, mut samples), wanted), start)| {
            // Both are within the samples that were read, so they fit.
            samples.truncate(wanted.end.saturating_sub(start) as usize);
            samples.drain(..(wanted.start.saturating_sub(start) as usize).min(samples.len()));
            samples
        });
        Ok(trimmed.collect())
    }
}

/// Appends the values of stored samples of `N` bytes.
fn decode<const N: usize>(
    bytes: &[u8],
    level: impl Fn(&[u8; N]) -> i32,
    scale: Scale,
    kind: ChannelKind,
    samples: &mut Vec<f64>,
) {
    let (stored, _) = bytes.as_chunks::<N>();
    let values = stored.iter().map(|stored| (f64::from(level(stored)) * scale.gain + scale.offset) * scale.factor);
    match kind {
        ChannelKind::Signal => samples.extend(values),
        ChannelKind::Trigger => samples.extend(values.map(|value| (value as i64 & TRIGGER_MASK) as f64)),
    }
}
