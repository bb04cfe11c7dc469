//! Runs that were stopped or killed and go on.

use futures_util::FutureExt;
use serde_json::Value;

use super::*;

const SCHEDULE: (&str, &str) = ("[training]", "[scheduler]\nname = \"linear\"\n[training]");

/// Makes the state what it was when it did not hold the model's weights yet, nor know so much.
fn make_older(folder: &MemoryStorage) {
    let (mut tensors, mut metadata) = read_checkpoint(folder, run_folder::LAST_OPTIMIZER);
    tensors.retain(|name, _| !name.starts_with("model."));
    let mut fields: serde_json::Map<String, Value> = serde_json::from_str(&metadata["run_state"]).unwrap();
    for name in [
        "identity",
        "obsolete",
        "batch_size",
        "train_samples",
        "is_end_due",
        "is_recorded",
        "latest_rate",
        "evaluated",
        "averaged_epoch",
    ] {
        fields.remove(name).unwrap();
    }
    metadata.insert("run_state".to_owned(), Value::Object(fields).to_string());
    write_checkpoint(folder, run_folder::LAST_OPTIMIZER, &tensors, &metadata);
}

/// A run of three epochs that was stopped when it had been asked so many times.
fn stopped(data: &MemoryStorage, polls: usize) -> MemoryStorage {
    let folder = MemoryStorage::default();
    let (summary, _) = run(&config(&[]), data, &folder, InitialWeights::Random, &mut StopAfter(polls));
    assert_eq!(summary.unwrap().ended, Ending::Stopped);
    folder
}

fn go_on(config: &RunConfig, data: &MemoryStorage, folder: &MemoryStorage) -> Result<Summary, TrainError> {
    run(config, data, folder, InitialWeights::Resumed, &mut Uninterrupted).0
}

fn recorded_epochs(folder: &MemoryStorage) -> Vec<usize> {
    history(folder).iter().map(|record| record.epoch).collect()
}

#[test]
fn a_resumed_run_is_the_run_that_was_never_stopped() {
    let data = dataset();
    for optimizer in ["adamw", "sgd"] {
        let text = format!("learning_rate = 0.01\nname = \"{optimizer}\"");
        let config = config(&[("learning_rate = 0.01", &text)]);
        let whole = finished(&config, &data).2;
        // In the middle of the second epoch.
        let folder = MemoryStorage::default();
        let (summary, _) = run(&config, &data, &folder, InitialWeights::Random, &mut StopAfter(9));
        assert_eq!(summary.unwrap().ended, Ending::Stopped);
        let (summary, events) = run(&config, &data, &folder, InitialWeights::Resumed, &mut Uninterrupted);
        assert_eq!(summary.unwrap().ended, Ending::Finished);
        assert!(matches!(&events[0], TrainEvent::Started(start) if start.resumed_at == 7));
        assert_eq!(history(&folder), history(&whole), "{optimizer}");
        let (again, _) = run(&config, &data, &folder, InitialWeights::Resumed, &mut Uninterrupted);
        assert!(matches!(again, Err(TrainError::AlreadyComplete { step: 15, .. })));
    }
}

#[test]
fn an_evaluation_that_was_stopped_is_done_when_the_run_goes_on() {
    let data = dataset();
    let by_steps = "epochs = 3\neval_strategy = \"steps\"\neval_steps = 4\ncheckpoint_strategy = \"steps\"\n\
                    checkpoint_steps = 4";
    let cases = [
        // Within the first epoch's, before the last epoch's, and where `max_steps` ends the run.
        ("epochs = 3", 6),
        ("epochs = 3", 19),
        ("epochs = 3\nmax_steps = 8", 10),
        // After the fourth update.
        (by_steps, 5),
    ];
    for (training, polls) in cases {
        let config = config(&[("epochs = 3", training), SCHEDULE]);
        let (expected, _, whole) = finished(&config, &data);
        let folder = MemoryStorage::default();
        let (summary, events) = run(&config, &data, &folder, InitialWeights::Random, &mut StopAfter(polls));
        assert_eq!(summary.unwrap().ended, Ending::Stopped, "{training}");
        let begun = events.iter().filter(|event| matches!(event, TrainEvent::Evaluating { .. })).count();
        assert_eq!(begun, evaluated_steps(&events).len() + 1, "{training}");
        assert_eq!(go_on(&config, &data, &folder).unwrap(), expected, "{training}");
        assert_eq!(history(&folder), history(&whole), "{training}");
        assert_eq!(files(&folder), files(&whole), "{training}");
    }
}

