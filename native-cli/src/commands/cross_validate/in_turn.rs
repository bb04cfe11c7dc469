//! The runs of a cross-validation in this process, one after the other.

use signal_studio_core::training::{Summary, cross_validation::FoldRun, history::Ending};

use super::{super::train::carry_out, folder::Folder};
use crate::{
    exit::Exit,
    failure::Failure,
    interrupt, output,
    progress::{Verbosity, how_it_ended, test},
};

/// A run that did not work out, and why.
pub type Failed = (FoldRun, Failure);

/// Trains the runs, until the user ends it. One that fails does not keep the others from being trained; where it is `alone`, why
/// it failed is left for the program to end with.
pub fn train(folder: &Folder, runs: &[FoldRun], alone: bool, verbosity: Verbosity) -> Vec<Failed> {
    let mut failed = Vec::new();
    for (index, &run) in runs.iter().enumerate() {
        if interrupt::is_requested() {
            break;
        }
        if verbosity != Verbosity::Quiet {
            output::message(&format!("{run} (run {} of {})", index + 1, runs.len()));
        }
        let trained = folder.request(run).and_then(|request| carry_out(&request, None, folder.device, verbosity));
        match trained {
            Ok(trained) => told(run, &trained.summary, verbosity),
            Err(failure) if failure.exit() == Exit::Interrupted => break,
            Err(failure) => {
                if !alone {
                    output::message(&format!("{run} failed: {}", failure.message()));
                }
                failed.push((run, failure));
            }
        }
    }
    failed
}

/// Tells how a run has ended.
pub fn told(run: FoldRun, summary: &Summary, verbosity: Verbosity) {
    if verbosity == Verbosity::Quiet || summary.ended == Ending::Stopped {
        return;
    }
    let tested = summary.test.as_deref().map_or_else(|| how_it_ended(summary), test);
    output::message(&format!("{run}: {tested}"));
}
