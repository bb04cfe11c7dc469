//! From the fields of a run file that has been checked to a [`RunConfig`]: what is written counts, and where nothing is
//! written, the default.

use std::collections::BTreeMap;

use super::{
    Backbone, Cadence, ClassWeights, DatasetConfig, DatasetExtras, DatasetName, DeviceChoice, FocalConfig, ModelConfig,
    OptimizerConfig, RunConfig, SchedulerConfig, Strategy, SwaConfig, TrainingConfig, TransformerConfig,
    fields::Fields,
};
use crate::labels::LabelSpec;

/// The run that the fields describe; `None` if a required one is missing.
pub(super) fn run(fields: &Fields<'_>, labels: Vec<LabelSpec>, class_weights: ClassWeights) -> Option<RunConfig> {
    let mut run = RunConfig::new(dataset(fields)?, model(fields)?);
    run.settings = fields.text("settings.config");
    run.output_type = fields.choice("data.output_type");
    run.data_type = fields.choice("data.data_type");
    run.optimizer = optimizer(fields);
    run.scheduler = scheduler(fields);
    run.training = training(fields, run.training.task_weights, class_weights);
    run.labels = labels;
    Some(run)
}

fn dataset(fields: &Fields<'_>) -> Option<DatasetConfig> {
    let tasks = fields.texts("dataset.tasks")?.into_iter().map(|task| task.value).collect();
    let default = DatasetConfig::new(DatasetName::from_text(fields.text("dataset.name")?.trim()), tasks);
    Some(DatasetConfig {
        train_split: fields.text("dataset.train_split").unwrap_or(default.train_split),
        val_split: fields.text("dataset.val_split").unwrap_or(default.val_split),
        batch_size: fields.count("dataset.batch_size").unwrap_or(default.batch_size),
        shuffle: fields.switch("dataset.shuffle").unwrap_or(default.shuffle),
        extras: DatasetExtras {
            n_eeg_channels: fields.count("dataset.extras.n_eeg_channels"),
            sequence_length: fields.count("dataset.extras.sequence_length"),
            expected_length: fields.count("dataset.extras.expected_length"),
        },
        ..default
    })
}

fn model(fields: &Fields<'_>) -> Option<ModelConfig> {
    let default = ModelConfig::new(fields.choice::<Backbone>("model.backbone")?, fields.count("model.input_channels")?);
    Some(ModelConfig {
        embedding_dim: fields.count("model.embedding_dim").unwrap_or(default.embedding_dim),
        dropout: fields.number("model.dropout").unwrap_or(default.dropout),
        activation: fields.choice("model.activation").unwrap_or(default.activation),
        depth: fields.count("model.depth").unwrap_or(default.depth),
        layer_repeats: fields.count("model.layer_repeats").unwrap_or(default.layer_repeats),
        transformer: transformer(fields),
        ..default
    })
}

/// What `[model.extras]` says.
fn transformer(fields: &Fields<'_>) -> TransformerConfig {
    let default = TransformerConfig::default();
    let count = |name: &str| fields.count(&format!("model.extras.{name}"));
    TransformerConfig {
        input_dim: count("input_dim"),
        seq_length: count("seq_length"),
        hidden_dim: count("hidden_dim").unwrap_or(default.hidden_dim),
        num_layers: count("num_layers").unwrap_or(default.num_layers),
        num_heads: count("num_heads").unwrap_or(default.num_heads),
        ff_dim: count("ff_dim").unwrap_or(default.ff_dim),
        pooling: fields.choice("model.extras.pooling").unwrap_or(default.pooling),
        positional_encoding: fields.switch("model.extras.positional_encoding").unwrap_or(default.positional_encoding),
    }
}

fn optimizer(fields: &Fields<'_>) -> OptimizerConfig {
    let default = OptimizerConfig::default();
    OptimizerConfig {
        name: fields.choice("optimizer.name").unwrap_or(default.name),
        learning_rate: fields.number("optimizer.learning_rate").unwrap_or(default.learning_rate),
        weight_decay: fields.number("optimizer.weight_decay").unwrap_or(default.weight_decay),
        betas: fields.pair("optimizer.betas").unwrap_or(default.betas),
    }
}

fn scheduler(fields: &Fields<'_>) -> SchedulerConfig {
    let default = SchedulerConfig::default();
    SchedulerConfig {
        name: fields.choice("scheduler.name").unwrap_or(default.name),
        warmup_steps: fields.count("scheduler.warmup_steps").unwrap_or(default.warmup_steps),
        min_lr_ratio: fields.number("scheduler.kwargs.min_lr_ratio").unwrap_or(default.min_lr_ratio),
        num_cycles: fields.number("scheduler.kwargs.num_cycles").unwrap_or(default.num_cycles),
    }
}

