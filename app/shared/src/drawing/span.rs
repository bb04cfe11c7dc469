//! A stretch of an axis, and what zooming and panning make of it; where in rising numbers a stretch begins and ends.

use std::ops::Range;

/// A stretch of an axis, `start < end`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// Where it starts.
    pub start: f64,
    /// Where it ends.
    pub end: f64,
}

impl Span {
    /// From `start` to `end`; a stretch around them when they are the same.
    pub fn around(start: f64, end: f64) -> Self {
        if start < end { Self { start, end } } else { Self { start: start - 0.5, end: start + 0.5 } }
    }

    /// How long it is.
    pub fn width(&self) -> f64 {
        self.end - self.start
    }

    /// Whether `x` lies in it.
    pub fn contains(&self, x: f64) -> bool {
        (self.start..=self.end).contains(&x)
    }

    /// The shortest that holds both.
    pub fn union(&self, other: &Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Longer by `factor`, with `about` staying where it is; within `full` and no shorter than `shortest`.
    pub fn zoomed(&self, about: f64, factor: f64, full: &Self, shortest: f64) -> Self {
        let width = (self.width() * factor).max(shortest);
        let share = (about - self.start) / self.width();
        let start = about - share * width;
        Self { start, end: start + width }.within(full)
    }

    /// Moved by `distance`, as far as `full` reaches.
    pub fn panned(&self, distance: f64, full: &Self) -> Self {
        Self { start: self.start + distance, end: self.end + distance }.within(full)
    }

    /// Moved, and where that is not enough shortened, to lie in `full`.
    pub fn within(&self, full: &Self) -> Self {
        if self.width() >= full.width() {
            *full
        } else if self.start < full.start {
            Self { start: full.start, end: full.start + self.width() }
        } else if self.end > full.end {
            Self { start: full.end - self.width(), end: full.end }
        } else {
            *self
        }
    }
}

/// Which of the rising `xs` lie in `span`, with one more on either side: the line goes on there.
pub fn visible(xs: &[f64], span: &Span) -> Range<usize> {
    let start = xs.partition_point(|x| *x < span.start);
    let end = xs.partition_point(|x| *x <= span.end);
    start.saturating_sub(1)..(end + 1).min(xs.len())
}

/// Which of the rising `xs` is nearest to `x`; the earlier of two that are equally near.
pub fn nearest(xs: &[f64], x: f64) -> Option<usize> {
    let after = xs.partition_point(|other| *other < x);
    let before = after.checked_sub(1);
    match (before, xs.get(after)) {
        (Some(before), Some(next)) if x - xs[before] <= next - x => Some(before),
        (_, Some(_)) => Some(after),
        (before, None) => before,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FULL: Span = Span { start: 0.0, end: 100.0 };

    #[test]
    fn zooming_keeps_the_place_under_the_pointer() {
        let zoomed = FULL.zoomed(25.0, 0.5, &FULL, 1.0);
        assert_eq!(zoomed, Span { start: 12.5, end: 62.5 });
        assert_eq!(zoomed.zoomed(25.0, 2.0, &FULL, 1.0), FULL);
    }

    #[test]
    fn neither_zoom_nor_pan_leave_what_there_is() {
        let part = Span { start: 10.0, end: 20.0 };
        assert_eq!(part.panned(-30.0, &FULL), Span { start: 0.0, end: 10.0 });
        assert_eq!(part.panned(300.0, &FULL), Span { start: 90.0, end: 100.0 });
        assert_eq!(part.zoomed(12.0, 1000.0, &FULL, 1.0), FULL);
        assert_eq!(part.zoomed(10.0, 1e-9, &FULL, 2.0), Span { start: 10.0, end: 12.0 });
    }

    #[test]
    fn one_place_gets_a_stretch_around_it() {
        assert_eq!(Span::around(3.0, 3.0), Span { start: 2.5, end: 3.5 });
        assert_eq!(Span::around(3.0, 4.0), Span { start: 3.0, end: 4.0 });
    }

    #[test]
    fn the_line_goes_on_beyond_what_is_visible() {
        let xs = [0.0, 10.0, 20.0, 30.0, 40.0];
        assert_eq!(visible(&xs, &Span { start: 10.0, end: 20.0 }), 0..4);
        assert_eq!(visible(&xs, &Span { start: 11.0, end: 12.0 }), 1..3);
        assert_eq!(visible(&xs, &FULL), 0..5);
        assert_eq!(visible(&xs, &Span { start: 50.0, end: 60.0 }), 4..5);
        assert_eq!(visible(&xs, &Span { start: -9.0, end: -1.0 }), 0..1);
        assert_eq!(visible(&[], &FULL), 0..0);
    }

    proptest! {
        #[test]
        fn nearest_is_the_nearest(mut xs in proptest::collection::vec(-1e3..1e3, 1..60), x in -2e3..2e3) {
            xs.sort_by(f64::total_cmp);
            let found = nearest(&xs, x).unwrap();
            let least = xs.iter().map(|other| (other - x).abs()).fold(f64::INFINITY, f64::min);
            prop_assert_eq!((xs[found] - x).abs(), least);
        }
    }

    #[test]
    fn nothing_is_near_where_nothing_is() {
        assert_eq!(nearest(&[], 1.0), None);
    }
}
