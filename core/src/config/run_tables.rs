//! The tables of a run file, and what they say together: as a list of keys, as a [`RunConfig`], and written out in full.

use std::{collections::BTreeMap, sync::LazyLock};

use serde_json::{Value, json};

use super::{
    AugmentationConfig, Backbone, CrossValidationConfig, DatasetConfig, DatasetName, KeyDoc, ModelConfig,
    OptimizerConfig, PreprocessingConfig, RunConfig, RunData, RunSettings, SchedulerConfig, Settings, TrainingConfig,
    fields::Fields, labels, table::ConfigTable,
};
use crate::kept::VERSION_KEY;

/// The version of what `config_resolved.json` holds; what says none is of the first.
pub(super) const KEPT_VERSION: u32 = 1;

impl ConfigTable for RunConfig {
    fn list(keys: &mut Vec<KeyDoc>) {
        RunSettings::list(keys);
        RunData::list(keys);
        DatasetConfig::list(keys);
        PreprocessingConfig::list(keys);
        AugmentationConfig::list(keys);
        ModelConfig::list(keys);
        OptimizerConfig::list(keys);
        SchedulerConfig::list(keys);
        TrainingConfig::list(keys);
        CrossValidationConfig::list(keys);
        labels::list(keys);
    }

    /// All but `labels`, in which mistakes are found while they are read.
    fn read(fields: &Fields<'_>) -> Option<Self> {
        let run = Self::new(DatasetConfig::read(fields)?, ModelConfig::read(fields)?);
        Some(Self {
            settings: RunSettings::read(fields)?,
            data: RunData::read(fields)?,
            preprocessing: PreprocessingConfig::read(fields)?,
            augmentation: AugmentationConfig::read(fields)?,
            optimizer: OptimizerConfig::read(fields)?,
            scheduler: SchedulerConfig::read(fields)?,
            training: training(fields, run.training.task_weights)?,
            cross_validation: CrossValidationConfig::read(fields)?,
            ..run
        })
    }

    fn write(&self, file: &mut Value) {
        let Self {
            settings,
            data,
            dataset,
            preprocessing,
            augmentation,
            model,
            optimizer,
            scheduler,
            training,
            cross_validation,
            labels,
            source: _,
        } = self;
        settings.write(file);
        data.write(file);
        dataset.write(file);
        preprocessing.write(file);
        augmentation.write(file);
        model.write(file);
        optimizer.write(file);
        scheduler.write(file);
        training.write(file);
        cross_validation.write(file);
        file["labels"] = labels::to_json(labels);
    }
}

impl RunConfig {
    /// Every key that a run file may have.
    #[must_use]
    pub fn keys() -> &'static [KeyDoc] {
        static KEYS: LazyLock<Vec<KeyDoc>> = LazyLock::new(|| {
            let mut keys = Vec::new();
            RunConfig::list(&mut keys);
            keys
        });
        &KEYS
    }

    /// The run as the content of `config_resolved.json`: [`Self::to_json`] with its version.
    #[must_use]
    pub fn to_kept_json(&self) -> Value {
        let mut file = self.to_json();
        file[VERSION_KEY] = KEPT_VERSION.into();
        file
    }

    /// The tables and keys of a run file, with every default filled in and `null` where there is none.
    /// [`RunConfig::from_json`] reads it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut file = json!({});
        self.write(&mut file);
        file
    }
}

fn training(fields: &Fields<'_>, equal_weights: BTreeMap<String, f64>) -> Option<TrainingConfig> {
    let mut training = TrainingConfig::read(fields)?;
    if training.early_stopping {
        // The best validation run is what training returns to, so each of them has its checkpoint.
        training.checkpoint = training.eval;
    }
    training.task_weights = task_weights(training.task_weights, equal_weights);
    Some(training)
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

/// The keys of a run file with this backbone, the backbone's own before those that others call the same.
pub(super) fn keys_with(backbone: Option<Backbone>) -> Vec<KeyDoc> {
    let mut keys = RunConfig::keys().to_vec();
    let own = backbone.map(Backbone::as_str);
    keys.sort_by_key(|key| key.backbone.is_some() && key.backbone != own);
    keys
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
            let backbone = self.backbone.and_then(|word| word.parse().ok()).unwrap_or(Backbone::CnnLight);
            RunConfig::new(dataset, ModelConfig::new(backbone)).to_json()
        };
        let pointer = format!("/{}", self.path.replace('.', "/"));
        defaults.pointer(&pointer).filter(|value| !value.is_null()).cloned()
    }
}
