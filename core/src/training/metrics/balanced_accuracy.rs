//! The mean recall: scikit-learn's `balanced_accuracy_score`, which does not praise naming the most frequent class.

use super::{Chart, Guess, Metric, Scores};

/// Balanced accuracy, of a classification.
pub const BALANCED_ACCURACY: Metric = Metric {
    key: "balanced_accuracy",
    tag: None,
    of: |task| task.scores.balanced_accuracy(),
    chart: Some(Chart {
        title: "Balanced accuracy",
        is_of_classes: true,
        with_training: false,
        guess: Some(Guess { name: "chance", of: |task| task.scores.chance(), recorded: None }),
    }),
};

impl Scores {
    /// Mean recall over the classes that have samples; none for a regression, and where fewer than two classes have
    /// any: always naming the only class would be right every time.
    pub fn balanced_accuracy(&self) -> Option<f64> {
        self.confusion()?.balanced_accuracy()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_follows_its_definition() {
        let close = |matrix: Vec<Vec<u64>>, expected: f64| {
            let found = Scores::Confusion(matrix).balanced_accuracy().unwrap();
            assert!((found - expected).abs() < 1e-12, "{found}");
        };
        close(vec![vec![5, 2, 0], vec![1, 3, 1], vec![0, 0, 8]], (5.0 / 7.0 + 3.0 / 5.0 + 1.0) / 3.0);
        // A class without samples has no recall.
        close(vec![vec![4, 0, 0], vec![2, 2, 0], vec![0, 0, 0]], 0.75);
        assert_eq!(Scores::Confusion(vec![vec![9, 0], vec![0, 0]]).balanced_accuracy(), None);
        assert_eq!(Scores::Confusion(vec![vec![0; 2]; 2]).balanced_accuracy(), None);
        assert_eq!(Scores::Errors { mae: 1.0, mse: 1.0, r2: None }.balanced_accuracy(), None);
    }
}
