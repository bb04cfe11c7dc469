//! Paths of recordings flow in, rows of a table of subjects flow out: which subject a file's name or folder speaks of.

use std::collections::BTreeMap;

use super::{DatasetError, FileProblem, Table};

/// Columns that name subjects, in the order in which they are tried; else the first column does.
const ID_COLUMNS: [&str; 7] = ["participant_id", "subject", "subject_id", "id", "patient", "patient_id", "participant"];
/// Begins the names of subjects in BIDS.
const BIDS_PREFIX: &str = "sub-";

/// Whether a column names subjects, by its own name.
pub(super) fn is_id_column(name: &str) -> bool {
    ID_COLUMNS.iter().any(|column| column.eq_ignore_ascii_case(name))
}

/// The subjects of a table, by row.
pub(super) struct SubjectNames {
    names: Vec<String>,
    /// Rows by name in small letters; the first of equals.
    rows: BTreeMap<String, usize>,
}

/// What a table says of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Matched {
    /// Its subject has this row.
    Row(usize),
    /// No subject is named in its path; the name that BIDS gives it, if there is one.
    None(Option<String>),
    /// Several are, and none of them more than the others.
    Several(String, String),
}

impl Matched {
    /// Why a recording without a row is left out.
    pub fn problem(self, path: &str, table: &str) -> FileProblem {
        let message = match self {
            Self::None(Some(subject)) => format!("{table} has no row for {subject}; add one, or remove the recording"),
            Self::Several(one, other) => format!(
                "the name could mean {one} or {other} of {table}; name the file as its subject, or put it in a folder of \
                 the subject's name"
            ),
            _ => format!(
                "{table} has no subject that this file's name or folder contains; add a row, or rename the file"
            ),
        };
        FileProblem { path: path.to_owned(), message }
    }
}

impl SubjectNames {
    /// The columns of a table that may name its subjects, the likeliest first.
    pub fn columns(table: &Table) -> Vec<usize> {
        let mut columns: Vec<usize> = ID_COLUMNS.iter().filter_map(|name| table.column(name)).collect();
        if !columns.contains(&0) && !table.headers().is_empty() {
            columns.push(0);
        }
        columns
    }

    /// The subjects in a column.
    pub fn new(table: &Table, column: usize) -> Self {
        let names: Vec<String> = (0..table.len()).map(|row| table.value(row, column).to_owned()).collect();
        let mut rows = BTreeMap::new();
        for (row, name) in names.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            rows.entry(name.to_lowercase()).or_insert(row);
        }
        Self { names, rows }
    }

    /// The subject of a row.
    pub fn of(&self, row: usize) -> &str {
        &self.names[row]
    }

    /// Checks that no subject has two rows.
    ///
    /// # Errors
    /// [`DatasetError::DuplicateSubject`].
    pub fn check_unique(&self, table: &Table) -> Result<(), DatasetError> {
        for (row, name) in self.names.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            if let Some(&first) = self.rows.get(&name.to_lowercase()).filter(|first| **first != row) {
                return Err(DatasetError::DuplicateSubject {
                    table: table.file().to_owned(),
                    line: table.line(row),
                    first: table.line(first),
                    subject: name.clone(),
                });
            }
        }
        Ok(())
    }

    /// The subject of a recording: as BIDS names it, in the file's name or else in a folder's; else the one that the file
    /// is named as; else the longest name that the file's name, or else a folder's, contains as words of their own.
    pub fn find(&self, path: &str) -> Matched {
        let path = path.to_lowercase();
        let (folders, file) = path.rsplit_once('/').unwrap_or(("", &path));
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        let bids = std::iter::once(stem).chain(folders.rsplit('/')).find_map(bids_name);
        if let Some(bids) = bids {
            let own = self.rows.get(bids).or_else(|| self.rows.get(&bids[BIDS_PREFIX.len()..]));
            if let Some(&row) = own {
                return Matched::Row(row);
            }
        }
        if let Some(&row) = self.rows.get(stem) {
            return Matched::Row(row);
        }
        match self.longest_in(stem) {
            Matched::None(_) => {}
            matched => return matched,
        }
        match self.longest_in(folders) {
            Matched::None(_) => Matched::None(bids.map(str::to_owned)),
            matched => matched,
        }
    }

    fn longest_in(&self, text: &str) -> Matched {
        let contained = self.rows.iter().filter(|(name, _)| contains_words(text, name));
        let mut by_length: Vec<(usize, &str, usize)> =
            contained.map(|(name, &row)| (name.chars().count(), name.as_str(), row)).collect();
        by_length.sort_by_key(|(length, ..)| std::cmp::Reverse(*length));
        match by_length.as_slice() {
            [] => Matched::None(None),
            [first, second, ..] if first.0 == second.0 => {
                Matched::Several(self.names[first.2].clone(), self.names[second.2].clone())
            }
            [first, ..] => Matched::Row(first.2),
        }
    }
}

