//! Ridge regression.

use nalgebra::{Cholesky, DMatrix, DVector};

/// A number as a weighted sum of features, with weights kept small (Hoerl and Kennard 1970).
#[derive(Debug, Clone)]
pub struct Ridge {
    weights: DVector<f64>,
    intercept: f64,
}

impl Ridge {
    /// Minimises ‖y − Xw − b‖² + α‖w‖² for features `[samples, features]`, as scikit-learn's `Ridge`. `None` where a
    /// feature is no number, or there is no sample.
    ///
    /// Solved for as many unknowns as there are features or samples, whichever are fewer.
    #[must_use]
    pub fn fit(features: &DMatrix<f64>, targets: &[f64], alpha: f64) -> Option<Self> {
        let samples = features.nrows();
        if samples == 0 {
            return None;
        }
        let means = features.row_mean();
        let mut centred = features.clone();
        for (mut column, mean) in centred.column_iter_mut().zip(&means) {
            column.add_scalar_mut(-mean);
        }
        let mean = targets.iter().sum::<f64>() / samples as f64;
        let targets = DVector::from_iterator(samples, targets.iter().map(|target| target - mean));
        let with_alpha = |mut gram: DMatrix<f64>| {
            (0..gram.nrows()).for_each(|position| gram[(position, position)] += alpha);
            Cholesky::new(gram)
        };
        let weights = if centred.ncols() <= samples {
            with_alpha(centred.tr_mul(&centred))?.solve(&centred.tr_mul(&targets))
        } else {
            centred.tr_mul(&with_alpha(&centred * centred.transpose())?.solve(&targets))
        };
        let intercept = mean - (means * &weights)[0];
        Some(Self { weights, intercept })
    }

    /// The value of one sample.
    pub fn predict(&self, features: impl Iterator<Item = f64>) -> f64 {
        self.intercept + features.zip(&self.weights).map(|(feature, weight)| feature * weight).sum::<f64>()
    }

    /// A weight for each feature.
    #[must_use]
    pub fn weights(&self) -> &[f64] {
        self.weights.as_slice()
    }

    /// What is added.
    #[must_use]
    pub fn intercept(&self) -> f64 {
        self.intercept
    }
}
