//! From the fields of a run file that has been checked to a [`RunConfig`]: what is written counts, and where nothing is
//! written, the default.

use std::collections::BTreeMap;

use super::{
    Backbone, DatasetConfig, DatasetExtras, DatasetName, ModelConfig, OptimizerConfig, RunConfig, SchedulerConfig,
    TrainingConfig, TransformerConfig, fields::Fields, table::ConfigTable,
};
use crate::labels::LabelSpec;

/// The run that the fields describe; `None` if a required one is missing.
pub(super) fn run(fields: &Fields<'_>, labels: Vec<LabelSpec>) -> Option<RunConfig> {
    let mut run = RunConfig::new(dataset(fields)?, model(fields)?);
    run.settings = fields.text("settings.config");
    run.output_type = fields.choice("data.output_type");
    run.data_type = fields.choice("data.data_type");
    run.optimizer = OptimizerConfig::read(fields);
    run.scheduler = SchedulerConfig::read(fields);
    run.training = training(fields, run.training.task_weights);
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
        extras: DatasetExtras::read(fields),
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
        transformer: TransformerConfig::read(fields),
        ..default
    })
}

fn training(fields: &Fields<'_>, equal_weights: BTreeMap<String, f64>) -> TrainingConfig {
    let mut training = TrainingConfig::read(fields);
    if training.early_stopping {
        // The best validation run is what training returns to, so each of them has its checkpoint.
        training.checkpoint = training.eval;
    }
    training.task_weights = task_weights(training.task_weights, equal_weights);
    training
}

/// The weights given, with 1 for every task that has none; without any, the tasks share equally.
fn task_weights(given: BTreeMap<String, f64>, equal: BTreeMap<String, f64>) -> BTreeMap<String, f64> {
    if given.is_empty() {
        return equal;
    }
    let mut weights: BTreeMap<_, _> = equal.into_keys().map(|task| (task, 1.0)).collect();
    weights.extend(given);
    weights
}
