//! The share of the most frequent class, which an accuracy is compared with.

use super::{Metric, Scores};

/// Share of the most frequent class, of a classification.
pub const MAJORITY: Metric = Metric { key: "majority", tag: None, of: |task| task.scores.majority(), chart: None };

impl Scores {
    /// Share of the most frequent class: the accuracy of always naming it.
    pub fn majority(&self) -> Option<f64> {
        self.confusion()?.majority()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_follows_its_definition() {
        let close = |matrix: Vec<Vec<u64>>, expected: f64| {
            let found = Scores::Confusion(matrix).majority().unwrap();
            assert!((found - expected).abs() < 1e-12, "{found}");
        };
        close(vec![vec![5, 2, 0], vec![1, 3, 1], vec![0, 0, 8]], 0.4);
        assert_eq!(Scores::Confusion(vec![vec![0; 2]; 2]).majority(), None);
        assert_eq!(Scores::Errors { mae: 1.0, mse: 1.0, r2: None }.majority(), None);
    }
}
