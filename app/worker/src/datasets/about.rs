//! What is known of a dataset, beside its files.

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};
use signal_studio_app_shared::shell::{
    kept::{Kept, Versioned},
    names::{ABOUT, RAW},
};
use signal_studio_core::{
    datasets::{RawDataset, Survey, raw_dataset, survey},
    storage::{Storage, StorageError},
};

use crate::{
    opfs::Opfs,
    shell::errors::{Failure, Outcome},
};

/// What is known of a dataset, kept beside its files so that a list of datasets opens none of them.
#[derive(Debug, Serialize, Deserialize)]
pub struct About {
    /// Bytes of its files and of what was made from them.
    pub bytes: u64,
    /// What its raw files are; none for samples that were brought along.
    pub survey: Option<Survey>,
}

impl Versioned for About {
    // Surveys of version 0 know less of the recordings than today's.
    const VERSION: u32 = 1;
}

impl About {
    /// What is known of the dataset in this folder; none when there is no dataset. What an older version found out is
    /// found out again.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub async fn read(home: &Opfs) -> Outcome<Option<Self>> {
        let bytes = match home.read(ABOUT).await {
            Err(StorageError::NotFound { .. }) => return Ok(None),
            read => read?,
        };
        let place = home.path();
        match Kept::read(&bytes) {
            Ok(Kept::Current(about)) => Ok(Some(about)),
            Ok(Kept::Older { value, .. }) => Self::upgrade(home, &value).await,
            Ok(Kept::Newer { .. }) => Err(Failure::request(format_args!(
                "{place}/{ABOUT} was written by a newer version of the studio: reload the page to have that version"
            ))),
            Err(error) => Err(Failure::failed(format_args!(
                "{place}/{ABOUT} is damaged: {error}; delete the dataset and drop it again"
            ))),
        }
    }

    /// Makes the folder a dataset.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn write(home: &Opfs, survey: Option<Survey>) -> Outcome<()> {
        let bytes = home.list("").await?.iter().map(|file| file.size).sum();
        Self { bytes, survey }.keep(home).await
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

    /// Looks into the recordings anew, as a drop of them would; none when the dataset has been removed meanwhile.
    async fn upgrade(home: &Opfs, older: &serde_json::Value) -> Outcome<Option<Self>> {
        let bytes = older["bytes"].as_u64().unwrap_or_default();
        let survey = match older["survey"].is_null() {
            true => None,
            false => Some(survey(&home.below(RAW), &mut |_| ControlFlow::Continue(())).await?),
        };
        let about = Self { bytes, survey };
        about.keep(home).await?;
        if home.folders().await?.is_empty() {
            // Written behind the removal, it would be a dataset of its own.
            home.remove_folder("").await?;
            return Ok(None);
        }
        Ok(Some(about))
    }

    async fn keep(&self, home: &Opfs) -> Outcome<()> {
        Ok(home.write(ABOUT, &self.to_json()).await?)
    }
}
