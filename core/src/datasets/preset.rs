//! Run files that fit a folder of recordings or of samples: the tasks that the labels can teach, for recordings a signal path
//! that their rate allows, and a model and batches of a size for so many windows. They are text for people to read on and
//! change.

use std::{collections::BTreeSet, fmt::Write, ops::Range};

use toml_edit::Value;

use super::{
    Dataset, FeatureShape, MONTAGE_CHANNELS, Origin, RawDataset, Recordings, SplitDescription, Survey,
    SurveyedRecording, dataset,
    folder::VALIDATION_NAMES,
    options_of,
    preset_tasks::{LabelledRow, Tasks},
    raw_dataset,
    signal_path::SignalPath,
    splits::{SPLIT_FRACTIONS, split_subjects},
};
use crate::{
    config::{DataType, DatasetName, Settings},
    labels::LabelRegistry,
    signal::OutputType,
};

/// Why no run file can be made that fits a folder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PresetError {
    /// There are no recordings, or none of them can be used.
    #[error("no recording of it can be used: {reason}")]
    NoRecording {
        /// What is wrong with the folder, or with the first recording.
        reason: String,
    },
    /// There are no samples.
    #[error("it holds no samples")]
    NoSample,
    /// The labels teach nothing.
    #[error(
        "it has no label that could be learnt, which takes two classes of two subjects each, or numbers that differ{}; \
         add such a column to the table of the subjects", because(.refused)
    )]
    NoTask {
        /// The columns there are, and why each of them teaches nothing.
        refused: Vec<(String, String)>,
    },
}

fn because(refused: &[(String, String)]) -> String {
    if refused.is_empty() {
        return String::new();
    }
    let told = refused.iter().map(|(column, reason)| format!("`{column}` {reason}"));
    format!(": {}", told.collect::<Vec<_>>().join(", "))
}

/// So few people cannot show more than chance, even if all of them are told right.
const FEW_PEOPLE: usize = 2;
/// Updates that a first run aims at.
const UPDATES: usize = 1500;
/// Samples of a window from which on the field's network for windows is proposed: its first filter spans 25 of them, its
/// pooling 75.
const SHALLOW_SAMPLES: usize = 200;
/// Of so many people, a fifth each validates and tests: a tenth would be too few to tell anything of strangers.
const SMALL_STUDY: Range<usize> = 5..50;
/// The splits of such a study.
const SMALL_STUDY_FRACTIONS: [(&str, f64); 3] = [("train", 0.6), ("val", 0.2), ("test", 0.2)];

