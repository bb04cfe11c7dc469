//! Reads EDF, EDF+ and BDF files, streaming the records that hold the samples asked for. Samples are scaled to volts
//! where the channel's unit is a voltage.

use std::ops::{ControlFlow, Range};

use async_trait::async_trait;

use super::{
    ChannelInfo, ChannelKind, Extent, Format, Recording, RecordingError, RecordingInfo, TRIGGER_MASK,
    edf_annotations::read_annotations,
    edf_header::{DIGITAL, NoScale, PART_BYTES, Role, Scale, Signal, is_edf, parse_fixed, parse_signals},
    edf_records::{Records, count_records},
    info::volts_in,
    pieces::read_pieces,
    reader::Reader,
    reserve,
    text::make_unique,
};
use crate::storage::Storage;

/// The reader of EDF, BDF and their successors.
pub(super) struct Edf;

#[async_trait(?Send)]
impl Reader for Edf {
    fn kinds(&self) -> &'static [(&'static str, &'static str)] {
        &[("EDF", "edf"), ("BDF", "bdf")]
    }

    fn recognises(&self, head: &[u8]) -> bool {
        is_edf(head)
    }

    async fn open<'a>(
        &self,
        storage: &'a dyn Storage,
        path: &str,
        size: u64,
        head: Vec<u8>,
        extent: Extent,
    ) -> Result<Box<dyn Recording + 'a>, RecordingError> {
        Ok(Box::new(EdfRecording::open(storage, path, size, head, extent).await?))
    }
}

/// A signal that is read as a channel.
struct Channel {
    signal: Signal,
    kind: ChannelKind,
    scale: Result<Scale, NoScale>,
}

/// An open EDF or BDF file.
struct EdfRecording<'a> {
    storage: &'a dyn Storage,
    path: String,
    records: Records,
    /// Beside `info.channels`.
    channels: Vec<Channel>,
    info: RecordingInfo,
}

impl<'a> EdfRecording<'a> {
    /// Opens a file of `size` bytes that starts with `head`.
    async fn open(
        storage: &'a dyn Storage,
        path: &str,
        size: u64,
        head: Vec<u8>,
        extent: Extent,
    ) -> Result<Self, RecordingError> {
        let damaged = |format, reason| RecordingError::Damaged { format, reason, path: path.to_owned() };
        let fixed_bytes = head.first_chunk().ok_or_else(|| {
            let reason = format!("the header ends after {} bytes, it has at least {PART_BYTES}", head.len());
            damaged(Format::EDF, reason)
        })?;
        let mut fixed = parse_fixed(fixed_bytes).map_err(|reason| damaged(Format::EDF, reason))?;
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
        let is_list = |signal: &Signal| signal.role == Role::Annotations && signal.samples_per_record > 0;
        let is_channel = |signal: &Signal| signal.role != Role::Annotations && signal.samples_per_record > 0;
        if !signals.iter().any(is_channel) && signals.iter().any(is_list) {
            return Err(RecordingError::AnnotationsOnly { path: path.to_owned() });
        }
        if fixed.record_s == 0.0 {
            let reason =
                "the duration of a data record is 0 s, which leaves its samples without a rate; correct the header";
            return Err(damaged(format, reason.to_owned()));
        }
        let records = count_records(&mut fixed, &signals, size).map_err(|reason| damaged(format, reason))?;

        let mut warnings = std::mem::take(&mut fixed.warnings);
        let mut annotations = Vec::new();
        // Where a recording was interrupted is worth a warning, and only the annotations tell.
        if extent == Extent::Annotations || fixed.discontinuous {
            let read = read_annotations(storage, path, &fixed, &records, &signals, &mut warnings).await?;
            annotations = read.map_err(|reason| damaged(format, reason))?;
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

/// The signals that are channels, with warnings about what is odd in them.
fn pick_channels(signals: Vec<Signal>, warnings: &mut Vec<String>) -> Vec<Channel> {
    let mut channels = Vec::new();
    let (mut empty, mut no_voltage, mut swapped) = (Vec::new(), Vec::new(), Vec::new());
    let (mut no_digital_range, mut no_physical_range) = (Vec::new(), Vec::new());
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
            Err(NoScale { limits: DIGITAL, .. }) => no_digital_range.push(label),
            Err(_) => no_physical_range.push(label),
            Ok(_) => {}
        }
        channels.push(Channel { signal, kind, scale });
    }
    for (sentence, labels) in [
        ("Channels without samples were left out", empty),
        ("The unit of these channels is no voltage, so their samples are read as they stand", no_voltage),
        ("The digital minimum of these channels equals the maximum, so they cannot be read", no_digital_range),
        ("The physical minimum of these channels equals the maximum, so they cannot be read", no_physical_range),
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
            let scale = channel.scale.map_err(|NoScale { limits, level }| RecordingError::NoScale {
                label: self.info.channels[index].label.clone(),
                limits,
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
            ControlFlow::Continue(())
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
