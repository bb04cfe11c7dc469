//! What is known of the run under way, or the last one: commands and the worker's events change it, and nothing else.

use std::sync::Arc;

use signal_studio_core::{
    config::RunConfig,
    training::{
        BaselineResults, Command, TrainEvent,
        events::{Evaluation, Position, Start},
        history::{Ending, Summary},
        score::Score,
    },
};

use super::{
    pass::{Pass, PassKind},
    phase::Phase,
    run_lines::RunLines,
    run_log::RunLog,
    speed::Speed,
};
use crate::{
    format,
    protocol::{Devices, Fault, Level, Run},
};

/// What run files call the CPU.
pub const CPU: &str = "cpu";

/// A run, from the moment in which it is asked for.
#[derive(Default)]
pub struct CurrentRun {
    /// How it stands.
    pub phase: Phase,
    /// Its name, as soon as it has one.
    pub run: Option<String>,
    /// Its run file.
    pub config: String,
    /// Where it computes.
    pub devices: Option<Devices>,
    /// What it set out to do.
    pub start: Option<Start>,
    /// Where it is.
    pub position: Position,
    /// Epochs that have ended.
    pub epochs_done: usize,
    /// Seconds trained.
    pub elapsed_s: f64,
    /// Samples a second of training, lately.
    pub rate: Option<f64>,
    /// The pass without updates that is under way.
    pub pass: Option<Pass>,
    /// The latest evaluation.
    pub evaluation: Option<Arc<Evaluation>>,
    /// The best validation score, and its epoch.
    pub best: Option<(Score, usize)>,
    /// How it ended.
    pub summary: Option<Summary>,
    /// What ended it.
    pub fault: Option<Fault>,
    /// Its log.
    pub log: RunLog,
    /// The lines of its charts.
    pub lines: RunLines,
    /// Changes whenever a line of its charts has grown.
    pub version: u64,
    speed: Speed,
    /// Whether it has been there before and goes on.
    is_resumed: bool,
    /// The evaluations that were the best so far: the step of each, its score and its epoch.
    bests: Vec<(usize, Score, usize)>,
}

impl CurrentRun {
    /// A new run with this run file is asked for. Says whether it can be: a run under way stays what is shown.
    pub fn prepare(&mut self, config: String) -> bool {
        let can_begin = !self.phase.is_busy();
        if can_begin {
            self.reset(config);
            self.wait_for_start();
        }
        can_begin
    }

    /// Nothing is known but the run file.
    fn reset(&mut self, config: String) {
        self.run = None;
        self.lines = RunLines::new();
        if let Ok((config, _)) = RunConfig::parse(&config, "config.toml") {
            self.lines.expect(&config);
        }
        self.version += 1;
        self.config = config;
        self.position = Position::default();
        self.epochs_done = 0;
        self.elapsed_s = 0.0;
        self.evaluation = None;
        self.best = None;
        self.bests.clear();
        self.log.clear();
        self.is_resumed = false;
    }

    /// A run that is kept is to go on. What it reported is shown again, unless it is the one that is shown already. Says
    /// whether it can be, as [`Self::prepare`].
    pub fn resume_kept(&mut self, run: &Run) -> bool {
        let can_begin = !self.phase.is_busy();
        if can_begin {
            if self.run.as_ref() != Some(&run.line.name) {
                self.restore(run);
            }
            self.is_resumed = true;
            self.wait_for_start();
        }
        can_begin
    }

    fn restore(&mut self, run: &Run) {
        self.reset(run.config.clone());
        self.run = Some(run.line.name.clone());
        self.lines.push_run(run);
        self.version += 1;
        self.epochs_done = run.line.epochs;
        self.elapsed_s = run.events.last().map_or(0.0, |(elapsed_s, _)| *elapsed_s);
        let evaluations = || {
            run.events.iter().filter_map(|(_, event)| match event {
                TrainEvent::Evaluated(evaluation) => Some(evaluation),
                _ => None,
            })
        };
        self.evaluation = evaluations().next_back().cloned().map(Arc::new);
        let bests = evaluations().filter(|evaluation| evaluation.is_best);
        self.bests = bests.map(|best| (best.position.step, best.score, best.position.epoch)).collect();
        let best = self.bests.last().map(|(_, score, epoch)| (*score, *epoch));
        // A run of the command line's has left no events.
        self.best = best.or_else(|| run.summary.as_ref().and_then(|end| end.best_score().zip(end.best_epoch)));
    }

