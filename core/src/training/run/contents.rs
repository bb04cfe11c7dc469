//! What a split holds, counted before anything is trained.

use crate::{datasets::FolderDataset, labels::TaskSpec, training::events::SplitContents};

/// Counts a split's samples, people and labels.
pub(super) fn contents(split: &FolderDataset<'_>, tasks: &[TaskSpec]) -> SplitContents {
    let is_known = (0..split.len()).all(|row| split.subject(row).is_some());
    SplitContents {
        split: split.split().to_owned(),
        samples: split.len(),
        subjects: is_known.then(|| split.subjects().len()),
        tasks: tasks.iter().enumerate().map(|(index, task)| split.counts(index, task)).collect(),
    }
}

/// What nobody should have to find out from a score: what cannot be learnt or judged on these splits, of which the first
/// is the one that is learnt from.
pub(super) fn warnings(splits: &[SplitContents]) -> Vec<String> {
    let Some((train, others)) = splits.split_first() else { return Vec::new() };
    let mut warnings: Vec<String> = splits.iter().flat_map(SplitContents::warnings).collect();
    for other in others {
        for (learnt, judged) in train.tasks.iter().zip(&other.tasks) {
            for (in_training, elsewhere) in learnt.classes.iter().zip(&judged.classes) {
                if in_training.samples == 0 && elsewhere.samples > 0 {
                    warnings.push(format!(
                        "`{}` of the task `{}` has no sample in the split `{}`, from which it would be learnt, and {} in \
                         `{}`: all of these will be taken for something else",
                        in_training.class, learnt.label, train.split, elsewhere.samples, other.split
                    ));
                }
            }
        }
    }
    warnings
}
