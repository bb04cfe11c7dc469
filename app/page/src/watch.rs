//! The run under way, or the last one. What the worker tells of it flows in; how it stands, its figures, its log and
//! the data of its charts flow out as signals.

use std::sync::Arc;

use leptos::prelude::*;
use signal_studio_app_shared::{
    format,
    protocol::{Devices, Fault, Level, Run},
};
use signal_studio_core::{
    config::RunConfig,
    training::{
        TrainEvent,
        events::{Evaluation, Position, Start},
        history::{Ending, Summary},
    },
};

use crate::{browser::in_a_frame_after_next, run_charts::RunLines};

/// Lines that the log keeps.
const LOG_LINES: usize = 500;

/// What run files call the CPU.
pub const CPU: &str = "cpu";

/// How the run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// There has been none yet.
    Idle,
    /// Its data and its device are being prepared.
    Preparing,
    /// It trains or evaluates.
    Training,
    /// It will pause after the batch under way.
    Pausing,
    /// It waits.
    Paused,
    /// It will end after the batch under way.
    Stopping,
    /// It came to its end.
    Complete,
    /// The user ended it.
    Stopped,
    /// An error ended it.
    Failed,
}

impl Phase {
    /// Its name in the page's attributes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Preparing => "preparing",
            Self::Training => "training",
            Self::Pausing => "pausing",
            Self::Paused => "paused",
            Self::Stopping => "stopping",
            Self::Complete => "complete",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        }
    }

    /// Whether a run is under way.
    pub fn is_busy(self) -> bool {
        matches!(self, Self::Preparing | Self::Training | Self::Pausing | Self::Paused | Self::Stopping)
    }
}

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

/// The run under way, or the last one.
#[derive(Clone, Copy)]
pub struct Watch {
    /// How it stands.
    pub phase: RwSignal<Phase>,
    /// Its name, as soon as it has one.
    pub run: RwSignal<Option<String>>,
    /// Its run file.
    pub config: RwSignal<String>,
    /// Where it computes.
    pub devices: RwSignal<Option<Devices>>,
    /// What it set out to do.
    pub start: RwSignal<Option<Start>>,
    /// Where it is.
    pub position: RwSignal<Position>,
    /// Epochs that have ended.
    pub epochs_done: RwSignal<usize>,
    /// Seconds trained.
    pub elapsed_s: RwSignal<f64>,
    /// Samples a second of training, lately.
    pub rate: RwSignal<Option<f64>>,
    /// Batches done and to do of the evaluation under way.
    pub evaluating: RwSignal<Option<(usize, usize)>>,
    /// The latest evaluation.
    pub evaluation: RwSignal<Option<Arc<Evaluation>>>,
    /// The best validation score, and its epoch.
    pub best: RwSignal<Option<(f64, usize)>>,
    /// How it ended.
    pub summary: RwSignal<Option<Summary>>,
    /// What ended it.
    pub fault: RwSignal<Option<Fault>>,
    /// The log, the oldest line first.
    pub lines: RwSignal<Vec<LogLine>>,
    /// The lines of its charts.
    pub lines_drawn: StoredValue<RunLines, LocalStorage>,
    /// Changes whenever a line of its charts has grown.
    pub version: RwSignal<u64>,
    next_line: StoredValue<u64>,
    /// The step and the files of the checkpoints in the log's last line.
    checkpoints: StoredValue<Option<(usize, String)>>,
    speed: StoredValue<Speed>,
}

impl Watch {
    /// No run yet.
    pub fn new() -> Self {
        Self {
            phase: RwSignal::new(Phase::Idle),
            run: RwSignal::new(None),
            config: RwSignal::new(String::new()),
            devices: RwSignal::new(None),
            start: RwSignal::new(None),
            position: RwSignal::new(Position::default()),
            epochs_done: RwSignal::new(0),
            elapsed_s: RwSignal::new(0.0),
            rate: RwSignal::new(None),
            evaluating: RwSignal::new(None),
            evaluation: RwSignal::new(None),
            best: RwSignal::new(None),
            summary: RwSignal::new(None),
            fault: RwSignal::new(None),
            lines: RwSignal::new(Vec::new()),
            lines_drawn: StoredValue::new_local(RunLines::new()),
            version: RwSignal::new(0),
            next_line: StoredValue::new(0),
            checkpoints: StoredValue::new(None),
            speed: StoredValue::new(Speed::default()),
        }
    }

