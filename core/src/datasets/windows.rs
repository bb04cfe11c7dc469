//! One recording flows in: its 20 channels are read, decimated and checked, so many at a time that memory holds them. The
//! bytes of the files that its windows become flow out, in batches small enough to be held.

use rayon::prelude::*;

use super::{DatasetError, MONTAGE_CHANNELS, Montage, Picks, PreprocessOptions, RawDataset, Segment, error::Unusable};
use crate::{
    config::DataType,
    recording::{self, Recording, RecordingInfo},
    signal::{NormalizationStats, SignalError, Spectrogram, SpectrogramConfig, Windowing, decimate, encode_npy},
    storage::Storage,
};

/// Bytes of samples at a recording's own rate that are held at once; most recordings fit, and are read in one go.
const HELD_BYTES: u64 = 1 << 28;

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
    /// Finds the montage's channels, which must share one rate that is a whole multiple of `rate_hz`.
    pub fn new(info: &RecordingInfo, montage: &Montage, rate_hz: f64) -> Result<Self, Unusable> {
        let Picks { indices, warnings } = montage.pick(&info.labels())?;
        let first = &info.channels[indices[0]];
        for &index in &indices {
            let other = &info.channels[index];
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
        // A file of more samples than that cannot be read anyway.
        let samples = usize::try_from(samples).unwrap_or(usize::MAX).div_ceil(factor);
        Ok(Self { indices, factor, samples, warnings })
    }
}

/// A recording at the target rate.
pub(super) struct Signals {
    /// Samples in volts, `[20][samples]`, in the montage's order.
    channels: Vec<Vec<f64>>,
    rate_hz: f64,
    /// What was odd about the file, in full sentences.
    pub warnings: Vec<String>,
}

impl Signals {
    /// Reads the montage's channels at `rate_hz`.
    pub async fn read(raw: &dyn Storage, path: &str, montage: &Montage, rate_hz: f64) -> Result<Self, Unusable> {
        let recording = recording::open_without_annotations(raw, path).await?;
        let info = recording.info();
        let Picked { indices, factor, mut warnings, .. } = Picked::new(info, montage, rate_hz)?;
        warnings.extend_from_slice(&info.warnings);

        let mut channels = read_decimated(&*recording, &indices, factor, HELD_BYTES).await?;
        let samples = channels.iter().map(Vec::len).min().unwrap_or_default();
        channels.resize_with(MONTAGE_CHANNELS, || vec![0.0; samples]);
        Ok(Self { channels, rate_hz, warnings })
    }

    /// The samples of a segment, `[20][samples]` in volts; the part of it that was recorded.
    pub fn segment(&self, segment: &Segment) -> Vec<&[f64]> {
        let sample = |seconds: f64| (seconds * self.rate_hz).round() as usize;
        self.channels
            .iter()
            .map(|samples| match &segment.seconds {
                None => samples.as_slice(),
                Some(range) => {
                    let end = sample(range.end).min(samples.len());
                    &samples[sample(range.start).min(end)..end]
                }
            })
            .collect()
    }

    /// An error unless one of the segments holds a window.
    pub fn require_window(&self, segments: &[Segment], windowing: &Windowing) -> Result<(), Unusable> {
        let longest = segments.iter().map(|segment| shortest(&self.segment(segment))).max().unwrap_or(0);
        if longest < windowing.length {
            return Err(Unusable::TooShort { samples: longest, rate_hz: self.rate_hz, window: windowing.length });
        }
        Ok(())
    }
}

/// The channels decimated by `factor`. Before that, at most `held_bytes` of samples are held, or one channel.
pub(super) async fn read_decimated(
    recording: &dyn Recording,
    indices: &[usize],
    factor: usize,
    held_bytes: u64,
) -> Result<Vec<Vec<f64>>, Unusable> {
    let longest = indices.iter().map(|&index| recording.info().channels[index].samples).max().unwrap_or_default();
    let bytes = longest.saturating_mul(size_of::<f64>() as u64).max(1);
    // Few, so it fits.
    let at_once = (held_bytes / bytes).clamp(1, MONTAGE_CHANNELS as u64) as usize;
    let mut channels = Vec::with_capacity(MONTAGE_CHANNELS);
    for group in indices.chunks(at_once) {
        let read = recording.read(group).await?;
        let decimated = read.into_par_iter().map(|samples| decimate(&samples, factor));
        channels.extend(decimated.collect::<Result<Vec<_>, _>>()?);
    }
    Ok(channels)
}

/// The number of samples that every channel has.
pub(super) fn shortest(channels: &[&[f64]]) -> usize {
    channels.iter().map(|samples| samples.len()).min().unwrap_or(0)
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