/// A run file for recordings, in which the dataset is called `name`: a dataset's name, or `./` and a folder's.
///
/// # Errors
/// [`PresetError`] when no recording can be used, or no label can be learnt.
pub fn preset(survey: &Survey, name: &str, settings: &Settings) -> Result<String, PresetError> {
    let dataset: &dyn RawDataset = survey.dataset.as_deref().and_then(raw_dataset).unwrap_or(&Recordings);
    let per_recording = |duration_s: f64| (duration_s / SignalPath::WINDOW_S) as usize;
    let why_not = |recording: &SurveyedRecording| match &recording.unusable {
        None if per_recording(recording.duration_s) == 0 => {
            Some(format!("it is shorter than one window of {} s", SignalPath::WINDOW_S))
        }
        unusable => unusable.clone(),
    };
    let known: Vec<_> = survey.recordings.iter().filter(|recording| recording.subject.is_some()).collect();
    let usable: Vec<_> = known.iter().copied().filter(|recording| why_not(recording).is_none()).collect();
    if usable.is_empty() {
        let of_first = known.iter().find_map(|recording| Some(format!("{}: {}", recording.path, why_not(recording)?)));
        return Err(PresetError::NoRecording { reason: of_first.unwrap_or_else(|| wrong_with_folder(survey)) });
    }
    let windows = usable.iter().map(|recording| per_recording(recording.duration_s)).sum::<usize>();
    let subjects: BTreeSet<&str> = usable.iter().filter_map(|recording| recording.subject.as_deref()).collect();
    let fractions = if SMALL_STUDY.contains(&subjects.len()) { SMALL_STUDY_FRACTIONS } else { SPLIT_FRACTIONS };
    let splits = split_subjects(subjects.iter().copied(), options_of(dataset, settings).seed, &fractions);
    let in_split = |split: &str| splits.values().filter(|&&assigned| assigned == split).count();
    let validation = ["val", "test"].into_iter().find(|split| in_split(split) > 0);

    let row = |recording: &&SurveyedRecording| {
        Some(LabelledRow { subject: recording.subject.clone()?, labels: recording.labels.clone() })
    };
    let rows = usable.iter().filter_map(row).collect();
    let with_columns = dataset.origin() == Origin::Anyones;
    let tasks = teachable(Tasks::of(rows, &survey.label_columns, &registry(name), with_columns))?;
    let slowest_hz = usable.iter().map(|recording| recording.rate_hz).fold(f64::INFINITY, f64::min);
    let path = SignalPath::of(slowest_hz);
    let run_file = RunFile {
        name,
        about: format!(
            "{} of {}, about {}.",
            counted(usable.len(), "recording"),
            counted(subjects.len(), "subject"),
            counted(windows, "window")
        ),
        tasks,
        data_type: DataType::Timeseries,
        output_type: OutputType::DbOnly,
        shape: FeatureShape::Signal { channels: MONTAGE_CHANNELS, samples: path.window_samples() },
        samples: (windows as f64 * fractions[0].1) as usize,
        path: Some(path),
        fractions: (fractions != SPLIT_FRACTIONS).then(|| fractions.map(|(_, share)| share)),
        train_split: "train",
        val_split: validation,
        test_split: Some("test").filter(|split| validation != Some(*split) && in_split(split) > 0),
        val_notes: [
            (validation == Some("test")).then(|| "There are too few subjects for a split \"val\".".to_owned()),
            validation.and_then(|split| few_people(in_split(split))),
        ]
        .into_iter()
        .flatten()
        .collect(),
    };
    Ok(run_file.text())
}

/// A run file for a preprocessed folder, which is called `name`: a path with a slash. `splits` are all that it has.
///
/// # Errors
/// [`PresetError`] when there are no samples, or no label can be learnt.
pub fn preset_of_prepared(splits: &[SplitDescription], name: &str) -> Result<String, PresetError> {
    let find = |names: &[&str]| names.iter().find_map(|name| splits.iter().find(|split| split.name == *name));
    let largest = splits.iter().max_by_key(|split| split.samples);
    let train = find(&["train", "training"]).or(largest).ok_or(PresetError::NoSample)?;
    let validation = find(&VALIDATION_NAMES)
        .or_else(|| find(&["test"]))
        .or_else(|| splits.iter().find(|split| train.name != split.name));
    let (data_type, output_type) = match train.shape {
        // Which colours they are makes no difference to a model.
        FeatureShape::Image { channels: 3, .. } => (DataType::Spectrogram, OutputType::DbIq),
        FeatureShape::Image { .. } => (DataType::Spectrogram, OutputType::DbOnly),
        FeatureShape::Signal { .. } => (DataType::Timeseries, OutputType::DbOnly),
    };
    // What the folder can teach is told by all of it, as that of the recordings is.
    let rows = splits.iter().flat_map(|split| split.rows.iter().cloned()).collect();
    // Known datasets have tasks of their own for every column, as in the run file for their recordings.
    let made_of = train
        .made_of
        .as_deref()
        .and_then(dataset)
        .filter(|made_of| made_of.raw().is_none_or(|raw| raw.origin() != Origin::Anyones));
    let registry = made_of.map_or_else(|| registry(name), Dataset::labels);
    let tasks = teachable(Tasks::of(rows, &train.columns, &registry, made_of.is_none()))?;
    let run_file = RunFile {
        name,
        about: format!("{} samples to train on, each {}.", train.samples, train.shape),
        tasks,
        data_type,
        output_type,
        shape: train.shape,
        samples: train.samples,
        path: None,
        fractions: None,
        train_split: &train.name,
        val_split: validation.map(|validation| validation.name.as_str()),
        test_split: find(&["test"])
            .map(|split| split.name.as_str())
            .filter(|name| *name != train.name && validation.is_none_or(|validation| validation.name != *name)),
        val_notes: validation
            .filter(|validation| validation.of_unknown == 0)
            .and_then(|validation| few_people(validation.subjects.len()))
            .into_iter()
            .collect(),
    };
    Ok(run_file.text())
}

