//! The loop against a task that can be learnt, made up in memory.

use async_trait::async_trait;
use burn::tensor::Device;
use pollster::block_on;

use super::{
    events::Evaluation,
    history::{Ending, EpochRecord},
    run_folder, *,
};
use crate::{
    config::RunConfig,
    labels::{LabelRegistry, LabelSpec},
    signal::Image,
    storage::{MemoryStorage, Storage},
};

const SIDE: usize = 16;

/// A preprocessed folder in which patients' images are brighter in the upper half, and women's in the left half.
fn dataset() -> MemoryStorage {
    let mut files = Vec::new();
    for (split, subjects) in [("train", 24), ("val", 8)] {
        let mut table = "file_name,split,gender,health,age\n".to_owned();
        for subject in 0..subjects {
            let (female, patient) = (subject % 2 == 0, subject / 2 % 2 == 0);
            let level = |row: usize, column: usize| {
                let texture = (row * 7 + column * 13 + subject * 29) % 60;
                let bright = usize::from(patient && row < SIDE / 2) + usize::from(female && column < SIDE / 2);
                (60 + texture + 60 * bright) as u8
            };
            let pixels = (0..SIDE * SIDE).map(|pixel| level(pixel / SIDE, pixel % SIDE)).collect();
            let image = Image { width: SIDE, height: SIDE, channels: 1, pixels };
            let path = format!("{split}/{subject}.png");
            let (gender, health) = (if female { "F" } else { "M" }, if patient { "PD" } else { "H" });
            table += &format!("{path},{split},{gender},{health},{}\n", 20 + subject);
            files.push((path, image.encode_png().unwrap()));
        }
        files.push((format!("{split}-metadata.csv"), table.into_bytes()));
    }
    MemoryStorage::with_files(files)
}

const CONFIG: &str = r#"
[dataset]
name = "demo"
tasks = ["gender", "health", "age"]
batch_size = 5

[model]
backbone = "cnn_light"
input_channels = 1
embedding_dim = 16
dropout = 0.1
depth = 2
layer_repeats = 1

[optimizer]
learning_rate = 0.01

[training]
epochs = 3
log_every_batches = 1
seed = 3
[training.task_weights]
gender = 1.0
health = 1.0
age = 0.01
"#;

fn config(changes: &[(&str, &str)]) -> RunConfig {
    let mut text = CONFIG.to_owned();
    for (old, new) in changes {
        assert!(text.contains(old), "{old}");
        text = text.replacen(old, new, 1);
    }
    RunConfig::parse(&text, "test.toml").unwrap().0
}

fn labels(config: &RunConfig) -> Vec<LabelSpec> {
    let registry = LabelRegistry::for_dataset("demo").unwrap();
    config.dataset.tasks.iter().map(|task| registry.get(task).unwrap().clone()).collect()
}

fn run(
    config: &RunConfig,
    data: &MemoryStorage,
    folder: &MemoryStorage,
    beginning: Beginning,
    control: &mut dyn Control,
) -> (Result<Summary, TrainError>, Vec<TrainEvent>) {
    let mut events = Vec::new();
    let setup = Setup {
        config,
        config_text: CONFIG,
        labels: &labels(config),
        data,
        run: folder,
        run_dir: "runs/test".to_owned(),
        device: Device::flex(),
        seed: config.training.seed.unwrap(),
        beginning,
    };
    let result = block_on(train(setup, control, &mut |event| events.push(event)));
    (result, events)
}

fn finished(config: &RunConfig, data: &MemoryStorage) -> (Summary, Vec<TrainEvent>, MemoryStorage) {
    let folder = MemoryStorage::default();
    let (summary, events) = run(config, data, &folder, Beginning::Fresh, &mut Uninterrupted);
    (summary.unwrap(), events, folder)
}

fn files(folder: &MemoryStorage) -> Vec<String> {
    block_on(folder.list("")).unwrap().into_iter().map(|entry| entry.path).collect()
}

fn read(folder: &MemoryStorage, path: &str) -> Vec<u8> {
    block_on(folder.read(path)).unwrap()
}

fn history(folder: &MemoryStorage) -> Vec<EpochRecord> {
    serde_json::from_slice(&read(folder, run_folder::HISTORY)).unwrap()
}

/// Stops after so many batches.
struct StopAfter(usize);

