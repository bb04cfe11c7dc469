//! How fast a run goes.

use signal_studio_core::training::events::Position;

/// How fast a run goes: the whole of it, for what remains, and its latest stretch, for the figure.
#[derive(Debug, Clone, Copy, Default)]
pub struct Speed {
    begun: (usize, f64),
    mark: (usize, f64),
    batch_samples: f64,
}

impl Speed {
    /// Seconds of a stretch that are worth measuring.
    const STRETCH_S: f64 = 0.5;

    /// A run that begins at `position`.
    #[must_use]
    pub fn begin(position: Position, elapsed_s: f64, batch_samples: f64) -> Self {
        let here = (position.step, elapsed_s);
        Self { begun: here, mark: here, batch_samples }
    }

    /// What lies before this was no training.
    pub fn rest(&mut self, position: Position, elapsed_s: f64) {
        self.mark = (position.step, elapsed_s);
    }

    /// Samples a second of the stretch that ends here, if it is long enough.
    pub fn reach(&mut self, position: Position, elapsed_s: f64) -> Option<f64> {
        let (step, began_s) = self.mark;
        let seconds = elapsed_s - began_s;
        if seconds < Self::STRETCH_S || position.step <= step {
            return None;
        }
        self.mark = (position.step, elapsed_s);
        Some((position.step - step) as f64 * self.batch_samples / seconds)
    }

    /// Mean seconds of a step with all that comes between steps.
    #[must_use]
    pub fn step_s(&self, position: Position, elapsed_s: f64) -> Option<f64> {
        let steps = position.step.checked_sub(self.begun.0).filter(|&steps| steps > 0)?;
        Some((elapsed_s - self.begun.1) / steps as f64)
    }
}
