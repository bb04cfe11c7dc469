//! `signal-studio train`.

mod arguments;
mod request;
mod running;
mod session;

use std::path::Path;

use signal_studio_core::{
    kept::Versioned,
    storage::Storage,
    training::{Summary, history::Ending},
};

pub use self::{
    arguments::Arguments,
    request::{Place, RunRequest},
    running::{Trained, carry_out},
};
use crate::{
    exit::Exit,
    failure::Failure,
    interrupt, output, paths,
    progress::{Verbosity, how_it_ended, test},
    run_folder,
    storage::DiskStorage,
};

/// Trains a model.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let request = RunRequest::new(arguments)?;
    interrupt::install("stopping after this step")?;
    let verbosity = Verbosity::new(arguments.json, arguments.quiet);
    let Trained { summary, latest, folder } =
        carry_out(&request, arguments.weights.as_deref(), arguments.device, verbosity)?;
    if let Some(path) = &request.config.training.metrics_summary_path {
        write_summary(&paths::from_working_folder(path)?, &summary)?;
    }
    if !arguments.json {
        output::result(&report(&summary, latest.as_deref(), &folder));
    }
    if summary.ended == Ending::Stopped {
        output::message(&format!("to go on: {}", run_folder::resuming(&folder)));
        return Ok(Exit::Interrupted);
    }
    Ok(Exit::Done)
}

fn write_summary(path: &Path, summary: &Summary) -> Result<(), Failure> {
    let json = serde_json::to_vec_pretty(&summary.versioned()).expect("a summary has string keys and no foreign types");
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Err(Failure::request(format_args!("not the path of a file: {}", path.display())));
    };
    Ok(pollster::block_on(DiskStorage::durable(folder).write(name, &json))?)
}

/// What is told of a run that has ended; `latest` are the results of its last epoch in words.
pub fn report(summary: &Summary, latest: Option<&str>, folder: &Path) -> String {
    let mut lines = vec![how_it_ended(summary)];
    if let Some(latest) = latest {
        lines.push(format!("last epoch: {latest}"));
    }
    if let (Some(score), Some(epoch)) = (summary.best_score(), summary.best_epoch) {
        let kept = summary.best_checkpoint.as_ref().map_or_else(String::new, |path| format!(", kept as {path}"));
        lines.push(format!("best validation score: {score} in epoch {epoch}{kept}"));
    }
    lines.extend(summary.beside_baselines());
    lines.extend(summary.test.as_deref().map(test));
    lines.extend(summary.test.as_ref().and_then(|test| test.beside_baselines()));
    lines.push(format!("run folder {}", folder.display()));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_summary_path_without_a_file_name_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(write_summary(Path::new("/"), &Summary::default()).is_err());
        let path = folder.path().join("metrics/summary.json");
        write_summary(&path, &Summary::default()).unwrap();
        assert!(fs::read_to_string(path).unwrap().contains("\"history_file\""));
    }
}
