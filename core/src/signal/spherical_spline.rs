//! What a channel would have recorded, from those around it: spherical splines (Perrin et al. 1989, doi
//! 10.1016/0013-4694(89)90180-6), with the order, the number of terms and the regularisation of MNE-Python's
//! `interpolate_bads`.
//!
//! Own code: the splines are ten lines, and no crate has them; the equations are few, and are solved by elimination.

use std::f64::consts::PI;

/// A direction from the centre of the head, of length 1: to the right, to the front, upwards.
pub type Direction = [f64; 3];

/// The order of the splines.
const ORDER: i32 = 4;
/// Legendre polynomials that are summed.
const TERMS: usize = 50;
/// What is added to the diagonal, lest the splines follow every noise.
const REGULARISATION: f64 = 1e-5;

/// By what the channels at the directions `from` are multiplied to give the one at `to` as their sum. The weights sum to 1,
/// so that any reference stays what it is. `None` where no weights do: for two channels at one place, or none at all.
#[must_use]
pub fn spline_weights(from: &[Direction], to: Direction) -> Option<Vec<f64>> {
    let count = from.len();
    if count == 0 {
        return None;
    }
    let mut rows: Vec<Vec<f64>> = from
        .iter()
        .enumerate()
        .map(|(row, direction)| {
            let mut values: Vec<f64> = from.iter().map(|other| spline(cosine(direction, other))).collect();
            values[row] += REGULARISATION;
            values.extend([1.0, spline(cosine(direction, &to))]);
            values
        })
        .collect();
    let mut last = vec![1.0; count];
    last.extend([0.0, 1.0]);
    rows.push(last);
    // The matrix is its own transpose, so its solution for the column of `to` is the row of weights.
    let mut solution = solve(rows)?;
    solution.truncate(count);
    Some(solution)
}

fn cosine(a: &Direction, b: &Direction) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Perrin's g of two directions by the cosine of their angle.
fn spline(cosine: f64) -> f64 {
    let (mut before, mut legendre, mut sum) = (1.0, cosine, 0.0);
    for n in 1..=TERMS {
        let degree = n as f64;
        sum += (2.0 * degree + 1.0) / (degree * (degree + 1.0)).powi(ORDER) * legendre;
        let next = ((2.0 * degree + 1.0) * cosine * legendre - degree * before) / (degree + 1.0);
        (before, legendre) = (legendre, next);
    }
    sum / (4.0 * PI)
}

/// Solves equations, each a row of coefficients and then the right side, by elimination with the largest pivots.
fn solve(mut rows: Vec<Vec<f64>>) -> Option<Vec<f64>> {
    /// Below this a pivot is nothing but rounding; coefficients are at most 1.
    const SMALLEST_PIVOT: f64 = 1e-12;
    let count = rows.len();
    for column in 0..count {
        let pivot = (column..count).max_by(|&a, &b| rows[a][column].abs().total_cmp(&rows[b][column].abs()))?;
        if rows[pivot][column].abs() <= SMALLEST_PIVOT {
            return None;
        }
        rows.swap(column, pivot);
        let pivot = rows[column].clone();
        for (_, row) in rows.iter_mut().enumerate().filter(|(index, _)| *index != column) {
            let factor = row[column] / pivot[column];
            row.iter_mut().zip(&pivot).skip(column).for_each(|(value, pivot)| *value -= factor * pivot);
        }
    }
    Some(rows.iter().enumerate().map(|(index, row)| row[count] / row[index]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The 19 positions of the 10-20 system on a sphere, from Fp1 to O2 row by row.
    const POSITIONS: [Direction; 19] = [
        [-0.2939, 0.9045, 0.3090],
        [0.2939, 0.9045, 0.3090],
        [-0.7695, 0.5590, 0.3090],
        [-0.4591, 0.5800, 0.6730],
        [0.0, 0.5878, 0.8090],
        [0.4591, 0.5800, 0.6730],
        [0.7695, 0.5590, 0.3090],
        [-0.9511, 0.0, 0.3090],
        [-0.5878, 0.0, 0.8090],
        [0.0, 0.0, 1.0],
        [0.5878, 0.0, 0.8090],
        [0.9511, 0.0, 0.3090],
        [-0.7695, -0.5590, 0.3090],
        [-0.4591, -0.5800, 0.6730],
        [0.0, -0.5878, 0.8090],
        [0.4591, -0.5800, 0.6730],
        [0.7695, -0.5590, 0.3090],
        [-0.2939, -0.9045, 0.3090],
        [0.2939, -0.9045, 0.3090],
    ];

    /// The position at an index, and those of the others.
    fn without(index: usize) -> (Vec<Direction>, Direction) {
        let unit = |direction: Direction| {
            let length = cosine(&direction, &direction).sqrt();
            direction.map(|value| value / length)
        };
        let mut others: Vec<_> = POSITIONS.into_iter().map(unit).collect();
        let to = others.remove(index);
        (others, to)
    }

    /// Computed with 60 digits from the formulas of Perrin et al. and the inverse of the whole matrix, as MNE-Python has it.
    #[test]
    fn weights_are_those_of_the_formulas() {
        let of_cz = [
            -0.024252, -0.024252, 0.033760, -0.222604, 0.548287, -0.222604, 0.033760, -0.092944, 0.470850, 0.470850,
            -0.092944, 0.033760, -0.222604, 0.548287, -0.222604, 0.033760, -0.024252, -0.024252,
        ];
        let of_t7 = [
            -0.289170, 0.081433, 0.754603, -0.194234, -0.003094, 0.053201, -0.018179, 0.333191, -0.096424, 0.012589,
            -0.018476, 0.754603, -0.194234, -0.003094, 0.053201, -0.018179, -0.289170, 0.081433,
        ];
        for (index, expected) in [(9, of_cz), (7, of_t7)] {
            let (from, to) = without(index);
            let weights = spline_weights(&from, to).unwrap();
            for (weight, expected) in weights.iter().zip(expected) {
                assert!((weight - expected).abs() < 2e-6, "{index}: {weights:?}");
            }
        }
    }

    #[test]
    fn what_all_channels_have_in_common_stays() {
        for index in 0..POSITIONS.len() {
            let (from, to) = without(index);
            let sum: f64 = spline_weights(&from, to).unwrap().iter().sum();
            assert!((sum - 1.0).abs() < 1e-9, "{sum}");
        }
    }

    #[test]
    fn a_smooth_field_is_found_again() {
        // A dipole's field far away: linear in the direction.
        let field = |direction: &Direction| 3.0 * direction[0] - 2.0 * direction[1] + 5.0 * direction[2] + 40.0;
        let (from, to) = without(9);
        let found: f64 = spline_weights(&from, to).unwrap().iter().zip(&from).map(|(w, at)| w * field(at)).sum();
        assert!((found - field(&to)).abs() < 0.5, "{found}");
        assert_eq!(spline_weights(&[], to), None);
    }
}
