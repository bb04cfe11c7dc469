//! Subjects flow in, a split for each of them flows out. Splits are made by subject and never by window: windows of one
//! person resemble each other, and a model tested on a person it has seen tells nothing about strangers.

use std::collections::BTreeMap;

use rand::seq::SliceRandom;

use crate::random::{Purpose, stream};

/// The splits that preprocessing makes and the share of the subjects each gets, in the order in which they are filled.
pub const SPLIT_FRACTIONS: [(&str, f64); 3] = [("train", 0.8), ("val", 0.1), ("test", 0.1)];

/// Assigns each subject to a split: shuffles the distinct subjects with `seed`, then hands out
/// round(fraction · subjects) of them to each split in turn and what is left to the last. A half rounds up, so that
/// five subjects leave one to validate on. Few subjects leave a split empty: that is for the caller to report.
///
/// The same subjects, in any order, and the same seed give the same splits on every platform.
#[must_use]
pub fn split_subjects<'a>(
    subjects: impl IntoIterator<Item = &'a str>,
    seed: u64,
    fractions: &[(&'static str, f64)],
) -> BTreeMap<String, &'static str> {
    let mut subjects: Vec<&str> = subjects.into_iter().collect();
    subjects.sort_unstable();
    subjects.dedup();
    subjects.shuffle(&mut stream(seed, Purpose::Split, 0));

    let mut assigned = BTreeMap::new();
    let mut rest = subjects.as_slice();
    for (position, &(split, fraction)) in fractions.iter().enumerate() {
        let wanted = (fraction * subjects.len() as f64).round() as usize;
        let count = if position + 1 == fractions.len() { rest.len() } else { wanted.min(rest.len()) };
        let (taken, left) = rest.split_at(count);
        assigned.extend(taken.iter().map(|&subject| (subject.to_owned(), split)));
        rest = left;
    }
    assigned
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn counts(subjects: usize) -> [usize; 3] {
        let names: Vec<_> = (0..subjects).map(|index| format!("sub-{index:03}")).collect();
        let splits = split_subjects(names.iter().map(String::as_str), 7, &SPLIT_FRACTIONS);
        SPLIT_FRACTIONS.map(|(split, _)| splits.values().filter(|&&assigned| assigned == split).count())
    }

    #[test]
    fn counts_follow_the_formula() {
        assert_eq!(counts(0), [0, 0, 0]);
        assert_eq!(counts(1), [1, 0, 0]);
        assert_eq!(counts(2), [2, 0, 0]);
        assert_eq!(counts(3), [2, 0, 1]);
        assert_eq!(counts(5), [4, 1, 0]);
        assert_eq!(counts(12), [10, 1, 1]);
        assert_eq!(counts(16), [13, 2, 1]);
        assert_eq!(counts(36), [29, 4, 3]);
        assert_eq!(counts(149), [119, 15, 15]);
    }

    #[test]
    fn the_seed_decides_and_the_order_does_not() {
        let subjects: Vec<_> = (0..30).map(|index| format!("sub-{index:03}")).collect();
        let names = || subjects.iter().map(String::as_str);
        let splits = split_subjects(names(), 1, &SPLIT_FRACTIONS);
        assert_eq!(splits, split_subjects(names().rev().chain(names()), 1, &SPLIT_FRACTIONS));
        assert_ne!(splits, split_subjects(names(), 2, &SPLIT_FRACTIONS));
    }

    #[test]
    fn a_seed_gives_these_splits_on_every_platform() {
        let splits = split_subjects(["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"], 42, &SPLIT_FRACTIONS);
        let of = |split| splits.iter().filter(|(_, s)| **s == split).map(|(name, _)| name.as_str()).collect::<String>();
        assert_eq!([of("val"), of("test")], ["c", "j"]);
    }

    proptest! {
        #[test]
        fn every_subject_has_exactly_one_split(count in 0_usize..200, seed: u64) {
            let names: Vec<_> = (0..count).map(|index| index.to_string()).collect();
            let splits = split_subjects(names.iter().map(String::as_str), seed, &SPLIT_FRACTIONS);
            prop_assert_eq!(splits.len(), count);
            prop_assert!(names.iter().all(|name| splits.contains_key(name)));
        }
    }
}
