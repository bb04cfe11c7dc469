//! The folder of a cross-validation: made of a run file, or found again; and what of its runs is done.

use std::{
    fs, io,
    path::{Component, Path, PathBuf},
};

use signal_studio_core::{
    config::{DeviceChoice, RunConfig, UnknownDevice, with_split},
    kept::Versioned,
    labels::TaskSpec,
    storage::Storage,
    training::{
        Summary,
        cross_validation::{CONFIG, CrossValidation, FoldRun, RECORD},
        cross_validation_name,
        history::Ending,
        run_folder as layout,
    },
};

use super::{
    super::train::{Place, RunRequest},
    arguments::Arguments,
};
use crate::{
    config_files::{ConfigText, RunFile, read_text},
    failure::Failure,
    paths,
    progress::Verbosity,
    run_folder,
    storage::DiskStorage,
};

/// A cross-validation on the disk.
pub struct Folder {
    /// The folder.
    pub path: PathBuf,
    /// What it holds.
    pub record: CrossValidation,
    /// The text of the run file that its folds are made of.
    text: String,
    settings: Option<String>,
    root: Option<PathBuf>,
    /// Where to compute, if not as the run file says.
    pub device: Option<DeviceChoice>,
}

impl Folder {
    /// Opens the folder of a cross-validation that was begun.
    pub fn open(path: &Path, arguments: &Arguments) -> Result<Self, Failure> {
        let Some(record) = read_record(path)? else {
            return Err(Failure::request(format_args!(
                "there is no {RECORD} of a cross-validation in {}",
                path.display()
            )));
        };
        let text = read_text(&path.join(CONFIG), "run file of the cross-validation")?;
        if CrossValidation::mark_of(&text) != record.config_sha256 {
            return Err(Failure::request(format_args!(
                "{} has changed since the cross-validation was begun: its folds would not be of one kind; begin another",
                path.join(CONFIG).display()
            )));
        }
        Self::new(path.to_owned(), record, text, arguments)
    }

    /// The same, with what is said on the command line before what was said when it was begun.
    fn new(path: PathBuf, record: CrossValidation, text: String, arguments: &Arguments) -> Result<Self, Failure> {
        let kept_device: Option<DeviceChoice> = match &record.device {
            Some(word) => Some(word.parse().map_err(|error: UnknownDevice| {
                Failure::run(format_args!("damaged: device {error}: {}", path.join(RECORD).display()))
            })?),
            None => None,
        };
        let settings = arguments.settings.clone().or_else(|| record.settings.clone());
        let root = arguments.root.clone().or_else(|| record.root.clone().map(PathBuf::from));
        Ok(Self { device: arguments.device.or(kept_device), path, record, text, settings, root })
    }

    /// Makes the folder of what is asked for, or finds it under the name that is asked for.
    pub fn make(config: &Path, arguments: &Arguments, verbosity: Verbosity) -> Result<Self, Failure> {
        let RunFile { mut config, text, folder } = RunFile::parse(ConfigText::read(config)?)?;
        let splits = [
            ("train", Some(config.dataset.train_split.as_str())),
            ("val", config.validation_split()),
            ("test", config.dataset.test_split.as_deref()),
        ];
        if splits.iter().any(|(own, named)| named.is_some_and(|named| named != *own)) {
            return Err(Failure::request(
                "cross-validation makes the splits train, val and test itself: take dataset.train_split, dataset.val_split \
                 and dataset.test_split out of the run file",
            ));
        }
        if let Some(folds) = arguments.folds {
            config.cross_validation.folds = folds;
        }
        let seeds = arguments.seeds()?.unwrap_or_else(|| config.cross_validation.seeds_or(config.training.seed));
        config.training.seed = seeds.first().copied();
        let name = |time: &str, number| cross_validation_name(&config, time, number);
        let file = RunFile { config: config.clone(), text: text.clone(), folder };
        let whole = RunRequest::of(file, arguments.settings.as_deref(), arguments.root.as_deref(), Place::New(None))?;
        let folds = whole.folds(verbosity)?;
        let root = arguments.root.as_deref().map(paths::absolute).transpose()?;
        let record = CrossValidation {
            config_sha256: CrossValidation::mark_of(&text),
            folds,
            seeds,
            settings: whole.settings_path().map(|path| path.display().to_string()),
            root: root.map(|root| root.display().to_string()),
            device: arguments.device.map(|device| device.to_string()),
        };
        let output = whole.output_folder(arguments.output_dir.as_deref())?;
        let path = match &arguments.name {
            Some(name) => named(&output, name)?,
            None => run_folder::create(&output, name, &jiff::Zoned::now())?,
        };
        if let Some(known) = read_record(&path)? {
            if let Some(difference) = known.difference(&record) {
                return Err(Failure::request(format_args!(
                    "another cross-validation is in {}: {difference}; name another folder with --name",
                    path.display()
                )));
            }
            return Self::new(path, known, text, arguments);
        }
        let folder = Self::new(path, record, text, arguments)?;
        folder.write()?;
        Ok(folder)
    }