#[test]
fn an_epoch_that_is_gone_on_with_keeps_its_evaluation() {
    let data = dataset();
    let config = config(&[("epochs = 3", "epochs = 3\neval_strategy = \"steps\"\neval_steps = 3")]);
    let whole = finished(&config, &data).2;
    let folder = MemoryStorage::default();
    // After the fourth update, in the epoch of which the third was evaluated.
    let (summary, _) = run(&config, &data, &folder, InitialWeights::Random, &mut StopAfter(6));
    assert_eq!(summary.unwrap().global_step, 4);
    let (summary, events) = run(&config, &data, &folder, InitialWeights::Resumed, &mut Uninterrupted);
    summary.unwrap();
    assert_eq!(evaluated_steps(&events), [6, 9, 12, 15]);
    assert!(history(&whole)[0].val_loss.is_some());
    assert_eq!(history(&folder), history(&whole));
}

#[test]
fn an_epoch_that_was_cut_short_has_one_record_when_the_run_goes_on() {
    let data = dataset();
    let folder = MemoryStorage::default();
    let short = config(&[("epochs = 3", "epochs = 3\nmax_steps = 7")]);
    run(&short, &data, &folder, InitialWeights::Random, &mut Uninterrupted).0.unwrap();
    assert_eq!(history(&folder).len(), 2);
    go_on(&config(&[]), &data, &folder).unwrap();
    assert_eq!(history(&folder), history(&finished(&config(&[]), &data).2));
}

#[test]
fn an_evaluation_at_the_end_alone_is_not_that_of_an_epoch_which_goes_on() {
    let data = dataset();
    let with = |limit: &str| {
        let text = format!("epochs = 3\neval_strategy = \"steps\"\neval_steps = 4{limit}");
        config(&[("epochs = 3", &text)])
    };
    let folder = MemoryStorage::default();
    // The second epoch is evaluated after its third update, and after its fourth only because the run ends there.
    let (summary, events) = run(&with("\nmax_steps = 9"), &data, &folder, InitialWeights::Random, &mut Uninterrupted);
    assert_eq!(summary.unwrap().ended, Ending::MaxSteps);
    assert_eq!(evaluated_steps(&events), [4, 8, 9]);
    go_on(&with(""), &data, &folder).unwrap();
    assert_eq!(history(&folder), history(&finished(&with(""), &data).2));
}

#[test]
fn a_run_that_was_killed_goes_on_from_its_state_whatever_else_it_wrote() {
    let data = dataset();
    let whole = finished(&config(&[]), &data).2;
    let folder = stopped(&data, 9);
    let state = read(&folder, run_folder::LAST_OPTIMIZER);
    go_on(&config(&[]), &data, &folder).unwrap();
    // As if it had been killed before it wrote its state again.
    write(&folder, run_folder::LAST_OPTIMIZER, &state);
    go_on(&config(&[]), &data, &folder).unwrap();
    assert_eq!(history(&folder), history(&whole));
    assert_eq!(weights(&folder, run_folder::LAST), weights(&whole, run_folder::LAST));
}

#[test]
fn records_of_a_later_time_than_the_state_are_dropped() {
    let data = dataset();
    // At the start of the second epoch.
    let folder = stopped(&data, 7);
    let state = read(&folder, run_folder::LAST_OPTIMIZER);
    go_on(&config(&[]), &data, &folder).unwrap();
    assert_eq!(recorded_epochs(&folder), [1, 2, 3]);
    write(&folder, run_folder::LAST_OPTIMIZER, &state);
    run(&config(&[]), &data, &folder, InitialWeights::Resumed, &mut StopAfter(0)).0.unwrap();
    assert_eq!(recorded_epochs(&folder), [1]);
    go_on(&config(&[]), &data, &folder).unwrap();
    assert_eq!(recorded_epochs(&folder), [1, 2, 3]);
}

#[test]
fn a_state_of_older_versions_is_taken_if_the_weights_belong_to_it() {
    let data = dataset();
    let folder = stopped(&data, 9);
    make_older(&folder);
    let state = read(&folder, run_folder::LAST_OPTIMIZER);
    go_on(&config(&[]), &data, &folder).unwrap();
    assert_eq!(history(&folder), history(&finished(&config(&[]), &data).2));

    write(&folder, run_folder::LAST_OPTIMIZER, &state);
    let error = go_on(&config(&[]), &data, &folder).unwrap_err();
    assert!(matches!(&error, TrainError::NotResumable { path, .. } if path == run_folder::LAST), "{error}");
    let message = error.to_string();
    assert!(message.contains("after update 15") && message.contains("after update 7"), "{message}");
}

#[test]
fn other_batches_are_refused_within_an_epoch() {
    let data = dataset();
    // After the second batch of the second epoch.
    let folder = stopped(&data, 9);
    let refused = |config: &RunConfig, data: &MemoryStorage, expected: &str| {
        let error = go_on(config, data, &folder).unwrap_err();
        assert!(matches!(error, TrainError::NotResumable { .. }), "{error}");
        assert!(error.to_string().contains(expected), "{error}");
    };
    let larger = config(&[("batch_size = 5", "batch_size = 24")]);
    refused(&larger, &data, "epoch 2, in which it stopped, was begun with dataset.batch_size = 5, which is 24 now");
    refused(&config(&[]), &images(20, SIDE), "begun with 24 training samples; there are 20 now");

    make_older(&folder);
    refused(&larger, &data, "epoch 2, in which it stopped, had 2 batches done and has only 1 now");
}

