//! Plain lines on stderr: for logs, and wherever nobody watches.

use std::path::Path;

use signal_studio_core::{
    datasets::PreprocessEvent,
    training::{TrainEvent, events::Position},
};

use super::{
    pace::Pace,
    text,
    views::{PreprocessView, TrainView},
};
use crate::output;

/// A training run in lines: one a report, one a validation run.
pub struct TrainLines {
    batch_size: usize,
    epochs: usize,
    total_steps: usize,
    pace: Option<Pace>,
}

impl TrainLines {
    pub fn new(batch_size: usize) -> Self {
        Self { batch_size, epochs: 0, total_steps: 0, pace: None }
    }

    fn place(&self, position: &Position) -> String {
        format!("epoch {}/{}, update {}/{}", position.epoch, self.epochs, position.step, self.total_steps)
    }
}

impl TrainView for TrainLines {
    fn show(&mut self, event: &TrainEvent) {
        match event {
            TrainEvent::Started(start) => {
                self.pace = Some(Pace::new(start, self.batch_size));
                (self.epochs, self.total_steps) = (start.epochs, start.total_steps);
                output::message(&text::start(start));
            }
            TrainEvent::Baselines(results) => text::baselines(results).iter().for_each(|line| output::message(line)),
            TrainEvent::Step(step) => {
                let pace = self.pace.as_ref().and_then(|pace| pace.rate(step.position.step));
                let pace = pace.map_or_else(String::new, |(rate, left)| {
                    format!(", {rate:.1} samples/s, {} left", text::duration(left))
                });
                output::message(&format!(
                    "{}: loss {} ({}), gradient norm {}, learning rate {:.2e}{pace}",
                    self.place(&step.position),
                    text::number(step.loss),
                    text::losses(&step.losses),
                    text::number(step.grad_norm),
                    step.lr
                ));
            }
            TrainEvent::Evaluated(evaluation) => {
                output::message(&format!("{}: {}", self.place(&evaluation.position), text::evaluation(evaluation)));
            }
            TrainEvent::Epoch(record) if record.val_loss.is_none() => {
                output::message(&format!(
                    "epoch {}/{}: {}",
                    record.epoch,
                    self.epochs,
                    text::metrics_of_record(record)
                ));
            }
            TrainEvent::Warning { message } => output::note(message),
            _ => {}
        }
    }

    fn note(&mut self, text: &str) {
        output::note(text);
    }
}

/// Preprocessing in lines: one a recording.
#[derive(Default)]
pub struct PreprocessLines {
    recordings: usize,
    done: usize,
}

impl PreprocessView for PreprocessLines {
    fn generating(&mut self, folder: &Path) {
        output::message(&format!("making the demo's recordings in {}", folder.display()));
    }

    fn show(&mut self, event: &PreprocessEvent) {
        match event {
            PreprocessEvent::Started { recordings, splits } => {
                // Told again when splits have to be made anew.
                (self.recordings, self.done) = (*recordings, 0);
                let splits: Vec<_> = splits.iter().map(|(split, subjects)| format!("{split} {subjects}")).collect();
                let recordings = text::count(*recordings, "recording");
                output::message(&format!("{recordings}; subjects by split: {}", splits.join(", ")));
            }
            PreprocessEvent::Warning(warning) => output::note(warning),
            PreprocessEvent::Resumed { recordings } => {
                self.done += recordings;
                let all = text::count(self.recordings, "recording");
                output::message(&format!("goes on: {recordings} of {all} prepared before"));
            }
            PreprocessEvent::Measured { path } => output::message(&format!("measured {path}")),
            PreprocessEvent::Recording { path, split, windows } => {
                self.done += 1;
                let place = format!("{}/{}", self.done, self.recordings);
                output::message(&format!("{place} {path}: {} for {split}", text::count(*windows, "window")));
            }
            PreprocessEvent::Skipped { path, reason } => {
                self.done += 1;
                output::note(&format!("left out {path}: {reason}"));
            }
            PreprocessEvent::Windows { .. } | PreprocessEvent::Finished(_) => {}
        }
    }
}

/// What has to be said even to someone who wants to hear nothing.
pub struct NotesOnly;

impl TrainView for NotesOnly {
    fn show(&mut self, event: &TrainEvent) {
        if let TrainEvent::Warning { message } = event {
            output::note(message);
        }
    }

    fn note(&mut self, text: &str) {
        output::note(text);
    }
}

impl PreprocessView for NotesOnly {
    fn generating(&mut self, _folder: &Path) {}

    fn show(&mut self, event: &PreprocessEvent) {
        match event {
            PreprocessEvent::Warning(warning) => output::note(warning),
            PreprocessEvent::Skipped { path, reason } => output::note(&format!("left out {path}: {reason}")),
            _ => {}
        }
    }
}
