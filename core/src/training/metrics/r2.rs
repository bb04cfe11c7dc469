//! The share of the targets' variance that is explained, R²: 0 for always saying their mean.

use super::{Metric, Scores, TaskMetrics};

/// Explained share of the variance, of a regression.
pub const R2: Metric = Metric { key: "r2", tag: None, of: r2, chart: None };

fn r2(task: &TaskMetrics) -> Option<f64> {
    match task.scores {
        Scores::Errors { r2, .. } => r2,
        Scores::Confusion(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regressions_with_labelled_samples_have_it() {
        let of = |samples, scores| r2(&TaskMetrics::new("age", samples, 0.0, scores));
        let errors = Scores::Errors { mae: 3.0, mse: 12.0, r2: Some(0.5) };
        assert_eq!(of(4, errors), Some(0.5));
        assert_eq!(of(0, Scores::Errors { mae: 0.0, mse: 0.0, r2: None }), None);
        assert_eq!(of(4, Scores::Confusion(vec![vec![2, 0], vec![0, 2]])), None);
    }
}