#[test]
fn other_batches_are_taken_at_the_start_of_an_epoch() {
    let data = dataset();
    for (batch_size, updates) in [(24, 5 + 2), (3, 5 + 2 * 8)] {
        let folder = stopped(&data, 7);
        let text = format!("batch_size = {batch_size}");
        let config = config(&[("batch_size = 5", &text)]);
        let (summary, events) = run(&config, &data, &folder, InitialWeights::Resumed, &mut Uninterrupted);
        let summary = summary.unwrap();
        assert_eq!((summary.ended, summary.global_step), (Ending::Finished, updates));
        assert!(matches!(&events[0], TrainEvent::Started(start) if start.total_steps == updates));
        assert_eq!(recorded_epochs(&folder), [1, 2, 3]);
    }
}

#[test]
fn a_run_keeps_its_seed_and_says_so() {
    let data = dataset();
    let folder = stopped(&data, 2);
    let seed_of = |config: &str| serde_json::from_str::<Value>(config).unwrap()["training"]["seed"].clone();
    let other = config(&[("seed = 3", "seed = 4")]);
    for (config, polls, is_warned) in [(&other, 1, true), (&config(&[("seed = 3", "")]), usize::MAX, false)] {
        let (summary, events) = run(config, &data, &folder, InitialWeights::Resumed, &mut StopAfter(polls));
        summary.unwrap();
        let warning = "training.seed = 4 has no effect";
        let is_told =
            |event: &TrainEvent| matches!(event, TrainEvent::Warning { message } if message.contains(warning));
        assert_eq!(events.iter().any(is_told), is_warned);
        let resolved = String::from_utf8(read(&folder, run_folder::CONFIG_JSON)).unwrap();
        assert_eq!(seed_of(&resolved), 3);
        assert_eq!(seed_of(&read_checkpoint(&folder, run_folder::LAST).1["config"]), 3);
    }
    assert_eq!(history(&folder), history(&finished(&config(&[]), &data).2));
}

/// The checkpoints that the state on disk names, and the step of its best one.
fn known_to_the_state(folder: &MemoryStorage) -> (Vec<String>, usize) {
    let json = &read_checkpoint(folder, run_folder::LAST_OPTIMIZER).1["run_state"];
    let state: run_state::RunState = serde_json::from_str(json).unwrap();
    let ranked = state.top.iter().map(|checkpoint| checkpoint.path.clone());
    (ranked.chain(state.periodic).collect(), state.top[0].global_step)
}

#[test]
fn what_a_state_names_is_there_whenever_the_run_is_killed() {
    let data = dataset();
    let text = "epochs = 3\neval_strategy = \"steps\"\neval_steps = 1\ncheckpoint_total_limit = 1";
    let config = config(&[("epochs = 3", text)]);
    let whole = finished(&config, &data);
    let mut moved_on = 0;
    // Within the second epoch: its evaluations have moved on what is best, and the state is that of the first.
    for polls in (15..30).step_by(3) {
        let folder = MemoryStorage::default();
        let labels = labels(&config);
        let setup = setup(&config, &labels, &data, &folder, InitialWeights::Random);
        assert!(train(setup, &mut HangAfter(polls), &mut |_| {}).now_or_never().is_none());
        let (named, best) = known_to_the_state(&folder);
        for path in named {
            assert!(files(&folder).contains(&path), "{path} after {polls}");
        }
        moved_on += usize::from(read_checkpoint(&folder, run_folder::BEST).1[run_folder::STEP_KEY] != best.to_string());

        let (summary, events) = run(&config, &data, &folder, InitialWeights::Resumed, &mut StopAfter(0));
        let summary = summary.unwrap();
        assert!(!events.iter().any(|event| matches!(event, TrainEvent::Warning { .. })));
        let kept = read_checkpoint(&folder, &summary.best_checkpoint.unwrap()).1;
        assert_eq!(kept[run_folder::STEP_KEY], summary.best_global_step.unwrap().to_string());
        assert_eq!(go_on(&config, &data, &folder).unwrap(), whole.0);
        assert_eq!(history(&folder), history(&whole.2));
        assert_eq!(files(&folder), files(&whole.2));
    }
    assert!(moved_on > 0);
}

