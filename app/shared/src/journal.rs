//! What a run told, kept as text: one event a line, with the seconds trained until then. Lines flow out of a run and are
//! added to a file; out of the file's text flow the events that can be drawn, also of a run that was interrupted and
//! went on.

use signal_studio_core::training::{TrainEvent, events::Position};

/// Whether an event is kept: those that only tell how far a run is are not.
#[must_use]
pub fn is_kept(event: &TrainEvent) -> bool {
    !matches!(
        event,
        TrainEvent::Batch(_)
            | TrainEvent::AveragedBatch { .. }
            | TrainEvent::EvaluatedBatch { .. }
            | TrainEvent::Evaluating { .. }
    )
}

/// A line, with its end.
#[must_use]
pub fn line(elapsed_s: f64, event: &TrainEvent) -> String {
    let json = serde_json::to_string(&(elapsed_s, event)).expect("events have string keys and no foreign types");
    json + "\n"
}

/// The events of a journal. What a run told after the checkpoint from which it went on later is left out, since it told
/// that again; so is a line that was cut off. Of more than `most_steps` reports of the loss, evenly spread ones are left,
/// and of the evaluations only the last still says how it judged single samples.
#[must_use]
pub fn read(text: &str, most_steps: usize) -> Vec<(f64, TrainEvent)> {
    let mut events: Vec<(f64, TrainEvent)> = Vec::new();
    for line in text.lines() {
        let Ok((elapsed_s, event)) = serde_json::from_str(line) else { continue };
        match &event {
            TrainEvent::Started(start) => {
                events.retain(|(_, earlier)| position_of(earlier).is_none_or(|at| at.step <= start.resumed_at));
            }
            TrainEvent::Epoch(record) => {
                events.retain(|(_, earlier)| !matches!(earlier, TrainEvent::Epoch(old) if old.epoch >= record.epoch));
            }
            _ => {}
        }
        events.push((elapsed_s, event));
    }
    thin(&mut events, most_steps);
    leave_out_samples(&mut events);
    events
}

/// Takes what they say of single samples from all evaluations but the last: only that one's is shown, and it is most of
/// what a run tells.
fn leave_out_samples(events: &mut [(f64, TrainEvent)]) {
    let evaluations = events.iter_mut().rev().filter_map(|(_, event)| match event {
        TrainEvent::Evaluated(evaluation) => Some(evaluation),
        _ => None,
    });
    for evaluation in evaluations.skip(1) {
        evaluation.regressions.clear();
        evaluation.hardest.clear();
    }
}

fn thin(events: &mut Vec<(f64, TrainEvent)>, most_steps: usize) {
    let is_step = |event: &TrainEvent| matches!(event, TrainEvent::Step(_));
    let steps = events.iter().filter(|(_, event)| is_step(event)).count();
    let stride = steps.div_ceil(most_steps.max(1)).max(1);
    let mut seen = 0;
    events.retain(|(_, event)| {
        seen += usize::from(is_step(event));
        // The last one is where the run is now.
        !is_step(event) || seen == steps || (seen - 1).is_multiple_of(stride)
    });
}

fn position_of(event: &TrainEvent) -> Option<Position> {
    match event {
        TrainEvent::Step(step) => Some(step.position),
        TrainEvent::Evaluated(evaluation) => Some(evaluation.position),
        TrainEvent::Batch(position)
        | TrainEvent::Paused(position)
        | TrainEvent::Resumed(position)
        | TrainEvent::Evaluating { position, .. }
        | TrainEvent::Checkpoint { position, .. } => Some(*position),
        TrainEvent::Started(_)
        | TrainEvent::AveragedBatch { .. }
        | TrainEvent::EvaluatedBatch { .. }
        | TrainEvent::Epoch(_)
        | TrainEvent::Warning { .. }
        | TrainEvent::Done(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use signal_studio_core::training::{
        events::{Evaluation, HardSample, RegressionPoints, Start, Step},
        history::EpochRecord,
        metrics::Metrics,
        score::Score,
    };

    use super::*;

    fn start(resumed_at: usize) -> TrainEvent {
        TrainEvent::Started(Start {
            train_samples: 8,
            val_samples: None,
            batches_per_epoch: 2,
            epochs: 50,
            total_steps: 100,
            parameters: 10,
            seed: 1,
            resumed_at,
            splits: Vec::new(),
        })
    }

    fn step(step: usize) -> TrainEvent {
        let position = Position { epoch: 1, batch: step, step };
        let losses = [("age".to_owned(), 0.5)].into();
        TrainEvent::Step(Step { position, loss: 1.0 / step as f64, losses, grad_norm: 1.0, lr: 1e-3 })
    }

    fn epoch(epoch: usize, train_loss: f64) -> TrainEvent {
        TrainEvent::Epoch(EpochRecord { epoch, train_loss, ..EpochRecord::default() })
    }

    fn text(events: &[TrainEvent]) -> String {
        events.iter().enumerate().map(|(second, event)| line(second as f64, event)).collect()
    }

    fn events(text: &str, most_steps: usize) -> Vec<TrainEvent> {
        read(text, most_steps).into_iter().map(|(_, event)| event).collect()
    }

    #[test]
    fn what_was_told_is_read_back() {
        let told = [start(0), step(1), step(2), epoch(1, 0.5)];
        assert_eq!(events(&text(&told), 100), told);
    }

    #[test]
    fn a_run_that_went_on_tells_nothing_twice() {
        let told = [start(0), step(1), step(2), epoch(1, 0.5), step(3), start(2), step(3), epoch(1, 0.4)];
        assert_eq!(events(&text(&told), 100), [start(0), step(1), step(2), start(2), step(3), epoch(1, 0.4)]);
    }

    #[test]
    fn a_line_that_was_cut_off_is_left_out() {
        let whole = text(&[start(0), step(1)]);
        let cut = format!("{whole}{}", &line(2.0, &step(2))[..20]);
        assert_eq!(events(&cut, 100), [start(0), step(1)]);
        assert_eq!(events("", 100), []);
    }

    fn evaluated(step: usize) -> TrainEvent {
        TrainEvent::Evaluated(Evaluation {
            position: Position { epoch: 1, batch: step, step },
            metrics: Metrics { samples: 8, loss: 1.0, grad_norm: 0.0, tasks: Vec::new() },
            score: Score::of_older_version(0.5),
            is_best: true,
            regressions: vec![RegressionPoints { task: "age".to_owned(), points: vec![[30.0, 31.5]] }],
            hardest: vec![HardSample { path: "0.png".to_owned(), subject: None, loss: 2.0, verdicts: Vec::new() }],
        })
    }

    #[test]
    fn only_the_last_evaluation_tells_of_single_samples() {
        let told = [start(0), evaluated(1), step(2), evaluated(2), epoch(1, 0.5)];
        let read = events(&text(&told), 100);
        let samples: Vec<_> = read
            .iter()
            .filter_map(|event| match event {
                TrainEvent::Evaluated(evaluation) => Some((evaluation.regressions.len(), evaluation.hardest.len())),
                _ => None,
            })
            .collect();
        assert_eq!(samples, [(0, 0), (1, 1)]);
        assert_eq!((&read[0], &read[2..]), (&told[0], &told[2..]));
    }

    #[test]
    fn many_steps_are_thinned_but_the_last_is_kept() {
        let told: Vec<_> = (1..=100).map(step).collect();
        let kept = events(&text(&told), 10);
        assert!((10..=11).contains(&kept.len()), "{}", kept.len());
        assert_eq!((kept.first(), kept.last()), (told.first(), told.last()));
    }
}
