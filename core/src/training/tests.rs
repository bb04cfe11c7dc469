//! The loop against a task that can be learnt, made up in memory.

mod accumulation;
mod augmentation;
mod averaging;
mod baselines;
mod chance;
mod evaluation;
mod failures;
mod fine_tuning;
mod identity;
mod interrupted;
mod killed;
mod moving_average;
mod predicting;
mod published;
mod resuming;
mod testing;

use async_trait::async_trait;
use burn::tensor::Device;
use pollster::block_on;

use super::{
    events::Position,
    history::{Ending, EpochRecord},
    run_folder, *,
};
use crate::{
    config::RunConfig,
    datasets::labels_of,
    labels::LabelSpec,
    model::{
        checkpoint::{self, Metadata},
        parameters::Weights,
    },
    signal::{Image, encode_npy},
    storage::{MemoryStorage, Storage},
};

const SIDE: usize = 16;
const SAMPLES: usize = 64;

/// A preprocessed folder with so many samples in each split. A sample's file is made from its split and its subject,
/// and from whether that is a woman and a patient.
fn preprocessed(
    splits: [(&str, usize); 2],
    ending: &str,
    file: impl Fn(&str, usize, bool, bool) -> Vec<u8>,
) -> MemoryStorage {
    let mut files = Vec::new();
    for (split, subjects) in splits {
        let mut table = "file_name,split,gender,health,age,subject\n".to_owned();
        for subject in 0..subjects {
            let (female, patient) = (subject % 2 == 0, subject / 2 % 2 == 0);
            let path = format!("{split}/{subject}.{ending}");
            let (gender, health) = (if female { "F" } else { "M" }, if patient { "PD" } else { "H" });
            table += &format!("{path},{split},{gender},{health},{},{split}{subject}\n", 20 + subject);
            files.push((path, file(split, subject, female, patient)));
        }
        files.push((format!("{split}-metadata.csv"), table.into_bytes()));
    }
    MemoryStorage::with_files(files)
}

/// A folder in which patients' images are brighter in the upper half, and women's in the left half.
fn dataset() -> MemoryStorage {
    images(24, SIDE)
}

/// The same with so many training samples, and validation images of this size.
fn images(train_samples: usize, val_side: usize) -> MemoryStorage {
    preprocessed([("train", train_samples), ("val", 8)], "png", |split, subject, female, patient| {
        let side = if split == "val" { val_side } else { SIDE };
        let level = |row: usize, column: usize| {
            let texture = (row * 7 + column * 13 + subject * 29) % 60;
            let bright = usize::from(patient && row < side / 2) + usize::from(female && column < side / 2);
            (60 + texture + 60 * bright) as u8
        };
        let pixels = (0..side * side).map(|pixel| level(pixel / side, pixel % side)).collect();
        Image { width: side, height: side, channels: 1, pixels }.encode_png().unwrap()
    })
}

/// A folder in which patients' windows swing further, and women's lie higher; those of the validation split are
/// multiplied by a factor.
fn windows(val_factor: f32) -> MemoryStorage {
    preprocessed([("train", 24), ("val", 8)], "npy", |split, subject, female, patient| {
        let factor = if split == "val" { val_factor } else { 1.0 };
        let (level, swing) = (if female { 1.0 } else { -1.0 }, if patient { 2.0 } else { 0.5 });
        let value = |sample: usize| factor * (level + swing * ((sample * (subject + 7)) as f32).sin());
        encode_npy(1, SAMPLES, &(0..SAMPLES).map(value).collect::<Vec<_>>()).unwrap()
    })
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
baselines = ["majority"]
[training.task_weights]
gender = 1.0
health = 1.0
age = 0.01
"#;

/// What a config over [`windows`] has instead.
const OF_WINDOWS: [(&str, &str); 2] = [
    ("backbone = \"cnn_light\"", "backbone = \"cnn_1d\""),
    ("[dataset]", "[data]\ndata_type = \"timeseries\"\n[dataset]"),
];

fn config(changes: &[(&str, &str)]) -> RunConfig {
    let mut text = CONFIG.to_owned();
    for (old, new) in changes {
        assert!(text.contains(old), "{old}");
        text = text.replacen(old, new, 1);
    }
    RunConfig::parse(&text, "test.toml").unwrap().0
}

fn labels(config: &RunConfig) -> Vec<LabelSpec> {
    let registry = labels_of("demo").unwrap();
    config.dataset.tasks.iter().map(|task| registry.get(task).unwrap().clone()).collect()
}

fn setup<'a>(
    config: &'a RunConfig,
    labels: &'a [LabelSpec],
    data: &'a MemoryStorage,
    folder: &'a MemoryStorage,
    initial_weights: InitialWeights,
) -> Setup<'a> {
    Setup {
        config,
        config_text: CONFIG,
        labels,
        data,
        run: folder,
        run_dir: "runs/test".to_owned(),
        device: Device::flex(),
        seed: config.training.seed.unwrap_or_default(),
        initial_weights,
    }
}

fn run(
    config: &RunConfig,
    data: &MemoryStorage,
    folder: &MemoryStorage,
    initial_weights: InitialWeights,
    control: &mut dyn Control,
) -> (Result<Summary, TrainError>, Vec<TrainEvent>) {
    let mut events = Vec::new();
    let labels = labels(config);
    let setup = setup(config, &labels, data, folder, initial_weights);
    let result = block_on(train(setup, control, &mut |event| events.push(event)));
    (result, events)
}

