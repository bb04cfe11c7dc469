//! How good a model is: a table of predictions goes in; its scores by window, recording and person come out, with intervals
//! over people and how often chance would give as much. Whatever a run, a checkpoint or a cross-validation is told to have
//! reached is computed here.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    Interval, Judged, JudgedAnswers, Level, PValue, PredictedWindow, Prediction, PredictionTable, Score, permutation_p,
    scored_answers::{ClassAnswers, ValueAnswers, r2_with},
    subject_interval,
};
use crate::labels::{Target, TaskKind, TaskSpec};

/// How good the answers of a table are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assessment {
    /// Windows.
    pub windows: usize,
    /// Recordings, where they are known.
    pub recordings: Option<usize>,
    /// People, where they are known.
    pub subjects: Option<usize>,
    /// Seeds: every score is the mean over the models of all of them.
    pub seeds: Vec<u64>,
    /// Folds in which the windows were predicted; 0 where they were not of a cross-validation.
    pub folds: usize,
    /// By task.
    pub tasks: Vec<TaskAssessment>,
}

/// How good the answers to a task are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskAssessment {
    /// The task.
    pub task: String,
    /// Its classes; none of a number.
    pub classes: Vec<String>,
    /// The number's unit.
    pub unit: Option<String>,
    /// By level, the finest first; those that are not known are left out.
    pub levels: Vec<LevelAssessment>,
    /// By person and label, in alphabetical order; empty where people are not known.
    pub people: Vec<PersonAssessment>,
}

/// How good the answers about one person's windows are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PersonAssessment {
    /// Who it is.
    pub subject: String,
    /// The label of these windows. Who has windows of several labels is there once for each.
    pub target: Target,
    /// How many windows, of all seeds.
    pub windows: usize,
    /// The share of them that are said to be of the right class, or the mean of what is said, in the label's unit.
    pub said: f64,
}

/// How good the answers about windows, recordings or people are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LevelAssessment {
    /// What was judged.
    pub level: Level,
    /// How many of them, of the seed that has most: in a cross-validation that is not done, others have fewer.
    pub answers: usize,
    /// The scores that are defined, the first of which is compared with chance.
    pub scores: Vec<ScoreAssessment>,
    /// Answers by true class (row) and predicted class (column), of all seeds; empty for a number.
    pub confusion: Vec<Vec<f64>>,
    /// By class, the share of its answers that name it.
    pub recalls: Vec<Option<f64>>,
    /// By class, the share of the answers that name it which are right.
    pub precisions: Vec<Option<f64>>,
    /// By class, the area under its ROC curve against the rest.
    pub roc_auc: Vec<Option<f64>>,
    /// The balanced accuracy of guessing.
    pub chance: Option<f64>,
    /// The accuracy of always naming the most frequent class.
    pub majority: Option<f64>,
    /// How often labels that are exchanged at random give as good a first score; none where nothing can be exchanged, or it is
    /// not known whose answers these are.
    pub p: Option<PValue>,
}

/// A score and how sure it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoreAssessment {
    /// Which score.
    pub score: Score,
    /// Its value, the mean over seeds.
    pub value: f64,
    /// Its 95 % interval over people; none of fewer than two, or where it is not known who they are. None of a calibration
    /// error: answers that are drawn twice make it larger, so that its resamples are about something else.
    pub interval: Option<Interval>,
}

impl Assessment {
    /// Assesses a table; `seed` is that of the bootstrap and of the exchanged labels.
    #[must_use]
    pub fn of(table: &PredictionTable, seed: u64) -> Self {
        let tasks = (0..table.tasks.len()).map(|task| TaskAssessment::of(table, task, seed)).collect();
        Self { tasks, ..Self::without_tasks(table) }
    }

