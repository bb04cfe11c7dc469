//! One line of a metadata table, with its place for messages.

use super::{LabelError, LabelFault, vocabulary::is_missing};

/// One line of a metadata table.
#[derive(Debug, Clone, Copy)]
pub struct MetadataRow<'a> {
    headers: &'a [String],
    values: &'a [String],
    file: &'a str,
    line: u64,
}

impl<'a> MetadataRow<'a> {
    /// The line `line`, counted from 1 with the header, of the table `file`. `values` stand under `headers`; a line
    /// shorter than the header has empty cells at its end.
    #[must_use]
    pub fn new(headers: &'a [String], values: &'a [String], file: &'a str, line: u64) -> Self {
        Self { headers, values, file, line }
    }

    /// The cell under `column`, without the spaces around it; `None` if there is no such column. Letter case does not
    /// matter, but a column of exactly this name comes first.
    #[must_use]
    pub fn get(&self, column: &str) -> Option<&'a str> {
        let exact = self.headers.iter().position(|header| header.trim() == column);
        let index = exact.or_else(|| {
            let column = column.to_lowercase();
            self.headers.iter().position(|header| header.trim().to_lowercase() == column)
        })?;
        Some(self.values.get(index).map_or("", |value| value.trim()))
    }

    pub(super) fn missing_column(&self, task: &str, wanted: Vec<String>) -> LabelError {
        self.error(task, LabelFault::MissingColumn { wanted, present: self.headers.to_vec() })
    }

    /// The error for a cell that says nothing, or something else than `expected`.
    pub(super) fn unreadable(&self, task: &str, column: &str, expected: String, value: &str) -> LabelError {
        let column = column.to_owned();
        self.error(
            task,
            if is_missing(value) {
                LabelFault::MissingValue { column, expected }
            } else {
                LabelFault::UnreadableValue { column, expected, value: value.to_owned() }
            },
        )
    }

    fn error(&self, task: &str, fault: LabelFault) -> LabelError {
        LabelError { file: self.file.to_owned(), line: self.line, task: task.to_owned(), fault: Box::new(fault) }
    }
}