#[async_trait(?Send)]
impl Control for StopAfter {
    async fn poll(&mut self) -> Option<Command> {
        if self.0 == 0 {
            return Some(Command::Stop);
        }
        self.0 -= 1;
        None
    }

    async fn wait(&mut self) -> Command {
        Command::Stop
    }
}

/// Plays commands back: `polls[i]` at the i-th poll, `waits` while paused.
struct Script {
    polls: Vec<Option<Command>>,
    waits: Vec<Command>,
}

#[async_trait(?Send)]
impl Control for Script {
    async fn poll(&mut self) -> Option<Command> {
        if self.polls.is_empty() { None } else { self.polls.remove(0) }
    }

    async fn wait(&mut self) -> Command {
        self.waits.remove(0)
    }
}

#[test]
fn the_task_is_learnt_and_the_folder_is_complete() {
    let config = config(&[("epochs = 3", "epochs = 25")]);
    let (summary, events, folder) = finished(&config, &dataset());
    let last = history(&folder).pop().unwrap();
    assert!(last.val_accuracy.as_ref().unwrap()["health"] > 0.9, "{last:?}");
    assert!(last.val_accuracy.as_ref().unwrap()["gender"] > 0.9, "{last:?}");
    assert!(last.val_mae.unwrap().contains_key("age"));
    assert_eq!(history(&folder).len(), 25);
    assert_eq!((summary.ended, summary.global_step), (Ending::Finished, 25 * 5));
    assert_eq!(summary.best_checkpoint.as_deref(), Some(run_folder::BEST));
    let files = files(&folder);
    for file in [run_folder::CONFIG_JSON, run_folder::HISTORY, run_folder::SUMMARY, run_folder::LAST, run_folder::BEST]
    {
        assert!(files.iter().any(|path| path == file), "{file}");
    }
    assert!(files.contains(&"checkpoints/epoch-025.safetensors".to_owned()));
    assert_eq!(files.iter().filter(|path| path.contains("best-epoch")).count(), 1);
    assert!(matches!(events.last(), Some(TrainEvent::Done(done)) if *done == summary));
    assert_eq!(events.iter().filter(|event| matches!(event, TrainEvent::Step(_))).count(), 125);
}

#[test]
fn a_seed_repeats_a_run_to_the_bit() {
    let data = dataset();
    let history = |config: &RunConfig| read(&finished(config, &data).2, run_folder::HISTORY);
    assert_eq!(history(&config(&[])), history(&config(&[])));
    assert_ne!(history(&config(&[])), history(&config(&[("seed = 3", "seed = 4")])));
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
        let (summary, _) = run(&config, &data, &folder, Beginning::Fresh, &mut StopAfter(7));
        assert_eq!(summary.unwrap().ended, Ending::Stopped);
        let (summary, events) = run(&config, &data, &folder, Beginning::Resume, &mut Uninterrupted);
        assert_eq!(summary.unwrap().ended, Ending::Finished);
        assert!(matches!(&events[0], TrainEvent::Started(start) if start.resumed_at == 7));
        assert_eq!(history(&folder), history(&whole), "{optimizer}");
        let (again, _) = run(&config, &data, &folder, Beginning::Resume, &mut Uninterrupted);
        assert!(matches!(again, Err(TrainError::AlreadyComplete { step: 15 })));
    }
}

#[test]
fn an_epoch_that_was_cut_short_has_one_record_when_the_run_goes_on() {
    let data = dataset();
    let folder = MemoryStorage::default();
    let short = config(&[("epochs = 3", "epochs = 3\nmax_steps = 7")]);
    run(&short, &data, &folder, Beginning::Fresh, &mut Uninterrupted).0.unwrap();
    assert_eq!(history(&folder).len(), 2);
    run(&config(&[]), &data, &folder, Beginning::Resume, &mut Uninterrupted).0.unwrap();
    assert_eq!(history(&folder), history(&finished(&config(&[]), &data).2));
}