/// What is to be known of a split that is validated on and holds so many people.
fn few_people(people: usize) -> Option<String> {
    let told = counted(people, "subject");
    (people <= FEW_PEOPLE).then(|| format!("It holds {told}: whatever the scores are there, they may be chance."))
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn teachable(tasks: Tasks) -> Result<Tasks, PresetError> {
    if tasks.names().next().is_none() { Err(PresetError::NoTask { refused: tasks.refused }) } else { Ok(tasks) }
}

/// What a survey finds wrong with the first file where none can be read, else with the folder itself.
fn wrong_with_folder(survey: &Survey) -> String {
    let of_folder = survey.problems.iter().find(|problem| problem.path.is_empty());
    let of_file = survey.problems.iter().find(|problem| !problem.path.is_empty());
    let problem = if survey.recordings.is_empty() { of_file.or(of_folder) } else { of_folder.or(of_file) };
    match problem {
        None => "there is none".to_owned(),
        Some(problem) if problem.path.is_empty() => problem.message.clone(),
        Some(problem) => format!("{}: {}", problem.path, problem.message),
    }
}

/// The dataset that run files call so, if it is one of its own.
fn known(name: &str) -> Option<&'static dyn Dataset> {
    match DatasetName::from_text(name) {
        DatasetName::Named(name) => dataset(&name),
        DatasetName::Path(_) => None,
    }
}

fn registry(name: &str) -> LabelRegistry {
    known(name).map_or_else(LabelRegistry::folder, Dataset::labels)
}

/// What a run file is made from.
struct RunFile<'a> {
    name: &'a str,
    about: String,
    tasks: Tasks,
    data_type: DataType,
    output_type: OutputType,
    shape: FeatureShape,
    /// Windows to train on.
    samples: usize,
    /// How they are made; `None` where they are there.
    path: Option<SignalPath>,
    /// Shares of the people in each split, where they are not the usual ones.
    fractions: Option<[f64; 3]>,
    train_split: &'a str,
    /// `None` when there is none to validate on.
    val_split: Option<&'a str>,
    /// `None` when there is none to test on.
    test_split: Option<&'a str>,
    /// Why it is that split, and what is to be known of it.
    val_notes: Vec<String>,
}

