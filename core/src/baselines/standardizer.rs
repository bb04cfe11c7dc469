//! Features on one scale.

use nalgebra::DMatrix;

/// Shifts and scales every feature to mean 0 and variance 1 over the samples that it is fitted to.
#[derive(Debug, Clone)]
pub struct Standardizer {
    mean: Vec<f64>,
    /// 1 for a feature that is the same in all samples.
    std: Vec<f64>,
}

impl Standardizer {
    /// Fits it to samples, each of `features` values, as scikit-learn's `StandardScaler`: what is NaN does not count.
    #[must_use]
    pub fn fit(samples: &[&[f64]], features: usize) -> Self {
        let of_feature = |feature: usize| {
            let values = || samples.iter().map(|sample| sample[feature]).filter(|value| !value.is_nan());
            let count = values().count().max(1) as f64;
            let mean = values().sum::<f64>() / count;
            let variance = values().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
            // Below this share the differences are those of rounding.
            let is_constant = variance <= count * f64::EPSILON * mean * mean * f64::EPSILON;
            (mean, if is_constant { 1.0 } else { variance.sqrt() })
        };
        let (mean, std) = (0..features).map(of_feature).unzip();
        Self { mean, std }
    }

    /// The mean of each feature.
    #[must_use]
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// The standard deviation of each, 1 for one that is the same in all samples.
    #[must_use]
    pub fn std(&self) -> &[f64] {
        &self.std
    }

    /// A sample's features on the common scale. What is NaN says nothing, and becomes the mean.
    pub fn apply<'s>(&'s self, sample: &'s [f64]) -> impl Iterator<Item = f64> + 's {
        sample.iter().zip(&self.mean).zip(&self.std).map(|((value, mean), std)| {
            let scaled = (value - mean) / std;
            if scaled.is_nan() { 0.0 } else { scaled }
        })
    }

    /// Samples on the common scale, `[samples, features]`.
    #[must_use]
    pub fn matrix(&self, samples: &[&[f64]]) -> DMatrix<f64> {
        let values = samples.iter().flat_map(|sample| self.apply(sample));
        DMatrix::from_row_iterator(samples.len(), self.mean.len(), values)
    }
}
