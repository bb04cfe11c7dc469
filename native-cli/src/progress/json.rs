//! Events as JSON, one object a line on stdout. Every object has `event`, its name; `stage`, which is `preprocess` or
//! `train`; and `elapsed_s`, the seconds since that stage began. A failure, which is told last and not from here, has
//! `event` alone of these.

use std::{path::Path, time::Instant};

use serde_json::{Value, json};
use signal_studio_core::{datasets::PreprocessEvent, training::TrainEvent};

use super::views::{PreprocessView, TrainView};
use crate::output;

/// Prints events.
pub struct Json {
    stage: &'static str,
    start: Instant,
}

impl Json {
    pub fn new(stage: &'static str) -> Self {
        Self { stage, start: Instant::now() }
    }

    fn print(&self, mut event: Value) {
        event["stage"] = json!(self.stage);
        event["elapsed_s"] = json!(self.start.elapsed().as_secs_f64());
        output::json_line(&event);
    }
}

impl TrainView for Json {
    fn show(&mut self, event: &TrainEvent) {
        // These only move a bar.
        if !matches!(
            event,
            TrainEvent::BaselinesBatch { .. } | TrainEvent::EvaluatedBatch { .. } | TrainEvent::AveragedBatch { .. }
        ) {
            self.print(serde_json::to_value(event).expect("events have string keys and no foreign types"));
        }
    }

    fn note(&mut self, text: &str) {
        self.print(json!({ "event": "warning", "message": text }));
    }
}

impl PreprocessView for Json {
    fn generating(&mut self, folder: &Path) {
        self.print(json!({ "event": "generating", "folder": folder.display().to_string() }));
    }

    fn show(&mut self, event: &PreprocessEvent) {
        self.print(match event {
            PreprocessEvent::Started { recordings, splits } => {
                let subjects: serde_json::Map<_, _> =
                    splits.iter().map(|(split, subjects)| (split.clone(), json!(subjects))).collect();
                json!({ "event": "started", "recordings": recordings, "subjects": subjects })
            }
            PreprocessEvent::Warning(message) => json!({ "event": "warning", "message": message }),
            PreprocessEvent::Resumed { recordings } => json!({ "event": "resumed", "recordings": recordings }),
            PreprocessEvent::Measured { path } => json!({ "event": "measured", "path": path }),
            PreprocessEvent::Windows { path, windows, total } => {
                json!({ "event": "windows", "path": path, "windows": windows, "total": total })
            }
            PreprocessEvent::Recording { path, split, windows } => {
                json!({ "event": "recording", "path": path, "split": split, "windows": windows })
            }
            PreprocessEvent::Skipped { path, reason } => {
                json!({ "event": "skipped", "path": path, "reason": reason })
            }
            PreprocessEvent::Finished(summary) => json!({ "event": "finished", "summary": summary }),
        });
    }
}
