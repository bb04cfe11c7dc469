//! The run under way, or the last one, as signals: each tells when what it shows is another.

use std::sync::Arc;

use leptos::prelude::*;
use signal_studio_app_shared::{
    protocol::{Devices, Fault},
    training::{current_run::CurrentRun, pass::Pass, phase::Phase, run_lines::RunLines, run_log::LogLine},
};
use signal_studio_core::training::{
    Summary,
    events::{Evaluation, Position, Start},
    score::Score,
};

use crate::browser::{in_a_frame_after_next, mark};

/// The run.
#[derive(Clone, Copy)]
pub struct RunSignals {
    state: StoredValue<CurrentRun, LocalStorage>,
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
    /// The pass without updates that is under way.
    pub pass: RwSignal<Option<Pass>>,
    /// The latest evaluation.
    pub evaluation: RwSignal<Option<Arc<Evaluation>>>,
    /// The best validation score, and its epoch.
    pub best: RwSignal<Option<(Score, usize)>>,
    /// How it ended.
    pub summary: RwSignal<Option<Summary>>,
    /// What ended it.
    pub fault: RwSignal<Option<Fault>>,
    /// The log, the oldest line first.
    pub log: RwSignal<Vec<LogLine>>,
    /// Whether the latest evaluation will be shown in a frame to come. A hidden tab has no frames: the evaluations
    /// before its latest are dropped.
    evaluation_is_due: StoredValue<bool>,
    log_version: StoredValue<u64>,
    /// Changes whenever a line of its charts has grown.
    pub version: RwSignal<u64>,
}

impl RunSignals {
    /// No run yet.
    pub fn new() -> Self {
        Self {
            state: StoredValue::new_local(CurrentRun::default()),
            phase: RwSignal::new(Phase::Idle),
            run: RwSignal::new(None),
            config: RwSignal::new(String::new()),
            devices: RwSignal::new(None),
            start: RwSignal::new(None),
            position: RwSignal::new(Position::default()),
            epochs_done: RwSignal::new(0),
            elapsed_s: RwSignal::new(0.0),
            rate: RwSignal::new(None),
            pass: RwSignal::new(None),
            evaluation: RwSignal::new(None),
            best: RwSignal::new(None),
            summary: RwSignal::new(None),
            fault: RwSignal::new(None),
            log: RwSignal::new(Vec::new()),
            evaluation_is_due: StoredValue::new(false),
            log_version: StoredValue::new(0),
            version: RwSignal::new(0),
        }
    }

    /// Changes what is known of the run, and has it shown.
    pub fn update<T>(self, change: impl FnOnce(&mut CurrentRun) -> T) -> T {
        let mut state = self.state.write_value();
        let had_stepped = state.has_stepped();
        let result = change(&mut state);
        drop(state);
        if !had_stepped && self.state.with_value(CurrentRun::has_stepped) {
            mark("studio:first-step");
        }
        self.show();
        result
    }

    fn show(self) {
        let state = self.state.read_value();
        show(self.run, &state.run);
        show(self.config, &state.config);
        show(self.devices, &state.devices);
        show(self.start, &state.start);
        show(self.position, &state.position);
        show(self.epochs_done, &state.epochs_done);
        show(self.elapsed_s, &state.elapsed_s);
        show(self.rate, &state.rate);
        show(self.pass, &state.pass);
        show(self.best, &state.best);
        show(self.summary, &state.summary);
        show(self.fault, &state.fault);
        if self.log_version.get_value() != state.log.version() {
            self.log_version.set_value(state.log.version());
            self.log.set(state.log.lines());
        }
        show(self.version, &state.version);
        self.show_evaluation(&state);
        show(self.phase, &state.phase);
    }

    fn show_evaluation(self, state: &CurrentRun) {
        if self.evaluation.with_untracked(|shown| is_same(shown.as_ref(), state.evaluation.as_ref())) {
            return;
        }
        if state.evaluation.is_none() {
            return self.evaluation.set(None);
        }
        if self.evaluation_is_due.get_value() {
            return;
        }
        self.evaluation_is_due.set_value(true);
        // The charts are painted in the next frame, and both at once would hold the page up.
        in_a_frame_after_next(move || {
            self.evaluation_is_due.set_value(false);
            self.evaluation.set(self.state.with_value(|state| state.evaluation.clone()));
        });
    }

    /// Whether a run is under way.
    pub fn is_busy(self) -> bool {
        self.phase.get().is_busy()
    }

    /// Whether the run computes on something else than the CPU.
    pub fn is_on_gpu(self) -> bool {
        self.state.with_value(CurrentRun::is_on_gpu)
    }

    /// The lines of its charts.
    pub fn lines(self) -> RunLines {
        self.version.track();
        self.state.with_value(|state| state.lines.clone())
    }

    /// Seconds until the run ends, as far as the speed so far tells.
    pub fn remaining_s(self) -> Option<f64> {
        self.track_progress();
        self.state.with_value(CurrentRun::remaining_s)
    }

    /// The share of the run that is done.
    pub fn share(self) -> Option<f64> {
        self.track_progress();
        self.state.with_value(CurrentRun::share)
    }

    fn track_progress(self) {
        self.start.track();
        self.position.track();
        self.elapsed_s.track();
    }
}

/// Tells only what is another value.
fn show<T: Clone + PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: &T) {
    if signal.with_untracked(|shown| shown != value) {
        signal.set(value.clone());
    }
}

fn is_same(one: Option<&Arc<Evaluation>>, other: Option<&Arc<Evaluation>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        (None, None) => true,
        _ => false,
    }
}
