//! What a run told, kept as text: one event a line, with the seconds trained until then. Lines are only ever added, by a
//! [`Writer`] that leaves out what nobody will look at; a [`Reader`] takes the text piece by piece and gives the events that
//! can be drawn, also of a run that was interrupted and went on.

use serde::{Deserialize, Serialize};
use signal_studio_core::training::{
    TrainEvent,
    events::{Evaluation, Position, RegressionPoints, WorstSample},
};

use crate::kept::Versioned;

/// Reports of the loss that are kept of a run: more than a chart has pixels, few enough to be read at once.
pub const MOST_STEPS: usize = 5000;

/// Decides what becomes a line while a run goes on.
#[derive(Debug, Default)]
pub struct Writer {
    /// Updates of the whole run.
    total_steps: usize,
    /// Which of the [`MOST_STEPS`] parts of the run has its report already.
    part: Option<usize>,
    /// The latest report, when it was left out.
    left_out: Option<String>,
}

impl Writer {
    /// The lines that an event adds. Of the reports of the loss one is kept for every part of the run, and the one before
    /// anything else that is told: it says how far the run was. What an evaluation says of single samples is not
    /// kept here: see [`EvaluatedSamples`].
    pub fn lines(&mut self, elapsed_s: f64, event: &TrainEvent) -> String {
        match event {
            TrainEvent::Batch(_)
            | TrainEvent::AveragedBatch { .. }
            | TrainEvent::EvaluatedBatch { .. }
            | TrainEvent::Evaluating { .. } => return String::new(),
            TrainEvent::Step(step) => {
                let part = step.position.step.saturating_mul(MOST_STEPS) / self.total_steps.max(MOST_STEPS);
                let line = line(elapsed_s, event);
                if self.part.replace(part) == Some(part) {
                    self.left_out = Some(line);
                    return String::new();
                }
                self.left_out = None;
                return line;
            }
            TrainEvent::Started(start) => *self = Self { total_steps: start.total_steps, ..Self::default() },
            _ => {}
        }
        let before = self.left_out.take().unwrap_or_default();
        match event {
            TrainEvent::Evaluated(evaluation) => {
                let bare = Evaluation { regressions: Vec::new(), worst_samples: Vec::new(), ..evaluation.clone() };
                before + &line(elapsed_s, &TrainEvent::Evaluated(bare))
            }
            _ => before + &line(elapsed_s, event),
        }
    }
}

/// A line, with its end.
fn line(elapsed_s: f64, event: &TrainEvent) -> String {
    let json = serde_json::to_string(&(elapsed_s, event)).expect("events have string keys and no foreign types");
    json + "\n"
}

/// What the latest evaluation says of single samples. It is most of what a run tells, and only the latest is shown: each
/// takes the place of the one before, in a file of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EvaluatedSamples {
    step: usize,
    regressions: Vec<RegressionPoints>,
    /// Older versions wrote `hardest`.
    #[serde(alias = "hardest")]
    worst_samples: Vec<WorstSample>,
}

impl Versioned for EvaluatedSamples {
    const VERSION: u32 = 1;
}

impl EvaluatedSamples {
    /// What this evaluation says.
    #[must_use]
    pub fn of(evaluation: &Evaluation) -> Self {
        let Evaluation { position, regressions, worst_samples, .. } = evaluation;
        Self { step: position.step, regressions: regressions.clone(), worst_samples: worst_samples.clone() }
    }

    /// Puts it back into the evaluation that said it, if that is the latest of these events.
    pub fn put_into(self, events: &mut [(f64, TrainEvent)]) {
        let latest = events.iter_mut().rev().find_map(|(_, event)| match event {
            TrainEvent::Evaluated(evaluation) => Some(evaluation),
            _ => None,
        });
        if let Some(evaluation) = latest.filter(|evaluation| evaluation.position.step == self.step) {
            evaluation.regressions = self.regressions;
            evaluation.worst_samples = self.worst_samples;
        }
    }
}

/// What an interrupted program left at the end of a journal, and what makes it whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repair {
    /// It ends with a line.
    Nothing,
    /// The last line is whole but for its end.
    EndLine,
    /// The last line was cut off: this many bytes are of no use.
    CutOff(usize),
}

/// What to do about the bytes behind the last end of a line.
#[must_use]
pub fn repair(last_line: &[u8]) -> Repair {
    if last_line.is_empty() {
        Repair::Nothing
    } else if serde_json::from_slice::<(f64, TrainEvent)>(last_line).is_ok() {
        Repair::EndLine
    } else {
        Repair::CutOff(last_line.len())
    }
}

/// Reads a journal piece by piece; what was read is not read again when there is more.
#[derive(Debug, Default)]
pub struct Reader {
    events: Vec<(f64, TrainEvent)>,
    offset: u64,
    /// The last epoch of which there is a record.
    last_epoch: usize,
    steps: usize,
    unreadable: usize,
}

impl Reader {
    /// How many bytes have been taken: where the next piece begins.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Lines that could not be read.
    #[must_use]
    pub fn unreadable(&self) -> usize {
        self.unreadable
    }

