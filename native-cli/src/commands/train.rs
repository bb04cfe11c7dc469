//! `signal-studio train`.

use std::{
    hash::{BuildHasher, RandomState},
    path::{Path, PathBuf},
};

use clap::Args;
use serde_json::json;
use signal_studio_core::{
    config::{DeviceChoice, ResolvedData, RunConfig},
    datasets::options_of,
    device::{self, Selection},
    storage::Storage,
    training::{
        Beginning, Setup, Summary, TrainError, TrainEvent, history::Ending, metrics::score_in_words,
        run_folder as layout, train,
    },
};

use super::preprocess::Job;
use crate::{
    config_files::{RunFile, SettingsFile, read_text, resolve_dataset_name},
    failure::Failure,
    interrupt::{self, StopAtInterrupt},
    output, paths, prepared_data,
    progress::{TrainView, Verbosity, how_it_ended, metrics_of_record, preprocess_view, train_view},
    run_folder,
    storage::DiskStorage,
    tensorboard::EventFile,
    weights,
};

/// What `train` is asked.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  signal-studio train configs/classification/demo.toml
  signal-studio train my.toml --output-dir runs --max-steps 100 --device cpu
  signal-studio train --resume runs/demo-cnn_light-gender-health-age-20260101-120000
  signal-studio train 'http://127.0.0.1:8080/#config=1.…'

A share link holds the whole config, so nothing is fetched; its settings are the usual ones of the working folder.
Every run gets a folder of its own with config_resolved.json, history.json, summary.json, checkpoints/ and, if the config
says so, tensorboard/. The demo's data are made if they are not there.

Ctrl-C ends the run after the batch under way and saves it; that counts as success (exit status 0), and --resume goes on
where it stopped. A second Ctrl-C quits at once (exit status 1); the checkpoints written until then are kept.")]
pub struct Arguments {
    /// The run file (TOML), or a share link; with --resume it may be left out, or replaces the run's own
    #[arg(required_unless_present = "resume")]
    config: Option<PathBuf>,
    /// Go on with the run in this folder
    #[arg(long, value_name = "RUN_DIR", conflicts_with_all = ["output_dir", "weights", "seed"])]
    resume: Option<PathBuf>,
    /// Folder in which the run's folder is made [default: training.output_dir, then runs]
    #[arg(long, value_name = "DIR")]
    output_dir: Option<PathBuf>,
    /// Write the run's summary to this file as well
    #[arg(long, value_name = "FILE")]
    metrics_summary_path: Option<PathBuf>,
    /// Stop after this many optimizer updates of the whole run
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max_steps: Option<u64>,
    /// Where to compute: auto, cpu, wgpu[:number], cuda[:number]; see `signal-studio devices`
    #[arg(long, value_name = "DEVICE")]
    device: Option<DeviceChoice>,
    /// Seed of initialisation, shuffling and dropout
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..=i64::MAX as u64))]
    seed: Option<u64>,
    /// Settings file, which says where datasets lie [default: the one the run file names]
    #[arg(long, value_name = "FILE")]
    settings: Option<String>,
    /// Start from these weights (.safetensors, or PyTorch's .pt)
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// Print events as JSON, one a line
    #[arg(long)]
    json: bool,
    /// Show no progress
    #[arg(long, short)]
    quiet: bool,
}

/// Trains a model.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let plan = Plan::new(arguments)?;
    interrupt::install("stopping after this step")?;
    let verbosity = Verbosity::new(arguments.json, arguments.quiet);
    plan.provide_data(verbosity)?;
    let beginning = match (&arguments.resume, &arguments.weights) {
        (Some(_), _) => Beginning::Resume,
        (None, Some(path)) => Beginning::Weights(weights::read(path)?.0),
        (None, None) => Beginning::Fresh,
    };
    let (device, selection) = pollster::block_on(device::open(plan.config.training.device))?;
    let folder = match &plan.resumed {
        Some(folder) => folder.clone(),
        None => plan.make_run_folder(arguments.output_dir.as_deref())?,
    };
    let outcome = plan.train(&folder, beginning, device, &selection, verbosity);
    if outcome.is_err() && plan.resumed.is_none() {
        run_folder::remove_if_empty(&folder);
    }
    let (summary, latest) = outcome?;
    if let Some(path) = &plan.config.training.metrics_summary_path {
        write_summary(&paths::from_working_folder(path)?, &summary)?;
    }
    if !arguments.json {
        output::result(&report(&summary, latest.as_deref(), &folder));
    }
    if summary.ended == Ending::Stopped {
        output::message(&format!("to go on: signal-studio train --resume {}", prepared_data::quoted(&folder)));
    }
    Ok(())
}

/// A run, checked as far as it can be without opening the data.
struct Plan {
    config: RunConfig,
    text: String,
    settings: SettingsFile,
    data: ResolvedData,
    data_folder: PathBuf,
    seed: u64,
    /// The folder of the run that is gone on with.
    resumed: Option<PathBuf>,
}

