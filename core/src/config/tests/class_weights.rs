//! Weights by class: what they mean, and every mistake in them.

use std::collections::BTreeMap;

use super::{
    MINIMAL,
    mistakes::{one_problem, with},
    parse,
};
use crate::config::{ClassWeights, RunConfig, Settings};

#[test]
fn class_weights_are_read_as_words_and_as_tables_and_written_out_alike() {
    let weights = |inside: &str| {
        let run = parse(&format!("{MINIMAL}[training]\n{inside}\n"));
        let json = run.to_json();
        let again = RunConfig::from_json(json.as_object().unwrap(), "config_resolved.json").unwrap();
        assert_eq!(again.training, run.training);
        run.training.class_weights
    };
    assert_eq!(weights(""), ClassWeights::None);
    assert_eq!(weights("class_weights = \"Balanced\""), ClassWeights::Balanced);
    let given = ClassWeights::Given(BTreeMap::from([
        ("gender".to_owned(), BTreeMap::from([("female".to_owned(), 2.0), ("male".to_owned(), 0.5)])),
        ("health".to_owned(), BTreeMap::from([("healthy".to_owned(), 3.0)])),
    ]));
    assert_eq!(
        weights("class_weights = { gender = { female = 2, male = 0.5 }, health = { healthy = 3 } }"),
        given.clone()
    );
    assert_eq!(
        weights(
            "[training.class_weights.gender]\nfemale = 2\nmale = 0.5\n[training.class_weights.health]\nhealthy = 3"
        ),
        given
    );
}

#[test]
fn class_weights_are_of_tasks_and_classes_that_there_are() {
    let path = "training.class_weights";
    let weights = |inside: &str| with(&format!("[training]\nclass_weights = {inside}"));
    one_problem(
        &weights("\"balance\""),
        "\"balance\"",
        &format!(
            "{path} must be \"none\", \"balanced\", or weights by task and class, {{ task = {{ class = weight }} }}, \
             not \"balance\" (did you mean `balanced`?)"
        ),
    );
    one_problem(
        &weights("{ helth = { healthy = 2 } }"),
        "helth",
        &format!("{path}.helth has the weights of a task that is not in dataset.tasks (did you mean `health`?)"),
    );
    one_problem(
        &weights("{ health = { health = 2 } }"),
        "health",
        &format!("{path}: task health has no class health: it has healthy, parkinsons (did you mean `healthy`?)"),
    );
    one_problem(
        &weights("{ health = 2 }"),
        "2",
        &format!("{path}.health must be a table of classes and their weights, {{ class = weight }}, not 2"),
    );
    for wrong in ["0", "-1.0", "inf", "nan"] {
        let error = super::mistakes(&weights(&format!("{{ health = {{ healthy = {wrong} }} }}")));
        let message = error.problems[0].message.clone();
        assert!(message.starts_with(&format!("{path}.health.healthy must be a number above 0, not")), "{message}");
    }
    let ages = weights("{ age = { old = 1 } }").replace("\"gender\"", "\"age\"");
    one_problem(&ages, "old", &format!("{path}: task age predicts a number, which has no classes"));
}

#[test]
fn class_weights_of_a_dataset_that_only_the_settings_know_are_checked_with_them() {
    let text = with("[training.class_weights.health]\nill = 2").replace("parkinsons", "ward");
    let (settings, _) = Settings::parse("[datasets.ward]\nroot = \"ward\"\n", "settings.toml").unwrap();
    let error = parse(&text).resolve(&settings).unwrap_err();
    assert!(error.to_string().contains("task health has no class ill: it has"), "{error}");
}