    /// The run that is shown is to go on. What is known of it stays. Says whether it can be, as [`Self::prepare`].
    pub fn resume(&mut self) -> bool {
        let can_begin = !self.phase.is_busy() && self.run.is_some();
        if can_begin {
            self.is_resumed = true;
            self.wait_for_start();
        }
        can_begin
    }

    fn wait_for_start(&mut self) {
        self.devices = None;
        self.start = None;
        self.rate = None;
        self.pass = None;
        self.summary = None;
        self.fault = None;
        self.speed = Speed::default();
        self.phase = Phase::Preparing;
    }

    /// The run has a name and a device.
    pub fn begin(&mut self, run: String, devices: Devices) {
        self.add_line(Level::Info, format!("Run {run} computes on {}, {}.", devices.chosen, devices.why));
        self.run = Some(run);
        self.devices = Some(devices);
    }

    /// Whether the run computes on something else than the CPU.
    #[must_use]
    pub fn is_on_gpu(&self) -> bool {
        self.devices.as_ref().is_some_and(|devices| devices.chosen != CPU)
    }

    /// The run has been told what to do; gives the phase until it does it, and the one before.
    pub fn command(&mut self, command: Command) -> (Phase, Phase) {
        let before = self.phase;
        self.phase = match command {
            Command::Pause => Phase::Pausing,
            Command::Stop => Phase::Stopping,
            Command::Resume | Command::StepOnce | Command::Checkpoint => before,
        };
        (self.phase, before)
    }

    /// What the run was told did not reach it; it may have ended by itself meanwhile.
    pub fn command_failed(&mut self, (meanwhile, before): (Phase, Phase)) {
        if self.phase == meanwhile {
            self.phase = before;
        }
    }

    /// The run was cancelled before it trained. A new one has left nothing; one that was to go on is where it was.
    pub fn cancel(&mut self) {
        if self.is_resumed {
            self.phase = Phase::Stopped;
        } else {
            self.run = None;
            self.phase = Phase::Idle;
        }
    }

    /// The run of that name ended with an error.
    pub fn fail(&mut self, run: &str, fault: Fault) {
        if self.run.as_ref().is_none_or(|shown| shown == run) {
            self.run = Some(run.to_owned());
            self.fail_current(fault);
        }
    }

    /// The run under way ended with an error. Where none is any more, the first error has said why.
    pub fn fail_current(&mut self, fault: Fault) {
        if !self.phase.is_busy() {
            return;
        }
        self.add_line(Level::Error, fault.message.clone());
        self.pass = None;
        self.fault = Some(fault);
        self.phase = Phase::Failed;
    }

    /// Adds a line to the log.
    pub fn add_line(&mut self, level: Level, text: impl Into<String>) {
        self.log.add(self.elapsed_s, level, text);
    }

    /// Something happened in a run; says whether that was its end.
    pub fn apply(&mut self, run: &str, elapsed_s: f64, event: TrainEvent) -> bool {
        if self.run.as_deref() != Some(run) {
            self.run = Some(run.to_owned());
        }
        self.elapsed_s = elapsed_s;
        self.version += u64::from(self.lines.push(&event));
        match event {
            TrainEvent::Started(start) => self.started(start),
            TrainEvent::Baselines(results) => self.compared(results),
            TrainEvent::Batch(position) => self.reach(position),
            TrainEvent::Step(step) => self.reach(step.position),
            TrainEvent::Evaluating { position, batches } => {
                self.position = position;
                self.pass = Some(Pass { of: PassKind::Evaluation, done: 0, batches });
            }
            TrainEvent::BaselinesBatch { done, batches } => {
                self.pass = Some(Pass { of: PassKind::Baselines, done, batches });
            }
            TrainEvent::EvaluatedBatch { done, batches } => {
                self.pass = Some(Pass { of: PassKind::Evaluation, done, batches });
            }
            TrainEvent::AveragedBatch { done, batches } => {
                self.pass = (done < batches).then_some(Pass { of: PassKind::Averaging, done, batches });
            }
            TrainEvent::Evaluated(evaluation) => self.evaluated(evaluation),
            // The summary has its result.
            TrainEvent::Tested(_) => self.pass = None,
            TrainEvent::Epoch(record) => self.epochs_done = record.epoch,
            TrainEvent::Checkpoint { position, path } => self.log.add_checkpoint(elapsed_s, position.step, &path),
            TrainEvent::Paused(position) => {
                self.position = position;
                self.phase = Phase::Paused;
            }
            TrainEvent::Resumed(position) => {
                self.speed.rest(position, elapsed_s);
                self.phase = Phase::Training;
            }
            TrainEvent::Warning { message } => self.add_line(Level::Warning, message),
            TrainEvent::Done(summary) => {
                self.done(summary);
                return true;
            }
        }
        false
    }

