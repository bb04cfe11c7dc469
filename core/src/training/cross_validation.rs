//! A cross-validation as it is kept: who is in which fold, and the seeds. One folder holds it, with a run file for each fold and
//! a run folder for each fold and seed; of these alone it can go on, on any machine that sees the folder.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    datasets::Fold,
    fingerprint::sha256_of,
    kept::{Kept, KeptError, Versioned},
};

/// The file of a [`CrossValidation`] in its folder; written last of what it needs.
pub const RECORD: &str = "cross_validation.json";
/// The run file that all folds are made of, as it was given.
pub const CONFIG: &str = "config.toml";
/// What the models of all folds say of the people they were tested on, window by window.
pub const PREDICTIONS: &str = "predictions.csv";

/// A cross-validation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrossValidation {
    /// SHA-256 of the text of [`CONFIG`], in hexadecimal digits.
    pub config_sha256: String,
    /// Who is tested and validated on, by fold.
    pub folds: Vec<Fold>,
    /// The seeds that every fold is trained with.
    pub seeds: Vec<u64>,
    /// The settings file in use; none where there was none.
    pub settings: Option<String>,
    /// The folder of the recordings, where that was said instead of by the settings.
    pub root: Option<String>,
    /// Where to compute, where that was said instead of by the run file.
    pub device: Option<String>,
}

impl Versioned for CrossValidation {
    const VERSION: u32 = 1;
}

/// A run of a cross-validation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FoldRun {
    /// Its fold, from 1.
    pub fold: usize,
    /// Its seed.
    pub seed: u64,
}

impl FoldRun {
    /// The name of its run folder.
    #[must_use]
    pub fn folder(self) -> String {
        format!("fold-{}-seed-{}", self.fold, self.seed)
    }
}

/// As in "fold 3, seed 33".
impl fmt::Display for FoldRun {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "fold {}, seed {}", self.fold, self.seed)
    }
}

impl CrossValidation {
    /// Reads what was kept.
    ///
    /// # Errors
    /// [`KeptError`].
    pub fn read(bytes: &[u8]) -> Result<Self, KeptError> {
        Kept::read(bytes)?.with_defaults()
    }

    /// The mark of a run file's text, as [`Self::config_sha256`] has it.
    #[must_use]
    pub fn mark_of(config: &str) -> String {
        sha256_of(config.as_bytes())
    }

    /// The name of a fold's run file, from 1.
    #[must_use]
    pub fn fold_file(fold: usize) -> String {
        format!("fold-{fold}.toml")
    }

    /// A fold by its number, from 1.
    #[must_use]
    pub fn fold(&self, number: usize) -> Option<&Fold> {
        self.folds.get(number.checked_sub(1)?)
    }

    /// Every run: the folds in order, each with all seeds.
    pub fn runs(&self) -> impl Iterator<Item = FoldRun> {
        (1..=self.folds.len()).flat_map(|fold| self.seeds.iter().map(move |&seed| FoldRun { fold, seed }))
    }

    /// How another one that is asked for differs from this, in words; none where they are the same but for where the settings
    /// and the recordings lie and where to compute.
    #[must_use]
    pub fn difference(&self, asked: &Self) -> Option<&'static str> {
        if self.config_sha256 != asked.config_sha256 {
            Some("its run file is another one")
        } else if self.folds != asked.folds {
            Some("its people are dealt out to other folds")
        } else if self.seeds != asked.seeds {
            Some("its seeds are others")
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_folds() -> CrossValidation {
        let fold = |test: &str, val: &str| Fold { test: vec![test.to_owned()], val: vec![val.to_owned()] };
        CrossValidation {
            config_sha256: CrossValidation::mark_of("[model]\n"),
            folds: vec![fold("a", "b"), fold("b", "a")],
            seeds: vec![33, 34],
            settings: Some("/settings.toml".to_owned()),
            root: None,
            device: None,
        }
    }

    #[test]
    fn what_is_kept_comes_back() {
        let kept = two_folds();
        assert_eq!(CrossValidation::read(&kept.to_json()).unwrap(), kept);
        let newer = CrossValidation::read(b"{\"schema_version\":2}").unwrap_err().to_string();
        assert!(newer.contains("a newer version"), "{newer}");
    }

    #[test]
    fn every_fold_is_run_with_every_seed() {
        let runs: Vec<String> = two_folds().runs().map(FoldRun::folder).collect();
        assert_eq!(runs, ["fold-1-seed-33", "fold-1-seed-34", "fold-2-seed-33", "fold-2-seed-34"]);
        assert_eq!(two_folds().fold(2).unwrap().test, ["b"]);
        assert_eq!([two_folds().fold(0), two_folds().fold(3)], [None; 2]);
    }

    #[test]
    fn another_one_is_told_from_the_same_elsewhere() {
        let this = two_folds();
        let elsewhere = CrossValidation { root: Some("/data".to_owned()), ..this.clone() };
        assert_eq!(this.difference(&elsewhere), None);
        let seeds = CrossValidation { seeds: vec![33], ..this.clone() };
        assert_eq!(this.difference(&seeds), Some("its seeds are others"));
        let config = CrossValidation { config_sha256: CrossValidation::mark_of(""), ..seeds };
        assert_eq!(this.difference(&config), Some("its run file is another one"));
    }
}
