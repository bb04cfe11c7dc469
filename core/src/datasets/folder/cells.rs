//! What the cells of a column say, for messages about labels that cannot be learnt.

use std::collections::BTreeMap;

use crate::{
    datasets::{DatasetError, Table, subject_columns},
    labels::{LabelError, LabelFault, vocabulary::is_missing},
};

/// Different cells that a message shows.
const SHOWN: usize = 10;

/// What there is instead, where a task's column is not in the table but one is that may be meant by it.
pub(super) fn explained(error: LabelError, table: &Table) -> DatasetError {
    let LabelFault::MissingColumn { .. } = *error.fault else { return error.into() };
    match table.headers().iter().find(|header| subject_columns::means(&error.task, header)) {
        Some(column) => DatasetError::NothingMeans {
            file: table.file().to_owned(),
            cells: in_words(&cells_of(table, column)),
            column: column.clone(),
            task: error.task,
        },
        None => error.into(),
    }
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
