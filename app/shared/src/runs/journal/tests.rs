use signal_studio_core::training::{
    events::{Evaluation, RegressionPoints, Start, Step, WorstSample},
    history::EpochRecord,
    metrics::Metrics,
    score::Score,
};

use super::*;
use crate::test_events::start;

fn step(step: usize) -> TrainEvent {
    let position = Position { epoch: 1, batch: step, step };
    let losses = [("age".to_owned(), 0.5)].into();
    TrainEvent::Step(Step { position, loss: 1.0 / step as f64, losses, grad_norm: 1.0, lr: 1e-3 })
}

fn epoch(epoch: usize, train_loss: f64) -> TrainEvent {
    TrainEvent::Epoch(EpochRecord { epoch, train_loss, ..EpochRecord::default() })
}

fn evaluated(step: usize) -> TrainEvent {
    TrainEvent::Evaluated(Evaluation {
        position: Position { epoch: 1, batch: step, step },
        metrics: Metrics { samples: 8, loss: 1.0, grad_norm: 0.0, tasks: Vec::new() },
        score: Score::of_older_version(0.5),
        is_best: true,
        regressions: vec![RegressionPoints { task: "age".to_owned(), points: vec![[30.0, 31.5]] }],
        worst_samples: vec![WorstSample {
            path: "0.png".to_owned(),
            subject: None,
            loss: 2.0,
            predictions: Vec::new(),
        }],
    })
}

/// What a run that tells this writes.
fn written(events: &[TrainEvent]) -> String {
    let mut writer = Writer::default();
    events.iter().enumerate().map(|(second, event)| writer.lines(second as f64, event)).collect()
}

/// As older versions wrote it: everything.
fn unthinned(events: &[TrainEvent]) -> String {
    events.iter().enumerate().map(|(second, event)| line(second as f64, event)).collect()
}

fn read(text: &str) -> Vec<TrainEvent> {
    let mut reader = Reader::default();
    reader.take(text.as_bytes());
    reader.events().into_iter().map(|(_, event)| event).collect()
}

#[test]
fn what_was_told_is_read_back() {
    let reported = [start(0), step(1), step(2), epoch(1, 0.5)];
    assert_eq!(read(&written(&reported)), reported);
}

#[test]
fn a_run_that_went_on_tells_nothing_twice() {
    let reported = [start(0), step(1), step(2), epoch(1, 0.5), step(3), start(2), step(3), epoch(1, 0.4)];
    assert_eq!(read(&written(&reported)), [start(0), step(1), step(2), start(2), step(3), epoch(1, 0.4)]);
}

#[test]
fn nothing_stays_of_what_a_run_told_after_the_state_from_which_it_went_on() {
    let saved = |step: usize| {
        let position = Position { epoch: 1, batch: step, step };
        TrainEvent::Checkpoint { position, path: "last".to_owned() }
    };
    let warning = || TrainEvent::Warning { message: "Late.".to_owned() };
    // Reports are rare, so that only the checkpoint tells epochs before it from those after.
    let reported =
        [start(0), epoch(1, 0.5), saved(2), epoch(2, 0.4), epoch(3, 0.3), warning(), start(2), epoch(2, 0.6)];
    assert_eq!(read(&written(&reported)), [start(0), epoch(1, 0.5), saved(2), start(2), epoch(2, 0.6)]);
    // Without one, the first report of what came later.
    let reported = [start(0), step(2), epoch(1, 0.5), step(4), epoch(2, 0.4), warning(), start(2)];
    assert_eq!(read(&written(&reported)), [start(0), step(2), epoch(1, 0.5), start(2)]);
}

#[test]
fn a_line_that_was_cut_off_is_left_out_and_repaired() {
    let whole = written(&[start(0), step(1)]);
    let next = line(2.0, &step(2));
    assert_eq!(repair(b""), Repair::Nothing);
    assert_eq!(repair(next.trim_end().as_bytes()), Repair::EndLine);
    for length in 1..next.len() - 1 {
        let cut = format!("{whole}{}", &next[..length]);
        assert_eq!(read(&cut), [start(0), step(1)]);
        assert_eq!(repair(&next.as_bytes()[..length]), Repair::CutOff(length));
    }
    assert_eq!(read(""), []);
}

