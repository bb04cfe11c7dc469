//! A run as it was asked for: the config with what the command line says instead, its settings, and where its data are.

use std::{
    hash::{BuildHasher, RandomState},
    path::{Path, PathBuf},
};

use signal_studio_core::{
    config::{DatasetName, ResolvedData, RunConfig},
    datasets::PreprocessOptions,
    training::run_folder as layout,
};

use super::{super::preprocess::Job, arguments::Arguments};
use crate::{
    config_files::{RunFile, SettingsFile, read_text, resolve_dataset_name},
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
    /// The folder of the run that is gone on with.
    pub resumed: Option<PathBuf>,
}

impl RunRequest {
    /// Reads and checks what is asked for.
    pub fn new(arguments: &Arguments) -> Result<Self, Failure> {
        let resumed = arguments.resume.clone();
        let RunFile { mut config, text, folder } = match (&arguments.config, &resumed) {
            (Some(path), _) => RunFile::read(path)?,
            (None, Some(folder)) => read_run(folder)?,
            (None, None) => return Err(Failure::request("a config or --resume is needed")),
        };
        arguments.apply_to(&mut config);
        let mut settings = SettingsFile::for_run(arguments.settings.as_deref(), &config, folder.as_deref())?;
        resolve_dataset_name(&mut config, &settings.settings)?;
        if let Some(root) = &arguments.root {
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
        let seed = match (config.training.seed, &resumed) {
            (Some(seed), _) => seed,
            // The run has one already, and keeps it.
            (None, Some(_)) => 0,
            (None, None) => {
                let seed = draw_seed();
                output::note(&format!(
                    "no seed is given, so this run will not repeat unless you put `seed = {seed}` under [training] of its config"
                ));
                config.training.seed = Some(seed);
                seed
            }
        };
        Ok(Self { config, text, settings, data, data_folder, seed, resumed })
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
                Some(difference) if self.resumed.is_some() => {
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

    /// Makes the folder of a new run.
    pub fn make_run_folder(&self, output_dir: Option<&Path>) -> Result<PathBuf, Failure> {
        let output = match (output_dir, &self.config.training.output_dir) {
            (Some(folder), _) => folder.to_owned(),
            (None, Some(folder)) => paths::from_working_folder(folder)?,
            (None, None) => PathBuf::from(run_folder::DEFAULT_OUTPUT),
        };
        run_folder::create(&output, &self.config, &jiff::Zoned::now())
    }
}

/// What the run in a folder was told: its resolved config, which has what the command line said, and its text.
fn read_run(folder: &Path) -> Result<RunFile, Failure> {
    if !folder.is_dir() {
        return Err(Failure::request(format_args!("there is no run folder {}", folder.display())));
    }
    let path = folder.join(layout::CONFIG_JSON);
    let text = read_text(&path, "resolved config")?;
    let object = serde_json::from_str(&text)
        .map_err(|error| Failure::request(format_args!("not a resolved config: {error}: {}", path.display())))?;
    let config = RunConfig::from_json(&object, &path.display().to_string())?;
    let text = read_text(&folder.join(layout::CONFIG_TOML), "config")?;
    Ok(RunFile { config, text, folder: Some(paths::absolute(folder)?) })
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