    /// What a table holds, before any of its tasks is assessed.
    #[must_use]
    pub fn without_tasks(table: &PredictionTable) -> Self {
        let distinct = |of: &dyn Fn(&PredictedWindow) -> Option<String>| {
            table.rows.iter().map(of).collect::<Option<BTreeSet<String>>>().map(|all| all.len())
        };
        let seeds: BTreeSet<u64> = table.rows.iter().map(|row| row.seed).collect();
        let folds: BTreeSet<usize> = table.rows.iter().filter_map(|row| row.fold).collect();
        Self {
            windows: distinct(&|row| Some(row.sample.clone())).unwrap_or_default(),
            recordings: distinct(&|row| row.recording.clone()),
            subjects: distinct(&|row| row.subject.clone()),
            seeds: seeds.into_iter().collect(),
            folds: folds.len(),
            tasks: Vec::new(),
        }
    }
}

impl TaskAssessment {
    /// Assesses the answers of a table to one of its tasks; `seed` is that of the bootstrap and of the exchanged labels.
    ///
    /// # Panics
    /// When `task` is not below the number of tasks.
    #[must_use]
    pub fn of(table: &PredictionTable, task: usize, seed: u64) -> Self {
        let spec = &table.tasks[task];
        let judged = Level::ALL.into_iter().filter_map(|level| Some((level, JudgedAnswers::of(table, task, level)?)));
        let judged: Vec<(Level, JudgedAnswers)> = judged.collect();
        Self {
            task: spec.name.clone(),
            classes: spec.class_names().to_vec(),
            unit: match &spec.kind {
                TaskKind::Regression { unit } => unit.clone(),
                TaskKind::Classification { .. } => None,
            },
            levels: judged.iter().map(|(level, judged)| assess(spec, *level, judged, seed)).collect(),
            people: judged
                .iter()
                .find(|(level, _)| *level == Level::Window)
                .map_or_else(Vec::new, |(_, of)| people(of)),
        }
    }
}

fn people(judged: &JudgedAnswers) -> Vec<PersonAssessment> {
    let mut people: Vec<PersonAssessment> = Vec::new();
    let mut places: BTreeMap<(usize, String), usize> = BTreeMap::new();
    for Judged { person, target, prediction, .. } in &judged.answers {
        let Some(person) = *person else { return Vec::new() };
        let said = match (*target, prediction) {
            (Target::Class(truth), Prediction::Classes(_)) => f64::from(u8::from(prediction.class() == Some(truth))),
            (Target::Value(_), Prediction::Value(value)) => *value,
            _ => continue,
        };
        let place = *places.entry((person, format!("{target:?}"))).or_insert(people.len());
        if place == people.len() {
            let subject = judged.people[person].clone();
            people.push(PersonAssessment { subject, target: *target, windows: 0, said: 0.0 });
        }
        let known = &mut people[place];
        known.said = (known.said * known.windows as f64 + said) / (known.windows + 1) as f64;
        known.windows += 1;
    }
    people.sort_by(|a, b| a.subject.cmp(&b.subject));
    people
}

fn assess(task: &TaskSpec, level: Level, judged: &JudgedAnswers, seed: u64) -> LevelAssessment {
    if task.is_classification() {
        let answers = ClassAnswers::of(judged, task.outputs());
        let confusion = answers.all();
        let confusion = confusion.confusion();
        LevelAssessment {
            level,
            answers: judged.most_answers(),
            scores: scores(&Score::OF_CLASSES, judged, seed, |score, weights| answers.score(score, weights)),
            confusion: confusion.rows().map(<[f64]>::to_vec).collect(),
            recalls: confusion.recalls(),
            precisions: confusion.precisions(),
            roc_auc: answers.roc_auc(),
            chance: confusion.chance(),
            majority: confusion.majority(),
            p: p_of(judged, seed, |labels| answers.balanced_accuracy_with(judged, labels)),
        }
    } else {
        let answers = ValueAnswers::of(judged);
        LevelAssessment {
            level,
            answers: judged.most_answers(),
            scores: scores(&Score::OF_VALUES, judged, seed, |score, weights| answers.score(score, weights)),
            confusion: Vec::new(),
            recalls: Vec::new(),
            precisions: Vec::new(),
            roc_auc: Vec::new(),
            chance: None,
            majority: None,
            p: p_of(judged, seed, |labels| r2_with(judged, labels)),
        }
    }
}

