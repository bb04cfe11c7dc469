//! What validation runs are compared by, for the best checkpoint and for early stopping.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use super::metrics::{Metrics, Scores, TaskMetrics};
use crate::config::Monitor;

/// What a [`Score`] is a score of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// The mean of this over the classification tasks, or the loss.
    pub of: Monitor,
    /// Whether the regression tasks are in that mean, with their R².
    #[serde(default)]
    pub with_r2: bool,
}

impl fmt::Display for Measure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = match self.of {
            Monitor::BalancedAccuracy => "balanced accuracy",
            Monitor::Accuracy => "accuracy",
            Monitor::F1 => "F1 score",
            Monitor::Loss => return formatter.write_str("loss"),
        };
        if self.with_r2 { write!(formatter, "mean of {of} and R²") } else { write!(formatter, "mean {of}") }
    }
}

/// How good a validation run is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(from = "WrittenScore")]
pub struct Score {
    /// Higher is better: a loss is negated.
    #[serde(rename = "score")]
    pub value: f64,
    /// What it is a score of.
    pub measure: Measure,
}

/// A score as today's and older versions write it.
#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenScore {
    Full { score: f64, measure: Option<Measure> },
    Number(f64),
}

impl From<WrittenScore> for Score {
    fn from(written: WrittenScore) -> Self {
        match written {
            WrittenScore::Full { score: value, measure: Some(measure) } => Self { value, measure },
            WrittenScore::Full { score, measure: None } | WrittenScore::Number(score) => Self::of_older_version(score),
        }
    }
}

impl Score {
    /// A score of which only the number was kept: the mean balanced accuracy, or the loss, which alone is negative.
    pub fn of_older_version(value: f64) -> Self {
        let of = if value < 0.0 { Monitor::Loss } else { Monitor::BalancedAccuracy };
        Self { value, measure: Measure { of, with_r2: false } }
    }

    /// How good these metrics are by what a config monitors: the mean over the tasks, weighted as their losses are. A
    /// classification task counts where several classes have samples, a regression by R², and as 0 where it predicts worse
    /// than the mean would: there is no bound to that, and it would decide alone. Where no classification task counts, and
    /// where the loss is monitored, it is the loss.
    pub fn of(metrics: &Metrics, monitor: Monitor, weights: &BTreeMap<String, f64>) -> Self {
        let weight = |task: &TaskMetrics| weights.get(&task.task).copied().unwrap_or_default();
        let scored =
            metrics.tasks.iter().filter_map(|task| Some((task, weight(task), score_of(&task.scores, monitor)?)));
        let scored: Vec<(&TaskMetrics, f64, f64)> = scored.filter(|(_, weight, _)| *weight > 0.0).collect();
        let is_regression = |task: &TaskMetrics| matches!(task.scores, Scores::Errors { .. });
        if scored.iter().all(|(task, ..)| is_regression(task)) {
            return Self { value: -metrics.loss, measure: Measure { of: Monitor::Loss, with_r2: false } };
        }
        let total: f64 = scored.iter().map(|(_, weight, _)| weight).sum();
        let value = scored.iter().map(|(_, weight, score)| weight * score).sum::<f64>() / total;
        let with_r2 = scored.iter().any(|(task, ..)| is_regression(task));
        Self { value, measure: Measure { of: monitor, with_r2 } }
    }
}

/// How much a task's result counts by what is monitored; none where that cannot be told.
fn score_of(scores: &Scores, monitor: Monitor) -> Option<f64> {
    if let Scores::Errors { r2, .. } = scores {
        return r2.map(|r2| r2.max(0.0));
    }
    let balanced = scores.balanced_accuracy()?;
    match monitor {
        Monitor::BalancedAccuracy => Some(balanced),
        Monitor::Accuracy => scores.accuracy(),
        Monitor::F1 => scores.macro_f1(),
        Monitor::Loss => None,
    }
}