#[test]
fn a_journal_is_read_in_pieces_of_any_size_and_nothing_twice() {
    let reported = [start(0), step(1), evaluated(1), step(2), epoch(1, 0.5), start(2), step(3)];
    let text = unthinned(&reported);
    for size in [1, 7, 100, 1000, text.len()] {
        let (mut reader, mut length) = (Reader::default(), size);
        while reader.offset() < text.len() as u64 {
            let at = usize::try_from(reader.offset()).unwrap();
            let taken = reader.take(&text.as_bytes()[at..text.len().min(at + length)]);
            // A line that is longer than the piece needs a longer one.
            length = if taken == 0 { 2 * length } else { size };
        }
        let events: Vec<_> = reader.events().into_iter().map(|(_, event)| event).collect();
        assert_eq!(events, read(&text), "{size}");
        assert_eq!(reader.unreadable(), 0);
    }
}

#[test]
fn lines_of_no_event_are_counted() {
    let mut reader = Reader::default();
    reader.take(format!("[1,{{\"event\":\"sneezed\"}}]\n{}", written(&[step(1)])).as_bytes());
    assert_eq!((reader.unreadable(), reader.events().len()), (1, 1));
}

#[test]
fn single_samples_are_kept_of_the_last_evaluation_only() {
    let reported = [start(0), evaluated(1), step(2), evaluated(2), epoch(1, 0.5)];
    let samples = |events: &[TrainEvent]| -> Vec<_> {
        let evaluations = events.iter().filter_map(|event| match event {
            TrainEvent::Evaluated(evaluation) => Some((evaluation.regressions.len(), evaluation.worst_samples.len())),
            _ => None,
        });
        evaluations.collect()
    };
    // Older versions wrote them between the other lines.
    assert_eq!(samples(&read(&unthinned(&reported))), [(0, 0), (1, 1)]);

    let mut reader = Reader::default();
    reader.take(written(&reported).as_bytes());
    let mut events = reader.events();
    let TrainEvent::Evaluated(last) = evaluated(2) else { unreachable!("it is one") };
    let kept = EvaluatedSamples::of(&last);
    assert_eq!(EvaluatedSamples::read(&kept.to_json()).unwrap(), Some(kept.clone()));
    let newer = r#"{"schema_version":3,"step":2,"regressions":[],"worst_samples":[]}"#;
    assert_eq!(EvaluatedSamples::read(newer.as_bytes()).unwrap(), None);
    assert!(EvaluatedSamples::read(&kept.to_json()[1..]).is_err());
    let older = String::from_utf8(kept.to_json()).unwrap();
    let older = older
        .replace("worst_samples", "hardest")
        .replace("predictions", "verdicts")
        .replace("\"schema_version\":2", "\"schema_version\":1");
    assert_eq!(EvaluatedSamples::read(older.as_bytes()).unwrap(), Some(kept.clone()));
    kept.put_into(&mut events);
    let events: Vec<_> = events.into_iter().map(|(_, event)| event).collect();
    assert_eq!(samples(&events), [(0, 0), (1, 1)]);
    assert_eq!(events[3], reported[3]);
}

#[test]
fn samples_of_another_evaluation_stay_out() {
    let TrainEvent::Evaluated(earlier) = evaluated(1) else { unreachable!("it is one") };
    let mut reader = Reader::default();
    reader.take(written(&[start(0), evaluated(1), evaluated(2)]).as_bytes());
    let mut events = reader.events();
    EvaluatedSamples::of(&earlier).put_into(&mut events);
    assert_eq!(events, reader.events());
}

#[test]
fn a_long_run_writes_few_steps_and_the_one_before_every_milestone() {
    let mut long = Vec::new();
    let TrainEvent::Started(begin) = start(0) else { unreachable!("it is one") };
    long.push(TrainEvent::Started(Start { total_steps: 40_000, ..begin }));
    long.extend((1..=20_001).map(step));
    long.push(epoch(1, 0.5));
    let text = written(&long);
    let lines = text.lines().count();
    assert!((2500..2510).contains(&lines), "{lines}");
    let events = read(&text);
    assert_eq!(events[events.len() - 2..], long[long.len() - 2..]);

    // Older versions wrote them all.
    let events = read(&unthinned(&long));
    assert!(events.len() <= 2 * MOST_STEPS + 2, "{}", events.len());
    assert_eq!(events[events.len() - 2..], long[long.len() - 2..]);
}

#[test]
fn a_short_run_keeps_every_report() {
    let reported: Vec<_> = std::iter::once(start(0)).chain((1..=100).map(step)).collect();
    assert_eq!(read(&written(&reported)), reported);
}
