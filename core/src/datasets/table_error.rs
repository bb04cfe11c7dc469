//! What can be wrong with a table.

/// What can be wrong with a table. Line 1 is the header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// There is not even a header.
    #[error("{file} is empty; its first line must name the columns")]
    Empty {
        /// The table.
        file: String,
    },
    /// A line has more or fewer fields than there are columns.
    #[error("{file}, line {line}: {found} fields where the header names {expected} columns")]
    FieldCount {
        /// The table.
        file: String,
        /// The line.
        line: u64,
        /// Fields in the line.
        found: u64,
        /// Columns in the header.
        expected: u64,
    },
    /// The text is not UTF-8.
    #[error("{file}, line {line}: the text is not UTF-8; save the table with that encoding")]
    NotUtf8 {
        /// The table.
        file: String,
        /// The line.
        line: u64,
    },
    /// The text is UTF-16, as spreadsheets write it that call it Unicode, or no text at all.
    #[error("{file} is no text in UTF-8 (it looks like UTF-16); save the table as CSV with the encoding UTF-8")]
    NotText {
        /// The table.
        file: String,
    },
    /// A quote is opened and never closed, so that everything behind it would be one cell.
    #[error("{file}, line {line}: a quote (\") is opened and never closed; close it or remove it")]
    OpenQuote {
        /// The table.
        file: String,
        /// The line in which the row begins.
        line: u64,
    },
    /// Two columns have one name and say different things.
    #[error("{file}, line {line}: there are two columns `{name}`, which say different things; rename one of them")]
    DuplicateColumn {
        /// The table.
        file: String,
        /// The first line in which they differ.
        line: u64,
        /// The name, as the second column has it.
        name: String,
    },
    /// A column that is needed is not there.
    #[error("{file} has no column `{wanted}`; its columns are: {}", .found.join(", "))]
    MissingColumn {
        /// The table.
        file: String,
        /// The column looked for.
        wanted: String,
        /// The columns there are.
        found: Vec<String>,
    },
    /// A cell says what its column cannot hold.
    #[error("{file}, line {line}: column `{column}` must hold {wanted}, not `{found}`")]
    Cell {
        /// The table.
        file: String,
        /// The line.
        line: u64,
        /// The column, as the header has it.
        column: String,
        /// What it holds, in words.
        wanted: &'static str,
        /// What the cell says.
        found: String,
    },
    /// Any other trouble that the CSV reader reports.
    #[error("{file} cannot be read as a table: {reason}")]
    Malformed {
        /// The table.
        file: String,
        /// What the reader says.
        reason: String,
    },
}
