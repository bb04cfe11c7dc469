//! How far a run is, in samples, and how fast.

use std::time::{Duration, Instant};

use signal_studio_core::training::events::Start;

/// Counts the samples of a run.
#[derive(Debug, Clone)]
pub struct Pace {
    samples_per_update: usize,
    samples_per_epoch: usize,
    updates_per_epoch: usize,
    total_steps: usize,
    start: Instant,
    start_samples: usize,
}

impl Pace {
    /// At the start of a run.
    pub fn new(start: &Start, batch_size: usize) -> Self {
        let mut pace = Self {
            samples_per_update: batch_size.saturating_mul(start.batches_per_update),
            samples_per_epoch: start.train_samples,
            updates_per_epoch: start.batches_per_epoch.div_ceil(start.batches_per_update.max(1)).max(1),
            total_steps: start.total_steps,
            start: Instant::now(),
            start_samples: 0,
        };
        pace.start_samples = pace.samples(start.resumed_at);
        pace
    }

    /// Samples trained on after some updates; an epoch's last may be a small one.
    pub fn samples(&self, step: usize) -> usize {
        let (epochs, updates) = (step / self.updates_per_epoch, step % self.updates_per_epoch);
        epochs * self.samples_per_epoch + (updates * self.samples_per_update).min(self.samples_per_epoch)
    }

    /// Samples of the whole run.
    pub fn total(&self) -> usize {
        self.samples(self.total_steps)
    }

    /// Samples a second since the start, validation included, and how long the rest takes at that rate.
    pub fn rate(&self, step: usize) -> Option<(f64, Duration)> {
        let done = self.samples(step);
        let rate = done.saturating_sub(self.start_samples) as f64 / self.start.elapsed().as_secs_f64();
        let left = self.total().saturating_sub(done) as f64 / rate;
        Some((rate, Duration::try_from_secs_f64(left).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_last_batch_counts_as_what_it_is() {
        let start = Start {
            train_samples: 10,
            val_samples: None,
            batches_per_epoch: 3,
            batches_per_update: 1,
            epochs: 2,
            total_steps: 5,
            parameters: 1,
            seed: 0,
            resumed_at: 3,
            splits: Vec::new(),
        };
        let pace = Pace::new(&start, 4);
        assert_eq!((0..=6).map(|step| pace.samples(step)).collect::<Vec<_>>(), [0, 4, 8, 10, 14, 18, 20]);
        assert_eq!(pace.total(), 18);
        let of_two = Pace::new(&Start { batches_per_update: 2, total_steps: 3, ..start }, 4);
        assert_eq!((0..=4).map(|step| of_two.samples(step)).collect::<Vec<_>>(), [0, 8, 10, 18, 20]);
        assert_eq!(pace.rate(3), None, "nothing has been trained on since the run was resumed");
    }
}
