//! What the `[dataset]` table says: the samples to learn from and how they are fed to the model. What a sample is stands
//! in `data.data_type`.

use std::fmt;

use serde_json::{Value, json};

use super::{
    SplitConfig,
    declarations::Table,
    fields::Fields,
    keys::{KeyKind, NOT_USED},
    table::{KeyValue, config_table},
};
use crate::named::named_enum;

/// Ends the name of a dataset that is used as time series instead of spectrograms; the tasks are the same.
pub const TIMESERIES_SUFFIX: &str = "_timeseries";

named_enum! {
    /// What a sample is.
    pub enum DataType {
        /// The spectrogram image of a window, a `.png` file.
        Spectrogram = "spectrogram",
        /// The window itself, normalised, a `.npy` file.
        Timeseries = "timeseries",
    }
}

/// Which dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatasetName {
    /// A dataset's name, to be looked up in the settings.
    Named(String),
    /// A preprocessed folder.
    Path(String),
}

impl DatasetName {
    /// What `dataset.name` means: with a `/`, `\` or `~` it is a folder, otherwise a name.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        if text.contains(['/', '\\', '~']) { Self::Path(text.to_owned()) } else { Self::Named(text.to_owned()) }
    }

    /// The same, where a name may also be that of a folder which exists.
    #[must_use]
    pub fn or_existing_folder(self, exists: impl FnOnce(&str) -> bool) -> Self {
        match self {
            Self::Named(name) if exists(&name) => Self::Path(name),
            other => other,
        }
    }

    /// The name or path as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Named(text) | Self::Path(text) => text,
        }
    }

    /// Whether the name itself says that the samples are time series.
    #[must_use]
    pub fn is_timeseries(&self) -> bool {
        matches!(self, Self::Named(name) if name.ends_with(TIMESERIES_SUFFIX))
    }
}

impl fmt::Display for DatasetName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl KeyValue for DatasetName {
    fn read(fields: &Fields<'_>, path: &str) -> Option<Self> {
        fields.text(path).map(|name| Self::from_text(name.trim()))
    }

    fn to_json(&self) -> Value {
        json!(self.as_str())
    }
}

config_table! {
    /// The samples to learn from and how they are fed to the model.
    pub struct DatasetConfig in "dataset" {
        required {
            /// A dataset's name, or the path of a preprocessed folder.
            name: DatasetName, KeyKind::Text;
            /// What is learnt.
            ///
            /// At least one task.
            tasks: Vec<String>, KeyKind::Texts;
        }
        /// The split that is trained on.
        train_split: String = "train".to_owned(), KeyKind::Text;
        /// The split that is validated on.
        val_split: String = "val".to_owned(), KeyKind::Text;
        /// The split that the best model is tested on, once, when the run has ended.
        ///
        /// Without it, those that `dataset.split.test` lists, if there is such a list.
        test_split: Option<String> = None, KeyKind::Text;
        /// Samples in a batch.
        batch_size: usize = 32, KeyKind::Count { min: 1, max: 65_536 };
        /// Whether the order changes with every epoch.
        shuffle: bool = true, KeyKind::Switch;
        /// Whose samples are in which split.
        split: SplitConfig = SplitConfig::default() => Table;
        /// What is known of time-series windows.
        extras: DatasetExtras = DatasetExtras::default() => Table;
        ignored {
            /// Threads that load samples.
            "num_workers", KeyKind::Count { min: 0, max: 1024 },
                "samples are always decoded by all of the processor's threads, between two updates";
            /// Page-locked memory.
            "pin_memory", KeyKind::Switch, "memory is never page-locked here";
        }
    }
}

config_table! {
    /// What is known of time-series windows. Training on windows of another shape is an error; images have none of this.
    #[derive(Eq)]
    pub struct DatasetExtras in "dataset.extras" {
        /// EEG channels of a time-series window.
        n_eeg_channels: Option<usize> = None, KeyKind::COUNT;
        /// Samples of a time-series window.
        sequence_length: Option<usize> = None, KeyKind::COUNT;
        /// Samples of a time-series window, an older name.
        expected_length: Option<usize> = None, KeyKind::COUNT;
        ignored {
            /// Other settings of a dataset.
            "*", KeyKind::Anything, NOT_USED;
        }
    }
}
