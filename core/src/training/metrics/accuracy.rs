//! The share of samples whose class is predicted: scikit-learn's `accuracy_score`.

use super::{Chart, Guess, MAJORITY, Metric, Scores};

/// Accuracy, of a classification.
pub const ACCURACY: Metric = Metric {
    key: "accuracy",
    tag: Some(("accuracy", "")),
    of: |task| task.scores.accuracy(),
    chart: Some(Chart {
        title: "Accuracy",
        is_of_classes: true,
        with_training: true,
        guess: Some(Guess { name: "most frequent class", of: MAJORITY.of, recorded: Some(&MAJORITY) }),
    }),
};

impl Scores {
    /// Share of samples whose class is predicted; none for a regression, and without labelled samples.
    pub fn accuracy(&self) -> Option<f64> {
        self.confusion()?.accuracy()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_follows_its_definition() {
        let close = |matrix: Vec<Vec<u64>>, expected: f64| {
            let found = Scores::Confusion(matrix).accuracy().unwrap();
            assert!((found - expected).abs() < 1e-12, "{found}");
        };
        close(vec![vec![5, 2, 0], vec![1, 3, 1], vec![0, 0, 8]], 16.0 / 20.0);
        assert_eq!(Scores::Confusion(vec![vec![0; 2]; 2]).accuracy(), None);
        assert_eq!(Scores::Errors { mae: 1.0, mse: 1.0, r2: None }.accuracy(), None);
    }
}
