//! Answers as they are judged: rows of a table of predictions go in; answers to one task, of windows, recordings or people,
//! come out beside their labels, with whose they are and what may exchange its label with what else.

use std::collections::BTreeMap;

use super::{Answer, Level, PredictedWindow, Prediction, PredictionTable, mean::MeanPrediction, permutation::Unit};
use crate::labels::Target;

/// An answer beside its label.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Whose it is, as a place in [`JudgedAnswers::people`]; none where that is not known.
    pub person: Option<usize>,
    /// Which of several models gave it: those of other seeds answer the same again.
    pub model: usize,
    /// What has its label in common with others, as a place in [`JudgedAnswers::units`].
    pub unit: usize,
    /// What is right.
    pub target: Target,
    /// What was said.
    pub prediction: Prediction,
}

/// The answers to a task at a level.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedAnswers {
    /// Everyone who has an answer.
    pub people: Vec<String>,
    /// How many models have answered.
    pub models: usize,
    /// All answers.
    pub answers: Vec<Judged>,
    /// What may exchange its label with others if there is nothing to tell: people, where everyone has one label, else the
    /// recordings of one person. None for windows whose label their recording does not share, or whose recording is not
    /// known: these resemble each other, and single ones are no guesses of their own. The labels are those of `unit_targets`.
    pub units: Vec<Unit>,
    /// By unit.
    pub unit_targets: Vec<Target>,
}

/// What separates answers; labels are told apart by their bits.
type Key<'a> = (u64, Option<&'a str>, Option<&'a str>, Option<usize>, (u8, u64));

impl JudgedAnswers {
    /// The answers of a table to a task, by its place; none where the level is not known of all rows with a label, or no row
    /// has one.
    #[must_use]
    pub fn of(table: &PredictionTable, task: usize, level: Level) -> Option<Self> {
        let labelled: Vec<(&PredictedWindow, &Answer, Target)> =
            table.rows.iter().filter_map(|row| Some((row, &row.answers[task], row.answers[task].target?))).collect();
        let is_known = labelled.iter().all(|(row, ..)| match level {
            Level::Window => true,
            Level::Recording => row.recording.is_some(),
            Level::Subject => row.subject.is_some(),
        });
        if labelled.is_empty() || !is_known {
            return None;
        }
        let label_of = LabelOwner::of(&labelled);
        let mut groups: BTreeMap<Key<'_>, Group<'_>> = BTreeMap::new();
        for (index, (row, answer, target)) in labelled.iter().enumerate() {
            let (subject, recording) = (row.subject.as_deref(), row.recording.as_deref());
            let key = match level {
                Level::Window => (row.seed, subject, recording, Some(index), bits(*target)),
                Level::Recording => (row.seed, subject, recording, None, bits(*target)),
                Level::Subject => (row.seed, subject, None, None, bits(*target)),
            };
            groups.entry(key).or_insert_with(|| Group::new(row, *target)).mean.add(&answer.prediction);
        }
        let mut found = Places::default();
        let mut units: BTreeMap<UnitKey<'_>, usize> = BTreeMap::new();
        let (mut unit_list, mut unit_targets, mut answers) = (Vec::new(), Vec::new(), Vec::with_capacity(groups.len()));
        for Group { row, target, mean } in groups.into_values() {
            let Some(prediction) = mean.mean() else { continue };
            let person = row.subject.as_deref().map(|subject| found.people.place(subject));
            let key = label_of.unit(row, target, level);
            let unit = *units.entry(key).or_insert_with(|| {
                let block = match label_of {
                    LabelOwner::Person => 0,
                    LabelOwner::Recording | LabelOwner::Neither => person.unwrap_or_default(),
                };
                unit_list.push(Unit { block, label: unit_list.len() });
                unit_targets.push(target);
                unit_list.len() - 1
            });
            let model = found.models.place(row.seed);
            answers.push(Judged { person, model, unit, target, prediction });
        }
        for unit in &mut unit_list {
            // Units of one label are alike: exchanging them is no other arrangement.
            let label = bits(unit_targets[unit.label]);
            unit.label = unit_targets.iter().position(|target| bits(*target) == label).unwrap_or(unit.label);
        }
        if (label_of, level) == (LabelOwner::Neither, Level::Window) {
            unit_list.clear();
        }
        let people = found.people.in_order().into_iter().map(str::to_owned).collect();
        Some(Self { people, models: found.models.len(), answers, units: unit_list, unit_targets })
    }