impl RunFile<'_> {
    fn text(&self) -> String {
        let quoted = |text: &str| Value::from(text).to_string().trim().to_owned();
        let mut text = format!("# Made to fit the data: {}\n", self.about);
        let tasks: Vec<(&str, bool)> = self.tasks.names().collect();
        for (column, missing, of) in &self.tasks.gaps {
            let column = quoted(column);
            let _ = writeln!(text, "# {column} has no value for {missing} of {of} subjects, who are left out of it.");
        }
        if !self.tasks.more.is_empty() {
            let more = self.tasks.more.iter().map(|column| quoted(column)).collect::<Vec<_>>().join(", ");
            let _ = writeln!(text, "# More columns could be learnt with a [labels.…] table each: {more}.");
        }
        for (column, reason) in &self.tasks.refused {
            let _ = writeln!(text, "# Not learnt: {} {reason}.", quoted(column));
        }
        let names = tasks.iter().map(|(task, _)| quoted(task)).collect::<Vec<_>>().join(", ");
        let (batch, epochs) = self.batches();
        let _ = write!(
            text,
            "\n[dataset]\nname = {}\ntasks = [{names}]\nbatch_size = {batch}\ntrain_split = {}\n",
            quoted(self.name),
            quoted(self.train_split),
        );
        for note in &self.val_notes {
            let _ = writeln!(text, "# {note}");
        }
        if let Some(split) = self.val_split {
            let _ = writeln!(text, "val_split = {}", quoted(split));
        }
        if let Some(split) = self.test_split {
            let _ = writeln!(text, "test_split = {}", quoted(split));
        }
        if let Some(fractions) = self.fractions {
            let _ = writeln!(text, "\n[dataset.split]\nfractions = {fractions:?}");
        }
        text.extend(self.path.as_ref().map(SignalPath::text));
        let _ = writeln!(text, "\n[data]\ndata_type = \"{}\"", self.data_type);
        if self.data_type == DataType::Spectrogram {
            let _ = writeln!(text, "output_type = \"{}\"", self.output_type);
        }
        text.push_str(&self.model());
        let has_regression = tasks.iter().any(|(_, is_regression)| *is_regression);
        let has_classes = tasks.iter().any(|(_, is_regression)| !*is_regression);
        text.push_str(&self.updates(batch, epochs));
        let _ = write!(text, "\n[training]\nepochs = {epochs}\nlog_every_batches = 5\nseed = 1\n");
        if has_classes {
            text.push_str("# Rare classes count as much as frequent ones.\nclass_weights = \"balanced\"\n");
        }
        if self.val_split.is_none() {
            text.push_str("# There is nobody to validate on: more subjects would tell how strangers are told apart.\neval_strategy = \"none\"\n");
        }
        if has_regression {
            text.push_str(
                "# Numbers are learnt in standard deviations from their mean, and reported in their own unit.\n\
                 standardize_regression = true\n",
            );
        }
        text.push_str("\n[training.task_weights]\n");
        for (task, is_regression) in &tasks {
            let _ = writeln!(text, "{task} = {}", if *is_regression { "0.3" } else { "1.0" });
        }
        for task in &self.tasks.own {
            let _ = write!(text, "\n[labels.{}]\ncolumn = {}\n", task.name, quoted(&task.column));
            if task.classes.is_empty() {
                text.push_str("regression = true\n");
            } else {
                let classes = task.classes.iter().map(|class| quoted(class)).collect::<Vec<_>>().join(", ");
                let _ = writeln!(text, "classes = [{classes}]");
            }
        }
        text
    }

    /// Whether the field's network for windows takes them: it needs some seconds.
    fn suits_shallow_net(&self) -> bool {
        matches!(self.shape, FeatureShape::Signal { samples, .. } if samples >= SHALLOW_SAMPLES)
    }

    /// Samples of a batch, and epochs.
    fn batches(&self) -> (usize, usize) {
        let batch = match self.samples {
            0..200 => 8,
            200..2000 => 16,
            _ => 32,
        };
        let batch = if self.suits_shallow_net() { 2 * batch } else { batch };
        (batch, (UPDATES / self.samples.div_ceil(batch).max(1)).clamp(5, 40))
    }

    /// The tables of the optimizer and the schedule.
    fn updates(&self, batch: usize, epochs: usize) -> String {
        if self.suits_shallow_net() {
            return "\n[optimizer]\nname = \"adamw\"\nlearning_rate = 1e-3\nweight_decay = 0.05\n\n[scheduler]\nname = \
                    \"one_cycle\"\n\n[scheduler.kwargs]\npct_start = 0.1\n"
                .to_owned();
        }
        let updates = self.samples.div_ceil(batch).max(1) * epochs;
        format!(
            "\n[optimizer]\nname = \"adamw\"\nlearning_rate = 2e-3\nweight_decay = 1e-3\n\n[scheduler]\nname = \
             \"cosine\"\nwarmup_steps = {}\n\n[scheduler.kwargs]\nmin_lr_ratio = 0.05\n",
            (updates / 20).min(100)
        )
    }

    /// The tables of a model that so many samples can teach.
    fn model(&self) -> String {
        if self.suits_shallow_net() {
            return "\n[model]\nbackbone = \"shallow_fbcsp_net\"\n".to_owned();
        }
        let (embedding, repeats, dropout) = match self.samples {
            0..2000 => (32, 1, "0.3"),
            2000..20_000 => (64, 1, "0.2"),
            _ => (128, 2, "0.1"),
        };
        let (backbone, channels, depth) = match self.shape {
            FeatureShape::Image { channels, height, width } => {
                ("cnn_light", channels, if height.min(width) > 128 { 4 } else { 3 })
            }
            FeatureShape::Signal { channels, .. } => ("cnn_1d", channels, 3),
        };
        format!(
            "\n[model]\nbackbone = \"{backbone}\"\ninput_channels = {channels}\nembedding_dim = {embedding}\n\
             dropout = {dropout}\ndepth = {depth}\nlayer_repeats = {repeats}\n"
        )
    }
}