    /// Whether a run is under way.
    pub fn is_busy(self) -> bool {
        self.phase.get().is_busy()
    }

    /// A new run with this run file has been asked for.
    pub fn prepare(self, config: String) {
        self.run.set(None);
        let lines = RunLines::new();
        if let Ok((config, _)) = RunConfig::parse(&config, "config.toml") {
            lines.expect(&config);
        }
        self.lines_drawn.set_value(lines);
        self.version.update(|version| *version += 1);
        self.config.set(config);
        self.position.set(Position::default());
        self.epochs_done.set(0);
        self.elapsed_s.set(0.0);
        self.evaluation.set(None);
        self.best.set(None);
        self.lines.set(Vec::new());
        self.wait_for_start();
    }

    /// A run that is kept is the one watched from now on, as far as it told; if it is watched already, that stays.
    pub fn recall(self, run: &Run) {
        if self.run.with_untracked(|watched| watched.as_ref() == Some(&run.line.name)) {
            return;
        }
        self.prepare(run.config.clone());
        self.run.set(Some(run.line.name.clone()));
        self.lines_drawn.with_value(|lines| lines.push_run(run));
        self.version.update(|version| *version += 1);
        self.epochs_done.set(run.line.epochs);
        self.elapsed_s.set(run.events.last().map_or(0.0, |(elapsed_s, _)| *elapsed_s));
        let evaluations = || {
            run.events.iter().rev().filter_map(|(_, event)| match event {
                TrainEvent::Evaluated(evaluation) => Some(evaluation),
                _ => None,
            })
        };
        self.evaluation.set(evaluations().next().cloned().map(Arc::new));
        let best = evaluations().find(|evaluation| evaluation.is_best);
        let best = best.map(|best| (best.score, best.position.epoch));
        // A run of the command line's has left no events.
        self.best.set(best.or_else(|| run.summary.as_ref().and_then(|end| end.best_metric.zip(end.best_epoch))));
    }

    /// The run is to go on. What is known of it stays, if it is the one that was watched.
    pub fn resume(self, run: String, config: String) {
        if self.run.get_untracked().as_ref() == Some(&run) {
            self.wait_for_start();
        } else {
            self.prepare(config);
            self.run.set(Some(run));
        }
    }

    fn wait_for_start(self) {
        self.devices.set(None);
        self.start.set(None);
        self.rate.set(None);
        self.evaluating.set(None);
        self.summary.set(None);
        self.fault.set(None);
        self.speed.set_value(Speed::default());
        self.phase.set(Phase::Preparing);
    }

    /// The run has a name and a device.
    pub fn begin(self, run: String, devices: Devices) {
        self.log(Level::Info, format!("Run {run} computes on {}, {}.", devices.chosen, devices.why));
        self.run.set(Some(run));
        self.devices.set(Some(devices));
    }

    /// Whether the run computes on something else than the CPU.
    pub fn is_on_gpu(self) -> bool {
        self.devices.with_untracked(|devices| devices.as_ref().is_some_and(|devices| devices.chosen != CPU))
    }

    /// The run was cancelled before it trained. A new one has left nothing; one that was to go on is where it was.
    pub fn cancel(self) {
        let has_trained = self.epochs_done.get_untracked() > 0;
        if !has_trained {
            self.run.set(None);
        }
        self.phase.set(if has_trained { Phase::Stopped } else { Phase::Idle });
    }

    /// The run of that name ended with an error.
    pub fn fail(self, run: &str, fault: Fault) {
        let is_other = self.run.with_untracked(|watched| watched.as_ref().is_some_and(|watched| watched != run));
        if !is_other {
            self.run.set(Some(run.to_owned()));
            self.fail_current(fault);
        }
    }

