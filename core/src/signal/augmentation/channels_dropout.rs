use rand::{Rng, RngExt};

/// Sets each channel, `[channels, samples]`, to zero with the probability `p_drop` (Saeed et al. 2020).
pub fn drop_channels(values: &mut [f32], samples: usize, p_drop: f64, random: &mut impl Rng) {
    for channel in values.chunks_exact_mut(samples) {
        if random.random::<f64>() < p_drop {
            channel.fill(0.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    #[test]
    fn whole_channels_are_dropped_as_often_as_asked() {
        let mut values = vec![1.0; 3 * 5000];
        drop_channels(&mut values, 3, 0.2, &mut stream(0, Purpose::Augmentation, 0));
        let dropped = values.chunks(3).filter(|channel| **channel == [0.0; 3]).count();
        let kept = values.chunks(3).filter(|channel| **channel == [1.0; 3]).count();
        assert_eq!(dropped + kept, 5000);
        assert!((900..1100).contains(&dropped), "{dropped}");
    }
}
