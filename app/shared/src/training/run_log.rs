//! The log of a run.

use std::collections::VecDeque;

use crate::{format, protocol::Level};

/// Lines that the log keeps.
const MOST_LINES: usize = 500;

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Tells it from the others.
    pub id: u64,
    /// Seconds trained until then, as a clock.
    pub time: String,
    /// How much it matters.
    pub level: Level,
    /// A whole sentence.
    pub text: String,
}

/// The latest lines.
#[derive(Debug, Default)]
pub struct RunLog {
    lines: VecDeque<LogLine>,
    next_id: u64,
    /// The step and the files of the checkpoints in the last line.
    checkpoints: Option<(usize, String)>,
}

impl RunLog {
    /// The lines, the oldest first.
    #[must_use]
    pub fn lines(&self) -> Vec<LogLine> {
        self.lines.iter().cloned().collect()
    }

    /// Changes whenever the lines do.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.next_id
    }

    /// Removes all lines.
    pub fn clear(&mut self) {
        self.lines.clear();
        self.checkpoints = None;
        self.next_id += 1;
    }

    /// Adds a line.
    pub fn add(&mut self, elapsed_s: f64, level: Level, text: impl Into<String>) {
        self.checkpoints = None;
        if self.lines.len() == MOST_LINES {
            self.lines.pop_front();
        }
        self.lines.push_back(LogLine { id: self.next_id, time: format::clock(elapsed_s), level, text: text.into() });
        self.next_id += 1;
    }

    /// Adds a checkpoint; those of one step share a line.
    pub fn add_checkpoint(&mut self, elapsed_s: f64, step: usize, path: &str) {
        let name = path.rsplit('/').next().unwrap_or(path);
        let name = name.strip_suffix(".safetensors").unwrap_or(name);
        let names = match self.checkpoints.take() {
            Some((before, names)) if before == step => {
                self.lines.pop_back();
                format!("{names}, {name}")
            }
            _ => name.to_owned(),
        };
        let text = format!("Step {}: checkpoint written ({names}).", format::count(step as u64));
        self.add(elapsed_s, Level::Info, text);
        self.checkpoints = Some((step, names));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(log: &RunLog) -> Vec<String> {
        log.lines().into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn checkpoints_of_one_step_share_a_line() {
        let mut log = RunLog::default();
        log.add_checkpoint(1.0, 8, "runs/demo/checkpoints/last.safetensors");
        log.add_checkpoint(1.0, 8, "runs/demo/checkpoints/best.safetensors");
        log.add_checkpoint(2.0, 16, "last.safetensors");
        log.add(2.0, Level::Warning, "A warning.");
        log.add_checkpoint(2.0, 16, "best.safetensors");
        assert_eq!(
            texts(&log),
            [
                "Step 8: checkpoint written (last, best).",
                "Step 16: checkpoint written (last).",
                "A warning.",
                "Step 16: checkpoint written (best)."
            ]
        );
    }

    #[test]
    fn the_latest_lines_are_kept_and_each_has_an_id_of_its_own() {
        let mut log = RunLog::default();
        for line in 0..MOST_LINES + 2 {
            log.add(0.0, Level::Info, line.to_string());
        }
        let lines = log.lines();
        assert_eq!((lines.len(), lines[0].text.as_str()), (MOST_LINES, "2"));
        let version = log.version();
        log.clear();
        assert!(log.lines().is_empty() && log.version() != version);
        log.add(0.0, Level::Info, "next");
        assert!(lines.iter().all(|line| line.id != log.lines()[0].id));
    }
}
