//! Randomness that repeats: one seed gives the same numbers natively, in a browser, and on every device, because all
//! of them are drawn here, on the host. Each use has a stream of its own, so that drawing more for one never shifts
//! another, and a resumed run draws what an uninterrupted one would have drawn.

use rand::{SeedableRng, rngs::ChaCha8Rng};

/// What random numbers are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The weights a model starts with.
    Initialisation = 1,
    /// The order of the samples; one stream an epoch.
    Shuffle = 2,
    /// The activations that dropout leaves out; one stream an optimizer step.
    Dropout = 3,
    /// Which subjects go to which split.
    Split = 4,
    /// Generated recordings; one stream a subject.
    Demo = 5,
    /// Changes of the samples trained on; one stream a batch.
    Augmentation = 6,
    /// Which subjects are drawn again for an interval; one stream a resample.
    Bootstrap = 7,
    /// Arrangements of labels for a p value; one stream an arrangement.
    Permutation = 8,
}

/// The generator for one purpose of a seed; `index` counts its streams (epoch, step, subject).
pub fn stream(seed: u64, purpose: Purpose, index: u64) -> ChaCha8Rng {
    let mut generator = ChaCha8Rng::seed_from_u64(seed ^ ((purpose as u64) << 56));
    generator.set_stream(index);
    generator
}

#[cfg(test)]
mod tests {
    use rand::Rng;

    use super::*;

    #[test]
    fn streams_repeat_and_differ() {
        let first = |seed, purpose, index| stream(seed, purpose, index).next_u64();
        assert_eq!(first(7, Purpose::Shuffle, 3), first(7, Purpose::Shuffle, 3));
        assert_ne!(first(7, Purpose::Shuffle, 3), first(7, Purpose::Shuffle, 4));
        assert_ne!(first(7, Purpose::Shuffle, 3), first(7, Purpose::Dropout, 3));
        assert_ne!(first(7, Purpose::Shuffle, 3), first(8, Purpose::Shuffle, 3));
    }
}
