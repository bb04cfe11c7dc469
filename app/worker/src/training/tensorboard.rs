//! TensorBoard's event file of a run, in the run's folder. Core says what is in it; here are the clock and the file.

use std::cell::RefCell;

use js_sys::Date;
use signal_studio_core::{
    storage::StorageError,
    training::{
        TrainEvent, run_folder,
        tensorboard::{EventLog, file_header, file_name},
    },
};

use crate::opfs::{AppendFile, Opfs};

/// Tells apart what writes at the same time: here that is one run alone.
const WRITER: u32 = 0;

/// An event file that a run writes to.
pub struct EventFile {
    log: RefCell<EventLog>,
    file: AppendFile,
}

impl EventFile {
    /// Begins a new file in a run's folder, beside those of earlier sittings.
    pub fn new(run: Opfs) -> Self {
        let now = seconds_since_1970();
        let file = AppendFile::new(run, format!("{}/{}", run_folder::TENSORBOARD, file_name(now, WRITER)));
        file.add(&file_header(now));
        Self { log: RefCell::default(), file }
    }

    /// Notes down what an event tells.
    pub fn log(&self, event: &TrainEvent) {
        self.file.add(&self.log.borrow_mut().append(event, seconds_since_1970()));
    }

    /// Writes what was noted down.
    ///
    /// # Errors
    /// [`StorageError::Full`] when there is no room.
    pub async fn write(&self) -> Result<(), StorageError> {
        self.file.write().await
    }
}

fn seconds_since_1970() -> f64 {
    Date::now() / 1e3
}
