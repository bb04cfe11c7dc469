//! Linear and logarithmic scales: a value goes in, its height on the scale comes out, or none where it has no place.

use super::span::Span;

/// How values become heights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// As they are.
    Linear,
    /// By their logarithm to base 10.
    Log,
}

impl Scale {
    /// Whether a value has a place on the scale.
    pub fn holds(self, value: f64) -> bool {
        value.is_finite() && (self == Self::Linear || value > 0.0)
    }

    /// The height of a value that the scale [holds](Self::holds).
    pub fn height(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            Self::Log => value.log10(),
        }
    }

    /// The value at a height.
    pub fn value(self, height: f64) -> f64 {
        match self {
            Self::Linear => height,
            Self::Log => 10f64.powf(height),
        }
    }

    /// The heights that an axis shows for values between `extremes` (heights, too): with some air above and below, but
    /// not below zero for values that are not, and around values that are all the same.
    pub fn padded(self, extremes: &Span) -> Span {
        let Span { start, end } = *extremes;
        let width = end - start;
        // What is left of the same number after rounding must not be drawn as a mountain range.
        let is_flat = width <= 1e-12 * start.abs().max(end.abs());
        let air = match self {
            _ if !is_flat => 0.06 * width,
            Self::Linear if start == 0.0 => 1.0,
            Self::Linear => 0.1 * start.abs(),
            Self::Log => 0.5,
        };
        let floor = if self == Self::Linear && start >= 0.0 && end > 0.0 { 0.0 } else { f64::NEG_INFINITY };
        Span { start: (start - air).max(floor), end: end + air }
    }

    /// The lowest and the highest height of a line between its points in `span`, and where it enters and leaves it.
    /// `points` rise in x; those that the scale does not hold are gaps.
    pub fn extremes(self, points: &[(f64, f64)], span: &Span) -> Option<Span> {
        let mut extremes: Option<Span> = None;
        let mut include = |height: f64| {
            let own = Span { start: height, end: height };
            extremes = Some(extremes.map_or(own, |other| other.union(&own)));
        };
        let mut previous: Option<(f64, f64)> = None;
        for &(x, value) in points {
            if !self.holds(value) {
                previous = None;
                continue;
            }
            let height = self.height(value);
            if let Some((x0, height0)) = previous {
                for edge in [span.start, span.end] {
                    if x0 < edge && edge < x {
                        include(height0 + (height - height0) * (edge - x0) / (x - x0));
                    }
                }
            }
            if span.contains(x) {
                include(height);
            }
            previous = Some((x, height));
        }
        extremes
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_log_scale_holds_what_is_above_zero() {
        for (value, linear, log) in [
            (1.0, true, true),
            (0.0, true, false),
            (-1.0, true, false),
            (f64::NAN, false, false),
            (f64::INFINITY, false, false),
        ] {
            assert_eq!((Scale::Linear.holds(value), Scale::Log.holds(value)), (linear, log), "{value}");
        }
    }

    #[test]
    fn equal_values_get_room_around_them() {
        for (scale, value) in [(Scale::Linear, 0.0), (Scale::Linear, 5.0), (Scale::Linear, -5.0), (Scale::Log, -3.0)] {
            let padded = scale.padded(&Span { start: value, end: value });
            assert!(padded.start < value && value < padded.end, "{scale:?} {value}");
        }
        let rounded = Scale::Linear.padded(&Span { start: 0.3, end: 0.1 + 0.2 });
        assert!(rounded.width() > 0.05);
    }

    #[test]
    fn an_axis_of_what_is_not_negative_does_not_go_below_zero() {
        assert_eq!(Scale::Linear.padded(&Span { start: 0.01, end: 1.0 }).start, 0.0);
        assert_eq!(Scale::Linear.padded(&Span { start: 0.0, end: 1.0 }).start, 0.0);
        assert!(Scale::Linear.padded(&Span { start: -0.01, end: 1.0 }).start < -0.01);
        assert!(Scale::Log.padded(&Span { start: 0.01, end: 1.0 }).start < 0.0);
    }

    #[test]
    fn extremes_count_what_is_seen() {
        let points = [(0.0, 0.0), (10.0, 10.0), (20.0, f64::NAN), (30.0, 100.0), (40.0, 50.0)];
        let seen = |start, end| Scale::Linear.extremes(&points, &Span { start, end });
        assert_eq!(seen(0.0, 40.0), Some(Span { start: 0.0, end: 100.0 }));
        assert_eq!(seen(4.0, 6.0), Some(Span { start: 4.0, end: 6.0 }));
        assert_eq!(seen(4.0, 15.0), Some(Span { start: 4.0, end: 10.0 }));
        assert_eq!(seen(12.0, 18.0), None);
        assert_eq!(Scale::Log.extremes(&points, &Span { start: 0.0, end: 20.0 }), Some(Span { start: 1.0, end: 1.0 }));
    }

    proptest! {
        #[test]
        fn there_and_back(value in 1e-12..1e12) {
            for scale in [Scale::Linear, Scale::Log] {
                prop_assert!((scale.value(scale.height(value)) / value - 1.0).abs() < 1e-12);
            }
        }
    }
}