/// The scores that are defined, with their intervals; `of` gives one of answers that count so much, by person.
fn scores(
    asked: &[Score],
    judged: &JudgedAnswers,
    seed: u64,
    of: impl Fn(Score, &[f64]) -> Option<f64> + Sync,
) -> Vec<ScoreAssessment> {
    let people = judged.people.len();
    let all = vec![1.0; people.max(1)];
    let has_interval = |score: Score| judged.are_people_known() && score != Score::CalibrationError;
    let score = |&score: &Score| {
        let value = of(score, &all)?;
        let interval =
            has_interval(score).then(|| subject_interval(people, seed, |weights| of(score, weights))).flatten();
        Some(ScoreAssessment { score, value, interval })
    };
    asked.iter().filter_map(score).collect()
}

/// How often exchanged labels give as good a score; `of` gives it of labels by unit, as places in the units' targets.
fn p_of(judged: &JudgedAnswers, seed: u64, of: impl Fn(&[usize]) -> Option<f64> + Sync) -> Option<PValue> {
    let can_be_told = judged.are_people_known() && !judged.units.is_empty();
    can_be_told.then(|| permutation_p(&judged.units, seed, of)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::Answer;

    fn task(kind: TaskKind) -> TaskSpec {
        TaskSpec { name: "kind".to_owned(), kind, description: String::new() }
    }

    fn classes() -> TaskSpec {
        task(TaskKind::Classification { classes: ["a", "b"].map(str::to_owned).to_vec() })
    }

    /// So many people with two recordings of three windows each; what they are labelled, and what is said of each window.
    fn table(
        task: TaskSpec,
        people: usize,
        seeds: &[u64],
        answer: impl Fn(usize, usize, u64) -> (Target, Prediction),
    ) -> PredictionTable {
        let mut rows = Vec::new();
        for (&seed, person, window) in seeds
            .iter()
            .flat_map(|seed| (0..people).flat_map(move |person| (0..6).map(move |window| (seed, person, window))))
        {
            let (target, prediction) = answer(person, window, seed);
            rows.push(PredictedWindow {
                sample: format!("{person}/{window}"),
                recording: Some(format!("{person}-{}", window / 3)),
                start_s: Some(window as f64),
                subject: Some(format!("sub-{person:02}")),
                split: "test".to_owned(),
                fold: None,
                seed,
                answers: vec![Answer { target: Some(target), prediction }],
            });
        }
        PredictionTable { tasks: vec![task], rows }
    }

    fn said(probability: f64) -> Prediction {
        Prediction::Classes(vec![1.0 - probability, probability])
    }

    fn value(level: &LevelAssessment, score: Score) -> f64 {
        level.scores.iter().find(|of| of.score == score).unwrap().value
    }

    #[test]
    fn windows_recordings_and_people_are_scored() {
        // Of everyone's windows the fourth is wrong; of the last person's, all are.
        let table = table(classes(), 8, &[1], |person, window, _| {
            let class = person % 2;
            let is_right = window != 3 && person != 7;
            (Target::Class(class), said(if (class == 1) == is_right { 0.9 } else { 0.1 }))
        });
        let assessment = Assessment::of(&table, 5);
        assert_eq!((assessment.windows, assessment.recordings, assessment.subjects), (48, Some(16), Some(8)));
        let [window, recording, subject] = assessment.tasks[0].levels.as_slice() else { panic!() };
        assert_eq!((window.answers, recording.answers, subject.answers), (48, 16, 8));
        let right = (4.0 * 5.0, 3.0 * 5.0);
        assert!((value(window, Score::BalancedAccuracy) - (right.0 / 24.0 + right.1 / 24.0) / 2.0).abs() < 1e-12);
        assert!((value(subject, Score::BalancedAccuracy) - 0.875).abs() < 1e-12);
        assert_eq!(window.confusion, [[20.0, 4.0], [9.0, 15.0]]);
        assert_eq!((window.chance, window.majority), (Some(0.5), Some(0.5)));
        let interval = subject.scores[0].interval.as_ref().unwrap();
        assert!(interval.low < 0.875 && interval.high >= 0.875, "{interval:?}");
        let without = window.scores.iter().filter(|of| of.interval.is_none()).map(|of| of.score);
        assert_eq!(without.collect::<Vec<_>>(), [Score::CalibrationError]);
        // Of the 70 ways to give four of eight people the label, one is better and 16 are as good: whoever is wrong
        // exchanges with one who is right.
        let p = subject.p.as_ref().unwrap();
        assert!(p.is_exhaustive && (p.resolution - 1.0 / 70.0).abs() < 1e-12 && p.p < 0.15, "{p:?}");
        let people = &assessment.tasks[0].people;
        assert_eq!(
            (people.len(), people[7].subject.as_str(), people[7].said, people[7].windows),
            (8, "sub-07", 0.0, 6)
        );
        assert!((people[0].said - 5.0 / 6.0).abs() < 1e-12);
    }

    #[test]
    fn a_score_is_the_mean_over_seeds_and_people_are_counted_once() {
        let table = table(classes(), 6, &[1, 2], |person, _, seed| {
            let class = person % 2;
            // The second model always says the first class.
            (Target::Class(class), said(if seed == 1 { class as f64 } else { 0.0 }))
        });
        let assessment = Assessment::of(&table, 5);
        assert_eq!((assessment.windows, assessment.subjects, assessment.seeds.as_slice()), (36, Some(6), &[1, 2][..]));
        let window = &assessment.tasks[0].levels[0];
        assert_eq!((window.answers, value(window, Score::BalancedAccuracy)), (36, 0.75));
        let mut unfinished = table;
        unfinished.rows.retain(|row| row.seed == 1 || row.subject.as_deref() == Some("sub-00"));
        assert_eq!(Assessment::of(&unfinished, 5).tasks[0].levels[0].answers, 36);
    }

    #[test]
    fn numbers_are_scored() {
        let table =
            table(task(TaskKind::Regression { unit: Some("years".to_owned()) }), 7, &[1], |person, window, _| {
                let age = 20.0 + 5.0 * person as f64;
                (Target::Value(age as f32), Prediction::Value(age + 2.0 + f64::from(u8::from(window % 2 == 0))))
            });
        let assessment = Assessment::of(&table, 5);
        let subject = &assessment.tasks[0].levels[2];
        assert!((value(subject, Score::Mae) - 2.5).abs() < 1e-9 && (value(subject, Score::Bias) - 2.5).abs() < 1e-9);
        assert!((value(subject, Score::Pearson) - 1.0).abs() < 1e-9);
        let p = subject.p.as_ref().unwrap();
        assert!(p.is_exhaustive && p.p < 0.01, "no other order is as good: {p:?}");
        assert_eq!(assessment.tasks[0].unit.as_deref(), Some("years"));
    }

    #[test]
    fn without_people_there_is_neither_an_interval_nor_a_p_value() {
        let mut table = table(classes(), 4, &[1], |person, _, _| (Target::Class(person % 2), said(0.5)));
        table.rows.iter_mut().for_each(|row| row.subject = None);
        let assessment = Assessment::of(&table, 5);
        let window = &assessment.tasks[0].levels[0];
        assert!(window.p.is_none() && window.scores.iter().all(|score| score.interval.is_none()));
        assert!(assessment.tasks[0].people.is_empty() && assessment.subjects.is_none());
    }
}
