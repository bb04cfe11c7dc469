//! Progress bars on a terminal's stderr. What should stay on the screen is printed above them.

use std::{path::Path, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};
use signal_studio_core::{datasets::PreprocessEvent, training::TrainEvent};

use super::{
    pace::Pace,
    text,
    views::{PreprocessView, TrainView},
};

const TICK: Duration = Duration::from_millis(200);

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the templates are constants that tests draw").progress_chars("━╸ ")
}

fn note(bar: &ProgressBar, text: &str) {
    bar.println(format!("note: {text}"));
}

/// A training run as one bar over all its samples.
pub struct TrainBar {
    batch_size: usize,
    epochs: usize,
    bar: ProgressBar,
    pace: Option<Pace>,
    /// The latest losses, while something else is shown in their place.
    losses: String,
}

impl TrainBar {
    pub fn new(batch_size: usize) -> Self {
        let template = "{prefix} {bar:24} {percent:>3} %, {per_sec}, {eta} left, {wide_msg}";
        let style =
            style(template).with_key("per_sec", |state: &indicatif::ProgressState, out: &mut dyn std::fmt::Write| {
                let _ = write!(out, "{:.1} samples/s", state.per_sec());
            });
        let bar = ProgressBar::no_length().with_style(style);
        Self { batch_size, epochs: 0, bar, pace: None, losses: String::new() }
    }
}

impl TrainView for TrainBar {
    fn show(&mut self, event: &TrainEvent) {
        match event {
            TrainEvent::Started(start) => {
                self.bar.println(text::start(start));
                let pace = Pace::new(start, self.batch_size);
                self.bar.set_length(pace.total() as u64);
                self.bar.set_position(pace.samples(start.resumed_at) as u64);
                self.bar.reset_eta();
                self.bar.enable_steady_tick(TICK);
                self.epochs = start.epochs;
                self.pace = Some(pace);
            }
            TrainEvent::BaselinesBatch { done, batches } => {
                self.bar.set_message(format!("fitting simple methods to compare with {done}/{batches}"));
            }
            TrainEvent::Baselines(results) => {
                self.bar.set_message("");
                text::baselines(results).into_iter().for_each(|line| self.bar.println(line));
            }
            TrainEvent::Batch(position) => {
                self.bar.set_prefix(format!("epoch {}/{}", position.epoch, self.epochs));
                if let Some(pace) = &self.pace {
                    self.bar.set_position(pace.samples(position.step) as u64);
                }
            }
            TrainEvent::Step(step) => {
                self.losses = format!("loss {} ({})", text::number(step.loss), text::losses(&step.losses));
                self.bar.set_message(self.losses.clone());
            }
            TrainEvent::EvaluatedBatch { done, batches } => {
                self.bar.set_message(format!("evaluating {done}/{batches}"));
            }
            TrainEvent::AveragedBatch { done, batches } => {
                self.bar.set_message(format!("completing the averaged weights {done}/{batches}"));
            }
            TrainEvent::Evaluated(evaluation) => {
                self.bar.set_message(self.losses.clone());
                let (epoch, epochs) = (evaluation.position.epoch, self.epochs);
                self.bar.println(format!("epoch {epoch}/{epochs}: {}", text::evaluation(evaluation)));
            }
            TrainEvent::Epoch(record) if record.val_loss.is_none() => {
                let (epoch, epochs) = (record.epoch, self.epochs);
                self.bar.println(format!("epoch {epoch}/{epochs}: {}", text::metrics_of_record(record)));
            }
            TrainEvent::Warning { message } => note(&self.bar, message),
            TrainEvent::Done(_) => self.bar.finish_and_clear(),
            _ => {}
        }
    }

    fn note(&mut self, text: &str) {
        note(&self.bar, text);
    }
}

impl Drop for TrainBar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Preprocessing as one bar over the recordings.
pub struct PreprocessBar {
    bar: ProgressBar,
    windows: usize,
}

impl Default for PreprocessBar {
    fn default() -> Self {
        let template = "{prefix} {bar:24} {pos}/{len} recordings, {eta} left, {wide_msg}";
        Self { bar: ProgressBar::no_length().with_style(style(template)), windows: 0 }
    }
}

impl PreprocessView for PreprocessBar {
    fn generating(&mut self, folder: &Path) {
        self.bar.println(format!("making the demo's recordings in {}", folder.display()));
    }

