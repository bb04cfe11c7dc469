//! What the samples of a channel say of its electrode, second by second. Measures and thresholds are those of the PREP
//! pipeline (Bigdely-Shamlo et al. 2015, doi 10.3389/fninf.2015.00016) where nothing else is said.

use super::{RobustScale, robust::median};

/// Volts from trough to peak below which a second is flat: the criterion for EEG that MNE-Python's tutorials use.
const FLAT_V: f64 = 1e-6;
/// Samples one after the other at an end of the range that a signal does not reach by turning there.
const CLIPPED_RUN: usize = 3;
/// The part of a channel's range next to either end, of which most samples lie at the very end where it is clipped.
const NEAR_END: f64 = 0.01;

/// A channel as it was recorded.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RecordedQuality {
    /// Whether there is no signal in a second: samples that are no numbers, or that do not change.
    pub silent: Vec<bool>,
    /// The share of the seconds that are silent or stay within a microvolt.
    pub flat: f64,
    /// The share of the samples that are cut off at the largest or the smallest value.
    pub clipped: f64,
}

impl RecordedQuality {
    /// Of samples in volts.
    #[must_use]
    pub fn of(samples: &[f64], rate_hz: f64) -> Self {
        let ranges: Vec<f64> = seconds(samples, rate_hz).map(range_of_numbers).collect();
        let flat = ranges.iter().filter(|range| **range < FLAT_V).count();
        Self {
            silent: ranges.iter().map(|range| *range == 0.0).collect(),
            flat: flat as f64 / ranges.len().max(1) as f64,
            clipped: clipped(samples),
        }
    }
}

/// From the smallest to the largest sample of a second; 0 where one is no number.
fn range_of_numbers(second: &[f64]) -> f64 {
    let (low, high) = range(second);
    if second.iter().all(|sample| sample.is_finite()) { high - low } else { 0.0 }
}

/// The smallest and the largest number.
fn range(samples: &[f64]) -> (f64, f64) {
    let numbers = samples.iter().copied().filter(|sample| sample.is_finite());
    numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), sample| (low.min(sample), high.max(sample)))
}

/// The share of the samples at an end of their range where nearly all that come near it lie: a signal that turns there by
/// itself has more of them just before it.
fn clipped(samples: &[f64]) -> f64 {
    let (low, high) = range(samples);
    let near = NEAR_END * (high - low);
    if near <= 0.0 {
        return 0.0;
    }
    let mut cut = 0;
    for end in [low, high] {
        let close = samples.iter().filter(|sample| (**sample - end).abs() <= near).count();
        let runs = samples.chunk_by(|a, b| (*a == end) == (*b == end)).filter(|run| run[0] == end);
        let at: usize = runs.map(<[f64]>::len).filter(|length| *length >= CLIPPED_RUN).sum();
        cut += if 2 * at > close { at } else { 0 };
    }
    cut as f64 / samples.len() as f64
}

/// The logarithm of a channel's variance in a second, in the median of those whose samples are numbers; their mean is
/// taken out, and with it what is slower. `None` without a second that changes.
#[must_use]
pub fn log_variance(samples: &[f64], rate_hz: f64) -> Option<f64> {
    let variances = seconds(samples, rate_hz).map(|second| covariance(second, second));
    median(variances.filter(|variance| variance.is_finite() && *variance > 0.0).map(f64::ln).collect())
}

/// How much a channel is like that of its neighbours which it is most like: the largest of their absolute correlations in a
/// second, in the median. `None` without a second in which the channel and a neighbour change.
#[must_use]
pub fn likeness(samples: &[f64], neighbours: &[&[f64]], rate_hz: f64) -> Option<f64> {
    let mut others: Vec<_> = neighbours.iter().map(|neighbour| seconds(neighbour, rate_hz)).collect();
    let mut of_seconds = Vec::new();
    for second in seconds(samples, rate_hz) {
        let own = covariance(second, second);
        let correlations = others.iter_mut().filter_map(|other| {
            let other = other.next().filter(|other| other.len() == second.len())?;
            let correlation = covariance(second, other) / (own * covariance(other, other)).sqrt();
            correlation.is_finite().then_some(correlation.abs())
        });
        of_seconds.extend(correlations.reduce(f64::max));
    }
    median(of_seconds)
}

/// The covariance of two channels.
fn covariance(a: &[f64], b: &[f64]) -> f64 {
    let count = a.len() as f64;
    let mean = |samples: &[f64]| samples.iter().sum::<f64>() / count;
    let (mean_a, mean_b) = (mean(a), mean(b));
    a.iter().zip(b).map(|(a, b)| (a - mean_a) * (b - mean_b)).sum::<f64>() / (count - 1.0).max(1.0)
}

