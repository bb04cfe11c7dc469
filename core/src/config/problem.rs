//! What is wrong with a config file, and where.

use std::{fmt, ops::Range};

/// A place in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Location {
    pub line: usize,
    pub column: usize,
    pub span: Range<usize>,
}

impl Location {
    /// The place of a byte range; a range outside the text stands at its end.
    pub fn of(text: &str, span: Range<usize>) -> Self {
        let before = text.get(..span.start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
        let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
        Self { line, column, span }
    }
}

/// One thing wrong with a config file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigProblem {
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// The bytes of the file that are wrong; where something is missing, the header of its table.
    pub span: Range<usize>,
    /// The key, as `table.key`; empty where the text is no TOML.
    pub key: String,
    /// What is wrong and what would be right.
    pub message: String,
    /// The name or value that was probably meant, without quotes, if there is a good guess.
    pub suggestion: Option<String>,
}

impl ConfigProblem {
    pub(super) fn new(location: Location, key: &str, message: String, suggestion: Option<String>) -> Self {
        let Location { line, column, span } = location;
        Self { line, column, span, key: key.to_owned(), message, suggestion }
    }
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.line, self.column, self.message)?;
        match &self.suggestion {
            Some(suggestion) => write!(formatter, " (did you mean `{suggestion}`?)"),
            None => Ok(()),
        }
    }
}

/// Something wrong with the value of a key, wherever that stands.
pub(super) struct Fault {
    pub key: &'static str,
    pub message: String,
    pub suggestion: Option<String>,
}

/// Everything wrong with a config file, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    /// The file, as its reader named it.
    pub file: String,
    /// What is wrong, at least one problem.
    pub problems: Vec<ConfigProblem>,
}

impl ConfigError {
    pub(super) fn new(file: &str, mut problems: Vec<ConfigProblem>) -> Self {
        problems.sort_by_key(|problem| problem.span.start);
        Self { file: file.to_owned(), problems }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(formatter, "{separator}{}:{problem}", self.file)?;
        }
        Ok(())
    }
}

/// Something in a config file that is accepted but has no effect, or another one than where the file comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// The bytes of the file that it is about.
    pub span: Range<usize>,
    /// The key, as `table.key`.
    pub key: String,
    /// What it means here.
    pub message: String,
}

impl Notice {
    pub(super) fn new(location: &Location, key: &str, message: String) -> Self {
        let Location { line, column, span } = location.clone();
        Self { line, column, span, key: key.to_owned(), message }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}: {}", self.line, self.column, self.key, self.message)
    }
}
