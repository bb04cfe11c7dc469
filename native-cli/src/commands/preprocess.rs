//! `signal-studio preprocess`, and the preprocessing that `train` does for the demo.

use std::{
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use clap::{Args, builder::PossibleValuesParser};
use signal_studio_core::{
    config::{CrossValidationConfig, DataType, DatasetPaths},
    datasets::{
        Dataset, DatasetError, Demo, DemoOptions, Fold, LabelCounts, PreprocessOptions, PreprocessSummary, RawDataset,
        folds_of_run, generate_demo, is_older_demo, options_of, preprocess, raw_dataset, raw_datasets,
    },
    labels::LabelSpec,
    signal::{BinSpacing, OutputType},
    storage::Storage,
};

use crate::{
    config_files::{RunFile, SettingsFile, resolve_dataset_name},
    failure::Failure,
    interrupt, output, paths, prepared_data,
    progress::{PreprocessView, Verbosity, count, preprocess_view},
    run_lock::OutputLock,
    storage::DiskStorage,
};

/// The table whose presence says that the demo has been generated: it is written after the recordings.
const DEMO_TABLE: &str = "participants.csv";

/// What `preprocess` is asked.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  signal-studio preprocess parkinsons --root ~/ds004584
  signal-studio preprocess math --math-trials --resolution 128 --window-length 1024
  signal-studio preprocess demo --data-type timeseries
  signal-studio preprocess recordings --root my-study
  signal-studio preprocess --run my-study.toml

Recordings that cannot be used are named and left out. Splits are by subject and depend on the seed alone. Without an
option, the run file and the settings decide, and else the dataset's own default; `preprocessing.json` in the output keeps all of them.
What was stopped or killed goes on when the same is asked for again.")]
pub struct Arguments {
    /// The dataset; `demo` is generated if it is not there, `recordings` is any folder with a table of subjects
    #[arg(value_parser = PossibleValuesParser::new(raw_datasets().map(Dataset::name)), required_unless_present = "run")]
    dataset: Option<String>,
    /// Run file, share link or -: the samples are those that it trains on, as its [preprocessing] and [dataset.split] say
    #[arg(long, value_name = "FILE", conflicts_with_all = ["dataset", "data_type", "output_type", "math_trials"])]
    run: Option<PathBuf>,
    /// Settings file, which says where datasets lie [default: $SIGNAL_DIFFUSION_CONFIG, then configs/default.toml]
    #[arg(long, visible_alias = "config", value_name = "FILE")]
    settings: Option<String>,
    /// Folder of the recordings, instead of the settings'
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// Folder to write to, instead of the settings'
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    #[command(flatten)]
    windows: WindowArguments,
    /// Take recordings of mental arithmetic too, not only those of rest (math)
    #[arg(long)]
    math_trials: bool,
    /// Replace samples of other recordings that lie in the output folder
    #[arg(long)]
    replace: bool,
    /// Seed of the splits
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Print events as JSON, one a line
    #[arg(long)]
    json: bool,
    /// Show no progress
    #[arg(long, short)]
    quiet: bool,
}

/// How recordings become samples.
#[derive(Debug, Args)]
#[command(next_help_heading = "Windows and images")]
struct WindowArguments {
    /// spectrogram: images; timeseries: the samples themselves
    #[arg(long, value_name = "KIND")]
    data_type: Option<DataType>,
    /// Colour channels of an image: db-only, db-iq or db-polar
    #[arg(long, value_name = "KIND")]
    output_type: Option<OutputType>,
    /// Samples of a window, after decimation
    #[arg(long, value_name = "SAMPLES")]
    window_length: Option<usize>,
    /// Share of a window that the next one has in common with it, from 0 to below 1
    #[arg(long, value_name = "FRACTION")]
    overlap: Option<f64>,
    /// Rate to decimate to in Hz; it must divide the recordings', and `recordings` takes the nearest one that does
    #[arg(long, value_name = "HZ")]
    rate: Option<f64>,
    /// Width and height of an image
    #[arg(long, value_name = "PIXELS")]
    resolution: Option<usize>,
    /// Spacing of an image's frequencies: log or linear
    #[arg(long, value_name = "KIND")]
    spacing: Option<BinSpacing>,
    /// Level that is black, in dB
    #[arg(long, value_name = "DB", allow_negative_numbers = true)]
    min_db: Option<f64>,
    /// Level that is white, in dB
    #[arg(long, value_name = "DB", allow_negative_numbers = true)]
    max_db: Option<f64>,
}

impl Arguments {
    fn options(&self, default: PreprocessOptions) -> PreprocessOptions {
        let windows = &self.windows;
        let asked_for = [
            ("data_type", windows.data_type.is_some()),
            ("output_type", windows.output_type.is_some()),
            ("window_length", windows.window_length.is_some()),
            ("overlap", windows.overlap.is_some()),
            ("rate_hz", windows.rate.is_some()),
            ("resolution", windows.resolution.is_some()),
            ("spacing", windows.spacing.is_some()),
            ("min_db", windows.min_db.is_some()),
            ("max_db", windows.max_db.is_some()),
            ("seed", self.seed.is_some()),
            ("math_trials", self.math_trials),
        ];
        PreprocessOptions {
            data_type: windows.data_type.unwrap_or(default.data_type),
            output_type: windows.output_type.unwrap_or(default.output_type),
            window_length: windows.window_length.unwrap_or(default.window_length),
            overlap: windows.overlap.unwrap_or(default.overlap),
            rate_hz: windows.rate.unwrap_or(default.rate_hz),
            resolution: windows.resolution.unwrap_or(default.resolution),
            spacing: windows.spacing.unwrap_or(default.spacing),
            min_db: windows.min_db.or(default.min_db),
            max_db: windows.max_db.or(default.max_db),
            seed: self.seed.unwrap_or(default.seed),
            math_trials: self.math_trials || default.math_trials,
            replace: self.replace,
            chosen: asked_for.into_iter().filter(|(_, is)| *is).map(|(name, _)| name.to_owned()).collect(),
            ..default
        }
    }
}

/// Preprocesses a dataset.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mut job = match (&arguments.run, &arguments.dataset) {
        (Some(place), _) => job_of_run(place, arguments)?,
        (None, Some(dataset)) => job_of_dataset(dataset, arguments)?,
        (None, None) => return Err(Failure::request("a dataset or --run is needed")),
    };
    if let Some(root) = &arguments.root {
        (job.raw, job.is_own_raw) = (root.clone(), false);
    }
    if let Some(output) = &arguments.output {
        job.output.clone_from(output);
    }
    interrupt::install("stopping after the windows under way")?;
    let verbosity = Verbosity::new(arguments.json, arguments.quiet);
    let summary = job.run(&mut *preprocess_view(verbosity))?;
    if !arguments.json {
        output::result(&report(&summary, &job));
    }
    Ok(())
}

