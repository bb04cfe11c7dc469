//! What a run reported, kept as text: one event a line, with the seconds trained until then. Lines are only ever added, by a
//! [`Writer`] that leaves out what nobody will look at; a [`Reader`] takes the text piece by piece and gives the events that
//! can be drawn, also of a run that was interrupted and went on.

use serde::{Deserialize, Serialize};
use signal_studio_core::training::{
    TrainEvent,
    events::{Evaluation, Position, RegressionPoints, WorstSample},
};

use crate::shell::kept::{Kept, Versioned};

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
            | TrainEvent::BaselinesBatch { .. }
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
    // Version 1 has other names for the same.
    const VERSION: u32 = 2;
}

impl EvaluatedSamples {
    /// What this evaluation says.
    #[must_use]
    pub fn of(evaluation: &Evaluation) -> Self {
        let Evaluation { position, regressions, worst_samples, .. } = evaluation;
        Self { step: position.step, regressions: regressions.clone(), worst_samples: worst_samples.clone() }
    }

    /// Reads what was kept; none when a newer version wrote it.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn read(bytes: &[u8]) -> Result<Option<Self>, serde_json::Error> {
        match Kept::read(bytes)? {
            Kept::Current(samples) => Ok(Some(samples)),
            // Only names have changed so far.
            Kept::Older { value, .. } => serde_json::from_value(value).map(Some),
            Kept::Newer { .. } => Ok(None),
        }
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

    /// Takes the whole lines of a piece; gives their bytes. What a run reported after the checkpoint from which it went on
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
            TrainEvent::Started(start) => self.forget_after(start.resumed_at),
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

    /// Forgets what the run told after the state from which it goes on, at this update: it tells that again.
    fn forget_after(&mut self, resumed_at: usize) {
        // With the last checkpoint of an update its state is written.
        let is_state = |event: &TrainEvent| matches!(event, TrainEvent::Checkpoint { position, .. } if position.step == resumed_at);
        let is_later = |event: &TrainEvent| position_of(event).is_some_and(|at| at.step > resumed_at);
        let kept = match self.events.iter().rposition(|(_, event)| is_state(event)) {
            Some(state) => state + 1,
            None => self.events.iter().position(|(_, event)| is_later(event)).unwrap_or(self.events.len()),
        };
        self.events.truncate(kept);
        self.steps = self.events.iter().filter(|(_, event)| is_step(event)).count();
        let epochs = self.events.iter().filter_map(|(_, event)| match event {
            TrainEvent::Epoch(record) => Some(record.epoch),
            _ => None,
        });
        self.last_epoch = epochs.max().unwrap_or_default();
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
        let (mut count, steps) = (0, self.steps);
        self.events.retain(|(_, event)| {
            count += usize::from(is_step(event));
            // The last one is where the run is now.
            !is_step(event) || count == steps || count % 2 == 1
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
        | TrainEvent::Baselines(_)
        | TrainEvent::BaselinesBatch { .. }
        | TrainEvent::AveragedBatch { .. }
        | TrainEvent::EvaluatedBatch { .. }
        | TrainEvent::Epoch(_)
        | TrainEvent::Tested(_)
        | TrainEvent::Warning { .. }
        | TrainEvent::Done(_) => None,
    }
}

#[cfg(test)]
mod tests;
