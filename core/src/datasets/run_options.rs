//! How recordings become the samples of a run, from its run file, the settings and the dataset.

use super::{PreprocessOptions, RawDataset, SplitOptions, needs_math_trials, options_of};
use crate::{
    config::{ResolvedData, RunConfig, Settings},
    fingerprint::Fingerprint,
    signal::{Band, Filters},
};

/// Digits that tell samples of one dataset apart.
const VARIANT_DIGITS: usize = 8;

/// How a dataset's recordings become the samples of a run: as its run file says, else the settings, else the dataset's
/// defaults. Files that do not say how they are resampled have them decimated.
#[must_use]
pub fn options_of_run(
    dataset: &dyn RawDataset,
    settings: &Settings,
    config: &RunConfig,
    data: &ResolvedData,
) -> PreprocessOptions {
    let default = options_of(dataset, settings);
    let (asked, split) = (&config.preprocessing, &config.dataset.split);
    let image = &asked.spectrogram;
    let rate_hz = asked.rate_hz.unwrap_or(default.rate_hz);
    // A cast keeps within the type's range.
    let samples = |seconds: f64| (seconds * rate_hz).round() as usize;
    let filters = Filters {
        notch_hz: asked.notch_hz.clone().unwrap_or_default(),
        band: asked.band_hz.map(|[low_hz, high_hz]| Band { low_hz, high_hz }),
    };
    PreprocessOptions {
        data_type: data.data_type,
        output_type: data.output_type,
        math_trials: needs_math_trials(dataset, &config.dataset.tasks),
        channels: asked.channels.clone().unwrap_or_default(),
        filters: asked.resamples().then_some(filters).or(default.filters),
        reference: asked.reference.clone().unwrap_or_default(),
        bad_channels: asked.bad_channels.unwrap_or(default.bad_channels),
        scaling: asked.scaling.unwrap_or(default.scaling),
        rate_hz,
        window_length: asked.window_s.map_or(default.window_length, samples),
        overlap: asked.overlap.unwrap_or(default.overlap),
        resolution: image.resolution.unwrap_or(default.resolution),
        spacing: image.spacing.unwrap_or(default.spacing),
        min_db: image.min_db.or(default.min_db),
        max_db: image.max_db.or(default.max_db),
        seed: split.seed.unwrap_or(default.seed),
        split: SplitOptions {
            fractions: split.fractions,
            train: split.train.clone(),
            val: split.val.clone(),
            test: split.test.clone(),
        },
        ..default
    }
}

/// What tells the samples of these options from those that the settings and the dataset's defaults give, as a part of a
/// folder's name; `None` where they are those.
#[must_use]
pub fn samples_variant(dataset: &dyn RawDataset, settings: &Settings, options: &PreprocessOptions) -> Option<String> {
    let PreprocessOptions { data_type, output_type, math_trials, replace, .. } = *options;
    let usual = PreprocessOptions { data_type, output_type, math_trials, replace, ..options_of(dataset, settings) };
    let digest = || Fingerprint::new(dataset.name(), 0, options).digest();
    (*options != usual).then(|| digest()[..VARIANT_DIGITS].to_owned())
}
