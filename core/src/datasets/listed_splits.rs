//! Splits whose subjects are listed.

use std::collections::BTreeMap;

use super::{SPLIT_FRACTIONS, SplitOptions, canonical_subject, listing::named};

/// Why splits cannot be as they are listed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListedSplitsError {
    /// A subject is on the lists of two splits.
    #[error(
        "subject {subject} is listed for `{first}` and for `{second}`; whoever is trained on says nothing about strangers"
    )]
    ListedTwice {
        /// The subject.
        subject: String,
        /// One split.
        first: &'static str,
        /// The other one.
        second: &'static str,
    },
    /// Two subjects whose names a list does not tell apart.
    #[error("`dataset.split` cannot list subjects, since it does not tell {first} from {second}; rename one of them")]
    NotToldApart {
        /// A subject.
        first: String,
        /// Another one.
        second: String,
    },
    /// None of the subjects that a split lists is there.
    #[error("no subject that `dataset.split.{split}` lists is there; the subjects are {}", named(.subjects))]
    NoneOfList {
        /// The split.
        split: &'static str,
        /// Who is there.
        subjects: Vec<String>,
    },
}

/// Who is in which split.
#[derive(Debug, PartialEq)]
pub(super) struct ListedSplits {
    /// The split of each subject; who is in none is left out.
    pub splits: BTreeMap<String, &'static str>,
    /// Names on the lists that no subject has.
    pub unknown: Vec<String>,
}

/// A subject's name without what makes no difference in a list: `Subject09`, `sub-09` and `9` are the same one.
fn name_in_lists(name: &str) -> String {
    let name = canonical_subject(name);
    let number = ["subject", "subj", "sub"].iter().find_map(|word| name.strip_prefix(word));
    let number = number.map(|number| number.trim_start_matches(['-', '_']));
    match number.filter(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())) {
        Some(number) => canonical_subject(number),
        None => name,
    }
}

impl SplitOptions {
    /// The list of a split.
    fn list(&self, split: &str) -> Option<&Vec<String>> {
        match split {
            "train" => self.train.as_ref(),
            "val" => self.val.as_ref(),
            "test" => self.test.as_ref(),
            _ => None,
        }
    }

    /// The splits that are listed; `None` where none is. `Subject09`, `sub-09` and `9` are the same one. Who is on no
    /// list is trained on, unless there is a list of those.
    ///
    /// # Errors
    /// [`ListedSplitsError::ListedTwice`], [`ListedSplitsError::NoneOfList`], [`ListedSplitsError::NotToldApart`].
    pub(super) fn listed<'s>(
        &self,
        subjects: impl Iterator<Item = &'s str>,
    ) -> Result<Option<ListedSplits>, ListedSplitsError> {
        let names = SPLIT_FRACTIONS.map(|(name, _)| name);
        let mut of_name: BTreeMap<String, &'static str> = BTreeMap::new();
        for (split, subject) in
            names.iter().flat_map(|split| self.list(split).into_iter().flatten().map(move |s| (split, s)))
        {
            if let Some(other) = of_name.insert(name_in_lists(subject), split).filter(|other| other != split) {
                return Err(ListedSplitsError::ListedTwice { subject: subject.clone(), first: other, second: split });
            }
        }
        if of_name.is_empty() {
            return Ok(None);
        }
        let rest = self.train.is_none().then_some(names[0]);
        let mut found = BTreeMap::new();
        let mut splits = BTreeMap::new();
        for subject in subjects {
            let name = name_in_lists(subject);
            if let Some(split) = of_name.get(&name).copied().or(rest) {
                splits.insert(subject.to_owned(), split);
            }
            if let Some(other) = found.insert(name, subject) {
                let (first, second) = (other.to_owned(), subject.to_owned());
                return Err(ListedSplitsError::NotToldApart { first, second });
            }
        }
        let mut unknown = Vec::new();
        for split in names {
            let Some(list) = self.list(split).filter(|list| !list.is_empty()) else { continue };
            let missing: Vec<_> =
                list.iter().filter(|name| !found.contains_key(&name_in_lists(name))).cloned().collect();
            if missing.len() == list.len() {
                return Err(ListedSplitsError::NoneOfList {
                    split,
                    subjects: found.into_values().map(str::to_owned).collect(),
                });
            }
            unknown.extend(missing);
        }
        Ok(Some(ListedSplits { splits, unknown }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(names: &[&str]) -> Option<Vec<String>> {
        Some(names.iter().map(|name| (*name).to_owned()).collect())
    }

    const SUBJECTS: [&str; 4] = ["sub-01", "sub-02", "sub-03", "sub-04"];

    fn listed(options: &SplitOptions) -> Result<Option<ListedSplits>, String> {
        options.listed(SUBJECTS.into_iter()).map_err(|error| error.to_string())
    }

    #[test]
    fn who_is_on_no_list_is_trained_on() {
        let options = SplitOptions { test: list(&["Subject2", "sub-09"]), ..SplitOptions::default() };
        let ListedSplits { splits, unknown } = listed(&options).unwrap().unwrap();
        let of = |split: &str| {
            splits.iter().filter(|(_, of)| **of == split).map(|(name, _)| name.as_str()).collect::<Vec<_>>()
        };
        assert_eq!((of("train"), of("val"), of("test")), (vec!["sub-01", "sub-03", "sub-04"], vec![], vec!["sub-02"]));
        assert_eq!(unknown, ["sub-09"]);
    }

    #[test]
    fn a_list_of_the_training_split_leaves_others_out() {
        let options = SplitOptions { train: list(&["1"]), val: list(&["2"]), ..SplitOptions::default() };
        let splits = listed(&options).unwrap().unwrap().splits;
        assert_eq!(splits, BTreeMap::from([("sub-01".to_owned(), "train"), ("sub-02".to_owned(), "val")]));
    }

    #[test]
    fn lists_that_cannot_be_meant_are_refused() {
        let twice = SplitOptions { val: list(&["1"]), test: list(&["sub-01"]), ..SplitOptions::default() };
        assert!(listed(&twice).unwrap_err().contains("sub-01"));
        let strangers = SplitOptions { test: list(&["Kim", "Ada"]), ..SplitOptions::default() };
        assert!(listed(&strangers).unwrap_err().contains("dataset.split.test"));
        assert_eq!(listed(&SplitOptions::default()), Ok(None));
    }
}
