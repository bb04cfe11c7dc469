//! A run's folder: how it went, and what it left.

use std::{fs, path::Path};

use serde_json::json;
use signal_studio_core::{
    kept::KeptError,
    storage::Storage,
    training::{
        Summary,
        history::{self, Ending},
        run_folder as layout,
    },
};

use super::report::Report;
use crate::{
    failure::Failure,
    progress::{baselines, bytes, count, how_it_ended, metrics_of_record, test},
    run_folder::resuming,
    storage::DiskStorage,
};

/// The folder of a run's checkpoints.
const CHECKPOINTS: &str = "checkpoints";

pub fn report(path: &Path) -> Result<Report, Failure> {
    let summary = read(path, layout::SUMMARY, Summary::read)?;
    let history = read(path, layout::HISTORY, history::read)?.unwrap_or_default();
    let storage = DiskStorage::new(path);
    // A run that failed early has none.
    let checkpoints = pollster::block_on(storage.list(CHECKPOINTS)).unwrap_or_default();
    let checkpoints: Vec<_> = checkpoints.into_iter().map(|file| (file.path, file.size)).collect();
    let is_at_its_end = summary.as_ref().is_some_and(|summary| summary.ended != Ending::Stopped);
    let is_resumable = !is_at_its_end && checkpoints.iter().any(|(name, _)| name == layout::LAST_OPTIMIZER);

    let mut lines = vec![format!("run of {} in {}", count(history.len(), "recorded epoch"), path.display())];
    match &summary {
        Some(summary) => {
            lines.push(how_it_ended(summary));
            if let (Some(score), Some(epoch)) = (summary.best_score(), summary.best_epoch) {
                lines.push(format!("best validation score: {score} in epoch {epoch}"));
            }
            lines.extend(summary.beside_baselines());
            lines.extend(summary.baselines.iter().flat_map(baselines));
            lines.extend(summary.test.as_deref().map(test));
            lines.extend(summary.test.as_ref().and_then(|test| test.beside_baselines()));
            let on_test = summary.test.as_ref().and_then(|test| test.baselines.as_ref());
            lines.extend(on_test.into_iter().flat_map(baselines));
        }
        None => lines.push("not at its end: there is no summary".to_owned()),
    }
    if let Some(record) = history.last() {
        lines.push(format!("epoch {}: {}", record.epoch, metrics_of_record(record)));
    }
    lines.extend(checkpoints.iter().map(|(name, size)| format!("  {name}  {}", bytes(*size))));
    if is_resumable {
        lines.push(format!("to go on: {}", resuming(path)));
    }
    let json = json!({
        "kind": "run",
        "summary": summary,
        "history": history,
        "checkpoints": checkpoints.iter().map(|(name, size)| json!({ "path": name, "bytes": size })).collect::<Vec<_>>(),
        "is_resumable": is_resumable,
    });
    Ok(Report { json, text: lines.join("\n") })
}

/// A JSON file of the run; `None` if it is not there.
fn read<T>(folder: &Path, name: &str, parse: impl Fn(&[u8]) -> Result<T, KeptError>) -> Result<Option<T>, Failure> {
    let path = folder.join(name);
    if !path.is_file() {
        return Ok(None);
    }
    let bytes = fs::read(&path).map_err(|error| Failure::run(format_args!("{error}: {}", path.display())))?;
    parse(&bytes).map(Some).map_err(|error| match error {
        KeptError::Damaged(error) => Failure::run(format_args!("damaged: {error}: {}", path.display())),
        KeptError::Newer { .. } => Failure::run(format_args!("{error}: {}", path.display())),
    })
}
