//! A channel's own scale: its median and the range of its middle half, which artefacts hardly move.

/// Scaled samples are whole multiples of 1 divided by this: far finer than what any recorder resolves, and coarse enough
/// that processors which round the last bit of a Fourier transform otherwise give the same samples.
const STEPS: f64 = 16_384.0;

/// The scale of a channel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RobustScale {
    /// Its median in volts.
    pub median: f64,
    /// From its first to its third quartile in volts; 1 for a flat channel, which stays flat.
    pub quartile_range: f64,
}

impl RobustScale {
    /// The scale of these samples, as NumPy's `percentile` interpolates; `None` without any. All must be numbers.
    #[must_use]
    pub fn of(mut samples: Vec<f64>) -> Option<Self> {
        let last = samples.len().checked_sub(1)?;
        let mut quantile = |fraction: f64| {
            let place = fraction * last as f64;
            let below = place.floor() as usize;
            let (_, value, above) = samples.select_nth_unstable_by(below, f64::total_cmp);
            let value = *value;
            let next = above.iter().copied().fold(f64::INFINITY, f64::min);
            if next.is_finite() { value + (place - below as f64) * (next - value) } else { value }
        };
        let (first, median, third) = (quantile(0.25), quantile(0.5), quantile(0.75));
        let range = third - first;
        Some(Self { median, quartile_range: if range > 0.0 { range } else { 1.0 } })
    }

    /// A sample on this scale, at most `limit` from 0, to 1/16384.
    #[must_use]
    pub fn apply(&self, sample: f64, limit: f64) -> f64 {
        let scaled = ((sample - self.median) / self.quartile_range).clamp(-limit, limit);
        (scaled * STEPS).round() / STEPS
    }
}

/// The median of these numbers; `None` without any.
pub(super) fn median(numbers: Vec<f64>) -> Option<f64> {
    RobustScale::of(numbers).map(|scale| scale.median)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quartiles_lie_between_samples() {
        let scale = RobustScale::of(vec![4.0, 1.0, 3.0, 2.0]).unwrap();
        assert_eq!(scale, RobustScale { median: 2.5, quartile_range: 1.5 });
        assert_eq!(scale.apply(4.0, 20.0), 1.0);
        assert_eq!(scale.apply(-1e3, 20.0), -20.0);
        assert_eq!(RobustScale::of(vec![2.0]), Some(RobustScale { median: 2.0, quartile_range: 1.0 }));
        assert_eq!(RobustScale::of(Vec::new()), None);
    }

    proptest! {
        #[test]
        fn as_by_sorting(samples in proptest::collection::vec(-1e3..1e3, 1..200)) {
            let mut sorted = samples.clone();
            sorted.sort_by(f64::total_cmp);
            let quantile = |fraction: f64| {
                let place = fraction * (sorted.len() - 1) as f64;
                let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
                below + place.fract() * (above - below)
            };
            let scale = RobustScale::of(samples).unwrap();
            prop_assert!((scale.median - quantile(0.5)).abs() < 1e-9);
            let range = quantile(0.75) - quantile(0.25);
            prop_assert!(range <= 0.0 || (scale.quartile_range - range).abs() < 1e-9);
        }
    }
}
