//! A settings file: where datasets lie on this machine, and what spectrograms they are turned into.

use std::collections::BTreeMap;

use super::{
    ConfigError, DataType, KeyDoc, Notice, document,
    fields::Fields,
    keys::{Bounds, KeyKind},
    run_keys::OUTPUT_TYPES,
};
use crate::signal::OutputType;

/// Where datasets lie on this machine, and what is made of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Folder of the raw datasets, as it is written; relative to the settings file's.
    pub root: String,
    /// Folder of the preprocessed datasets, as it is written; the same as `root` if absent.
    pub output_root: Option<String>,
    /// Channels of spectrograms.
    pub output_type: OutputType,
    /// Images or windows.
    pub data_type: DataType,
    /// What is set for single datasets, by name.
    pub datasets: BTreeMap<String, DatasetSettings>,
}

/// What is set for one dataset. Paths are as they are written; [`Settings::dataset_paths`] resolves them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DatasetSettings {
    /// Folder of the raw recordings.
    pub root: Option<String>,
    /// Folder of the spectrogram images and their metadata.
    pub output: Option<String>,
    /// Folder of the time-series windows and their metadata.
    pub timeseries_output: Option<String>,
    /// Level that is black in a spectrogram, in dB.
    pub min_db: Option<f64>,
    /// Level that is white in a spectrogram, in dB, above `min_db`.
    pub max_db: Option<f64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            root: ".".to_owned(),
            output_root: None,
            output_type: OutputType::DbOnly,
            data_type: DataType::Spectrogram,
            datasets: BTreeMap::new(),
        }
    }
}

const SETTINGS_KEYS: &[KeyDoc] = &[
    key("data.root", KeyKind::Text, "folder of the raw datasets, relative to this file's"),
    key("data.output_root", KeyKind::Text, "folder of the preprocessed datasets"),
    KeyDoc {
        path: "data.max_sampling_weight",
        kind: KeyKind::Number(Bounds::Positive),
        required: false,
        doc: "largest weight of a sample in a sampler",
        notice: Some("not used here: datasets are not trained on together, and every sample is drawn once an epoch"),
    },
    key("data.output_type", KeyKind::Choice(OUTPUT_TYPES), "channels of spectrograms: dB, or also the complex values"),
    key("data.data_type", KeyKind::Choice(DataType::NAMES), "spectrogram images, or the windows themselves"),
    key("datasets.*.root", KeyKind::Text, "folder of the raw recordings, in data.root"),
    key("datasets.*.output", KeyKind::Text, "folder of the spectrogram images, in data.output_root"),
    key("datasets.*.timeseries_output", KeyKind::Text, "folder of the time-series windows, in data.output_root"),
    key("datasets.*.min_db", KeyKind::Number(Bounds::Finite), "level that is black in a spectrogram, in dB"),
    key("datasets.*.max_db", KeyKind::Number(Bounds::Finite), "level that is white in a spectrogram, in dB"),
    KeyDoc {
        path: "hf_models.*",
        kind: KeyKind::Anything,
        required: false,
        doc: "models of a generator",
        notice: Some("not used here: it names a model for generating samples, and this program classifies"),
    },
];

const fn key(path: &'static str, kind: KeyKind, doc: &'static str) -> KeyDoc {
    KeyDoc { path, kind, required: false, doc, notice: None }
}

impl Settings {
    /// Every key that a settings file may have.
    #[must_use]
    pub fn keys() -> &'static [KeyDoc] {
        SETTINGS_KEYS
    }

    /// Reads the text of a settings file; `file` names it in messages.
    ///
    /// # Errors
    /// Everything that is wrong with the file, all at once.
    pub fn parse(text: &str, file: &str) -> Result<(Self, Vec<Notice>), ConfigError> {
        let root = document::from_toml(text).map_err(|problem| ConfigError::new(file, vec![problem]))?;
        let mut fields = Fields::read(text, root, SETTINGS_KEYS);
        let datasets = fields.tables_in("datasets");
        let datasets = datasets.into_iter().map(|(name, path)| (name, read_dataset(&mut fields, &path))).collect();
        if !fields.problems.is_empty() {
            return Err(ConfigError::new(file, fields.problems));
        }
        let default = Self::default();
        let settings = Self {
            root: fields.text("data.root").unwrap_or(default.root),
            output_root: fields.text("data.output_root").or(default.output_root),
            output_type: fields.choice("data.output_type").unwrap_or(default.output_type),
            data_type: fields.choice("data.data_type").unwrap_or(default.data_type),
            datasets,
        };
        Ok((settings, fields.into_notices()))
    }
}

fn read_dataset(fields: &mut Fields<'_>, path: &str) -> DatasetSettings {
    let key = |name: &str| format!("{path}.{name}");
    let settings = DatasetSettings {
        root: fields.text(&key("root")),
        output: fields.text(&key("output")),
        timeseries_output: fields.text(&key("timeseries_output")),
        min_db: fields.number(&key("min_db")),
        max_db: fields.number(&key("max_db")),
    };
    if let (Some(min_db), Some(max_db)) = (settings.min_db, settings.max_db)
        && max_db <= min_db
    {
        let message = format!("{path}: max_db, {max_db}, must be above min_db, {min_db}");
        fields.problem(&key("max_db"), message, None);
    }
    settings
}
