//! Where the answers come from: the table that a run wrote when it ended, or its checkpoint, which is asked anew.

use std::{
    io,
    path::{Path, PathBuf},
};

use signal_studio_core::{
    config::RunConfig,
    datasets::{FolderDataset, check_subjects_apart},
    device,
    evaluation::PredictionTable,
    model::{checkpoint::Metadata, parameters::Weights},
    training::{
        identity::{Identity, SplitMark},
        predictor::{Predictor, TrainedModel},
        run_folder as layout,
    },
};

use super::arguments::Arguments;
use crate::{
    config_files::{RunFile, SettingsFile, resolve_dataset_name},
    failure::Failure,
    interrupt::goes_on,
    paths, prepared_data,
    storage::DiskStorage,
    weights,
};

/// What was said of the samples of splits.
pub struct Answered {
    pub table: PredictionTable,
    /// Which model said it, in words.
    pub model: String,
    /// The splits.
    pub splits: Vec<String>,
    /// What should be known of it, one sentence each.
    pub notes: Vec<String>,
}

/// The answers that are asked for; none when the user has ended it before.
pub fn answered(arguments: &Arguments) -> Result<Option<Answered>, Failure> {
    let path = arguments.path.as_path();
    let (checkpoint, folder) =
        if path.is_dir() { (best_checkpoint(path)?, Some(path)) } else { (path.to_owned(), None) };
    let (weights, metadata) = weights::read(&checkpoint)?;
    let model = in_words(&checkpoint, &metadata);
    let mut trained = TrainedModel::of(&metadata, &checkpoint.display().to_string())?;
    if let Some(folder) = folder {
        trained.config = RunFile::of_run(folder)?.config;
    }
    let splits = splits(&trained.config, arguments.split.as_deref())?;
    if let (Some(folder), None, [split]) = (folder, &arguments.data, splits.as_slice())
        && let Some(table) = written(folder, split, &trained)?
    {
        let note =
            "these are the answers that the run wrote when it had trained; --data asks the model anew".to_owned();
        return Ok(Some(Answered { table, model, splits, notes: vec![note] }));
    }
    let Some((table, notes)) = ask(arguments, trained, weights, &metadata, &splits)? else { return Ok(None) };
    Ok(Some(Answered { table, model, splits, notes }))
}

/// The best checkpoint of a run, or its last where it kept none.
fn best_checkpoint(folder: &Path) -> Result<PathBuf, Failure> {
    let kept = [layout::BEST, layout::LAST].map(|name| folder.join(name)).into_iter().find(|path| path.is_file());
    kept.ok_or_else(|| Failure::request(format_args!("no checkpoint of a run is in {}", folder.display())))
}

fn in_words(checkpoint: &Path, metadata: &Metadata) -> String {
    let epoch = metadata.get("epoch").map_or_else(String::new, |epoch| format!(", of epoch {epoch}"));
    format!("{}{epoch}", checkpoint.display())
}

/// The names of the splits that are asked for.
fn splits(config: &RunConfig, asked: Option<&str>) -> Result<Vec<String>, Failure> {
    let (train, val, test) = (&config.dataset.train_split, config.validation_split(), config.test_split());
    let name = |split: Option<&str>, word: &str| split.unwrap_or(word).to_owned();
    Ok(match asked {
        Some("test") => vec![name(test, "test")],
        Some("val") => vec![name(val, "val")],
        Some("train") => vec![train.clone()],
        Some("all") => {
            let mut all = vec![train.clone()];
            all.extend([val, test].into_iter().flatten().map(str::to_owned));
            all
        }
        Some(other) => vec![other.to_owned()],
        None => match test.or(val) {
            Some(split) => vec![split.to_owned()],
            None => {
                return Err(Failure::request(
                    "the run has neither a test nor a validation split; name one with --split",
                ));
            }
        },
    })
}

