//! How often each class was taken for each: every score of classes that needs no probabilities is computed from this, here
//! and nowhere else.

/// Answers by true class (row) and predicted class (column). Counts need not be whole: in a resample of subjects each
/// answer counts as often as its subject was drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Confusion {
    classes: usize,
    /// `[classes, classes]`, row by row.
    counts: Vec<f64>,
}

impl Confusion {
    /// No answers, of so many classes.
    #[must_use]
    pub fn new(classes: usize) -> Self {
        Self { classes, counts: vec![0.0; classes * classes] }
    }

    /// These answers: as many rows as columns.
    #[must_use]
    pub fn from_counts(matrix: &[Vec<u64>]) -> Self {
        Self { classes: matrix.len(), counts: matrix.iter().flatten().map(|&count| count as f64).collect() }
    }

    /// Takes in an answer that counts so much.
    ///
    /// # Panics
    /// When there is no such class.
    pub fn add(&mut self, truth: usize, predicted: usize, weight: f64) {
        assert!(truth < self.classes && predicted < self.classes, "classes are those of the task");
        self.counts[truth * self.classes + predicted] += weight;
    }

    /// Takes in answers to the same task, each of which counts so much.
    pub fn add_weighted(&mut self, other: &Self, weight: f64) {
        debug_assert_eq!(self.classes, other.classes);
        self.counts.iter_mut().zip(&other.counts).for_each(|(count, other)| *count += weight * other);
    }

    /// Classes of the task.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Answers by predicted class, of one true class after the other.
    pub fn rows(&self) -> impl Iterator<Item = &[f64]> {
        // There are no chunks of 0.
        self.counts.chunks_exact(self.classes.max(1))
    }

    /// Answers.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.counts.iter().sum()
    }

    /// Share of answers that are right; none without answers, as all that follows. scikit-learn's `accuracy_score`.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        share(self.right().sum(), self.total())
    }

    /// Mean recall over the classes that have answers; none where fewer than two classes have any: always naming the
    /// only class would be right every time. scikit-learn's `balanced_accuracy_score`.
    #[must_use]
    pub fn balanced_accuracy(&self) -> Option<f64> {
        let recalls: Vec<f64> = self.recalls().into_iter().flatten().collect();
        (recalls.len() > 1).then(|| recalls.iter().sum::<f64>() / recalls.len() as f64)
    }

    /// By class, the share of its answers that name it; none for a class without any.
    #[must_use]
    pub fn recalls(&self) -> Vec<Option<f64>> {
        self.right().zip(self.of_truth()).map(|(right, total)| share(right, total)).collect()
    }

    /// By class, the share of the answers that name it which are right; none for a class that is never named.
    #[must_use]
    pub fn precisions(&self) -> Vec<Option<f64>> {
        self.right().zip(self.of_prediction()).map(|(right, total)| share(right, total)).collect()
    }

    /// F1 score, the mean over all classes of the task; a class that is neither there nor named counts 0. scikit-learn's
    /// `f1_score(average="macro", labels=all, zero_division=0)`.
    #[must_use]
    pub fn macro_f1(&self) -> Option<f64> {
        let sums = self.of_truth().zip(self.of_prediction()).map(|(truth, predicted)| truth + predicted);
        let f1 = self.right().zip(sums).map(|(right, sum)| share(2.0 * right, sum).unwrap_or_default());
        share(f1.sum(), self.classes as f64).filter(|_| self.total() > 0.0)
    }

    /// Cohen's κ (1960), the agreement beyond that of guessing with the same frequencies; none where only one class is
    /// there and named. scikit-learn's `cohen_kappa_score`.
    #[must_use]
    pub fn kappa(&self) -> Option<f64> {
        let total = self.total();
        let (truths, predictions): (Vec<f64>, Vec<f64>) = self.of_truth().zip(self.of_prediction()).unzip();
        let wrong: f64 = off_diagonal(self.rows().map(|row| row.iter().copied())).sum();
        let expected: f64 =
            off_diagonal(truths.iter().map(|truth| predictions.iter().map(move |predicted| truth * predicted))).sum();
        share(wrong * total, expected).map(|share| 1.0 - share)
    }

    /// Share of the most frequent class: the accuracy of always naming it.
    #[must_use]
    pub fn majority(&self) -> Option<f64> {
        share(self.of_truth().fold(0.0, f64::max), self.total())
    }

    /// The balanced accuracy of guessing: one over the number of classes that have answers.
    #[must_use]
    pub fn chance(&self) -> Option<f64> {
        share(1.0, self.of_truth().filter(|&total| total > 0.0).count() as f64)
    }

    /// By class, its right answers.
    fn right(&self) -> impl Iterator<Item = f64> {
        self.rows().enumerate().map(|(class, row)| row[class])
    }

    /// By class, answers that should name it.
    fn of_truth(&self) -> impl Iterator<Item = f64> {
        self.rows().map(|row| row.iter().sum())
    }

    /// By class, answers that name it.
    fn of_prediction(&self) -> impl Iterator<Item = f64> {
        (0..self.classes).map(|class| self.rows().map(|row| row[class]).sum())
    }
}

