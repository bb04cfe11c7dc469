//! The runs that are kept. Run folders, and the notes that the studio keeps beside them, flow in; what the page lists
//! and draws flows out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use signal_studio_app_shared::{
    journal,
    names::{self, NOTES},
    protocol::{Level, Run, RunLine, RunStatus},
};
use signal_studio_core::{
    config::RunConfig,
    storage::{Storage, StorageError},
    training::{
        Summary,
        history::{Ending, EpochRecord},
        run_folder as layout,
    },
};

use crate::{
    errors::{Failure, Outcome},
    opfs::Opfs,
    post::log,
    studio::Studio,
};

/// Reports of the loss that are sent of a run: more than a chart has pixels, few enough to be read at once.
const MOST_STEPS: usize = 5000;

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
    pub best: Option<f64>,
}

impl Notes {
    /// The notes on a run; without any, or with damaged ones, what its folder says.
    ///
    /// # Errors
    /// When they are there and cannot be read.
    pub async fn read(studio: &Studio, name: &str) -> Outcome<Self> {
        match read_json(&studio.files, &notes_path(name)).await? {
            Some(notes) => Ok(notes),
            None => Self::of_folder(&studio.run_folder(name)?, name).await,
        }
    }

    /// Keeps them.
    ///
    /// # Errors
    /// When they cannot be written.
    pub async fn write(&self, files: &Opfs, name: &str) -> Result<(), StorageError> {
        let json = serde_json::to_vec(self).expect("notes have string keys and no foreign types");
        files.write(&notes_path(name), &json).await
    }

    /// What a run folder tells by itself.
    ///
    /// # Errors
    /// When its files cannot be read.
    pub async fn of_folder(folder: &Opfs, name: &str) -> Outcome<Self> {
        let history = history(folder).await?;
        let best = summary(folder).await?.and_then(|summary| summary.best_metric);
        let config: Option<serde_json::Map<_, _>> = read_json(folder, layout::CONFIG_JSON).await?;
        let config = config.and_then(|object| RunConfig::from_json(&object, layout::CONFIG_JSON).ok());
        Ok(Self {
            title: name.to_owned(),
            dataset: config.map(|config| config.dataset.name.to_string()).unwrap_or_default(),
            epochs: history.len(),
            best,
            ..Self::default()
        })
    }
}

/// Where the notes on a run are.
fn notes_path(name: &str) -> String {
    format!("{NOTES}/{name}.json")
}

/// Where what a run told is kept.
pub fn journal_path(name: &str) -> String {
    format!("{NOTES}/{name}.events.jsonl")
}

/// A run as a list shows it. One that cannot be read is listed by its name, and the user is told why: it can be deleted.
pub async fn line(studio: &Studio, name: &str) -> RunLine {
    let read = async { line_of(studio, name, &files(&studio.run_folder(name)?).await?).await };
    let read: Outcome<RunLine> = read.await;
    read.unwrap_or_else(|Failure(fault)| {
        log(Level::Warning, format!("The run {name} cannot be read: {}", fault.message));
        let notes = Notes { title: name.to_owned(), ..Notes::default() };
        line_with(name, notes, RunStatus::Ended, &BTreeMap::new())
    })
}

async fn line_of(studio: &Studio, name: &str, files: &BTreeMap<String, u64>) -> Outcome<RunLine> {
    let active = studio.active(name);
    let notes = match &active {
        Some(run) => run.notes(),
        None => Notes::read(studio, name).await?,
    };
    let status = match active {
        Some(_) => RunStatus::Training,
        None => status(&studio.run_folder(name)?, files).await?,
    };
    Ok(line_with(name, notes, status, files))
}

fn line_with(name: &str, notes: Notes, status: RunStatus, files: &BTreeMap<String, u64>) -> RunLine {
    RunLine {
        name: name.to_owned(),
        title: notes.title,
        started_ms: notes.started_ms,
        dataset: notes.dataset,
        device: notes.device,
        status,
        epochs: notes.epochs,
        best: notes.best,
        bytes: files.values().sum(),
    }
}

/// How a run stands that is not under way.
async fn status(folder: &Opfs, files: &BTreeMap<String, u64>) -> Outcome<RunStatus> {
    let can_go_on = files.contains_key(layout::LAST_OPTIMIZER) && files.contains_key(layout::LAST);
    Ok(match summary(folder).await?.map(|summary| summary.ended) {
        Some(Ending::Finished | Ending::EarlyStopping | Ending::MaxSteps) => RunStatus::Complete,
        _ if can_go_on => RunStatus::Resumable,
        _ => RunStatus::Ended,
    })
}

