//! The keys of a run file.

use std::sync::LazyLock;

use super::{
    Activation, Backbone, DataType, DatasetExtras, OptimizerConfig, SchedulerConfig, TrainingConfig, TransformerConfig,
    keys::{Bounds, KeyDoc, KeyKind},
    table::ConfigTable,
};

/// The words of [`OutputType`](crate::signal::OutputType).
pub(super) const OUTPUT_TYPES: &[&str] = &["db-only", "db-iq", "db-polar"];

const LOADING: &str = "samples are always decoded by all of the processor's threads, between two updates";
const NOT_USED: &str = "not used here";
const WANDB: &str = "Weights & Biases is not contacted, since nothing leaves this machine; training.tensorboard = true writes TensorBoard files";
const PRECISION: &str = "training always computes in 32-bit floats";
const COMPILE: &str = "there is no compilation to switch: each device's kernels are compiled when first used";

/// Every key of a run file.
pub(super) fn run_keys() -> &'static [KeyDoc] {
    static KEYS: LazyLock<Vec<KeyDoc>> = LazyLock::new(|| {
        let mut keys = DATA.to_vec();
        DatasetExtras::list(&mut keys);
        keys.push(ignored("dataset.extras.*", KeyKind::Anything, "other settings of a dataset", NOT_USED));
        keys.extend(MODEL);
        TransformerConfig::list(&mut keys);
        keys.push(ignored("model.extras.*", KeyKind::Anything, "other settings of a backbone", NOT_USED));
        OptimizerConfig::list(&mut keys);
        SchedulerConfig::list(&mut keys);
        keys.extend(SCHEDULER_WITHOUT_EFFECT);
        TrainingConfig::list(&mut keys);
        keys.extend(TRAINING_WITHOUT_EFFECT);
        keys.extend(LABELS);
        keys
    });
    &KEYS
}

const DATA: &[KeyDoc] = &[
    key("settings.config", KeyKind::Text, "the settings file with the datasets' folders"),
    key("settings.trainer", KeyKind::Choice(&["classification"]), "what this file is for"),
    key("data.output_type", KeyKind::Choice(OUTPUT_TYPES), "channels of the spectrograms, instead of the settings'"),
    key("data.data_type", KeyKind::Choice(DataType::NAMES), "images or windows, instead of the settings'"),
    required("dataset.name", KeyKind::Text, "a dataset's name, or the path of a preprocessed folder"),
    required("dataset.tasks", KeyKind::Texts, "what is learnt"),
    key("dataset.train_split", KeyKind::Text, "the split that is trained on"),
    key("dataset.val_split", KeyKind::Text, "the split that is validated on"),
    key("dataset.batch_size", KeyKind::Count { min: 1, max: 65_536 }, "samples in a batch"),
    ignored("dataset.num_workers", KeyKind::Count { min: 0, max: 1024 }, "threads that load samples", LOADING),
    ignored("dataset.pin_memory", KeyKind::Switch, "page-locked memory", "memory is never page-locked here"),
    key("dataset.shuffle", KeyKind::Switch, "whether the order changes with every epoch"),
];

const MODEL: &[KeyDoc] = &[
    required("model.backbone", KeyKind::Choice(Backbone::NAMES), "the network shared by all tasks"),
    required(
        "model.input_channels",
        KeyKind::WIDTH,
        "1 for db-only, 3 for db-iq and db-polar, EEG channels for time series",
    ),
    key("model.embedding_dim", KeyKind::WIDTH, "width of the embedding"),
    key("model.dropout", KeyKind::Number(Bounds::UnitOpen), "probability with which a value is dropped in training"),
    key("model.activation", KeyKind::Choice(Activation::NAMES), "the non-linearity of the convolutional backbones"),
    key("model.depth", KeyKind::Count { min: 1, max: 12 }, "number of blocks, each of which halves the resolution"),
    key("model.layer_repeats", KeyKind::Count { min: 1, max: 64 }, "convolutions in a block"),
];

const SCHEDULER_WITHOUT_EFFECT: &[KeyDoc] =
    &[ignored("scheduler.kwargs.*", KeyKind::Anything, "other settings of a schedule", NOT_USED)];

const TRAINING_WITHOUT_EFFECT: &[KeyDoc] = &[
    ignored("training.wandb_project", KeyKind::Text, "Weights & Biases project", WANDB),
    ignored("training.wandb_entity", KeyKind::Text, "Weights & Biases account", WANDB),
    ignored("training.wandb_tags", KeyKind::Texts, "Weights & Biases tags", WANDB),
    ignored("training.use_amp", KeyKind::Switch, "mixed precision", PRECISION),
    ignored("training.compile_model", KeyKind::Switch, "PyTorch's compiler", COMPILE),
    ignored("training.compile_mode", KeyKind::Text, "mode of PyTorch's compiler", COMPILE),
];

const LABELS: &[KeyDoc] = &[
    key("labels.*.column", KeyKind::Text, "column of the metadata table, if not the task's name"),
    key("labels.*.classes", KeyKind::Classes, "the classes to tell apart"),
    key("labels.*.regression", KeyKind::Switch, "predict the number itself instead of classes"),
    key("labels.*.unit", KeyKind::Text, "the number's unit, for reports"),
    key("labels.*.description", KeyKind::Text, "one line for people"),
];

const fn key(path: &'static str, kind: KeyKind, doc: &'static str) -> KeyDoc {
    KeyDoc { path, kind, required: false, doc, notice: None }
}

const fn required(path: &'static str, kind: KeyKind, doc: &'static str) -> KeyDoc {
    KeyDoc { path, kind, required: true, doc, notice: None }
}

const fn ignored(path: &'static str, kind: KeyKind, doc: &'static str, notice: &'static str) -> KeyDoc {
    KeyDoc { path, kind, required: false, doc, notice: Some(notice) }
}
