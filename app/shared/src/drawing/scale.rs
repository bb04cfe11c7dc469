//! Linear and logarithmic scales: how high a value is drawn. One that has no place on its scale has the height NaN.

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
        self.floor() < value && value < f64::INFINITY
    }

    /// What every value that the scale [holds](Self::holds) is above.
    pub fn floor(self) -> f64 {
        match self {
            Self::Linear => f64::NEG_INFINITY,
            Self::Log => 0.0,
        }
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

    /// Makes heights of the values of a line's points; NaN of those that have no place.
    pub fn raise(self, points: &mut [(f64, f64)]) {
        for (_, y) in points {
            *y = if self.holds(*y) { self.height(*y) } else { f64::NAN };
        }
    }
}

/// The lowest and the highest height of a line between its points in `span`, and where it enters and leaves it.
/// `points` rise in x; a height of NaN is a gap.
pub fn extremes(points: &[(f64, f64)], span: &Span) -> Option<Span> {
    let (mut lowest, mut highest) = (f64::INFINITY, f64::NEG_INFINITY);
    let mut include = |height: f64| {
        lowest = lowest.min(height);
        highest = highest.max(height);
    };
    let mut previous = (0.0, f64::NAN);
    for &(x, height) in points {
        let (x0, height0) = previous;
        for edge in [span.start, span.end] {
            if x0 < edge && edge < x {
                include(height0 + (height - height0) * (edge - x0) / (x - x0));
            }
        }
        if span.contains(x) {
            include(height);
        }
        previous = (x, height);
    }
    (lowest <= highest).then_some(Span { start: lowest, end: highest })
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
        let reached = |start, end| extremes(&points, &Span { start, end });
        assert_eq!(reached(0.0, 40.0), Some(Span { start: 0.0, end: 100.0 }));
        assert_eq!(reached(4.0, 6.0), Some(Span { start: 4.0, end: 6.0 }));
        assert_eq!(reached(4.0, 15.0), Some(Span { start: 4.0, end: 10.0 }));
        assert_eq!(reached(35.0, 60.0), Some(Span { start: 50.0, end: 75.0 }));
        assert_eq!(reached(12.0, 18.0), None);
    }

    #[test]
    fn what_has_no_place_becomes_a_gap() {
        let mut points = [(0.0, 100.0), (1.0, 0.0), (2.0, f64::INFINITY), (3.0, 0.1)];
        Scale::Log.raise(&mut points);
        assert_eq!((points[0], points[3]), ((0.0, 2.0), (3.0, -1.0)));
        assert!(points[1].1.is_nan() && points[2].1.is_nan());
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
