//! Run files made to fit the data: they have no problems, and name what the labels can teach.

use std::collections::BTreeMap;

use super::{surveys::look, *};
use crate::{
    config::{Cadence, DataType, RunConfig, Settings},
    labels::TaskKind,
    signal::OutputType,
};

/// Parses and resolves a run file, which must not have problems.
fn check(text: &str, settings: &Settings) -> RunConfig {
    let (config, notices) = RunConfig::parse(text, "preset.toml").unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert!(notices.is_empty(), "{notices:?}\n{text}");
    config.resolve(settings).unwrap_or_else(|error| panic!("{error}\n{text}"));
    config
}

/// A survey of recordings of 100 s with these labels, by subject.
fn of(dataset: &str, columns: &[&str], rows: &[&[&str]]) -> Survey {
    let recordings = rows.iter().enumerate().map(|(index, cells)| SurveyedRecording {
        path: format!("{index}.edf"),
        format: "EDF".to_owned(),
        subject: Some(format!("p{index}")),
        channels: 20,
        rate_hz: 250.0,
        duration_s: 100.0,
        labels: columns
            .iter()
            .map(|&column| column.to_owned())
            .zip(cells.iter().map(|&cell| cell.to_owned()))
            .collect(),
    });
    Survey {
        dataset: Some(dataset.to_owned()),
        recordings: recordings.collect(),
        label_columns: columns.iter().map(|&column| column.to_owned()).collect(),
        problems: Vec::new(),
        bytes: 0,
    }
}

#[test]
fn known_datasets_are_taught_what_their_labels_tell() {
    let storage = math_folder(10);
    let survey = look(&storage);
    let settings = Settings::default();
    let config = check(&preset(&survey, "math", &settings), &settings);
    // Everyone is healthy, and the condition is activity and gender in one.
    assert_eq!(config.dataset.tasks, ["gender", "math_activity", "age"]);
    assert!(config.training.standardize_regression);

    let demo = MemoryStorage::default();
    block_on(generate_demo(&demo, &DemoOptions { subjects: 12, seconds: 5, seed: 0 })).unwrap();
    let text = preset(&look(&demo), "demo", &settings);
    assert_eq!(check(&text, &settings).dataset.tasks, ["gender", "health", "age"]);
    assert!(text.starts_with("# Made to fit the data: 12 recordings of 12 subjects"), "{text}");
}

#[test]
fn columns_of_a_table_become_tasks_of_ones_own() {
    let columns = ["gender", "age", "id", "Sex", "Dx (DSM)", "BDI", "site", "handedness", "note"];
    let rows: Vec<Vec<String>> = (0..12)
        .map(|index| {
            let (gender, sex) = if index % 2 == 0 { ("F", "f") } else { ("M", "m") };
            let diagnosis = ["MDD", "hc", "\"odd\" one"][index % 3];
            let site = if index < 6 { "north" } else { "South" };
            let note = if index == 3 { "" } else { "a" };
            [
                gender,
                &(20 + index).to_string(),
                &format!("p{index}"),
                sex,
                diagnosis,
                &format!("{index}.5"),
                site,
                "R",
                note,
            ]
            .map(str::to_owned)
            .to_vec()
        })
        .collect();
    let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    let survey = of("recordings", &columns, &rows);
    let settings = Settings::default();
    for name in ["recordings", "./my-study"] {
        let config = check(&preset(&survey, name, &settings), &settings);
        assert_eq!(config.dataset.name.as_str(), name);
        assert_eq!(config.dataset.tasks, ["gender", "age", "dx__dsm", "bdi", "site"]);
        let labels: BTreeMap<_, _> =
            config.labels.iter().map(|label| (label.columns()[0], label.task.kind.clone())).collect();
        let classes = |classes: &[&str]| TaskKind::Classification {
            classes: classes.iter().map(|&class| class.to_owned()).collect(),
        };
        assert_eq!(labels["Dx (DSM)"], classes(&["\"odd\" one", "MDD", "hc"]));
        assert_eq!(labels["site"], classes(&["South", "north"]));
    }
}

#[test]
fn columns_with_empty_cells_are_left_to_the_reader() {
    let rows: Vec<Vec<&str>> = (0..12)
        .map(|index| {
            let site = if index == 3 { "n/a" } else { ["north", "south"][index / 6] };
            let diagnosis = if index == 5 { "" } else { ["MDD", "HC"][index % 2] };
            // Of those who said anything, all said the same.
            let note = if index == 7 { "N/A" } else { "none" };
            vec![site, diagnosis, note, ["a", "b", "c"][index % 3]]
        })
        .collect();
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    let settings = Settings::default();
    let survey = of("recordings", &["site", "diagnosis", "note", "group"], &rows);
    let text = preset(&survey, "recordings", &settings);
    assert_eq!(check(&text, &settings).dataset.tasks, ["group"]);
    let more = "each: \"site\" (once its empty cells are filled), \"diagnosis\" (once its empty cells are filled).";
    assert!(text.contains(more), "{text}");
}

