//! Where an axis has its ticks, and what stands beside them.

use super::{
    numbers::{compact, evenly},
    scale::Scale,
    span::Span,
};

/// Ticks of an axis, rising.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticks {
    /// Their values: not their heights on the scale.
    pub values: Vec<f64>,
    /// What stands beside each.
    pub labels: Vec<String>,
}

impl Ticks {
    /// Round numbers in `span`, about `at_most` of them at most; whole ones if `whole`.
    pub fn linear(span: &Span, at_most: usize, whole: bool) -> Self {
        // Between finer ones there are no numbers to count them by.
        let finest = 4.0 * f64::EPSILON * span.start.abs().max(span.end.abs());
        let step = Step::at_least((span.width() / at_most.max(1) as f64).max(finest), whole);
        let size = step.times(1.0);
        // A tick on the edge is in, whatever its rounding.
        let (first, last) = ((span.start / size - 1e-9).ceil(), (span.end / size + 1e-9).floor());
        let count = if first <= last { (last - first) as usize + 1 } else { 0 };
        let values: Vec<_> = (0..count).map(|i| step.times(first + i as f64)).collect();
        let labels = evenly(&values, size);
        Self { values, labels }
    }

    /// Ticks on a scale that shows the heights `span`: on a log scale powers of ten, with what lies between where there
    /// is room, and round numbers where that would leave fewer than two.
    pub fn of(scale: Scale, span: &Span, at_most: usize) -> Self {
        if scale == Scale::Linear {
            return Self::linear(span, at_most, false);
        }
        let values = powers(span, at_most);
        if values.len() < 2 {
            return Self::linear(&Span { start: scale.value(span.start), end: scale.value(span.end) }, at_most, false);
        }
        let labels = values.iter().map(|value| compact(*value)).collect();
        Self { values, labels }
    }
}

/// From one tick to the next: `digit` times a power of ten.
struct Step {
    digit: f64,
    exponent: i32,
}

impl Step {
    /// The smallest of 1, 2 or 5 times a power of ten that is at least `least`, and at least 1 if `whole`.
    fn at_least(least: f64, whole: bool) -> Self {
        if whole && least <= 1.0 {
            return Self { digit: 1.0, exponent: 0 };
        }
        let exponent = least.log10().floor() as i32;
        let digits = least / 10f64.powi(exponent);
        match [1.0, 2.0, 5.0].into_iter().find(|digit| digits <= digit * (1.0 + 1e-9)) {
            Some(digit) => Self { digit, exponent },
            None => Self { digit: 1.0, exponent: exponent + 1 },
        }
    }

    /// `n` steps, as near to the decimal number as there is one: three steps of 0.1 are 0.3.
    fn times(&self, n: f64) -> f64 {
        if self.exponent < 0 {
            n * self.digit / 10f64.powi(-self.exponent)
        } else {
            n * self.digit * 10f64.powi(self.exponent)
        }
    }
}

/// Powers of ten between two heights, every n-th of them; with 2 and 5 times them, or 3 times, where there is room.
fn powers(span: &Span, at_most: usize) -> Vec<f64> {
    let decades = span.width();
    let at_most = at_most.max(2) as f64;
    let (digits, every): (&[f64], i32) = if decades * 3.0 <= at_most {
        (&[1.0, 2.0, 5.0], 1)
    } else if decades * 2.0 <= at_most {
        (&[1.0, 3.0], 1)
    } else {
        (&[1.0], (decades / at_most).ceil() as i32)
    };
    let (first, last) = (span.start.floor() as i32, span.end.ceil() as i32);
    (first.div_euclid(every) * every..=last)
        .step_by(every as usize)
        .flat_map(|exponent| digits.iter().map(move |digit| digit * 10f64.powi(exponent)))
        .filter(|value| span.contains(value.log10()))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn linear(start: f64, end: f64, at_most: usize) -> Ticks {
        Ticks::linear(&Span { start, end }, at_most, false)
    }

    fn log(start: f64, end: f64, at_most: usize) -> Vec<String> {
        Ticks::of(Scale::Log, &Span { start: start.log10(), end: end.log10() }, at_most).labels
    }

    #[test]
    fn round_numbers() {
        assert_eq!(linear(0.0, 1.0, 5).values, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);
        assert_eq!(linear(0.0, 1.0, 5).labels, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(linear(0.0, 0.3, 3).values, [0.0, 0.1, 0.2, 0.3]);
        assert_eq!(linear(-7.0, 13.0, 4).labels, ["−5", "0", "5", "10"]);
        assert_eq!(linear(0.0, 100_000.0, 5).labels, ["0", "20k", "40k", "60k", "80k", "100k"]);
        assert_eq!(linear(0.0, 0.00032, 4).labels, ["0", "1e-4", "2e-4", "3e-4"]);
    }

    #[test]
    fn no_ticks_are_finer_than_numbers() {
        let start = 930_434.198_070_096_3;
        assert!(linear(start, start + 1e-9, 11).values.len() <= 12);
    }

    #[test]
    fn there_is_no_step_and_a_half() {
        assert_eq!(Ticks::linear(&Span { start: 1.0, end: 3.0 }, 8, true).labels, ["1", "2", "3"]);
        assert_eq!(Ticks::linear(&Span { start: 1.0, end: 3.0 }, 4, false).labels, ["1.0", "1.5", "2.0", "2.5", "3.0"]);
    }

    #[test]
    fn powers_of_ten_and_what_lies_between() {
        assert_eq!(log(0.5e-4, 20.0, 6), ["1e-4", "0.001", "0.01", "0.1", "1", "10"]);
        assert_eq!(log(0.05, 2.0, 6), ["0.05", "0.1", "0.2", "0.5", "1", "2"]);
        assert_eq!(log(0.05, 20.0, 6), ["0.1", "0.3", "1", "3", "10"]);
        assert_eq!(log(1e-12, 1.0, 4), ["1e-12", "1e-9", "1e-6", "0.001", "1"]);
        assert_eq!(log(0.61, 0.69, 4), ["0.62", "0.64", "0.66", "0.68"]);
    }

    proptest! {
        #[test]
        fn never_too_many_nor_outside(
            start in -1e6..1e6,
            exponent in -9..9,
            at_most in 2usize..20,
            whole in any::<bool>(),
        ) {
            let span = Span { start, end: start + 10f64.powi(exponent) };
            let ticks = Ticks::linear(&span, at_most, whole);
            prop_assert!(ticks.values.len() <= at_most + 1);
            prop_assert_eq!(ticks.values.len(), ticks.labels.len());
            let slack = span.width() * 1e-3 + start.abs() * 1e-12;
            prop_assert!(ticks.values.iter().all(|v| (span.start - slack..=span.end + slack).contains(v)));
            prop_assert!(!whole || ticks.values.iter().all(|v| v.fract() == 0.0));
        }

        #[test]
        fn labels_tell_ticks_apart(start in -1e4..1e4, exponent in -3..6, at_most in 2usize..20) {
            let ticks = linear(start, start + 10f64.powi(exponent), at_most);
            let mut labels = ticks.labels.clone();
            labels.dedup();
            prop_assert_eq!(labels, ticks.labels);
        }
    }
}
