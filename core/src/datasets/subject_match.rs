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

/// Begins the label of a session in the names of BIDS.
const SESSION_PREFIX: &str = "ses-";
/// Columns that tell the sessions of a subject apart.
const SESSION_COLUMNS: [&str; 2] = ["session_id", "session"];
/// Keys of BIDS names whose values never say who was recorded.
const OTHER_KEYS: [&str; 14] = [
    "ses",
    "run",
    "task",
    "acq",
    "rec",
    "proc",
    "desc",
    "space",
    "split",
    "echo",
    "dir",
    "recording",
    "session",
    "date",
];

/// The subjects of a table, by row.
pub(super) struct SubjectNames {
    names: Vec<String>,
    /// The session of each row, where the table has a column of them.
    sessions: Option<Vec<String>>,
    /// Rows by [canonical](canonical) name.
    rows: BTreeMap<String, Vec<usize>>,
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
    /// The columns of a table that may name its subjects, the likeliest first: those that are called so, else the first.
    pub fn columns(table: &Table) -> Vec<usize> {
        let columns: Vec<usize> = ID_COLUMNS.iter().filter_map(|name| table.column(name)).collect();
        if columns.is_empty() && !table.headers().is_empty() { vec![0] } else { columns }
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
        Self { names, sessions, rows }
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
                    });
                }
            }
        }
        Ok(())
    }

    /// The subject of a recording. Where its name or a folder has a label `sub-`, only that counts. Else it is the one that
    /// the file or a folder is named as, or whose name they contain as words of their own; a number is no such word,
    /// since dates and runs are numbers, too. Names that speak of different subjects speak of none.
    pub fn find(&self, path: &str) -> Matched {
        let path = path.to_lowercase();
        let (folders, file) = path.rsplit_once('/').unwrap_or(("", &path));
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        let parts: Vec<&str> =
            std::iter::once(stem).chain(folders.rsplit('/')).filter(|part| !part.is_empty()).collect();
        let mut labels: Vec<&str> = parts.iter().flat_map(|part| labels_of(part, &SUBJECT_PREFIXES)).collect();
        labels.dedup_by_key(|label| canonical(label, &SUBJECT_PREFIXES));
        let subject = match labels.as_slice() {
            [] => match self.named_in(&parts).as_slice() {
                [] => return Matched::None(None),
                [only] => *only,
                [one, other, ..] => return Matched::Several(self.original(one), self.original(other)),
            },
            [label] => match self.rows.get_key_value(&canonical(label, &SUBJECT_PREFIXES)) {
                Some((subject, _)) => subject.as_str(),
                None => return Matched::None(Some(format!("{BIDS_PREFIX}{label}"))),
            },
            [one, other, ..] => {
                return Matched::Several(format!("{BIDS_PREFIX}{one}"), format!("{BIDS_PREFIX}{other}"));
            }
        };
        self.row_of(subject, &parts)
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
                    let is_in = |name: &&String| !is_number(name) && contains_words(&part, name);
                    let found: Vec<&str> = self.rows.keys().filter(is_in).map(String::as_str).collect();
                    // A name within a longer one is that one's.
                    let is_own = |name: &&str| !found.iter().any(|other| other != name && contains_words(other, name));
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

/// What begins a subject's label.
const SUBJECT_PREFIXES: [&str; 2] = [BIDS_PREFIX, "subj-"];

/// A name without what makes no difference: letter case, one of the prefixes, and of a number leading zeros and `.0`.
fn canonical(name: &str, prefixes: &[&str]) -> String {
    let name = name.trim().to_lowercase();
    let name = prefixes.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(&name);
    let whole = name.strip_suffix(".0").filter(|whole| is_number(whole)).unwrap_or(name);
    if !is_number(whole) {
        return whole.to_owned();
    }
    match whole.trim_start_matches('0') {
        "" => "0".to_owned(),
        digits => digits.to_owned(),
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The labels in a file's or folder's name that follow one of the prefixes: `01` of `sub-01_task-rest_eeg`.
fn labels_of<'a>(name: &'a str, prefixes: &'a [&str]) -> impl Iterator<Item = &'a str> {
    let words = name.split(|letter: char| letter == '_' || letter.is_whitespace());
    words
        .filter_map(|word| prefixes.iter().find_map(|prefix| word.strip_prefix(prefix)))
        .filter(|label| !label.is_empty())
}

/// A name without the parts that say something else than who was recorded, such as `run-1`.
fn without_other_keys(name: &str) -> String {
    let is_other = |part: &&str| part.split_once('-').is_some_and(|(key, _)| OTHER_KEYS.contains(&key));
    name.split('_').filter(|part| !is_other(part)).collect::<Vec<_>>().join("_")
}

/// Whether a text contains a name that neither letters nor digits continue, nor a number behind a dash or dot: `p1-2` may
/// be someone else than `p1`.
fn contains_words(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(start, _)| {
        let before = text[..start].chars().next_back();
        let mut after = text[start + name.len()..].chars();
        let (next, second) = (after.next(), after.next());
        let goes_on = next.is_some_and(|letter| "-.".contains(letter)) && second.is_some_and(char::is_numeric);
        !before.is_some_and(char::is_alphanumeric) && !next.is_some_and(char::is_alphanumeric) && !goes_on
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
    use proptest::prelude::*;

    use super::*;

    fn find(ids: &[&str], path: &str) -> Matched {
        let table = format!("id\n{}\n", ids.join("\n"));
        SubjectNames::new(&Table::parse(table.as_bytes(), "t.tsv").unwrap(), 0).find(path)
    }

    #[test]
    fn a_label_of_bids_is_all_that_counts() {
        let ids = ["sub-01", "02", "rest", "3.0", "subj-004", "P-5"];
        assert_eq!(find(&ids, "sub-01/eeg/sub-01_task-rest_eeg.edf"), Matched::Row(0));
        assert_eq!(find(&ids, "SUB-02/eeg/recording.set"), Matched::Row(1));
        assert_eq!(find(&ids, "sub-2/eeg/sub-02_ses-1_task-rest_run-1.set"), Matched::Row(1));
        assert_eq!(find(&ids, "sub-03/ses-1/x.edf"), Matched::Row(3));
        assert_eq!(find(&ids, "subj-4_rest.edf"), Matched::Row(4));
        assert_eq!(find(&ids, "sub-p-5_rest.edf"), Matched::Row(5));
        let nobody = |path: &str, label: &str| assert_eq!(find(&ids, path), Matched::None(Some(label.to_owned())));
        nobody("sub-08/eeg/rest.edf", "sub-08");
        nobody("02/sub-08_run-1.edf", "sub-08");
        nobody("sub-12_run-1.edf", "sub-12");
        nobody("sub-01-2_eeg.edf", "sub-01-2");
        assert!(matches!(find(&ids, "sub-02/sub-01_eeg.edf"), Matched::Several(..)));
        assert!(matches!(find(&["1", "2"], "sub-1/sub-2_sub-1_x.edf"), Matched::Several(..)));
    }

    #[test]
    fn else_the_file_is_named_as_its_subject_or_contains_it() {
        let ids = ["P1", "P10", "anna b", "1", "anna"];
        assert_eq!(find(&ids, "deep/p10.EDF"), Matched::Row(1));
        assert_eq!(find(&ids, "p10_rest.edf"), Matched::Row(1));
        assert_eq!(find(&ids, "P1/run.edf"), Matched::Row(0));
        assert_eq!(find(&ids, "x/anna b run 1.edf"), Matched::Row(2));
        assert_eq!(find(&ids, "01.edf"), Matched::Row(3));
        assert_eq!(find(&ids, "P100.edf"), Matched::None(None));
        assert_eq!(find(&ids, "P1-2.edf"), Matched::None(None));
        assert_eq!(find(&ids, "session-1/P10 x.edf"), Matched::Row(1));
        assert!(matches!(find(&ids, "P1/anna b run 1.edf"), Matched::Several(..)));
        assert!(matches!(find(&ids, "anna/anna b.edf"), Matched::Several(..)));
    }

    #[test]
    fn numbers_of_runs_sessions_and_dates_name_nobody() {
        for path in ["run 1.edf", "rest_1.edf", "ses-1/rest.edf", "2020-01-05.edf", "x_1_2.edf", "task-1_run-5_eeg.edf"]
        {
            assert_eq!(find(&["1", "5", "2020"], path), Matched::None(None), "{path}");
        }
        assert_eq!(find(&["rest", "a"], "task-rest_eeg.edf"), Matched::None(None));
    }

    #[test]
    fn rows_are_told_apart_by_their_sessions() {
        let table = "id\tsession_id\tage\n1\tses-1\t20\n1\tses-02\t25\n2\t1\t30\n";
        let table = Table::parse(table.as_bytes(), "t.tsv").unwrap();
        let names = SubjectNames::new(&table, 0);
        names.check_unique(&table).unwrap();
        assert_eq!(names.find("sub-01/ses-2/sub-01_ses-2_eeg.edf"), Matched::Row(1));
        assert_eq!(names.find("sub-01/ses-01/eeg.edf"), Matched::Row(0));
        assert_eq!(names.find("sub-02_eeg.edf"), Matched::Row(2));
        let problem = |path: &str| names.find(path).problem(path, "t.tsv").message;
        assert!(problem("sub-01_ses-3_eeg.edf").starts_with("t.tsv has no row of 1 in the session ses-3"));
        assert!(problem("sub-01_eeg.edf").starts_with("t.tsv has rows of several sessions of 1"));
        assert!(problem("ses-1/sub-01_ses-2_eeg.edf").starts_with("t.tsv has rows of several sessions of 1"));
        assert!(problem("sub-02_ses-2_eeg.edf").contains("ses-2"));
    }

    #[test]
    fn rows_of_one_subject_may_not_disagree() {
        let check = |table: &str| {
            let table = Table::parse(table.as_bytes(), "t.tsv").unwrap();
            SubjectNames::new(&table, 0).check_unique(&table)
        };
        check("id\tage\n1\t20\n01\t20\n").unwrap();
        let error = check("id\tage\nsub-1\t20\n2\t20\n01\t21\n").unwrap_err().to_string();
        assert!(
            error.starts_with("t.tsv, line 4: 01 has another row in line 2") && error.contains("session"),
            "{error}"
        );
        assert!(check("id\tsession_id\tage\n1\tses-1\t20\n1\tses-01\t21\n").is_err());
    }

    proptest! {
        /// Whatever else a name says, a label is that subject or nobody.
        #[test]
        fn a_label_never_means_someone_else(
            ids in prop::collection::btree_set(0_u32..200, 1..20),
            subject in 0_u32..200,
            (session, run, zeros) in (0_u32..200, 0_u32..200, 0_usize..3),
            rest in "[a-z0-9 -]{0,12}",
        ) {
            let ids: Vec<String> = ids.into_iter().map(|id| id.to_string()).collect();
            let texts: Vec<&str> = ids.iter().map(String::as_str).collect();
            let label = format!("{}{subject}", "0".repeat(zeros));
            let path = format!("{rest}/sub-{label}/ses-{session}/sub-{label}_ses-{session}_task-{run}_run-{run}_eeg.edf");
            let expected = ids.iter().position(|id| *id == subject.to_string());
            match find(&texts, &path) {
                Matched::Row(row) => prop_assert_eq!(Some(row), expected),
                Matched::None(_) => prop_assert_eq!(expected, None),
                other => prop_assert!(rest.contains("sub"), "{other:?}"),
            }
        }

        #[test]
        fn no_path_makes_it_panic(ids in prop::collection::vec("\\PC{1,6}", 1..6), path in "\\PC{0,40}") {
            let table = format!("id\n{}\n", ids.join("\n"));
            if let Ok(table) = Table::parse(table.as_bytes(), "t.tsv") {
                SubjectNames::new(&table, 0).find(&path);
            }
        }
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
