//! A survey or the splits of a preprocessed folder flow in, a run file that fits them flows out: the tasks that the labels
//! can teach, and a model and batches of a size for so many windows. It is text for people to read on and change.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use toml_edit::Value;

use super::{
    FeatureShape, Recordings, SplitDescription, Survey, options_of,
    raw::RawDataset,
    raw_dataset,
    splits::{SPLIT_FRACTIONS, split_subjects},
    subject_columns::{self, is_known_word},
    subject_match::is_id_column,
};
use crate::{
    config::{DataType, DatasetName, Settings},
    labels::{ClassValues, LabelRegistry, LabelSpec, MetadataRow, Target, vocabulary::is_missing},
    signal::{OutputType, Windowing},
};

/// A column with more different cells holds no classes.
const MAX_CLASSES: usize = 10;
/// A column of numbers with more different ones is predicted as a number.
const MAX_NUMBERED_CLASSES: usize = 5;
/// A class or its subjects that are fewer teach nothing.
const MIN_OF_CLASS: usize = 2;
/// More tasks of one's own are left for the reader to add.
const MAX_OWN_TASKS: usize = 4;
/// Updates that a first run aims at.
const UPDATES: usize = 1500;

/// A run file for recordings, in which the dataset is called `name`: a dataset's name, or `./` and a folder's.
#[must_use]
pub fn preset(survey: &Survey, name: &str, settings: &Settings) -> String {
    let dataset: &dyn RawDataset = survey.dataset.as_deref().and_then(raw_dataset).unwrap_or(&Recordings);
    let options = options_of(dataset, settings);
    let usable: Vec<_> = survey.recordings.iter().filter(|recording| recording.subject.is_some()).collect();
    let per_recording = |duration_s: f64| match Windowing::new(options.window_length, options.overlap) {
        Ok(windowing) => windowing.starts((duration_s * options.rate_hz) as usize).count(),
        Err(_) => 0,
    };
    let windows = usable.iter().map(|recording| per_recording(recording.duration_s)).sum::<usize>();
    let subjects: BTreeSet<&str> = usable.iter().filter_map(|recording| recording.subject.as_deref()).collect();
    let splits = split_subjects(subjects.iter().copied(), options.seed, &SPLIT_FRACTIONS);
    let in_split = |split: &str| splits.values().filter(|&&assigned| assigned == split).count();
    let validation = ["val", "test"].into_iter().find(|split| in_split(split) > 0);

    let rows: Vec<Row<'_>> = usable
        .iter()
        .filter_map(|recording| Some(Row { subject: recording.subject.as_deref()?, labels: &recording.labels }))
        .collect();
    let tasks = tasks_of_rows(&rows, &survey.label_columns, &registry(name), dataset.name() == Recordings.name());
    let size = options.resolution;
    RunFile {
        name,
        about: format!("{} recordings of {} subjects, about {windows} windows.", usable.len(), subjects.len()),
        tasks,
        data_type: options.data_type,
        output_type: options.output_type,
        shape: match options.data_type {
            DataType::Spectrogram => {
                FeatureShape::Image { channels: options.output_type.channels(), height: size, width: size }
            }
            DataType::Timeseries => {
                FeatureShape::Signal { channels: super::MONTAGE_CHANNELS, samples: options.window_length }
            }
        },
        // Four fifths of the subjects.
        samples: windows * 4 / 5,
        train_split: "train",
        val_split: validation,
    }
    .text()
}

/// A run file for a preprocessed folder, which is called `name`: a path with a slash.
#[must_use]
pub fn preset_of_prepared(splits: &[SplitDescription], name: &str) -> String {
    let find = |names: &[&str]| names.iter().find_map(|name| splits.iter().find(|split| split.name == *name));
    let largest = splits.iter().max_by_key(|split| split.samples);
    let train = find(&["train", "training"]).or(largest);
    let validation = find(&["val", "validation", "valid", "dev", "test"])
        .or_else(|| splits.iter().find(|split| train.is_some_and(|train| train.name != split.name)));
    let shape = train.map_or(FeatureShape::Image { channels: 1, height: 64, width: 64 }, |train| train.shape);
    let (data_type, output_type) = match shape {
        // Which colours they are makes no difference to a model.
        FeatureShape::Image { channels: 3, .. } => (DataType::Spectrogram, OutputType::DbIq),
        FeatureShape::Image { .. } => (DataType::Spectrogram, OutputType::DbOnly),
        FeatureShape::Signal { .. } => (DataType::Timeseries, OutputType::DbOnly),
    };
    let samples = train.map_or(0, |train| train.samples);
    RunFile {
        name,
        about: format!("{samples} samples to train on, each {shape}."),
        tasks: train.map_or_else(Tasks::default, |train| tasks_of_counts(&train.labels, &registry(name))),
        data_type,
        output_type,
        shape,
        samples,
        train_split: train.map_or("train", |train| &train.name),
        val_split: validation.map(|validation| validation.name.as_str()),
    }
    .text()
}

