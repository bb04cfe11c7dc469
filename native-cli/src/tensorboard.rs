//! TensorBoard's event file of a run, on disk. What it holds is core's business; here is the clock, and the file.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    process,
    time::{SystemTime, UNIX_EPOCH},
};

use signal_studio_core::training::{
    TrainEvent,
    tensorboard::{EventLog, file_header, file_name},
};

/// An event file that a run writes to.
pub struct EventFile {
    path: PathBuf,
    file: File,
    log: EventLog,
}

impl EventFile {
    /// Begins a new file in a folder, beside those of earlier runs.
    pub fn create(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let now = seconds_since_1970();
        let path = folder.join(file_name(now, process::id()));
        let mut file = File::create(&path)?;
        file.write_all(&file_header(now))?;
        Ok(Self { path, file, log: EventLog::default() })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Logs what an event tells.
    pub fn log(&mut self, event: &TrainEvent) -> io::Result<()> {
        let bytes = self.log.append(event, seconds_since_1970());
        // One write a record: whoever reads along sees whole ones, and a run that dies loses none.
        if bytes.is_empty() { Ok(()) } else { self.file.write_all(&bytes) }
    }
}

fn seconds_since_1970() -> f64 {
    // A clock before 1970 is wrong, but no reason not to log.
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}
