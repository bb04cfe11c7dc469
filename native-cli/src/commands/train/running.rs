//! A run from its request to its summary: its samples are provided, its device is opened, its folder is locked, and it is
//! trained. All commands that train do it here.

use std::path::{Path, PathBuf};

use signal_studio_core::{
    config::DeviceChoice,
    device,
    training::{InitialWeights, Summary},
};

use super::{
    request::{Place, RunRequest},
    session,
};
use crate::{
    failure::Failure,
    output,
    progress::Verbosity,
    run_folder,
    run_lock::{DataLock, RunLock},
    weights,
};

/// A run that has ended, or was stopped.
pub struct Trained {
    /// How it ended.
    pub summary: Summary,
    /// The results of its last epoch, in words.
    pub latest: Option<String>,
    /// Its folder.
    pub folder: PathBuf,
}

/// Trains a run. A new one begins with the weights given, if any; `device` is what the command line says instead of the run
/// file.
pub fn carry_out(
    request: &RunRequest,
    weights: Option<&Path>,
    device: Option<DeviceChoice>,
    verbosity: Verbosity,
) -> Result<Trained, Failure> {
    request.provide_data(verbosity)?;
    let _data = DataLock::share(&request.data_folder)?;
    let initial_weights = match (&request.place, weights) {
        (Place::Resumed(folder), _) if run_folder::has_saved_nothing(folder) => {
            output::note(
                "nothing had been saved of this run yet: it begins again at its first step, as it was begun before",
            );
            InitialWeights::Random
        }
        (Place::Resumed(_), _) => InitialWeights::Resumed,
        (Place::New(_) | Place::In(_), Some(path)) => {
            let (weights, metadata) = weights::read(path)?;
            InitialWeights::Pretrained { weights, metadata }
        }
        (Place::New(_) | Place::In(_), None) => InitialWeights::Random,
    };
    let (device, selection) = match device {
        Some(asked_for) => pollster::block_on(device::open(asked_for))?,
        None => pollster::block_on(device::open_for_run_file(request.config.training.device))?,
    };
    let folder = request.run_folder()?;
    let lock = RunLock::take(&folder)?;
    if let Place::In(_) = request.place {
        run_folder::clear(&folder)?;
    }
    let outcome = session::train(request, &folder, initial_weights, device, &selection, verbosity);
    if outcome.is_err() && !matches!(request.place, Place::Resumed(_)) {
        lock.remove();
        run_folder::remove_if_empty(&folder);
    }
    let (summary, latest) = outcome?;
    Ok(Trained { summary, latest, folder })
}
