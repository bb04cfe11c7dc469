//! Events for tests.

use signal_studio_core::training::{TrainEvent, events::Start};

/// A run of 100 updates, in 50 epochs of two batches, that begins after this many.
pub fn start(resumed_at: usize) -> TrainEvent {
    TrainEvent::Started(Start {
        train_samples: 8,
        val_samples: None,
        batches_per_epoch: 2,
        batches_per_update: 1,
        epochs: 50,
        total_steps: 100,
        parameters: 10,
        seed: 1,
        resumed_at,
        splits: Vec::new(),
    })
}
