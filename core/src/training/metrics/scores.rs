//! What a pass gathers of each task, which every metric is computed from, and how a classification compares with guessing.

use serde::{Deserialize, Serialize};

use crate::{
    evaluation::{Confusion, Prediction, ValueTally},
    labels::{Target, TaskSpec},
};

/// Scores by the kind of task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scores {
    /// Samples by true class (row) and predicted class (column).
    Confusion(Vec<Vec<u64>>),
    /// Errors in the label's unit.
    Errors {
        /// Mean absolute error.
        mae: f64,
        /// Mean squared error.
        mse: f64,
        /// Share of the targets' variance that is explained, against always saying their mean; none where all
        /// targets are alike.
        #[serde(default)]
        r2: Option<f64>,
    },
}

/// What a classification's result says against guessing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// No sample has a label.
    Unlabelled,
    /// All samples are of one class: nothing can be told from guessing.
    SingleClass,
    /// No better than always naming the most frequent class.
    NoBetterThanMajority,
    /// The balanced accuracy is no higher than that of guessing.
    NoBetterThanChance,
    /// The balanced accuracy is above that of guessing, by less than two standard errors of so few guesses.
    NotSurelyAboveChance,
    /// So few people that not even a perfect score could be told from guessing.
    TooFewSubjects,
    /// The balanced accuracy is more than two standard errors above guessing.
    AboveChance,
}

impl Scores {
    /// What the scores of a classification are computed from; none for a regression.
    pub(super) fn confusion(&self) -> Option<Confusion> {
        match self {
            Self::Confusion(matrix) => Some(Confusion::from_counts(matrix)),
            Self::Errors { .. } => None,
        }
    }

    /// Share of each class's samples that are predicted; none for a class without samples. Empty for a regression.
    pub fn recalls(&self) -> Vec<Option<f64>> {
        self.confusion().map_or_else(Vec::new, |confusion| confusion.recalls())
    }

    /// The balanced accuracy of guessing: one over the number of classes that have samples.
    pub fn chance(&self) -> Option<f64> {
        self.confusion()?.chance()
    }

    /// Samples of each class; none of a regression.
    pub(super) fn class_sizes(&self) -> Vec<f64> {
        let Self::Confusion(matrix) = self else { return Vec::new() };
        matrix.iter().map(|row| row.iter().sum::<u64>() as f64).collect()
    }

    /// How a classification compares with guessing; none for a regression. `guesses` says by class how many of the answers
    /// count, where these are fewer than its samples.
    pub(super) fn standing(&self, guesses: Option<&[f64]>) -> Option<Standing> {
        let Self::Confusion(_) = self else { return None };
        let Some(chance) = self.chance() else { return Some(Standing::Unlabelled) };
        let Some(balanced) = self.balanced_accuracy() else { return Some(Standing::SingleClass) };
        let sizes = self.class_sizes();
        let counted = sizes.iter().zip(guesses.unwrap_or(&sizes)).filter(|(size, _)| **size > 0.0);
        let errors: Vec<f64> =
            counted.map(|(&size, &guesses)| chance * (1.0 - chance) / guesses.min(size).max(1e-9)).collect();
        let error = errors.iter().sum::<f64>().sqrt() / errors.len() as f64;
        Some(if balanced > chance + 2.0 * error {
            Standing::AboveChance
        } else if balanced <= chance && self.accuracy() <= self.majority() {
            Standing::NoBetterThanMajority
        } else if balanced <= chance {
            Standing::NoBetterThanChance
        } else if guesses.is_some() && chance + 2.0 * error > 1.0 - 1e-9 {
            Standing::TooFewSubjects
        } else {
            Standing::NotSurelyAboveChance
        })
    }
}

