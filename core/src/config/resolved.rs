//! A run written out in full: the tables and keys of a run file, with every default filled in.

use serde_json::{Value, json};

use super::{
    Backbone, DatasetConfig, DatasetName, FocalConfig, KeyDoc, ModelConfig, OptimizerConfig, RunConfig,
    SchedulerConfig, Settings, SwaConfig, TrainingConfig, labels, paths::DEFAULT_SETTINGS,
};

impl RunConfig {
    /// The run as the content of `config_resolved.json`: the tables and keys of a run file, with every default filled
    /// in and `null` where there is none. [`RunConfig::from_json`] reads it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "settings": {
                "config": self.settings.as_deref().unwrap_or(DEFAULT_SETTINGS),
                "trainer": "classification",
            },
            "data": {
                "output_type": self.output_type.map(|output_type| output_type.to_string()),
                "data_type": self.data_type,
            },
            "dataset": dataset(&self.dataset),
            "model": model(&self.model),
            "optimizer": optimizer(&self.optimizer),
            "scheduler": scheduler(&self.scheduler),
            "training": training(&self.training),
            "labels": labels::to_json(&self.labels),
        })
    }
}

fn dataset(config: &DatasetConfig) -> Value {
    json!({
        "name": config.name.as_str(),
        "tasks": config.tasks,
        "train_split": config.train_split,
        "val_split": config.val_split,
        "batch_size": config.batch_size,
        "shuffle": config.shuffle,
        "extras": {
            "n_eeg_channels": config.extras.n_eeg_channels,
            "sequence_length": config.extras.sequence_length,
            "expected_length": config.extras.expected_length,
        },
    })
}

fn model(config: &ModelConfig) -> Value {
    let transformer = &config.transformer;
    json!({
        "backbone": config.backbone,
        "input_channels": config.input_channels,
        "embedding_dim": config.embedding_dim,
        "dropout": config.dropout,
        "activation": config.activation,
        "depth": config.depth,
        "layer_repeats": config.layer_repeats,
        "extras": {
            "input_dim": transformer.input_dim,
            "seq_length": transformer.seq_length,
            "hidden_dim": transformer.hidden_dim,
            "num_layers": transformer.num_layers,
            "num_heads": transformer.num_heads,
            "ff_dim": transformer.ff_dim,
            "pooling": transformer.pooling,
            "positional_encoding": transformer.positional_encoding,
        },
    })
}

fn optimizer(config: &OptimizerConfig) -> Value {
    json!({
        "name": config.name,
        "learning_rate": config.learning_rate,
        "weight_decay": config.weight_decay,
        "betas": config.betas,
    })
}

fn scheduler(config: &SchedulerConfig) -> Value {
    json!({
        "name": config.name,
        "warmup_steps": config.warmup_steps,
        "kwargs": { "min_lr_ratio": config.min_lr_ratio, "num_cycles": config.num_cycles },
    })
}

fn training(config: &TrainingConfig) -> Value {
    let SwaConfig { extra_ratio, lr_frac } = config.swa.unwrap_or_default();
    let FocalConfig { alpha, gamma } = config.focal_health.unwrap_or_default();
    json!({
        "epochs": config.epochs,
        "max_steps": config.max_steps.map_or(json!(-1), |steps| json!(steps)),
        "clip_grad_norm": config.clip_grad_norm.unwrap_or(0.0),
        "device": config.device.to_string(),
        "log_every_batches": config.log_every_batches,
        "eval_strategy": config.eval.strategy(),
        "eval_steps": config.eval.steps(),
        "checkpoint_strategy": config.checkpoint.strategy(),
        "checkpoint_steps": config.checkpoint.steps(),
        "checkpoint_total_limit": config.checkpoint_total_limit,
        "checkpoint_minutes": config.checkpoint_minutes,
        "monitor": config.monitor,
        "max_best_checkpoints": config.max_best_checkpoints,
        "early_stopping": config.early_stopping,
        "early_stopping_patience": config.early_stopping_patience,
        "output_dir": config.output_dir,
        "log_dir": config.log_dir,
        "metrics_summary_path": config.metrics_summary_path,
        "run_name": config.run_name,
        "tensorboard": config.tensorboard,
        "swa_enabled": config.swa.is_some(),
        "swa_extra_ratio": extra_ratio,
        "swa_lr_frac": lr_frac,
        "label_smoothing": config.label_smoothing,
        "use_focal_loss_health": config.focal_health.is_some(),
        "focal_alpha": alpha,
        "focal_gamma": gamma,
        "task_weights": config.task_weights,
        "class_weights": config.class_weights.to_json(),
        "seed": config.seed,
        "standardize_regression": config.standardize_regression,
    })
}

impl Settings {
    /// The settings with every default filled in, and `null` where there is none.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let dataset = |(name, dataset): (&String, &super::DatasetSettings)| {
            let table = json!({
                "root": dataset.root,
                "output": dataset.output,
                "timeseries_output": dataset.timeseries_output,
                "min_db": dataset.min_db,
                "max_db": dataset.max_db,
            });
            (name.clone(), table)
        };
        json!({
            "data": {
                "root": self.root,
                "output_root": self.output_root.as_ref().unwrap_or(&self.root),
                "output_type": self.output_type.to_string(),
                "data_type": self.data_type,
            },
            "datasets": Value::Object(self.datasets.iter().map(dataset).collect()),
        })
    }
}

impl KeyDoc {
    /// What the key is where a file does not have it; `None` if that is nothing, or if the file must have it.
    #[must_use]
    pub fn default_value(&self) -> Option<Value> {
        if self.required || self.notice.is_some() {
            return None;
        }
        let defaults = if Settings::keys().contains(self) {
            Settings::default().to_json()
        } else {
            let dataset = DatasetConfig::new(DatasetName::Named(String::new()), Vec::new());
            RunConfig::new(dataset, ModelConfig::new(Backbone::CnnLight, 1)).to_json()
        };
        let pointer = format!("/{}", self.path.replace('.', "/"));
        defaults.pointer(&pointer).filter(|value| !value.is_null()).cloned()
    }
}
