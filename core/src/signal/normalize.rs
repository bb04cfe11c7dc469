//! Z-scores of time-series windows. A [`StatsAccumulator`] sees every recording once; its [`NormalizationStats`] are
//! kept as JSON beside the dataset and turn windows in volts into model inputs.

use serde::{Deserialize, Serialize};

use super::{SignalError, error::check_window};
use crate::kept::Versioned;

/// Added to the standard deviation, so that a flat channel can be divided by it.
const EPSILON: f64 = 1e-8;

/// Mean and standard deviation of each channel over a dataset. Its JSON is that of `<dataset>_normalization_stats.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NormalizationStats {
    /// Mean of each channel in volts.
    pub channel_means: Vec<f64>,
    /// Population standard deviation of each channel in volts.
    pub channel_stds: Vec<f64>,
    /// Channels.
    pub n_eeg_channels: usize,
    /// Samples of each channel that were counted.
    pub n_samples_total: u64,
}

impl Versioned for NormalizationStats {
    const VERSION: u32 = 1;
    const UNCOUNTED: u32 = 1;
}

impl NormalizationStats {
    /// Z-scores a window `[channels, samples]` in volts: `(x - mean) / (std + 1e-8)`, as `[channels, samples]`.
    ///
    /// # Errors
    /// [`SignalError::Channels`] when the window, or one of the statistics' own lists, has another number of channels
    /// than `n_eeg_channels`; [`SignalError::Length`] for channels of different lengths, [`SignalError::NonFinite`].
    pub fn normalize(&self, window: &[&[f64]]) -> Result<Vec<f32>, SignalError> {
        let expected = self.n_eeg_channels;
        for found in [self.channel_means.len(), self.channel_stds.len()] {
            if found != expected {
                return Err(SignalError::Channels { expected, found });
            }
        }
        let length = check_window(window, expected)?;
        let mut values = Vec::with_capacity(expected * length);
        for ((samples, mean), std) in window.iter().zip(&self.channel_means).zip(&self.channel_stds) {
            values.extend(samples.iter().map(|sample| ((sample - mean) / (std + EPSILON)) as f32));
        }
        Ok(values)
    }
}

/// Gathers [`NormalizationStats`] in one pass, numerically stable: each block's own moments are merged into the total
/// (Chan, Golub and LeVeque, 1983).
#[derive(Debug, Clone)]
pub struct StatsAccumulator {
    moments: Vec<Moments>,
    samples: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    mean: f64,
    /// Sum of squared distances from the mean.
    spread: f64,
}

impl StatsAccumulator {
    /// Of no samples yet.
    pub fn new(channels: usize) -> Self {
        Self { moments: vec![Moments::default(); channels], samples: 0 }
    }

    /// Adds a recording or a part of one, `[channels, samples]` in volts.
    ///
    /// # Errors
    /// [`SignalError::Channels`], [`SignalError::Length`] or [`SignalError::NonFinite`]; nothing is added then.
    pub fn add(&mut self, block: &[&[f64]]) -> Result<(), SignalError> {
        let length = check_window(block, self.moments.len())?;
        if length == 0 {
            return Ok(());
        }
        let (before, added) = (self.samples as f64, length as f64);
        for (moments, samples) in self.moments.iter_mut().zip(block) {
            let mean = samples.iter().sum::<f64>() / added;
            let spread: f64 = samples.iter().map(|sample| (sample - mean).powi(2)).sum();
            let share = added / (before + added);
            let distance = mean - moments.mean;
            moments.mean += distance * share;
            moments.spread += spread + distance * distance * before * share;
        }
        self.samples += length as u64;
        Ok(())
    }

    /// The statistics of everything added.
    ///
    /// # Errors
    /// [`SignalError::NoSamples`] when nothing was.
    pub fn finish(&self) -> Result<NormalizationStats, SignalError> {
        if self.moments.is_empty() || self.samples == 0 {
            return Err(SignalError::NoSamples);
        }
        let samples = self.samples as f64;
        Ok(NormalizationStats {
            channel_means: self.moments.iter().map(|moments| moments.mean).collect(),
            channel_stds: self.moments.iter().map(|moments| (moments.spread / samples).sqrt()).collect(),
            n_eeg_channels: self.moments.len(),
            n_samples_total: self.samples,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stats_of(blocks: &[&[&[f64]]]) -> NormalizationStats {
        let mut accumulator = StatsAccumulator::new(blocks[0].len());
        for block in blocks {
            accumulator.add(block).unwrap();
        }
        accumulator.finish().unwrap()
    }

    #[test]
    fn population_statistics() {
        let stats = stats_of(&[&[&[1.0, 2.0], &[5.0, 5.0]], &[&[3.0, 4.0], &[5.0, 5.0]]]);
        assert_eq!(stats.channel_means, [2.5, 5.0]);
        assert!((stats.channel_stds[0] - 1.25_f64.sqrt()).abs() < 1e-15);
        assert_eq!(stats.channel_stds[1], 0.0);
        assert_eq!((stats.n_eeg_channels, stats.n_samples_total), (2, 4));
        let normalized = stats.normalize(&[&[2.5, 2.5 + 1.25_f64.sqrt()], &[5.0, 5.0]]).unwrap();
        assert_eq!(normalized[0], 0.0);
        assert!((normalized[1] - 1.0).abs() < 1e-6);
        assert_eq!(normalized[2..], [0.0, 0.0]);
    }

    #[test]
    fn json_has_the_references_names() {
        let stats = stats_of(&[&[&[1.0, 3.0]]]);
        let json = serde_json::to_value(&stats).unwrap();
        let expected = serde_json::json!({
            "channel_means": [2.0], "channel_stds": [1.0], "n_eeg_channels": 1, "n_samples_total": 2
        });
        assert_eq!(json, expected);
        assert_eq!(serde_json::from_value::<NormalizationStats>(json).unwrap(), stats);
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let mut accumulator = StatsAccumulator::new(2);
        assert_eq!(accumulator.finish(), Err(SignalError::NoSamples));
        assert_eq!(accumulator.add(&[&[1.0]]), Err(SignalError::Channels { expected: 2, found: 1 }));
        let uneven = accumulator.add(&[&[1.0], &[1.0, 2.0]]);
        assert_eq!(uneven, Err(SignalError::Length { channel: 1, expected: 1, found: 2 }));
        let infinite = accumulator.add(&[&[1.0, 1.0], &[1.0, f64::INFINITY]]);
        assert_eq!(infinite, Err(SignalError::NonFinite { channel: 1, sample: 1, value: f64::INFINITY }));
        let mut stats = stats_of(&[&[&[1.0], &[2.0]]]);
        assert_eq!(stats.normalize(&[&[1.0]]), Err(SignalError::Channels { expected: 2, found: 1 }));
        stats.channel_stds.pop();
        assert_eq!(stats.normalize(&[&[1.0], &[1.0]]), Err(SignalError::Channels { expected: 2, found: 1 }));
    }

    proptest! {
        #[test]
        fn blocks_make_no_difference(
            values in proptest::collection::vec(-1.0..1.0, 1..200),
            cut in any::<prop::sample::Index>(),
            offset in -1e6..1e6,
        ) {
            let values: Vec<f64> = values.iter().map(|value| value + offset).collect();
            let whole = stats_of(&[&[&values]]);
            let (first, second) = values.split_at(cut.index(values.len()));
            let parts = stats_of(&[&[first], &[second]]);
            prop_assert!((whole.channel_means[0] - parts.channel_means[0]).abs() < 1e-8);
            prop_assert!((whole.channel_stds[0] - parts.channel_stds[0]).abs() < 1e-8);
        }
    }
}
