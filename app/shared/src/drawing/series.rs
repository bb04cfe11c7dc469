//! Lines in a chart. Whoever watches a run pushes points into a [`Series`]; charts borrow them to draw and copy nothing.

use std::{
    cell::{Ref, RefCell},
    rc::Rc,
};

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineStyle {
    /// Unbroken: training.
    Solid,
    /// Dashed: validation.
    Dashed,
    /// Dotted: what guessing would reach.
    Dotted,
    /// Dashes and dots by turns: what a simple method reaches.
    DashDotted,
    /// Two dots after each dash: what another reaches.
    DashDotDotted,
}

impl LineStyle {
    /// Pixels that are drawn and left out by turns; none for an unbroken line.
    #[must_use]
    pub fn dashes(self) -> &'static [u8] {
        match self {
            Self::Solid => &[],
            Self::Dashed => &[5, 4],
            Self::Dotted => &[1, 3],
            Self::DashDotted => &[8, 3, 1, 3],
            Self::DashDotDotted => &[8, 3, 1, 3, 1, 3],
        }
    }

    /// Whether its points are marked: what is the same all the time has none of its own.
    #[must_use]
    pub fn has_marks(self) -> bool {
        matches!(self, Self::Solid | Self::Dashed)
    }
}

/// One line: points by rising x, a name and a look. A handle: clones are the same line.
#[derive(Debug, Clone)]
pub struct Series(Rc<Line>);

#[derive(Debug)]
struct Line {
    label: String,
    color: usize,
    style: LineStyle,
    points: RefCell<Points>,
}

/// The points of a line, in columns.
#[derive(Debug, Default)]
pub struct Points {
    xs: Vec<f64>,
    ys: Vec<f64>,
    rewrites: u64,
    fractions: usize,
}

impl Series {
    /// A line without points. `color` counts the palette from 0 and starts over at its end.
    pub fn new(label: impl Into<String>, color: usize, style: LineStyle) -> Self {
        Self(Rc::new(Line { label: label.into(), color, style, points: RefCell::default() }))
    }

    /// What the legend calls it.
    pub fn label(&self) -> &str {
        &self.0.label
    }

    /// Its place in the palette, from 0.
    pub fn color(&self) -> usize {
        self.0.color
    }

    /// How it is drawn.
    pub fn style(&self) -> LineStyle {
        self.0.style
    }

    /// Appends a point; a `y` that is not finite is a gap. A run that is resumed goes over its last steps again: an `x`
    /// at or before the last one replaces what was there from that `x` on. A point whose `x` is not finite has no place
    /// and is left out.
    pub fn push(&self, x: f64, y: f64) {
        self.0.points.borrow_mut().push(x, y);
    }

    /// Removes the points behind this `x`.
    pub fn cut_after(&self, x: f64) {
        let mut points = self.0.points.borrow_mut();
        let kept = points.xs.partition_point(|other| *other <= x);
        if kept < points.len() {
            points.truncate(kept);
        }
    }

    /// Removes all points.
    pub fn clear(&self) {
        self.0.points.borrow_mut().truncate(0);
    }

    /// How many points there are.
    pub fn len(&self) -> usize {
        self.points().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.points().is_empty()
    }

    /// Takes these points, in any order, in place of those it has.
    pub fn replace(&self, mut points: Vec<(f64, f64)>) {
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut own = self.0.points.borrow_mut();
        own.truncate(0);
        for (x, y) in points {
            own.push(x, y);
        }
    }

    /// Its points, borrowed: nothing may be pushed meanwhile.
    pub fn points(&self) -> Ref<'_, Points> {
        self.0.points.borrow()
    }

    /// Whether both are the same line.
    pub fn is(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Points {
    /// The points' x, strictly rising and finite.
    pub fn xs(&self) -> &[f64] {
        &self.xs
    }

    /// The points' y, one for each x.
    pub fn ys(&self) -> &[f64] {
        &self.ys
    }

    /// How many points there are.
    pub fn len(&self) -> usize {
        self.xs.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.xs.is_empty()
    }

    /// The last point.
    pub fn last(&self) -> Option<(f64, f64)> {
        Some((*self.xs.last()?, *self.ys.last()?))
    }

    /// Whether every x is a whole number, as steps and epochs are.
    pub fn has_whole_x(&self) -> bool {
        self.fractions == 0
    }

    /// How often points were removed: as long as this stays, points were appended at most.
    pub fn rewrites(&self) -> u64 {
        self.rewrites
    }

    fn push(&mut self, x: f64, y: f64) {
        if !x.is_finite() {
            return;
        }
        if self.xs.last().is_some_and(|last| x <= *last) {
            self.truncate(self.xs.partition_point(|other| *other < x));
        }
        self.fractions += usize::from(x.fract() != 0.0);
        self.xs.push(x);
        self.ys.push(y);
    }

    fn truncate(&mut self, len: usize) {
        self.fractions -= self.xs[len..].iter().filter(|x| x.fract() != 0.0).count();
        self.xs.truncate(len);
        self.ys.truncate(len);
        self.rewrites += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(points: &[(f64, f64)]) -> Series {
        let series = Series::new("Loss", 0, LineStyle::Solid);
        for (x, y) in points {
            series.push(*x, *y);
        }
        series
    }

    #[test]
    fn clones_are_the_same_line() {
        let one = series(&[(1.0, 2.0)]);
        let other = one.clone();
        other.push(2.0, 3.0);
        assert!(one.is(&other));
        assert_eq!(one.points().last(), Some((2.0, 3.0)));
        assert!(!one.is(&series(&[])));
    }

    #[test]
    fn going_back_replaces_what_was_there() {
        let line = series(&[(1.0, 1.0), (2.0, 2.0), (3.0, 3.0), (4.0, 4.0)]);
        let before = line.points().rewrites();
        line.push(2.5, 9.0);
        assert_eq!(line.points().xs(), [1.0, 2.0, 2.5]);
        assert_eq!(line.points().ys(), [1.0, 2.0, 9.0]);
        assert_ne!(line.points().rewrites(), before);
        line.push(2.5, 8.0);
        assert_eq!(line.points().ys(), [1.0, 2.0, 8.0]);
    }

    #[test]
    fn what_is_cut_off_lies_behind() {
        let line = series(&[(1.0, 1.0), (2.0, 2.0), (3.0, 3.0)]);
        let before = line.points().rewrites();
        line.cut_after(3.0);
        assert_eq!((line.len(), line.points().rewrites()), (3, before));
        line.cut_after(2.0);
        assert_eq!(line.points().xs(), [1.0, 2.0]);
        assert_ne!(line.points().rewrites(), before);
    }

    #[test]
    fn knows_whether_x_is_whole() {
        let line = series(&[(1.0, 0.0), (1.5, 0.0)]);
        assert!(!line.points().has_whole_x());
        line.push(1.25, 0.0);
        assert!(!line.points().has_whole_x());
        line.push(1.0, 0.0);
        assert!(line.points().has_whole_x());
    }

    #[test]
    fn replacing_sorts_and_leaves_out_what_has_no_place() {
        let line = series(&[(7.0, 7.0)]);
        line.replace(vec![(3.0, 0.3), (f64::NAN, 1.0), (1.0, 0.1), (f64::INFINITY, 1.0), (2.0, f64::NAN)]);
        assert_eq!(line.points().xs(), [1.0, 2.0, 3.0]);
        assert!(line.points().ys()[1].is_nan());
        line.clear();
        assert!(line.is_empty() && line.points().has_whole_x());
    }
}
