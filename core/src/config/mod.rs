//! Settings and run files. The text of a TOML file is read as a [`Settings`] or a [`RunConfig`] with every default
//! filled in, together with [`Notice`]s about keys that have no effect; or it is refused with a [`ConfigError`] that
//! has everything that is wrong, by line and column. [`RunConfig::resolve`] then checks a run against its settings.
//! Files are not read here: [`SettingsSearch`] and [`Settings::dataset_paths`] only say which.

mod build;
mod checks;
mod class_weights;
mod dataset;
mod device_choice;
mod document;
mod effects;
mod fields;
mod keys;
mod labels;
mod model;
mod names;
mod optimizer;
mod parsing;
mod paths;
mod problem;
mod resolved;
mod run;
mod run_keys;
mod settings;
mod table;
#[cfg(test)]
mod tests;
mod training;

pub use class_weights::ClassWeights;
pub use dataset::{DataType, DatasetConfig, DatasetExtras, DatasetName, TIMESERIES_SUFFIX};
pub use device_choice::{DeviceChoice, UnknownDevice};
pub use keys::{Bounds, KeyDoc, KeyKind};
pub use model::{Activation, Backbone, ModelConfig, Pooling, TransformerConfig};
pub use names::UnknownName;
pub use optimizer::{OptimizerConfig, OptimizerName, SchedulerConfig, SchedulerName};
pub use paths::{DEFAULT_SETTINGS, DatasetPaths, SETTINGS_VARIABLE, SettingsSearch};
pub use problem::{ConfigError, ConfigProblem, Notice};
pub use run::{ResolvedData, RunConfig};
pub use settings::{DatasetSettings, Settings};
pub use training::{Cadence, FocalConfig, Monitor, Strategy, SwaConfig, TAB_CHECKPOINT_MINUTES, TrainingConfig};
