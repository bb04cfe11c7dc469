//! Where the samples of a stretch lie at another rate.

use crate::signal::SignalError;

/// Rates whose ratio needs larger numbers are refused; 44.1 kHz to 128 Hz takes 11,025 : 32.
const LARGEST_TERM: usize = 1 << 16;

/// Samples before and after, in lowest terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ratio {
    pub before: usize,
    pub after: usize,
}

/// Where MNE-Python finds the samples of a stretch.
pub(super) struct Grid {
    /// Lengths before and after in lowest terms; not quite the ratio of the rates.
    pub before: usize,
    pub after: usize,
    /// The first sample, in samples of the stretch.
    pub first: f64,
}

impl Ratio {
    /// The ratio of two rates, by continued fractions; rates that differ from it by less than a millionth have it.
    pub fn new(before_hz: f64, after_hz: f64) -> Result<Self, SignalError> {
        let error = SignalError::RateRatio { before_hz, after_hz };
        let ratio = before_hz / after_hz;
        if !(before_hz > 0.0 && after_hz > 0.0 && ratio.is_finite() && ratio > 0.0) {
            return Err(error);
        }
        let (mut numerators, mut denominators, mut rest) = ((0.0, 1.0), (1.0, 0.0), ratio);
        loop {
            let whole = rest.floor();
            numerators = (numerators.1, whole * numerators.1 + numerators.0);
            denominators = (denominators.1, whole * denominators.1 + denominators.0);
            if numerators.1.max(denominators.1) > LARGEST_TERM as f64 {
                return Err(error);
            }
            if numerators.1 > 0.0 && (numerators.1 / denominators.1 / ratio - 1.0).abs() < 1e-6 {
                // At most LARGEST_TERM, so they fit.
                return Ok(Self { before: numerators.1 as usize, after: denominators.1 as usize });
            }
            rest = 1.0 / (rest - whole);
        }
    }

    /// Samples before from one sample after to the next.
    pub fn step(self) -> f64 {
        self.before as f64 / self.after as f64
    }
}

impl Grid {
    /// Of a stretch of so many samples.
    pub fn of(samples: usize, ratio: Ratio) -> Self {
        if ratio.before == ratio.after {
            return Self { before: 1, after: 1, first: 0.0 };
        }
        let after_of = |samples: usize| (ratio.after as f64 / ratio.before as f64 * samples as f64).round_ties_even();
        let padded = (samples + 2 * (samples / 8).min(100)).next_power_of_two();
        let lead = (padded - samples) / 2;
        let length = after_of(padded).max(1.0);
        let first = after_of(lead) * padded as f64 / length - lead as f64;
        let length = length as usize;
        let common = 1 << length.trailing_zeros().min(padded.trailing_zeros());
        Self { before: padded / common, after: length / common, first }
    }

    /// Samples of the stretch from one sample to the next.
    pub fn step(&self) -> f64 {
        self.before as f64 / self.after as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_ratios() {
        let ratio = |before, after| Ratio::new(before, after).map(|Ratio { before, after }| (before, after));
        assert_eq!(ratio(500.0, 120.0), Ok((25, 6)));
        assert_eq!(ratio(250.0, 250.0), Ok((1, 1)));
        assert_eq!(ratio(100.0, 512.0), Ok((25, 128)));
        assert_eq!(ratio(44_100.0, 128.0), Ok((11_025, 32)));
        assert_eq!(ratio(249.999_999_99, 125.0), Ok((2, 1)));
        for (before, after) in [(0.0, 1.0), (1.0, 0.0), (f64::NAN, 1.0), (1.0, f64::INFINITY), (1e9, 1.0)] {
            assert!(ratio(before, after).is_err(), "{before} to {after}");
        }
    }
}