    /// How many answers the model has given that has given most.
    #[must_use]
    pub fn most_answers(&self) -> usize {
        let of_model = |model| self.answers.iter().filter(|answer| answer.model == model).count();
        (0..self.models).map(of_model).max().unwrap_or_default()
    }

    /// Whether it is known of every answer whose it is.
    #[must_use]
    pub fn are_people_known(&self) -> bool {
        self.answers.iter().all(|answer| answer.person.is_some())
    }
}

/// What a label belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LabelOwner {
    /// Everyone has one.
    Person,
    /// Every recording has one.
    Recording,
    /// Windows of a recording have several, or recordings are not known.
    Neither,
}

type UnitKey<'a> = (Option<&'a str>, Option<&'a str>, (u8, u64));

impl LabelOwner {
    fn of(labelled: &[(&PredictedWindow, &Answer, Target)]) -> Self {
        let is_single = |owner: &dyn Fn(&PredictedWindow) -> Option<String>| {
            let mut labels: BTreeMap<String, (u8, u64)> = BTreeMap::new();
            labelled.iter().all(|(row, _, target)| {
                let Some(owner) = owner(row) else { return false };
                *labels.entry(owner).or_insert_with(|| bits(*target)) == bits(*target)
            })
        };
        if is_single(&|row| row.subject.clone()) {
            Self::Person
        } else if is_single(&|row| row.recording.clone()) {
            Self::Recording
        } else {
            Self::Neither
        }
    }

    /// What tells the unit of an answer from others; models share it.
    fn unit(self, row: &PredictedWindow, target: Target, level: Level) -> UnitKey<'_> {
        let (subject, recording) = (row.subject.as_deref(), row.recording.as_deref());
        match (self, level) {
            (Self::Person, _) => (subject, None, (0, 0)),
            (_, Level::Subject) => (subject, None, bits(target)),
            (Self::Recording, _) => (subject, recording, (0, 0)),
            (Self::Neither, Level::Recording | Level::Window) => (subject, recording, bits(target)),
        }
    }
}

/// Windows that are judged together.
struct Group<'a> {
    row: &'a PredictedWindow,
    target: Target,
    mean: MeanPrediction,
}

impl<'a> Group<'a> {
    fn new(row: &'a PredictedWindow, target: Target) -> Self {
        Self { row, target, mean: MeanPrediction::default() }
    }
}

/// The numbers that people and models get as they come up.
#[derive(Default)]
struct Places<'a> {
    people: Numbered<&'a str>,
    models: Numbered<u64>,
}

#[derive(Default)]
struct Numbered<T>(BTreeMap<T, usize>);

