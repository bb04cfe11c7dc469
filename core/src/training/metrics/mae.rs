//! The mean absolute error, in the label's unit. Its tag is the reference's.

use super::{Chart, Metric, Scores, TaskMetrics};

/// Mean absolute error, of a regression.
pub const MAE: Metric = Metric {
    key: "mae",
    tag: Some(("accuracy", "_mae")),
    of: mae,
    chart: Some(Chart { title: "Mean absolute error", is_of_classes: false, with_training: true, guess: None }),
};

fn mae(task: &TaskMetrics) -> Option<f64> {
    match task.scores {
        Scores::Errors { mae, .. } if task.samples > 0 => Some(mae),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regressions_with_labelled_samples_have_it() {
        let of = |samples, scores| mae(&TaskMetrics::new("age", samples, 0.0, scores));
        let errors = Scores::Errors { mae: 3.0, mse: 12.0, r2: Some(0.5) };
        assert_eq!(of(4, errors), Some(3.0));
        assert_eq!(of(0, Scores::Errors { mae: 0.0, mse: 0.0, r2: None }), None);
        assert_eq!(of(4, Scores::Confusion(vec![vec![2, 0], vec![0, 2]])), None);
    }
}
