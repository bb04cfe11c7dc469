use signal_studio_core::training::{events::Step, metrics::Metrics, score::Score};

use super::*;
use crate::{
    protocol::{FaultKind, RunLine, RunStatus},
    test_events::start,
    training::figure::Figure,
};

const DEMO: &str = include_str!("../../../../../configs/classification/demo.toml");

fn at(step: usize) -> Position {
    Position { epoch: 1, batch: step, step }
}

fn step(step: usize) -> TrainEvent {
    TrainEvent::Step(Step { position: at(step), loss: 1.0, losses: [].into(), grad_norm: 1.0, lr: 1e-3 })
}

fn evaluated(step: usize, score: f64, is_best: bool) -> TrainEvent {
    TrainEvent::Evaluated(Evaluation {
        position: at(step),
        metrics: Metrics { samples: 8, loss: 1.0, grad_norm: 0.0, tasks: Vec::new() },
        score: Score::of_older_version(score),
        is_best,
        regressions: Vec::new(),
        worst_samples: Vec::new(),
    })
}

fn fault() -> Fault {
    Fault { kind: FaultKind::Failed, message: "Something failed.".to_owned() }
}

fn kept(name: &str) -> Run {
    Run {
        line: RunLine {
            name: name.to_owned(),
            title: name.to_owned(),
            started_ms: 0.0,
            dataset: "demo".to_owned(),
            device: "cpu".to_owned(),
            status: RunStatus::Resumable,
            epochs: 0,
            best: None,
            baseline: None,
            bytes: 0,
        },
        config: DEMO.to_owned(),
        history: Vec::new(),
        events: Vec::new(),
        summary: None,
        files: [].into(),
    }
}

fn asked_for() -> CurrentRun {
    let mut state = CurrentRun::default();
    state.prepare(DEMO.to_owned());
    state
}

fn under_way() -> CurrentRun {
    let mut state = asked_for();
    state.apply("demo-1", 0.0, start(0));
    state
}

#[test]
fn a_run_that_is_asked_for_has_its_charts_and_no_name() {
    let state = asked_for();
    assert_eq!((state.phase, &state.run), (Phase::Preparing, &None));
    assert!(!state.lines.series(Figure::Loss, None).is_empty());
}

#[test]
fn steps_bring_it_on_and_tell_what_remains() {
    let mut state = under_way();
    assert!(!state.has_stepped());
    state.apply("demo-1", 1.0, step(1));
    state.apply("demo-1", 2.0, step(2));
    assert!(state.has_stepped());
    assert_eq!((state.phase, state.position.step, state.share()), (Phase::Training, 2, Some(0.02)));
    assert_eq!((state.rate, state.remaining_s()), (Some(4.0), Some(98.0)));
}

#[test]
fn the_best_evaluation_is_remembered_and_the_latest_shown() {
    let mut state = under_way();
    state.apply("demo-1", 1.0, TrainEvent::Evaluating { position: at(1), batches: 3 });
    assert_eq!(state.pass, Some(Pass { of: PassKind::Evaluation, done: 0, batches: 3 }));
    state.apply("demo-1", 1.0, evaluated(1, 0.5, true));
    state.apply("demo-1", 2.0, evaluated(2, 0.25, false));
    assert_eq!((state.best, state.pass), (Some((Score::of_older_version(0.5), 1)), None));
    assert_eq!(state.evaluation.map(|shown| shown.score.value), Some(0.25));
}

#[test]
fn a_command_that_did_not_arrive_is_taken_back_unless_the_run_went_on() {
    let mut state = under_way();
    let phases = state.command(Command::Pause);
    assert_eq!(state.phase, Phase::Pausing);
    state.command_failed(phases);
    assert_eq!(state.phase, Phase::Training);
    let phases = state.command(Command::Stop);
    state.fail_current(fault());
    state.command_failed(phases);
    assert_eq!(state.phase, Phase::Failed);
}

