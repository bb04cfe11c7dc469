//! The preprocessed folder that a run trains on: where it is, and whether it is there.

use std::path::{Path, PathBuf};

use signal_studio_core::{
    config::{DataType, DatasetName, DatasetPaths, ResolvedData, RunConfig},
    datasets::{RawDataset, needs_math_trials, raw_dataset, splits},
    labels::TIMESERIES_SUFFIX,
    storage::StorageError,
};

use crate::{config_files::SettingsFile, failure::Failure, paths::quoted, storage::DiskStorage};

/// The folder of the data that a run trains on.
pub fn folder(config: &RunConfig, data_type: DataType, settings: &SettingsFile) -> PathBuf {
    match &config.dataset.name {
        DatasetName::Path(path) => PathBuf::from(path),
        DatasetName::Named(name) => output_folder(settings.dataset_paths(name), data_type),
    }
}

/// Where preprocessing writes.
pub fn output_folder(paths: DatasetPaths, data_type: DataType) -> PathBuf {
    match data_type {
        DataType::Spectrogram => paths.output,
        DataType::Timeseries => paths.timeseries_output,
    }
}

/// Whether there is metadata of samples in a folder.
pub fn is_prepared(folder: &Path) -> Result<bool, Failure> {
    match pollster::block_on(splits(&DiskStorage::new(folder))) {
        Ok(splits) => Ok(!splits.is_empty()),
        Err(signal_studio_core::datasets::DatasetError::Storage(StorageError::NotFound { .. })) => Ok(false),
        Err(error) => Err(Failure::from(error).within("the dataset", folder)),
    }
}

/// The raw dataset that a run's data are made from, if they can be made here.
pub fn raw_dataset_of(config: &RunConfig) -> Option<&'static dyn RawDataset> {
    match &config.dataset.name {
        DatasetName::Named(name) => raw_dataset(name.strip_suffix(TIMESERIES_SUFFIX).unwrap_or(name)),
        DatasetName::Path(_) => None,
    }
}

/// The failure of a run whose data are not there: which folder that is, and the command that fills it.
pub fn missing(config: &RunConfig, data: &ResolvedData, settings: &SettingsFile, folder: &Path) -> Failure {
    let folder = folder.display();
    let Some(dataset) = raw_dataset_of(config) else {
        return Failure::request(format_args!(
            "there is no preprocessed data of `{}` in {folder}\n  it needs metadata.csv, or one metadata table a split",
            config.dataset.name
        ));
    };
    let mut command = format!("signal-studio preprocess {}", dataset.name());
    if let Some(path) = &settings.path {
        command.push_str(&format!(" --settings {}", quoted(path)));
    }
    let raw = settings.dataset_paths(dataset.name()).root;
    if !raw.is_dir() {
        command.push_str(" --root <folder of the recordings>");
    }
    if data.data_type != settings.settings.data_type {
        command.push_str(&format!(" --data-type {}", data.data_type));
    }
    if data.data_type == DataType::Spectrogram && data.output_type != settings.settings.output_type {
        command.push_str(&format!(" --output-type {}", data.output_type));
    }
    if needs_math_trials(dataset, &config.dataset.tasks) {
        command.push_str(" --math-trials");
    }
    Failure::request(format_args!(
        "there is no preprocessed data of `{}` in {folder}\n  make it with: {command}",
        config.dataset.name
    ))
}