fn registry(name: &str) -> LabelRegistry {
    let known = match DatasetName::from_text(name) {
        DatasetName::Named(name) => LabelRegistry::for_dataset(&name),
        DatasetName::Path(_) => None,
    };
    known.unwrap_or_else(LabelRegistry::folder)
}

/// The labels of a recording.
#[derive(Clone, Copy)]
struct Row<'a> {
    subject: &'a str,
    labels: &'a BTreeMap<String, String>,
}

/// What the labels can teach.
#[derive(Default)]
struct Tasks {
    /// The dataset's own: name, and whether it is a regression.
    known: Vec<(String, bool)>,
    /// Those of `[labels.…]` tables.
    own: Vec<OwnTask>,
    /// What could be learnt as well.
    more: Vec<OtherColumn>,
}

/// A column that is left for the reader to add.
struct OtherColumn {
    name: String,
    /// Whether some of its cells say nothing.
    has_gaps: bool,
}

struct OwnTask {
    name: String,
    column: String,
    /// None for a regression.
    classes: Vec<String>,
}

fn tasks_of_rows(rows: &[Row<'_>], columns: &[String], registry: &LabelRegistry, with_columns: bool) -> Tasks {
    let mut tasks = Tasks::default();
    // Classes that part the recordings in the same way teach the same.
    let mut seen: BTreeSet<Vec<usize>> = BTreeSet::new();
    for spec in registry.names().filter_map(|task| registry.get(task)) {
        let is_regression = !spec.task.is_classification();
        if let Some(parts) = known_parts(spec, rows)
            && (seen.insert(parts) || is_regression)
        {
            tasks.known.push((spec.task.name.clone(), is_regression));
        }
    }
    if !with_columns {
        return tasks;
    }
    for column in columns {
        if is_taken(column, &tasks) || is_id_column(column) {
            continue;
        }
        let cells = rows.iter().map(|row| (row.labels.get(column).map_or("", String::as_str), *row));
        let (cells, told): (Vec<&str>, Vec<Row<'_>>) = cells.filter(|(cell, _)| !is_missing(cell)).unzip();
        let Some((classes, parts)) = own_parts(&cells, &told) else { continue };
        if told.len() < rows.len() {
            tasks.leave(column, true);
        } else if seen.insert(parts) || classes.is_empty() {
            tasks.add_own(column, classes, registry);
        }
    }
    tasks
}

fn tasks_of_counts(labels: &BTreeMap<String, BTreeMap<String, usize>>, registry: &LabelRegistry) -> Tasks {
    let mut tasks = Tasks::default();
    let counted = |cells: &BTreeMap<String, usize>| {
        let mut counts: Vec<usize> = cells.values().copied().collect();
        counts.sort_unstable();
        counts
    };
    let differ = |cells: &BTreeMap<String, usize>| {
        let told = cells.iter().filter(|(cell, samples)| !is_missing(cell) && **samples >= MIN_OF_CLASS);
        told.count() >= 2
    };
    let have_gaps = |cells: &BTreeMap<String, usize>| cells.keys().any(|cell| is_missing(cell));
    for spec in registry.names().filter_map(|task| registry.get(task)) {
        let name = &spec.task.name;
        let Some(cells) = labels.iter().find(|(column, _)| column.eq_ignore_ascii_case(name)).map(|(_, cells)| cells)
        else {
            continue;
        };
        let is_regression = !spec.task.is_classification();
        let is_known = is_regression || cells.keys().all(|cell| is_known_word(name, cell));
        if differ(cells) && !have_gaps(cells) && is_known {
            tasks.known.push((name.clone(), is_regression));
        }
    }
    // Columns of one's own whose classes are of the same sizes may well be one label in other words.
    let mut seen: BTreeSet<Vec<usize>> = BTreeSet::new();
    for (column, cells) in labels {
        // Ages are counted by decade, which no cell says.
        let is_age = column.eq_ignore_ascii_case("age");
        if is_age || is_taken(column, &tasks) || is_id_column(column) || cells.len() > MAX_CLASSES || !differ(cells) {
            continue;
        }
        if have_gaps(cells) {
            tasks.leave(column, true);
        } else if seen.insert(counted(cells)) {
            tasks.add_own(column, distinct(cells.keys().map(String::as_str)), registry);
        } else {
            tasks.leave(column, false);
        }
    }
    tasks
}

/// Whether a column is one of the tasks already, or what one of them was made from.
fn is_taken(column: &str, tasks: &Tasks) -> bool {
    let known = |task: &str| column.eq_ignore_ascii_case(task) || subject_columns::means(task, column);
    tasks.known.iter().any(|(task, _)| known(task))
}

impl Tasks {
    fn add_own(&mut self, column: &str, classes: Vec<String>, registry: &LabelRegistry) {
        let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' };
        let name: String = column.trim().chars().map(plain).collect();
        let name = name.trim_matches('_');
        let taken = self.own.iter().any(|task| task.name == name) || self.known.iter().any(|(task, _)| task == name);
        // A dataset's own task of the name would be replaced by another meaning.
        let is_other =
            registry.get(name).is_some_and(|spec| !spec.columns().iter().any(|own| own.eq_ignore_ascii_case(column)));
        if name.is_empty() || taken || is_other || self.own.len() == MAX_OWN_TASKS {
            self.leave(column, false);
        } else {
            self.own.push(OwnTask { name: name.to_owned(), column: column.to_owned(), classes });
        }
    }

    fn leave(&mut self, column: &str, has_gaps: bool) {
        self.more.push(OtherColumn { name: column.to_owned(), has_gaps });
    }

    fn names(&self) -> impl Iterator<Item = (&str, bool)> {
        let known = self.known.iter().map(|(name, is_regression)| (name.as_str(), *is_regression));
        known.chain(self.own.iter().map(|task| (task.name.as_str(), task.classes.is_empty())))
    }
}

/// How a dataset's own label parts the recordings, if it can be learnt.
fn known_parts(spec: &LabelSpec, rows: &[Row<'_>]) -> Option<Vec<usize>> {
    let name = &spec.task.name;
    // Two labels in one are learnt as two, from the columns of both.
    let columns = spec.columns();
    if columns.len() > 1 && !columns.contains(&name.as_str()) {
        return None;
    }
    let targets = rows.iter().map(|row| {
        let (headers, cells): (Vec<String>, Vec<String>) =
            row.labels.iter().map(|(header, cell)| (header.clone(), cell.clone())).unzip();
        let is_known = row.labels.get(name).is_none_or(|cell| is_known_word(name, cell));
        spec.encode(&MetadataRow::new(&headers, &cells, "", 0)).ok().filter(|_| is_known)
    });
    let targets: Vec<Target> = targets.collect::<Option<_>>()?;
    let parts: Vec<usize> = parts(targets.iter().map(|target| match target {
        Target::Class(class) => class.to_string(),
        Target::Value(value) => value.to_string(),
    }));
    let is_enough = if spec.task.is_classification() { are_classes(&parts, rows) } else { vary(&parts) };
    is_enough.then_some(parts)
}

/// The classes in the cells of a column, none for numbers to predict, and how they part the recordings; `None` if they
/// teach nothing.
fn own_parts(cells: &[&str], rows: &[Row<'_>]) -> Option<(Vec<String>, Vec<usize>)> {
    if cells.iter().zip(rows).all(|(cell, row)| cell.eq_ignore_ascii_case(row.subject)) {
        return None;
    }
    let classes = distinct(cells.iter().copied());
    let is_number = |cell: &&str| cell.parse::<f32>().is_ok_and(f32::is_finite);
    if classes.len() > MAX_NUMBERED_CLASSES && cells.iter().all(is_number) {
        let parts = parts(cells.iter().map(|cell| (*cell).to_owned()));
        return vary(&parts).then_some((Vec::new(), parts));
    }
    let class_of = |cell: &&str| classes.iter().position(|class| means(class, cell)).unwrap_or_default();
    let parts = parts(cells.iter().map(|cell| class_of(cell).to_string()));
    (classes.len() <= MAX_CLASSES && are_classes(&parts, rows)).then_some((classes, parts))
}

/// The classes in the cells of a column, and which of them each cell means; `None` for numbers to predict, and for cells
/// that teach nothing. `subjects` are whose cells they are.
pub(super) fn classes_of_column(cells: &[&str], subjects: &[&str]) -> Option<(Vec<String>, Vec<usize>)> {
    let labels = BTreeMap::new();
    let rows: Vec<Row<'_>> = subjects.iter().map(|subject| Row { subject, labels: &labels }).collect();
    let (classes, _) = own_parts(cells, &rows).filter(|(classes, _)| !classes.is_empty())?;
    let class_of = |cell: &&str| classes.iter().position(|class| means(class, cell)).unwrap_or_default();
    let found = cells.iter().map(class_of).collect();
    Some((classes, found))
}

fn means(class: &str, cell: &str) -> bool {
    ClassValues { name: class.to_owned(), values: Vec::new() }.matches(cell)
}

/// Cells that mean different classes.
fn distinct<'a>(cells: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut classes: Vec<String> = Vec::new();
    for cell in cells {
        if classes.len() <= MAX_CLASSES && !classes.iter().any(|class| means(class, cell) || means(cell, class)) {
            classes.push(cell.to_owned());
        }
    }
    classes.sort();
    classes
}

/// Numbers for the values, from 0 in the order in which they come up.
fn parts(values: impl Iterator<Item = String>) -> Vec<usize> {
    let mut numbers = BTreeMap::new();
    values
        .map(|value| {
            let next = numbers.len();
            *numbers.entry(value).or_insert(next)
        })
        .collect()
}

/// Whether at least two classes have at least two subjects each.
fn are_classes(parts: &[usize], rows: &[Row<'_>]) -> bool {
    let mut subjects: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    for (part, row) in parts.iter().zip(rows) {
        subjects.entry(*part).or_default().insert(row.subject);
    }
    subjects.values().filter(|subjects| subjects.len() >= MIN_OF_CLASS).count() >= 2
}

/// Whether there is more than one value.
fn vary(parts: &[usize]) -> bool {
    parts.iter().any(|part| *part > 0)
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
    train_split: &'a str,
    /// `None` when there is none to validate on.
    val_split: Option<&'a str>,
}

impl RunFile<'_> {
    fn text(&self) -> String {
        let quoted = |text: &str| Value::from(text).to_string().trim().to_owned();
        let mut text = format!("# Made to fit the data: {}\n", self.about);
        let mut tasks: Vec<(&str, bool)> = self.tasks.names().collect();
        if tasks.is_empty() {
            text.push_str(
                "# No label was found that could be learnt: it takes two classes of two subjects each, or numbers that \
                 differ.\n# The task below stands in for what you put in its place.\n",
            );
            tasks.push(("gender", false));
        }
        if tasks.iter().any(|(task, _)| ["math_activity", "math_condition"].contains(task)) {
            text.push_str("# Preprocess it with the arithmetic trials included, or there is only rest to learn.\n");
        }
        if !self.tasks.more.is_empty() {
            let named = |column: &OtherColumn| {
                let gaps = if column.has_gaps { " (once its empty cells are filled)" } else { "" };
                format!("{}{gaps}", quoted(&column.name))
            };
            let more = self.tasks.more.iter().map(named).collect::<Vec<_>>().join(", ");
            let _ = writeln!(text, "# More columns could be learnt with a [labels.…] table each: {more}.");
        }
        let names = tasks.iter().map(|(task, _)| quoted(task)).collect::<Vec<_>>().join(", ");
        let (batch, epochs) = self.batches();
        let _ = write!(
            text,
            "\n[dataset]\nname = {}\ntasks = [{names}]\nbatch_size = {batch}\ntrain_split = {}\n",
            quoted(self.name),
            quoted(self.train_split),
        );
        match self.val_split {
            Some("val") => text.push_str("val_split = \"val\"\n"),
            Some(split) => {
                let _ =
                    write!(text, "# There are too few subjects for a split \"val\".\nval_split = {}\n", quoted(split));
            }
            None => {}
        }
        let _ = writeln!(text, "\n[data]\ndata_type = \"{}\"", self.data_type);
        if self.data_type == DataType::Spectrogram {
            let _ = writeln!(text, "output_type = \"{}\"", self.output_type);
        }
        text.push_str(&self.model());
        let has_regression = tasks.iter().any(|(_, is_regression)| *is_regression);
        let updates = self.samples.div_ceil(batch).max(1) * epochs;
        let _ = write!(
            text,
            "\n[optimizer]\nname = \"adamw\"\nlearning_rate = 2e-3\nweight_decay = 1e-3\n\n[scheduler]\nname = \"cosine\"\n\
             warmup_steps = {}\n\n[scheduler.kwargs]\nmin_lr_ratio = 0.05\n\n[training]\nepochs = {epochs}\n\
             log_every_batches = 5\nseed = 1\n",
            (updates / 20).min(100),
        );
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

    /// Samples of a batch, and epochs.
    fn batches(&self) -> (usize, usize) {
        let batch = match self.samples {
            0..200 => 8,
            200..2000 => 16,
            _ => 32,
        };
        (batch, (UPDATES / self.samples.div_ceil(batch).max(1)).clamp(5, 40))
    }

    /// The tables of a model that so many samples can teach.
    fn model(&self) -> String {
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
