//! What only the studio knows of runs: notes beside their folders, and where their journals lie.

use serde::{Deserialize, Serialize};
use signal_studio_app_shared::{
    protocol::Level,
    shell::kept::{Kept, Versioned},
};
use signal_studio_core::{
    config::{Baseline, RunConfig},
    storage::{Storage, StorageError},
    training::{BaselineResults, Summary, run_folder as layout, score::Score},
};

use crate::{
    opfs::Opfs,
    runs::records::{history, read_if_there, read_json, summary},
    shell::{errors::Outcome, post::log},
};

/// What only the studio knows of a run.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Notes {
    /// What the user calls it.
    pub title: String,
    /// The dataset, as the run file calls it.
    pub dataset: String,
    /// The device, in words.
    pub device: String,
    /// When it was started, in milliseconds since 1970.
    pub started_ms: f64,
    /// Seconds that it has been training.
    pub trained_s: f64,
    /// Epochs done.
    pub epochs: usize,
    /// The best validation score so far.
    pub best: Option<Score>,
    /// The best of the simple methods beside it, in validation.
    #[serde(default)]
    pub baseline: Option<(Baseline, Score)>,
}

impl Versioned for Notes {
    // Version 0 does not say what its score is one of.
    const VERSION: u32 = 1;
}

impl Notes {
    /// The notes on the run in `folder`; without any, or with damaged ones, what the folder says.
    ///
    /// # Errors
    /// When they are there and cannot be read.
    pub async fn read(notes: &Opfs, folder: &Opfs, name: &str) -> Outcome<Self> {
        if let Some(bytes) = read_if_there(notes, &notes_file(name)).await? {
            let read = Kept::read(&bytes).and_then(|kept| match kept {
                Kept::Current(notes) => Ok(Some(notes)),
                Kept::Older { mut value, .. } => {
                    // Version 0 does not say what its score is one of.
                    if let Some(best) = value["best"].as_f64() {
                        value["best"] = serde_json::to_value(Score::of_older_version(best))?;
                    }
                    serde_json::from_value(value).map(Some)
                }
                Kept::Newer { .. } => Ok(None),
            });
            match read {
                Ok(Some(notes)) => return Ok(notes),
                Ok(None) => {}
                Err(error) => {
                    let place = notes.path();
                    log(Level::Warning, format!("{place}/{} is damaged and left out: {error}", notes_file(name)));
                }
            }
        }
        Self::of_folder(folder, name).await
    }

    /// Keeps them.
    ///
    /// # Errors
    /// When they cannot be written.
    pub async fn write(&self, notes: &Opfs, name: &str) -> Result<(), StorageError> {
        notes.write(&notes_file(name), &self.to_json()).await
    }

    /// What a run folder tells by itself.
    ///
    /// # Errors
    /// When its files cannot be read.
    pub async fn of_folder(folder: &Opfs, name: &str) -> Outcome<Self> {
        let history = history(folder).await?;
        let summary = summary(folder).await?;
        let baselines = summary.as_ref().and_then(|summary| summary.baselines.as_ref());
        let config: Option<serde_json::Map<_, _>> = read_json(folder, layout::CONFIG_JSON).await?;
        let config = config.and_then(|object| RunConfig::from_json(&object, layout::CONFIG_JSON).ok());
        Ok(Self {
            title: name.to_owned(),
            dataset: config.map(|config| config.dataset.name.to_string()).unwrap_or_default(),
            epochs: history.len(),
            best: summary.as_ref().and_then(Summary::best_score),
            baseline: baselines.and_then(BaselineResults::best_scored),
            ..Self::default()
        })
    }
}

/// Removes the notes on a run, if there are any.
///
/// # Errors
/// When they cannot be removed.
pub async fn remove_notes(notes: &Opfs, name: &str) -> Result<(), StorageError> {
    for path in [notes_file(name), journal_file(name), samples_file(name)] {
        match notes.remove(&path).await {
            Ok(()) | Err(StorageError::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The notes on a run.
fn notes_file(name: &str) -> String {
    format!("{name}.json")
}

/// What a run reported.
pub fn journal_file(name: &str) -> String {
    format!("{name}.events.jsonl")
}

/// What a run's last evaluation says of single samples.
pub fn samples_file(name: &str) -> String {
    format!("{name}.samples.json")
}
