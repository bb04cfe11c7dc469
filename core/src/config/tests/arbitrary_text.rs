//! No text makes the reader panic, and every problem has its place in the text.

use proptest::prelude::*;

use super::MINIMAL;
use crate::config::{ConfigError, RunConfig, Settings};

fn places_are_in(text: &str, error: &ConfigError) {
    assert!(!error.problems.is_empty());
    for problem in &error.problems {
        assert!(problem.line >= 1 && problem.line <= text.split('\n').count(), "{error}");
        assert!(problem.column >= 1 && problem.span.end <= text.len(), "{error}");
    }
}

fn read(text: &str) {
    if let Err(error) = RunConfig::parse(text, "run.toml") {
        places_are_in(text, &error);
    }
    if let Err(error) = Settings::parse(text, "settings.toml") {
        places_are_in(text, &error);
    }
}

/// A value of any kind, as TOML writes it.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("true".to_owned()),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_map(|number| format!("{number:?}").replace("NaN", "nan")),
        "[a-z_ ,]{0,12}".prop_map(|text| format!("\"{text}\"")),
        Just("[0.9, 0.99]".to_owned()),
        Just("[\"a\", { name = \"b\", values = [1, true] }]".to_owned()),
        Just("{ a = { b = 1 } }".to_owned()),
        Just("1979-05-27".to_owned()),
    ]
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        read(&text);
    }

    #[test]
    fn any_damage_is_read_or_refused(at in 0..MINIMAL.len(), length in 0..20_usize, instead in "\\PC{0,8}") {
        let end = (at + length).min(MINIMAL.len());
        read(&format!("{}{instead}{}", &MINIMAL[..at], &MINIMAL[end..]));
    }

    #[test]
    fn any_value_is_read_or_refused(
        index in 0..RunConfig::keys().len(),
        other in 0..RunConfig::keys().len(),
        values in (value(), value()),
    ) {
        let path = |index: usize| RunConfig::keys()[index].path.replace('*', "mood");
        let required = "dataset.name = \"meta\"\ndataset.tasks = \"age\"\nmodel.backbone = \"cnn_1d\"\nmodel.input_channels = 1\n";
        let text = format!("{required}{} = {}\n{} = {}\n", path(index), values.0, path(other), values.1);
        read(&text);
        if let Ok((run, _)) = RunConfig::parse(&text, "run.toml") {
            let written = run.to_json();
            let object = written.as_object().expect("a run is written as an object");
            let back = RunConfig::from_json(object, "config_resolved.json").expect("what is written can be read");
            prop_assert_eq!(back.to_json(), written);
        }
    }
}
