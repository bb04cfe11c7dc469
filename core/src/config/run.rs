//! A run file: what to learn, with which model, and how.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    ConfigError, ConfigProblem, DataType, DatasetConfig, KeyDoc, ModelConfig, Notice, OptimizerConfig, SchedulerConfig,
    Settings, TrainingConfig, build,
    checks::{self, DataFacts},
    class_weights,
    document::{self, Table},
    effects,
    fields::Fields,
    labels,
    problem::Location,
    run_keys::run_keys,
};
use crate::{
    labels::{LabelRegistry, LabelSpec},
    signal::OutputType,
};

/// A run: what to learn, with which model, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct RunConfig {
    /// The settings file that the run file names, `settings.config`.
    pub settings: Option<String>,
    /// Channels of the spectrograms, instead of the settings'.
    pub output_type: Option<OutputType>,
    /// Images or windows, instead of the settings'.
    pub data_type: Option<DataType>,
    /// The samples to learn from.
    pub dataset: DatasetConfig,
    /// The model.
    pub model: ModelConfig,
    /// The optimizer.
    pub optimizer: OptimizerConfig,
    /// The learning-rate schedule.
    pub scheduler: SchedulerConfig,
    /// The training loop.
    pub training: TrainingConfig,
    /// One's own tasks, beside the dataset's.
    pub labels: Vec<LabelSpec>,
    source: Source,
}

/// The file a run was read from. It is no part of what the run is: two runs that differ only in it are equal.
#[derive(Debug, Clone, Default)]
struct Source {
    file: String,
    locations: BTreeMap<String, Location>,
}

impl PartialEq for Source {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// What a run works on, once its settings are known.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolvedData {
    /// Images or windows.
    pub data_type: DataType,
    /// Channels of the spectrograms.
    pub output_type: OutputType,
    /// How the targets are read, in the order of `dataset.tasks`.
    pub labels: Vec<LabelSpec>,
}

impl RunConfig {
    /// A run with everything else at its default.
    #[must_use]
    pub fn new(dataset: DatasetConfig, model: ModelConfig) -> Self {
        let share = equal_share(&dataset.tasks);
        let task_weights = dataset.tasks.iter().map(|task| (task.clone(), share)).collect();
        Self {
            settings: None,
            output_type: None,
            data_type: None,
            dataset,
            model,
            optimizer: OptimizerConfig::default(),
            scheduler: SchedulerConfig::default(),
            training: TrainingConfig { task_weights, ..TrainingConfig::default() },
            labels: Vec::new(),
            source: Source::default(),
        }
    }

    /// Every key that a run file may have.
    #[must_use]
    pub fn keys() -> &'static [KeyDoc] {
        run_keys()
    }

    /// Reads the text of a run file; `file` names it in messages.
    ///
    /// # Errors
    /// Everything that is wrong with the file, all at once. What depends on the settings is checked by
    /// [`Self::resolve`].
    pub fn parse(text: &str, file: &str) -> Result<(Self, Vec<Notice>), ConfigError> {
        let root = document::from_toml(text).map_err(|problem| ConfigError::new(file, vec![problem]))?;
        Self::from_table(text, file, root)
    }

    /// Reads what [`Self::to_json`] has written; `file` names it in messages.
    ///
    /// # Errors
    /// Everything that is wrong with the object. Its problems all stand at line 1, column 1.
    pub fn from_json(object: &serde_json::Map<String, Value>, file: &str) -> Result<Self, ConfigError> {
        Ok(Self::from_table("", file, document::from_json(object))?.0)
    }

    fn from_table(text: &str, file: &str, root: Table) -> Result<(Self, Vec<Notice>), ConfigError> {
        let mut fields = Fields::read(text, root, run_keys());
        let labels = labels::read(&mut fields);
        let registry = checks::registry_of_file(&fields, &labels);
        checks::check(&mut fields, registry.as_ref());
        effects::note(&mut fields, registry.as_ref());
        class_weights::check(&mut fields, registry.as_ref());
        match build::run(&fields, labels) {
            Some(mut run) if fields.problems.is_empty() => {
                run.source = Source { file: file.to_owned(), locations: fields.locations() };
                Ok((run, fields.into_notices()))
            }
            _ => Err(ConfigError::new(file, fields.problems)),
        }
    }

    /// The tasks there are: the dataset's and one's own.
    #[must_use]
    pub fn registry(&self) -> LabelRegistry {
        checks::registry(&self.dataset.name).with_custom(self.labels.iter().cloned())
    }

    /// What the run works on under these settings.
    ///
    /// # Errors
    /// When the dataset is not known, lacks a task, or does not suit the model; each problem points into the run file.
    pub fn resolve(&self, settings: &Settings) -> Result<ResolvedData, ConfigError> {
        let from_name = self.dataset.name.is_timeseries().then_some(DataType::Timeseries);
        let data_type = from_name.or(self.data_type).unwrap_or(settings.data_type);
        let output_type = self.output_type.unwrap_or(settings.output_type);
        let facts = DataFacts {
            data_type: Some(data_type),
            output_type: Some(output_type),
            n_eeg_channels: self.dataset.extras.n_eeg_channels,
            backbone: Some(self.model.backbone),
            input_channels: Some(self.model.input_channels),
        };
        let dataset_fault = checks::dataset_fault(&self.dataset.name, settings);
        // Of a dataset that is not known, nothing can be said about its tasks.
        let dataset_known = dataset_fault.is_none();
        let mut found: Vec<_> = dataset_fault.into_iter().collect();
        let registry = self.registry();
        let mut labels = Vec::with_capacity(self.dataset.tasks.len());
        for task in &self.dataset.tasks {
            match registry.get(task) {
                Some(spec) => labels.push(spec.clone()),
                None if dataset_known => found.push(checks::unknown_task(task, &self.dataset.name, &registry)),
                None => {}
            }
        }
        found.extend(checks::data_faults(&facts));
        found.extend(self.training.class_weights.faults(&labels));
        if found.is_empty() {
            return Ok(ResolvedData { data_type, output_type, labels });
        }
        let start = Location { line: 1, column: 1, span: 0..0 };
        let placed = found.into_iter().map(|fault| {
            let location = self.source.locations.get(fault.key).unwrap_or(&start).clone();
            ConfigProblem::new(location, fault.key, fault.message, fault.suggestion)
        });
        Err(ConfigError::new(&self.source.file, placed.collect()))
    }
}

/// The weight of each task's loss when none is given.
#[expect(clippy::cast_precision_loss, reason = "there are few tasks")]
fn equal_share(tasks: &[String]) -> f64 {
    1.0 / tasks.len() as f64
}
