//! How far an import or a preparation has come, how fast it goes and how long it still takes. The rate is measured from
//! when and where this work was first reported.

use crate::protocol::Progress;

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
    /// What comes after `before`, at this time in milliseconds: the same work gone on, or other work begun.
    #[must_use]
    pub fn next(before: Option<Self>, progress: Progress, now_ms: f64) -> Self {
        match before {
            Some(before)
                if before.progress.unit == progress.unit
                    && before.progress.total == progress.total
                    && before.progress.done <= progress.done =>
            {
                Self { progress, reported_ms: now_ms, ..before }
            }
            _ => Self { began_at: progress.done, progress, began_ms: now_ms, reported_ms: now_ms },
        }
    }

    /// The share done, from 0 to 1; none where the total is not known.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        (self.progress.total > 0).then(|| (self.progress.done as f64 / self.progress.total as f64).min(1.0))
    }

    /// Units a second, once that can be said.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        let seconds = (self.reported_ms - self.began_ms) / 1000.0;
        let done = self.progress.done.saturating_sub(self.began_at) as f64;
        (seconds >= SETTLED_S && done > 0.0).then(|| done / seconds)
    }

    /// Seconds left, once that can be said.
    #[must_use]
    pub fn remaining_s(&self) -> Option<f64> {
        Some(self.progress.total.saturating_sub(self.progress.done) as f64 / self.rate()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(done: u64, total: u64) -> Progress {
        Progress { what: "Copying".to_owned(), done, total, unit: "bytes".to_owned() }
    }

    #[test]
    fn the_rate_is_measured_from_where_the_work_was_first_reported() {
        let first = Timed::next(None, progress(100, 1000), 5000.0);
        assert_eq!((first.rate(), first.share()), (None, Some(0.1)));
        let soon = Timed::next(Some(first), progress(200, 1000), 5500.0);
        assert_eq!(soon.rate(), None);
        let later = Timed::next(Some(soon), progress(500, 1000), 7000.0);
        assert_eq!((later.rate(), later.remaining_s()), (Some(200.0), Some(2.5)));
    }

    #[test]
    fn other_work_begins_anew() {
        let before = Timed::next(None, progress(100, 1000), 0.0);
        for other in [progress(50, 1000), progress(100, 2000)] {
            let next = Timed::next(Some(before.clone()), other, 9000.0);
            assert_eq!(next.rate(), None);
        }
        assert_eq!(Timed::next(None, progress(0, 0), 0.0).share(), None);
    }
}
