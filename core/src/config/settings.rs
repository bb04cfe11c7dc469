//! A settings file: where datasets lie on this machine, and what spectrograms they are turned into.

use std::{collections::BTreeMap, sync::LazyLock};

use serde_json::Value;

use super::{
    ConfigError, DataType, KeyDoc, Notice,
    declarations::NamedTables,
    document,
    fields::Fields,
    keys::{Bounds, KeyKind},
    table::{ConfigTable, Key, config_table},
};
use crate::signal::OutputType;

config_table! {
    /// Where datasets lie on this machine, and what is made of them.
    pub struct Settings in "data" {
        /// Folder of the raw datasets, relative to this file's.
        root: String = ".".to_owned(), KeyKind::Text;
        /// Folder of the preprocessed datasets.
        ///
        /// As it is written, as `root`; the same as `root` if absent.
        output_root: Option<String> = None, KeyKind::Text;
        /// Channels of spectrograms: dB, or also the complex values.
        output_type: OutputType = OutputType::DbOnly, KeyKind::Choice(OutputType::NAMES);
        /// Spectrogram images, or the windows themselves.
        data_type: DataType = DataType::Spectrogram, KeyKind::Choice(DataType::NAMES);
        /// What is set for single datasets, by name.
        datasets: BTreeMap<String, DatasetSettings> = BTreeMap::new() => NamedTables("datasets.*");
        ignored {
            /// Largest weight of a sample in a sampler.
            "max_sampling_weight", KeyKind::Number(Bounds::Positive),
                "not used here: datasets are not trained on together, and every sample is drawn once an epoch";
        }
    }
}

config_table! {
    /// What is set for one dataset. Paths are as they are written; [`Settings::dataset_paths`] resolves them.
    pub struct DatasetSettings in "datasets.*" {
        /// Folder of the raw recordings, in data.root.
        root: Option<String> = None, KeyKind::Text;
        /// Folder of the spectrogram images, in data.output_root.
        output: Option<String> = None, KeyKind::Text;
        /// Folder of the time-series windows, in data.output_root.
        timeseries_output: Option<String> = None, KeyKind::Text;
        /// Level that is black in a spectrogram, in dB.
        min_db: Option<f64> = None, KeyKind::Number(Bounds::Finite);
        /// Level that is white in a spectrogram, in dB.
        ///
        /// Above `min_db`.
        max_db: Option<f64> = None, KeyKind::Number(Bounds::Finite);
    }
}

/// Models for generating samples, in the same file of another program.
const GENERATORS: Key = Key::ignored(
    "hf_models.*",
    KeyKind::Anything,
    "models of a generator",
    "not used here: it names a model for generating samples, and this program classifies",
);

impl Settings {
    /// Every key that a settings file may have.
    #[must_use]
    pub fn keys() -> &'static [KeyDoc] {
        static KEYS: LazyLock<Vec<KeyDoc>> = LazyLock::new(|| {
            let mut keys = Vec::new();
            Settings::list(&mut keys);
            keys.push(GENERATORS.0);
            keys
        });
        &KEYS
    }

    /// Reads the text of a settings file; `file` names it in messages.
    ///
    /// # Errors
    /// Everything that is wrong with the file, all at once.
    pub fn parse(text: &str, file: &str) -> Result<(Self, Vec<Notice>), ConfigError> {
        let root = document::from_toml(text).map_err(|problem| ConfigError::new(file, vec![problem]))?;
        let mut fields = Fields::read(text, root, Self::keys());
        for (_, path) in fields.tables_in("datasets") {
            check_levels(&mut fields, &path);
        }
        match Self::read(&fields) {
            Some(settings) if fields.problems.is_empty() => Ok((settings, fields.into_notices())),
            _ => Err(ConfigError::new(file, fields.problems)),
        }
    }

    /// The settings with every default filled in, and `null` where there is none.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut file = Value::Null;
        let output_root = self.output_root.as_ref().unwrap_or(&self.root).clone();
        Self { output_root: Some(output_root), ..self.clone() }.write(&mut file);
        file
    }
}

/// Checks that white is above black.
pub(super) fn check_levels(fields: &mut Fields<'_>, path: &str) {
    let level = |name: &str| fields.number(&format!("{path}.{name}"));
    if let (Some(min_db), Some(max_db)) = (level("min_db"), level("max_db"))
        && max_db <= min_db
    {
        let message = format!("{path}: max_db, {max_db}, must be above min_db, {min_db}");
        fields.problem(&format!("{path}.max_db"), message, None);
    }
}