    /// The run under way ended with an error.
    pub fn fail_current(self, fault: Fault) {
        self.log(Level::Error, fault.message.clone());
        self.evaluating.set(None);
        self.fault.set(Some(fault));
        self.phase.set(Phase::Failed);
    }

    /// Adds a line to the log.
    pub fn log(self, level: Level, text: impl Into<String>) {
        self.checkpoints.set_value(None);
        let id = self.next_line.get_value();
        self.next_line.set_value(id + 1);
        let line = LogLine { id, time: format::clock(self.elapsed_s.get_untracked()), level, text: text.into() };
        self.lines.update(|lines| {
            if lines.len() == LOG_LINES {
                lines.remove(0);
            }
            lines.push(line);
        });
    }

    /// Something happened in a run; says whether that was its end.
    pub fn hear(self, run: &str, elapsed_s: f64, event: TrainEvent) -> bool {
        if self.run.with_untracked(|watched| watched.as_deref() != Some(run)) {
            self.run.set(Some(run.to_owned()));
        }
        self.elapsed_s.set(elapsed_s);
        if self.lines_drawn.with_value(|lines| lines.push(&event)) {
            self.version.update(|version| *version += 1);
        }
        match event {
            TrainEvent::Started(start) => self.started(start),
            TrainEvent::Batch(position) => self.reach(position),
            TrainEvent::Step(step) => self.reach(step.position),
            TrainEvent::Evaluating { position, batches } => {
                self.position.set(position);
                self.evaluating.set(Some((0, batches)));
            }
            TrainEvent::EvaluatedBatch { done, batches } => self.evaluating.set(Some((done, batches))),
            TrainEvent::Evaluated(evaluation) => self.evaluated(evaluation),
            TrainEvent::Epoch(record) => self.epochs_done.set(record.epoch),
            TrainEvent::Checkpoint { position, path } => self.checkpoint(position.step, &path),
            TrainEvent::Paused(position) => {
                self.position.set(position);
                self.phase.set(Phase::Paused);
            }
            TrainEvent::Resumed(position) => {
                self.speed.update_value(|speed| speed.rest(position, elapsed_s));
                self.phase.set(Phase::Training);
            }
            TrainEvent::Warning { message } => self.log(Level::Warning, message),
            TrainEvent::Done(summary) => {
                self.done(summary);
                return true;
            }
        }
        false
    }

    /// Checkpoints of one step share a line of the log.
    fn checkpoint(self, step: usize, path: &str) {
        let name = path.rsplit('/').next().unwrap_or(path);
        let name = name.strip_suffix(".safetensors").unwrap_or(name);
        let names = match self.checkpoints.get_value() {
            Some((before, names)) if before == step => {
                self.lines.update(|lines| {
                    lines.pop();
                });
                format!("{names}, {name}")
            }
            _ => name.to_owned(),
        };
        self.log(Level::Info, format!("Step {}: checkpoint written ({names}).", format::count(step as u64)));
        self.checkpoints.set_value(Some((step, names)));
    }

    fn started(self, start: Start) {
        self.log(
            Level::Info,
            format!(
                "{} for training, {}; {} learnt values; seed {}.",
                format::counted(start.train_samples as u64, "sample", "samples"),
                match start.val_samples {
                    Some(samples) => format!("{} for validation", format::count(samples as u64)),
                    None => "none for validation".to_owned(),
                },
                format::count(start.parameters as u64),
                start.seed
            ),
        );
        let position = Position { step: start.resumed_at, ..self.position.get_untracked() };
        self.position.set(position);
        let batch_samples = start.train_samples as f64 / start.batches_per_epoch.max(1) as f64;
        self.speed.set_value(Speed::begin(position, self.elapsed_s.get_untracked(), batch_samples));
        self.start.set(Some(start));
        self.phase.set(Phase::Training);
    }

