use rand::{Rng, RngExt};

/// Moves all channels, `[channels, samples]`, by the same number of samples, drawn evenly from `-most` to `most` (Mohsenvand
/// et al. 2020). What leaves at one end comes in at the other, which keeps the power of every frequency.
pub fn shift_time(values: &mut [f32], samples: usize, most: usize, random: &mut impl Rng) {
    let drawn = random.random_range(0..=2 * most);
    let shift = (drawn + samples - most % samples) % samples;
    values.chunks_exact_mut(samples).for_each(|channel| channel.rotate_right(shift));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    #[test]
    fn channels_move_together_by_every_shift_within_the_limit() {
        let mut seen = [0; 5];
        for index in 0..200 {
            let mut values: Vec<f32> = (0..14).map(|value| value as f32).collect();
            shift_time(&mut values, 7, 2, &mut stream(0, Purpose::Augmentation, index));
            let shift = values.iter().position(|&value| value == 3.0).unwrap();
            let moved = |start: usize| (0..7).map(move |at| (start + (at + 7 + 3 - shift) % 7) as f32);
            assert_eq!(values, moved(0).chain(moved(7)).collect::<Vec<_>>());
            seen[shift - 1] += 1;
        }
        assert!(seen.iter().all(|&times| times > 20), "{seen:?}");
    }
}