impl Scores {
    /// The scores of what was said of samples that have a label of a task.
    pub(super) fn of<'p>(task: &TaskSpec, answers: impl Iterator<Item = (Target, &'p Prediction)>) -> Self {
        let classes = task.outputs();
        let mut confusion = vec![vec![0; classes]; classes];
        let mut values = ValueTally::default();
        for (target, prediction) in answers {
            match (target, prediction) {
                (Target::Class(truth), Prediction::Classes(_)) => {
                    if let Some(predicted) = prediction.class() {
                        confusion[truth][predicted] += 1;
                    }
                }
                (Target::Value(truth), Prediction::Value(value)) => values.add(f64::from(truth), *value),
                _ => {}
            }
        }
        if task.is_classification() {
            return Self::Confusion(confusion);
        }
        let number = |value: Option<f64>| value.unwrap_or_default();
        Self::Errors { mae: number(values.mae()), mse: number(values.mse()), r2: values.r2() }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::TaskMetrics, *};

    #[test]
    fn what_looks_like_success_is_compared_with_guessing() {
        let standing =
            |matrix: [[u64; 2]; 2]| Scores::Confusion(matrix.map(Vec::from).to_vec()).standing(None).unwrap();
        assert_eq!(standing([[18, 0], [2, 0]]), Standing::NoBetterThanMajority, "90 % accuracy");
        assert_eq!(standing([[9, 0], [0, 0]]), Standing::SingleClass, "100 % accuracy");
        assert_eq!(standing([[24, 26], [24, 26]]), Standing::NoBetterThanMajority, "no better in anything");
        assert_eq!(standing([[10, 20], [1, 1]]), Standing::NoBetterThanMajority);
        assert_eq!(standing([[26, 24], [24, 26]]), Standing::NotSurelyAboveChance);
        assert_eq!(standing([[40, 10], [10, 40]]), Standing::AboveChance);
        assert_eq!(standing([[0, 0], [0, 0]]), Standing::Unlabelled);
    }

    /// People of whom each has samples of one class.
    fn of_people(matrix: [[u64; 2]; 2], subjects: usize, class_subjects: &[usize]) -> Standing {
        let scores = Scores::Confusion(matrix.map(Vec::from).to_vec());
        let (task, class_subjects) = ("kind".to_owned(), class_subjects.to_vec());
        TaskMetrics { task, samples: 0, subjects: Some(subjects), class_subjects, loss: 0.0, scores }
            .standing()
            .unwrap()
    }

    #[test]
    fn many_windows_of_few_people_are_few_guesses() {
        let matrix = [[200, 40], [30, 210]];
        let scores = Scores::Confusion(matrix.map(Vec::from).to_vec());
        assert_eq!(scores.standing(None), Some(Standing::AboveChance));
        for class_subjects in [true, false] {
            let of = |subjects: usize| {
                let halves = [subjects / 2, subjects.div_ceil(2)];
                of_people(matrix, subjects, if class_subjects { &halves } else { &[] })
            };
            assert_eq!([of(2), of(3), of(4)], [Standing::TooFewSubjects; 3]);
            assert_eq!(of(6), Standing::NotSurelyAboveChance);
            assert_eq!([of(12), of(480), of(10_000)], [Standing::AboveChance; 3]);
        }
        assert_eq!(of_people([[90, 0], [10, 0]], 3, &[2, 1]), Standing::NoBetterThanMajority);
    }

    #[test]
    fn whoever_has_samples_of_both_classes_is_a_guess_at_each() {
        let matrix = [[40, 20], [20, 40]];
        assert_eq!(of_people(matrix, 6, &[3, 3]), Standing::NotSurelyAboveChance);
        assert_eq!(of_people([[48, 12], [12, 48]], 6, &[3, 3]), Standing::NotSurelyAboveChance);
        assert_eq!(of_people([[48, 12], [12, 48]], 6, &[6, 6]), Standing::AboveChance);
    }

    #[test]
    fn chance_is_that_of_the_classes_that_are_there() {
        assert_eq!(Scores::Confusion(vec![vec![4, 0, 0], vec![2, 2, 0], vec![0, 0, 0]]).chance(), Some(0.5));
    }
}
