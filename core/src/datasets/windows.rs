//! The windows of one recording. Its channels are read, brought to the rate of the samples and checked, so many at a time
//! that memory holds them; windows then become the bytes of their files, as many at once as are asked for.

use std::{collections::BTreeMap, ops::Range};

use rayon::prelude::*;

use super::{
    BadChannel, DatasetError, DatasetPlan, PreprocessOptions, RawDataset, Segment,
    bad_channels::{Judged, faults, interpolate, listed},
    picked::Picked,
    resampling::{Resampled, Resamplers, read_resampled, runs},
    unusable::Unusable,
};
use crate::{
    config::{BadChannels, DataType, Scaling},
    recording::{self, RecordingInfo},
    signal::{
        Direction, NormalizationStats, RobustScale, SignalError, Spectrogram, SpectrogramConfig, Windowing, encode_npy,
    },
    storage::Storage,
};

/// Bytes of samples that are held while a recording is read, at its own rate and at the new one. Most recordings fit, and are
/// read in one go; an hour of 64 channels at 1000 Hz becomes 220 MB at 120 Hz, and is read in ever smaller groups of channels.
const HELD_BYTES: u64 = 224 << 20;

/// A recording at the target rate.
pub(super) struct Signals {
    /// Samples in volts or [robustly scaled](Scaling::Robust), `[channels][samples]`, in the order of every sample; NaN
    /// where the file holds no number.
    channels: Vec<Vec<f64>>,
    rate_hz: f64,
    /// The stretches of samples that were recorded without an interruption, in order.
    pieces: Vec<Range<usize>>,
    /// Where which channel holds no numbers, in words; empty where all do.
    broken: String,
    /// Channels whose electrode recorded nothing of use, by their place among those that were read.
    pub bad: BTreeMap<usize, BadChannel>,
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
    /// Reads a plan's channels at its rate. What lies on either side of an interruption is filtered apart, and so is what
    /// lies on either side of samples that are no numbers.
    pub async fn read(
        raw: &dyn Storage,
        path: &str,
        plan: &DatasetPlan,
        options: &PreprocessOptions,
        resamplers: &mut Resamplers,
    ) -> Result<Self, Unusable> {
        let recording = recording::open(raw, path).await?;
        let info = recording.info();
        let Picked { indices, own, positions, reference, recorded_hz, mut warnings, .. } =
            Picked::new(info, plan, options)?;
        warnings.extend_from_slice(&info.warnings);

        let resampler = resamplers.of(options.filters.as_ref(), recorded_hz, plan.rate_hz)?;
        let recorded = uninterrupted(&info.interruptions(), recorded_hz);
        let resampled = read_resampled(&*recording, &indices, &resampler, &recorded, HELD_BYTES).await?;
        let bad = if plan.channels.are_chosen_by_quality() {
            // They were judged beside those that are left out.
            BTreeMap::new()
        } else {
            bad_channels(info, &indices, &resampled, &positions, plan.rate_hz)
        };
        let (mut channels, no_numbers): (Vec<_>, Vec<_>) =
            resampled.into_iter().map(|resampled| (resampled.samples, resampled.no_numbers)).unzip();
        if options.bad_channels == BadChannels::Interpolate {
            interpolate(&mut channels, &positions, &bad)?;
        }
        warnings.extend(fate_of(&bad, own, options.bad_channels)?);
        let mut broken = Vec::new();
        for (place, (samples, no_numbers)) in channels.iter().zip(no_numbers).enumerate() {
            let is_judged = bad.contains_key(&place) && options.bad_channels != BadChannels::Keep;
            if is_judged || no_numbers.is_empty() {
                continue;
            }
            let label = &info.channels[indices[place]].label;
            if !samples.is_empty() && samples.iter().all(|sample| sample.is_nan()) {
                return Err(Unusable::BrokenChannel { label: label.clone() });
            }
            broken.extend(no_numbers.first().map(|stretch| in_words(label, stretch, no_numbers.len(), recorded_hz)));
        }
        let samples = channels.iter().map(Vec::len).min().unwrap_or_default();
        let measured_against = mean_of(&channels, &reference);
        channels.truncate(own);
        channels.resize_with(plan.channels.count(), || vec![0.0; samples]);
        for (position, channel) in channels.iter_mut().enumerate() {
            if plan.channels.has_reference(position) {
                channel.iter_mut().zip(&measured_against).for_each(|(sample, mean)| *sample -= mean);
            }
            if options.data_type == DataType::Timeseries && options.scaling == Scaling::Robust {
                scale_robustly(channel);
            }
        }
        let pieces = recorded
            .into_iter()
            .map(|piece| resampler.position(piece.start).min(samples)..resampler.position(piece.end).min(samples))
            .filter(|piece| !piece.is_empty())
            .collect();
        Ok(Self { channels, rate_hz: plan.rate_hz, pieces, broken: broken.join(", "), bad, warnings })
    }

    /// The samples of all channels, `[channels][samples]`.
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

