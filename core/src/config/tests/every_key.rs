//! Every key that is declared is read, written out and told of as its declaration says.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::parse;
use crate::config::{Backbone, Bounds, KeyKind, RunConfig, Settings, run_tables::keys_with};

/// Two values that fit a kind, as TOML and JSON write them alike.
fn samples(kind: KeyKind) -> Vec<Value> {
    match kind {
        KeyKind::Switch => vec![json!(true), json!(false)],
        KeyKind::Text => vec![json!("one"), json!("two")],
        KeyKind::Texts => vec![json!(["gender", "health"]), json!(["health"])],
        KeyKind::Choice(words) => words.iter().map(|word| json!(word)).collect(),
        KeyKind::Choices(words) => vec![json!(words), json!([words[0]]), json!([])],
        KeyKind::Device => vec![json!("cpu"), json!("wgpu:1")],
        KeyKind::Count { .. } | KeyKind::Limit | KeyKind::Seed => vec![json!(8), json!(12)],
        KeyKind::CountOrWord { words, .. } => vec![json!(8), json!(words[0])],
        KeyKind::Seeds => vec![json!([8]), json!([12, 8])],
        KeyKind::Number(Bounds::Finite | Bounds::Positive | Bounds::NotNegative) => vec![json!(0.7), json!(1.5)],
        KeyKind::Number(_) => vec![json!(0.6), json!(0.7)],
        KeyKind::Pair(_) => vec![json!([0.5, 0.6]), json!([0.6, 0.7])],
        KeyKind::Numbers(_) => vec![json!([0.5]), json!([0.6, 0.7])],
        KeyKind::Fractions => vec![json!([0.5, 0.25, 0.25]), json!([1.0, 0.0, 0.0])],
        KeyKind::Classes => vec![json!(["a", "b"]), json!(["c", "d"])],
        KeyKind::WordOrTable { words, .. } => words.iter().map(|word| json!(word)).collect(),
        KeyKind::Anything => Vec::new(),
    }
}

/// A file in which every key has a meaning.
fn base<'a>() -> BTreeMap<&'a str, Value> {
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

/// The same with a backbone, for which the keys that only the transformer has may mean something else.
fn base_with<'a>(backbone: &str) -> BTreeMap<&'a str, Value> {
    let mut keys = base();
    if keys.insert("model.backbone", json!(backbone)) != Some(json!(backbone)) {
        keys.retain(|path, _| !path.starts_with("model.extras."));
    }
    if backbone == "eeg_conformer" {
        // Its filters are shared out among its heads.
        keys.extend([("model.extras.n_filters_time", json!(96)), ("model.extras.num_heads", json!(4))]);
    }
    keys
}

/// The file's keys, one a line.
fn text_of(keys: &BTreeMap<&str, Value>) -> String {
    keys.iter().map(|(path, value)| format!("{path} = {value}\n")).collect()
}

/// Where the value of a key stands in what is written out.
fn pointer(path: &str) -> String {
    let path = if path == "training.log_every" { "training.log_every_batches" } else { path };
    format!("/{}", path.replace('.', "/"))
}

#[test]
fn every_key_of_a_run_file_is_read_and_written_out() {
    for doc in RunConfig::keys() {
        if doc.path.contains('*') || doc.notice.is_some() {
            continue;
        }
        for sample in samples(doc.kind) {
            let backbone = match doc.path {
                "model.backbone" => sample.as_str(),
                _ => doc.backbone,
            };
            let mut keys = backbone.map_or_else(base, base_with);
            if doc.path.starts_with("training.ema_") {
                keys.extend([("training.swa_enabled", json!(false)), ("training.ema_enabled", json!(true))]);
            }
            keys.insert(doc.path, sample.clone());
            let text = text_of(&keys);
            let written = parse(&text).to_json();
            let expected = if sample == json!("cnn_1d_light") { json!("cnn_1d") } else { sample };
            assert_eq!(written.pointer(&pointer(doc.path)), Some(&expected), "{text}");
        }
    }
}

#[test]
fn every_key_of_a_label_is_read_and_written_out() {
    for doc in RunConfig::keys().iter().filter(|doc| doc.path.starts_with("labels.*.")) {
        let path = doc.path.replace('*', "mood");
        for sample in samples(doc.kind) {
            let mut keys = base();
            keys.insert(&path, sample.clone());
            // What only one kind of task has needs that kind.
            let is_number = doc.path.ends_with(".unit") || sample == json!(true);
            if is_number {
                keys.insert("labels.mood.regression", json!(true));
            } else {
                keys.entry("labels.mood.classes").or_insert_with(|| json!(["calm", "tense"]));
            }
            let written = parse(&text_of(&keys)).to_json();
            let found = written.pointer(&pointer(&path));
            match sample {
                // A task that has classes says nothing of a number.
                Value::Bool(false) => assert_eq!(found, None),
                Value::Array(names) if doc.path.ends_with(".classes") => {
                    let classes = names.iter().map(|name| json!({ "name": name, "values": [] }));
                    assert_eq!(found, Some(&classes.collect()));
                }
                sample => assert_eq!(found, Some(&sample), "{path}"),
            }
        }
    }
}

#[test]
fn every_key_of_a_settings_file_is_read_and_written_out() {
    for doc in Settings::keys().iter().filter(|doc| doc.notice.is_none()) {
        let path = doc.path.replace('*', "math");
        for sample in samples(doc.kind) {
            let (settings, _) = Settings::parse(&format!("{path} = {sample}\n"), "settings.toml").unwrap();
            assert_eq!(settings.to_json().pointer(&pointer(&path)), Some(&sample), "{path}");
        }
    }
}

#[test]
fn every_key_without_effect_is_accepted_and_told() {
    let value = |kind| samples(kind).first().cloned().unwrap_or_else(|| json!("anything"));
    for doc in RunConfig::keys() {
        let Some(notice) = doc.notice else { continue };
        let (path, mut keys) = (doc.path.replace('*', "foreign"), base());
        keys.insert(&path, value(doc.kind));
        let (_, notices) = RunConfig::parse(&text_of(&keys), "run.toml").unwrap();
        assert!(notices.iter().any(|told| told.key == path && told.message == notice), "{path}: {notices:?}");
    }
    for doc in Settings::keys() {
        let Some(notice) = doc.notice else { continue };
        let path = doc.path.replace('*', "foreign");
        let (_, notices) = Settings::parse(&format!("{path} = {}\n", value(doc.kind)), "settings.toml").unwrap();
        assert!(notices.iter().any(|told| told.key == path && told.message == notice), "{path}: {notices:?}");
    }
}

#[test]
fn a_backbones_own_keys_come_before_those_of_others_and_are_told_on_others() {
    for name in Backbone::NAMES {
        let backbone: Backbone = name.parse().unwrap();
        let keys = keys_with(Some(backbone));
        assert_eq!(keys.len(), RunConfig::keys().len());
        let first_of_others = keys.iter().position(|key| key.backbone.is_some_and(|of| of != backbone.as_str()));
        let last_own = keys.iter().rposition(|key| key.backbone.is_none_or(|of| of == backbone.as_str()));
        assert!(first_of_others.is_none_or(|first| Some(first) > last_own), "{name}");
        for path in backbone.facts().without_effect {
            assert!(keys.iter().any(|key| key.path == *path), "{name} has no key {path}");
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
    let mut found = Vec::new();
    leaves("", &parse(&text_of(&base())).to_json(), &mut found);
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
