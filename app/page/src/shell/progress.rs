//! How far an import or a preparation has come, how fast it goes and how long it still takes. The rate is measured from
//! when and where this work was first reported.

use leptos::prelude::*;
use signal_studio_app_shared::protocol::Progress;

/// Time before an estimate is worth showing, in seconds.
const SETTLED_S: f64 = 1.0;

/// How far work has come, and when it began.
#[derive(Debug, Clone, PartialEq)]
pub struct Timed {
    /// What the worker reported last.
    pub progress: Progress,
    began_ms: f64,
    began_at: u64,
    reported_ms: f64,
}

impl Timed {
    /// What comes after `before`: the same work gone on, or other work begun.
    pub fn next(before: Option<Self>, progress: Progress) -> Self {
        let now = now_ms();
        match before {
            Some(before)
                if before.progress.unit == progress.unit
                    && before.progress.total == progress.total
                    && before.progress.done <= progress.done =>
            {
                Self { progress, reported_ms: now, ..before }
            }
            _ => Self { began_at: progress.done, progress, began_ms: now, reported_ms: now },
        }
    }

    /// The share done, from 0 to 1; none where the total is not known.
    pub fn share(&self) -> Option<f64> {
        (self.progress.total > 0).then(|| (self.progress.done as f64 / self.progress.total as f64).min(1.0))
    }

    /// Units a second, once that can be said.
    pub fn rate(&self) -> Option<f64> {
        let seconds = (self.reported_ms - self.began_ms) / 1000.0;
        let done = self.progress.done.saturating_sub(self.began_at) as f64;
        (seconds >= SETTLED_S && done > 0.0).then(|| done / seconds)
    }

    /// Seconds left, once that can be said.
    pub fn remaining_s(&self) -> Option<f64> {
        Some(self.progress.total.saturating_sub(self.progress.done) as f64 / self.rate()?)
    }
}

/// Milliseconds since the page was opened.
pub fn now_ms() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}