#[test]
fn a_checkpoint_that_is_gone_is_told_and_not_named_again() {
    let data = dataset();
    let folder = stopped(&data, 9);
    let (named, _) = known_to_the_state(&folder);
    let lost = read_checkpoint(&folder, &named[0]);
    block_on(folder.remove(&named[0])).unwrap();
    // Under its other name it is there still.
    run(&config(&[]), &data, &folder, InitialWeights::Resumed, &mut StopAfter(0)).0.unwrap();
    assert!(read_checkpoint(&folder, &named[0]) == lost);

    block_on(folder.remove(&named[0])).unwrap();
    block_on(folder.remove(run_folder::BEST)).unwrap();
    let (summary, events) = run(&config(&[]), &data, &folder, InitialWeights::Resumed, &mut StopAfter(0));
    let summary = summary.unwrap();
    assert!(summary.top_checkpoints.is_empty() && summary.best_checkpoint.is_none());
    let names_it = |event: &TrainEvent| matches!(event, TrainEvent::Warning { message } if message.contains(&named[0]));
    assert!(events.iter().any(names_it));
}

#[test]
fn what_is_best_is_on_disk_when_earlier_ones_were_removed() {
    let data = dataset();
    let text = "epochs = 3\nmax_best_checkpoints = 2";
    let folder = MemoryStorage::default();
    let begun = config(&[("epochs = 3", text)]);
    let before = run(&begun, &data, &folder, InitialWeights::Random, &mut Uninterrupted).0.unwrap();
    let [first, second] = before.top_checkpoints.as_slice() else { panic!("{before:?}") };
    for path in [run_folder::BEST, &first.path] {
        block_on(folder.remove(path)).unwrap();
    }
    // Later epochs learn nothing.
    let longer = config(&[("epochs = 3", "epochs = 4\nmax_best_checkpoints = 2"), ("= 0.01", "= 1e-12")]);
    let (summary, events) = run(&longer, &data, &folder, InitialWeights::Resumed, &mut Uninterrupted);
    let summary = summary.unwrap();
    assert_eq!(summary.best_checkpoint.as_deref(), Some(run_folder::BEST));
    let step = summary.best_global_step.unwrap();
    assert!(step != first.global_step && summary.best_metric.unwrap() >= second.metric, "{summary:?}");
    assert_eq!(read_checkpoint(&folder, run_folder::BEST).1[run_folder::STEP_KEY], step.to_string());
    let is_told =
        |event: &TrainEvent| matches!(event, TrainEvent::Warning { message } if message.contains("is the best now"));
    assert!(events.iter().any(is_told));
}

#[test]
fn the_best_checkpoint_is_that_of_the_best_score_or_none() {
    let data = dataset();
    let folder = MemoryStorage::default();
    // The first epoch is the best, and is not kept: later ones learn nothing.
    let unkept = config(&[("epochs = 3", "epochs = 1\ncheckpoint_strategy = \"none\"")]);
    run(&unkept, &data, &folder, InitialWeights::Random, &mut Uninterrupted).0.unwrap();
    let still = config(&[("learning_rate = 0.01", "learning_rate = 1e-12")]);
    let summary = go_on(&still, &data, &folder).unwrap();
    assert!(summary.best_global_step == Some(5) && summary.best_checkpoint.is_none(), "{summary:?}");
    assert!(files(&folder).contains(&run_folder::BEST.to_owned()), "the best of those that were kept");
}

#[test]
fn scores_of_another_measure_are_not_compared() {
    let data = dataset();
    let by = |monitor: &str| config(&[("seed = 3", &format!("seed = 3\nmonitor = \"{monitor}\""))]);
    let folder = MemoryStorage::default();
    let (summary, _) = run(&by("accuracy"), &data, &folder, InitialWeights::Random, &mut StopAfter(9));
    let before = summary.unwrap();
    assert!(before.best_score().unwrap().to_string().starts_with("mean of accuracy and R² "), "{before:?}");
    let (summary, events) = run(&by("loss"), &data, &folder, InitialWeights::Resumed, &mut Uninterrupted);
    let told = |event: &TrainEvent| matches!(event, TrainEvent::Warning { message } if message.contains("compared by loss now, and was by mean of"));
    assert_eq!(events.iter().filter(|event| told(event)).count(), 1);
    let summary = summary.unwrap();
    let lowest = history(&folder)[1..].iter().filter_map(|record| record.val_loss).fold(f64::INFINITY, f64::min);
    assert_eq!(summary.best_metric, Some(-lowest));
    assert!(summary.best_score().unwrap().to_string().starts_with("loss "));
}

/// Never answers again when it has been asked so many times before: the run is dropped there, as a kill drops it.
struct HangAfter(usize);

#[async_trait(?Send)]
impl Control for HangAfter {
    async fn poll(&mut self) -> Option<Command> {
        if self.0 == 0 {
            std::future::pending::<()>().await;
        }
        self.0 -= 1;
        None
    }

    async fn wait(&mut self) -> Command {
        Command::Stop
    }
}
