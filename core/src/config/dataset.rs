//! What the `[dataset]` table says: the samples to learn from and how they are fed to the model. What a sample is stands
//! in `data.data_type`.

use std::fmt;

use super::{keys::KeyKind, names::named_enum, table::config_table};

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

/// The samples to learn from and how they are fed to the model.
#[derive(Debug, Clone, PartialEq)]
pub struct DatasetConfig {
    /// Which dataset.
    pub name: DatasetName,
    /// What is learnt, at least one task.
    pub tasks: Vec<String>,
    /// The split that is trained on.
    pub train_split: String,
    /// The split that is validated on.
    pub val_split: String,
    /// Samples in a batch.
    pub batch_size: usize,
    /// Whether the order changes with every epoch.
    pub shuffle: bool,
    /// What is known of time-series windows.
    pub extras: DatasetExtras,
}

impl DatasetConfig {
    /// The dataset with everything else at its default.
    #[must_use]
    pub fn new(name: DatasetName, tasks: Vec<String>) -> Self {
        Self {
            name,
            tasks,
            train_split: "train".to_owned(),
            val_split: "val".to_owned(),
            batch_size: 32,
            shuffle: true,
            extras: DatasetExtras::default(),
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
    }
}
