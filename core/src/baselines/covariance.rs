//! Covariances of a window's channels.

use nalgebra::DMatrix;

/// The covariance of a window, `[channels, channels]`, drawn to the multiple of the identity with the same trace: the
/// oracle approximating shrinkage of Chen et al. 2010, as scikit-learn's `oas` and pyriemann compute it. It has full rank
/// also where channels depend on each other, as under an average reference; without any change in any of them it is 0.
///
/// `window` is `[channels, samples]`.
#[must_use]
pub fn oas_covariance(channels: usize, window: &[f32]) -> DMatrix<f64> {
    let samples = window.len() / channels.max(1);
    let mut centred = DMatrix::from_row_iterator(channels, samples, window.iter().map(|&value| f64::from(value)));
    for mut channel in centred.row_iter_mut() {
        let first = channel[0];
        // A channel without change is not left with what rounding makes of its mean.
        let mean = if channel.iter().all(|value| *value == first) { first } else { channel.mean() };
        channel.add_scalar_mut(-mean);
    }
    let mut covariance = &centred * centred.transpose() / samples.max(1) as f64;
    let size = channels as f64;
    let mean_variance = covariance.trace() / size;
    let mean_square = covariance.iter().map(|value| value * value).sum::<f64>() / (size * size);
    let numerator = mean_square + mean_variance * mean_variance;
    let denominator = (samples as f64 + 1.0) * (mean_square - mean_variance * mean_variance / size);
    let shrinkage = if denominator > 0.0 { (numerator / denominator).min(1.0) } else { 1.0 };
    covariance *= 1.0 - shrinkage;
    for position in 0..channels {
        covariance[(position, position)] += shrinkage * mean_variance;
    }
    covariance
}
