//! Settings and run files. The text of a TOML file is read as a [`Settings`] or a [`RunConfig`] with every default
//! filled in, together with [`Notice`]s about keys that have no effect; or it is refused with a [`ConfigError`] that
//! has everything that is wrong, by line and column. [`RunConfig::resolve`] then checks a run against its settings.
//! Files are not read here: [`SettingsSearch`] and [`Settings::dataset_paths`] only say which.
//!
//! A key is declared once, in the `config_table!` of its table (see `table`). `run_tables` puts the tables of a run file
//! together; `checks` and `effects` say what keys mean beside each other.

mod augmentation;
pub(crate) mod backbones;
mod checks;
mod class_weights;
mod cross_validation;
mod dataset;
mod declarations;
mod device_choice;
mod document;
mod effects;
mod fields;
mod keys;
mod labels;
mod model;
mod optimizer;
mod parsing;
mod paths;
mod preprocessing;
mod problem;
mod run;
mod run_tables;
mod settings;
mod split_text;
mod table;
#[cfg(test)]
mod tests;
mod training;

pub use augmentation::{
    AugmentationConfig, BandstopFilterConfig, ChannelsDropoutConfig, FrequencyShiftConfig, GaussianNoiseConfig,
    MixupConfig, SignFlipConfig, SmoothTimeMaskConfig, TimeReverseConfig, TimeShiftConfig,
};
pub use backbones::{
    Backbone, BandPowerConfig, Deep4NetConfig, EegConformerConfig, EegNetConfig, ModelExtras, PoolMode, Pooling,
    ShallowFbcspNetConfig, TransformerConfig,
};
pub use class_weights::ClassWeights;
pub use cross_validation::{CrossValidationConfig, FoldCount, UnknownFoldCount};
pub use dataset::{DataType, DatasetConfig, DatasetExtras, DatasetName, TIMESERIES_SUFFIX};
pub use device_choice::{DeviceChoice, UnknownDevice};
pub use keys::{Bounds, KeyDoc, KeyKind};
pub use model::{Activation, HeadKind, ModelConfig};
pub use optimizer::{OptimizerConfig, OptimizerName, SchedulerConfig, SchedulerName};
pub use paths::{DEFAULT_SETTINGS, DatasetPaths, SETTINGS_VARIABLE, SettingsSearch};
pub use preprocessing::{
    BadChannels, ChannelChoice, PreprocessingConfig, Reference, Scaling, SpectrogramTable, SplitConfig,
};
pub use problem::{ConfigError, ConfigProblem, Notice};
pub use run::{ResolvedData, RunConfig, RunData, RunSettings, Trainer};
pub use settings::{DatasetSettings, Settings};
pub use split_text::{SplitTextError, with_split};
pub use training::{
    Baseline, Cadence, EmaConfig, FocalConfig, Monitor, Strategy, SwaConfig, TAB_CHECKPOINT_MINUTES, TrainingConfig,
};

pub use crate::named::UnknownName;