    fn reach(self, position: Position) {
        let is_first = self.start.with_untracked(|start| {
            start.as_ref().is_some_and(|start| {
                self.position.get_untracked().step == start.resumed_at && position.step > start.resumed_at
            })
        });
        if is_first {
            crate::browser::mark("studio:first-step");
        }
        self.evaluating.set(None);
        self.position.set(position);
        let elapsed_s = self.elapsed_s.get_untracked();
        if let Some(rate) = self.speed.try_update_value(|speed| speed.reach(position, elapsed_s)).flatten() {
            self.rate.set(Some(rate));
            self.lines_drawn.with_value(|lines| lines.push_speed(rate));
            self.version.update(|version| *version += 1);
        }
    }

    fn evaluated(self, evaluation: Evaluation) {
        let Position { epoch, step, .. } = evaluation.position;
        let best = if evaluation.is_best { ", the best so far" } else { "" };
        self.log(
            Level::Info,
            format!(
                "Epoch {epoch}, step {}: validation score {}{best}.",
                format::count(step as u64),
                format::value(evaluation.score)
            ),
        );
        if evaluation.is_best {
            self.best.set(Some((evaluation.score, epoch)));
        }
        self.evaluating.set(None);
        let elapsed_s = self.elapsed_s.get_untracked();
        self.speed.update_value(|speed| speed.rest(evaluation.position, elapsed_s));
        let run = self.run.get_untracked();
        // The charts are painted in the next frame, and both at once would hold the page up.
        in_a_frame_after_next(move || {
            if self.run.get_untracked() == run {
                self.evaluation.set(Some(Arc::new(evaluation)));
            }
        });
    }

    fn done(self, summary: Summary) {
        let (phase, why) = match summary.ended {
            Ending::Finished => (Phase::Complete, "all epochs are trained"),
            Ending::MaxSteps => (Phase::Complete, "training.max_steps is reached"),
            Ending::EarlyStopping => (Phase::Complete, "the validation score stopped improving"),
            Ending::Stopped => (Phase::Stopped, "it was stopped"),
        };
        self.log(Level::Info, format!("The run has ended: {why}."));
        self.evaluating.set(None);
        self.summary.set(Some(summary));
        self.phase.set(phase);
    }

    /// Seconds until the run ends, as far as the speed so far tells.
    pub fn remaining_s(self) -> Option<f64> {
        let total = self.start.with(|start| start.as_ref().map(|start| start.total_steps))?;
        let position = self.position.get();
        let step_s = self.speed.with_value(|speed| speed.step_s(position, self.elapsed_s.get()))?;
        Some(total.saturating_sub(position.step) as f64 * step_s)
    }

    /// The share of the run that is done.
    pub fn share(self) -> Option<f64> {
        let total = self.start.with(|start| start.as_ref().map(|start| start.total_steps))?;
        (total > 0).then(|| (self.position.get().step as f64 / total as f64).min(1.0))
    }
}

/// How fast a run goes: the whole of it, for what remains, and its latest stretch, for the figure.
#[derive(Debug, Clone, Copy, Default)]
struct Speed {
    begun: (usize, f64),
    mark: (usize, f64),
    batch_samples: f64,
}

impl Speed {
    /// Seconds of a stretch that are worth measuring.
    const STRETCH_S: f64 = 0.5;

    fn begin(position: Position, elapsed_s: f64, batch_samples: f64) -> Self {
        let here = (position.step, elapsed_s);
        Self { begun: here, mark: here, batch_samples }
    }

    /// What lies before this was no training.
    fn rest(&mut self, position: Position, elapsed_s: f64) {
        self.mark = (position.step, elapsed_s);
    }

    /// Samples a second of the stretch that ends here, if it is long enough.
    fn reach(&mut self, position: Position, elapsed_s: f64) -> Option<f64> {
        let (step, began_s) = self.mark;
        let seconds = elapsed_s - began_s;
        if seconds < Self::STRETCH_S || position.step <= step {
            return None;
        }
        self.mark = (position.step, elapsed_s);
        Some((position.step - step) as f64 * self.batch_samples / seconds)
    }

    /// Mean seconds of a step with all that comes between steps.
    fn step_s(&self, position: Position, elapsed_s: f64) -> Option<f64> {
        let steps = position.step.checked_sub(self.begun.0).filter(|&steps| steps > 0)?;
        Some((elapsed_s - self.begun.1) / steps as f64)
    }
}
