//! The windows of one recording. Its 20 channels are read, decimated and checked, so many at a time that memory holds
//! them; windows then become the bytes of their files, as many at once as are asked for.

use std::ops::Range;

use rayon::prelude::*;

use super::{
    DatasetError, MONTAGE_CHANNELS, Montage, Picks, PreprocessOptions, RawDataset, Segment, unusable::Unusable,
};
use crate::{
    config::DataType,
    recording::{self, Recording, RecordingInfo},
    signal::{NormalizationStats, SignalError, Spectrogram, SpectrogramConfig, Windowing, decimate, encode_npy},
    storage::Storage,
};

/// Bytes of samples at a recording's own rate that are held at once; most recordings fit, and are read in one go.
const HELD_BYTES: u64 = 1 << 28;

/// Bytes that a recording's channels may take at the target rate; a compressed file can announce any length.
const MAX_BYTES: u64 = if cfg!(target_pointer_width = "32") { 1 << 31 } else { 1 << 34 };

/// The channels of a recording that windows are made of, and what has to be done to them.
pub(super) struct Picked {
    /// Indices into the recording's channels, in the montage's order; a reference that is not in the files is zeros.
    indices: Vec<usize>,
    /// By what to decimate.
    factor: usize,
    /// Samples of each channel after decimation; of the shortest.
    pub samples: usize,
    /// What was odd about the channels, in full sentences.
    pub warnings: Vec<String>,
}

impl Picked {
    /// Finds the montage's channels, which must be voltages of one rate that is a whole multiple of `rate_hz`.
    pub fn new(info: &RecordingInfo, montage: &Montage, rate_hz: f64) -> Result<Self, Unusable> {
        let Picks { indices, warnings } = montage.pick(&info.labels())?;
        let first = &info.channels[indices[0]];
        for &index in &indices {
            let other = &info.channels[index];
            if !other.is_voltage() {
                return Err(Unusable::NoVoltage { label: other.label.clone(), unit: other.unit.clone() });
            }
            if other.rate_hz != first.rate_hz {
                return Err(Unusable::MixedRates {
                    first: first.label.clone(),
                    first_hz: first.rate_hz,
                    other: other.label.clone(),
                    other_hz: other.rate_hz,
                });
            }
        }
        let factor = whole_factor(first.rate_hz, rate_hz)?;
        let samples = indices.iter().map(|&index| info.channels[index].samples).min().unwrap_or_default();
        let decimated = samples.div_ceil(factor as u64);
        if decimated.saturating_mul((MONTAGE_CHANNELS * size_of::<f64>()) as u64) > MAX_BYTES {
            return Err(Unusable::TooLong { hours: samples as f64 / first.rate_hz / 3600.0 });
        }
        // At most MAX_BYTES, so it fits.
        let samples = decimated as usize;
        Ok(Self { indices, factor, samples, warnings })
    }
}

/// A recording at the target rate.
pub(super) struct Signals {
    /// Samples in volts, `[20][samples]`, in the montage's order; NaN where the file holds no number.
    channels: Vec<Vec<f64>>,
    rate_hz: f64,
    /// The stretches of samples that were recorded without an interruption, in order.
    pieces: Vec<Range<usize>>,
    /// Where which channel holds no numbers, in words; empty where all do.
    broken: String,
    /// What was odd about the file, in full sentences.
    pub warnings: Vec<String>,
}

/// Where windows lie in a recording.
pub(super) struct Windows {
    /// The first sample of each window.
    pub starts: Vec<usize>,
    /// Windows with samples that are no numbers, which are not among them.
    pub left_out: usize,
}

impl Signals {
    /// Reads the montage's channels at `rate_hz`. What lies on either side of an interruption is filtered apart, and so
    /// is what lies on either side of samples that are no numbers.
    pub async fn read(raw: &dyn Storage, path: &str, montage: &Montage, rate_hz: f64) -> Result<Self, Unusable> {
        let recording = recording::open(raw, path).await?;
        let info = recording.info();
        let Picked { indices, factor, mut warnings, .. } = Picked::new(info, montage, rate_hz)?;
        warnings.extend_from_slice(&info.warnings);

        let recorded_hz = info.channels[indices[0]].rate_hz;
        let recorded = uninterrupted(&info.interruptions(), recorded_hz);
        let decimated = read_decimated(&*recording, &indices, factor, &recorded, HELD_BYTES).await?;
        let mut channels = Vec::with_capacity(MONTAGE_CHANNELS);
        let mut broken = Vec::new();
        for (&index, Decimated { samples, no_numbers }) in indices.iter().zip(decimated) {
            let label = &info.channels[index].label;
            if !samples.is_empty() && !no_numbers.is_empty() && samples.iter().all(|sample| sample.is_nan()) {
                return Err(Unusable::BrokenChannel { label: label.clone() });
            }
            broken.extend(no_numbers.first().map(|stretch| in_words(label, stretch, no_numbers.len(), recorded_hz)));
            channels.push(samples);
        }
        let samples = channels.iter().map(Vec::len).min().unwrap_or_default();
        channels.resize_with(MONTAGE_CHANNELS, || vec![0.0; samples]);
        let pieces = recorded
            .into_iter()
            .map(|piece| piece.start.div_ceil(factor).min(samples)..piece.end.div_ceil(factor).min(samples))
            .filter(|piece| !piece.is_empty())
            .collect();
        Ok(Self { channels, rate_hz, pieces, broken: broken.join(", "), warnings })
    }

