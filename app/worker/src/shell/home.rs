//! Where things lie in the browser's private file system.

use signal_studio_app_shared::shell::names::{self, ABOUT, DATASETS, INCOMING, NOTES, RUNS, dataset_folder};
use signal_studio_core::{
    datasets::raw_dataset,
    storage::{Storage, StorageError},
};

use crate::{
    opfs::Opfs,
    shell::errors::{Failure, Outcome},
};

/// Everything that is kept. Copies are the same.
#[derive(Clone)]
pub struct Home {
    files: Opfs,
}

impl Home {
    /// All files of this site.
    pub fn new(files: Opfs) -> Self {
        Self { files }
    }

    /// A place for what is on its way in or out; what is in it when the worker starts is left over.
    pub fn incoming(&self) -> Opfs {
        self.files.below(INCOMING)
    }

    /// The folder of all datasets.
    pub fn datasets(&self) -> Opfs {
        self.files.below(DATASETS)
    }

    /// The folder of all runs.
    pub fn runs(&self) -> Opfs {
        self.files.below(RUNS)
    }

    /// The folder of what only the studio knows of runs.
    pub fn notes(&self) -> Opfs {
        self.files.below(NOTES)
    }

    /// The folder of the dataset that a run file calls so.
    ///
    /// # Errors
    /// [`FaultKind::Request`](signal_studio_app_shared::protocol::FaultKind::Request) when no folder can be called so.
    pub fn dataset(&self, name: &str) -> Outcome<Opfs> {
        Ok(self.datasets().below(folder_of(name)?))
    }

    /// Whether a dataset is kept under this name.
    ///
    /// # Errors
    /// [`StorageError::Failed`] when that cannot be told.
    pub async fn has_dataset(&self, name: &str) -> Result<bool, StorageError> {
        match self.dataset(name) {
            Ok(folder) => folder.exists(ABOUT).await,
            // What no folder can be called is not there.
            Err(_) => Ok(false),
        }
    }

    /// A run's folder.
    ///
    /// # Errors
    /// [`FaultKind::Request`](signal_studio_app_shared::protocol::FaultKind::Request) for what cannot be a run's name.
    pub fn run(&self, name: &str) -> Outcome<Opfs> {
        if !names::is_entry(name) {
            return Err(no_run(name));
        }
        Ok(self.runs().below(name))
    }
}

/// The folder that a dataset's name means.
///
/// # Errors
/// [`FaultKind::Request`](signal_studio_app_shared::protocol::FaultKind::Request) when no folder can be called so.
pub fn folder_of(name: &str) -> Outcome<&str> {
    dataset_folder(name).ok_or_else(|| {
        Failure::request(format_args!(
            "`{name}` is no dataset here: in the browser a dataset is one of the known names, or `./` and the name of a \
             folder that was dropped"
        ))
    })
}

/// What run files call the dataset in this folder.
pub fn name_of_dataset(folder: &str) -> String {
    names::dataset_name(folder, raw_dataset(folder).is_some())
}

/// Says that no run of this name is kept.
pub fn no_run(name: &str) -> Failure {
    Failure::request(format_args!("there is no run `{name}`"))
}
