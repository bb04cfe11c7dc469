//! A run as it was asked for: the config with what the command line says instead, its settings, and where its data are.

use std::{
    hash::{BuildHasher, RandomState},
    path::{Path, PathBuf},
};

use signal_studio_core::{
    config::{ResolvedData, RunConfig},
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
        let settings = SettingsFile::for_run(arguments.settings.as_deref(), &config, folder.as_deref())?;
        resolve_dataset_name(&mut config, &settings.settings)?;
        let data = config.resolve(&settings.settings)?;
        let data_folder = prepared_data::folder(&config, data.data_type, &settings);

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

    /// Makes the demo's data if they are missing, or not what would be made now; those of any other dataset have to be
    /// there.
    pub fn provide_data(&self, verbosity: Verbosity) -> Result<(), Failure> {
        let Self { config, data, settings, data_folder, .. } = self;
        let demo = prepared_data::raw_dataset_of(config).filter(|_| prepared_data::is_demo(config));
        if prepared_data::is_prepared(data_folder)? {
            match (prepared_data::outdated_in_words(config, data, settings, data_folder)?, demo) {
                (None, _) => return Ok(()),
                (Some(difference), _) if self.resumed.is_some() => {
                    return Err(prepared_data::refused_to_resume(config, data_folder, &difference));
                }
                (Some(difference), None) => {
                    return Err(prepared_data::refused(config, data, settings, data_folder, &difference));
                }
                (Some(difference), Some(_)) => output::note(&format!("the demo's data are made anew: {difference}")),
            }
        }
        let Some(demo) = demo else { return Err(prepared_data::missing(config, data, settings, data_folder)) };
        let options = prepared_data::options(demo, config, data, settings);
        let job = Job::new(demo, settings.dataset_paths(demo.name()), options);
        job.run(&mut *preprocess_view(verbosity))?;
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