fn training(fields: &Fields<'_>, equal_weights: BTreeMap<String, f64>, class_weights: ClassWeights) -> TrainingConfig {
    let default = TrainingConfig::default();
    let count = |name: &str| fields.count(&format!("training.{name}"));
    let number = |name: &str| fields.number(&format!("training.{name}"));
    let switch = |name: &str| fields.switch(&format!("training.{name}"));
    let text = |name: &str| fields.text(&format!("training.{name}"));
    let swa = SwaConfig::default();
    let focal = FocalConfig::default();
    let early_stopping = switch("early_stopping").unwrap_or(default.early_stopping);
    let eval = cadence(fields, "eval").unwrap_or(default.eval);
    let checkpoint = cadence(fields, "checkpoint").unwrap_or(default.checkpoint);
    TrainingConfig {
        epochs: count("epochs").unwrap_or(default.epochs),
        max_steps: match fields.whole("training.max_steps") {
            Some(steps) => usize::try_from(steps).ok(),
            None => default.max_steps,
        },
        clip_grad_norm: match number("clip_grad_norm") {
            Some(norm) => (norm > 0.0).then_some(norm),
            None => default.clip_grad_norm,
        },
        device: fields.choice::<DeviceChoice>("training.device").unwrap_or(default.device),
        log_every_batches: count("log_every_batches")
            .or_else(|| count("log_every"))
            .unwrap_or(default.log_every_batches),
        eval,
        // The best validation run is what training returns to, so each of them has its checkpoint.
        checkpoint: if early_stopping { eval } else { checkpoint },
        checkpoint_total_limit: count("checkpoint_total_limit").or(default.checkpoint_total_limit),
        checkpoint_minutes: number("checkpoint_minutes").or(default.checkpoint_minutes),
        monitor: fields.choice("training.monitor").unwrap_or(default.monitor),
        max_best_checkpoints: count("max_best_checkpoints").unwrap_or(default.max_best_checkpoints),
        early_stopping,
        early_stopping_patience: count("early_stopping_patience").unwrap_or(default.early_stopping_patience),
        output_dir: text("output_dir").or(default.output_dir),
        log_dir: text("log_dir").or(default.log_dir),
        metrics_summary_path: text("metrics_summary_path").or(default.metrics_summary_path),
        run_name: text("run_name").or(default.run_name),
        tensorboard: switch("tensorboard").unwrap_or(default.tensorboard),
        swa: switch("swa_enabled").unwrap_or(default.swa.is_some()).then(|| SwaConfig {
            extra_ratio: number("swa_extra_ratio").unwrap_or(swa.extra_ratio),
            lr_frac: number("swa_lr_frac").unwrap_or(swa.lr_frac),
        }),
        label_smoothing: number("label_smoothing").unwrap_or(default.label_smoothing),
        focal_health: switch("use_focal_loss_health").unwrap_or(default.focal_health.is_some()).then(|| FocalConfig {
            alpha: number("focal_alpha").unwrap_or(focal.alpha),
            gamma: number("focal_gamma").unwrap_or(focal.gamma),
        }),
        task_weights: task_weights(fields, equal_weights),
        class_weights,
        seed: fields.whole("training.seed").and_then(|seed| u64::try_from(seed).ok()),
        standardize_regression: switch("standardize_regression").unwrap_or(default.standardize_regression),
    }
}

fn cadence(fields: &Fields<'_>, what: &str) -> Option<Cadence> {
    Some(match fields.choice(&format!("training.{what}_strategy"))? {
        Strategy::Epoch => Cadence::Epoch,
        Strategy::Steps => Cadence::Steps(fields.count(&format!("training.{what}_steps"))?),
        Strategy::None => Cadence::None,
    })
}

/// The weights given, with 1 for every task that has none; without any, the tasks share equally.
fn task_weights(fields: &Fields<'_>, equal: BTreeMap<String, f64>) -> BTreeMap<String, f64> {
    let given = fields.values_in("training.task_weights");
    if given.is_empty() {
        return equal;
    }
    let mut weights: BTreeMap<_, _> = equal.into_keys().map(|task| (task, 1.0)).collect();
    weights.extend(given.into_iter().filter_map(|(task, path)| Some((task, fields.number(&path)?))));
    weights
}
