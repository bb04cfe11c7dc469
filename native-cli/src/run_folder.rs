//! Where a run's files go: a folder that no run has used before.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use jiff::Zoned;
use signal_studio_core::{
    config::RunConfig,
    training::{run_folder as layout, run_name},
};

use crate::{failure::Failure, paths::quoted};

/// Folder of the run folders, unless the config or the user says otherwise.
pub const DEFAULT_OUTPUT: &str = "runs";

/// Makes `<output>/<run_name, or dataset-backbone-tasks>-<time>`; a number is added where that is taken.
pub fn create(output: &Path, config: &RunConfig, time: &Zoned) -> Result<PathBuf, Failure> {
    let failed = |error: io::Error, path: &Path| {
        Failure::run(format_args!("the run folder cannot be made: {error}: {}", path.display()))
    };
    fs::create_dir_all(output).map_err(|error| failed(error, output))?;
    let time = time.strftime("%Y%m%d-%H%M%S").to_string();
    let mut number = 1;
    loop {
        let folder = output.join(run_name(config, &time, number));
        match fs::create_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            made => return made.map(|()| folder.clone()).map_err(|error| failed(error, &folder)),
        }
    }
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
    use signal_studio_core::config::{Backbone, DatasetConfig, DatasetName, ModelConfig};

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

    fn config(dataset: &str) -> RunConfig {
        let tasks = vec!["gender".to_owned(), "age".to_owned()];
        let dataset = DatasetConfig::new(DatasetName::from_text(dataset), tasks);
        RunConfig::new(dataset, ModelConfig::new(Backbone::CnnLight))
    }

    #[test]
    fn runs_of_one_second_have_folders_of_their_own() {
        let time = date(2025, 3, 9).at(14, 5, 6, 0).in_tz("UTC").unwrap();
        let output = tempfile::tempdir().unwrap();
        let runs = output.path().join("runs");
        let first = create(&runs, &config("math"), &time).unwrap();
        let second = create(&runs, &config("math"), &time).unwrap();
        assert_eq!(first, runs.join("math-cnn_light-gender-age-20250309-140506"));
        assert_eq!(second, runs.join("math-cnn_light-gender-age-20250309-140506-2"));
    }

    #[test]
    fn an_output_that_is_a_file_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("runs");
        fs::write(&file, "precious").unwrap();
        let failure = create(&file.join("below"), &config("math"), &Zoned::now()).unwrap_err();
        assert!(failure.to_string().contains("the run folder cannot be made"), "{failure}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    }
}
