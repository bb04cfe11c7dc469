//! The run file that fits a folder, of recordings or of preprocessed data.

use std::path::{MAIN_SEPARATOR, Path};

use serde_json::json;
use signal_studio_core::datasets::{PresetError, describe_split, preset, preset_of_prepared, splits};

use super::{raw, report::Report};
use crate::{config_files::SettingsFile, failure::Failure, prepared_data, storage::DiskStorage};

pub fn report(path: &Path, settings: Option<&str>) -> Result<Report, Failure> {
    if !path.is_dir() {
        return Err(Failure::request(format_args!("--preset needs a folder, unlike {}", path.display())));
    }
    let unfit = |error: PresetError| {
        Failure::request(format_args!("there is no run file that fits {}: {error}", path.display()))
    };
    let text = if prepared_data::is_prepared(path)? {
        let storage = DiskStorage::new(path);
        let within = |error| Failure::from(error).within("the dataset", path);
        let mut described = Vec::new();
        for (split, samples) in pollster::block_on(splits(&storage)).map_err(within)? {
            if samples > 0 {
                described.push(pollster::block_on(describe_split(&storage, &split)).map_err(within)?);
            }
        }
        preset_of_prepared(&described, &as_path(path)).map_err(unfit)?
    } else {
        let settings = SettingsFile::usual(settings)?;
        let (survey, _) = raw::look(path)?;
        let dataset = survey.dataset.as_deref().unwrap_or("recordings");
        preset(&survey, dataset, &settings.settings).map_err(unfit)?
    };
    Ok(Report { json: json!({ "kind": "preset", "text": text }), text })
}

/// The path as a run file tells it from a dataset's name: with a slash.
fn as_path(path: &Path) -> String {
    let text = path.display().to_string();
    if text.contains(['/', MAIN_SEPARATOR]) { text } else { format!("./{text}") }
}
