//! A window of a recording before and after each step on its way to a sample: as recorded, and then interpolated, referred,
//! filtered, resampled and scaled, as far as the options ask for it.
//!
//! Samples are made in fewer steps, all of which are linear up to the scale, so that their order makes no difference: the
//! last stage is that of the samples themselves.

use std::{collections::BTreeMap, ops::Range};

use serde::{Deserialize, Serialize};

use super::{
    BadChannel, DatasetError, DatasetPlan, PreprocessOptions, RawDataset, WindowContent, WindowPreview,
    bad_channels::interpolate,
    picked::Picked,
    preview::{window_preview_of, without_bad},
    resampling::{Resampler, Resamplers, resample_pieces},
    unusable::Unusable,
    windows::{Signals, mean_of, uninterrupted},
};
use crate::{
    config::{BadChannels, DataType, Scaling},
    named::named_enum,
    recording,
    signal::{Conditioner, Filters},
    storage::Storage,
};

named_enum! {
    /// A step on the way from a recording to its samples.
    pub enum Step {
        /// As it was recorded.
        Recorded = "recorded",
        /// Bad channels are made of those around them.
        Interpolated = "interpolated",
        /// Measured against another reference.
        Referred = "reference",
        /// Single frequencies are taken out.
        Notch = "notch",
        /// A band is kept.
        BandPass = "band-pass",
        /// At the rate of the samples.
        Resampled = "resampled",
        /// On the scale of the samples.
        Scaled = "scaled",
    }
}

/// What a step has made of a window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// The step.
    pub step: Step,
    /// `V`, or what the scale counts in: `SD` or `IQR`.
    pub unit: String,
    /// Samples per second.
    pub rate_hz: f64,
    /// Name and samples of each channel; the last ones that are no signal of the file are left out.
    pub channels: Vec<(String, Vec<f32>)>,
}

/// The stages of a window that [`window_preview_of`] shows, in order.
///
/// # Errors
/// As [`window_preview_of`].
pub async fn window_stages(
    dataset: &dyn RawDataset,
    plan: &DatasetPlan,
    raw: &dyn Storage,
    path: &str,
    options: &PreprocessOptions,
    shown: &WindowPreview,
) -> Result<Vec<Stage>, DatasetError> {
    let unusable = |reason: Unusable| DatasetError::Unusable { path: path.to_owned(), reason: reason.to_string() };
    let mut bad = BTreeMap::new();
    let mut plan_of_good = None;
    if options.bad_channels != BadChannels::Keep {
        let signals = Signals::read(raw, path, plan, options, &mut Resamplers::default()).await.map_err(unusable)?;
        plan_of_good = without_bad(plan, &signals, options);
        bad = signals.bad;
    }
    let plan = plan_of_good.as_ref().unwrap_or(plan);
    let mut stages = recorded_stages(plan, raw, path, options, (shown, &bad)).await.map_err(unusable)?;
    // The same samples in volts.
    let in_volts = PreprocessOptions { data_type: DataType::Timeseries, scaling: Scaling::None, ..options.clone() };
    let resampled = match is_scaled(options) || options.data_type == DataType::Spectrogram {
        true => &window_preview_of(dataset, plan, raw, path, &in_volts, shown.window).await?,
        false => shown,
    };
    for (step, made, scaling) in [(Step::Resampled, resampled, Scaling::None), (Step::Scaled, shown, options.scaling)] {
        let WindowContent::Signals { channels, rate_hz, .. } = &made.content else { continue };
        if step == Step::Resampled || is_scaled(options) {
            let (unit, channels) = (scaling.unit().to_owned(), channels.clone());
            stages.push(Stage { step, unit, rate_hz: *rate_hz, channels });
        }
    }
    Ok(stages)
}

fn is_scaled(options: &PreprocessOptions) -> bool {
    options.data_type == DataType::Timeseries && options.scaling != Scaling::None
}

/// The stages at the rate of the recording.
async fn recorded_stages(
    plan: &DatasetPlan,
    raw: &dyn Storage,
    path: &str,
    options: &PreprocessOptions,
    (shown, bad): (&WindowPreview, &BTreeMap<usize, BadChannel>),
) -> Result<Vec<Stage>, Unusable> {
    let recording = recording::open(raw, path).await?;
    let info = recording.info();
    let Picked { indices, own, positions, reference, recorded_hz, .. } = Picked::new(info, plan, options)?;
    let filters = options.filters.clone().unwrap_or_default();
    let notch = Filters { notch_hz: filters.notch_hz.clone(), band: None };
    let both = Conditioner::new(&filters, recorded_hz, recorded_hz)?;

    // What is filtered reaches so far to either side, as long as nothing interrupts it.
    let sample = |seconds: f64| (seconds * recorded_hz).round() as usize;
    let window = sample(shown.start_s)..sample(shown.start_s + shown.length_s);
    let pieces = uninterrupted(&info.interruptions(), recorded_hz);
    let piece = pieces.into_iter().find(|piece| piece.contains(&window.start)).unwrap_or(0..usize::MAX);
    let around = window.start.saturating_sub(both.reach()).max(piece.start)..(window.end + both.reach()).min(piece.end);
    let seconds = around.start as f64 / recorded_hz..around.end as f64 / recorded_hz;
    let mut channels = recording.read_range(&indices, seconds).await?;

    let names: Vec<String> = plan.channels.names().into_iter().take(own).map(str::to_owned).collect();
    let stage = |step: Step, channels: &[Vec<f64>]| {
        let shown = window.start - around.start..window.end - around.start;
        let cut = |samples: &Vec<f64>| cut(samples, &shown);
        let channels = names.iter().cloned().zip(channels.iter().map(cut)).collect();
        Stage { step, unit: Scaling::None.unit().to_owned(), rate_hz: recorded_hz, channels }
    };
    let mut stages = vec![stage(Step::Recorded, &channels)];
    if options.bad_channels == BadChannels::Interpolate && !bad.is_empty() {
        interpolate(&mut channels, &positions, bad)?;
        stages.push(stage(Step::Interpolated, &channels));
    }
    let measured_against = mean_of(&channels, &reference);
    channels.truncate(own);
    if !reference.is_empty() {
        for (_, channel) in channels.iter_mut().enumerate().filter(|(at, _)| plan.channels.has_reference(*at)) {
            channel.iter_mut().zip(&measured_against).for_each(|(sample, mean)| *sample -= mean);
        }
        stages.push(stage(Step::Referred, &channels));
    }
    let notched = Conditioner::new(&notch, recorded_hz, recorded_hz)?;
    let steps = [(Step::Notch, notched, !notch.notch_hz.is_empty()), (Step::BandPass, both, filters.band.is_some())];
    for (step, conditioner, _) in steps.into_iter().filter(|(.., is_asked_for)| *is_asked_for) {
        let resampler = Resampler::Condition(conditioner);
        let filtered = channels.iter().map(|samples| {
            let all = 0..samples.len();
            Ok::<_, Unusable>(resample_pieces(samples, recorded_hz, &resampler, &[all])?.samples)
        });
        let filtered: Vec<Vec<f64>> = filtered.collect::<Result<_, _>>()?;
        stages.push(stage(step, &filtered));
    }
    Ok(stages)
}

/// A part of a channel, as far as there is one.
fn cut(samples: &[f64], part: &Range<usize>) -> Vec<f32> {
    let part = part.start.min(samples.len())..part.end.min(samples.len());
    samples[part].iter().map(|sample| *sample as f32).collect()
}
