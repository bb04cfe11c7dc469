//! Everything that is kept, and what of it is left over.

use signal_studio_app_shared::{
    protocol::{DatasetLine, Level, Library},
    shell::names::ABOUT,
};
use signal_studio_core::storage::Storage;

use crate::{
    datasets::about::About,
    runs::{incoming, notes::remove_notes, stored},
    shell::{
        errors::{Failure, Outcome},
        home::{Home, name_of_dataset},
        post::log,
        room::{Room, is_persistent},
    },
    training::active_run::ActiveRun,
};

/// Removes what an interrupted write or import left.
///
/// # Errors
/// When the files cannot be read.
pub async fn clean_up(home: &Home) -> Outcome<()> {
    for name in incoming::names(home).await? {
        home.run(&name)?.remove_folder("").await?;
        remove_notes(&home.notes(), &name).await?;
    }
    home.incoming().remove_folder("").await?;
    let datasets = home.datasets();
    for folder in datasets.folders().await? {
        if !datasets.exists(&format!("{folder}/{ABOUT}")).await? {
            datasets.remove_folder(&folder).await?;
        }
    }
    Ok(())
}

/// Everything that is kept; `active` is the run under way.
///
/// # Errors
/// When the files cannot be read.
pub async fn library(home: &Home, active: Option<&ActiveRun>) -> Outcome<Library> {
    let folder = home.datasets();
    let mut datasets = Vec::new();
    for dataset in folder.folders().await? {
        let name = name_of_dataset(&dataset);
        let bytes = match About::read(&folder.below(&dataset)).await {
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
    let mut names = home.runs().folders().await?;
    let incoming = incoming::names(home).await?;
    names.retain(|name| !incoming.contains(name));
    if let Some(run) = active
        && !names.iter().any(|name| name == run.name())
    {
        names.push(run.name().to_owned());
    }
    let mut lines = Vec::new();
    for name in names {
        let active = active.filter(|run| run.name() == name);
        lines.push(stored::line(home, active, &name).await);
    }
    lines.sort_by(|one, other| other.started_ms.total_cmp(&one.started_ms));
    let room = Room::now().await?;
    let is_persistent = is_persistent().await;
    Ok(Library { datasets, runs: lines, used_bytes: room.used, quota_bytes: room.quota, is_persistent })
}
