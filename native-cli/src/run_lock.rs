//! A folder while it is written: that of a run, or of preprocessed data. Two programs that write into one folder would
//! each write over what the other did, and one that trains would read samples of two kinds while they are made anew: the
//! second one is refused. The lock is the system's, which lets go of it however its holder ends; the file tells who that
//! is.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    process,
};

use serde::{Deserialize, Serialize};
use signal_studio_core::datasets::PREPROCESSING_FILE;

use crate::{
    failure::Failure,
    output,
    storage::{HIDDEN_PREFIX, remove_unfinished},
};

/// Who writes to a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Holder {
    process: u32,
    machine: String,
    since: String,
}

impl Holder {
    fn this_program() -> Self {
        let machine = machine().unwrap_or_else(|| "a machine without a name".to_owned());
        let since = jiff::Zoned::now().strftime("%Y-%m-%d %H:%M:%S %Z").to_string();
        Self { process: process::id(), machine, since }
    }

    fn in_words(&self) -> String {
        let Self { process, machine, since } = self;
        format!("process {process} on {machine}, since {since}")
    }
}

/// The name of this machine: folders of runs often lie on disks that several share.
#[cfg(unix)]
fn machine() -> Option<String> {
    nix::unistd::gethostname().ok().map(|name| name.to_string_lossy().into_owned())
}

#[cfg(not(unix))]
fn machine() -> Option<String> {
    std::env::var("COMPUTERNAME").ok()
}

/// A run's folder that this program alone writes to, until the end of this value or of the program.
#[derive(Debug)]
pub struct RunLock {
    path: PathBuf,
    file: File,
}

impl RunLock {
    /// Locks a run's folder.
    pub fn take(folder: &Path) -> Result<Self, Failure> {
        if !folder.is_dir() {
            return Err(Failure::request(format_args!("there is no run folder {}", folder.display())));
        }
        Self::of(folder, "this run is under way", "; Ctrl-C and SIGTERM make it save where it is")
    }

    /// Locks a folder that is there. Another program that writes to it is `busy`, and can be ended as said.
    fn of(folder: &Path, busy: &str, ending: &str) -> Result<Self, Failure> {
        let path = folder.join(format!("{HIDDEN_PREFIX}lock"));
        let failed =
            |error: io::Error| Failure::run(format_args!("the folder cannot be locked: {error}: {}", path.display()));
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        match file.try_lock() {
            // What a run that was killed had begun to write, which can be as large as a model.
            Ok(()) => remove_unfinished(folder).map_err(failed)?,
            Err(TryLockError::WouldBlock) => return Err(held(&mut file, folder, busy, ending)),
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                output::note(&format!(
                    "this disk knows no locks, so see to it that no other program writes to {}",
                    folder.display()
                ));
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let holder = serde_json::to_vec(&Holder::this_program()).expect("a holder has plain fields");
        file.set_len(0).and_then(|()| file.write_all(&holder)).map_err(failed)?;
        Ok(Self { path, file })
    }

    /// Gives up the lock of a folder that nothing else was written to.
    pub fn remove(self) {
        // If it stays, the folder stays, and the next run takes another one.
        let _ = fs::remove_file(&self.path);
    }
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // Whoever holds the file next is somebody else. If that cannot be said, a message names this program.
        let _ = self.file.set_len(0);
    }
}

/// A folder of preprocessed data that this program reads, until the end of this value or of the program: others may read
/// it as well, and none makes its samples anew.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

impl DataLock {
    /// Locks a folder; none where that cannot be done: preprocessing did not write it, or the disk knows no locks.
    pub fn share(folder: &Path) -> Result<Option<Self>, Failure> {
        let path = folder.join(format!("{HIDDEN_PREFIX}lock"));
        let is_own = folder.join(PREPROCESSING_FILE).is_file();
        let made = OpenOptions::new().read(true).write(true).create(is_own).truncate(false).open(&path);
        // A folder may be there to be read only.
        let Ok(mut file) = made.or_else(|_| File::open(&path)) else { return Ok(None) };
        match file.try_lock_shared() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Err(held(&mut file, folder, "preprocessing writes to this folder", "")),
            Err(TryLockError::Error(_)) => Ok(None),
        }
    }
}

