//! Which subject of a table the path of a recording speaks of.

mod beside;
mod names;

use std::collections::{BTreeMap, BTreeSet};

pub(super) use self::names::SUBJECT_COLUMNS;
pub use self::names::canonical_subject;
use self::{
    beside::{Beside, beside, family},
    names::{BIDS_PREFIX, SUBJECT_PREFIXES, canonical, is_number, labels_of, mentions, names, without_other_keys},
};
use super::{DatasetError, FileProblem, Table};

/// Columns that name subjects, the likeliest first: where there are several, an `id` is often the number of the row.
const ID_COLUMNS: [&str; 7] = {
    let [a, b, c, d, e, f] = SUBJECT_COLUMNS;
    [a, b, c, d, e, f, "id"]
};
/// What the column of the rows' own numbers is called, as pandas and R write it.
const INDEX_COLUMNS: [&str; 9] = ["", "unnamed: 0", "index", "row", "row_names", "rownames", "x", "x1", "...1"];

/// Whether a column names subjects or their sessions, by its own name.
pub(super) fn is_key_column(name: &str) -> bool {
    ID_COLUMNS.iter().chain(&SESSION_COLUMNS).any(|column| column.eq_ignore_ascii_case(name))
}

/// Begins the label of a session in the names of BIDS.
const SESSION_PREFIX: &str = "ses-";
/// Columns that tell the sessions of a subject apart.
const SESSION_COLUMNS: [&str; 2] = ["session_id", "session"];

/// The subjects of a table, by row.
pub(super) struct SubjectNames {
    names: Vec<String>,
    /// The session of each row, where the table has a column of them.
    sessions: Option<Vec<String>>,
    /// Rows by [canonical](canonical) name.
    rows: BTreeMap<String, Vec<usize>>,
    /// The letters that names of letters and a number begin with.
    families: BTreeSet<String>,
}

/// What a table says of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Matched {
    /// Its subject has this row.
    Row(usize),
    /// No subject is named in its path; the name that BIDS gives it, if there is one.
    None(Option<String>),
    /// Several are.
    Several(String, String),
    /// One is, beside something that may be the name of somebody else.
    Unclear {
        /// The subject.
        subject: String,
        /// What its path names as well.
        beside: String,
    },
    /// The subject has rows of sessions, and none of this recording's.
    NoSession {
        /// The subject.
        subject: String,
        /// The session that the recording names, if it names one.
        session: Option<String>,
    },
}

impl Matched {
    /// Why a recording without a row is left out.
    pub fn problem(self, path: &str, table: &str) -> FileProblem {
        let message = match self {
            Self::None(Some(subject)) => format!("{table} has no row for {subject}; add one, or remove the recording"),
            Self::Several(one, other) => format!(
                "the name could mean {one} or {other} of {table}; name file and folder after one subject, as in \
                 sub-01/sub-01_eeg.edf"
            ),
            Self::Unclear { subject, beside } => format!(
                "the `{subject}` in its name need not be the one of {table}, since `{beside}` may say who was recorded, \
                 too; name file and folder after one subject, as in sub-01/sub-01_eeg.edf"
            ),
            Self::NoSession { subject, session: Some(session) } => {
                format!("{table} has no row of {subject} in the session {session}; add one, or remove the recording")
            }
            Self::NoSession { subject, session: None } => format!(
                "{table} has rows of several sessions of {subject}, and the file's name does not say which; name it as \
                 in sub-01_ses-1_eeg.edf"
            ),
            Self::Row(_) | Self::None(None) => format!(
                "{table} has no subject that this file's name or folder contains; add a row, or rename the file"
            ),
        };
        FileProblem { path: path.to_owned(), message }
    }
}

impl SubjectNames {
    /// The column of a table that names its subjects: the likeliest of those that are called so, else the first. Numbers of
    /// rows name nobody; behind them the next column does, if it holds words. `None` where no column does.
    pub fn column(table: &Table) -> Option<usize> {
        let is_number = |cell: &str| cell.parse::<u64>().is_ok();
        let are_numbers = |column: usize| (0..table.len()).all(|row| is_number(table.value(row, column)));
        let is_index = |column: usize| {
            let header = table.headers()[column].to_lowercase();
            INDEX_COLUMNS.contains(&header.as_str()) && are_numbers(column)
        };
        let named = ID_COLUMNS.iter().find_map(|name| table.column(name));
        let columns = table.headers().len();
        named
            .or_else(|| (columns > 0 && !is_index(0)).then_some(0))
            .or_else(|| (columns > 1 && !are_numbers(1)).then_some(1))
    }

