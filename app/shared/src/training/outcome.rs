//! How a run ended, in words.

use signal_studio_core::training::{
    Summary,
    history::{Ending, TestResult},
    metrics::{Scores, TaskMetrics},
};

use super::class_scores::in_words;
use crate::format;

/// How a run ended, in a sentence or two; `trained_s` is how long it trained, where that is known.
#[must_use]
pub fn outcome(summary: &Summary, trained_s: Option<f64>) -> String {
    let mut text = format!("Ended after {}", format::counted(summary.global_step as u64, "step", "steps"));
    if let Some(seconds) = trained_s {
        text += &format!(" and {}", format::duration(seconds));
    }
    text += &format!(": {}.", summary.ended);
    if summary.ended == Ending::Stopped {
        text += " It can go on from there.";
    }
    if let (Some(score), Some(epoch)) = (summary.best_score(), summary.best_epoch) {
        text += &format!(" The best of validation: {score}, from epoch {epoch}.");
    }
    if let Some(comparison) = summary.beside_baselines() {
        text += &format!(" {comparison}.");
    }
    if let Some(test) = &summary.test {
        text += &format!(" {}", tested(test));
        if let Some(comparison) = test.beside_baselines() {
            text += &format!(" {comparison}.");
        }
    }
    text
}

/// The result of the test, in a sentence.
fn tested(test: &TestResult) -> String {
    let tasks: Vec<String> = test.metrics.tasks.iter().map(task).collect();
    format!("Test on the split \u{201c}{}\u{201d} of {}: {}.", test.split, test.weights(), tasks.join("; "))
}

fn task(metrics: &TaskMetrics) -> String {
    let name = &metrics.task;
    match &metrics.scores {
        Scores::Confusion(_) => format!("{name} {}", in_words(metrics, &[])),
        Scores::Errors { .. } if metrics.samples == 0 => format!("{name} no samples"),
        Scores::Errors { mae, r2: Some(r2), .. } if *r2 <= 0.0 => {
            format!("{name} \u{b1}{} (R² {r2:.2}: no better than always saying the mean)", format::value(*mae))
        }
        Scores::Errors { mae, r2: Some(r2), .. } => format!("{name} \u{b1}{} (R² {r2:.2})", format::value(*mae)),
        Scores::Errors { mae, r2: None, .. } => format!("{name} \u{b1}{}", format::value(*mae)),
    }
}

#[cfg(test)]
mod tests {
    use signal_studio_core::training::{metrics::Metrics, score::Score};

    use super::*;

    #[test]
    fn a_run_that_was_tested_says_what_came_of_it() {
        let task = |task: &str, samples, scores| TaskMetrics {
            task: task.to_owned(),
            samples,
            subjects: Some(30),
            class_subjects: Vec::new(),
            loss: 0.5,
            scores,
        };
        let tasks = vec![
            task("health", 100, Scores::Confusion(vec![vec![40, 10], vec![10, 40]])),
            task("age", 100, Scores::Errors { mae: 4.0, mse: 20.0, r2: Some(-0.5) }),
        ];
        let mut summary = Summary { global_step: 9, ..Summary::default() };
        summary.test = Some(Box::new(TestResult {
            split: "test".to_owned(),
            checkpoint: Some("checkpoints/best.safetensors".to_owned()),
            epoch: 3,
            score: Score::of_older_version(0.8),
            metrics: Metrics { samples: 100, loss: 1.0, grad_norm: 0.0, tasks },
            baselines: None,
        }));
        let text = outcome(&summary, None);
        let expected = "Test on the split \u{201c}test\u{201d} of the best model, of epoch 3: health balanced accuracy \
                        80.0\u{a0}% (chance 50.0\u{a0}%); ";
        assert!(text.contains(expected), "{text}");
        assert!(text.ends_with("(R² -0.50: no better than always saying the mean)."), "{text}");
    }

    #[test]
    fn a_run_says_why_it_ended_and_what_its_best_is() {
        let summary = Summary { global_step: 1, ..Summary::default() };
        assert_eq!(outcome(&summary, None), "Ended after 1 step: all epochs are trained.");
        let summary = Summary {
            ended: Ending::Stopped,
            global_step: 40,
            best_metric: Some(0.75),
            best_epoch: Some(2),
            ..Summary::default()
        };
        let text = outcome(&summary, Some(8.0)).replace('\u{202f}', " ");
        assert!(text.starts_with("Ended after 40 steps and 8 s: it was stopped. It can go on from there."), "{text}");
        assert!(text.ends_with("from epoch 2."), "{text}");
    }
}
