//! Runs that go on only with what they were begun with.

use serde_json::{Value, json};

use super::*;
use crate::{
    datasets::PREPROCESSING_FILE,
    fingerprint::Fingerprint,
    labels::TaskKind,
    training::{
        identity::{IDENTITY_KEY, IDENTITY_SCHEMA, Identity},
        run_state::RunState,
    },
};

/// After the first epoch, where other batches would do.
fn stopped(config: &RunConfig, data: &MemoryStorage) -> MemoryStorage {
    let folder = MemoryStorage::default();
    let (summary, _) = run(config, data, &folder, InitialWeights::Random, &mut StopAfter(7));
    assert_eq!(summary.unwrap().ended, Ending::Stopped);
    folder
}

fn refusal(config: &RunConfig, data: &MemoryStorage, folder: &MemoryStorage) -> String {
    let before = files(folder).iter().map(|path| read(folder, path)).collect::<Vec<_>>();
    let (result, events) = run(config, data, folder, InitialWeights::Resumed, &mut Uninterrupted);
    assert!(events.is_empty());
    assert_eq!(files(folder).iter().map(|path| read(folder, path)).collect::<Vec<_>>(), before);
    let error = result.unwrap_err();
    assert!(matches!(error, TrainError::NotResumable { .. }), "{error}");
    error.to_string()
}

/// Changes what the state file says of the run.
fn change_state(folder: &MemoryStorage, change: impl FnOnce(&mut Value)) {
    let (tensors, mut metadata) = read_checkpoint(folder, run_folder::LAST_OPTIMIZER);
    let mut state: Value = serde_json::from_str(&metadata["run_state"]).unwrap();
    change(&mut state);
    metadata.insert("run_state".to_owned(), state.to_string());
    write_checkpoint(folder, run_folder::LAST_OPTIMIZER, &tensors, &metadata);
}

fn state(folder: &MemoryStorage) -> RunState {
    serde_json::from_str(&read_checkpoint(folder, run_folder::LAST_OPTIMIZER).1["run_state"]).unwrap()
}

/// The dataset with the cells of a split's table replaced.
fn with_table(split: &str, old: &str, new: &str) -> MemoryStorage {
    let data = dataset();
    let path = format!("{split}-metadata.csv");
    let table = String::from_utf8(read(&data, &path)).unwrap();
    assert!(table.contains(old));
    write(&data, &path, table.replacen(old, new, 1).as_bytes());
    data
}

#[test]
fn another_config_of_what_was_learnt_is_refused_in_words() {
    let folder = stopped(&config(&[]), &dataset());
    let cases = [
        (("learning_rate = 0.01", "learning_rate = 0.01\nname = \"sgd\""), "optimizer.name was adamw and is sgd now"),
        (("seed = 3", "seed = 3\nstandardize_regression = true"), "training.standardize_regression was false"),
        (("depth = 2", "depth = 2\nactivation = \"relu\""), "model.activation was \"gelu\" and is \"relu\" now"),
        (
            ("[\"gender\", \"health\", \"age\"]", "[\"health\", \"gender\", \"age\"]"),
            "dataset.tasks was gender, health, age",
        ),
    ];
    for (change, expected) in cases {
        let message = refusal(&config(&[change]), &dataset(), &folder);
        assert!(message.contains(expected), "{message}");
    }
    // What may change in a run may.
    let (result, _) = run(
        &config(&[("dropout = 0.1", "dropout = 0.2")]),
        &dataset(),
        &folder,
        InitialWeights::Resumed,
        &mut Uninterrupted,
    );
    result.unwrap();
}

