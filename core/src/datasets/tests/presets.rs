//! Run files made to fit the data: they have no problems, and name what the labels can teach.

use std::collections::BTreeMap;

use super::{surveys::look, *};
use crate::{
    config::{Cadence, DataType, RunConfig, Settings},
    datasets::preset_tasks::LabelledRow,
    labels::{LabelSpec, TaskKind},
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
        unusable: None,
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
    let mut survey = look(&math_folder(10));
    let settings = Settings::default();
    survey.recordings.iter_mut().for_each(|recording| recording.duration_s = 4.5);
    let refusal = preset(&survey, "math", &settings).unwrap_err().to_string();
    let too_short = "no recording of it can be used: raw_eeg/Subject00_1.edf: it is shorter than one window of 5 s";
    assert_eq!(refusal, too_short);
    for recording in &mut survey.recordings {
        recording.duration_s = 100.0;
    }
    let config = check(&preset(&survey, "math", &settings).unwrap(), &settings);
    // Everyone is healthy, and the condition is activity and gender in one.
    assert_eq!(config.dataset.tasks, ["gender", "math_activity", "age"]);
    assert!(config.training.standardize_regression);

    let demo = MemoryStorage::default();
    block_on(generate_demo(&demo, &DemoOptions { subjects: 12, seconds: 5, seed: 0 })).unwrap();
    let text = preset(&look(&demo), "demo", &settings).unwrap();
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
        let config = check(&preset(&survey, name, &settings).unwrap(), &settings);
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
fn columns_with_empty_cells_are_learnt_and_how_many_are_missing_is_told() {
    let rows: Vec<Vec<&str>> = (0..12)
        .map(|index| {
            let site = if index == 3 { "n/a" } else { ["north", "south"][index / 6] };
            let diagnosis = if index == 5 { "" } else { ["MDD", "HC"][index % 2] };
            // Of those who said anything, all said the same.
            let note = if index == 7 { "N/A" } else { "none" };
            let gender = if index == 0 { "" } else { ["F", "M"][index / 2 % 2] };
            vec![gender, site, diagnosis, note, ["a", "b", "c"][index % 3]]
        })
        .collect();
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    let settings = Settings::default();
    let survey = of("recordings", &["gender", "site", "diagnosis", "note", "group"], &rows);
    let text = preset(&survey, "recordings", &settings).unwrap();
    assert_eq!(check(&text, &settings).dataset.tasks, ["gender", "site", "diagnosis", "group"]);
    for column in ["gender", "site", "diagnosis"] {
        let gap = format!("# \"{column}\" has no value for 1 of 12 subjects, who are left out of it.");
        assert!(text.contains(&gap), "{text}");
    }
    assert!(text.contains("# Not learnt: \"note\" says \"none\" of all."), "{text}");
}

#[test]
fn numbers_that_differ_are_predicted_and_labels_that_do_not_are_not() {
    let rows: Vec<Vec<String>> =
        (0..20).map(|index| vec![format!("{}.25", (index * 7) % 11), "F".to_owned(), "2".to_owned()]).collect();
    let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    let settings = Settings::default();
    let config = check(
        &preset(&of("recordings", &["MMSE", "gender", "sessions"], &rows), "recordings", &settings).unwrap(),
        &settings,
    );
    assert_eq!(config.dataset.tasks, ["mmse"]);
    assert_eq!(config.labels[0].task.kind, TaskKind::Regression { unit: None });
}

#[test]
fn what_cannot_be_used_gets_no_run_file_but_the_reason() {
    let settings = Settings::default();
    let refusal = |survey: &Survey| preset(survey, "recordings", &settings).unwrap_err().to_string();
    let nothing = Survey { dataset: None, recordings: vec![], ..of("recordings", &[], &[]) };
    assert_eq!(refusal(&nothing), "no recording of it can be used: there is none");

    let rows: [&[&str]; 4] = [&["north", "1"], &["north", "2"], &["north", "2"], &["north", "2"]];
    let mut survey = of("recordings", &["site", "wave"], &rows);
    assert_eq!(
        refusal(&survey),
        "it has no label that could be learnt, which takes two classes of two subjects each, or numbers that differ: \
         `site` says \"north\" of all, `wave` has fewer than two classes of 2 subjects each; add such a column to the table \
         of the subjects"
    );
    for recording in &mut survey.recordings {
        recording.unusable = Some("there is no channel Cz".to_owned());
    }
    assert_eq!(refusal(&survey), "no recording of it can be used: 0.edf: there is no channel Cz");
    assert_eq!(preset_of_prepared(&[], "./nothing"), Err(PresetError::NoSample));
}

#[test]
fn the_signal_path_is_one_that_the_slowest_recording_allows() {
    let rows: [&[&str]; 4] = [&["F"], &["F"], &["M"], &["M"]];
    let mut survey = of("recordings", &["gender"], &rows);
    survey.recordings.iter_mut().for_each(|recording| recording.duration_s = 9.0);
    let settings = Settings::default();
    let text = preset(&survey, "recordings", &settings).unwrap();
    assert!(text.contains("about 4 windows."), "{text}");
    let path = check(&text, &settings).preprocessing;
    assert_eq!((path.notch_hz, path.band_hz), (Some(vec![50.0, 60.0]), Some([0.1, 75.0])));
    assert_eq!((path.rate_hz, path.window_s, path.overlap), (Some(120.0), Some(5.0), Some(0.0)));
    survey.recordings[2].rate_hz = 128.0;
    let path = check(&preset(&survey, "recordings", &settings).unwrap(), &settings).preprocessing;
    assert_eq!((path.notch_hz, path.band_hz, path.rate_hz), (Some(vec![50.0]), Some([0.1, 57.0]), Some(120.0)));
    survey.recordings[2].rate_hz = 100.0;
    let path = check(&preset(&survey, "recordings", &settings).unwrap(), &settings).preprocessing;
    assert_eq!((path.notch_hz, path.band_hz, path.rate_hz), (None, Some([0.1, 45.0]), Some(100.0)));
    survey.recordings.iter_mut().for_each(|recording| recording.duration_s = 4.0);
    let refusal = preset(&survey, "recordings", &settings).unwrap_err().to_string();
    assert!(refusal.ends_with("0.edf: it is shorter than one window of 5 s"), "{refusal}");
}

#[test]
fn what_is_left_for_the_test_is_tested_on_and_few_people_are_split_in_larger_parts() {
    let rows: Vec<&[&str]> = (0..60).map(|person| if person % 2 == 0 { &["F"][..] } else { &["M"] }).collect();
    let of_people = |people: usize| {
        let text = preset(&of("recordings", &["gender"], &rows[..people]), "recordings", &Settings::default()).unwrap();
        check(&text, &Settings::default())
    };
    let (small, large) = (of_people(30), of_people(60));
    assert_eq!((small.test_split(), small.dataset.split.fractions), (Some("test"), Some([0.6, 0.2, 0.2])));
    assert_eq!((large.test_split(), large.dataset.split.fractions), (Some("test"), None));
}

#[test]
fn few_people_are_told_apart_without_a_validation_split() {
    let settings = Settings::default();
    let rows: [&[&str]; 4] = [&["F"], &["F"], &["M"], &["M"]];
    let config = check(&preset(&of("recordings", &["gender"], &rows), "recordings", &settings).unwrap(), &settings);
    assert_eq!((config.test_split(), config.dataset.val_split.as_str()), (None, "test"));
    let text = preset(&of("recordings", &["gender"], &rows), "recordings", &settings).unwrap();
    let note = "# There are too few subjects for a split \"val\".\n# It holds 1 subject: whatever the scores are there, they \
                may be chance.\nval_split";
    assert!(text.contains(note), "{text}");
    let rows: [&[&str]; 2] = [&["20"], &["30"]];
    let config = check(&preset(&of("recordings", &["age"], &rows), "recordings", &settings).unwrap(), &settings);
    assert_eq!(config.training.eval, Cadence::None);
}

#[test]
fn samples_get_a_model_that_takes_them() {
    let of_shape = |shape| {
        let split = SplitDescription { shape, ..windows(&[("gender", ["F", "M", "F", "M"])]) };
        let model = check(&preset_of_prepared(&[split], "./samples").unwrap(), &Settings::default()).model;
        (model.backbone.as_str(), model.input_channels)
    };
    assert_eq!(of_shape(FeatureShape::Signal { channels: 20, samples: 600 }), ("shallow_fbcsp_net", None));
    assert_eq!(of_shape(FeatureShape::Signal { channels: 20, samples: 120 }), ("cnn_1d", Some(20)));
    assert_eq!(of_shape(FeatureShape::Image { channels: 3, height: 64, width: 64 }), ("cnn_light", Some(3)));
    let rows: [&[&str]; 4] = [&["F"], &["F"], &["M"], &["M"]];
    let survey = of("recordings", &["gender"], &rows);
    for data_type in [DataType::Spectrogram, DataType::Timeseries] {
        let settings = Settings { data_type, ..Settings::default() };
        let config = check(&preset(&survey, "recordings", &settings).unwrap(), &settings);
        assert_eq!(
            (config.model.backbone.as_str(), config.data.data_type),
            ("shallow_fbcsp_net", Some(DataType::Timeseries))
        );
    }
}

/// Four windows of a subject each, with these labels.
fn windows(labels: &[(&str, [&str; 4])]) -> SplitDescription {
    let row = |subject: usize| LabelledRow {
        subject: format!("p{subject}"),
        labels: labels.iter().map(|(column, cells)| ((*column).to_owned(), cells[subject].to_owned())).collect(),
    };
    SplitDescription {
        name: "all".to_owned(),
        samples: 4,
        shape: FeatureShape::Signal { channels: 32, samples: 512 },
        subjects: vec![],
        of_unknown: 0,
        labels: Vec::new(),
        examples: vec![],
        made_of: None,
        columns: labels.iter().map(|(column, _)| (*column).to_owned()).collect(),
        rows: (0..4).map(row).collect(),
    }
}

#[test]
fn a_preprocessed_folder_is_told_what_its_labels_say() {
    let labels = [
        ("gender", ["F", "M", "F", "M"]),
        ("health", ["H", "H", "PD", "PD"]),
        ("age", ["20", "30", "", "50"]),
        ("centre", ["east", "west", "west", "east"]),
        ("site", ["here", "there", "here", "there"]),
    ];
    let settings = Settings::default();
    let text = preset_of_prepared(&[windows(&labels)], "./windows").unwrap();
    let config = check(&text, &settings);
    assert_eq!(config.dataset.tasks, ["gender", "health", "age", "centre"]);
    assert!(text.contains("# Not learnt: \"site\" says the same as \"gender\"."), "{text}");
    assert!(text.contains("# \"age\" has no value for 1 of 4 subjects"), "{text}");
    assert_eq!((config.model.backbone.as_str(), config.dataset.train_split.as_str()), ("shallow_fbcsp_net", "all"));
    assert_eq!(config.training.eval, Cadence::None);
}

/// All splits of a folder.
pub(super) fn described(output: &MemoryStorage) -> Vec<SplitDescription> {
    let splits = block_on(splits(output)).unwrap().into_iter().filter(|(_, samples)| *samples > 0);
    splits.map(|(split, _)| block_on(describe_split(output, &split)).unwrap()).collect()
}

#[test]
fn a_preprocessed_folder_gets_one_too() {
    let output = MemoryStorage::default();
    let options = PreprocessOptions { math_trials: true, ..small_options() };
    run_math(&math_folder(20), &output, &options).0.unwrap();
    let text = preset_of_prepared(&described(&output), "./images").unwrap();
    let config = check(&text, &Settings::default());
    assert_eq!(config.dataset.val_split, "val");
    // Its tasks are the dataset's, and no column of numbers that stand for them.
    assert_eq!(config.dataset.tasks, ["gender", "math_activity", "age"]);
    assert!(!text.contains("state") && !text.contains("doingmath"), "{text}");
}

#[test]
fn tasks_of_a_dataset_are_asked_of_what_was_made_of_it_only() {
    let output = MemoryStorage::default();
    run_math(&math_folder(6), &output, &small_options()).0.unwrap();
    let asked = |folder: &MemoryStorage, dataset: &str, task: &str| {
        let spec = crate::datasets::labels_of(dataset).unwrap().get(task).unwrap().clone();
        block_on(check_tasks_of_folder(folder, &[spec], &[])).map_err(|error| error.to_string())
    };
    assert_eq!(asked(&output, "math", "math_activity"), Ok(()));
    assert_eq!(asked(&MemoryStorage::default(), "math", "gender"), Ok(()));
    let other = asked(&output, "parkinsons", "parkinsons_condition").unwrap_err();
    assert!(other.starts_with("`parkinsons_condition` is a task of parkinsons, and these samples were made of math"));
    let unknown = asked(&MemoryStorage::default(), "math", "math_activity").unwrap_err();
    assert!(unknown.contains("no preprocessing.json") && unknown.contains("[labels.math_activity]"), "{unknown}");
}

#[test]
fn a_validation_split_of_another_name_needs_no_excuse() {
    let labels = [("gender", ["F", "M", "F", "M"])];
    let split = |name: &str| SplitDescription { name: name.to_owned(), ..windows(&labels) };
    let text = preset_of_prepared(&[split("train"), split("validation")], "./windows").unwrap();
    assert_eq!(check(&text, &Settings::default()).dataset.val_split, "validation");
    assert!(!text.contains("too few subjects"), "{text}");
}

/// What a run file says of labels: everything but the data's size.
fn of_labels(text: &str) -> (Vec<String>, Vec<String>, Vec<LabelSpec>) {
    let config = check(text, &Settings::default());
    let of_data = ["Made to fit", "Made of the recordings"];
    let remarks =
        text.lines().filter(|line| line.starts_with("# ") && !of_data.iter().any(|remark| line.contains(remark)));
    (config.dataset.tasks, remarks.map(str::to_owned).collect(), config.labels)
}

#[test]
fn run_files_for_recordings_and_for_what_is_made_of_them_say_the_same() {
    for name in ["label-cells", "participants-cells"] {
        let Some(root) = crate::test_support::shared(&format!("cases/{name}")) else { return };
        let raw = super::shared::load(&root);
        let of_raw = preset(&look(&raw), "recordings", &Settings::default()).unwrap();
        let output = MemoryStorage::default();
        let split = SplitOptions { fractions: Some([0.6, 0.2, 0.2]), ..SplitOptions::default() };
        let options = PreprocessOptions { overlap: 0.0, split, ..Recordings.default_options() };
        block_on(preprocess(&Recordings, &raw, &output, &options, &mut |_| ControlFlow::Continue(()))).unwrap();
        let of_prepared = preset_of_prepared(&described(&output), "./made").unwrap();
        assert_eq!(of_labels(&of_raw), of_labels(&of_prepared), "{name}");
    }
}

#[test]
fn cells_of_all_kinds_are_offered_as_what_they_are() {
    let Some(root) = crate::test_support::shared("cases/label-cells") else { return };
    let text = preset(&look(&super::shared::load(&root)), "recordings", &Settings::default()).unwrap();
    let config = check(&text, &Settings::default());
    assert_eq!(config.dataset.tasks, ["drug", "partly", "score", "level"], "{text}");
    let kinds: Vec<_> = config.labels.iter().map(|label| label.task.class_names().join(" ")).collect();
    // By name: drug, level, partly, score.
    assert_eq!(kinds, ["0 1", "1 2 3", "A B", ""]);
    for remark in [
        "# \"partly\" has no value for 6 of 12 subjects, who are left out of it.",
        // Two classes each, as drug has them.
        "# Not learnt: \"answer\" says the same as \"drug\".",
        "# Not learnt: \"flag\" says the same as \"drug\".",
        "# Not learnt: \"same\" says \"A\" of all.",
        "# Not learnt: \"own_code\" has more than 10 different values that are no numbers.",
        "# Not learnt: \"once\" has fewer than two classes of 2 subjects each.",
    ] {
        assert!(text.contains(remark), "{remark}\n{text}");
    }
}

#[test]
fn the_ten_whose_sex_is_known_learn_it() {
    let Some(root) = crate::test_support::shared("cases/participants-cells") else { return };
    let text = preset(&look(&super::shared::load(&root)), "recordings", &Settings::default()).unwrap();
    assert_eq!(check(&text, &Settings::default()).dataset.tasks, ["gender", "age", "group", "score", "handedness"]);
    assert!(text.contains("# \"gender\" has no value for 1 of 11 subjects"), "{text}");
    assert!(text.contains("# Not learnt: \"site\" says \"A\" of all."), "{text}");
}

#[test]
fn sessions_are_no_task_and_take_no_other_away() {
    let rows: Vec<[&str; 2]> =
        (0..8).map(|row| if row % 2 == 0 { ["ses-1", "low"] } else { ["ses-2", "high"] }).collect();
    let rows: Vec<&[&str]> = rows.iter().map(|row| &row[..]).collect();
    let text = preset(&of("recordings", &["session_id", "mood"], &rows), "recordings", &Settings::default()).unwrap();
    assert_eq!(check(&text, &Settings::default()).dataset.tasks, ["mood"]);
    assert!(text.contains("8 recordings of 8 subjects, about"), "{text}");
}
