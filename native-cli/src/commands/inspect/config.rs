//! A config: whether it is right, what it says with every default filled in, and the model that it gives.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use signal_studio_core::{
    config::{ResolvedData, RunConfig, Settings},
    datasets::{FeatureShape, FolderDataset, PreprocessOptions},
    labels::TaskSpec,
    model::summary::ModelSummary,
};

use super::report::Report;
use crate::{
    config_files::{ConfigText, RunFile, SettingsFile, resolve_dataset_name},
    failure::Failure,
    prepared_data,
    storage::DiskStorage,
};

pub fn report(place: &Path, settings: Option<&str>, data: Option<&Path>) -> Result<Report, Failure> {
    let source = ConfigText::read(place)?;
    // Both kinds are TOML. A file that is neither is reported as the one that it comes closer to.
    match (RunConfig::parse(&source.text, &source.name), Settings::parse(&source.text, &source.name)) {
        (Err(_), Ok((settings, _))) => Ok(of_settings(&source.name, &settings)),
        (Err(run), Err(settings)) if settings.problems.len() < run.problems.len() => Err(settings.into()),
        _ => of_run(source, settings, data),
    }
}

fn of_settings(name: &str, settings: &Settings) -> Report {
    let resolved = settings.to_json();
    let text = format!("settings, without mistakes: {name}\n{}", lines(&resolved));
    Report { json: json!({ "kind": "settings", "resolved": resolved }), text }
}

fn of_run(source: ConfigText, settings: Option<&str>, data: Option<&Path>) -> Result<Report, Failure> {
    let name = source.name.clone();
    let RunFile { mut config, folder, .. } = RunFile::parse(source)?;
    let settings = SettingsFile::for_run(settings, &config, folder.as_deref())?;
    resolve_dataset_name(&mut config, &settings.settings)?;
    let resolved = config.resolve(&settings.settings)?;
    let tasks: Vec<TaskSpec> = resolved.labels.iter().map(|label| label.task.clone()).collect();
    let folder = match data {
        Some(folder) => folder.to_owned(),
        None => prepared_data::folder(&config, &resolved, &settings),
    };
    let is_there = prepared_data::is_prepared(&folder)?;
    if data.is_some() && !is_there {
        return Err(Failure::request(format_args!("there is no preprocessed data in {}", folder.display())));
    }
    let shape = if is_there { shape_in(&folder, &config)? } else { usual_shape(&config, &resolved, &settings) };
    let model = ModelSummary::new(&config.model, &tasks, shape)?;
    let (place, condition) = (folder.display(), if is_there { "there" } else { "not there yet; its shape is assumed" });
    let text = format!(
        "run, without mistakes: {name}\n{}\ndata: {place} ({condition})\nmodel: {model}",
        lines(&config.to_json()),
    );
    let json = json!({
        "kind": "run_config",
        "resolved": config.to_json(),
        "settings": settings.path,
        "data": { "folder": folder, "is_there": is_there },
        "tasks": tasks,
        "model": model_json(&model),
    });
    Ok(Report { json, text })
}

fn shape_in(folder: &PathBuf, config: &RunConfig) -> Result<FeatureShape, Failure> {
    let storage = DiskStorage::new(folder);
    let split = pollster::block_on(FolderDataset::open(&storage, &config.dataset.train_split, &[]));
    Ok(split.map_err(|error| Failure::from(error).within("the dataset", folder))?.feature_shape())
}

/// The shape of samples that preprocessing gives by default.
fn usual_shape(config: &RunConfig, data: &ResolvedData, settings: &SettingsFile) -> FeatureShape {
    match prepared_data::raw_dataset_of(config) {
        Some(dataset) => prepared_data::options(dataset, config, data, settings).shape(),
        None => {
            let usual =
                PreprocessOptions { data_type: data.data_type, output_type: data.output_type, ..Default::default() };
            let stated = config.dataset.extras.n_eeg_channels;
            match usual.shape() {
                FeatureShape::Signal { channels, samples } => FeatureShape::Signal {
                    channels: stated.or(config.model.input_channels).unwrap_or(channels),
                    samples: config.dataset.extras.sequence_length.unwrap_or(samples),
                },
                image => image,
            }
        }
    }
}

fn model_json(model: &ModelSummary) -> Value {
    let layers: Vec<_> = model
        .layers
        .iter()
        .map(|layer| {
            json!({
                "name": layer.name,
                "kind": layer.kind,
                "output": layer.output,
                "parameters": layer.parameters,
                "multiply_adds": layer.multiply_adds,
            })
        })
        .collect();
    json!({
        "input": model.input.to_string(),
        "layers": layers,
        "parameters": model.parameters(),
        "multiply_adds": model.multiply_adds(),
    })
}

/// An object as lines `table.key = value`; keys that have no value are left out.
fn lines(object: &Value) -> String {
    fn add(lines: &mut Vec<String>, name: &str, value: &Value) {
        match value {
            Value::Object(table) => {
                for (key, value) in table {
                    let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                    add(lines, &name, value);
                }
            }
            Value::Null => {}
            value => lines.push(format!("  {name} = {value}")),
        }
    }
    let mut lines = Vec::new();
    add(&mut lines, "", object);
    lines.join("\n")
}