/// What is asked of a dataset, as the settings and the command line say.
fn job_of_dataset(dataset: &str, arguments: &Arguments) -> Result<Job, Failure> {
    let dataset = raw_dataset(dataset).expect("the parser takes names of datasets only");
    let settings = SettingsFile::usual(arguments.settings.as_deref())?;
    let options = arguments.options(options_of(dataset, &settings.settings));
    let paths = settings.dataset_paths(dataset.name());
    let output = prepared_data::output_folder(paths.clone(), options.data_type);
    Ok(Job::new(dataset, paths, output, options))
}

/// The samples that a run file trains on, where it looks for them.
fn job_of_run(place: &Path, arguments: &Arguments) -> Result<Job, Failure> {
    let RunFile { mut config, folder, .. } = RunFile::read(place)?;
    let settings = SettingsFile::for_run(arguments.settings.as_deref(), &config, folder.as_deref())?;
    resolve_dataset_name(&mut config, &settings.settings)?;
    let Some(dataset) = prepared_data::raw_dataset_of(&config) else {
        let name = &config.dataset.name;
        return Err(Failure::request(format_args!(
            "`{name}`, on which {} trains, is no dataset of recordings, so that there is nothing to preprocess",
            place.display()
        )));
    };
    let data = config.resolve(&settings.settings)?;
    let options = arguments.options(prepared_data::options(dataset, &config, &data, &settings));
    let output = prepared_data::folder(&config, &data, &settings);
    Ok(Job::new(dataset, settings.dataset_paths(dataset.name()), output, options))
}

/// A dataset to preprocess.
pub struct Job {
    dataset: &'static dyn RawDataset,
    raw: PathBuf,
    /// Whether the raw folder is the dataset's own, where the demo may replace what an interrupted run left.
    is_own_raw: bool,
    output: PathBuf,
    options: PreprocessOptions,
}

impl Job {
    /// A job on the recordings that the settings name.
    pub fn new(
        dataset: &'static dyn RawDataset,
        paths: DatasetPaths,
        output: PathBuf,
        options: PreprocessOptions,
    ) -> Self {
        Self { dataset, raw: paths.root, is_own_raw: true, output, options }
    }

    /// The recordings; those of the demo are generated first if they are not there.
    fn recordings(&self, view: &mut dyn PreprocessView) -> Result<DiskStorage, Failure> {
        let raw = DiskStorage::new(&self.raw);
        if self.is_demo_to_generate(&raw)? {
            view.generating(&self.raw);
            pollster::block_on(generate_demo(&raw, &DemoOptions::default()))
                .map_err(|error| Failure::from(error).within("the folder", &self.raw))?;
        }
        if !self.raw.is_dir() {
            let folder = self.raw.display();
            return Err(Failure::request(format_args!(
                "there is no folder {folder} with the recordings of `{}`; name it with --root, or in the settings",
                self.dataset.name()
            )));
        }
        Ok(raw)
    }

