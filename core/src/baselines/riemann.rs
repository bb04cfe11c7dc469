//! Covariances as points of a curved space (Pennec et al. 2006; Moakher 2005): their mean, and vectors in the flat space
//! that touches it there (Barachant et al. 2012), as pyriemann computes them.

use nalgebra::DMatrix;
use rayon::prelude::*;

use super::symmetric::Decomposed;

/// The norm of a step below which the mean stands.
const TOLERANCE: f64 = 1e-8;
/// Steps after which it is taken as it is.
const MAX_STEPS: usize = 50;

/// The Riemannian mean of covariances, found by gradient descent, a step at a time.
#[derive(Debug, Clone)]
pub struct MeanFit {
    mean: DMatrix<f64>,
    /// Share of the gradient that a step goes along.
    rate: f64,
    /// Length of the best step so far.
    shortest: f64,
    steps: usize,
}

impl MeanFit {
    /// Begins at the arithmetic mean of those that have a place in the space (see [`is_positive`]), the only ones that
    /// count; `None` without such a covariance.
    #[must_use]
    pub fn new(covariances: &[DMatrix<f64>]) -> Option<Self> {
        let positive: Vec<&DMatrix<f64>> =
            covariances.par_iter().filter(|covariance| is_positive(covariance)).collect();
        let first = positive.first()?;
        let zero = DMatrix::zeros(first.nrows(), first.ncols());
        let sum = positive.iter().fold(zero, |sum, covariance| sum + *covariance);
        Some(Self { mean: sum / positive.len() as f64, rate: 1.0, shortest: f64::INFINITY, steps: 0 })
    }

    /// Takes one step, of time linear in the number of covariances, and says whether the mean is found.
    pub fn step(&mut self, covariances: &[DMatrix<f64>]) -> bool {
        let Some((root, inverse_root)) = roots(&self.mean) else { return true };
        let size = self.mean.nrows();
        let logs = covariances.par_iter().filter_map(|covariance| log_at(covariance, &inverse_root));
        // In the covariances' order, so that the mean is the same whatever the number of threads.
        let logs: Vec<DMatrix<f64>> = logs.collect();
        let sum = logs.iter().fold(DMatrix::zeros(size, size), |sum, log| sum + log);
        let gradient = sum / logs.len().max(1) as f64;
        let Some(step) = Decomposed::new(&(&gradient * self.rate)) else { return true };
        self.mean = &root * step.map(f64::exp) * &root;
        // Rounding leaves the two triangles a little apart.
        self.mean = (&self.mean + self.mean.transpose()) * 0.5;
        self.steps += 1;
        let norm = gradient.norm();
        let length = self.rate * norm;
        if length < self.shortest {
            (self.rate, self.shortest) = (0.95 * self.rate, length);
        } else {
            self.rate *= 0.5;
        }
        norm <= TOLERANCE || self.rate <= TOLERANCE || self.steps >= MAX_STEPS
    }

    /// Where the mean is now.
    #[must_use]
    pub fn mean(&self) -> &DMatrix<f64> {
        &self.mean
    }
}

/// Whether a covariance has a place in the space: all its eigenvalues are above 0. That of a window without any change has
/// none, and neither has one of what is no number.
#[must_use]
pub fn is_positive(covariance: &DMatrix<f64>) -> bool {
    Decomposed::positive(covariance).is_some()
}

/// The flat space that touches the curved one at a point.
#[derive(Debug, Clone)]
pub struct TangentSpace {
    inverse_root: DMatrix<f64>,
}

impl TangentSpace {
    /// At this point; `None` unless it is positive definite.
    #[must_use]
    pub fn at(point: &DMatrix<f64>) -> Option<Self> {
        let (_, inverse_root) = roots(point)?;
        Some(Self { inverse_root })
    }

    /// Number of a vector's components: channels · (channels + 1) / 2.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        let channels = self.inverse_root.nrows();
        channels * (channels + 1) / 2
    }

    /// The vector to a covariance: the upper triangle of the matrix logarithm of the whitened covariance, row by row, where
    /// what is off the diagonal counts √2-fold, so that lengths stay. NaN for a covariance that has no place in the space.
    #[must_use]
    pub fn vector(&self, covariance: &DMatrix<f64>) -> Vec<f64> {
        let Some(log) = log_at(covariance, &self.inverse_root) else { return vec![f64::NAN; self.dimensions()] };
        let row = |row: usize| {
            let log = &log;
            let weight = move |column: usize| if row == column { 1.0 } else { std::f64::consts::SQRT_2 };
            (row..log.ncols()).map(move |column| weight(column) * log[(row, column)])
        };
        (0..log.nrows()).flat_map(row).collect()
    }
}

/// The logarithm of a covariance that is whitened by the inverse root of a point.
fn log_at(covariance: &DMatrix<f64>, inverse_root: &DMatrix<f64>) -> Option<DMatrix<f64>> {
    Some(Decomposed::positive(&(inverse_root * covariance * inverse_root))?.map(f64::ln))
}

/// The square root of a positive definite matrix, and that root's inverse.
fn roots(matrix: &DMatrix<f64>) -> Option<(DMatrix<f64>, DMatrix<f64>)> {
    let decomposed = Decomposed::positive(matrix)?;
    Some((decomposed.map(f64::sqrt), decomposed.map(|value| value.sqrt().recip())))
}