    /// Takes the whole lines of a piece; gives their bytes. What a run told after the checkpoint from which it went on
    /// later is left out, since it told that again.
    pub fn take(&mut self, piece: &[u8]) -> usize {
        let Some(end) = piece.iter().rposition(|byte| *byte == b'\n') else { return 0 };
        for line in piece[..end].split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            match serde_json::from_slice(line) {
                Ok((elapsed_s, event)) => self.add(elapsed_s, event),
                Err(_) => self.unreadable += 1,
            }
        }
        self.offset += end as u64 + 1;
        end + 1
    }

    /// Leaves out bytes that belong to a line which is too long to be one.
    pub fn skip(&mut self, bytes: usize) {
        self.offset += bytes as u64;
    }

    /// What can be drawn.
    #[must_use]
    pub fn events(&self) -> Vec<(f64, TrainEvent)> {
        self.events.clone()
    }

    fn add(&mut self, elapsed_s: f64, event: TrainEvent) {
        match &event {
            TrainEvent::Started(start) => {
                self.events.retain(|(_, earlier)| position_of(earlier).is_none_or(|at| at.step <= start.resumed_at));
                self.steps = self.events.iter().filter(|(_, event)| is_step(event)).count();
            }
            TrainEvent::Epoch(record) => {
                if record.epoch <= self.last_epoch {
                    let is_older =
                        |event: &TrainEvent| matches!(event, TrainEvent::Epoch(old) if old.epoch >= record.epoch);
                    self.events.retain(|(_, earlier)| !is_older(earlier));
                }
                self.last_epoch = record.epoch;
            }
            // Older versions kept in every evaluation what it says of single samples.
            TrainEvent::Evaluated(_) => self.forget_samples(),
            TrainEvent::Step(_) => self.steps += 1,
            _ => {}
        }
        self.events.push((elapsed_s, event));
        if self.steps > 2 * MOST_STEPS {
            self.thin();
        }
    }

    fn forget_samples(&mut self) {
        let latest = self.events.iter_mut().rev().find_map(|(_, event)| match event {
            TrainEvent::Evaluated(evaluation) => Some(evaluation),
            _ => None,
        });
        if let Some(evaluation) = latest {
            evaluation.regressions = Vec::new();
            evaluation.worst_samples = Vec::new();
        }
    }

    /// Leaves out every other report of the loss: older versions kept all of them.
    fn thin(&mut self) {
        let (mut seen, steps) = (0, self.steps);
        self.events.retain(|(_, event)| {
            seen += usize::from(is_step(event));
            // The last one is where the run is now.
            !is_step(event) || seen == steps || seen % 2 == 1
        });
        self.steps = self.events.iter().filter(|(_, event)| is_step(event)).count();
    }
}

fn is_step(event: &TrainEvent) -> bool {
    matches!(event, TrainEvent::Step(_))
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
        events::{Evaluation, RegressionPoints, Start, Step, WorstSample},
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
                verdicts: Vec::new(),
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
        let told = [start(0), step(1), step(2), epoch(1, 0.5)];
        assert_eq!(read(&written(&told)), told);
    }

    #[test]
    fn a_run_that_went_on_tells_nothing_twice() {
        let told = [start(0), step(1), step(2), epoch(1, 0.5), step(3), start(2), step(3), epoch(1, 0.4)];
        assert_eq!(read(&written(&told)), [start(0), step(1), step(2), start(2), step(3), epoch(1, 0.4)]);
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
        let told = [start(0), step(1), evaluated(1), step(2), epoch(1, 0.5), start(2), step(3)];
        let text = unthinned(&told);
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
        let told = [start(0), evaluated(1), step(2), evaluated(2), epoch(1, 0.5)];
        let samples = |events: &[TrainEvent]| -> Vec<_> {
            let evaluations = events.iter().filter_map(|event| match event {
                TrainEvent::Evaluated(evaluation) => {
                    Some((evaluation.regressions.len(), evaluation.worst_samples.len()))
                }
                _ => None,
            });
            evaluations.collect()
        };
        // Older versions wrote them between the other lines.
        assert_eq!(samples(&read(&unthinned(&told))), [(0, 0), (1, 1)]);

        let mut reader = Reader::default();
        reader.take(written(&told).as_bytes());
        let mut events = reader.events();
        let TrainEvent::Evaluated(last) = evaluated(2) else { unreachable!("it is one") };
        let kept = EvaluatedSamples::of(&last);
        assert_eq!(serde_json::from_slice::<EvaluatedSamples>(&kept.to_json()).unwrap(), kept);
        kept.put_into(&mut events);
        let events: Vec<_> = events.into_iter().map(|(_, event)| event).collect();
        assert_eq!(samples(&events), [(0, 0), (1, 1)]);
        assert_eq!(events[3], told[3]);
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
        let told: Vec<_> = std::iter::once(start(0)).chain((1..=100).map(step)).collect();
        assert_eq!(read(&written(&told)), told);
    }
}
