//! The tables of keys agree with what is read and what is written out.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::parse;
use crate::{
    config::{Bounds, KeyKind, RunConfig, Settings, run_keys::OUTPUT_TYPES},
    signal::OutputType,
};

/// Two values that fit a kind, as TOML and JSON write them alike.
fn samples(kind: KeyKind) -> Vec<Value> {
    match kind {
        KeyKind::Switch => vec![json!(true), json!(false)],
        KeyKind::Text => vec![json!("one"), json!("two")],
        KeyKind::Texts => vec![json!(["gender", "health"]), json!(["health"])],
        KeyKind::Choice(words) => words.iter().map(|word| json!(word)).collect(),
        KeyKind::Device => vec![json!("cpu"), json!("wgpu:1")],
        KeyKind::Count { .. } | KeyKind::Limit | KeyKind::Seed => vec![json!(8), json!(12)],
        KeyKind::Number(Bounds::Finite | Bounds::Positive | Bounds::NotNegative) => vec![json!(0.7), json!(1.5)],
        KeyKind::Number(_) => vec![json!(0.6), json!(0.7)],
        KeyKind::Pair(_) => vec![json!([0.5, 0.6]), json!([0.6, 0.7])],
        KeyKind::Classes => vec![json!(["a", "b"]), json!(["c", "d"])],
        KeyKind::WordOrTable { words, .. } => words.iter().map(|word| json!(word)).collect(),
        KeyKind::Anything => Vec::new(),
    }
}

/// A file in which every key has a meaning.
fn base() -> BTreeMap<&'static str, Value> {
    BTreeMap::from([
        ("dataset.name", json!("meta")),
        ("dataset.tasks", json!(["health"])),
        ("model.backbone", json!("transformer")),
        ("model.input_channels", json!(3)),
        ("model.extras.input_dim", json!(9)),
        ("model.extras.seq_length", json!(9)),
        ("model.extras.hidden_dim", json!(96)),
        ("training.eval_strategy", json!("steps")),
        ("training.eval_steps", json!(3)),
        ("training.checkpoint_strategy", json!("steps")),
        ("training.checkpoint_steps", json!(3)),
        ("training.swa_enabled", json!(true)),
        ("training.use_focal_loss_health", json!(true)),
    ])
}

#[test]
fn every_key_that_is_documented_is_read_and_written_out() {
    for doc in RunConfig::keys() {
        let aliases = BTreeMap::from([("training.log_every", "training.log_every_batches")]);
        if doc.path.contains('*') || doc.notice.is_some() || doc.path == "settings.trainer" {
            continue;
        }
        let pointer = format!("/{}", aliases.get(doc.path).unwrap_or(&doc.path).replace('.', "/"));
        for sample in samples(doc.kind) {
            let mut keys = base();
            keys.insert(doc.path, sample.clone());
            if sample == json!("timeseries") {
                keys.remove("data.output_type");
            }
            let text: String = keys.iter().map(|(path, value)| format!("{path} = {value}\n")).collect();
            let text = match doc.path {
                "model.backbone" => text.replace("input_channels = 3", "input_channels = 1"),
                _ => text,
            };
            let written = parse(&text).to_json();
            let expected = if sample == json!("cnn_1d_light") { json!("cnn_1d") } else { sample };
            assert_eq!(written.pointer(&pointer), Some(&expected), "{text}");
        }
    }
}

#[test]
fn everything_written_out_is_a_documented_key() {
    fn leaves(path: &str, value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(object) if path != "/labels" && path != "/training/task_weights" => {
                object.iter().for_each(|(key, value)| leaves(&format!("{path}/{key}"), value, found));
            }
            Value::Object(_) => {}
            _ => found.push(path.trim_start_matches('/').replace('/', ".")),
        }
    }
    let text: String = base().iter().map(|(path, value)| format!("{path} = {value}\n")).collect();
    let mut found = Vec::new();
    leaves("", &parse(&text).to_json(), &mut found);
    leaves("", &Settings::default().to_json(), &mut found);
    for path in found {
        let mut keys = RunConfig::keys().iter().chain(Settings::keys());
        assert!(keys.any(|doc| doc.path == path), "{path}");
    }
}

#[test]
fn defaults_are_known_by_key() {
    let of = |path: &str| {
        let keys = RunConfig::keys().iter().chain(Settings::keys());
        keys.filter(|doc| doc.path == path).find_map(|doc| doc.default_value())
    };
    assert_eq!(of("training.epochs"), Some(json!(25)));
    assert_eq!(of("model.extras.pooling"), Some(json!("mean")));
    assert_eq!(of("data.root"), Some(json!(".")));
    assert_eq!(of("data.data_type"), Some(json!("spectrogram")));
    assert_eq!(of("model.backbone"), None);
    assert_eq!(of("training.seed"), None);
    assert_eq!(of("training.task_weights.*"), None);
}

#[test]
fn output_types_are_those_of_spectrograms() {
    for name in OUTPUT_TYPES {
        assert_eq!(name.parse::<OutputType>().map(|output| output.to_string()).ok().as_deref(), Some(*name));
    }
}
