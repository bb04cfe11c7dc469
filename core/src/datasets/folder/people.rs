//! Whose a sample is. Splits are checked by it, and people are counted by it: a name that may be anything else than a
//! person's is none.

use std::collections::BTreeMap;

use crate::{
    datasets::{
        Table,
        output::is_sample_name,
        subject_match::{SUBJECT_COLUMNS, canonical_subject},
    },
    labels::vocabulary::is_missing,
};

/// Begin a subject's label in the names of BIDS.
const LABEL_PREFIXES: [&str; 2] = ["sub-", "subj-"];
/// Words that a subject's number follows.
const WORDS: [&str; 5] = ["subject", "participant", "patient", "subj", "sub"];
/// Letters that a subject's number of at least [`MIN_DIGITS`] digits follows, as in `S001`.
const LETTERS: [char; 2] = ['s', 'p'];
/// Shorter ones may be the number of a session, or of a part.
const MIN_DIGITS: usize = 3;

/// Whose the samples of a split are, in the order of its rows; `paths` are where they lie. Of a folder that preprocessing
/// made (`is_own`), the folder below the split's says it. Else a column `subject` (or `subject_id`, `participant_id`, …)
/// does; where there is none, the folder of a file that is named as preprocessing names samples, or a folder or file whose
/// name is surely a subject's, such as `sub-01` or `S001`. Of all others nothing is known. Everyone has one spelling.
pub(super) fn people(table: &Table, split: &str, paths: &[String], is_own: bool) -> Vec<Option<String>> {
    let columns: Vec<usize> = SUBJECT_COLUMNS.iter().filter_map(|column| table.column(column)).collect();
    let mut spellings: BTreeMap<String, String> = BTreeMap::new();
    let person = |(row, path): (usize, &String)| {
        let (folders, file) = below_split(path, split);
        let by_layout = match folders.as_slice() {
            [folder] if is_sample_name(file) => Some((*folder).to_owned()),
            _ => None,
        };
        let in_column = || {
            let cells = columns.iter().map(|&column| table.value(row, column));
            cells.into_iter().find(|cell| !is_missing(cell)).map(str::to_owned)
        };
        let name = if is_own { by_layout.or_else(in_column) } else { in_column().or(by_layout) };
        let name = name.or_else(|| named(&folders, file))?;
        Some(spellings.entry(canonical_subject(&name)).or_insert(name).clone())
    };
    paths.iter().enumerate().map(person).collect()
}

/// Whose a recording is, by the one subject that its path surely speaks of, such as `sub-01` or `Subject07_2.edf`; none where
/// it speaks of none, or of several.
#[must_use]
pub fn subject_of_path(path: &str) -> Option<String> {
    let (folders, file) = below_split(path, "");
    named(&folders, file)
}

/// The folders and the name of a file, without the folder of its split.
fn below_split<'p>(path: &'p str, split: &str) -> (Vec<&'p str>, &'p str) {
    let mut folders: Vec<&str> = path.split('/').collect();
    let file = folders.pop().unwrap_or_default();
    if folders.first().is_some_and(|first| *first == split) {
        folders.remove(0);
    }
    (folders, file)
}

/// The subject that folders and a file's name surely speak of; none where they speak of several.
fn named(folders: &[&str], file: &str) -> Option<String> {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let mut labels: Vec<String> =
        folders.iter().chain([&stem]).flat_map(|part| labels_in(&part.to_lowercase())).collect();
    labels.sort_unstable_by_key(|label| canonical_subject(label));
    labels.dedup_by_key(|label| canonical_subject(label));
    match labels.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    }
}