    /// The samples of all channels, `[20][samples]` in volts.
    pub fn channels(&self) -> Vec<&[f64]> {
        self.channels.iter().map(Vec::as_slice).collect()
    }

    /// The stretches of a segment that were recorded without an interruption.
    fn pieces_of<'s>(&'s self, segment: &Segment) -> impl Iterator<Item = Range<usize>> + use<'s> {
        let sample = |seconds: f64| (seconds * self.rate_hz).round() as usize;
        let wanted = segment.seconds.as_ref().map_or(0..usize::MAX, |range| sample(range.start)..sample(range.end));
        self.pieces
            .iter()
            .map(move |piece| piece.start.max(wanted.start)..piece.end.min(wanted.end))
            .filter(|piece| !piece.is_empty())
    }

    /// The windows of a segment: none crosses an interruption or its end, or has a sample that is no number.
    pub fn windows(&self, segment: &Segment, windowing: &Windowing) -> Windows {
        let all = self.pieces_of(segment).flat_map(|piece| {
            let first = piece.start;
            windowing.starts(piece.len()).map(move |start| first + start)
        });
        let is_whole = |start: &usize| {
            let window = *start..*start + windowing.length;
            self.channels.iter().all(|samples| samples[window.clone()].iter().all(|sample| sample.is_finite()))
        };
        let (starts, left_out): (Vec<_>, Vec<_>) = all.partition(is_whole);
        Windows { starts, left_out: left_out.len() }
    }

    /// The samples of a segment that are numbers in every channel, by stretch, `[20][samples]` in volts.
    pub fn numbers(&self, segment: &Segment) -> Vec<Vec<&[f64]>> {
        let is_number = |sample: usize| self.channels.iter().all(|samples| samples[sample].is_finite());
        let stretches = self.pieces_of(segment).flat_map(|piece| runs(piece, is_number));
        stretches.map(|stretch| self.channels.iter().map(|samples| &samples[stretch.clone()]).collect()).collect()
    }

    /// How many windows of these segments are left out, and why, in a full sentence; `None` where none is.
    ///
    /// # Errors
    /// [`Unusable`] unless one of the segments holds a window.
    pub fn check_windows(&self, segments: &[Segment], windowing: &Windowing) -> Result<Option<String>, Unusable> {
        let (mut kept, mut left_out) = (0, 0);
        for windows in segments.iter().map(|segment| self.windows(segment, windowing)) {
            kept += windows.starts.len();
            left_out += windows.left_out;
        }
        match (kept, left_out) {
            (0, 0) => {
                let pieces = segments.iter().flat_map(|segment| self.pieces_of(segment));
                let samples = pieces.map(|piece| piece.len()).max().unwrap_or(0);
                let (is_interrupted, window) = (self.pieces.len() > 1, windowing.length);
                Err(Unusable::TooShort { samples, is_interrupted, rate_hz: self.rate_hz, window })
            }
            (0, windows) => Err(Unusable::BrokenWindows { windows, broken: self.broken.clone() }),
            (_, 0) => Ok(None),
            (_, 1) => Ok(Some(format!("1 window was left out, whose samples are no numbers: {}.", self.broken))),
            (_, count) => {
                Ok(Some(format!("{count} windows were left out, whose samples are no numbers: {}.", self.broken)))
            }
        }
    }
}

/// Where a channel holds no numbers, as `Cz from 20 s to 21 s`.
fn in_words(label: &str, first: &Range<usize>, stretches: usize, rate_hz: f64) -> String {
    let seconds = |sample: usize| (sample as f64 / rate_hz * 1000.0).round() / 1000.0;
    let more = if stretches > 1 { format!(" and {} more times", stretches - 1) } else { String::new() };
    format!("{label} from {} s to {} s{more}", seconds(first.start), seconds(first.end))
}

/// The stretches of samples, at `rate_hz`, between interruptions; the last one has no end.
fn uninterrupted(interruptions: &[Range<f64>], rate_hz: f64) -> Vec<Range<usize>> {
    /// Part of a sample by which seconds may be rounded.
    const ROUNDING: f64 = 1e-3;
    // A cast keeps within the type's range.
    let sample = |seconds: f64| (seconds * rate_hz - ROUNDING).ceil() as usize;
    let mut pieces = Vec::with_capacity(interruptions.len() + 1);
    let mut start = 0;
    for interruption in interruptions {
        pieces.push(start..sample(interruption.start).max(start));
        start = start.max(sample(interruption.end));
    }
    pieces.push(start..usize::MAX);
    pieces
}

