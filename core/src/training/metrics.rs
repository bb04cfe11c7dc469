//! Losses and scores of a pass over samples, as they are reported and recorded.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Results of one task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskMetrics {
    /// The task's name.
    pub task: String,
    /// Samples that have a label of this task; 0 where an older version did not count them.
    #[serde(default)]
    pub samples: u64,
    /// People among them, where that is known.
    #[serde(default)]
    pub subjects: Option<usize>,
    /// Mean loss over these samples; 0 when there are none.
    pub loss: f64,
    /// What kind of result it has.
    #[serde(flatten)]
    pub scores: Scores,
}

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
    /// More right than the most frequent class would be, but the balanced accuracy is within two standard errors of
    /// guessing.
    NoBetterThanChance,
    /// The balanced accuracy is more than two standard errors above guessing.
    AboveChance,
}

impl Scores {
    fn counts(&self) -> Option<&[Vec<u64>]> {
        match self {
            Self::Confusion(matrix) if matrix.iter().flatten().any(|&count| count > 0) => Some(matrix),
            _ => None,
        }
    }

    /// Share of samples whose class is predicted; none for a regression, and without labelled samples.
    pub fn accuracy(&self) -> Option<f64> {
        let matrix = self.counts()?;
        let total: u64 = matrix.iter().flatten().sum();
        let right: u64 = matrix.iter().enumerate().map(|(class, row)| row[class]).sum();
        Some(right as f64 / total as f64)
    }

    /// Share of each class's samples that are predicted; none for a class without samples. Empty for a regression.
    pub fn recalls(&self) -> Vec<Option<f64>> {
        let Self::Confusion(matrix) = self else { return Vec::new() };
        let recall = |(class, row): (usize, &Vec<u64>)| {
            let total: u64 = row.iter().sum();
            (total > 0).then(|| row[class] as f64 / total as f64)
        };
        matrix.iter().enumerate().map(recall).collect()
    }

    /// Mean recall over the classes that have samples; none for a regression, and where fewer than two classes have
    /// any: always naming the only class would be right every time.
    pub fn balanced_accuracy(&self) -> Option<f64> {
        let recalls: Vec<f64> = self.recalls().into_iter().flatten().collect();
        (recalls.len() > 1).then(|| recalls.iter().sum::<f64>() / recalls.len() as f64)
    }

    /// F1 score, the mean over all classes of the task; a class that is neither there nor predicted counts 0. None for a
    /// regression, and without labelled samples.
    pub fn macro_f1(&self) -> Option<f64> {
        let matrix = self.counts()?;
        let f1 = |class: usize| {
            let truth: u64 = matrix[class].iter().sum();
            let predicted: u64 = matrix.iter().map(|row| row[class]).sum();
            2.0 * matrix[class][class] as f64 / (truth + predicted).max(1) as f64
        };
        Some((0..matrix.len()).map(f1).sum::<f64>() / matrix.len() as f64)
    }

    /// Share of the most frequent class: the accuracy of always naming it.
    pub fn majority(&self) -> Option<f64> {
        let rows = self.counts()?.iter().map(|row| row.iter().sum::<u64>());
        let (most, total) = rows.fold((0, 0), |(most, total), row| (row.max(most), total + row));
        Some(most as f64 / total as f64)
    }

    /// The balanced accuracy of guessing: one over the number of classes that have samples.
    pub fn chance(&self) -> Option<f64> {
        self.counts()?;
        Some(1.0 / self.recalls().iter().flatten().count() as f64)
    }

    /// How a classification compares with guessing; none for a regression. Two standard errors are asked for, of a
    /// guess whose recall of each class is the chance; windows of one person are not independent, so that even this
    /// is lenient.
    pub fn standing(&self) -> Option<Standing> {
        let Self::Confusion(matrix) = self else { return None };
        let Some(chance) = self.chance() else { return Some(Standing::Unlabelled) };
        let Some(balanced) = self.balanced_accuracy() else { return Some(Standing::SingleClass) };
        let sizes: Vec<f64> = matrix.iter().map(|row| row.iter().sum::<u64>() as f64).filter(|&n| n > 0.0).collect();
        let variance: f64 = sizes.iter().map(|size| chance * (1.0 - chance) / size).sum();
        let error = variance.sqrt() / sizes.len() as f64;
        Some(if balanced > chance + 2.0 * error {
            Standing::AboveChance
        } else if self.accuracy() <= self.majority() {
            Standing::NoBetterThanMajority
        } else {
            Standing::NoBetterThanChance
        })
    }
}

