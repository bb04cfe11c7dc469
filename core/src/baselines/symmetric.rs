//! Functions of symmetric matrices, by their eigenvalues.

use nalgebra::{DMatrix, SymmetricEigen};

/// Sweeps after which an eigen-decomposition is given up; a few an eigenvalue are usual.
const MAX_SWEEPS_PER_ROW: usize = 300;

/// A symmetric matrix whose eigenvalues are all above 0.
pub(super) struct Decomposed(SymmetricEigen<f64, nalgebra::Dyn>);

impl Decomposed {
    /// `None` where an eigenvalue is not above 0, or an element is no number.
    pub fn positive(matrix: &DMatrix<f64>) -> Option<Self> {
        let decomposed = Self::new(matrix)?;
        // Below this share an eigenvalue is what rounding made of 0.
        let least = decomposed.0.eigenvalues.max() * f64::EPSILON;
        decomposed.0.eigenvalues.iter().all(|value| *value > least.max(0.0)).then_some(decomposed)
    }

    /// `None` where an element is no number.
    pub fn new(matrix: &DMatrix<f64>) -> Option<Self> {
        if matrix.iter().any(|value| !value.is_finite()) {
            return None;
        }
        SymmetricEigen::try_new(matrix.clone(), f64::EPSILON, MAX_SWEEPS_PER_ROW * matrix.nrows()).map(Self)
    }

    /// The matrix with `function` of the eigenvalues in their place.
    pub fn map(&self, function: impl Fn(f64) -> f64) -> DMatrix<f64> {
        let vectors = &self.0.eigenvectors;
        let mut scaled = vectors.clone();
        for (mut column, value) in scaled.column_iter_mut().zip(&self.0.eigenvalues) {
            column *= function(*value);
        }
        scaled * vectors.transpose()
    }
}