    /// The subjects in a column.
    pub fn new(table: &Table, column: usize) -> Self {
        let names: Vec<String> = (0..table.len()).map(|row| table.value(row, column).to_owned()).collect();
        let sessions = SESSION_COLUMNS.iter().find_map(|name| table.column(name)).filter(|found| *found != column);
        let sessions = sessions.map(|column| {
            let session = |row| canonical(table.value(row, column), &[SESSION_PREFIX]);
            (0..table.len()).map(session).collect()
        });
        let mut rows: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (row, name) in names.iter().enumerate() {
            let name = canonical(name, &SUBJECT_PREFIXES);
            if !name.is_empty() {
                rows.entry(name).or_default().push(row);
            }
        }
        let families = rows.keys().filter_map(|name| family(name)).map(|(letters, _)| letters).collect();
        Self { names, sessions, rows, families }
    }

    /// The subject of a row, in the words of the first row that is about the same one.
    pub fn of(&self, row: usize) -> &str {
        let name = &self.names[row];
        let first = self.rows.get(&canonical(name, &SUBJECT_PREFIXES)).and_then(|rows| rows.first());
        first.map_or(name, |&first| &self.names[first])
    }

    /// Checks that rows of one subject are of different sessions, or say the same.
    ///
    /// # Errors
    /// [`DatasetError::RowsDisagree`].
    pub fn check_unique(&self, table: &Table) -> Result<(), DatasetError> {
        let says = |row: usize| {
            let cells = table.row(row);
            table.headers().iter().map(|header| cells.get(header).unwrap_or_default().to_owned()).collect::<Vec<_>>()
        };
        let session = |row: usize| self.sessions.as_ref().map(|sessions| sessions[row].as_str());
        for rows in self.rows.values().filter(|rows| rows.len() > 1) {
            for (position, &row) in rows.iter().enumerate() {
                let earlier = rows[..position].iter().find(|&&first| session(first) == session(row));
                if let Some(&first) = earlier.filter(|&&first| {
                    // Letter case and zeros of the name itself do not count.
                    let (one, other) = (says(first), says(row));
                    let is_name = |cell: &str| {
                        canonical(cell, &SUBJECT_PREFIXES) == canonical(&self.names[row], &SUBJECT_PREFIXES)
                    };
                    one.iter().zip(&other).any(|(one, other)| one != other && !(is_name(one) && is_name(other)))
                }) {
                    return Err(DatasetError::RowsDisagree {
                        table: table.file().to_owned(),
                        line: table.line(row),
                        first: table.line(first),
                        subject: self.names[row].clone(),
                        has_sessions: self.sessions.is_some(),
                    });
                }
            }
        }
        Ok(())
    }