/// A folder of preprocessed data that this program alone writes to, until the end of this value or of the program.
#[derive(Debug)]
pub struct OutputLock {
    lock: RunLock,
    /// The folders that were made for it, the innermost first.
    made: Vec<PathBuf>,
}

impl OutputLock {
    /// Locks a folder, and makes it first if it is not there.
    pub fn take(folder: &Path) -> Result<Self, Failure> {
        let made = folder.ancestors().take_while(|folder| !folder.exists()).map(Path::to_owned).collect();
        fs::create_dir_all(folder).map_err(|error| {
            Failure::run(format_args!("the output folder cannot be made: {error}: {}", folder.display()))
        })?;
        let lock = RunLock::of(folder, "this folder is being written, or trained on", "")?;
        Ok(Self { lock, made })
    }

    /// Gives up the lock, and the folders that were made for it and that nothing else was written to.
    pub fn remove(self) {
        self.lock.remove();
        for folder in self.made {
            // A folder that holds files is not removed: that is what the error would say.
            let _ = fs::remove_dir(folder);
        }
    }
}

/// The failure of a program to whose folder another one writes.
fn held(file: &mut File, folder: &Path, busy: &str, ending: &str) -> Failure {
    let mut text = String::new();
    // Some systems do not let others read what is locked.
    let holder = file.read_to_string(&mut text).ok().and_then(|_| serde_json::from_str::<Holder>(&text).ok());
    let holder = holder.map_or_else(|| "another program".to_owned(), |holder| holder.in_words());
    Failure::request(format_args!(
        "{busy}: {holder}\n  wait until it has ended, or end it first{ending}\n  in the folder {}",
        folder.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_written_by_one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let lock = RunLock::take(folder.path()).unwrap();
        let message = RunLock::take(folder.path()).unwrap_err().to_string();
        assert!(message.contains("this run is under way") && message.contains("end it first"), "{message}");
        if cfg!(unix) {
            assert!(message.contains(&format!("process {} on ", process::id())), "{message}");
        }
        drop(lock);
        RunLock::take(folder.path()).unwrap().remove();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn preprocessed_data_are_written_by_one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("deep/output");
        let lock = OutputLock::take(&output).unwrap();
        let message = OutputLock::take(&output).unwrap_err().to_string();
        assert!(message.contains("this folder is being written") && message.contains("output"), "{message}");
        lock.remove();
        assert!(folder.path().exists() && !folder.path().join("deep").exists());
    }

    #[test]
    fn what_is_trained_on_is_not_made_anew_meanwhile() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("output");
        fs::create_dir(&output).unwrap();
        assert!(DataLock::share(&output).unwrap().is_none(), "a folder of somebody else's");
        assert_eq!(fs::read_dir(&output).unwrap().count(), 0);
        fs::write(output.join(PREPROCESSING_FILE), "{}").unwrap();
        let readers = [DataLock::share(&output).unwrap(), DataLock::share(&output).unwrap()];
        assert!(readers.iter().all(Option::is_some));
        let message = OutputLock::take(&output).unwrap_err().to_string();
        assert!(message.contains("or trained on: another program"), "{message}");
        drop(readers);
        let writer = OutputLock::take(&output).unwrap();
        let message = DataLock::share(&output).unwrap_err().to_string();
        assert!(message.contains("preprocessing writes to this folder"), "{message}");
        drop(writer);
        assert!(DataLock::share(&output).unwrap().is_some());
    }

    #[test]
    fn a_lock_left_behind_holds_nobody_back() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(format!("{HIDDEN_PREFIX}lock")), "longer than any holder is".repeat(20)).unwrap();
        let lock = RunLock::take(folder.path()).unwrap();
        let text = fs::read(&lock.path).unwrap();
        assert_eq!(serde_json::from_slice::<Holder>(&text).unwrap().process, process::id());
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let message = RunLock::take(&folder.path().join("gone")).unwrap_err().to_string();
        assert!(message.contains("there is no run folder") && message.contains("gone"), "{message}");
    }
}
