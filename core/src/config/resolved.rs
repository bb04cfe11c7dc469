//! A run written out in full: the tables and keys of a run file, with every default filled in.

use serde_json::{Value, json};

use super::{
    Backbone, DatasetConfig, DatasetName, KeyDoc, ModelConfig, RunConfig, Settings, labels, paths::DEFAULT_SETTINGS,
    table::ConfigTable,
};

impl RunConfig {
    /// The run as the content of `config_resolved.json`: the tables and keys of a run file, with every default filled
    /// in and `null` where there is none. [`RunConfig::from_json`] reads it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut file = json!({
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
            "labels": labels::to_json(&self.labels),
        });
        self.dataset.extras.write(&mut file);
        self.model.transformer.write(&mut file);
        self.optimizer.write(&mut file);
        self.scheduler.write(&mut file);
        self.training.write(&mut file);
        file
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
    })
}

fn model(config: &ModelConfig) -> Value {
    json!({
        "backbone": config.backbone,
        "input_channels": config.input_channels,
        "embedding_dim": config.embedding_dim,
        "dropout": config.dropout,
        "activation": config.activation,
        "depth": config.depth,
        "layer_repeats": config.layer_repeats,
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