    /// Writes the run files, and then the record: where that is, all is.
    fn write(&self) -> Result<(), Failure> {
        let storage = DiskStorage::durable(&self.path);
        let write = |name: &str, bytes: &[u8]| {
            pollster::block_on(storage.write(name, bytes))
                .map_err(|error| Failure::from(error).within("the folder", &self.path))
        };
        write(CONFIG, self.text.as_bytes())?;
        for fold in 1..=self.record.folds.len() {
            write(&CrossValidation::fold_file(fold), self.text_of(fold)?.as_bytes())?;
        }
        write(RECORD, &self.record.to_json())
    }

    /// The text of a fold's run file, from 1.
    fn text_of(&self, fold: usize) -> Result<String, Failure> {
        let Some(people) = self.record.fold(fold) else {
            return Err(Failure::request(format_args!(
                "there is no fold {fold}: they are 1 to {}",
                self.record.folds.len()
            )));
        };
        with_split(&self.text, &people.val, &people.test)
            .map_err(|error| Failure::run(format_args!("{error}: {}", self.path.join(CONFIG).display())))
    }

    /// The runs that are asked for: all, those of a fold, with a seed, or one.
    pub fn wanted(&self, fold: Option<usize>, seed: Option<u64>) -> Result<Vec<FoldRun>, Failure> {
        if let Some(fold) = fold {
            self.text_of(fold)?;
        }
        if let Some(seed) = seed.filter(|seed| !self.record.seeds.contains(seed)) {
            let seeds: Vec<String> = self.record.seeds.iter().map(u64::to_string).collect();
            return Err(Failure::request(format_args!("there is no seed {seed}: they are {}", seeds.join(", "))));
        }
        let is_wanted =
            |run: &FoldRun| fold.is_none_or(|fold| run.fold == fold) && seed.is_none_or(|seed| run.seed == seed);
        Ok(self.record.runs().filter(is_wanted).collect())
    }

    /// The folder of a run.
    pub fn of_run(&self, run: FoldRun) -> PathBuf {
        self.path.join(run.folder())
    }

    /// How a run has ended; none when it has not, or was stopped.
    pub fn ended(&self, run: FoldRun) -> Result<Option<Summary>, Failure> {
        let path = self.of_run(run).join(layout::SUMMARY);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            read => read.map_err(|error| Failure::run(format_args!("{error}: {}", path.display())))?,
        };
        let summary =
            Summary::read(&bytes).map_err(|error| Failure::run(format_args!("{error}: {}", path.display())))?;
        Ok(Some(summary).filter(|summary| summary.ended != Ending::Stopped))
    }

    /// A run, to be begun, or to go on where it was ended.
    pub fn request(&self, run: FoldRun) -> Result<RunRequest, Failure> {
        let text = self.text_of(run.fold)?;
        let name = self.path.join(CrossValidation::fold_file(run.fold)).display().to_string();
        let (mut config, _) = RunConfig::parse(&text, &name)?;
        config.training.seed = Some(run.seed);
        if let Some(device) = self.device {
            config.training.device = device;
        }
        // Each run would write over what the others did.
        config.training.metrics_summary_path = None;
        config.training.log_dir = None;
        let folder = self.of_run(run);
        let place = match folder.join(layout::LAST_OPTIMIZER).is_file() {
            true => Place::Resumed(folder),
            false => Place::In(folder),
        };
        let file = RunFile { config, text, folder: Some(paths::absolute(&self.path)?) };
        RunRequest::of(file, self.settings.as_deref(), self.root.as_deref(), place)
    }

    /// What is learnt.
    pub fn tasks(&self) -> Result<Vec<TaskSpec>, Failure> {
        let (config, _) = RunConfig::parse(&self.text, &self.path.join(CONFIG).display().to_string())?;
        let registry = config.registry();
        let specs = config.dataset.tasks.iter().map(|task| registry.get(task).map(|spec| spec.task.clone()));
        specs.collect::<Option<_>>().ok_or_else(|| {
            Failure::request(format_args!("a task of {} is not known", self.path.join(CONFIG).display()))
        })
    }
}

/// The folder of this name, made if it is not there.
fn named(output: &Path, name: &str) -> Result<PathBuf, Failure> {
    if !matches!(Path::new(name).components().collect::<Vec<_>>().as_slice(), [Component::Normal(_)]) {
        return Err(Failure::request(format_args!(
            "--name names a folder in that of --output-dir, and `{name}` is a path"
        )));
    }
    let path = output.join(name);
    run_folder::provide(&path)?;
    Ok(path)
}

/// What is kept of a cross-validation in a folder; none where there is nothing.
fn read_record(folder: &Path) -> Result<Option<CrossValidation>, Failure> {
    let path = folder.join(RECORD);
    let bytes = match fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read.map_err(|error| Failure::run(format_args!("{error}: {}", path.display())))?,
    };
    let record = CrossValidation::read(&bytes);
    record.map(Some).map_err(|error| Failure::run(format_args!("{error}: {}", path.display())))
}
