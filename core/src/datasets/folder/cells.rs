//! What the cells of a column say, for messages about labels that cannot be learnt.

use std::collections::BTreeMap;

use crate::{
    datasets::{DatasetError, Table, subject_columns},
    labels::{
        LabelError, LabelFault,
        vocabulary::{is_missing, number},
    },
};

/// Different cells that a message shows.
const SHOWN: usize = 10;

/// What there is instead, where a task's column is not in the table but one is that may be meant by it; or what all of the
/// column says, where a number stands in it whose meaning is not known.
pub(super) fn explained(error: LabelError, table: &Table) -> DatasetError {
    let is_meant = |header: &&String| match &*error.fault {
        LabelFault::MissingColumn { .. } => subject_columns::means(&error.task, header),
        LabelFault::UnreadableValue { column, value, .. } => {
            is_code(value) && header.eq_ignore_ascii_case(column) && is_coded(&error.task)
        }
        LabelFault::MissingValue { .. } => false,
    };
    match table.headers().iter().find(is_meant) {
        Some(column) => DatasetError::NothingMeans {
            file: table.file().to_owned(),
            cells: in_words(&cells_of(table, column)),
            column: column.clone(),
            task: error.task,
        },
        None => error.into(),
    }
}

/// Whether a label is read from words that all studies share.
fn is_coded(task: &str) -> bool {
    matches!(task, "gender" | "health")
}

/// Whether a cell is a number or a truth value, which stand for different things in different studies.
fn is_code(cell: &str) -> bool {
    number(cell).is_some() || matches!(cell.to_lowercase().as_str(), "true" | "false")
}

/// Rows by what the column's cell says, of those that say anything.
pub(super) fn cells_of(table: &Table, column: &str) -> BTreeMap<String, usize> {
    let mut cells = BTreeMap::new();
    for cell in table.rows().filter_map(|row| row.get(column)).filter(|cell| !is_missing(cell)) {
        *cells.entry(cell.to_owned()).or_default() += 1;
    }
    cells
}

/// Cells and how many rows have each.
pub(super) fn in_words(cells: &BTreeMap<String, usize>) -> String {
    let mut told: Vec<String> = cells.iter().take(SHOWN).map(|(cell, count)| format!("`{cell}` ({count})")).collect();
    if cells.len() > SHOWN {
        told.push(format!("and {} more", cells.len() - SHOWN));
    }
    if told.is_empty() { "nothing".to_owned() } else { told.join(", ") }
}
