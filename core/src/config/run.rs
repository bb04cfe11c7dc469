//! A run file: what to learn, with which model, and how.

use std::collections::BTreeMap;

use super::{
    AugmentationConfig, Cadence, ConfigError, ConfigProblem, CrossValidationConfig, DataType, DatasetConfig,
    DatasetName, ModelConfig, OptimizerConfig, PreprocessingConfig, SchedulerConfig, Settings, SplitConfig,
    TrainingConfig,
    checks::{self, DataFacts},
    declarations::TextOr,
    keys::KeyKind,
    paths::DEFAULT_SETTINGS,
    problem::Location,
    table::config_table,
};
use crate::{
    labels::{LabelRegistry, LabelSpec},
    named::named_enum,
    signal::OutputType,
};

named_enum! {
    /// What a run file is for.
    pub enum Trainer {
        /// This program.
        Classification = "classification",
    }
}

config_table! {
    /// What a run file says of its settings.
    #[derive(Eq)]
    pub struct RunSettings in "settings" {
        /// The settings file with the datasets' folders.
        config: Option<String> = None, KeyKind::Text => |key| TextOr(key, DEFAULT_SETTINGS);
        /// What this file is for.
        trainer: Trainer = Trainer::Classification, KeyKind::Choice(Trainer::NAMES);
    }
}

config_table! {
    /// What a run file says instead of the settings.
    #[derive(Copy, Eq)]
    pub struct RunData in "data" {
        /// Channels of the spectrograms, instead of the settings'.
        output_type: Option<OutputType> = None, KeyKind::Choice(OutputType::NAMES);
        /// Images or windows, instead of the settings'.
        data_type: Option<DataType> = None, KeyKind::Choice(DataType::NAMES);
    }
}

/// A run: what to learn, with which model, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct RunConfig {
    /// Its settings file.
    pub settings: RunSettings,
    /// What it says instead of the settings.
    pub data: RunData,
    /// The samples to learn from.
    pub dataset: DatasetConfig,
    /// How its recordings become samples.
    pub preprocessing: PreprocessingConfig,
    /// How its samples are changed while it trains.
    pub augmentation: AugmentationConfig,
    /// The model.
    pub model: ModelConfig,
    /// The optimizer.
    pub optimizer: OptimizerConfig,
    /// The learning-rate schedule.
    pub scheduler: SchedulerConfig,
    /// The training loop.
    pub training: TrainingConfig,
    /// How it is cross-validated; a single run has nothing of it.
    pub cross_validation: CrossValidationConfig,
    /// One's own tasks, beside the dataset's.
    pub labels: Vec<LabelSpec>,
    pub(super) source: Source,
}

/// The file a run was read from. It is no part of what the run is: two runs that differ only in it are equal.
#[derive(Debug, Clone, Default)]
pub(super) struct Source {
    pub file: String,
    pub locations: BTreeMap<String, Location>,
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
            settings: RunSettings::default(),
            data: RunData::default(),
            dataset,
            preprocessing: PreprocessingConfig::default(),
            augmentation: AugmentationConfig::default(),
            model,
            optimizer: OptimizerConfig::default(),
            scheduler: SchedulerConfig::default(),
            training: TrainingConfig { task_weights, ..TrainingConfig::default() },
            cross_validation: CrossValidationConfig::default(),
            labels: Vec::new(),
            source: Source::default(),
        }
    }

    /// The tasks there are: the dataset's and one's own.
    #[must_use]
    pub fn registry(&self) -> LabelRegistry {
        checks::registry(&self.dataset.name).with_custom(self.labels.iter().cloned())
    }

    /// Whether it says how recordings become samples, or whose are in which split.
    #[must_use]
    pub fn says_how_samples_are_made(&self) -> bool {
        self.preprocessing != PreprocessingConfig::default() || self.dataset.split != SplitConfig::default()
    }

    /// The split that is validated on; none when the run never is.
    #[must_use]
    pub fn validation_split(&self) -> Option<&str> {
        match self.training.eval {
            Cadence::None => None,
            Cadence::Epoch | Cadence::Steps(_) => Some(&self.dataset.val_split),
        }
    }

    /// The split that the best model is tested on when the run has ended; none when it is not.
    #[must_use]
    pub fn test_split(&self) -> Option<&str> {
        let is_listed = matches!(self.dataset.name, DatasetName::Named(_))
            && self.dataset.split.test.as_ref().is_some_and(|subjects| !subjects.is_empty());
        let listed = is_listed.then_some("test").filter(|split| Some(*split) != self.validation_split());
        self.dataset.test_split.as_deref().or(listed).filter(|split| *split != self.dataset.train_split)
    }

    /// What the run works on under these settings.
    ///
    /// # Errors
    /// When the dataset is not known, lacks a task, or does not suit the model; each problem points into the run file.
    pub fn resolve(&self, settings: &Settings) -> Result<ResolvedData, ConfigError> {
        let from_name = self.dataset.name.is_timeseries().then_some(DataType::Timeseries);
        let data_type = from_name.or(self.data.data_type).unwrap_or(settings.data_type);
        let output_type = self.data.output_type.unwrap_or(settings.output_type);
        let facts = DataFacts {
            data_type: Some(data_type),
            output_type: Some(output_type),
            n_eeg_channels: self.dataset.extras.n_eeg_channels,
            backbone: Some(self.model.backbone),
            input_channels: self.model.input_channels,
            augmented_by: self.augmentation.first_on(),
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
