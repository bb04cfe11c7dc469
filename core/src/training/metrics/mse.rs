//! The mean squared error, in the label's unit squared. Its tag is the reference's.

use super::{Metric, Scores, TaskMetrics};

/// Mean squared error, of a regression.
pub const MSE: Metric = Metric { key: "mse", tag: Some(("accuracy", "_mse")), of: mse, chart: None };

fn mse(task: &TaskMetrics) -> Option<f64> {
    match task.scores {
        Scores::Errors { mse, .. } if task.samples > 0 => Some(mse),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regressions_with_labelled_samples_have_it() {
        let of = |samples, scores| mse(&TaskMetrics::new("age", samples, 0.0, scores));
        let errors = Scores::Errors { mae: 3.0, mse: 12.0, r2: Some(0.5) };
        assert_eq!(of(4, errors), Some(12.0));
        assert_eq!(of(0, Scores::Errors { mae: 0.0, mse: 0.0, r2: None }), None);
        assert_eq!(of(4, Scores::Confusion(vec![vec![2, 0], vec![0, 2]])), None);
    }
}