#[test]
fn numbers_that_differ_are_predicted_and_labels_that_do_not_are_not() {
    let rows: Vec<Vec<String>> =
        (0..20).map(|index| vec![format!("{}.25", (index * 7) % 11), "F".to_owned(), "2".to_owned()]).collect();
    let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    let settings = Settings::default();
    let config =
        check(&preset(&of("recordings", &["MMSE", "gender", "sessions"], &rows), "recordings", &settings), &settings);
    assert_eq!(config.dataset.tasks, ["mmse"]);
    assert_eq!(config.labels[0].task.kind, TaskKind::Regression { unit: None });
}

#[test]
fn a_folder_that_teaches_nothing_or_has_few_people_still_gives_a_run_file() {
    let settings = Settings::default();
    let nothing = Survey { dataset: None, recordings: vec![], label_columns: vec![], problems: vec![], bytes: 0 };
    let text = preset(&nothing, "./empty", &settings);
    check(&text, &settings);
    assert!(text.contains("No label was found that could be learnt"), "{text}");

    let rows: [&[&str]; 4] = [&["F"], &["F"], &["M"], &["M"]];
    let config = check(&preset(&of("recordings", &["gender"], &rows), "recordings", &settings), &settings);
    assert_eq!((config.dataset.tasks, config.dataset.val_split.as_str()), (vec!["gender".to_owned()], "test"));
    let rows: [&[&str]; 2] = [&["F"], &["M"]];
    let config = check(&preset(&of("recordings", &["gender"], &rows), "recordings", &settings), &settings);
    assert_eq!(config.training.eval, Cadence::None);
}

#[test]
fn time_series_and_colours_get_a_model_that_takes_them() {
    let rows: [&[&str]; 4] = [&["F"], &["F"], &["M"], &["M"]];
    let survey = of("recordings", &["gender"], &rows);
    let settings = Settings { data_type: DataType::Timeseries, ..Settings::default() };
    let config = check(&preset(&survey, "recordings", &settings), &settings);
    assert_eq!((config.model.backbone.as_str(), config.model.input_channels), ("cnn_1d", 20));
    let settings = Settings { output_type: OutputType::DbPolar, ..Settings::default() };
    let config = check(&preset(&survey, "recordings", &settings), &settings);
    assert_eq!((config.model.backbone.as_str(), config.model.input_channels), ("cnn_light", 3));
}

/// Windows of which each label's classes have five.
fn windows(labels: &[(&str, &[&str])]) -> SplitDescription {
    let counts = |classes: &[&str]| -> BTreeMap<String, usize> {
        classes.iter().map(|class| ((*class).to_owned(), 5)).collect()
    };
    SplitDescription {
        name: "all".to_owned(),
        samples: 10,
        shape: FeatureShape::Signal { channels: 32, samples: 512 },
        subjects: vec![],
        labels: labels.iter().map(|(column, classes)| ((*column).to_owned(), counts(classes))).collect(),
        examples: vec![],
    }
}

#[test]
fn a_balanced_preprocessed_folder_keeps_its_tasks() {
    let labels: [(&str, &[&str]); 6] = [
        ("gender", &["F", "M"]),
        ("health", &["H", "PD"]),
        ("age", &["20–29", "30–39"]),
        ("centre", &["east", "west"]),
        ("site", &["north", "south"]),
        ("stage", &["1", "2", "n/a"]),
    ];
    let settings = Settings::default();
    let text = preset_of_prepared(&[windows(&labels)], "./windows");
    assert_eq!(check(&text, &settings).dataset.tasks, ["gender", "health", "age", "centre"]);
    assert!(text.contains("each: \"site\", \"stage\" (once its empty cells are filled)."), "{text}");
}

#[test]
fn a_preprocessed_folder_gets_one_too() {
    let output = MemoryStorage::default();
    let options = PreprocessOptions { math_trials: true, ..small_options() };
    run_math(&math_folder(20), &output, &options).0.unwrap();
    let splits: Vec<_> =
        ["train", "val"].iter().map(|split| block_on(describe_split(&output, split)).unwrap()).collect();
    let settings = Settings::default();
    let config = check(&preset_of_prepared(&splits, "./images"), &settings);
    // `state` says the same as `doingmath`.
    assert_eq!(config.dataset.tasks[..2], ["gender", "age"]);
    assert!(config.dataset.tasks.contains(&"doingmath".to_owned()), "{:?}", config.dataset.tasks);
    assert!(!config.dataset.tasks.contains(&"state".to_owned()), "{:?}", config.dataset.tasks);
    assert_eq!(config.dataset.val_split, "val");
    check(&preset_of_prepared(&[], "./nothing"), &settings);

    let config = check(&preset_of_prepared(&[windows(&[("gender", &["F", "M"])])], "./windows"), &settings);
    assert_eq!((config.model.input_channels, config.dataset.train_split.as_str()), (32, "all"));
    assert_eq!(config.training.eval, Cadence::None);
}