impl<T: Ord + Copy> Numbered<T> {
    fn place(&mut self, value: T) -> usize {
        let next = self.0.len();
        *self.0.entry(value).or_insert(next)
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn in_order(&self) -> Vec<T> {
        let mut values: Vec<(usize, T)> = self.0.iter().map(|(&value, &place)| (place, value)).collect();
        values.sort_unstable_by_key(|(place, _)| *place);
        values.into_iter().map(|(_, value)| value).collect()
    }
}

/// A label as something that can be ordered.
fn bits(target: Target) -> (u8, u64) {
    match target {
        Target::Class(class) => (0, class as u64),
        Target::Value(value) => (1, u64::from(value.to_bits())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels::{TaskKind, TaskSpec};

    /// Windows: seed, subject, recording, label, probability of the second class.
    fn table(windows: &[(u64, &str, &str, usize, f64)]) -> PredictionTable {
        let classes = ["a", "b"].map(str::to_owned).to_vec();
        let kind = TaskKind::Classification { classes };
        let tasks = vec![TaskSpec { name: "kind".to_owned(), kind, description: String::new() }];
        let row =
            |(index, &(seed, subject, recording, class, probability)): (usize, &(u64, &str, &str, usize, f64))| {
                let prediction = Prediction::Classes(vec![1.0 - probability, probability]);
                PredictedWindow {
                    sample: index.to_string(),
                    recording: Some(recording.to_owned()),
                    start_s: None,
                    subject: Some(subject.to_owned()),
                    split: "test".to_owned(),
                    fold: None,
                    seed,
                    answers: vec![Answer { target: Some(Target::Class(class)), prediction }],
                }
            };
        PredictionTable { tasks, rows: windows.iter().enumerate().map(row).collect() }
    }

    fn blocks(judged: &JudgedAnswers) -> Vec<(usize, usize)> {
        judged.units.iter().map(|unit| (unit.block, unit.label)).collect()
    }

    #[test]
    fn people_with_one_label_each_exchange_theirs() {
        let table =
            table(&[(1, "x", "x1", 0, 0.2), (1, "x", "x2", 0, 0.6), (1, "y", "y1", 1, 0.9), (1, "z", "z1", 0, 0.1)]);
        for level in Level::ALL {
            let judged = JudgedAnswers::of(&table, 0, level).unwrap();
            assert_eq!(judged.people, ["x", "y", "z"]);
            // The third unit has the label of the first.
            assert_eq!(blocks(&judged), [(0, 0), (0, 1), (0, 0)]);
        }
        let by_subject = JudgedAnswers::of(&table, 0, Level::Subject).unwrap();
        let Prediction::Classes(mean) = &by_subject.answers[0].prediction else { panic!() };
        assert!(by_subject.answers.len() == 3 && (mean[1] - 0.4).abs() < 1e-12);
    }

    #[test]
    fn recordings_of_one_person_exchange_theirs_where_people_have_several_labels() {
        let table = table(&[
            (1, "x", "x1", 0, 0.2),
            (1, "x", "x1", 0, 0.6),
            (1, "x", "x2", 1, 0.9),
            (1, "y", "y1", 0, 0.1),
            (1, "y", "y2", 1, 0.7),
        ]);
        for (level, answers) in [(Level::Window, 5), (Level::Recording, 4), (Level::Subject, 4)] {
            let judged = JudgedAnswers::of(&table, 0, level).unwrap();
            assert_eq!(judged.answers.len(), answers);
            assert_eq!(blocks(&judged), [(0, 0), (0, 1), (1, 0), (1, 1)]);
        }
    }

    #[test]
    fn single_windows_exchange_nothing() {
        let windows = [(1, "x", "x1", 0, 0.2), (1, "x", "x1", 1, 0.6), (1, "y", "y1", 0, 0.1), (1, "y", "y1", 1, 0.7)];
        let within_recordings = table(&windows);
        let mut without_recordings = table(&windows);
        without_recordings.rows.iter_mut().for_each(|row| row.recording = None);
        for table in [within_recordings, without_recordings] {
            assert!(JudgedAnswers::of(&table, 0, Level::Window).unwrap().units.is_empty());
            let by_person = JudgedAnswers::of(&table, 0, Level::Subject).unwrap();
            assert_eq!(blocks(&by_person), [(0, 0), (0, 1), (1, 0), (1, 1)]);
        }
    }

    #[test]
    fn models_answer_about_the_same_people() {
        let table = table(&[(1, "x", "x1", 0, 0.2), (2, "x", "x1", 0, 0.6), (2, "y", "y1", 1, 0.6)]);
        let judged = JudgedAnswers::of(&table, 0, Level::Subject).unwrap();
        assert_eq!((judged.models, judged.people.len(), judged.units.len(), judged.answers.len()), (2, 2, 2, 3));
        assert!(judged.are_people_known());
    }

    #[test]
    fn a_level_that_is_not_known_is_not_judged() {
        let mut table = table(&[(1, "x", "x1", 0, 0.2), (1, "y", "y1", 1, 0.9)]);
        table.rows[1].recording = None;
        assert!(JudgedAnswers::of(&table, 0, Level::Recording).is_none());
        table.rows[0].subject = None;
        assert!(JudgedAnswers::of(&table, 0, Level::Subject).is_none());
        assert!(!JudgedAnswers::of(&table, 0, Level::Window).unwrap().are_people_known());
        table.rows.iter_mut().for_each(|row| row.answers[0].target = None);
        assert!(JudgedAnswers::of(&table, 0, Level::Window).is_none());
    }
}
