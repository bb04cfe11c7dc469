//! What a split holds, counted before anything is trained.

use std::collections::BTreeSet;

use crate::{
    datasets::FolderDataset,
    labels::{Target, TaskSpec},
    training::events::{SplitContents, TaskContents},
};

/// Counts a split's samples, people and labels.
pub(super) fn contents(split: &FolderDataset<'_>, tasks: &[TaskSpec]) -> SplitContents {
    let by_task = tasks.iter().enumerate().map(|(index, task)| {
        let mut classes: Vec<(String, usize)> = task.class_names().iter().map(|name| (name.clone(), 0)).collect();
        let mut samples = 0;
        for row in 0..split.len() {
            let Some(target) = split.targets(row)[index] else { continue };
            samples += 1;
            if let Target::Class(class) = target {
                classes[class].1 += 1;
            }
        }
        TaskContents { task: task.name.clone(), samples, subjects: labelled_subjects(split, index), classes }
    });
    SplitContents {
        split: split.split().to_owned(),
        samples: split.len(),
        subjects: subjects(split, |_| true),
        tasks: by_task.collect(),
    }
}

/// What nobody should have to find out from a score: what cannot be learnt or judged on these splits, of which the first
/// is the one that is learnt from.
pub(super) fn warnings(splits: &[SplitContents]) -> Vec<String> {
    let Some((train, others)) = splits.split_first() else { return Vec::new() };
    let mut warnings: Vec<String> = splits.iter().flat_map(SplitContents::warnings).collect();
    for other in others {
        for (learnt, judged) in train.tasks.iter().zip(&other.tasks) {
            for ((class, in_training), (_, elsewhere)) in learnt.classes.iter().zip(&judged.classes) {
                if *in_training == 0 && *elsewhere > 0 {
                    warnings.push(format!(
                        "`{class}` of the task `{}` has no sample in the split `{}`, from which it would be learnt, and \
                         {elsewhere} in `{}`: all of these will be taken for something else",
                        learnt.task, train.split, other.split
                    ));
                }
            }
        }
    }
    warnings
}

/// How many people have a label of a task; none where a sample's person is not known.
pub(super) fn labelled_subjects(split: &FolderDataset<'_>, task: usize) -> Option<usize> {
    subjects(split, |row| split.targets(row)[task].is_some())
}

fn subjects(split: &FolderDataset<'_>, counts: impl Fn(usize) -> bool) -> Option<usize> {
    let rows = (0..split.len()).filter(|&row| counts(row));
    rows.map(|row| split.subject(row)).collect::<Option<BTreeSet<_>>>().map(|subjects| subjects.len())
}
