//! A checkpoint: its tasks, where in a run it was written, its parameters and their shapes.

use std::{fmt::Write, path::Path};

use serde_json::{Value, json};
use signal_studio_core::{
    labels::TaskSpec,
    model::{
        checkpoint::{CONFIG_KEY, Metadata, tasks},
        parameters::{Weights, is_buffer},
    },
};

use super::report::Report;
use crate::{failure::Failure, progress::count, weights};

pub fn report(path: &Path) -> Result<Report, Failure> {
    let (weights, metadata) = weights::read(path)?;
    let tasks = tasks(&metadata).unwrap_or_default();
    let config: Value =
        metadata.get(CONFIG_KEY).and_then(|config| serde_json::from_str(config).ok()).unwrap_or_default();
    let parameters: usize =
        weights.iter().filter(|(name, _)| !is_buffer(name)).map(|(_, values)| values.data.len()).sum();
    let text = text(path, &weights, &metadata, &tasks, &config, parameters);
    let tensors: Vec<_> = weights.iter().map(|(name, values)| json!({ "name": name, "shape": values.shape })).collect();
    let json = json!({
        "kind": "checkpoint",
        "tasks": if tasks.is_empty() { json!(heads(&weights)) } else { json!(tasks) },
        "config": config,
        "epoch": number(&metadata, "epoch"),
        "global_step": number(&metadata, "global_step"),
        "parameters": parameters,
        "tensors": tensors,
    });
    Ok(Report { json, text })
}

fn number(metadata: &Metadata, key: &str) -> Option<u64> {
    metadata.get(key)?.parse().ok()
}

/// The tasks by the names of the heads, with their widths: all that a file from elsewhere tells.
fn heads(weights: &Weights) -> Vec<(String, usize)> {
    let head = |name: &String, rows: usize| {
        Some((name.strip_prefix("heads.")?.strip_suffix(".net.2.weight")?.to_owned(), rows))
    };
    weights.iter().filter_map(|(name, values)| head(name, *values.shape.first()?)).collect()
}

fn text(
    path: &Path,
    weights: &Weights,
    metadata: &Metadata,
    tasks: &[TaskSpec],
    config: &Value,
    parameters: usize,
) -> String {
    let mut text = format!("checkpoint, {}: {}", count(parameters, "parameter"), path.display());
    if let (Some(epoch), Some(step)) = (number(metadata, "epoch"), number(metadata, "global_step")) {
        let _ = write!(text, "\nwritten in epoch {epoch} after update {step}");
    }
    if let Some(backbone) = config["model"]["backbone"].as_str() {
        let dataset = config["dataset"]["name"].as_str().unwrap_or("?");
        let _ = write!(text, "\nbackbone {backbone}, trained on {dataset}");
    }
    for task in tasks {
        let what = if task.is_classification() { task.class_names().join(", ") } else { "a number".to_owned() };
        let _ = write!(text, "\ntask {}: {what}", task.name);
    }
    if tasks.is_empty() {
        for (task, outputs) in heads(weights) {
            let _ = write!(text, "\ntask {task}: {}", count(outputs, "output"));
        }
    }
    let width = weights.keys().map(String::len).max().unwrap_or_default();
    for (name, values) in weights {
        let shape: Vec<_> = values.shape.iter().map(usize::to_string).collect();
        let _ = write!(text, "\n  {name:width$}  [{}]", shape.join(", "));
    }
    text
}
