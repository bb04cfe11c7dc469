//! The confusion matrix of answers, as charts take it, and what it says of each class.

use signal_studio_core::{
    evaluation::{LevelAssessment, TaskAssessment},
    training::metrics::{Scores, TaskMetrics},
};

/// What answers say of a class.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassLine {
    /// Its name.
    pub class: String,
    /// Answers about it.
    pub answers: u64,
    /// The share of them that name it; none where there are none.
    pub recall: Option<f64>,
    /// The share of the answers that name it which are right; none where it is never named.
    pub precision: Option<f64>,
    /// The area under its ROC curve against the rest; none where there are no answers about it, or no others.
    pub roc_auc: Option<f64>,
}

/// What answers say of each class of a task.
#[must_use]
pub fn class_lines(task: &TaskAssessment, level: &LevelAssessment) -> Vec<ClassLine> {
    let of = |values: &[Option<f64>], class: usize| values.get(class).copied().flatten();
    let line = |(class, name): (usize, &String)| ClassLine {
        class: name.clone(),
        answers: level.confusion.get(class).map_or(0, |row| row.iter().copied().map(whole).sum()),
        recall: of(&level.recalls, class),
        precision: of(&level.precisions, class),
        roc_auc: of(&level.roc_auc, class),
    };
    task.classes.iter().enumerate().map(line).collect()
}

/// The confusion matrix of answers to a task, without its loss.
#[must_use]
pub fn metrics(task: &TaskAssessment, level: &LevelAssessment) -> TaskMetrics {
    let counts = level.confusion.iter().map(|row| row.iter().copied().map(whole).collect()).collect();
    TaskMetrics::new(&task.task, level.answers as u64, 0.0, Scores::Confusion(counts))
}

/// A count, which is a whole number.
fn whole(count: f64) -> u64 {
    count.round() as u64
}
