use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

/// Adds white noise of this standard deviation to all values.
pub fn add_gaussian_noise(values: &mut [f32], std: f64, random: &mut impl Rng) {
    for value in values {
        let noise: f64 = StandardNormal.sample(random);
        *value += (std * noise) as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    #[test]
    fn the_noise_has_its_standard_deviation_and_no_mean() {
        let mut values = vec![5.0; 20_000];
        add_gaussian_noise(&mut values, 0.1, &mut stream(0, Purpose::Augmentation, 0));
        let noise = || values.iter().map(|value| f64::from(value - 5.0));
        let (mean, square) = (noise().sum::<f64>() / 2e4, noise().map(|noise| noise * noise).sum::<f64>() / 2e4);
        assert!(mean.abs() < 0.003 && (square.sqrt() - 0.1).abs() < 0.002, "{mean} {}", square.sqrt());
        let pairs = noise().zip(noise().skip(1)).map(|(one, next)| one * next).sum::<f64>() / 2e4;
        assert!(pairs.abs() < 3e-4, "white: {pairs}");
    }
}
