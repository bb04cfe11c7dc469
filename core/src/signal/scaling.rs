//! From numbers to grey levels: the range of a channel's values in, levels 0 to 255 out.

/// Added to magnitudes in volts, so that silence has a logarithm.
const MAGNITUDE_FLOOR: f64 = 1e-9;

/// A magnitude in dB relative to 1 V.
pub(super) fn decibels(magnitude: f64) -> f64 {
    20.0 * (magnitude + MAGNITUDE_FLOOR).log10()
}

/// A range of values that becomes the grey levels 0 to 255.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Range {
    /// Value drawn black.
    pub(super) low: f64,
    /// Value drawn white.
    pub(super) high: f64,
}

impl Range {
    /// From the smallest to the largest of `values`.
    pub(super) fn of(values: impl Iterator<Item = f64>) -> Self {
        values.fold(Self { low: f64::INFINITY, high: f64::NEG_INFINITY }, |range, value| Self {
            low: range.low.min(value),
            high: range.high.max(value),
        })
    }

    /// The level of a value, cut off at both ends and rounded down. A range without extent is black throughout.
    pub(super) fn level(self, value: f64) -> u8 {
        if self.low < self.high {
            // A float beyond 0..=255 becomes the nearest end.
            ((value - self.low) / (self.high - self.low) * 255.0) as u8
        } else {
            0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_cut_off_and_rounded_down() {
        let range = Range { low: -100.0, high: -50.0 };
        let levels = [-101.0, -100.0, -99.9, -75.0, -50.1, -50.0, 0.0].map(|value| range.level(value));
        assert_eq!(levels, [0, 0, 0, 127, 254, 255, 255]);
    }

    #[test]
    fn a_flat_range_is_black() {
        let range = Range::of([3.0, 3.0].into_iter());
        assert_eq!(range.level(3.0), 0);
        assert_eq!(Range { low: -130.0, high: -180.0 }.level(-150.0), 0);
    }

    #[test]
    fn silence_is_minus_180_decibels() {
        assert!((decibels(0.0) + 180.0).abs() < 1e-9);
        assert!((decibels(1.0)).abs() < 1e-7);
    }
}