#[test]
fn a_cancelled_run_leaves_nothing_unless_it_was_to_go_on() {
    let mut state = asked_for();
    state.cancel();
    assert_eq!((state.phase, &state.run), (Phase::Idle, &None));
    // Stopped within its first epoch.
    let mut state = under_way();
    state.apply("demo-1", 1.0, TrainEvent::Done(Summary { ended: Ending::Stopped, ..Summary::default() }));
    assert!(state.resume());
    assert_eq!(state.phase, Phase::Preparing);
    state.cancel();
    assert_eq!((state.phase, state.run.as_deref()), (Phase::Stopped, Some("demo-1")));
    state.prepare(DEMO.to_owned());
    state.cancel();
    assert_eq!((state.phase, &state.run), (Phase::Idle, &None));
}

#[test]
fn another_runs_failure_is_not_this_ones() {
    let mut state = under_way();
    state.fail("demo-2", fault());
    assert_eq!((state.phase, &state.fault), (Phase::Training, &None));
    state.fail("demo-1", fault());
    assert_eq!((state.phase, &state.fault), (Phase::Failed, &Some(fault())));
}

#[test]
fn another_run_takes_its_place() {
    let mut state = under_way();
    state.apply("demo-1", 1.0, evaluated(1, 0.5, true));
    state.fail_current(fault());
    assert!(state.resume_kept(&kept("demo-2")));
    assert_eq!((state.run.as_deref(), state.best, state.elapsed_s), (Some("demo-2"), None, 0.0));
    assert!(state.log.lines().is_empty() && state.evaluation.is_none());
}

#[test]
fn nothing_begins_while_a_run_is_under_way() {
    let mut state = under_way();
    state.apply("demo-1", 1.0, step(1));
    assert!(!state.prepare(DEMO.to_owned()) && !state.resume() && !state.resume_kept(&kept("demo-2")));
    assert_eq!((state.phase, state.run.as_deref(), state.position.step), (Phase::Training, Some("demo-1"), 1));
    // As when the button was pressed twice.
    let mut state = asked_for();
    assert!(!state.prepare(DEMO.to_owned()));
    assert_eq!(state.phase, Phase::Preparing);
}

#[test]
fn the_first_error_says_why_a_run_ended() {
    let mut state = under_way();
    state.fail_current(Fault { kind: FaultKind::Device, message: "The GPU failed.".to_owned() });
    // What is answered to requests that the worker's end cut short.
    state.fail_current(fault());
    assert_eq!(state.fault.map(|fault| fault.kind), Some(FaultKind::Device));
}

#[test]
fn a_run_that_ends_is_where_it_ended_whatever_batches_were_told() {
    let mut state = under_way();
    state.apply("demo-1", 1.0, TrainEvent::Batch(at(3)));
    let summary = Summary { ended: Ending::Stopped, global_step: 5, ..Summary::default() };
    state.apply("demo-1", 1.1, TrainEvent::Done(summary));
    assert_eq!((state.phase, state.position.step), (Phase::Stopped, 5));
}

#[test]
fn a_run_that_goes_on_from_earlier_forgets_what_came_after() {
    let mut state = under_way();
    for (step_done, score) in [(1, 0.5), (2, 0.75)] {
        state.apply("demo-1", 1.0, step(step_done));
        state.apply("demo-1", 1.0, evaluated(step_done, score, true));
    }
    let points = |state: &CurrentRun| state.lines.series(Figure::Loss, None)[0].points().xs().to_vec();
    assert_eq!(points(&state), [1.0, 2.0]);
    state.fail_current(fault());
    assert!(state.resume());
    let version = state.version;
    state.apply("demo-1", 0.5, start(1));
    assert_eq!((state.best, state.position.step), (Some((Score::of_older_version(0.5), 1)), 1));
    assert!(state.evaluation.is_none() && state.version > version);
    assert_eq!(points(&state), [1.0]);
}
