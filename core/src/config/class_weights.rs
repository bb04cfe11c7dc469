//! What `training.class_weights` says: how much the samples of each class count in a task's loss.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    checks::Fault,
    document::Raw,
    fields::{Fields, join},
    keys::{Bounds, KeyKind, nearest},
};
use crate::labels::{LabelRegistry, LabelSpec, TaskKind};

const PATH: &str = "training.class_weights";

/// How much the samples of each class count in the loss of a classification task.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum ClassWeights {
    /// All alike.
    #[default]
    None,
    /// Inversely to how often the class occurs in the training split, so that each class has the same share.
    Balanced,
    /// By task and class, each > 0; a class that is not named counts with 1.
    Given(BTreeMap<String, BTreeMap<String, f64>>),
}

impl ClassWeights {
    /// The words that stand for weights that need not be written out.
    pub const WORDS: &'static [&'static str] = &["none", "balanced"];

    pub(super) fn to_json(&self) -> Value {
        match self {
            Self::None => json!("none"),
            Self::Balanced => json!("balanced"),
            Self::Given(weights) => json!(weights),
        }
    }

    /// What names a class that its task does not have.
    pub(super) fn faults(&self, labels: &[LabelSpec]) -> Vec<Fault> {
        let Self::Given(tasks) = self else { return Vec::new() };
        let of_task = |label: &LabelSpec| {
            let classes = tasks.get(&label.task.name).into_iter().flat_map(BTreeMap::keys);
            classes.filter_map(|class| class_fault(class, label)).collect::<Vec<_>>()
        };
        labels.iter().flat_map(of_task).collect()
    }
}

/// Reads the weights, noting what is wrong with each; `registry` has the tasks of the dataset, if it is known.
pub(super) fn read(fields: &mut Fields<'_>, registry: Option<&LabelRegistry>) -> ClassWeights {
    let Some(tables) = fields.table(PATH).cloned() else {
        let balanced = fields.text(PATH).is_some_and(|text| super::keys::word(&text) == "balanced");
        return if balanced { ClassWeights::Balanced } else { ClassWeights::None };
    };
    let tasks = fields.texts("dataset.tasks");
    let mut weights: BTreeMap<String, BTreeMap<String, f64>> = BTreeMap::new();
    for (task, value) in tables {
        let path = join(PATH, &task.value);
        if let Some(tasks) = &tasks
            && !tasks.iter().any(|known| known.value == task.value)
        {
            let suggestion = nearest(&task.value, tasks.iter().map(|task| task.value.as_str())).map(str::to_owned);
            let message = format!("{path} has the weights of a task that is not in dataset.tasks");
            fields.problem_at(task.span, &path, message, suggestion);
            continue;
        }
        let Raw::Table(classes) = value.value else {
            let given = value.value.describe();
            let message =
                format!("{path} must be a table of classes and their weights, {{ class = weight }}, not {given}");
            fields.problem_at(value.span, &path, message, None);
            continue;
        };
        let label = registry.and_then(|registry| registry.get(&task.value));
        for (class, weight) in classes {
            let path = join(&path, &class.value);
            if let Some(fault) = label.and_then(|label| class_fault(&class.value, label)) {
                fields.problem_at(class.span, &path, fault.message, fault.suggestion);
            } else if let Err(misfit) = KeyKind::Number(Bounds::Positive).check(&weight.value) {
                let message = format!("{path} must be {}, not {}", misfit.expected, weight.value.describe());
                fields.problem_at(weight.span, &path, message, misfit.suggestion);
            } else if let Some(weight) = super::keys::number(&weight.value) {
                weights.entry(task.value.clone()).or_default().insert(class.value, weight);
            }
        }
    }
    ClassWeights::Given(weights)
}

/// The fault of a class that a task does not have.
fn class_fault(class: &str, label: &LabelSpec) -> Option<Fault> {
    let name = &label.task.name;
    let (message, suggestion) = match &label.task.kind {
        TaskKind::Classification { classes } if classes.iter().any(|known| known == class) => return None,
        TaskKind::Classification { classes } => {
            let message = format!("{PATH}: task {name} has no class {class}: it has {}", classes.join(", "));
            (message, nearest(class, classes.iter().map(String::as_str)).map(str::to_owned))
        }
        TaskKind::Regression { .. } => (format!("{PATH}: task {name} predicts a number, which has no classes"), None),
    };
    Some(Fault { key: PATH, message, suggestion })
}
