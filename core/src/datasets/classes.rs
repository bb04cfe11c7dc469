//! The classes that a plan's recordings have: by them splits are made, and what each split holds is told.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    DatasetPlan, LabelCounts, Origin, PlannedRecording, RawDataset, SPLIT_FRACTIONS, SplitSummary,
    preset_tasks::column_classes, subject_columns, subject_match::is_key_column,
};
use crate::labels::{LabelSpec, MetadataRow, Target, vocabulary::is_missing};

/// A label of several classes.
pub(super) struct ClassLabel {
    /// The task, or the column.
    pub name: String,
    /// The classes' names.
    names: Vec<String>,
    /// By recording and segment of the plan; none where the label is missing.
    classes: Vec<Vec<Option<usize>>>,
}

/// The labels of a plan that have classes which differ: the dataset's own tasks, and of any folder of recordings every
/// column that a run file could offer. Labels that part the recordings in the same way are one.
pub(super) fn class_labels(dataset: &dyn RawDataset, plan: &DatasetPlan) -> Vec<ClassLabel> {
    let registry = dataset.labels();
    let tasks = registry.names().filter_map(|task| registry.get(task)).filter_map(|spec| of_task(spec, plan));
    let tasks: Vec<ClassLabel> = tasks.filter(|task| !task.present().is_empty()).collect();
    // What a task was read from is that task.
    let is_read = |column: &str| tasks.iter().any(|task| subject_columns::means(&task.name, column));
    let is_any = dataset.origin() == Origin::Anyones;
    let columns = plan.label_columns.iter().enumerate().filter(|(_, column)| is_any && !is_read(column));
    let columns: Vec<ClassLabel> = columns.filter_map(|(index, column)| of_column(index, column, plan)).collect();
    let mut labels: Vec<ClassLabel> = Vec::new();
    for label in tasks.into_iter().chain(columns) {
        let is_new = labels.iter().all(|known| !known.parts_as(&label));
        if label.present().len() > 1 && is_new {
            labels.push(label);
        }
    }
    labels
}

/// Which classes come up in the recordings of each subject, as numbers that are the same for all.
pub(super) fn classes_by_subject<'p>(
    recordings: impl Iterator<Item = (usize, &'p PlannedRecording)>,
    labels: &[ClassLabel],
) -> BTreeMap<&'p str, BTreeSet<usize>> {
    let mut classes: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    let mut numbers = BTreeMap::new();
    for (index, recording) in recordings {
        let of_subject = classes.entry(&recording.subject).or_default();
        for segment in 0..recording.segments.len() {
            for (label, class) in labels.iter().map(|label| label.class(index, segment)).enumerate() {
                if let Some(class) = class {
                    let next = numbers.len();
                    of_subject.insert(*numbers.entry((label, class)).or_insert(next));
                }
            }
        }
    }
    classes
}

/// As [`classes_by_subject`], of the classes of these tasks, and of every subject with a label of at least one of them, which
/// may be a number.
pub(super) fn classes_of_tasks<'p>(plan: &'p DatasetPlan, tasks: &[LabelSpec]) -> BTreeMap<&'p str, BTreeSet<usize>> {
    let mut people: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for recording in &plan.recordings {
        for segment in &recording.segments {
            let row = MetadataRow::new(&plan.label_columns, &segment.labels, "", 0);
            let mut first = 0;
            for task in tasks {
                if let Ok(target) = task.encode(&row) {
                    let classes = people.entry(&recording.subject).or_default();
                    if let Target::Class(class) = target {
                        classes.insert(first + class);
                    }
                }
                first += task.task.outputs();
            }
        }
    }
    people
}

fn of_task(spec: &LabelSpec, plan: &DatasetPlan) -> Option<ClassLabel> {
    let name = &spec.task.name;
    // Two labels in one are balanced as two.
    let columns = spec.columns();
    let is_pair = columns.len() > 1 && !columns.contains(&name.as_str());
    if is_pair || !spec.task.is_classification() {
        return None;
    }
    let class = |labels: &Vec<String>| match spec.encode(&MetadataRow::new(&plan.label_columns, labels, "", 0)) {
        Ok(Target::Class(class)) => Some(class),
        _ => None,
    };
    let recordings = plan.recordings.iter();
    let classes = recordings.map(|recording| recording.segments.iter().map(|part| class(&part.labels)).collect());
    Some(ClassLabel { name: name.clone(), names: spec.task.class_names().to_vec(), classes: classes.collect() })
}

fn of_column(index: usize, column: &str, plan: &DatasetPlan) -> Option<ClassLabel> {
    if is_key_column(column) {
        return None;
    }
    let of_segments = plan.recordings.iter().flat_map(|recording| {
        recording.segments.iter().map(|segment| (segment.labels[index].trim(), recording.subject.as_str()))
    });
    let (cells, subjects): (Vec<Option<&str>>, Vec<&str>) =
        of_segments.map(|(cell, subject)| (Some(cell).filter(|cell| !is_missing(cell)), subject)).unzip();
    let (names, found) = column_classes(&cells, &subjects).ok().filter(|(names, _)| !names.is_empty())?;
    let mut found = found.into_iter();
    let classes =
        plan.recordings.iter().map(|recording| found.by_ref().take(recording.segments.len()).collect()).collect();
    Some(ClassLabel { name: column.to_owned(), names, classes })
}

impl ClassLabel {
    /// The class of a segment.
    pub fn class(&self, recording: usize, segment: usize) -> Option<usize> {
        self.classes[recording][segment]
    }

    /// The classes that some segment has.
    fn present(&self) -> BTreeSet<usize> {
        self.classes.iter().flatten().flatten().copied().collect()
    }

    /// Whether segments of one class here are of one class there, and the other way round.
    fn parts_as(&self, other: &Self) -> bool {
        let pairs = || self.classes.iter().flatten().zip(other.classes.iter().flatten());
        let (mut there, mut here) = (BTreeMap::new(), BTreeMap::new());
        pairs().all(|(a, b)| there.entry(a).or_insert(b) == &b && here.entry(b).or_insert(a) == &a)
    }

    /// What samples of these subjects, recordings and segments hold of each class that there is.
    pub fn count<'a>(&self, samples: impl Iterator<Item = (&'a str, usize, usize)>) -> LabelCounts {
        let class = |recording, segment| self.class(recording, segment).map(Target::Class);
        let samples = samples.map(|(subject, recording, segment)| (Some(subject), class(recording, segment)));
        let mut counts = LabelCounts::of(&self.name, &self.names, samples);
        let present = self.present();
        let mut number = 0..;
        counts.classes.retain(|_| number.next().is_some_and(|class| present.contains(&class)));
        counts
    }
}

/// What has to be said of a split of whose labels some have a single class; `None` where none has.
pub(super) fn single_classes(split: &SplitSummary) -> Option<String> {
    let single =
        split.labels.iter().filter_map(|label| Some(format!("`{}` ({})", label.label, label.only_class()?.class)));
    let single = single.collect::<Vec<_>>().join(", of ");
    let consequence = match split.name == SPLIT_FRACTIONS[0].0 {
        true => "that cannot be learnt from it",
        false => "a score of that on it means nothing",
    };
    let name = &split.name;
    (!single.is_empty()).then(|| {
        format!(
            "`{name}` holds a single class of {single}: {consequence}; more subjects of the other classes are needed"
        )
    })
}
