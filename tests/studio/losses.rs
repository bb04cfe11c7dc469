//! The losses that runs told, and how near those of the browser and the command line must be.

use serde_json::Value;

use crate::browser::Studio;

/// The losses that a run in the browser told, step by step.
pub async fn losses_in_browser(studio: &Studio, run: &str) -> Vec<Value> {
    let journal = studio.stored_text(&format!("notes/{run}.events.jsonl")).await;
    let events = journal.lines().map(|line| serde_json::from_str::<(f64, Value)>(line).unwrap().1);
    step_losses(events)
}

/// The losses among a run's events.
pub fn step_losses(events: impl Iterator<Item = Value>) -> Vec<Value> {
    events.filter(|event| event["event"] == "step").map(|event| event["loss"].clone()).collect()
}

/// Fails when a number of the browser is farther from the command line's than this share of it.
#[track_caller]
pub fn assert_close(ours: &Value, theirs: &Value, tolerance: f64, what: &str) {
    let (ours, theirs) = (ours.as_f64().unwrap(), theirs.as_f64().unwrap());
    let apart = (ours - theirs).abs();
    assert!(apart <= tolerance * theirs.abs(), "{what}: {ours} in the browser, {theirs} on the command line");
}