/// What it is a score of, and how much; a loss as it is.
impl fmt::Display for Score {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = if self.measure.of == Monitor::Loss { -self.value } else { self.value };
        write!(formatter, "{} {value:.4}", self.measure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metrics(tasks: Vec<(&str, Scores)>) -> Metrics {
        let task = |(task, scores): (&str, Scores)| TaskMetrics::new(task, 20, 2.0, scores);
        Metrics { samples: 20, loss: 3.0, grad_norm: 0.0, tasks: tasks.into_iter().map(task).collect() }
    }

    fn classes(matrix: [[u64; 2]; 2]) -> Scores {
        Scores::Confusion(matrix.map(Vec::from).to_vec())
    }

    fn age() -> Scores {
        Scores::Errors { mae: 5.0, mse: 30.0, r2: Some(0.25) }
    }

    fn score(tasks: Vec<(&str, Scores)>, monitor: Monitor) -> (f64, String) {
        let weights = [("health", 0.5), ("gender", 1.0), ("age", 0.5)].map(|(task, weight)| (task.to_owned(), weight));
        let score = Score::of(&metrics(tasks), monitor, &weights.into());
        (score.value, score.to_string())
    }

    #[test]
    fn tasks_count_by_what_is_monitored() {
        // Recalls 0.9 and 0.5: accuracy 19/22, F1 of 36/39 and 2/5.
        let health = || classes([[18, 2], [1, 1]]);
        let close = |monitor, expected: f64, words: &str| {
            let (value, told) = score(vec![("health", health())], monitor);
            assert!((value - expected).abs() < 1e-12 && told.starts_with(words), "{value} {told}");
        };
        close(Monitor::BalancedAccuracy, 0.7, "mean balanced accuracy 0.7000");
        close(Monitor::Accuracy, 19.0 / 22.0, "mean accuracy 0.86");
        close(Monitor::F1, (36.0 / 39.0 + 2.0 / 5.0) / 2.0, "mean F1 score 0.66");
        close(Monitor::Loss, -3.0, "loss 3.0000");
    }

    #[test]
    fn regressions_count_by_r2_and_alone_by_the_loss() {
        let health = classes([[8, 2], [4, 6]]);
        let (value, words) = score(vec![("health", health), ("age", age())], Monitor::BalancedAccuracy);
        assert!((value - (0.7 + 0.25) / 2.0).abs() < 1e-12);
        assert_eq!(words, "mean of balanced accuracy and R² 0.4750");
        let worse_than_the_mean = Scores::Errors { mae: 50.0, mse: 3000.0, r2: Some(-15.6) };
        let tasks = vec![("health", classes([[8, 2], [4, 6]])), ("age", worse_than_the_mean)];
        assert_eq!(score(tasks, Monitor::BalancedAccuracy).0, 0.7 / 2.0);
        assert_eq!(score(vec![("age", age())], Monitor::BalancedAccuracy), (-3.0, "loss 3.0000".to_owned()));
    }

    #[test]
    fn a_single_class_decides_nothing_whatever_is_monitored() {
        for monitor in [Monitor::BalancedAccuracy, Monitor::Accuracy, Monitor::F1, Monitor::Loss] {
            let tasks = || vec![("gender", classes([[9, 0], [0, 0]]))];
            assert_eq!(score(tasks(), monitor).0, -3.0);
        }
        let health = classes([[8, 2], [4, 6]]);
        let (value, _) = score(vec![("gender", classes([[9, 0], [0, 0]])), ("health", health)], Monitor::Accuracy);
        assert_eq!(value, 0.7);
    }

    #[test]
    fn what_older_versions_wrote_is_known_by_its_sign() {
        for (json, words) in [
            ("0.75", "mean balanced accuracy 0.7500"),
            ("{\"score\": -18.5}", "loss 18.5000"),
            ("{\"score\": -0.5, \"measure\": {\"of\": \"f1\", \"with_r2\": true}}", "mean of F1 score and R² -0.5000"),
        ] {
            let score: Score = serde_json::from_str(json).unwrap();
            assert_eq!(score.to_string(), words);
            let json = serde_json::to_string(&score).unwrap();
            assert_eq!(serde_json::from_str::<Score>(&json).unwrap(), score);
        }
    }
}
