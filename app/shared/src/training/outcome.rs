//! How a run ended, in words.

use signal_studio_core::training::{Summary, history::Ending};

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
    text
}

#[cfg(test)]
mod tests {
    use super::*;

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