    fn started(&mut self, start: Start) {
        let line = format!(
            "{} for training, {}; {} learnt values; seed {}.",
            format::counted(start.train_samples as u64, "sample", "samples"),
            match start.val_samples {
                Some(samples) => format!("{} for validation", format::count(samples as u64)),
                None => "none for validation".to_owned(),
            },
            format::count(start.parameters as u64),
            start.seed
        );
        self.add_line(Level::Info, line);
        self.position.step = start.resumed_at;
        self.forget_after(start.resumed_at);
        let batch_samples = start.train_samples as f64 / start.batches_per_epoch.max(1) as f64;
        self.speed = Speed::begin(self.position, self.elapsed_s, batch_samples);
        self.start = Some(start);
        self.phase = Phase::Training;
    }

    fn compared(&mut self, results: BaselineResults) {
        self.pass = None;
        for method in results.methods {
            let score =
                method.score.map_or_else(String::new, |score| format!(": validation score {}", format::score(score)));
            self.add_line(Level::Info, format!("Baseline {}{score}.", method.baseline));
        }
        for what in results.left_out {
            self.add_line(Level::Info, format!("No baseline {what}."));
        }
    }

    /// What was reported of later updates is lost: the run goes on from here.
    fn forget_after(&mut self, step: usize) {
        if self.evaluation.as_ref().is_some_and(|shown| shown.position.step > step) {
            self.evaluation = None;
        }
        let known = self.bests.len();
        self.bests.retain(|(at, ..)| *at <= step);
        if self.bests.len() < known {
            self.best = self.bests.last().map(|(_, score, epoch)| (*score, *epoch));
        }
    }

    fn reach(&mut self, position: Position) {
        self.pass = None;
        self.position = position;
        if let Some(rate) = self.speed.reach(position, self.elapsed_s) {
            self.rate = Some(rate);
            self.lines.push_speed(rate);
            self.version += 1;
        }
    }

    fn evaluated(&mut self, evaluation: Evaluation) {
        let Position { epoch, step, .. } = evaluation.position;
        let best = if evaluation.is_best { ", the best so far" } else { "" };
        let (step, score) = (format::count(step as u64), format::score(evaluation.score));
        self.add_line(Level::Info, format!("Epoch {epoch}, step {step}: validation score {score}{best}."));
        if evaluation.is_best {
            self.best = Some((evaluation.score, epoch));
            self.bests.push((evaluation.position.step, evaluation.score, epoch));
        }
        self.pass = None;
        self.speed.rest(evaluation.position, self.elapsed_s);
        self.evaluation = Some(Arc::new(evaluation));
    }

    fn done(&mut self, summary: Summary) {
        self.add_line(Level::Info, format!("The run has ended: {}.", summary.ended));
        self.pass = None;
        self.position.step = summary.global_step;
        self.phase = if summary.ended == Ending::Stopped { Phase::Stopped } else { Phase::Complete };
        self.summary = Some(summary);
    }

    /// Whether it has made a step since it was started or resumed.
    #[must_use]
    pub fn has_stepped(&self) -> bool {
        self.start.as_ref().is_some_and(|start| self.position.step > start.resumed_at)
    }

    /// Seconds until the run ends, as far as the speed so far tells.
    #[must_use]
    pub fn remaining_s(&self) -> Option<f64> {
        let total = self.start.as_ref()?.total_steps;
        let step_s = self.speed.step_s(self.position, self.elapsed_s)?;
        Some(total.saturating_sub(self.position.step) as f64 * step_s)
    }

    /// The share of the run that is done.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        let total = self.start.as_ref()?.total_steps;
        (total > 0).then(|| (self.position.step as f64 / total as f64).min(1.0))
    }
}

#[cfg(test)]
mod tests;
