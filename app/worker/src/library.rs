//! The datasets that are kept. Folders of the private file system flow in; what the page lists and shows flows out.

use serde::{Deserialize, Serialize};
use signal_studio_app_shared::{
    names::{ABOUT, DATASETS, INCOMING, OWN_SAMPLES, RUNS, dataset_folder},
    protocol::{Dataset, DatasetLine, Level, Library, Prepared},
};
use signal_studio_core::{
    config::DataType,
    datasets::{
        FeatureShape, METADATA_FILE, PREPROCESSING_FILE, RawDataset, SplitDescription, Survey, describe_split, preset,
        preset_of_prepared, raw_dataset, splits,
    },
    signal::OutputType,
    storage::{Storage, StorageError},
};
use wasm_bindgen_futures::JsFuture;
use web_sys::StorageEstimate;

use crate::{
    errors::{Failure, Outcome},
    opfs::Opfs,
    packed::Packed,
    post::{log, scope},
    runs,
    studio::{Studio, folder_of, name_of_dataset},
};

/// What is known of a dataset, kept beside its files so that a list of datasets opens none of them.
#[derive(Debug, Serialize, Deserialize)]
pub struct About {
    /// Bytes of its files and of what was made from them.
    pub bytes: u64,
    /// What its raw files are; none for samples that were brought along.
    pub survey: Option<Survey>,
}

impl About {
    /// What is known of the dataset in this folder; none when there is no dataset.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub async fn read(home: &Opfs) -> Outcome<Option<Self>> {
        let bytes = match home.read(ABOUT).await {
            Err(StorageError::NotFound { .. }) => return Ok(None),
            read => read?,
        };
        let about = serde_json::from_slice(&bytes).map_err(|error| {
            let place = home.path();
            Failure::failed(format_args!("{place}/{ABOUT} is damaged: {error}; delete the dataset and drop it again"))
        })?;
        Ok(Some(about))
    }

    /// Makes the folder a dataset.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn write(home: &Opfs, survey: Option<Survey>) -> Outcome<()> {
        let bytes = home.list("").await?.iter().map(|file| file.size).sum();
        let json = serde_json::to_vec(&Self { bytes, survey }).expect("a survey has string keys and no foreign types");
        Ok(home.write(ABOUT, &json).await?)
    }

    /// Counts the dataset's bytes again.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub async fn refresh(home: &Opfs) -> Outcome<()> {
        match Self::read(home).await? {
            Some(about) => Self::write(home, about.survey).await,
            None => Ok(()),
        }
    }

    /// The dataset that reads its recordings.
    pub fn source(&self) -> Option<&'static dyn RawDataset> {
        self.survey.as_ref().and_then(|survey| survey.dataset.as_deref()).and_then(raw_dataset)
    }
}

/// Removes what an interrupted write or import left.
///
/// # Errors
/// When the files cannot be read.
pub async fn clean_up(studio: &Studio) -> Outcome<()> {
    studio.files.remove_folder(INCOMING).await?;
    let datasets = studio.files.below(DATASETS);
    for folder in datasets.folders().await? {
        if !datasets.exists(&format!("{folder}/{ABOUT}")).await? {
            datasets.remove_folder(&folder).await?;
        }
    }
    Ok(())
}

/// Everything that is kept.
///
/// # Errors
/// When the files cannot be read.
pub async fn library(studio: &Studio) -> Outcome<Library> {
    let home = studio.files.below(DATASETS);
    let mut datasets = Vec::new();
    for folder in home.folders().await? {
        let name = name_of_dataset(&folder);
        let bytes = match About::read(&home.below(&folder)).await {
            Ok(Some(about)) => about.bytes,
            // It is still being copied.
            Ok(None) => continue,
            // One that is damaged does not hide the others, and can be deleted.
            Err(Failure(fault)) => {
                log(Level::Warning, format!("The dataset {name} cannot be read: {}", fault.message));
                0
            }
        };
        datasets.push(DatasetLine { name, bytes });
    }
    datasets.sort_by(|one, other| one.name.cmp(&other.name));
    let mut names = studio.files.below(RUNS).folders().await?;
    if let Some(run) = studio.active_run()
        && !names.iter().any(|name| name == run.name())
    {
        names.push(run.name().to_owned());
    }
    let mut lines = Vec::new();
    for name in names {
        lines.push(runs::line(studio, &name).await);
    }
    lines.sort_by(|one, other| other.started_ms.total_cmp(&one.started_ms));
    let room = Room::now().await?;
    let is_persistent = is_persistent().await;
    Ok(Library { datasets, runs: lines, used_bytes: room.used, quota_bytes: room.quota, is_persistent })
}