/// The labels of subjects in a name of small letters: `sub-01` of `sub-01_task-rest`.
fn labels_in(name: &str) -> Vec<String> {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let words: Vec<&str> = name.split(|letter: char| letter == '_' || letter.is_whitespace()).collect();
    let label = |(position, word): (usize, &&str)| {
        // `sub-01-2` may be somebody else than `sub-01`.
        let labelled = LABEL_PREFIXES.iter().find_map(|prefix| word.strip_prefix(prefix));
        if let Some(label) = labelled.filter(|label| !label.is_empty() && label.chars().all(char::is_alphanumeric)) {
            return Some(format!("sub-{label}"));
        }
        let numbered = WORDS.iter().find_map(|prefix| word.strip_prefix(prefix));
        match numbered {
            Some("") => words.get(position + 1).filter(|next| is_digits(next)).map(|number| format!("sub-{number}")),
            Some(rest) => {
                let number = rest.strip_prefix('-').unwrap_or(rest);
                is_digits(number).then(|| format!("sub-{number}"))
            }
            None => {
                let number = word.strip_prefix(LETTERS)?;
                (number.len() >= MIN_DIGITS && is_digits(number)).then(|| (*word).to_owned())
            }
        }
    };
    words.iter().enumerate().filter_map(label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(header: &str, row: &str, path: &str, is_own: bool) -> Option<String> {
        let table = Table::parse(format!("{header}\n{row}\n").as_bytes(), "t.csv").unwrap();
        people(&table, "train", &[path.to_owned()], is_own).remove(0)
    }

    #[test]
    fn names_that_are_surely_subjects_are_taken_and_no_others() {
        for (path, subject) in [
            ("train/sub-01/img0001.png", "sub-01"),
            ("train/healthy/sub-01_ses-2_0003.png", "sub-01"),
            ("images/S001_0003.png", "s001"),
            ("train/Subject 12/1.png", "sub-12"),
            ("train/subject_12/1.png", "sub-12"),
            ("train/sub07/1.png", "sub-07"),
            ("train/patient-7/sub07_1.png", "sub-7"),
            // As preprocessing names samples.
            ("train/anna/spectrogram-0.png", "anna"),
            ("train/anna/timeseries-s1-t3-0.npy", "anna"),
        ] {
            assert_eq!(of("file_name", "x", path, false).as_deref(), Some(subject), "{path}");
        }
        for path in [
            "train/healthy/1.png",
            "images/1.png",
            "train/train/1.png",
            "train/12/1.png",
            "train/s1/p02.png",
            "train/subset/1.png",
            "train/sub-01-2/1.png",
            "train/sub-01/sub-02_1.png",
            "train/a/b/spectrogram-0.png",
        ] {
            assert_eq!(of("file_name", "x", path, false), None, "{path}");
        }
    }

    #[test]
    fn a_recording_is_whose_its_name_says() {
        let subjects = ["eegmat/Subject07_2.edf", "sub-01/eeg/sub-01_task-rest_eeg.set", "clinic/rest.edf", "S1.bdf"];
        assert_eq!(subjects.map(subject_of_path), [Some("sub-07".to_owned()), Some("sub-01".to_owned()), None, None]);
    }

    #[test]
    fn a_column_says_it_and_what_preprocessing_made_its_folder() {
        let of_both = |is_own| of("file_name,Subject", "x,human", "train/anna/spectrogram-0.png", is_own);
        assert_eq!(of_both(false).as_deref(), Some("human"));
        assert_eq!(of_both(true).as_deref(), Some("anna"));
        assert_eq!(of("file_name,subject,participant_id", "x,n/a,7", "a.png", false).as_deref(), Some("7"));
        assert_eq!(of("file_name,subject", "x,", "a.png", false), None);
    }

    #[test]
    fn everyone_has_one_spelling() {
        let table = Table::parse(b"file_name,subject\na,sub-01\nb,1\nc,SUB-01\nd,2\n", "t.csv").unwrap();
        let paths = ["a", "b", "c", "d"].map(str::to_owned);
        let found: Vec<_> = people(&table, "train", &paths, false).into_iter().flatten().collect();
        assert_eq!(found, ["sub-01", "sub-01", "sub-01", "2"]);
    }
}
