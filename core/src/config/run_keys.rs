//! The keys of a run file.

use super::{
    Activation, Backbone, DataType, Monitor, OptimizerName, Pooling, SchedulerName, Strategy,
    keys::{Bounds, KeyDoc, KeyKind},
};

/// The words of [`OutputType`](crate::signal::OutputType).
pub(super) const OUTPUT_TYPES: &[&str] = &["db-only", "db-iq", "db-polar"];

const LOADING: &str = "samples are always decoded by all of the processor's threads, between two updates";
const NOT_USED: &str = "not used here";
const WANDB: &str = "Weights & Biases is not contacted, since nothing leaves this machine; training.tensorboard = true writes TensorBoard files";
const PRECISION: &str = "training always computes in 32-bit floats";
const COMPILE: &str = "there is no compilation to switch: each device's kernels are compiled when first used";

/// Every key of a run file.
pub(super) const RUN_KEYS: &[KeyDoc] = &[
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
    key("dataset.extras.n_eeg_channels", KeyKind::COUNT, "EEG channels of a time-series window"),
    key("dataset.extras.sequence_length", KeyKind::COUNT, "samples of a time-series window"),
    key("dataset.extras.expected_length", KeyKind::COUNT, "samples of a time-series window, an older name"),
    ignored("dataset.extras.*", KeyKind::Anything, "other settings of a dataset", NOT_USED),
    required("model.backbone", KeyKind::Choice(Backbone::NAMES), "the network shared by all tasks"),
    required("model.input_channels", WIDTH, "1 for db-only, 3 for db-iq and db-polar, EEG channels for time series"),
    key("model.embedding_dim", WIDTH, "width of the embedding"),
    key("model.dropout", KeyKind::Number(Bounds::UnitOpen), "probability with which a value is dropped in training"),
    key("model.activation", KeyKind::Choice(Activation::NAMES), "the non-linearity of the convolutional backbones"),
    key("model.depth", KeyKind::Count { min: 1, max: 12 }, "number of blocks, each of which halves the resolution"),
    key("model.layer_repeats", KeyKind::Count { min: 1, max: 64 }, "convolutions in a block"),
    key("model.extras.input_dim", WIDTH, "transformer: features of one token"),
    key("model.extras.seq_length", KeyKind::COUNT, "transformer: tokens in a sequence"),
    key("model.extras.hidden_dim", WIDTH, "transformer: width of the encoder, a multiple of num_heads"),
    key("model.extras.num_layers", KeyKind::Count { min: 1, max: 256 }, "transformer: encoder layers"),
    key("model.extras.num_heads", KeyKind::Count { min: 1, max: 1024 }, "transformer: attention heads in a layer"),
    key("model.extras.ff_dim", WIDTH, "transformer: width of a layer's feed-forward part"),
    key("model.extras.pooling", KeyKind::Choice(Pooling::NAMES), "transformer: mean of the sequence, or first token"),
    key("model.extras.positional_encoding", KeyKind::Switch, "transformer: whether tokens' positions are added"),
    ignored("model.extras.*", KeyKind::Anything, "other settings of a backbone", NOT_USED),
    key("optimizer.name", KeyKind::Choice(OptimizerName::NAMES), "the update rule"),
    key("optimizer.learning_rate", KeyKind::Number(Bounds::Positive), "learning rate before the schedule's factor"),
    key("optimizer.weight_decay", KeyKind::Number(Bounds::NotNegative), "weight decay"),
    key("optimizer.betas", KeyKind::Pair(Bounds::UnitOpen), "Adam's decay rates of the first and second moment"),
    key("scheduler.name", KeyKind::Choice(SchedulerName::NAMES), "how the learning rate changes after the warm-up"),
    key("scheduler.warmup_steps", KeyKind::Count { min: 0, max: u32::MAX }, "updates over which the rate rises from 0"),
    key("scheduler.kwargs.min_lr_ratio", KeyKind::Number(Bounds::UnitClosed), "smallest factor of linear and cosine"),
    key("scheduler.kwargs.num_cycles", KeyKind::Number(Bounds::NotNegative), "periods of the cosine"),
    ignored("scheduler.kwargs.*", KeyKind::Anything, "other settings of a schedule", NOT_USED),
    key("training.epochs", KeyKind::Count { min: 1, max: 1_000_000 }, "passes over the training split"),
    key("training.max_steps", KeyKind::Limit, "optimizer updates after which training ends"),
    key(
        "training.clip_grad_norm",
        KeyKind::Number(Bounds::Finite),
        "largest norm of all gradients; 0 does not limit it",
    ),
    key("training.device", KeyKind::Device, "where to compute"),
    key("training.log_every_batches", KeyKind::COUNT, "batches between two reports of the training loss"),
    key("training.log_every", KeyKind::COUNT, "another name of log_every_batches"),
    key("training.eval_strategy", KeyKind::Choice(Strategy::NAMES), "when the validation split is evaluated"),
    key("training.eval_steps", KeyKind::COUNT, "with eval_strategy = \"steps\": updates between evaluations"),
    key("training.checkpoint_strategy", KeyKind::Choice(Strategy::NAMES), "when a checkpoint is saved"),
    key(
        "training.checkpoint_steps",
        KeyKind::COUNT,
        "with checkpoint_strategy = \"steps\": updates between checkpoints",
    ),
    key("training.checkpoint_total_limit", KeyKind::COUNT, "most checkpoints kept beside the best and the last"),
    key("training.max_best_checkpoints", KeyKind::COUNT, "how many of the best checkpoints are kept"),
    key("training.early_stopping", KeyKind::Switch, "end when the validation score no longer improves"),
    key("training.early_stopping_patience", KeyKind::COUNT, "validation runs without improvement before that"),
    key("training.monitor", KeyKind::Choice(Monitor::NAMES), "what the best checkpoint and early stopping go by"),
    key(
        "training.checkpoint_minutes",
        KeyKind::Number(Bounds::NotNegative),
        "minutes from one checkpoint in between to the next, 0 for none; by default 2 in a tab, none on the command line",
    ),
    key("training.output_dir", KeyKind::Text, "folder in which run folders are made"),
    key("training.log_dir", KeyKind::Text, "folder of the TensorBoard files, instead of the run's own"),
    key("training.metrics_summary_path", KeyKind::Text, "file to which the run's summary is written as well"),
    key("training.run_name", KeyKind::Text, "first part of the run folder's name"),
    key("training.tensorboard", KeyKind::Switch, "whether TensorBoard files are written"),
    ignored("training.wandb_project", KeyKind::Text, "Weights & Biases project", WANDB),
    ignored("training.wandb_entity", KeyKind::Text, "Weights & Biases account", WANDB),
    ignored("training.wandb_tags", KeyKind::Texts, "Weights & Biases tags", WANDB),
    ignored("training.use_amp", KeyKind::Switch, "mixed precision", PRECISION),
    ignored("training.compile_model", KeyKind::Switch, "PyTorch's compiler", COMPILE),
    ignored("training.compile_mode", KeyKind::Text, "mode of PyTorch's compiler", COMPILE),
    key("training.swa_enabled", KeyKind::Switch, "average the weights over extra epochs at the end"),
    key("training.swa_extra_ratio", KeyKind::Number(Bounds::Positive), "those extra epochs as a share of epochs"),
    key("training.swa_lr_frac", KeyKind::Number(Bounds::Positive), "learning rate during them, as a share"),
    key("training.label_smoothing", KeyKind::Number(Bounds::UnitOpen), "share of probability spread over all classes"),
    key("training.use_focal_loss_health", KeyKind::Switch, "focal loss for the task health"),
    key("training.focal_alpha", KeyKind::Number(Bounds::NotNegative), "factor of the focal loss"),
    key("training.focal_gamma", KeyKind::Number(Bounds::NotNegative), "exponent of the focal loss"),
    key("training.task_weights.*", KeyKind::Number(Bounds::NotNegative), "weight of a task's loss"),
    key("training.class_weights", KeyKind::ClassWeights, "how much the samples of each class count in the loss"),
    key("training.seed", KeyKind::Seed, "fixes everything random, so that the run can be repeated"),
    key("training.standardize_regression", KeyKind::Switch, "standardise regression targets while training"),
    key("labels.*.column", KeyKind::Text, "column of the metadata table, if not the task's name"),
    key("labels.*.classes", KeyKind::Classes, "the classes to tell apart"),
    key("labels.*.regression", KeyKind::Switch, "predict the number itself instead of classes"),
    key("labels.*.unit", KeyKind::Text, "the number's unit, for reports"),
    key("labels.*.description", KeyKind::Text, "one line for people"),
];

/// Channels and layer widths.
const WIDTH: KeyKind = KeyKind::Count { min: 1, max: 65_536 };

const fn key(path: &'static str, kind: KeyKind, doc: &'static str) -> KeyDoc {
    KeyDoc { path, kind, required: false, doc, notice: None }
}

const fn required(path: &'static str, kind: KeyKind, doc: &'static str) -> KeyDoc {
    KeyDoc { path, kind, required: true, doc, notice: None }
}

const fn ignored(path: &'static str, kind: KeyKind, doc: &'static str, notice: &'static str) -> KeyDoc {
    KeyDoc { path, kind, required: false, doc, notice: Some(notice) }
}
