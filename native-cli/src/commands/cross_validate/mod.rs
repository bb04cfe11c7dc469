//! `signal-studio cross-validate`: a run for each fold of people and each seed, side by side in one folder, and what they say
//! together of people that their models had never seen.

mod arguments;
mod children;
mod collecting;
mod folder;
mod in_turn;
mod table;

use std::path::Path;

use signal_studio_core::training::cross_validation::FoldRun;

pub use self::arguments::Arguments;
use self::{folder::Folder, in_turn::Failed};
use crate::{
    exit::Exit,
    failure::Failure,
    interrupt, output,
    paths::quoted,
    progress::{Verbosity, count},
};

/// Trains the runs that are asked for and are not done, and tells what they have reached.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    if let Some(path) = &arguments.collect {
        return collecting::tell(&Folder::open(path, arguments)?, arguments.json).map(|()| Exit::Done);
    }
    interrupt::install("stopping after this step")?;
    if arguments.until_input_ends {
        interrupt::install_at_end_of_input()?;
    }
    let verbosity = Verbosity::new(false, arguments.quiet || arguments.json);
    let folder = match (&arguments.resume, &arguments.config) {
        (Some(path), _) => Folder::open(path, arguments)?,
        (None, Some(config)) => Folder::make(config, arguments, verbosity)?,
        (None, None) => return Err(Failure::request("a config, --resume or --collect is needed")),
    };
    if verbosity != Verbosity::Quiet {
        output::message(&format!("cross-validation in {}", folder.path.display()));
    }
    let wanted = folder.wanted(arguments.fold, arguments.seed)?;
    if arguments.prepare_only {
        let mut failed = prepare(&folder, &wanted, verbosity);
        let last = failed.pop();
        failed.iter().for_each(|failure| output::message(&failure.to_string()));
        if last.is_none() {
            output::result(&folder.path.display().to_string());
        }
        return last.map_or(Ok(Exit::Done), Err);
    }
    let mut pending = Vec::new();
    for &run in &wanted {
        if folder.ended(run)?.is_none() {
            pending.push(run);
        }
    }
    if verbosity != Verbosity::Quiet && pending.len() < wanted.len() {
        output::message(&format!("of {}, {} done", count(wanted.len(), "run"), wanted.len() - pending.len()));
    }
    let failed = if arguments.jobs > 1 && pending.len() > 1 {
        // Two runs of a fold must not make the same samples at a time. What fails is told by the runs themselves.
        prepare(&folder, &pending, verbosity);
        children::train(&folder, &pending, arguments)?
    } else {
        in_turn::train(&folder, &pending, wanted.len() == 1, verbosity)
    };
    if interrupt::is_requested() {
        output::message(&format!("to go on: {}", going_on(&folder.path)));
        return Ok(Exit::Interrupted);
    }
    tell(&folder, &wanted, failed, arguments)
}

fn tell(folder: &Folder, wanted: &[FoldRun], mut failed: Vec<Failed>, arguments: &Arguments) -> Result<Exit, Failure> {
    if wanted.len() == 1 && failed.len() == 1 {
        return Err(failed.remove(0).1);
    }
    if failed.len() < wanted.len() {
        match (arguments.fold, arguments.seed) {
            (None, None) => collecting::tell(folder, arguments.json)?,
            _ => collecting::tell_runs(folder, wanted, arguments.json)?,
        }
    }
    if failed.is_empty() {
        return Ok(Exit::Done);
    }
    let runs: Vec<String> = failed.iter().map(|(run, _)| run.to_string()).collect();
    let message = format!("{} of {} failed: {}", failed.len(), count(wanted.len(), "run"), runs.join("; "));
    Err(Failure::run(message).advise(&format!("to try again: {}", going_on(&folder.path))))
}

/// The command that goes on with a cross-validation.
fn going_on(folder: &Path) -> String {
    format!("signal-studio cross-validate --resume {}", quoted(folder))
}

/// Makes the samples of all folds of these runs, until the user ends it. What could not be made does not keep the others from
/// being made.
fn prepare(folder: &Folder, runs: &[FoldRun], verbosity: Verbosity) -> Vec<Failure> {
    let (mut failed, mut prepared) = (Vec::new(), None);
    for &run in runs {
        if prepared == Some(run.fold) {
            continue;
        }
        prepared = Some(run.fold);
        if verbosity != Verbosity::Quiet {
            output::message(&format!("samples of fold {} of {}", run.fold, folder.record.folds.len()));
        }
        let made = folder.request(run).and_then(|request| request.provide_data(verbosity));
        failed.extend(made.err());
        if interrupt::is_requested() {
            break;
        }
    }
    failed
}
