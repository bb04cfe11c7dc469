//! What a pass gathers of each task, which every metric is computed from, and how a classification compares with guessing.

use serde::{Deserialize, Serialize};

use crate::evaluation::Confusion;

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

    /// How a classification compares with guessing; none for a regression. Two standard errors are asked for, of a guess
    /// whose recall of each class is the chance. Samples of one person resemble each other, so that where the people are
    /// known, all samples of one count as a single guess.
    pub fn standing(&self, subjects: Option<usize>) -> Option<Standing> {
        let Self::Confusion(matrix) = self else { return None };
        let Some(chance) = self.chance() else { return Some(Standing::Unlabelled) };
        let Some(balanced) = self.balanced_accuracy() else { return Some(Standing::SingleClass) };
        let sizes: Vec<f64> = matrix.iter().map(|row| row.iter().sum::<u64>() as f64).filter(|&n| n > 0.0).collect();
        let samples: f64 = sizes.iter().sum();
        let guesses_per_sample = subjects.map_or(1.0, |subjects| (subjects as f64 / samples).min(1.0));
        let variance: f64 = sizes.iter().map(|size| chance * (1.0 - chance) / (size * guesses_per_sample)).sum();
        let error = variance.sqrt() / sizes.len() as f64;
        Some(if balanced > chance + 2.0 * error {
            Standing::AboveChance
        } else if balanced <= chance && self.accuracy() <= self.majority() {
            Standing::NoBetterThanMajority
        } else if balanced <= chance {
            Standing::NoBetterThanChance
        } else if subjects.is_some() && chance + 2.0 * error > 1.0 - 1e-9 {
            Standing::TooFewSubjects
        } else {
            Standing::NotSurelyAboveChance
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn many_windows_of_few_people_are_few_guesses() {
        let scores = Scores::Confusion(vec![vec![200, 40], vec![30, 210]]);
        let of = |subjects| scores.standing(Some(subjects)).unwrap();
        assert_eq!(scores.standing(None), Some(Standing::AboveChance));
        assert_eq!([of(1), of(3), of(4)], [Standing::TooFewSubjects; 3]);
        assert_eq!(of(6), Standing::NotSurelyAboveChance);
        assert_eq!([of(12), of(480), of(10_000)], [Standing::AboveChance; 3]);
        assert_eq!(
            Scores::Confusion(vec![vec![90, 0], vec![10, 0]]).standing(Some(3)),
            Some(Standing::NoBetterThanMajority)
        );
    }

    #[test]
    fn chance_is_that_of_the_classes_that_are_there() {
        assert_eq!(Scores::Confusion(vec![vec![4, 0, 0], vec![2, 2, 0], vec![0, 0, 0]]).chance(), Some(0.5));
    }
}
