//! Whether anybody has samples in two splits that must not share people.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    metadata::{find_metadata, splits, within_folder},
    people::people,
};
use crate::{
    datasets::{DatasetError, PREPROCESSING_FILE, canonical_subject},
    storage::Storage,
};

/// What splits that only validation sees are called.
pub(in crate::datasets) const VALIDATION_NAMES: [&str; 4] = ["val", "validation", "valid", "dev"];
/// What splits that are kept for the end are called.
const TEST_NAMES: [&str; 6] = ["test", "testing", "holdout", "heldout", "eval", "evaluation"];

/// What is known of a split's samples.
struct Members {
    split: String,
    /// Everyone by [canonical name](canonical_subject).
    people: BTreeMap<String, String>,
    /// Where the samples lie.
    paths: BTreeSet<String>,
    /// Samples of nobody knows whom.
    unknown: usize,
}

impl Members {
    async fn of(storage: &dyn Storage, split: &str, is_own: bool) -> Result<Option<Self>, DatasetError> {
        let (table, folder) = match find_metadata(storage, split).await {
            Err(DatasetError::NoSuchSplit { .. } | DatasetError::NoMetadata { .. }) => return Ok(None),
            found => found?,
        };
        let Some(column) = table.column("file_name") else { return Ok(None) };
        let paths: Vec<String> = (0..table.len())
            .map(|row| {
                let name = within_folder(table.value(row, column)).unwrap_or_default();
                match folder.filter(|folder| !name.starts_with(&format!("{folder}/"))) {
                    Some(folder) => format!("{folder}/{name}"),
                    None => name,
                }
            })
            .collect();
        let people = people(&table, split, &paths, is_own);
        let unknown = people.iter().filter(|person| person.is_none()).count();
        let people = people.into_iter().flatten().map(|person| (canonical_subject(&person), person)).collect();
        Ok(Some(Self { split: split.to_owned(), people, paths: paths.into_iter().collect(), unknown }))
    }

    fn is(&self, split: Option<&str>) -> bool {
        split == Some(self.split.as_str())
    }

    /// Whether it is called by one of these names, whatever the letter case.
    fn is_called(&self, names: &[&str]) -> bool {
        let name: String = self.split.to_lowercase().chars().filter(|letter| letter.is_alphanumeric()).collect();
        names.contains(&name.as_str())
    }

    /// Everyone who is in `other` as well.
    fn shared_with(&self, other: &Self) -> Vec<String> {
        let shared = self.people.iter().filter(|(canonical, _)| other.people.contains_key(*canonical));
        shared.map(|(_, person)| person.clone()).collect()
    }
}

/// Checks that nobody has samples in the split `train` and in one that it is judged by, whoever made the folder: in `val`,
/// in `test`, or in any split that is called as those of validation and test are; nor in `val` and a split that is kept for
/// the end.
/// Whose a sample is says [`FolderDataset::subject`](super::FolderDataset::subject). Splits that the folder does not have
/// are left out.
///
/// Returns what the user should know: that another split shares people with the one trained on, unless it is a part of it
/// or holds all of it, and of which splits it is not known whose samples they are.
///
/// # Errors
/// [`DatasetError::SameSplit`] when `val` is `train`; [`DatasetError::SharedSubjects`] that names them; [`DatasetError`]
/// when a table cannot be read.
pub async fn check_subjects_apart(
    storage: &dyn Storage,
    train: &str,
    val: Option<&str>,
    test: Option<&str>,
) -> Result<Vec<String>, DatasetError> {
    if val == Some(train) {
        return Err(DatasetError::SameSplit { split: train.to_owned() });
    }
    let is_own = storage.exists(PREPROCESSING_FILE).await?;
    let Some(training) = Members::of(storage, train, is_own).await? else { return Ok(Vec::new()) };
    let mut others = Vec::new();
    for (split, _) in splits(storage).await?.iter().filter(|(split, _)| split != train) {
        others.extend(Members::of(storage, split, is_own).await?);
    }
    let validation = others.iter().find(|other| other.is(val));
    let mut notes = Vec::new();
    for other in &others {
        let is_test = other.is(test) || other.is_called(&TEST_NAMES);
        let is_judged_by = other.is(val) || is_test || other.is_called(&VALIDATION_NAMES);
        let shared = training.shared_with(other);
        if is_judged_by {
            apart(&training, other, shared)?;
        } else if !shared.is_empty() && !is_part(&training, other) {
            notes.push(format!(
                "the split `{}` has samples of {} of the people in `{train}`: a model that is trained on the one tells \
                 nothing about strangers on the other",
                other.split,
                shared.len()
            ));
        }
        if let Some(validation) = validation.filter(|validation| is_test && validation.split != other.split) {
            apart(validation, other, validation.shared_with(other))?;
        }
    }
    if !others.is_empty() {
        let is_judged_by = |other: &&Members| {
            other.is(val) || other.is(test) || other.is_called(&TEST_NAMES) || other.is_called(&VALIDATION_NAMES)
        };
        let all = std::iter::once(&training).chain(others.iter().filter(is_judged_by));
        let unknown: Vec<String> =
            all.filter(|split| split.unknown > 0).map(|split| format!("`{}`", split.split)).collect();
        if !unknown.is_empty() {
            notes.push(format!(
                "it is not known whose samples those of {} are, so that it cannot be checked that nobody is in two splits; \
                 a column `subject` in the metadata says it",
                unknown.join(", ")
            ));
        }
    }
    Ok(notes)
}

fn apart(first: &Members, second: &Members, shared: Vec<String>) -> Result<(), DatasetError> {
    if shared.is_empty() {
        return Ok(());
    }
    let (first, second) = (first.split.clone(), second.split.clone());
    Err(DatasetError::SharedSubjects { first, second, subjects: shared })
}

/// Whether one split's samples are all among the other's, as those of `train` are among those of `all`.
fn is_part(one: &Members, other: &Members) -> bool {
    one.paths.is_subset(&other.paths) || other.paths.is_subset(&one.paths)
}