fn finished(config: &RunConfig, data: &MemoryStorage) -> (Summary, Vec<TrainEvent>, MemoryStorage) {
    let folder = MemoryStorage::default();
    let (summary, events) = run(config, data, &folder, InitialWeights::Random, &mut Uninterrupted);
    (summary.unwrap(), events, folder)
}

fn files(folder: &MemoryStorage) -> Vec<String> {
    block_on(folder.list("")).unwrap().into_iter().map(|entry| entry.path).collect()
}

fn read(folder: &MemoryStorage, path: &str) -> Vec<u8> {
    block_on(folder.read(path)).unwrap()
}

fn write(folder: &MemoryStorage, path: &str, bytes: &[u8]) {
    block_on(folder.write(path, bytes)).unwrap();
}

/// The weights and the metadata of a checkpoint.
fn read_checkpoint(folder: &MemoryStorage, path: &str) -> (Weights, Metadata) {
    block_on(checkpoint::read(folder, path)).unwrap()
}

/// Writes a checkpoint that was read and changed.
fn write_checkpoint(folder: &MemoryStorage, path: &str, weights: &Weights, metadata: &Metadata) {
    block_on(checkpoint::write(folder, path, checkpoint::sources_of(weights), metadata, 0)).unwrap();
}

fn weights(folder: &MemoryStorage, path: &str) -> Weights {
    read_checkpoint(folder, path).0
}

/// The updates after which a run was evaluated.
fn evaluated_steps(events: &[TrainEvent]) -> Vec<usize> {
    let evaluated = events.iter().filter_map(|event| match event {
        TrainEvent::Evaluated(evaluation) => Some(evaluation.position.step),
        _ => None,
    });
    evaluated.collect()
}

fn history(folder: &MemoryStorage) -> Vec<EpochRecord> {
    serde_json::from_slice(&read(folder, run_folder::HISTORY)).unwrap()
}

/// Stops when it has been asked so many times before: once a batch, those of evaluations included. An epoch here has
/// five batches, and its evaluation two.
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
    assert!(last.val(&metrics::ACCURACY).unwrap()["health"] > 0.9, "{last:?}");
    assert!(last.val(&metrics::ACCURACY).unwrap()["gender"] > 0.9, "{last:?}");
    assert!(last.val(&metrics::MAE).unwrap().contains_key("age"));
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
fn commands_are_obeyed_between_batches() {
    let config = config(&[("epochs = 3", "epochs = 1")]);
    let folder = MemoryStorage::default();
    let mut script = Script {
        polls: vec![None, Some(Command::Pause)],
        waits: vec![Command::StepOnce, Command::Checkpoint, Command::Resume],
    };
    let (summary, events) = run(&config, &dataset(), &folder, InitialWeights::Random, &mut script);
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
    let expected =
        ["batch 1", "paused 1", "batch 2", "paused 2", "last 2", "resumed 2", "batch 3", "batch 4", "batch 5"];
    assert_eq!(told[..9], expected);
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
    assert_eq!(evaluated_steps(&events), [3, 6, 8], "every third update, and the last");
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
fn checkpoints_name_the_epoch_that_their_weights_come_from() {
    let (_, events, folder) = finished(&config(&[("epochs = 3", "epochs = 2")]), &dataset());
    let told: Vec<(&str, Position)> = events
        .iter()
        .filter_map(|event| match event {
            TrainEvent::Checkpoint { path, position } => Some((path.as_str(), *position)),
            _ => None,
        })
        .collect();
    for (path, epoch) in [("checkpoints/epoch-001.safetensors", 1), (run_folder::LAST, 2)] {
        assert_eq!(read_checkpoint(&folder, path).1["epoch"], epoch.to_string(), "{path}");
        let position = Position { epoch, batch: 5, step: 5 * epoch };
        assert!(told.contains(&(path, position)), "{told:?}");
    }
}

#[test]
fn a_plan_longer_than_can_be_counted_is_as_long_as_can_be_counted() {
    let mut config = config(&[("epochs = 3", "epochs = 3\nswa_enabled = true")]);
    config.training.epochs = usize::MAX;
    let (summary, events) =
        run(&config, &dataset(), &MemoryStorage::default(), InitialWeights::Random, &mut StopAfter(0));
    assert_eq!(summary.unwrap().ended, Ending::Stopped);
    assert!(matches!(&events[0], TrainEvent::Started(start) if start.total_steps == usize::MAX), "{:?}", events[0]);
}

#[test]
fn a_pause_within_an_evaluation_waits_and_one_step_is_an_update_all_the_same() {
    let mut polls = vec![None; 5];
    polls.push(Some(Command::Pause));
    let mut script = Script { polls, waits: vec![Command::StepOnce, Command::Stop] };
    let (summary, events) =
        run(&config(&[]), &dataset(), &MemoryStorage::default(), InitialWeights::Random, &mut script);
    let summary = summary.unwrap();
    assert_eq!((summary.ended, summary.global_step), (Ending::Stopped, 6));
    let told: Vec<&str> = events
        .iter()
        .filter_map(|event| match event {
            TrainEvent::Paused(position) if position.step == 5 => Some("paused"),
            TrainEvent::EvaluatedBatch { done: 1, .. } => Some("evaluating"),
            TrainEvent::Evaluated(_) => Some("evaluated"),
            TrainEvent::Batch(position) if position.step == 6 => Some("updated"),
            _ => None,
        })
        .collect();
    assert_eq!(told, ["paused", "evaluating", "evaluated", "updated"]);
}
