//! Of many points, those that a screen can show: in every column of pixels the first, the lowest, the highest and the
//! last. A line through them covers the same pixels as a line through all.

use super::span::{Span, visible};

/// Appends to `out` what is to be drawn of a line in `span`, which `columns` columns of pixels show, and of the points
/// just outside, to which the line goes on. `xs` rise; every value is one of `ys`, in the order of x. A value for which
/// `is_drawable` says no is a gap; gaps are given as NaN, and only where they are as wide as a column.
pub fn decimate(
    xs: &[f64],
    ys: &[f64],
    span: &Span,
    columns: usize,
    is_drawable: impl Fn(f64) -> bool,
    out: &mut Vec<(f64, f64)>,
) {
    let width = span.width() / columns.max(1) as f64;
    let in_sight = visible(xs, span);
    let mut at = in_sight.start;
    while at < in_sight.end {
        let column = ((xs[at] - span.start) / width).floor();
        let edge = span.start + (column + 1.0) * width;
        let inside = xs[at..in_sight.end].partition_point(|x| *x < edge).max(1);
        let group = at..at + inside;
        summarise(&xs[group.clone()], &ys[group], &is_drawable, out);
        at += inside;
    }
}

/// One column's part of the line.
#[inline]
fn summarise(xs: &[f64], ys: &[f64], is_drawable: impl Fn(f64) -> bool, out: &mut Vec<(f64, f64)>) {
    let Some(first) = ys.iter().position(|y| is_drawable(*y)) else {
        out.push((xs[0], f64::NAN));
        return;
    };
    let (mut lowest, mut highest, mut last) = (first, first, first);
    // This loop sees every point, every time a chart is drawn. It is written out, with values beside their places, because
    // it takes nearly twice as long with iterators where code is made small, as the page's is.
    let (mut least, mut most) = (ys[first], ys[first]);
    let mut i = first;
    while i < ys.len() {
        let y = ys[i];
        if is_drawable(y) {
            if y < least {
                (least, lowest) = (y, i);
            } else if y > most {
                (most, highest) = (y, i);
            }
            last = i;
        }
        i += 1;
    }
    if first > 0 {
        out.push((xs[0], f64::NAN));
    }
    let mut previous = None;
    for i in [first, lowest.min(highest), lowest.max(highest), last] {
        if previous != Some(i) {
            out.push((xs[i], ys[i]));
        }
        previous = Some(i);
    }
    if last + 1 < ys.len() {
        out.push((xs[ys.len() - 1], f64::NAN));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn decimated(xs: &[f64], ys: &[f64], span: Span, columns: usize) -> Vec<(f64, f64)> {
        let mut out = Vec::new();
        decimate(xs, ys, &span, columns, f64::is_finite, &mut out);
        out
    }

    #[test]
    fn few_points_are_all_drawn() {
        let xs = [0.0, 1.0, 2.0, 3.0];
        let ys = [4.0, 2.0, 3.0, 1.0];
        let all: Vec<_> = xs.into_iter().zip(ys).collect();
        assert_eq!(decimated(&xs, &ys, Span { start: 0.0, end: 3.0 }, 100), all);
        assert_eq!(decimated(&xs, &ys, Span { start: 1.2, end: 1.8 }, 100), all[1..3]);
    }

    #[test]
    fn a_column_shows_first_lowest_highest_and_last() {
        let xs: Vec<f64> = (0..6).map(f64::from).collect();
        let ys = [3.0, 9.0, 4.0, 1.0, 5.0, 2.0];
        assert_eq!(
            decimated(&xs, &ys, Span { start: 0.0, end: 100.0 }, 1),
            [(0.0, 3.0), (1.0, 9.0), (3.0, 1.0), (5.0, 2.0)]
        );
        assert_eq!(decimated(&xs, &[7.0; 6], Span { start: 0.0, end: 100.0 }, 1), [(0.0, 7.0), (5.0, 7.0)]);
    }

    #[test]
    fn gaps_stay_where_they_can_be_seen() {
        let xs: Vec<f64> = (0..6).map(f64::from).collect();
        let ys = [f64::NAN, 1.0, f64::INFINITY, 2.0, f64::NAN, f64::NAN];
        let gaps = |columns| -> Vec<_> {
            decimated(&xs, &ys, Span { start: 0.0, end: 6.0 }, columns).into_iter().map(|(_, y)| y.is_nan()).collect()
        };
        assert_eq!(gaps(6), [true, false, true, false, true, true]);
        assert_eq!(gaps(1), [true, false, false, true]);
    }

    #[test]
    fn a_hundred_thousand_points_become_four_a_column() {
        let xs: Vec<f64> = (0..100_000).map(f64::from).collect();
        let ys: Vec<f64> = xs.iter().map(|x| (x * 0.7).sin()).collect();
        let drawn = decimated(&xs, &ys, Span { start: 0.0, end: 99_999.0 }, 500);
        assert!((1000..=2004).contains(&drawn.len()), "{}", drawn.len());
    }

    fn line() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
        let value = prop_oneof![9 => -1e3..1e3f64, 1 => Just(f64::NAN)];
        proptest::collection::vec((-50.0..50.0f64, value), 0..300).prop_map(|mut points| {
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            points.dedup_by(|a, b| a.0 == b.0);
            points.into_iter().unzip()
        })
    }

    proptest! {
        #[test]
        fn every_column_keeps_its_lowest_and_highest(
            (xs, ys) in line(),
            start in -60.0..40.0f64,
            width in 0.1..100.0f64,
            columns in 1usize..40,
        ) {
            let span = Span { start, end: start + width };
            let drawn = decimated(&xs, &ys, span, columns);
            let extremes = |points: &[(f64, f64)]| {
                let mut by_column: BTreeMap<i64, (f64, f64)> = BTreeMap::new();
                for &(x, y) in points.iter().filter(|(x, y)| span.contains(*x) && y.is_finite()) {
                    let column = ((x - start) / (width / columns as f64)).floor() as i64;
                    let entry = by_column.entry(column).or_insert((y, y));
                    *entry = (entry.0.min(y), entry.1.max(y));
                }
                by_column
            };
            let all: Vec<_> = xs.iter().copied().zip(ys.iter().copied()).collect();
            // A point on the edge of a column may fall to either side: whatever the rounding, nothing that is drawn was
            // made up, and the extremes of each column are there.
            for &(x, y) in &drawn {
                prop_assert!(all.iter().any(|point| point.0 == x && (y.is_nan() || point.1 == y)));
            }
            prop_assert_eq!(extremes(&drawn), extremes(&all));
            prop_assert!(drawn.windows(2).all(|pair| pair[0].0 <= pair[1].0), "x falls");
            prop_assert!(drawn.len() <= 6 * (columns + 3));
        }
    }
}
