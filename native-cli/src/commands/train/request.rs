//! A run as it was asked for: the config with what the command line says instead, its settings, and where its data are.

use std::{
    hash::{BuildHasher, RandomState},
    path::{Path, PathBuf},
};

use signal_studio_core::{
    config::{DatasetName, ResolvedData, RunConfig},
    datasets::{Fold, PreprocessOptions},
    training::run_name,
};

use super::{super::preprocess::Job, arguments::Arguments};
use crate::{
    config_files::{RunFile, SettingsFile, resolve_dataset_name},
    failure::Failure,
    output, paths, prepared_data,
    progress::{Verbosity, preprocess_view},
    run_folder,
};

/// A run, checked as far as it can be without opening the data.
pub struct RunRequest {
    /// The config, with what the command line says instead.
    pub config: RunConfig,
    /// The config's text.
    pub text: String,
    settings: SettingsFile,
    /// What the settings make of the config's names.
    pub data: ResolvedData,
    /// The folder of the preprocessed data.
    pub data_folder: PathBuf,
    /// The seed of a new run.
    pub seed: u64,
    /// Where it is kept.
    pub place: Place,
}

/// Where a run is kept.
pub enum Place {
    /// A folder of its own, in this one or where the run file says.
    New(Option<PathBuf>),
    /// This folder, which holds nothing that could be gone on with.
    In(PathBuf),
    /// The folder of the run that is gone on with.
    Resumed(PathBuf),
}

impl RunRequest {
    /// Reads and checks what is asked for.
    pub fn new(arguments: &Arguments) -> Result<Self, Failure> {
        let mut file = match (&arguments.config, &arguments.resume) {
            (Some(path), _) => RunFile::read(path)?,
            (None, Some(folder)) => RunFile::of_run(folder)?,
            (None, None) => return Err(Failure::request("a config or --resume is needed")),
        };
        arguments.apply_to(&mut file.config);
        let place = match &arguments.resume {
            Some(folder) => Place::Resumed(folder.clone()),
            None => Place::New(arguments.output_dir.clone()),
        };
        Self::of(file, arguments.settings.as_deref(), arguments.root.as_deref(), place)
    }

    /// Checks the run of a file, with settings and a folder of recordings that are named instead of the file's.
    pub fn of(file: RunFile, settings: Option<&str>, root: Option<&Path>, place: Place) -> Result<Self, Failure> {
        let RunFile { mut config, text, folder } = file;
        let mut settings = SettingsFile::for_run(settings, &config, folder.as_deref())?;
        resolve_dataset_name(&mut config, &settings.settings)?;
        if let Some(root) = root {
            let Some(dataset) = prepared_data::raw_dataset_of(&config) else {
                return Err(Failure::request(format_args!(
                    "--root names the folder of a dataset's recordings, and `{}` is a preprocessed folder",
                    config.dataset.name
                )));
            };
            let root = paths::absolute(root)?.display().to_string();
            settings.settings.datasets.entry(dataset.name().to_owned()).or_default().root = Some(root);
        }
        let data = config.resolve(&settings.settings)?;
        let data_folder = prepared_data::folder(&config, &data, &settings);

        // Resuming needs to find the same settings from anywhere, and the same seed.
        config.settings.config = settings.path.as_ref().map(|path| path.display().to_string());
        let seed = match (config.training.seed, &place) {
            (Some(seed), _) => seed,
            // The run has one already, and keeps it.
            (None, Place::Resumed(_)) => 0,
            (None, Place::New(_) | Place::In(_)) => {
                let seed = draw_seed();
                output::note(&format!(
                    "no seed is given, so this run will not repeat unless you put `seed = {seed}` under [training] of its config"
                ));
                config.training.seed = Some(seed);
                seed
            }
        };
        Ok(Self { config, text, settings, data, data_folder, seed, place })
    }

