//! The time that a run has trained.

use std::cell::Cell;

use crate::shell::scope::now_ms;

/// Counts the seconds of training, pauses left out.
#[derive(Default)]
pub struct Stopwatch {
    counted_ms: Cell<f64>,
    going_since_ms: Cell<Option<f64>>,
}

impl Stopwatch {
    /// One that has counted already.
    pub fn starting_at(seconds: f64) -> Self {
        Self { counted_ms: Cell::new(seconds * 1e3), going_since_ms: Cell::new(None) }
    }

    /// Counts from now on.
    pub fn start(&self) {
        if self.going_since_ms.get().is_none() {
            self.going_since_ms.set(Some(now_ms()));
        }
    }

    /// Counts no more.
    pub fn stop(&self) {
        self.counted_ms.set(self.seconds() * 1e3);
        self.going_since_ms.set(None);
    }

    /// What it has counted.
    pub fn seconds(&self) -> f64 {
        let going_ms = self.going_since_ms.get().map_or(0.0, |since| now_ms() - since);
        (self.counted_ms.get() + going_ms) / 1e3
    }
}