    /// The subjects of recordings, by path. Where a name or a folder has a label `sub-`, only that counts. Else it is the
    /// one that the file or a folder is named as, or whose name they contain as words of their own; a number is no such
    /// word, since dates and runs are numbers, too. Names that speak of different subjects speak of none, nor does one
    /// [beside] which stands what may be the name of somebody else. The folders `P05` and `5` may be of the same subject,
    /// but not where in other paths such names have different numbers.
    pub fn find_all<'p>(&self, paths: impl IntoIterator<Item = &'p str>) -> Vec<Matched> {
        let found: Vec<(Matched, Option<Matched>)> = paths.into_iter().map(|path| self.find(path)).collect();
        let is_misleading = found.iter().any(|(matched, _)| matches!(matched, Matched::Unclear { .. }));
        let choose = |(matched, doubt): (Matched, Option<Matched>)| match doubt {
            Some(doubt) if is_misleading => doubt,
            _ => matched,
        };
        found.into_iter().map(choose).collect()
    }

    /// The subject of a recording, and what is said instead if names of the same number are not to be trusted.
    fn find(&self, path: &str) -> (Matched, Option<Matched>) {
        let small = path.to_lowercase();
        let (folders, file) = small.rsplit_once('/').unwrap_or(("", &small));
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        let parts: Vec<&str> = folders.split('/').chain([stem]).filter(|part| !part.is_empty()).collect();
        let mut labels: Vec<&str> = parts.iter().flat_map(|part| labels_of(part, &SUBJECT_PREFIXES)).collect();
        labels.dedup_by_key(|label| canonical(label, &SUBJECT_PREFIXES));
        match labels.as_slice() {
            [] => {}
            [label] => {
                let matched = match self.rows.get_key_value(&canonical(label, &SUBJECT_PREFIXES)) {
                    Some((subject, _)) => self.row_of(subject, &parts),
                    None => Matched::None(Some(format!("{BIDS_PREFIX}{label}"))),
                };
                return (matched, None);
            }
            [one, other, ..] => {
                return (Matched::Several(format!("{BIDS_PREFIX}{one}"), format!("{BIDS_PREFIX}{other}")), None);
            }
        }
        let subject = match self.named_in(&parts).as_slice() {
            [] => return (Matched::None(None), None),
            [only] => *only,
            [one, other, ..] => return (Matched::Several(self.original(one), self.original(other)), None),
        };
        let unclear =
            |beside: &str| Matched::Unclear { subject: self.original(subject), beside: as_written(beside, path) };
        match beside(subject, &parts, &self.families) {
            Beside::Nothing => (self.row_of(subject, &parts), None),
            Beside::Same(name) => (self.row_of(subject, &parts), Some(unclear(&name))),
            Beside::Other(name) => (unclear(&name), None),
        }
    }

    /// The row of a subject, of the session that the recording names where the table has sessions.
    fn row_of(&self, subject: &str, parts: &[&str]) -> Matched {
        let rows = &self.rows[subject];
        let Some(sessions) = &self.sessions else { return Matched::Row(rows[0]) };
        let mut named: Vec<String> = parts
            .iter()
            .flat_map(|part| labels_of(part, &[SESSION_PREFIX]))
            .map(|label| canonical(label, &[SESSION_PREFIX]))
            .collect();
        named.dedup();
        match (named.as_slice(), rows.as_slice()) {
            ([], [only]) => Matched::Row(*only),
            ([session], rows) => match rows.iter().find(|&&row| sessions[row] == *session) {
                Some(&row) => Matched::Row(row),
                None => {
                    let session = Some(format!("{SESSION_PREFIX}{session}"));
                    Matched::NoSession { subject: self.original(subject), session }
                }
            },
            _ => Matched::NoSession { subject: self.original(subject), session: None },
        }
    }

    fn original(&self, subject: &str) -> String {
        self.names[self.rows[subject][0]].clone()
    }

    /// The different subjects that the parts of a path name.
    fn named_in(&self, parts: &[&str]) -> Vec<&str> {
        let mut named: Vec<&str> = Vec::new();
        for part in parts {
            let whole = self.rows.get_key_value(&canonical(part, &SUBJECT_PREFIXES));
            let of_part: Vec<&str> = match whole {
                Some((subject, _)) => vec![subject.as_str()],
                None => {
                    let part = without_other_keys(part);
                    let is_in = |name: &&String| !is_number(name) && names(&part, name);
                    let found: Vec<&str> = self.rows.keys().filter(is_in).map(String::as_str).collect();
                    // A name within a longer one is that one's.
                    let is_own = |name: &&str| {
                        !found.iter().any(|other| other != name && mentions(other, name).next().is_some())
                    };
                    found.iter().copied().filter(|name| is_own(name)).collect()
                }
            };
            for subject in of_part {
                if !named.contains(&subject) {
                    named.push(subject);
                }
            }
        }
        named
    }
}

/// A word in the letters in which a path has it.
fn as_written(word: &str, path: &str) -> String {
    let words = path.split(|letter: char| !letter.is_alphanumeric());
    words.into_iter().find(|written| written.to_lowercase() == word).unwrap_or(word).to_owned()
}

/// A subject's name as that of a folder; `row` names one that has no letters left.
pub(super) fn path_name(name: &str, row: usize) -> String {
    let plain = |letter: char| if letter.is_alphanumeric() || "-_.".contains(letter) { letter } else { '-' };
    let name: String = name.chars().map(plain).collect();
    match name.trim_matches('.') {
        "" => format!("subject-{row}"),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests;