#[test]
fn commands_are_obeyed_between_batches() {
    let config = config(&[("epochs = 3", "epochs = 1")]);
    let folder = MemoryStorage::default();
    let mut script = Script {
        polls: vec![None, Some(Command::Pause)],
        waits: vec![Command::StepOnce, Command::Checkpoint, Command::Resume],
    };
    let (summary, events) = run(&config, &dataset(), &folder, Beginning::Fresh, &mut script);
    assert_eq!(summary.unwrap().ended, Ending::Finished);
    let told: Vec<String> = events
        .iter()
        .filter_map(|event| match event {
            TrainEvent::Batch(position) => Some(format!("batch {}", position.batch)),
            TrainEvent::Paused(position) => Some(format!("paused {}", position.batch)),
            TrainEvent::Resumed(position) => Some(format!("resumed {}", position.batch)),
            TrainEvent::Checkpoint { path, position } if path == run_folder::LAST => {
                Some(format!("last {}", position.step))
            }
            _ => None,
        })
        .collect();
    let expected = ["batch 1", "paused 1", "batch 2", "last 2", "resumed 2", "batch 3", "batch 4", "batch 5"];
    assert_eq!(told[..8], expected);
}

#[test]
fn steps_decide_about_evaluation_checkpoints_and_the_end() {
    let config = config(&[(
        "epochs = 3",
        "epochs = 3\nmax_steps = 8\neval_strategy = \"steps\"\neval_steps = 3\ncheckpoint_strategy = \"steps\"\n\
         checkpoint_steps = 2\ncheckpoint_total_limit = 2\nmax_best_checkpoints = 2",
    )]);
    let (summary, events, folder) = finished(&config, &dataset());
    assert_eq!((summary.ended, summary.global_step), (Ending::MaxSteps, 8));
    let evaluated: Vec<usize> = events
        .iter()
        .filter_map(|event| match event {
            TrainEvent::Evaluated(evaluation) => Some(evaluation.position.step),
            _ => None,
        })
        .collect();
    assert_eq!(evaluated, [3, 6, 8], "every third update, and the last");
    let steps: Vec<String> = files(&folder).into_iter().filter(|path| path.contains("/step-")).collect();
    assert_eq!(steps, ["checkpoints/step-00000006.safetensors", "checkpoints/step-00000008.safetensors"]);
    assert_eq!(summary.top_checkpoints.len(), 2);
    assert!(summary.top_checkpoints[0].metric >= summary.top_checkpoints[1].metric);
    assert_eq!(files(&folder).iter().filter(|path| path.contains("best-epoch")).count(), 2);
    assert_eq!(history(&folder).len(), 2, "the epoch cut short has a record, too");
}

#[test]
fn no_evaluation_and_no_checkpoints_leave_the_last_weights_only() {
    let config = config(&[("epochs = 3", "epochs = 2\neval_strategy = \"none\"\ncheckpoint_strategy = \"none\"")]);
    let (summary, _, folder) = finished(&config, &dataset());
    assert_eq!((summary.best_checkpoint, summary.best_metric), (None, None));
    assert_eq!(history(&folder)[1].val_loss, None);
    let checkpoints: Vec<String> = files(&folder).into_iter().filter(|path| path.starts_with("checkpoints/")).collect();
    assert_eq!(checkpoints, [run_folder::LAST_OPTIMIZER, run_folder::LAST]);
}

#[test]
fn patience_ends_a_run_that_no_longer_improves() {
    let config = config(&[
        ("epochs = 3", "epochs = 40\nearly_stopping = true\nearly_stopping_patience = 2"),
        ("learning_rate = 0.01", "learning_rate = 1e-12"),
    ]);
    let (summary, _, folder) = finished(&config, &dataset());
    assert_eq!(summary.ended, Ending::EarlyStopping);
    assert_eq!(history(&folder).len(), 3, "one that is best, two that are not better");
}

#[test]
fn a_loss_that_is_not_finite_ends_the_run_and_keeps_the_last_good_weights() {
    let config = config(&[("learning_rate = 0.01", "learning_rate = 1e30"), ("epochs = 3", "epochs = 9")]);
    let folder = MemoryStorage::default();
    let gentle = self::config(&[("epochs = 3", "epochs = 1")]);
    run(&gentle, &dataset(), &folder, Beginning::Fresh, &mut Uninterrupted).0.unwrap();
    let good = read(&folder, run_folder::LAST);
    let (result, _) = run(&config, &dataset(), &folder, Beginning::Resume, &mut Uninterrupted);
    let error = result.unwrap_err();
    assert!(
        matches!(&error, TrainError::NotFinite { last_good: Some(path), .. } if path == run_folder::LAST),
        "{error}"
    );
    assert!(error.to_string().contains("lower optimizer.learning_rate"), "{error}");
    assert_eq!(read(&folder, run_folder::LAST), good);
}