/// Results of a pass over samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// Samples seen.
    pub samples: usize,
    /// Weighted sum of the tasks' losses, mean over the samples.
    pub loss: f64,
    /// L2 norm of the gradients before clipping, mean over the updates; 0 for an evaluation.
    pub grad_norm: f64,
    /// By task, in the order of the config.
    pub tasks: Vec<TaskMetrics>,
}

impl Metrics {
    fn by_task(&self, value: impl Fn(&TaskMetrics) -> Option<f64>) -> BTreeMap<String, f64> {
        self.tasks.iter().filter_map(|task| Some((task.task.clone(), value(task)?))).collect()
    }

    /// Loss by task.
    pub fn losses(&self) -> BTreeMap<String, f64> {
        self.by_task(|task| Some(task.loss))
    }

    /// Accuracy by classification task.
    pub fn accuracy(&self) -> BTreeMap<String, f64> {
        self.by_task(|task| task.scores.accuracy())
    }

    /// Macro-F1 by classification task.
    pub fn f1(&self) -> BTreeMap<String, f64> {
        self.by_task(|task| task.scores.macro_f1())
    }

    /// Balanced accuracy by classification task.
    pub fn balanced_accuracy(&self) -> BTreeMap<String, f64> {
        self.by_task(|task| task.scores.balanced_accuracy())
    }

    /// Share of the most frequent class by classification task.
    pub fn majority(&self) -> BTreeMap<String, f64> {
        self.by_task(|task| task.scores.majority())
    }

    /// Explained share of the variance by regression task.
    pub fn r2(&self) -> BTreeMap<String, f64> {
        self.by_task(|task| match task.scores {
            Scores::Errors { r2, .. } => r2,
            Scores::Confusion(_) => None,
        })
    }

    /// Mean absolute error by regression task.
    pub fn mae(&self) -> BTreeMap<String, f64> {
        self.by_task(|task| match task.scores {
            Scores::Errors { mae, .. } if task.samples > 0 => Some(mae),
            _ => None,
        })
    }

    /// Mean squared error by regression task.
    pub fn mse(&self) -> BTreeMap<String, f64> {
        self.by_task(|task| match task.scores {
            Scores::Errors { mse, .. } if task.samples > 0 => Some(mse),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As scikit-learn defines `balanced_accuracy_score`, `f1_score(average="macro", labels=all, zero_division=0)` and
    /// `accuracy_score`; worked out by hand.
    #[test]
    fn scores_are_those_of_their_definitions() {
        let close = |found: Option<f64>, expected: f64| assert!((found.unwrap() - expected).abs() < 1e-12, "{found:?}");
        let scores = Scores::Confusion(vec![vec![5, 2, 0], vec![1, 3, 1], vec![0, 0, 8]]);
        close(scores.accuracy(), 16.0 / 20.0);
        close(scores.balanced_accuracy(), (5.0 / 7.0 + 3.0 / 5.0 + 1.0) / 3.0);
        close(scores.macro_f1(), (10.0 / 13.0 + 6.0 / 10.0 + 16.0 / 17.0) / 3.0);
        close(scores.majority(), 0.4);
        // The last class has neither samples nor predictions.
        let scores = Scores::Confusion(vec![vec![4, 0, 0], vec![2, 2, 0], vec![0, 0, 0]]);
        close(scores.balanced_accuracy(), 0.75);
        close(scores.macro_f1(), (8.0 / 10.0 + 4.0 / 6.0) / 3.0);
        close(scores.chance(), 0.5);
    }

    #[test]
    fn what_looks_like_success_is_compared_with_guessing() {
        let standing = |matrix: [[u64; 2]; 2]| Scores::Confusion(matrix.map(Vec::from).to_vec()).standing().unwrap();
        assert_eq!(standing([[18, 0], [2, 0]]), Standing::NoBetterThanMajority, "90 % accuracy");
        assert_eq!(standing([[9, 0], [0, 0]]), Standing::SingleClass, "100 % accuracy");
        assert_eq!(standing([[26, 24], [24, 26]]), Standing::NoBetterThanChance);
        assert_eq!(standing([[40, 10], [10, 40]]), Standing::AboveChance);
        assert_eq!(standing([[0, 0], [0, 0]]), Standing::Unlabelled);
    }
}