/// The subject that a file or folder is named after in BIDS: `sub-01` of `sub-01_task-rest_eeg`.
fn bids_name(name: &str) -> Option<&str> {
    let label = name.strip_prefix(BIDS_PREFIX)?;
    let length = label.find(|letter: char| !letter.is_alphanumeric()).unwrap_or(label.len());
    (length > 0).then(|| &name[..BIDS_PREFIX.len() + length])
}

/// Whether a text contains a name that neither letters nor digits continue.
fn contains_words(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(start, _)| {
        let before = text[..start].chars().next_back();
        let after = text[start + name.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
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
mod tests {
    use super::*;

    fn find(ids: &[&str], path: &str) -> Matched {
        let table = format!("id\n{}\n", ids.join("\n"));
        SubjectNames::new(&Table::parse(table.as_bytes(), "t.tsv").unwrap(), 0).find(path)
    }

    #[test]
    fn bids_names_come_first() {
        let ids = ["sub-01", "02", "rest"];
        assert_eq!(find(&ids, "sub-01/eeg/sub-01_task-rest_eeg.edf"), Matched::Row(0));
        assert_eq!(find(&ids, "SUB-02/eeg/recording.set"), Matched::Row(1));
        assert_eq!(find(&ids, "sub-02/sub-01_eeg.edf"), Matched::Row(0));
        assert_eq!(find(&ids, "sub-03/eeg/x.edf"), Matched::None(Some("sub-03".to_owned())));
    }

    #[test]
    fn else_the_file_is_named_as_its_subject_or_contains_it() {
        let ids = ["P1", "P10", "anna b", "1"];
        assert_eq!(find(&ids, "deep/p10.EDF"), Matched::Row(1));
        assert_eq!(find(&ids, "p10_rest.edf"), Matched::Row(1));
        assert_eq!(find(&ids, "P1/run.edf"), Matched::Row(0));
        assert_eq!(find(&ids, "P1/anna b run 1.edf"), Matched::Row(2));
        assert_eq!(find(&ids, "P100.edf"), Matched::None(None));
        assert_eq!(find(&ids, "session-1/P10 x.edf"), Matched::Row(1));
    }

    #[test]
    fn two_that_fit_alike_are_not_chosen_between() {
        let found = find(&["a1", "b2"], "a1 with b2.edf");
        assert_eq!(found, Matched::Several("a1".to_owned(), "b2".to_owned()));
        let problem = found.problem("a1 with b2.edf", "t.csv");
        assert!(problem.message.starts_with("the name could mean a1 or b2 of t.csv"), "{}", problem.message);
    }

    #[test]
    fn a_folder_can_be_named_after_any_subject() {
        assert_eq!(path_name("Anna B/2", 3), "Anna-B-2");
        assert_eq!(path_name("..", 3), "subject-3");
        assert_eq!(path_name("sub-01", 3), "sub-01");
    }
}
