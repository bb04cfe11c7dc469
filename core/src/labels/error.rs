//! Why a metadata row gives no target.

/// A row of a metadata table from which a task's target cannot be read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{file}, line {line}: task {task}: {fault}")]
pub struct LabelError {
    /// The table, as its reader named it.
    pub file: String,
    /// Line in the table, counted from 1; the header is line 1.
    pub line: u64,
    /// The task whose target was wanted.
    pub task: String,
    /// What is wrong with the row.
    pub fault: Box<LabelFault>,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LabelFault {
    /// None of the columns that could hold the label is in the table.
    #[error("the table needs a column {}; it has {}", quoted(.wanted, " or "), quoted(.present, ", "))]
    MissingColumn {
        /// Columns that would do.
        wanted: Vec<String>,
        /// Columns of the table.
        present: Vec<String>,
    },
    /// The cell is empty, or says that there is no value.
    #[error("column `{column}` has no value; expected {expected}")]
    MissingValue {
        /// The column.
        column: String,
        /// What it should hold.
        expected: String,
    },
    /// The cell holds something else than a label.
    #[error("column `{column}` must hold {expected}, not `{value}`")]
    UnreadableValue {
        /// The column.
        column: String,
        /// What it should hold.
        expected: String,
        /// What it holds.
        value: String,
    },
}

fn quoted(names: &[String], separator: &str) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(separator)
}