#[test]
fn weights_are_averaged_after_the_base_epochs() {
    let config = config(&[("epochs = 3", "epochs = 3\nswa_enabled = true\nswa_extra_ratio = 0.7\nswa_lr_frac = 0.5")]);
    let data = dataset();
    let (summary, _, folder) = finished(&config, &data);
    assert_eq!(summary.swa_checkpoint.as_deref(), Some(run_folder::SWA));
    let history = history(&folder);
    assert_eq!(history.len(), 5, "three base epochs and two more");
    assert!((history[4].lr - 0.005).abs() < 1e-12, "{}", history[4].lr);
    let read = |path: &str| crate::model::checkpoint::decode(&read(&folder, path)).unwrap().0;
    let [fourth, fifth, mean] =
        ["checkpoints/epoch-004.safetensors", "checkpoints/epoch-005.safetensors", run_folder::SWA]
            .map(|path| read(path)["heads.health.net.2.bias"].data[0]);
    assert!((mean - (fourth + fifth) / 2.0).abs() < 1e-6);
}

#[test]
fn weights_of_another_model_are_refused_by_name() {
    let data = dataset();
    let folder = finished(&config(&[]), &data).2;
    let (weights, _) = crate::model::checkpoint::decode(&read(&folder, run_folder::LAST)).unwrap();
    let wider = config(&[("embedding_dim = 16", "embedding_dim = 32")]);
    let (result, _) =
        run(&wider, &data, &MemoryStorage::default(), Beginning::Weights(weights.clone()), &mut Uninterrupted);
    let message = result.unwrap_err().to_string();
    assert!(message.contains("the weights belong to another model: of another shape: backbone."), "{message}");
    let (result, _) =
        run(&config(&[]), &data, &MemoryStorage::default(), Beginning::Weights(weights), &mut Uninterrupted);
    result.unwrap();
}

#[test]
fn standardised_targets_are_reported_in_years() {
    let data = dataset();
    let config = config(&[("seed = 3", "seed = 3\nstandardize_regression = true"), ("age = 0.01", "age = 1.0")]);
    let (_, _, folder) = finished(&config, &data);
    let record = history(&folder).pop().unwrap();
    // Ages 20 to 43: whoever predicts about the mean is off by some six years.
    assert!((1.0..15.0).contains(&record.train_mae["age"]), "{record:?}");
    assert!(record.train_losses["age"] < 2.0, "the loss is of standardised targets: {record:?}");
}

#[test]
fn an_evaluation_agrees_with_itself_sample_by_sample() {
    let config = config(&[("seed = 3", "seed = 3\nstandardize_regression = true")]);
    let (_, events, _) = finished(&config, &dataset());
    let evaluations: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            TrainEvent::Evaluated(evaluation) => Some(evaluation),
            _ => None,
        })
        .collect();
    assert_eq!(evaluations.len(), 3);
    for Evaluation { metrics, regressions, hardest, .. } in evaluations {
        // The split has 8 samples, fewer than are told of a large one.
        assert_eq!(hardest.len(), 8);
        assert!(hardest.windows(2).all(|pair| pair[0].loss >= pair[1].loss), "{hardest:?}");
        let right = hardest.iter().filter(|sample| sample.verdicts[1].is_right == Some(true)).count();
        assert_eq!(right as f64 / 8.0, metrics.accuracy()["health"]);
        let points = &regressions[0].points;
        assert_eq!(points.iter().map(|point| point[0]).sum::<f32>(), (20..28).sum::<i32>() as f32);
        let mae = points.iter().map(|[truth, predicted]| f64::from((truth - predicted).abs())).sum::<f64>() / 8.0;
        assert!((mae - metrics.mae()["age"]).abs() < 1e-3, "{mae} {metrics:?}");
    }
}

#[test]
fn images_for_a_backbone_of_signals_are_refused_before_anything_is_written() {
    let config = config(&[
        ("backbone = \"cnn_light\"", "backbone = \"cnn_1d\""),
        ("[dataset]", "[data]\ndata_type = \"timeseries\"\n[dataset]"),
    ]);
    let folder = MemoryStorage::default();
    let (result, _) = run(&config, &dataset(), &folder, Beginning::Fresh, &mut Uninterrupted);
    assert!(result.unwrap_err().to_string().contains("data_type must be timeseries"));
    assert!(files(&folder).is_empty());
}