/// The longest stretches within `range` all of whose samples satisfy `is_wanted`.
fn runs(range: Range<usize>, is_wanted: impl Fn(usize) -> bool) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for sample in range.filter(|&sample| is_wanted(sample)) {
        match runs.last_mut() {
            Some(run) if run.end == sample => run.end += 1,
            _ => runs.push(sample..sample + 1),
        }
    }
    runs
}

/// A channel at the target rate.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Decimated {
    /// Its samples; NaN where there are no numbers.
    pub samples: Vec<f64>,
    /// The stretches of the file's samples that are no numbers.
    pub no_numbers: Vec<Range<usize>>,
}

/// The channels decimated by `factor`, each of the `pieces` of the file's samples apart. Before that, at most
/// `held_bytes` of samples are held, or one channel.
pub(super) async fn read_decimated(
    recording: &dyn Recording,
    indices: &[usize],
    factor: usize,
    pieces: &[Range<usize>],
    held_bytes: u64,
) -> Result<Vec<Decimated>, Unusable> {
    let longest = indices.iter().map(|&index| recording.info().channels[index].samples).max().unwrap_or_default();
    let bytes = longest.saturating_mul(size_of::<f64>() as u64).max(1);
    // Few, so it fits.
    let at_once = (held_bytes / bytes).clamp(1, MONTAGE_CHANNELS as u64) as usize;
    let mut channels = Vec::with_capacity(MONTAGE_CHANNELS);
    for group in indices.chunks(at_once) {
        let read = recording.read(group).await?;
        let decimated = read.into_par_iter().map(|samples| decimate_pieces(&samples, factor, pieces));
        channels.extend(decimated.collect::<Result<Vec<_>, _>>()?);
    }
    Ok(channels)
}

/// Every `factor`-th sample from the first of all, low-passed within each piece, and within it between samples that are
/// no numbers: over these the filter would spread.
fn decimate_pieces(samples: &[f64], factor: usize, pieces: &[Range<usize>]) -> Result<Decimated, SignalError> {
    let mut decimated = vec![f64::NAN; samples.len().div_ceil(factor)];
    for piece in pieces {
        let piece = piece.start.min(samples.len())..piece.end.min(samples.len());
        for run in runs(piece, |sample| samples[sample].is_finite()) {
            let first = run.start.div_ceil(factor);
            match decimate(samples.get(first * factor..run.end).unwrap_or_default(), factor) {
                Ok(kept) => decimated[first..first + kept.len()].copy_from_slice(&kept),
                // Far shorter than any window.
                Err(SignalError::TooShort { .. }) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(Decimated { samples: decimated, no_numbers: runs(0..samples.len(), |sample| !samples[sample].is_finite()) })
}

/// By what to decimate; rates that differ from a whole ratio by less than a millionth are one.
fn whole_factor(rate_hz: f64, target_hz: f64) -> Result<usize, Unusable> {
    let ratio = rate_hz / target_hz;
    let factor = ratio.round();
    if (1.0..=1e6).contains(&factor) && (ratio / factor - 1.0).abs() < 1e-6 {
        Ok(factor as usize)
    } else {
        Err(Unusable::Rate { rate_hz, target_hz })
    }
}

/// What windows become.
pub(super) enum Renderer {
    /// A PNG image.
    Spectrogram(Box<Spectrogram>),
    /// A `.npy` array.
    Timeseries(NormalizationStats),
}

impl Renderer {
    /// A renderer of spectrograms; `None` when time series are asked for, whose statistics come first.
    pub fn of_spectrograms(dataset: &dyn RawDataset, options: &PreprocessOptions) -> Result<Option<Self>, SignalError> {
        if options.data_type == DataType::Timeseries {
            return Ok(None);
        }
        let config = SpectrogramConfig {
            window_length: options.window_length,
            channels: MONTAGE_CHANNELS,
            resolution: options.resolution,
            hop_step: dataset.hop_step(),
            spacing: options.spacing,
            output: options.output_type,
            min_db: options.min_db,
            max_db: options.max_db,
        };
        Ok(Some(Self::Spectrogram(Box::new(Spectrogram::new(config)?))))
    }

    /// The file name of a subject's `number`-th window with this tag.
    pub fn file_name(&self, tag: &str, number: usize) -> String {
        match self {
            Self::Spectrogram(_) => format!("spectrogram-{tag}{number}.png"),
            Self::Timeseries(_) => format!("timeseries-{tag}{number}.npy"),
        }
    }

    /// The files of the windows of `length` samples that begin at `starts`, in parallel.
    pub fn encode(&self, channels: &[&[f64]], starts: &[usize], length: usize) -> Result<Vec<Vec<u8>>, DatasetError> {
        starts
            .par_iter()
            .map(|&start| {
                let window: Vec<&[f64]> = channels.iter().map(|samples| &samples[start..start + length]).collect();
                match self {
                    Self::Spectrogram(plan) => Ok(plan.render(&window)?.encode_png()?),
                    Self::Timeseries(stats) => Ok(encode_npy(window.len(), length, &stats.normalize(&window)?)?),
                }
            })
            .collect()
    }
}