impl Plan {
    fn new(arguments: &Arguments) -> Result<Self, Failure> {
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
        config.settings = settings.path.as_ref().map(|path| path.display().to_string());
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

    /// Makes the demo's data if they are missing; those of any other dataset have to be there.
    fn provide_data(&self, verbosity: Verbosity) -> Result<(), Failure> {
        if prepared_data::is_prepared(&self.data_folder)? {
            return Ok(());
        }
        match prepared_data::raw_dataset_of(&self.config) {
            Some(dataset) if dataset.name() == "demo" => {
                let mut options = options_of(dataset, &self.settings.settings);
                options.data_type = self.data.data_type;
                options.output_type = self.data.output_type;
                let job = Job::new(dataset, self.settings.dataset_paths(dataset.name()), options);
                job.run(&mut *preprocess_view(verbosity))?;
                Ok(())
            }
            _ => Err(prepared_data::missing(&self.config, &self.data, &self.settings, &self.data_folder)),
        }
    }

    fn make_run_folder(&self, output_dir: Option<&Path>) -> Result<PathBuf, Failure> {
        let output = match (output_dir, &self.config.training.output_dir) {
            (Some(folder), _) => folder.to_owned(),
            (None, Some(folder)) => paths::from_working_folder(folder)?,
            (None, None) => PathBuf::from(run_folder::DEFAULT_OUTPUT),
        };
        run_folder::create(&output, &self.config, &jiff::Zoned::now())
    }

    /// Trains; also gives the last epoch's results in words.
    fn train(
        &self,
        folder: &Path,
        beginning: Beginning,
        device: burn::tensor::Device,
        selection: &Selection,
        verbosity: Verbosity,
    ) -> Result<(Summary, Option<String>), Failure> {
        let training = &self.config.training;
        let mut view = train_view(verbosity, self.config.dataset.batch_size);
        if verbosity == Verbosity::Json {
            output::json_line(
                &json!({ "event": "run", "stage": "train", "run_dir": folder, "device": selection, "elapsed_s": 0.0 }),
            );
        } else if verbosity != Verbosity::Quiet {
            output::message(&format!("run folder {}", folder.display()));
        }
        if selection.is_fallback {
            view.note(&format!("training on the CPU: {}", selection.why));
        }
        let mut log = None;
        let mut latest = None;
        let mut sink = |event: TrainEvent| {
            // Nothing is logged before core has found that the run can start.
            if matches!(event, TrainEvent::Started(_)) && training.tensorboard {
                log = self.open_log(folder, &mut *view);
            }
            if let Some(file) = &mut log
                && let Err(error) = file.log(&event)
            {
                let path = file.path().display();
                view.note(&format!("training goes on, but without TensorBoard: {error}: {path}"));
                log = None;
            }
            if let TrainEvent::Epoch(record) = &event {
                latest = Some(metrics_of_record(record));
            }
            view.show(&event);
        };
        let data = DiskStorage::new(&self.data_folder);
        let run = DiskStorage::durable(folder);
        let setup = Setup {
            config: &self.config,
            config_text: &self.text,
            labels: &self.data.labels,
            data: &data,
            run: &run,
            run_dir: folder.display().to_string(),
            device,
            seed: self.seed,
            beginning,
        };
        let outcome = pollster::block_on(train(setup, &mut StopAtInterrupt, &mut sink));
        let summary = outcome.map_err(|error| match error {
            TrainError::Dataset(_) => Failure::from(error).within("the dataset", &self.data_folder),
            TrainError::Model(_) | TrainError::Shape { .. } => error.into(),
            _ => Failure::from(error).within("the run", folder),
        })?;
        Ok((summary, latest))
    }

    fn open_log(&self, folder: &Path, view: &mut dyn TrainView) -> Option<EventFile> {
        let place = match &self.config.training.log_dir {
            Some(path) => paths::from_working_folder(path).ok()?,
            None => folder.join(layout::TENSORBOARD),
        };
        let opened = EventFile::create(&place);
        opened
            .map_err(|error| {
                let place = place.display();
                view.note(&format!("training goes on, but without TensorBoard: {error}: {place}"));
            })
            .ok()
    }
}

impl Arguments {
    /// What the command line says instead of the config.
    fn apply_to(&self, config: &mut RunConfig) {
        let training = &mut config.training;
        if let Some(steps) = self.max_steps {
            training.max_steps = Some(usize::try_from(steps).unwrap_or(usize::MAX));
        }
        if let Some(device) = self.device {
            training.device = device;
        }
        if let Some(seed) = self.seed {
            training.seed = Some(seed);
        }
        if let Some(path) = &self.metrics_summary_path {
            training.metrics_summary_path = Some(path.display().to_string());
        }
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

fn write_summary(path: &Path, summary: &Summary) -> Result<(), Failure> {
    let json = serde_json::to_vec_pretty(summary).expect("a summary has string keys and no foreign types");
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Err(Failure::request(format_args!("not the path of a file: {}", path.display())));
    };
    Ok(pollster::block_on(DiskStorage::durable(folder).write(name, &json))?)
}

fn report(summary: &Summary, latest: Option<&str>, folder: &Path) -> String {
    let mut lines = vec![how_it_ended(summary)];
    if let Some(latest) = latest {
        lines.push(format!("last epoch: {latest}"));
    }
    if let (Some(metric), Some(epoch)) = (summary.best_metric, summary.best_epoch) {
        let kept = summary.best_checkpoint.as_ref().map_or_else(String::new, |path| format!(", kept as {path}"));
        lines.push(format!("best validation score: {} in epoch {epoch}{kept}", score_in_words(metric)));
    }
    lines.push(format!("run folder {}", folder.display()));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn drawn_seeds_differ_and_fit_a_config() {
        let seeds: Vec<_> = (0..4).map(|_| draw_seed()).collect();
        assert!(seeds.iter().all(|&seed| seed <= u64::from(u32::MAX)));
        assert!(seeds.iter().any(|&seed| seed != seeds[0]), "{seeds:?}");
    }

    #[test]
    fn a_summary_path_without_a_file_name_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(write_summary(Path::new("/"), &Summary::default()).is_err());
        let path = folder.path().join("metrics/summary.json");
        write_summary(&path, &Summary::default()).unwrap();
        assert!(fs::read_to_string(path).unwrap().contains("\"history_file\""));
    }
}