/// What the browser lets this site keep, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// In use.
    pub used: u64,
    /// Allowed.
    pub quota: u64,
}

impl Room {
    /// As the browser estimates it now.
    ///
    /// # Errors
    /// When it does not tell.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes are whole and below 2^53")]
    pub async fn now() -> Outcome<Self> {
        let estimate = async { JsFuture::from(scope().navigator().storage().estimate()?).await };
        let estimate = estimate
            .await
            .map_err(|error| Failure::of_browser("the browser does not tell how much room there is", &error))?;
        let estimate = StorageEstimate::from(estimate);
        let bytes = |value: Option<f64>| value.unwrap_or_default() as u64;
        Ok(Self { used: bytes(estimate.get_usage()), quota: bytes(estimate.get_quota()) })
    }

    /// What is left.
    pub fn free(self) -> u64 {
        self.quota.saturating_sub(self.used)
    }

    /// Refuses what is larger than what is left.
    ///
    /// # Errors
    /// [`FaultKind::NoRoom`](signal_studio_app_shared::protocol::FaultKind::NoRoom) says how much is missing.
    pub fn must_hold(self, bytes: u64) -> Outcome<()> {
        if bytes <= self.free() {
            return Ok(());
        }
        let megabytes = |bytes: u64| bytes.div_ceil(1_000_000);
        Err(Failure::no_room(format_args!(
            "these files need {} MB, and the browser has room for {} MB more: delete datasets or runs that are no longer \
             needed, or free some of the disk",
            megabytes(bytes),
            megabytes(self.free())
        )))
    }
}

async fn is_persistent() -> bool {
    let persisted = async { JsFuture::from(scope().navigator().storage().persisted()?).await };
    persisted.await.is_ok_and(|answer| answer.is_truthy())
}

/// All of a dataset that can be shown.
///
/// # Errors
/// When there is none of this name, or its files cannot be read.
pub async fn dataset(studio: &Studio, name: &str) -> Outcome<Dataset> {
    let home = studio.dataset(name)?;
    let about = About::read(&home).await?;
    let about = about.ok_or_else(|| Failure::request(format_args!("there is no dataset `{name}` in this browser")))?;
    let prepared = prepared(&home).await?;
    let name = name_of_dataset(folder_of(name)?);
    let preset = match &about.survey {
        Some(survey) => preset(survey, &name, &studio.settings),
        None => {
            let splits = prepared.first().map(|prepared| prepared.splits.as_slice()).unwrap_or_default();
            preset_of_prepared(splits, &name)
        }
    };
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
    let told = report
        .and_then(|Report { options }| Some((options.data_type.parse().ok()?, options.output_type.parse().ok()?)));
    told.unwrap_or_else(|| match splits.first().map(|split| split.shape) {
        Some(FeatureShape::Signal { .. }) => (DataType::Timeseries, OutputType::DbOnly),
        Some(FeatureShape::Image { channels: 3, .. }) => (DataType::Spectrogram, OutputType::DbIq),
        Some(FeatureShape::Image { .. }) | None => (DataType::Spectrogram, OutputType::DbOnly),
    })
}

/// Removes a dataset and all that was made from it.
///
/// # Errors
/// When something under way needs it.
pub async fn delete_dataset(studio: &Studio, name: &str) -> Outcome<()> {
    let home = studio.dataset(name)?;
    if studio.active_run().is_some_and(|run| dataset_folder(run.dataset()) == dataset_folder(name)) {
        return Err(Failure::request(format_args!("a run is learning from `{name}`: stop it first")));
    }
    let _job = studio.begin("the removal of a dataset")?;
    studio.forget_seen();
    // Without this file the rest is no dataset any more, and is removed at the next start if it cannot be now.
    match home.remove(ABOUT).await {
        Ok(()) | Err(StorageError::NotFound { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(home.remove_folder("").await?)
}
