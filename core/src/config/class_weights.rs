//! What `training.class_weights` says: how much the samples of each class count in a task's loss.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    document::{Located, Raw, Table},
    fields::{Fields, join},
    keys::{self, Bounds, KeyKind, nearest},
    problem::Fault,
    table::KeyValue,
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
    /// What the key may hold.
    pub(super) const KIND: KeyKind = KeyKind::WordOrTable {
        words: &["none", "balanced"],
        table: "weights by task and class, { task = { class = weight } }",
    };

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

impl KeyValue for ClassWeights {
    fn read(fields: &Fields<'_>, path: &str) -> Option<Self> {
        if let Some(word) = fields.text(path) {
            return Some(if keys::word(&word) == "balanced" { Self::Balanced } else { Self::None });
        }
        let of_task = |(task, value): &(Located<String>, Located<Raw>)| match &value.value {
            Raw::Table(classes) => Some((task.value.clone(), weights_in(classes))),
            _ => None,
        };
        Some(Self::Given(fields.table(path)?.iter().filter_map(of_task).collect()))
    }

    fn to_json(&self) -> Value {
        match self {
            Self::None => json!("none"),
            Self::Balanced => json!("balanced"),
            Self::Given(weights) => json!(weights),
        }
    }
}

fn weights_in(classes: &Table) -> BTreeMap<String, f64> {
    let weight =
        |(class, weight): &(Located<String>, Located<Raw>)| Some((class.value.clone(), keys::number(&weight.value)?));
    classes.iter().filter_map(weight).collect()
}

/// Notes what is wrong with the weights of a file; `registry` has the tasks of the dataset, if it is known.
pub(super) fn check(fields: &mut Fields<'_>, registry: Option<&LabelRegistry>) {
    let Some(tables) = fields.table(PATH).cloned() else { return };
    let tasks = fields.texts("dataset.tasks");
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
            }
        }
    }
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