    /// The samples of a segment that are numbers in every channel, by stretch, `[channels][samples]`.
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

/// The channels of a recording whose electrode recorded nothing of use, by their place among `indices`.
fn bad_channels(
    info: &RecordingInfo,
    indices: &[usize],
    resampled: &[Resampled],
    positions: &[Option<Direction>],
    rate_hz: f64,
) -> BTreeMap<usize, BadChannel> {
    let judged = resampled.iter().zip(positions).map(|(resampled, position)| Judged {
        recorded: &resampled.quality,
        samples: &resampled.samples,
        position: *position,
    });
    let faults = faults(&judged.collect::<Vec<_>>(), rate_hz).into_iter();
    let label = |place: usize| info.channels[indices[place]].label.clone();
    faults.map(|(place, fault)| (place, BadChannel { channel: label(place), fault })).collect()
}

/// What becomes of bad channels, in a full sentence; `None` where there are none. The first `own` are a sample's.
///
/// # Errors
/// [`Unusable::BadReference`] for one that is to be left out, and that others are measured against.
fn fate_of(bad: &BTreeMap<usize, BadChannel>, own: usize, asked: BadChannels) -> Result<Option<String>, Unusable> {
    let fate = match asked {
        BadChannels::Keep => "kept as they are",
        BadChannels::Interpolate => "interpolated from those around them",
        BadChannels::Drop => "left out of all recordings",
    };
    if asked == BadChannels::Drop
        && let Some((_, channel)) = bad.range(own..).next()
    {
        return Err(Unusable::BadReference { channel: channel.to_string() });
    }
    let channels: Vec<BadChannel> = bad.values().cloned().collect();
    Ok((!bad.is_empty()).then(|| format!("Bad channels, {fate}: {}.", listed(&channels))))
}

/// Where a channel holds no numbers, as `Cz from 20 s to 21 s`.
fn in_words(label: &str, first: &Range<usize>, stretches: usize, rate_hz: f64) -> String {
    let seconds = |sample: usize| (sample as f64 / rate_hz * 1000.0).round() / 1000.0;
    let more = if stretches > 1 { format!(" and {} more times", stretches - 1) } else { String::new() };
    format!("{label} from {} s to {} s{more}", seconds(first.start), seconds(first.end))
}

/// The stretches of samples, at `rate_hz`, between interruptions; the last one has no end.
pub(super) fn uninterrupted(interruptions: &[Range<f64>], rate_hz: f64) -> Vec<Range<usize>> {
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

/// The mean of some of the channels; empty for none of them.
pub(super) fn mean_of(channels: &[Vec<f64>], which: &[usize]) -> Vec<f64> {
    let samples = which.iter().map(|&position| channels[position].len()).min().unwrap_or_default();
    let mean =
        |sample: usize| which.iter().map(|&position| channels[position][sample]).sum::<f64>() / which.len() as f64;
    (0..samples).map(mean).collect()
}

/// Scales a channel by its own numbers.
fn scale_robustly(channel: &mut [f64]) {
    let numbers = channel.iter().copied().filter(|sample| sample.is_finite()).collect();
    if let Some(scale) = RobustScale::of(numbers) {
        channel.iter_mut().for_each(|sample| *sample = scale.apply(*sample, Scaling::LIMIT));
    }
}

/// What windows become.
pub(super) enum Renderer {
    /// A PNG image.
    Spectrogram(Box<Spectrogram>),
    /// A `.npy` array of z-scores.
    Standardized(NormalizationStats),
    /// A `.npy` array of the samples as they are.
    Timeseries,
}

impl Renderer {
    /// The renderer; `None` for time series whose statistics come first.
    pub fn without_statistics(
        dataset: &dyn RawDataset,
        options: &PreprocessOptions,
        channels: usize,
    ) -> Result<Option<Self>, SignalError> {
        if options.data_type == DataType::Timeseries {
            return Ok((options.scaling != Scaling::Standard).then_some(Self::Timeseries));
        }
        let config = SpectrogramConfig {
            window_length: options.window_length,
            channels,
            resolution: options.resolution,
            hop_step: dataset.hop_step(),
            spacing: options.spacing,
            output: options.output_type,
            min_db: options.min_db,
            max_db: options.max_db,
        };
        Ok(Some(Self::Spectrogram(Box::new(Spectrogram::new(config)?))))
    }

    /// What time series are normalised with.
    pub fn statistics(&self) -> Option<&NormalizationStats> {
        if let Self::Standardized(statistics) = self { Some(statistics) } else { None }
    }

    /// The file name of a subject's `number`-th window with this tag.
    pub fn file_name(&self, tag: &str, number: usize) -> String {
        match self {
            Self::Spectrogram(_) => format!("spectrogram-{tag}{number}.png"),
            Self::Standardized(_) | Self::Timeseries => format!("timeseries-{tag}{number}.npy"),
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
                    Self::Standardized(stats) => Ok(encode_npy(window.len(), length, &stats.normalize(&window)?)?),
                    Self::Timeseries => {
                        let values: Vec<f32> = window.concat().into_iter().map(|sample| sample as f32).collect();
                        Ok(encode_npy(window.len(), length, &values)?)
                    }
                }
            })
            .collect()
    }
}
