//! What the `[cross_validation]` table says: how people are dealt out to folds, each of which is trained and tested as a run of
//! its own, with other people held back. Only cross-validation reads it: a single run is the same with it and without.

use std::{fmt, str::FromStr};

use serde_json::{Value, json};

use super::{
    fields::Fields,
    keys::{KeyKind, word},
    table::{KeyValue, config_table},
};

/// The seed of cross-validations that none is given to, neither here nor in `training.seed`.
const DEFAULT_SEED: u64 = 33;

/// Into how many folds people are dealt out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoldCount {
    /// So many, at least 2.
    Number(usize),
    /// One a person.
    LeaveOneSubjectOut,
}

impl FoldCount {
    const LEAVE_ONE_SUBJECT_OUT: &str = "leave_one_subject_out";

    /// What the key may hold.
    const KIND: KeyKind = KeyKind::CountOrWord { min: 2, words: &[Self::LEAVE_ONE_SUBJECT_OUT] };
}

/// As it is written in a run file, without quotes.
impl fmt::Display for FoldCount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(formatter),
            Self::LeaveOneSubjectOut => formatter.write_str(Self::LEAVE_ONE_SUBJECT_OUT),
        }
    }
}

/// A text that says no number of folds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither a whole number of at least 2 nor {word}", word = FoldCount::LEAVE_ONE_SUBJECT_OUT)]
pub struct UnknownFoldCount(String);

impl FromStr for FoldCount {
    type Err = UnknownFoldCount;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match word(text).as_str() {
            Self::LEAVE_ONE_SUBJECT_OUT => Ok(Self::LeaveOneSubjectOut),
            text => match text.parse() {
                Ok(number) if number >= 2 => Ok(Self::Number(number)),
                _ => Err(UnknownFoldCount(text.to_owned())),
            },
        }
    }
}

impl KeyValue for FoldCount {
    fn read(fields: &Fields<'_>, path: &str) -> Option<Self> {
        fields.count(path).map(Self::Number).or_else(|| fields.choice(path))
    }

    fn to_json(&self) -> Value {
        match self {
            Self::Number(number) => json!(number),
            Self::LeaveOneSubjectOut => json!(Self::LEAVE_ONE_SUBJECT_OUT),
        }
    }
}

config_table! {
    /// How people are dealt out to folds, for cross-validation.
    #[derive(Eq)]
    pub struct CrossValidationConfig in "cross_validation" {
        /// Folds that people are dealt out to, each tested once: a number, or "leave_one_subject_out".
        folds: FoldCount = FoldCount::Number(5), FoldCount::KIND;
        /// Of the people who are not tested on, one in so many is validated on.
        inner: usize = 6, KeyKind::Count { min: 2, max: u32::MAX };
        /// Every fold is trained once with each of these seeds.
        ///
        /// Without them, with the seed of the training alone.
        seeds: Option<Vec<u64>> = None, KeyKind::Seeds;
    }
}

impl CrossValidationConfig {
    /// The seeds that every fold is trained with; `of_training` is that of a single run.
    #[must_use]
    pub fn seeds_or(&self, of_training: Option<u64>) -> Vec<u64> {
        self.seeds.clone().unwrap_or_else(|| vec![of_training.unwrap_or(DEFAULT_SEED)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_folds_is_read_as_it_is_written() {
        for folds in [FoldCount::Number(5), FoldCount::LeaveOneSubjectOut] {
            assert_eq!(folds.to_string().parse(), Ok(folds));
        }
        for text in ["1", "0", "-2", "2.5", "loso", ""] {
            assert!(text.parse::<FoldCount>().is_err(), "{text}");
        }
    }

    #[test]
    fn seeds_are_those_given_else_the_training_s() {
        let given = CrossValidationConfig { seeds: Some(vec![1, 2]), ..CrossValidationConfig::default() };
        assert_eq!(given.seeds_or(Some(7)), [1, 2]);
        let none = CrossValidationConfig::default();
        assert_eq!([none.seeds_or(Some(7)), none.seeds_or(None)], [[7], [33]]);
    }
}
