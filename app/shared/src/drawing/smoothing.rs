//! The exponential moving average of a line, as TensorBoard draws it: without the bias towards zero that the first
//! values of such an average have, and past gaps as if they were not there.

use super::series::Points;

/// A line's moving average, which grows with the line.
#[derive(Debug, Default)]
pub struct Smoothed {
    weight: f64,
    rewrites: u64,
    values: Vec<f64>,
    average: f64,
    /// How much of the average is values, and not the zero it began with.
    mass: f64,
}

impl Smoothed {
    /// The average of `points`, one value for each; a gap stays one. `weight` in 0..1 is that of the past. What was
    /// computed for the same weight before is kept.
    pub fn follow(&mut self, points: &Points, weight: f64) -> &[f64] {
        if self.weight != weight || self.rewrites != points.rewrites() {
            *self = Self {
                weight,
                rewrites: points.rewrites(),
                values: std::mem::take(&mut self.values),
                ..Self::default()
            };
            self.values.clear();
        }
        for y in &points.ys()[self.values.len()..] {
            if y.is_finite() {
                self.average = weight * self.average + (1.0 - weight) * y;
                self.mass = weight * self.mass + (1.0 - weight);
                self.values.push(self.average / self.mass);
            } else {
                self.values.push(*y);
            }
        }
        &self.values
    }

    /// What [`follow`](Self::follow) gave last.
    pub fn values(&self) -> &[f64] {
        &self.values
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drawing::series::{LineStyle, Series};

    fn series(ys: &[f64]) -> Series {
        let series = Series::new("Loss", 0, LineStyle::Solid);
        for (x, y) in ys.iter().enumerate() {
            series.push(x as f64, *y);
        }
        series
    }

    fn smoothed(ys: &[f64], weight: f64) -> Vec<f64> {
        Smoothed::default().follow(&series(ys).points(), weight).to_vec()
    }

    fn assert_close(got: &[f64], expected: &[f64]) {
        assert_eq!(got.len(), expected.len());
        for (a, b) in got.iter().zip(expected) {
            assert!((a - b).abs() < 1e-12, "{a} instead of {b}");
        }
    }

    /// By hand: the average's n-th value is `sum(w^(n-i) y_i) / sum(w^(n-i))`.
    #[test]
    fn a_weighted_mean_of_the_past() {
        assert_close(&smoothed(&[1.0, 2.0, 4.0], 0.5), &[1.0, (0.5 + 2.0) / 1.5, (0.25 + 1.0 + 4.0) / 1.75]);
        assert_close(&smoothed(&[3.0, 1.0, 2.0], 0.0), &[3.0, 1.0, 2.0]);
        assert_close(&smoothed(&[7.0; 50], 0.99), &[7.0; 50]);
    }

    #[test]
    fn gaps_stay_gaps_and_do_not_count() {
        let got = smoothed(&[1.0, f64::NAN, f64::INFINITY, 2.0], 0.5);
        assert!(got[1].is_nan() && got[2].is_infinite());
        assert_close(&[got[0], got[3]], &smoothed(&[1.0, 2.0], 0.5));
    }

    #[test]
    fn follows_what_is_appended_and_begins_anew_when_told_to() {
        let line = series(&[1.0, 5.0, 2.0]);
        let mut average = Smoothed::default();
        average.follow(&line.points(), 0.9);
        line.push(3.0, 8.0);
        assert_close(average.follow(&line.points(), 0.9), &smoothed(&[1.0, 5.0, 2.0, 8.0], 0.9));
        assert_close(average.follow(&line.points(), 0.3), &smoothed(&[1.0, 5.0, 2.0, 8.0], 0.3));
        line.push(1.0, 4.0);
        assert_close(average.follow(&line.points(), 0.3), &smoothed(&[1.0, 4.0], 0.3));
        assert_close(average.values(), &smoothed(&[1.0, 4.0], 0.3));
    }
}