#[test]
fn other_data_are_refused_in_words() {
    let folder = stopped(&config(&[]), &dataset());
    let exchanged = with_table("train", "train/0.png,train", "val/0.png,train");
    let relabelled = with_table("val", "val/0.png,val,F", "val/0.png,val,M");
    let larger = images(26, SIDE);
    for (data, expected) in [
        (&exchanged, "the split `train` holds other samples, subjects or labels"),
        (&relabelled, "the split `val` holds other samples, subjects or labels"),
        (&larger, "the split `train` had 24 samples and has 26 now"),
    ] {
        let message = refusal(&config(&[]), data, &folder);
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn samples_made_in_another_way_are_refused_in_words() {
    let made = |window: usize| {
        let data = dataset();
        let fingerprint = Fingerprint::new("preprocess demo", 1, &json!({ "window_length": window }));
        let report = json!({ "complete": true, "dataset": "demo", "fingerprint": fingerprint });
        write(&data, PREPROCESSING_FILE, report.to_string().as_bytes());
        data
    };
    let folder = stopped(&config(&[]), &made(1024));
    let message = refusal(&config(&[]), &made(2048), &folder);
    assert!(message.contains("of its data, `window_length` was 1024 and is 2048 now"), "{message}");
    run(&config(&[]), &made(1024), &folder, InitialWeights::Resumed, &mut Uninterrupted).0.unwrap();
}

#[test]
fn classes_in_another_order_are_refused_in_words() {
    let (config, data) = (config(&[]), dataset());
    let folder = stopped(&config, &data);
    let mut turned = labels(&config);
    let TaskKind::Classification { classes } = &mut turned[1].task.kind else { panic!() };
    classes.reverse();
    let mut events = Vec::new();
    let setup = setup(&config, &turned, &data, &folder, InitialWeights::Resumed);
    let error = block_on(train(setup, &mut Uninterrupted, &mut |event| events.push(event))).unwrap_err();
    let message = error.to_string();
    assert!(message.contains("the task `health` was to tell ") && events.is_empty(), "{message}");
}

#[test]
fn targets_go_on_being_scaled_as_they_were() {
    let standardized = config(&[("seed = 3", "seed = 3\nstandardize_regression = true")]);
    let data = dataset();
    let folder = stopped(&standardized, &data);
    let kept = json!({ "mean": 30.0, "std": 4.0 });
    change_state(&folder, |state| state["identity"]["scales"][2] = kept.clone());
    run(&standardized, &data, &folder, InitialWeights::Resumed, &mut Uninterrupted).0.unwrap();
    let scales: Value = serde_json::from_str(&read_checkpoint(&folder, run_folder::LAST).1[SCALES_KEY]).unwrap();
    assert_eq!(scales[2], kept);
}

#[test]
fn a_run_of_an_older_version_is_known_by_its_checkpoint_and_from_then_on_by_its_state() {
    let (config, data) = (config(&[]), dataset());
    let folder = stopped(&config, &data);
    let whole = state(&folder).identity.unwrap();
    change_state(&folder, |state| drop(state.as_object_mut().unwrap().remove("identity")));
    let (weights, mut metadata) = read_checkpoint(&folder, run_folder::LAST);
    metadata.remove(IDENTITY_KEY).unwrap();
    write_checkpoint(&folder, run_folder::LAST, &weights, &metadata);
    let sgd = self::config(&[("learning_rate = 0.01", "learning_rate = 0.01\nname = \"sgd\"")]);
    assert!(refusal(&sgd, &data, &folder).contains("optimizer.name was adamw"));
    run(&config, &data, &folder, InitialWeights::Resumed, &mut StopAfter(0)).0.unwrap();
    assert_eq!(state(&folder).identity.unwrap(), whole);
}

#[test]
fn a_state_of_a_newer_version_is_refused() {
    let (config, data) = (config(&[]), dataset());
    let folder = stopped(&config, &data);
    change_state(&folder, |state| state["identity"]["schema"] = (IDENTITY_SCHEMA + 1).into());
    assert!(refusal(&config, &data, &folder).contains("a newer version of this program wrote it"));
}

#[test]
fn a_validation_split_that_is_left_out_for_a_while_is_still_known() {
    let data = dataset();
    let folder = stopped(&config(&[]), &data);
    let without = config(&[("epochs = 3", "epochs = 3\neval_strategy = \"none\"")]);
    run(&without, &data, &folder, InitialWeights::Resumed, &mut StopAfter(2)).0.unwrap();
    assert!(state(&folder).identity.unwrap().val.is_some());
}

#[test]
fn a_checkpoint_says_what_it_was_trained_on() {
    let folder = stopped(&config(&[]), &dataset());
    let known = Identity::of_checkpoint(&read_checkpoint(&folder, run_folder::LAST).1).unwrap();
    assert_eq!(Some(&known), state(&folder).identity.as_ref());
    assert_eq!(known.train.as_ref().map(|train| (train.split.as_str(), train.samples)), Some(("train", 24)));
    assert!(known.val.is_some());
}