/// The table that a run wrote of this split.
fn written(folder: &Path, split: &str, trained: &TrainedModel) -> Result<Option<PredictionTable>, Failure> {
    for name in [layout::TEST_PREDICTIONS, layout::VALIDATION_PREDICTIONS] {
        let path = folder.join(name);
        let bytes = match std::fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            read => read.map_err(|error| Failure::run(format_args!("{error}: {}", path.display())))?,
        };
        let table = PredictionTable::from_csv(&bytes, &path.display().to_string(), &trained.tasks)
            .map_err(|error| Failure::run(format_args!("damaged: {error}")))?;
        if table.rows.iter().all(|row| row.split == split) {
            return Ok(Some(table));
        }
    }
    Ok(None)
}

/// Has the model answer anew; also what should be known of it.
fn ask(
    arguments: &Arguments,
    mut trained: TrainedModel,
    weights: Weights,
    metadata: &Metadata,
    splits: &[String],
) -> Result<Option<(PredictionTable, Vec<String>)>, Failure> {
    let folder = arguments.path.is_dir().then_some(arguments.path.as_path());
    let settings = SettingsFile::for_run(arguments.settings.as_deref(), &trained.config, folder)?;
    resolve_dataset_name(&mut trained.config, &settings.settings)?;
    let data = trained.config.resolve(&settings.settings)?;
    let data_folder = match &arguments.data {
        Some(folder) => paths::absolute(folder)?,
        None => prepared_data::folder(&trained.config, &data, &settings),
    };
    if !prepared_data::is_prepared(&data_folder)? {
        let failure = Failure::request(format_args!("there are no samples in {}", data_folder.display()));
        return Err(failure.advise("name their folder with --data"));
    }
    let storage = DiskStorage::new(&data_folder);
    let labels = trained.labels.clone().unwrap_or(data.labels);
    let within = |failure: Failure| failure.within("the dataset", &data_folder);
    let open = |split: &str| {
        pollster::block_on(FolderDataset::open(&storage, split, &labels)).map_err(|error| within(error.into()))
    };
    let config = trained.config.clone();
    let notes = people_apart(&config, &storage, splits, metadata, &open)?;
    let opened = splits.iter().map(|split| open(split)).collect::<Result<Vec<_>, _>>()?;
    let mut all = PredictionTable { tasks: trained.tasks.clone(), rows: Vec::new() };
    let Some(sample) = opened.first().map(FolderDataset::feature_shape) else { return Ok(Some((all, notes))) };
    let (device, _) = pollster::block_on(device::open(arguments.device))?;
    let predictor = Predictor::new(trained, weights, sample, device).map_err(|error| within(error.into()))?;
    for split in &opened {
        let answers = pollster::block_on(predictor.predict_split(split, &mut goes_on));
        let Some(table) = answers.map_err(|error| within(error.into()))? else { return Ok(None) };
        all.rows.extend(table.rows);
    }
    Ok(Some((all, notes)))
}

/// What should be known of whose samples these are: nobody who was learnt from may be in a split that judges.
fn people_apart<'s>(
    config: &RunConfig,
    storage: &DiskStorage,
    splits: &[String],
    metadata: &Metadata,
    open: &dyn Fn(&str) -> Result<FolderDataset<'s>, Failure>,
) -> Result<Vec<String>, Failure> {
    let train = &config.dataset.train_split;
    let mut notes = Vec::new();
    if splits.contains(train) {
        notes.push(format!(
            "the model has learnt from the split `{train}`: its score there says nothing about new people"
        ));
    }
    if config.validation_split().is_some_and(|val| splits.iter().any(|split| split == val)) {
        notes.push(
            "the checkpoint was chosen by its score in validation: there it does better than on new people".to_owned(),
        );
    }
    let known = Identity::of_checkpoint(metadata).and_then(|identity| identity.train);
    let found = open(train).ok().map(|train| SplitMark::of(&train));
    match (known, found) {
        (Some(then), Some(now)) if then.sha256 == now.sha256 => {
            for split in splits.iter().filter(|split| *split != train) {
                notes.extend(pollster::block_on(check_subjects_apart(storage, train, Some(split), None))?);
            }
        }
        _ => notes.push(
            "these samples are not those that the model was trained on: whether it has learnt from people among them cannot \
             be checked"
                .to_owned(),
        ),
    }
    Ok(notes)
}
