//! What preprocessing makes of one window of one recording, before anything is preprocessed: the very bytes of the
//! image, or the normalised samples.

use super::{
    BadChannel, DatasetError, DatasetPlan, PreprocessOptions, RawDataset,
    resampling::Resamplers,
    unusable::Unusable,
    windows::{Renderer, Signals},
};
use crate::{
    config::{BadChannels, Scaling},
    signal::{NormalizationStats, StatsAccumulator, Windowing, decode_npy},
    storage::Storage,
};

/// A window of a recording.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowPreview {
    /// Which window, from 0.
    pub window: usize,
    /// How many the recording has.
    pub windows: usize,
    /// Where it starts in the recording, in seconds.
    pub start_s: f64,
    /// How long it is, in seconds.
    pub length_s: f64,
    /// What becomes of it.
    pub content: WindowContent,
    /// The recording's channels whose electrode recorded nothing of use. Where they are left out, so are those of the other
    /// recordings, which are not looked at here.
    pub bad_channels: Vec<BadChannel>,
}

/// What becomes of a window.
#[derive(Debug, Clone, PartialEq)]
pub enum WindowContent {
    /// A PNG file.
    Image(Vec<u8>),
    /// Normalised samples.
    Signals {
        /// Name and samples of each channel, in the order of every sample.
        channels: Vec<(String, Vec<f32>)>,
        /// Samples per second.
        rate_hz: f64,
        /// Whether the recording was normalised with its own mean and deviation, for want of the training split's:
        /// without [`PreprocessOptions::statistics`], those are only known when all of its recordings are read.
        is_estimate: bool,
    },
}

impl DatasetPlan {
    /// A plan for [`window_preview_of`]: every recording there is may be looked at.
    ///
    /// # Errors
    /// As [`RawDataset::plan`].
    pub async fn for_previews(
        dataset: &dyn RawDataset,
        raw: &dyn Storage,
        options: &PreprocessOptions,
    ) -> Result<Self, DatasetError> {
        let everything = PreprocessOptions { math_trials: dataset.has_math_trials(), ..options.clone() };
        Self::of(dataset, raw, &everything).await
    }
}

/// What preprocessing with these options makes of a window of the recording at `path`. Plans the dataset; for several
/// windows, [plan once](DatasetPlan::for_previews) and use [`window_preview_of`].
///
/// # Errors
/// As [`window_preview_of`], and what [`RawDataset::plan`] finds wrong.
pub async fn window_preview(
    dataset: &dyn RawDataset,
    raw: &dyn Storage,
    path: &str,
    options: &PreprocessOptions,
    window: usize,
) -> Result<WindowPreview, DatasetError> {
    let plan = DatasetPlan::for_previews(dataset, raw, options).await?;
    window_preview_of(dataset, &plan, raw, path, options, window).await
}

/// What preprocessing with these options makes of a window of a planned recording, which is read once.
///
/// # Errors
/// [`DatasetError::Unusable`] when preprocessing would leave the recording out, [`DatasetError::NoSuchWindow`], and what
/// is wrong with the options.
pub async fn window_preview_of(
    dataset: &dyn RawDataset,
    plan: &DatasetPlan,
    raw: &dyn Storage,
    path: &str,
    options: &PreprocessOptions,
    window: usize,
) -> Result<WindowPreview, DatasetError> {
    let unusable = |reason: String| DatasetError::Unusable { path: path.to_owned(), reason };
    let windowing = Windowing::new(options.window_length, options.overlap).map_err(DatasetError::Options)?;
    let Some(planned) = plan.recordings.iter().find(|planned| planned.path == path) else {
        let reason = plan.not_planned().find(|not_planned| not_planned.path == path).map(|found| found.message);
        return Err(unusable(reason.unwrap_or_else(|| format!("it is no recording of {}", dataset.name()))));
    };
    let reason = |reason: Unusable| unusable(reason.to_string());
    let mut signals = Signals::read(raw, path, plan, options, &mut Resamplers::default()).await.map_err(reason)?;
    let bad_channels: Vec<BadChannel> = signals.bad.values().cloned().collect();
    let without_bad = without_bad(plan, &signals, options);
    if let Some(plan) = &without_bad {
        signals = Signals::read(raw, path, plan, options, &mut Resamplers::default()).await.map_err(reason)?;
    }
    let plan = without_bad.as_ref().unwrap_or(plan);
    let channels = plan.channels.count();
    let renderer = Renderer::without_statistics(dataset, options, channels).map_err(DatasetError::Options)?;
    signals.check_windows(&planned.segments, &windowing).map_err(reason)?;

    let segments = &planned.segments;
    let starts: Vec<usize> = segments.iter().flat_map(|segment| signals.windows(segment, &windowing).starts).collect();
    let windows = starts.len();
    let Some(&start) = starts.get(window) else {
        return Err(DatasetError::NoSuchWindow { path: path.to_owned(), window, windows });
    };
    let renderer = match renderer {
        Some(renderer) => renderer,
        None => {
            let stretches = segments.iter().flat_map(|part| signals.numbers(part));
            Renderer::Standardized(statistics(options, channels, stretches)?)
        }
    };
    let file = renderer.encode(&signals.channels(), &[start], windowing.length)?.swap_remove(0);
    let content = match renderer {
        Renderer::Spectrogram(_) => WindowContent::Image(file),
        Renderer::Standardized(_) | Renderer::Timeseries => {
            let (_, samples, values) = decode_npy(&file)?;
            let labels = plan.channels.names().into_iter().map(str::to_owned);
            WindowContent::Signals {
                channels: labels.zip(values.chunks_exact(samples).map(<[f32]>::to_vec)).collect(),
                rate_hz: plan.rate_hz,
                is_estimate: options.scaling == Scaling::Standard && options.statistics.is_none(),
            }
        }
    };
    Ok(WindowPreview {
        window,
        windows,
        start_s: plan.seconds(start),
        length_s: plan.seconds(windowing.length),
        content,
        bad_channels,
    })
}

/// The plan without the channels that are bad in a recording, where such are left out.
pub(super) fn without_bad(plan: &DatasetPlan, signals: &Signals, options: &PreprocessOptions) -> Option<DatasetPlan> {
    let is_wanted = options.bad_channels == BadChannels::Drop && !signals.bad.is_empty();
    let channels = || plan.channels.clone().without(signals.bad.keys().copied().collect());
    is_wanted.then(|| DatasetPlan { channels: channels(), ..plan.clone() })
}

/// The statistics given, else those of the recording's own stretches.
fn statistics<'a>(
    options: &PreprocessOptions,
    channels: usize,
    stretches: impl Iterator<Item = Vec<&'a [f64]>>,
) -> Result<NormalizationStats, DatasetError> {
    if let Some(statistics) = &options.statistics {
        return Ok(statistics.clone());
    }
    let mut accumulator = StatsAccumulator::new(channels);
    for stretch in stretches {
        accumulator.add(&stretch)?;
    }
    Ok(accumulator.finish()?)
}
