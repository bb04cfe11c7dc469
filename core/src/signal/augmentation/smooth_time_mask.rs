use rand::{Rng, RngExt};

/// Steepness of a mask's edges, times the samples of a window.
const STEEPNESS: f64 = 1000.0;

/// Fades a stretch of `masked` samples of all channels, `[channels, samples]`, to zero (Cheng et al. 2020, Mohsenvand et al.
/// 2020). It lies anywhere within the window; each value is multiplied by σ(−s·(t − start)) + σ(s·(t − start − masked)) for
/// its sample t, with s = 1000 / samples. Of a window that is no longer than that, nothing remains.
pub fn mask_time_smoothly(values: &mut [f32], samples: usize, masked: usize, random: &mut impl Rng) {
    let start = random.random::<f64>() * samples.saturating_sub(masked) as f64;
    let steepness = STEEPNESS / samples as f64;
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let kept: Vec<f32> = (0..samples)
        .map(|sample| {
            let after = sample as f64 - start;
            (sigmoid(-steepness * after) + sigmoid(steepness * (after - masked as f64))) as f32
        })
        .collect();
    for channel in values.chunks_exact_mut(samples) {
        channel.iter_mut().zip(&kept).for_each(|(value, kept)| *value *= kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    #[test]
    fn a_stretch_of_its_length_is_masked_of_all_channels_alike() {
        for index in 0..20 {
            let mut values = vec![1.0; 2 * 500];
            mask_time_smoothly(&mut values, 500, 100, &mut stream(0, Purpose::Augmentation, index));
            let (first, second) = values.split_at(500);
            assert_eq!(first, second);
            // Both edges lose what they gain.
            let masked = 500.0 - first.iter().sum::<f32>();
            assert!((masked - 100.0).abs() < 1.0, "{masked}");
            let lowest = first.iter().copied().fold(1.0, f32::min);
            assert!(lowest < 1e-6, "{lowest}");
        }
    }

    #[test]
    fn edges_follow_the_formula() {
        let mut values = vec![1.0; 8];
        let start = stream(5, Purpose::Augmentation, 0).random::<f64>() * 5.0;
        mask_time_smoothly(&mut values, 8, 3, &mut stream(5, Purpose::Augmentation, 0));
        for (sample, &value) in values.iter().enumerate() {
            let after = sample as f64 - start;
            let expected = 1.0 / (1.0 + (125.0 * after).exp()) + 1.0 / (1.0 + (-125.0 * (after - 3.0)).exp());
            assert!((f64::from(value) - expected).abs() < 1e-6, "{sample}: {value} instead of {expected}");
        }
    }
}