/// The whole seconds of a channel; all of it where it is shorter than one.
fn seconds(samples: &[f64], rate_hz: f64) -> std::slice::ChunksExact<'_, f64> {
    // A cast keeps within the type's range.
    samples.chunks_exact((rate_hz.round() as usize).clamp(1, samples.len().max(1)))
}

/// What channels have in common: the median of a measure, and how far they are spread.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    median: f64,
    deviation: f64,
}

impl Spread {
    /// Of the measures of some channels. Their deviation is that of a normal distribution with the same quartiles, and at
    /// least `smallest`. `None` without any.
    #[must_use]
    pub fn of(measures: &[f64], smallest: f64) -> Option<Self> {
        /// Deviations of a normal distribution from quartile to quartile.
        const QUARTILE_RANGE: f64 = 1.349;
        // A range of 0 would count as 1.
        let is_spread = measures.windows(2).any(|pair| pair[0] != pair[1]);
        let scale = RobustScale::of(measures.to_vec())?;
        let deviation = if is_spread { scale.quartile_range / QUARTILE_RANGE } else { 0.0 };
        Some(Self { median: scale.median, deviation: deviation.max(smallest) })
    }

    /// How many deviations a measure is above the median.
    #[must_use]
    pub fn score(&self, measure: f64) -> f64 {
        (measure - self.median) / self.deviation
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    fn sine(hz: f64, seconds: usize) -> Vec<f64> {
        (0..seconds * 250).map(|sample| 20e-6 * (TAU * hz * sample as f64 / 250.0).sin()).collect()
    }

    #[test]
    fn seconds_without_a_signal_are_found() {
        let mut samples = sine(7.0, 6);
        samples[250..500].fill(3e-6);
        samples[1100] = f64::NAN;
        samples[750..1000].iter_mut().for_each(|sample| *sample *= 0.01);
        let quality = RecordedQuality::of(&samples, 250.0);
        assert_eq!(quality.silent, [false, true, false, false, true, false]);
        assert_eq!(quality.flat, 0.5);
        assert_eq!(quality.clipped, 0.0);
        assert_eq!(RecordedQuality::of(&[], 250.0), RecordedQuality::default());
        assert_eq!(RecordedQuality::of(&[1.0; 20], 250.0).silent, [true]);
    }

    #[test]
    fn cut_off_is_what_stays_at_an_end() {
        // A recorder's steps.
        let step = 0.05e-6;
        let recorded = |limit: f64| -> Vec<f64> {
            sine(3.0, 8).iter().map(|sample| (sample.clamp(-limit, limit) / step).round() * step).collect()
        };
        assert_eq!(clipped(&recorded(1.0)), 0.0);
        let share = clipped(&recorded(18e-6));
        // From 0.9 of the amplitude on, twice 2 (90° - 64.2°) of 360°.
        assert!((share - 0.287).abs() < 0.02, "{share}");
        assert_eq!(clipped(&[2.0; 100]), 0.0);
    }

    #[test]
    fn measures_are_those_of_the_typical_second() {
        let mut samples = sine(10.0, 9);
        let expected = (20e-6_f64.powi(2) / 2.0 * 250.0 / 249.0).ln();
        samples[0..500].iter_mut().for_each(|sample| *sample *= 50.0);
        samples[600] = f64::NAN;
        assert!((log_variance(&samples, 250.0).unwrap() - expected).abs() < 1e-9);
        assert_eq!(log_variance(&[f64::NAN; 500], 250.0), None);
        assert_eq!(log_variance(&[1.0; 500], 250.0), None);

        let (same, other) = (sine(10.0, 9).iter().map(|sample| -3.0 * sample).collect::<Vec<_>>(), sine(11.0, 9));
        let like = likeness(&samples, &[&other, &same], 250.0).unwrap();
        assert!((like - 1.0).abs() < 1e-9, "{like}");
        assert!(likeness(&samples, &[&other], 250.0).unwrap() < 1e-6);
        assert_eq!(likeness(&samples, &[], 250.0), None);
    }

    #[test]
    fn scores_are_robust() {
        let spread = Spread::of(&[1.0, 2.0, 3.0, 4.0, 1e9], 0.0).unwrap();
        assert!((spread.score(3.0)).abs() < 1e-12);
        assert!((spread.score(4.0) - 0.6745).abs() < 1e-3);
        let equal = Spread::of(&[2.0; 5], 0.5).unwrap();
        assert_eq!(equal.score(3.0), 2.0);
        assert_eq!(Spread::of(&[], 0.5), None);
    }
}
