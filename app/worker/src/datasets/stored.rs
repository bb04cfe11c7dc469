//! The datasets that are kept: what the page shows of them.

use serde::Deserialize;
use signal_studio_app_shared::{
    protocol::{Dataset, Prepared},
    shell::names::{ABOUT, OWN_SAMPLES},
};
use signal_studio_core::{
    config::{DataType, Settings},
    datasets::{
        FeatureShape, METADATA_FILE, PREPROCESSING_FILE, SplitDescription, describe_split, preset, preset_of_prepared,
        splits,
    },
    signal::OutputType,
    storage::{Storage, StorageError},
};

use crate::{
    datasets::{about::About, cache::DatasetCache, packed::Packed},
    opfs::Opfs,
    shell::{
        errors::{Failure, Outcome},
        home::{Home, folder_of, name_of_dataset},
    },
};

/// All of a dataset that can be shown.
///
/// # Errors
/// When there is none of this name, or its files cannot be read.
pub async fn dataset(home: &Home, settings: &Settings, name: &str) -> Outcome<Dataset> {
    let folder = home.dataset(name)?;
    let about = About::read(&folder).await?;
    let about = about.ok_or_else(|| Failure::request(format_args!("there is no dataset `{name}` in this browser")))?;
    let prepared = prepared(&folder).await?;
    let name = name_of_dataset(folder_of(name)?);
    let preset = match &about.survey {
        Some(survey) => preset(survey, &name, settings),
        None => {
            let splits = prepared.first().map(|prepared| prepared.splits.as_slice()).unwrap_or_default();
            preset_of_prepared(splits, &name)
        }
    };
    let preset = preset.map_err(|error| error.to_string());
    Ok(Dataset { name, bytes: about.bytes, survey: about.survey, prepared, preset })
}

/// The folders of samples that are complete.
async fn prepared(home: &Opfs) -> Outcome<Vec<Prepared>> {
    let (parent, own) = OWN_SAMPLES.rsplit_once('/').expect("own samples lie beside those made here");
    let mut found = Vec::new();
    for folder in home.below(parent).folders().await? {
        let samples = Packed::open(home.below(&format!("{parent}/{folder}"))).await?;
        // Those made here are complete once the table of all splits is there; others may have one a split only.
        if folder != own && !samples.exists(METADATA_FILE).await? {
            continue;
        }
        let mut described = Vec::new();
        for (split, count) in splits(&samples).await? {
            if count > 0 {
                described.push(describe_split(&samples, &split).await?);
            }
        }
        let (data_type, output_type) = kind_of(&samples, &described).await;
        found.push(Prepared { data_type, output_type, splits: described });
    }
    Ok(found)
}

/// What samples are: preprocessing wrote it down; of others, their shape tells what it can.
async fn kind_of(samples: &Packed, splits: &[SplitDescription]) -> (DataType, OutputType) {
    #[derive(Deserialize)]
    struct Report {
        options: Options,
    }
    #[derive(Deserialize)]
    struct Options {
        data_type: String,
        output_type: String,
    }
    let report = samples.read(PREPROCESSING_FILE).await.ok();
    let report = report.and_then(|bytes| serde_json::from_slice::<Report>(&bytes).ok());
    let noted = report
        .and_then(|Report { options }| Some((options.data_type.parse().ok()?, options.output_type.parse().ok()?)));
    noted.unwrap_or_else(|| match splits.first().map(|split| split.shape) {
        Some(FeatureShape::Signal { .. }) => (DataType::Timeseries, OutputType::DbOnly),
        Some(FeatureShape::Image { channels: 3, .. }) => (DataType::Spectrogram, OutputType::DbIq),
        Some(FeatureShape::Image { .. }) | None => (DataType::Spectrogram, OutputType::DbOnly),
    })
}

/// Removes a dataset and all that was made from it.
///
/// # Errors
/// When it cannot be removed.
pub async fn delete(home: &Home, cache: &DatasetCache, name: &str) -> Outcome<()> {
    let folder = home.dataset(name)?;
    // Without this file the rest is no dataset any more, and is removed at the next start if it cannot be now.
    match folder.remove(ABOUT).await {
        Ok(()) | Err(StorageError::NotFound { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let removed = folder.remove_folder("").await;
    // At the end: meanwhile a run file on it may have been checked.
    cache.clear();
    Ok(removed?)
}