    /// Deals the people out to folds, balanced by the classes of what is learnt.
    pub fn folds(
        &self,
        labels: &[LabelSpec],
        wanted: &CrossValidationConfig,
        view: &mut dyn PreprocessView,
    ) -> Result<Vec<Fold>, Failure> {
        let raw = self.recordings(view)?;
        pollster::block_on(folds_of_run(self.dataset, &raw, &self.options, labels, wanted))
            .map_err(|error| self.failure(error))
    }

    /// Makes the samples. Ctrl-C ends it between two batches of windows.
    pub fn run(&self, view: &mut dyn PreprocessView) -> Result<PreprocessSummary, Failure> {
        let raw = self.recordings(view)?;
        self.check_output_is_apart()?;
        let lock = OutputLock::take(&self.output)?;
        let output = DiskStorage::new(&self.output);
        let mut sink = |event| {
            view.show(&event);
            if interrupt::is_requested() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let summary = pollster::block_on(preprocess(self.dataset, &raw, &output, &self.options, &mut sink));
        if summary.is_err() {
            lock.remove();
        }
        summary.map_err(|error| self.failure(error))
    }

    /// Samples among the recordings would be taken for a part of them: the folder would be seen as a preprocessed one, and
    /// the tables of the samples as those of the subjects. Folders that begin with a dot are not looked into.
    fn check_output_is_apart(&self) -> Result<(), Failure> {
        let (raw, output) = (paths::resolved(&self.raw)?, paths::resolved(&self.output)?);
        let Ok(below) = output.strip_prefix(&raw) else { return Ok(()) };
        if below.components().any(|part| part.as_os_str().to_string_lossy().starts_with('.')) {
            return Ok(());
        }
        Err(Failure::request(format_args!(
            "the output folder {} lies within the recordings, whose folder would not be known for one any more; name one \
             beside it with --output",
            self.output.display()
        ))
        .within("the folder", &self.raw))
    }

    /// Errors of core name files as the storage does; whose folder that is depends on the error.
    fn failure(&self, error: DatasetError) -> Failure {
        match error {
            DatasetError::OutputOfOther { .. } | DatasetError::OutputNotOwn { .. } => {
                Failure::from(error).within("the output folder", &self.output)
            }
            DatasetError::OutputOfOtherRecordings { .. } => Failure::from(error)
                .within("the output folder", &self.output)
                .advise("name another folder with --output, or replace the samples there with --replace"),
            DatasetError::Options(_) | DatasetError::Cancelled | DatasetError::Storage(_) => error.into(),
            _ => Failure::from(error).within("the folder", &self.raw),
        }
    }

    /// Nothing that a user may have put there is overwritten: a folder given by hand is generated into when it is empty.
    fn is_demo_to_generate(&self, raw: &DiskStorage) -> Result<bool, Failure> {
        if self.dataset.name() != Demo.name() {
            return Ok(false);
        }
        if pollster::block_on(raw.exists(DEMO_TABLE))? {
            return Ok(self.is_own_raw && pollster::block_on(is_older_demo(raw))?);
        }
        let is_empty = match fs::read_dir(&self.raw) {
            Ok(mut entries) => entries.next().is_none(),
            Err(_) => true,
        };
        Ok(is_empty || self.is_own_raw)
    }
}

/// What has to be said of a split with a single class.
fn alone(label: &LabelCounts) -> &'static str {
    if label.only_class().is_some() { "  (a single class)" } else { "" }
}

fn report(summary: &PreprocessSummary, job: &Job) -> String {
    let splits = summary.splits.iter();
    let splits: Vec<_> = splits
        .flat_map(|split| {
            let all = format!(
                "  {:<6} {:>7} {} of {}",
                split.name,
                split.windows,
                if split.windows == 1 { "window" } else { "windows" },
                count(split.subjects, "subject")
            );
            let labels = split.labels.iter().filter(|_| split.windows > 0);
            std::iter::once(all).chain(labels.map(|label| format!("           {label}{}", alone(label))))
        })
        .collect();
    let left_out = match summary.skipped {
        0 => String::new(),
        skipped => format!(", {skipped} left out"),
    };
    format!(
        "{} of {}{left_out}, written to {}\n{}",
        count(summary.recordings, "recording"),
        job.dataset.name(),
        job.output.display(),
        splits.join("\n")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_not_written_among_the_recordings() {
        let folder = tempfile::tempdir().unwrap();
        let raw = folder.path().join("study");
        fs::create_dir(&raw).unwrap();
        let check = |output: PathBuf| {
            let dataset = raw_dataset("recordings").unwrap();
            let (raw, options) = (raw.clone(), PreprocessOptions::default());
            Job { dataset, raw, is_own_raw: false, output, options }.check_output_is_apart()
        };
        for within in ["out", "a/../deep/out", "."] {
            let message = check(raw.join(within)).unwrap_err().to_string();
            assert!(message.contains("lies within the recordings") && message.contains("--output"), "{message}");
        }
        for apart in [raw.join(".prepared/out"), folder.path().join("study-out"), raw.join("../out")] {
            assert!(check(apart.clone()).is_ok(), "{}", apart.display());
        }
    }
}