    /// Makes the run's samples of its dataset's recordings, if these are there and the samples are not, or are not what
    /// would be made now. Samples in the usual folder may have been asked for with options of their own: they are refused
    /// where they differ, but for the demo's.
    pub fn provide_data(&self, verbosity: Verbosity) -> Result<(), Failure> {
        let Self { config, data, settings, data_folder, .. } = self;
        if matches!(config.dataset.name, DatasetName::Path(_)) && config.says_how_samples_are_made() {
            output::note(&format!(
                "[preprocessing] and [dataset.split] have no effect: {} is a folder of samples that are made already",
                data_folder.display()
            ));
        }
        let dataset = prepared_data::raw_dataset_of(config);
        let is_demo = prepared_data::is_demo(config);
        let is_variant = prepared_data::variant(config, data, settings).is_some();
        // What was killed or stopped is gone on with, or begun anew.
        if prepared_data::is_prepared(data_folder)? && !prepared_data::is_unfinished(data_folder) {
            match prepared_data::outdated_in_words(config, data, settings, data_folder)? {
                None => return Ok(()),
                Some(difference) if matches!(self.place, Place::Resumed(_)) => {
                    return Err(prepared_data::refused_to_resume(config, data_folder, &difference));
                }
                Some(difference) if is_demo || is_variant => {
                    let samples = if is_demo { "the demo's data" } else { "the samples" };
                    output::note(&format!("{samples} are made anew: {difference}"));
                }
                Some(difference) => {
                    return Err(prepared_data::refused(config, data, settings, data_folder, &difference));
                }
            }
        }
        let Some(dataset) = dataset else { return Err(prepared_data::missing(config, data, settings, data_folder)) };
        let paths = settings.dataset_paths(dataset.name());
        if is_variant && !is_demo && !paths.root.is_dir() {
            // What `preprocess` would make is not what the run file asks for.
            return Err(Failure::request(format_args!(
                "there is no folder {} with the recordings of `{}`, of which the run file asks for samples of their own; \
                 name it with --root, or in the settings",
                paths.root.display(),
                dataset.name()
            )));
        }
        if !is_demo && !paths.root.is_dir() {
            return Err(prepared_data::missing(config, data, settings, data_folder));
        }
        let options =
            PreprocessOptions { replace: is_variant, ..prepared_data::options(dataset, config, data, settings) };
        Job::new(dataset, paths, data_folder.clone(), options).run(&mut *preprocess_view(verbosity))?;
        Ok(())
    }

    /// Deals the people of the run's dataset out to folds, as its config says.
    pub fn folds(&self, verbosity: Verbosity) -> Result<Vec<Fold>, Failure> {
        let Self { config, data, settings, data_folder, .. } = self;
        let Some(dataset) = prepared_data::raw_dataset_of(config) else {
            return Err(Failure::request(format_args!(
                "`{}` is a folder of samples that are made already, so that its people cannot be dealt out to folds; name \
                 the dataset of its recordings in dataset.name",
                config.dataset.name
            )));
        };
        let options = prepared_data::options(dataset, config, data, settings);
        let job = Job::new(dataset, settings.dataset_paths(dataset.name()), data_folder.clone(), options);
        job.folds(&data.labels, &config.cross_validation, &mut *preprocess_view(verbosity))
    }

    /// The settings file in use.
    pub fn settings_path(&self) -> Option<&Path> {
        self.settings.path.as_deref()
    }

    /// The folder in which new runs get theirs; `asked` is what the command line says.
    pub fn output_folder(&self, asked: Option<&Path>) -> Result<PathBuf, Failure> {
        match (asked, &self.config.training.output_dir) {
            (Some(folder), _) => Ok(folder.to_owned()),
            (None, Some(folder)) => paths::from_working_folder(folder),
            (None, None) => Ok(PathBuf::from(run_folder::DEFAULT_OUTPUT)),
        }
    }

    /// The run's folder, which is made if it is not there.
    pub fn run_folder(&self) -> Result<PathBuf, Failure> {
        match &self.place {
            Place::Resumed(folder) => Ok(folder.clone()),
            Place::In(folder) => run_folder::provide(folder).map(|()| folder.clone()),
            Place::New(output) => {
                let name = |time: &str, number| run_name(&self.config, time, number);
                run_folder::create(&self.output_folder(output.as_deref())?, name, &jiff::Zoned::now())
            }
        }
    }
}

/// A seed to note down. The standard library has no other source of randomness, and nobody has to be unable to guess it;
/// 32 bits are easily copied.
fn draw_seed() -> u64 {
    RandomState::new().hash_one("seed") >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawn_seeds_differ_and_fit_a_config() {
        let seeds: Vec<_> = (0..4).map(|_| draw_seed()).collect();
        assert!(seeds.iter().all(|&seed| seed <= u64::from(u32::MAX)));
        assert!(seeds.iter().any(|&seed| seed != seeds[0]), "{seeds:?}");
    }
}
