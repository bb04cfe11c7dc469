//! The runs that are kept: what the page lists and draws of them.

use std::collections::BTreeMap;

use signal_studio_app_shared::protocol::{Level, Run, RunLine, RunStatus};
use signal_studio_core::training::{history::Ending, run_folder as layout};

use crate::{
    opfs::Opfs,
    runs::{
        journals::JournalCache,
        notes::{Notes, remove_notes},
        records::{files, history, read_if_there, summary},
    },
    shell::{
        errors::{Failure, Outcome},
        home::{Home, no_run},
        post::log,
    },
    training::active_run::ActiveRun,
};

/// A run as a list shows it; `active` is this run, if it is under way. One that cannot be read is listed by its name, and
/// the user is told why: it can be deleted.
pub async fn line(home: &Home, active: Option<&ActiveRun>, name: &str) -> RunLine {
    let read = async { line_of(home, active, name, &files(&home.run(name)?).await?).await };
    let read: Outcome<RunLine> = read.await;
    read.unwrap_or_else(|Failure(fault)| {
        log(Level::Warning, format!("The run {name} cannot be read: {}", fault.message));
        let notes = Notes { title: name.to_owned(), ..Notes::default() };
        line_with(name, notes, RunStatus::Ended, &BTreeMap::new())
    })
}

async fn line_of(
    home: &Home,
    active: Option<&ActiveRun>,
    name: &str,
    files: &BTreeMap<String, u64>,
) -> Outcome<RunLine> {
    let folder = home.run(name)?;
    let (notes, status) = match active {
        Some(run) => (run.notes(), RunStatus::Training),
        None => (Notes::read(&home.notes(), &folder, name).await?, status(&folder, files).await?),
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
        baseline: notes.baseline,
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

/// All of a run that can be drawn; `active` is this run, if it is under way.
///
/// # Errors
/// When there is no such run, or its files cannot be read.
pub async fn run(home: &Home, journals: &JournalCache, active: Option<&ActiveRun>, name: &str) -> Outcome<Run> {
    let folder = home.run(name)?;
    if let Some(run) = active {
        run.keep().await;
    }
    let files = files(&folder).await?;
    // A run that is being made ready has written nothing yet.
    if files.is_empty() && active.is_none() {
        return Err(no_run(name));
    }
    let line = line_of(home, active, name, &files).await?;
    let config = match read_if_there(&folder, layout::CONFIG_TOML).await? {
        Some(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        None => String::new(),
    };
    let events = journals.events(&home.notes(), name).await?;
    Ok(Run { line, config, history: history(&folder).await?, events, summary: summary(&folder).await?, files })
}

/// Gives a run another title; `active` is this run, if it is under way.
///
/// # Errors
/// When there is no such run.
pub async fn rename(home: &Home, active: Option<&ActiveRun>, name: &str, title: String) -> Outcome<()> {
    if let Some(run) = active {
        return Ok(run.rename(title).await?);
    }
    must_be_there(home, name).await?;
    let notes = Notes { title, ..Notes::read(&home.notes(), &home.run(name)?, name).await? };
    Ok(notes.write(&home.notes(), name).await?)
}

/// Removes a run, its files and the notes on it.
///
/// # Errors
/// When they cannot be removed.
pub async fn delete(home: &Home, journals: &JournalCache, name: &str) -> Outcome<()> {
    home.run(name)?.remove_folder("").await?;
    remove_notes(&home.notes(), name).await?;
    // Another run of this name has nothing to do with what was read of this one.
    journals.clear();
    Ok(())
}

/// Refuses names of runs that are not kept.
///
/// # Errors
/// [`FaultKind::Request`](signal_studio_app_shared::protocol::FaultKind::Request).
pub async fn must_be_there(home: &Home, name: &str) -> Outcome<()> {
    if files(&home.run(name)?).await?.is_empty() { Err(no_run(name)) } else { Ok(()) }
}