/// What is not on the diagonal: where nothing is, a sum of it is 0 whatever the rounding.
fn off_diagonal<R: Iterator<Item = f64>>(rows: impl Iterator<Item = R>) -> impl Iterator<Item = f64> {
    let others = |(class, row): (usize, R)| row.enumerate().filter_map(move |(at, it)| (at != class).then_some(it));
    rows.enumerate().flat_map(others)
}

/// A part of a whole; none of nothing, and where that is no number.
pub(super) fn share(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole).filter(|share| share.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::test_tables::assert_close;

    /// scikit-learn 1.9.1 of the answers that these counts are of.
    #[test]
    fn scores_are_those_of_scikit_learn() {
        let confusion = Confusion::from_counts(&[vec![5, 2, 0], vec![1, 3, 1], vec![0, 0, 8]]);
        // accuracy_score, balanced_accuracy_score, f1_score(average="macro"), cohen_kappa_score.
        assert_close(confusion.accuracy(), 0.8);
        assert_close(confusion.balanced_accuracy(), 0.7714285714285714);
        assert_close(confusion.macro_f1(), 0.7701357466063348);
        assert_close(confusion.kappa(), 0.6934865900383143);
        // recall_score(average=None), precision_score(average=None).
        for (class, (recall, precision)) in
            [(0.7142857142857143, 0.8333333333333334), (0.6, 0.6), (1.0, 0.8888888888888888)].into_iter().enumerate()
        {
            assert_close(confusion.recalls()[class], recall);
            assert_close(confusion.precisions()[class], precision);
        }
        assert_close(confusion.majority(), 0.4);
        assert_close(confusion.chance(), 1.0 / 3.0);
    }

    #[test]
    fn what_nothing_is_known_of_has_no_score() {
        let scores = |confusion: &Confusion| {
            [confusion.accuracy(), confusion.macro_f1(), confusion.majority(), confusion.chance(), confusion.kappa()]
        };
        for classes in [0, 3] {
            assert_eq!(scores(&Confusion::new(classes)), [None; 5]);
            assert_eq!(Confusion::new(classes).balanced_accuracy(), None);
        }
        let single = Confusion::from_counts(&[vec![9, 0], vec![0, 0]]);
        assert_eq!(scores(&single), [Some(1.0), Some(0.5), Some(1.0), Some(1.0), None]);
        assert_eq!(single.balanced_accuracy(), None);
        assert_eq!((single.recalls(), single.precisions()), (vec![Some(1.0), None], vec![Some(1.0), None]));
    }

    #[test]
    fn weights_count_as_copies_do() {
        let (a, b) = ([vec![3, 1], vec![0, 2]], [vec![1, 1], vec![4, 0]]);
        let mut weighted = Confusion::new(2);
        weighted.add_weighted(&Confusion::from_counts(&a), 2.0);
        weighted.add_weighted(&Confusion::from_counts(&b), 0.0);
        weighted.add(1, 0, 3.0);
        assert_eq!(weighted, Confusion::from_counts(&[vec![6, 2], vec![3, 4]]));
        assert_eq!((weighted.classes(), weighted.total()), (2, 15.0));
    }
}