    fn show(&mut self, event: &PreprocessEvent) {
        match event {
            PreprocessEvent::Started { recordings, .. } => {
                // Told again when splits have to be made anew.
                self.windows = 0;
                self.bar.set_position(0);
                self.bar.set_length(*recordings as u64);
                self.bar.set_prefix("preprocessing");
                self.bar.reset_eta();
                self.bar.enable_steady_tick(TICK);
            }
            PreprocessEvent::Warning(warning) => note(&self.bar, warning),
            PreprocessEvent::Resumed { recordings } => {
                self.bar.inc(*recordings as u64);
                // What was prepared before says nothing of the time that is left.
                self.bar.reset_eta();
                let all = text::count(self.bar.length().unwrap_or_default() as usize, "recording");
                self.bar.println(format!("goes on: {recordings} of {all} prepared before"));
            }
            PreprocessEvent::Measured { path } => self.bar.set_message(format!("measured {path}")),
            PreprocessEvent::Windows { path, windows, total } => {
                self.bar.set_message(format!("{path}: {windows} of {}", text::count(*total, "window")));
            }
            PreprocessEvent::Recording { windows, .. } => {
                self.windows += windows;
                self.bar.inc(1);
                let rate = self.windows as f64 / self.bar.elapsed().as_secs_f64();
                self.bar.set_message(format!("{}, {rate:.0}/s", text::count(self.windows, "window")));
            }
            PreprocessEvent::Skipped { path, reason } => {
                self.bar.inc(1);
                note(&self.bar, &format!("left out {path}: {reason}"));
            }
            PreprocessEvent::Finished(_) => self.bar.finish_and_clear(),
        }
    }
}

impl Drop for PreprocessBar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use indicatif::{ProgressDrawTarget, TermLike};
    use signal_studio_core::training::events::{Position, Start, Step};

    use super::*;

    /// A terminal that remembers all that was ever drawn on it.
    #[derive(Debug, Clone, Default)]
    struct Roll(Arc<Mutex<String>>);

    impl Roll {
        fn push(&self, text: &str) -> io::Result<()> {
            self.0.lock().unwrap().push_str(text);
            Ok(())
        }
    }

    impl TermLike for Roll {
        fn width(&self) -> u16 {
            140
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> io::Result<()> {
            self.push(&format!("{text}\n"))
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.push(text)
        }
        fn clear_line(&self) -> io::Result<()> {
            Ok(())
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    fn drawn(bar: &ProgressBar, draw: impl FnOnce()) -> String {
        let terminal = Roll::default();
        bar.set_draw_target(ProgressDrawTarget::term_like(Box::new(terminal.clone())));
        draw();
        bar.force_draw();
        terminal.0.lock().unwrap().clone()
    }

    #[test]
    fn a_bar_shows_epoch_rate_rest_and_losses() {
        let mut view = TrainBar::new(4);
        let bar = view.bar.clone();
        let screen = drawn(&bar, || {
            view.show(&TrainEvent::Started(Start {
                train_samples: 8,
                val_samples: Some(2),
                batches_per_epoch: 2,
                batches_per_update: 1,
                epochs: 3,
                total_steps: 6,
                parameters: 10,
                seed: 7,
                resumed_at: 0,
                splits: Vec::new(),
            }));
            let position = Position { epoch: 2, batch: 1, step: 3 };
            view.show(&TrainEvent::Batch(position));
            let losses = [("health".to_owned(), 0.25)].into();
            view.show(&TrainEvent::Step(Step { position, loss: 0.5, losses, grad_norm: 1.0, lr: 1e-3 }));
        });
        for part in ["8 samples to train on", "epoch 2/3", "50 %", "samples/s", "left", "loss 0.5000 (health 0.2500)"] {
            assert!(screen.contains(part), "no `{part}` in:\n{screen}");
        }
    }

    #[test]
    fn the_bar_of_preprocessing_counts_recordings_and_windows() {
        let mut view = PreprocessBar::default();
        let bar = view.bar.clone();
        let screen = drawn(&bar, || {
            view.show(&PreprocessEvent::Started { recordings: 2, splits: vec![("train".to_owned(), 2)] });
            view.show(&PreprocessEvent::Recording { path: "a.edf".to_owned(), split: "train".to_owned(), windows: 30 });
        });
        assert!(screen.contains("1/2 recordings") && screen.contains("30 windows"), "{screen}");
    }
}
