//! The F1 score: scikit-learn's `f1_score(average="macro", labels=all, zero_division=0)`.

use super::{Chart, Metric, Scores};

/// Macro-F1, of a classification.
pub const F1: Metric = Metric {
    key: "f1",
    tag: Some(("f1", "")),
    of: |task| task.scores.macro_f1(),
    chart: Some(Chart { title: "Macro-F1", is_of_classes: true, with_training: true, guess: None }),
};

impl Scores {
    /// F1 score, the mean over all classes of the task; a class that is neither there nor predicted counts 0. None for a
    /// regression, and without labelled samples.
    pub fn macro_f1(&self) -> Option<f64> {
        self.confusion()?.macro_f1()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_follows_its_definition() {
        let close = |matrix: Vec<Vec<u64>>, expected: f64| {
            let found = Scores::Confusion(matrix).macro_f1().unwrap();
            assert!((found - expected).abs() < 1e-12, "{found}");
        };
        close(vec![vec![5, 2, 0], vec![1, 3, 1], vec![0, 0, 8]], (10.0 / 13.0 + 6.0 / 10.0 + 16.0 / 17.0) / 3.0);
        // A class with neither samples nor predictions counts 0.
        close(vec![vec![4, 0, 0], vec![2, 2, 0], vec![0, 0, 0]], (8.0 / 10.0 + 4.0 / 6.0) / 3.0);
        assert_eq!(Scores::Confusion(vec![vec![0; 2]; 2]).macro_f1(), None);
        assert_eq!(Scores::Errors { mae: 1.0, mse: 1.0, r2: None }.macro_f1(), None);
    }
}
