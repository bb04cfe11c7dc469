//! A checkpoint: its tasks, where in a run it was written, its parameters and their shapes.

use std::{collections::BTreeMap, fmt::Write, path::Path};

use serde_json::{Value, json};
use signal_studio_core::{
    labels::TaskSpec,
    model::{
        checkpoint::{CONFIG_KEY, Contents, Metadata, schema, tasks},
        parameters::is_buffer,
    },
    training::identity::{Identity, SplitMark},
};

use super::report::Report;
use crate::{failure::Failure, progress::count, weights};

/// The shapes of tensors by their names.
type Shapes = BTreeMap<String, Vec<usize>>;

pub fn report(path: &Path) -> Result<Report, Failure> {
    let Contents { shapes, metadata } = weights::read_contents(path)?;
    let tasks = tasks(&metadata).unwrap_or_default();
    let config: Value =
        metadata.get(CONFIG_KEY).and_then(|config| serde_json::from_str(config).ok()).unwrap_or_default();
    let parameters: usize =
        shapes.iter().filter(|(name, _)| !is_buffer(name)).map(|(_, shape)| shape.iter().product::<usize>()).sum();
    let text = text(path, &shapes, &metadata, &tasks, &config, parameters);
    let tensors: Vec<_> = shapes.iter().map(|(name, shape)| json!({ "name": name, "shape": shape })).collect();
    let json = json!({
        "kind": "checkpoint",
        "tasks": if tasks.is_empty() { json!(heads(&shapes)) } else { json!(tasks) },
        "config": config,
        "epoch": number(&metadata, "epoch"),
        "global_step": number(&metadata, "global_step"),
        "checkpoint_schema": schema(&metadata),
        "trained_on": trained_on(&metadata),
        "parameters": parameters,
        "tensors": tensors,
    });
    Ok(Report { json, text })
}

/// The data that it was trained on, with what they were made of; null where the file does not say.
fn trained_on(metadata: &Metadata) -> Value {
    match Identity::of_checkpoint(metadata) {
        Some(Identity { prepared, train: Some(train), val, .. }) => json!({
            "prepared": prepared.as_ref().map(|made| json!({
                "maker": made.maker,
                "version": made.version,
                "options": made.options,
                "files": made.files.len(),
                "fingerprint": made.digest(),
            })),
            "train": train,
            "val": val,
        }),
        _ => Value::Null,
    }
}

/// The same in words, a line each.
fn trained_on_in_words(metadata: &Metadata) -> Vec<String> {
    let Some(Identity { prepared, train: Some(train), val, .. }) = Identity::of_checkpoint(metadata) else {
        return vec!["the file does not say which data it was trained on".to_owned()];
    };
    let split = |what: &str, mark: &SplitMark| {
        let (samples, fingerprint) = (count(mark.samples, "sample"), short(&mark.sha256));
        format!("{what} {samples} of the split {}, fingerprint {fingerprint}", mark.split)
    };
    let mut lines = vec![split("trained on", &train)];
    lines.extend(val.map(|val| split("evaluated on", &val)));
    lines.extend(prepared.map(|made| {
        let (files, fingerprint) = (count(made.files.len(), "file"), short(&made.digest()));
        format!("which version {} of {} made of {files}, fingerprint {fingerprint}", made.version, made.maker)
    }));
    lines
}

/// As much of a hash as tells it from others at a glance.
fn short(hash: &str) -> String {
    hash.chars().take(12).collect()
}

fn number(metadata: &Metadata, key: &str) -> Option<u64> {
    metadata.get(key)?.parse().ok()
}

/// The tasks by the names of the heads, with their widths: all that a file from elsewhere tells.
fn heads(shapes: &Shapes) -> Vec<(String, usize)> {
    let has = |name: &str| shapes.contains_key(name);
    let head = |name: &String, rows: usize| {
        let head = name.strip_prefix("heads.")?;
        let of_two_layers = || head.strip_suffix(".net.2.weight");
        // The first of two has a second after it.
        let of_one = || head.strip_suffix(".net.0.weight").filter(|task| !has(&format!("heads.{task}.net.2.weight")));
        Some((of_two_layers().or_else(of_one)?.to_owned(), rows))
    };
    shapes.iter().filter_map(|(name, shape)| head(name, *shape.first()?)).collect()
}

fn text(
    path: &Path,
    shapes: &Shapes,
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
    for line in trained_on_in_words(metadata) {
        let _ = write!(text, "\n{line}");
    }
    for task in tasks {
        let what = if task.is_classification() { task.class_names().join(", ") } else { "a number".to_owned() };
        let _ = write!(text, "\ntask {}: {what}", task.name);
    }
    if tasks.is_empty() {
        for (task, outputs) in heads(shapes) {
            let _ = write!(text, "\ntask {task}: {}", count(outputs, "output"));
        }
    }
    let width = shapes.keys().map(String::len).max().unwrap_or_default();
    for (name, shape) in shapes {
        let shape: Vec<_> = shape.iter().map(usize::to_string).collect();
        let _ = write!(text, "\n  {name:width$}  [{}]", shape.join(", "));
    }
    text
}