/// All of a run that can be drawn.
///
/// # Errors
/// When there is no such run, or its files cannot be read.
pub async fn run(studio: &Studio, name: &str) -> Outcome<Run> {
    let folder = studio.run_folder(name)?;
    if let Some(run) = studio.active(name) {
        run.keep().await;
    }
    let files = files(&folder).await?;
    // A run that is being made ready has written nothing yet.
    if files.is_empty() && studio.active(name).is_none() {
        return Err(no_run(name));
    }
    let line = line_of(studio, name, &files).await?;
    let config = match read_if_there(&folder, layout::CONFIG_TOML).await? {
        Some(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        None => String::new(),
    };
    let told = read_if_there(&studio.files, &journal_path(name)).await?.unwrap_or_default();
    let events = journal::read(&String::from_utf8_lossy(&told), MOST_STEPS);
    Ok(Run { line, config, history: history(&folder).await?, events, summary: summary(&folder).await?, files })
}

/// Gives a run another title.
///
/// # Errors
/// When there is no such run.
pub async fn rename(studio: &Studio, name: &str, title: String) -> Outcome<()> {
    if let Some(run) = studio.active(name) {
        run.change_notes(|notes| notes.title = title);
        return Ok(run.notes().write(&studio.files, name).await?);
    }
    must_be_there(studio, name).await?;
    let notes = Notes { title, ..Notes::read(studio, name).await? };
    Ok(notes.write(&studio.files, name).await?)
}

/// Removes a run, its files and the notes on it.
///
/// # Errors
/// When it is under way.
pub async fn delete(studio: &Studio, name: &str) -> Outcome<()> {
    if studio.active(name).is_some() {
        return Err(Failure::request(format_args!("the run {name} is under way: stop it first")));
    }
    studio.run_folder(name)?.remove_folder("").await?;
    remove_notes(studio, name).await
}

/// Removes the notes on a run, if there are any.
///
/// # Errors
/// When they cannot be removed.
pub async fn remove_notes(studio: &Studio, name: &str) -> Outcome<()> {
    for path in [notes_path(name), journal_path(name)] {
        match studio.files.remove(&path).await {
            Ok(()) | Err(StorageError::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Refuses names of runs that are not kept.
///
/// # Errors
/// [`FaultKind::Request`](signal_studio_app_shared::protocol::FaultKind::Request).
pub async fn must_be_there(studio: &Studio, name: &str) -> Outcome<()> {
    let is_there = names::is_entry(name) && !files(&studio.run_folder(name)?).await?.is_empty();
    if is_there { Ok(()) } else { Err(no_run(name)) }
}

/// Says that no run of this name is kept.
pub fn no_run(name: &str) -> Failure {
    Failure::request(format_args!("there is no run `{name}`"))
}

/// The files of a run's folder and their sizes; none for a folder that is not there.
///
/// # Errors
/// [`StorageError::Failed`] when that cannot be told.
pub async fn files(folder: &Opfs) -> Result<BTreeMap<String, u64>, StorageError> {
    match folder.list("").await {
        Err(StorageError::NotFound { .. }) => Ok(BTreeMap::new()),
        listed => Ok(listed?.into_iter().map(|entry| (entry.path, entry.size)).collect()),
    }
}

async fn history(folder: &Opfs) -> Outcome<Vec<EpochRecord>> {
    Ok(read_json(folder, layout::HISTORY).await?.unwrap_or_default())
}

async fn summary(folder: &Opfs) -> Outcome<Option<Summary>> {
    read_json(folder, layout::SUMMARY).await
}

/// What a file holds. One that is damaged counts as missing, and the user is told: the rest of a run is of use without.
async fn read_json<T: for<'de> Deserialize<'de>>(folder: &Opfs, path: &str) -> Outcome<Option<T>> {
    let Some(bytes) = read_if_there(folder, path).await? else { return Ok(None) };
    let read = serde_json::from_slice(&bytes).inspect_err(|error| {
        let place = folder.below(path);
        log(Level::Warning, format!("{} is damaged and left out: {error}", place.path()));
    });
    Ok(read.ok())
}

async fn read_if_there(folder: &Opfs, path: &str) -> Outcome<Option<Vec<u8>>> {
    match folder.read(path).await {
        Ok(bytes) => Ok(Some(bytes)),
        Err(StorageError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
