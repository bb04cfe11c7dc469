//! Where a run's files go: a folder that no run has used before.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use jiff::Zoned;
use signal_studio_core::training::run_folder as layout;

use crate::{failure::Failure, paths::quoted, storage::HIDDEN_PREFIX};

/// Folder of the run folders, unless the config or the user says otherwise.
pub const DEFAULT_OUTPUT: &str = "runs";

/// Makes a folder that is not there yet in `output`, called by the time and a number that grows where a name is taken.
pub fn create(output: &Path, name: impl Fn(&str, usize) -> String, time: &Zoned) -> Result<PathBuf, Failure> {
    provide(output)?;
    let time = time.strftime("%Y%m%d-%H%M%S").to_string();
    let mut number = 1;
    loop {
        let folder = output.join(name(&time, number));
        match fs::create_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            made => return made.map(|()| folder.clone()).map_err(|error| failed(error, &folder)),
        }
    }
}

/// Makes a folder, if it is not there.
pub fn provide(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| failed(error, folder))
}

fn failed(error: io::Error, path: &Path) -> Failure {
    Failure::run(format_args!("the run folder cannot be made: {error}: {}", path.display()))
}

/// Removes what a run left that had saved nothing to go on with; its folder is locked by this program.
pub fn clear(run: &Path) -> Result<(), Failure> {
    if run.join(layout::LAST_OPTIMIZER).is_file() {
        return Err(Failure::request(format_args!(
            "another program has trained this run meanwhile: {}",
            run.display()
        )));
    }
    let remove = |entry: fs::DirEntry| match entry.file_name().to_string_lossy().starts_with(HIDDEN_PREFIX) {
        true => Ok(()),
        false if entry.file_type()?.is_dir() => fs::remove_dir_all(entry.path()),
        false => fs::remove_file(entry.path()),
    };
    let removed = fs::read_dir(run).and_then(|mut entries| entries.try_for_each(|entry| remove(entry?)));
    removed.map_err(|error| Failure::run(format_args!("the run folder cannot be cleared: {error}: {}", run.display())))
}

/// The command that goes on with a run.
pub fn resuming(run: &Path) -> String {
    format!("signal-studio train --resume {}", quoted(run))
}

/// Whether a run was ended before its first checkpoint: its config is all there is of it.
pub fn has_saved_nothing(run: &Path) -> bool {
    let has = |file: &str| run.join(file).is_file();
    let has_checkpoints = || fs::read_dir(run.join("checkpoints")).is_ok_and(|mut files| files.next().is_some());
    has(layout::CONFIG_JSON) && !has(layout::LAST_OPTIMIZER) && !has(layout::HISTORY) && !has_checkpoints()
}

/// Takes back a folder that nothing was written to.
pub fn remove_if_empty(folder: &Path) {
    // A folder that holds files is not removed: that is what the error would say.
    let _ = fs::remove_dir(folder);
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_run_without_a_checkpoint_is_told_from_others() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!has_saved_nothing(folder.path()));
        fs::write(folder.path().join(layout::CONFIG_JSON), "{}").unwrap();
        assert!(has_saved_nothing(folder.path()));
        fs::create_dir(folder.path().join("checkpoints")).unwrap();
        assert!(has_saved_nothing(folder.path()));
        fs::write(folder.path().join(layout::LAST), "weights").unwrap();
        assert!(!has_saved_nothing(folder.path()));
    }

    fn name(time: &str, number: usize) -> String {
        format!("math-{time}-{number}")
    }

    #[test]
    fn a_run_without_state_is_cleared_and_one_with_it_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let lock = format!("{HIDDEN_PREFIX}lock");
        for file in [layout::HISTORY, layout::BEST, &lock] {
            fs::create_dir_all(folder.path().join(file).parent().unwrap()).unwrap();
            fs::write(folder.path().join(file), "old").unwrap();
        }
        clear(folder.path()).unwrap();
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, [lock.as_str()]);
        fs::create_dir(folder.path().join("checkpoints")).unwrap();
        fs::write(folder.path().join(layout::LAST_OPTIMIZER), "state").unwrap();
        assert!(clear(folder.path()).unwrap_err().to_string().contains("meanwhile"));
    }

    #[test]
    fn runs_of_one_second_have_folders_of_their_own() {
        let time = date(2025, 3, 9).at(14, 5, 6, 0).in_tz("UTC").unwrap();
        let output = tempfile::tempdir().unwrap();
        let runs = output.path().join("runs");
        let [first, second] = [(); 2].map(|()| create(&runs, name, &time).unwrap());
        assert_eq!(first, runs.join("math-20250309-140506-1"));
        assert_eq!(second, runs.join("math-20250309-140506-2"));
    }

    #[test]
    fn an_output_that_is_a_file_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("runs");
        fs::write(&file, "precious").unwrap();
        let failure = create(&file.join("below"), name, &Zoned::now()).unwrap_err();
        assert!(failure.to_string().contains("the run folder cannot be made"), "{failure}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    }
}
