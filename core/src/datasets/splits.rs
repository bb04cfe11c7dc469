//! Which split each subject is in. Splits are made by subject and never by window: windows of one person resemble each
//! other, and a model tested on a person it has seen tells nothing about strangers.

use std::collections::{BTreeMap, BTreeSet};

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
    let classes = subjects.into_iter().map(|subject| (subject, BTreeSet::new())).collect();
    split_by_class(&classes, seed, fractions)
}

/// As [`split_subjects`], and then swaps subjects between splits until no swap brings their classes nearer to equal
/// shares. Every class is in the first split, then in the second, and so on, as far as there are subjects of it; after
/// that the sum of (found - expected)² / expected over splits and classes falls. Where no subject has a class, these are
/// the splits of [`split_subjects`], and the sizes of the splits are the same always.
///
/// `classes` are all that a subject has, of one label or of several, numbered from 0.
#[must_use]
pub(super) fn split_by_class(
    classes: &BTreeMap<&str, BTreeSet<usize>>,
    seed: u64,
    fractions: &[(&'static str, f64)],
) -> BTreeMap<String, &'static str> {
    let mut subjects: Vec<&str> = classes.keys().copied().collect();
    subjects.shuffle(&mut stream(seed, Purpose::Split, 0));
    let mut of_split: Vec<Vec<&str>> = Vec::new();
    let mut rest = subjects.as_slice();
    for (position, &(_, fraction)) in fractions.iter().enumerate() {
        let wanted = (fraction * subjects.len() as f64).round() as usize;
        let count = if position + 1 == fractions.len() { rest.len() } else { wanted.min(rest.len()) };
        let (taken, left) = rest.split_at(count);
        of_split.push(taken.to_vec());
        rest = left;
    }
    let mut balance = Balance::new(&of_split, classes);
    while let Some((first, second)) = balance.best_swap(&of_split, classes) {
        let [a, b] = [first, second].map(|(split, position)| of_split[split][position]);
        balance.swap(first.0, &classes[a], second.0, &classes[b]);
        of_split[first.0][first.1] = b;
        of_split[second.0][second.1] = a;
    }
    let named = fractions.iter().zip(of_split);
    named.flat_map(|((split, _), of)| of.into_iter().map(|subject| (subject.to_owned(), *split))).collect()
}

/// A subject: its split, and its index in it.
type SubjectIndex = (usize, usize);

/// How far two splits are from equal shares of every class.
struct Imbalance {
    /// How many classes each of them lacks.
    lacking: [usize; 2],
    /// The sum of (found - expected)² / expected over both and all classes.
    deviation: f64,
}

/// How many subjects of each class are in each split.
struct Balance {
    /// Subjects, by split and class.
    counts: Vec<Vec<usize>>,
    /// What equal shares would be.
    expected: Vec<Vec<f64>>,
}

impl Balance {
    fn new(of_split: &[Vec<&str>], classes: &BTreeMap<&str, BTreeSet<usize>>) -> Self {
        let width = classes.values().flatten().max().map_or(0, |last| last + 1);
        let count = |of: &Vec<&str>| {
            let mut counts = vec![0; width];
            of.iter().flat_map(|subject| &classes[subject]).for_each(|&class| counts[class] += 1);
            counts
        };
        let counts: Vec<Vec<usize>> = of_split.iter().map(count).collect();
        let all: usize = of_split.iter().map(Vec::len).sum();
        let total = |class: usize| counts.iter().map(|of| of[class]).sum::<usize>() as f64;
        let share = |of: &Vec<&str>| of.len() as f64 / all.max(1) as f64;
        let expected = of_split.iter().map(|of| (0..width).map(|class| total(class) * share(of)).collect()).collect();
        Self { counts, expected }
    }

    /// The imbalance of two splits.
    fn of(&self, splits: [usize; 2]) -> Imbalance {
        let lacking = splits.map(|split| {
            let pairs = self.counts[split].iter().zip(&self.expected[split]);
            pairs.filter(|(count, expected)| **count == 0 && **expected > 0.0).count()
        });
        let deviation = |split: usize| {
            let pairs = self.counts[split].iter().zip(&self.expected[split]);
            let parts = pairs.filter(|(_, expected)| **expected > 0.0);
            parts.map(|(&count, expected)| (count as f64 - expected).powi(2) / expected).sum::<f64>()
        };
        Imbalance { lacking, deviation: splits.map(deviation).iter().sum() }
    }

    fn swap(&mut self, first: usize, of_first: &BTreeSet<usize>, second: usize, of_second: &BTreeSet<usize>) {
        for &class in of_first.difference(of_second) {
            self.counts[first][class] -= 1;
            self.counts[second][class] += 1;
        }
        for &class in of_second.difference(of_first) {
            self.counts[second][class] -= 1;
            self.counts[first][class] += 1;
        }
    }

    /// The swap that helps the two splits with the most urgent need most; `None` when none helps.
    fn best_swap(
        &mut self,
        of_split: &[Vec<&str>],
        classes: &BTreeMap<&str, BTreeSet<usize>>,
    ) -> Option<(SubjectIndex, SubjectIndex)> {
        /// Less is rounding.
        const GAIN: f64 = 1e-9;
        let mut best: Option<(Vec<i64>, f64, SubjectIndex, SubjectIndex)> = None;
        for first in 0..of_split.len() {
            for second in first + 1..of_split.len() {
                let now = self.of([first, second]);
                // Subjects of the same classes are the same to this: the first of each kind is enough.
                for (a, kind_a) in kinds(&of_split[first], classes) {
                    for (b, kind_b) in kinds(&of_split[second], classes) {
                        if kind_a == kind_b {
                            continue;
                        }
                        self.swap(first, kind_a, second, kind_b);
                        let then = self.of([first, second]);
                        self.swap(first, kind_b, second, kind_a);
                        let mut lacking = vec![0; of_split.len()];
                        for (position, split) in [first, second].into_iter().enumerate() {
                            lacking[split] = then.lacking[position] as i64 - now.lacking[position] as i64;
                        }
                        let change = then.deviation - now.deviation;
                        let no_lack = vec![0; of_split.len()];
                        let helps = lacking < no_lack || (lacking == no_lack && change < -GAIN);
                        let is_best = best.as_ref().is_none_or(|(least, smallest, ..)| {
                            lacking < *least || (lacking == *least && change < *smallest - GAIN)
                        });
                        if helps && is_best {
                            best = Some((lacking, change, (first, a), (second, b)));
                        }
                    }
                }
            }
        }
        best.map(|(_, _, first, second)| (first, second))
    }
}

/// The sets of classes that the subjects of a split have, each with the first who has it.
fn kinds<'c>(of_split: &[&str], classes: &'c BTreeMap<&str, BTreeSet<usize>>) -> Vec<(usize, &'c BTreeSet<usize>)> {
    let mut seen = BTreeSet::new();
    let all = of_split.iter().enumerate().map(|(position, subject)| (position, &classes[*subject]));
    all.filter(|(_, kind)| seen.insert(*kind)).collect()
}

/// What is said of splits that stay empty for want of subjects.
pub(super) fn few_subjects(subjects: usize, empty: &[String]) -> String {
    let names = empty.iter().map(|split| format!("`{split}`")).collect::<Vec<_>>().join(" and ");
    let subjects = if subjects == 1 { "1 subject is".to_owned() } else { format!("{subjects} subjects are") };
    format!(
        "{names} will be empty: {subjects} too few for splits of 0.8, 0.1 and 0.1 by subject; \
         add subjects, or validate on a split that has some"
    )
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

    /// The sizes of the splits and how many of the first class's subjects are in each; the first `rare` subjects have it.
    fn spread(subjects: usize, rare: usize, seed: u64) -> [(usize, usize); 3] {
        let names: Vec<_> = (0..subjects).map(|index| format!("sub-{index:03}")).collect();
        let classes =
            names.iter().enumerate().map(|(index, name)| (name.as_str(), [usize::from(index >= rare)].into()));
        let splits = split_by_class(&classes.collect(), seed, &SPLIT_FRACTIONS);
        SPLIT_FRACTIONS.map(|(split, _)| {
            let of: Vec<_> = splits.iter().filter(|(_, assigned)| **assigned == split).collect();
            let is_rare = |name: &str| name[4..].parse::<usize>().is_ok_and(|index| index < rare);
            (of.len(), of.iter().filter(|(name, _)| is_rare(name)).count())
        })
    }

    #[test]
    fn a_class_is_in_training_first_then_in_validation_then_in_its_share() {
        for seed in 0..20 {
            assert_eq!(spread(20, 1, seed), [(16, 1), (2, 0), (2, 0)]);
            assert_eq!(spread(20, 2, seed), [(16, 1), (2, 1), (2, 0)]);
            assert_eq!(spread(20, 3, seed), [(16, 1), (2, 1), (2, 1)]);
            assert_eq!(spread(30, 10, seed), [(24, 8), (3, 1), (3, 1)]);
            assert_eq!(spread(100, 50, seed), [(80, 40), (10, 5), (10, 5)]);
        }
    }

    #[test]
    fn labels_that_cross_are_balanced_together() {
        let names: Vec<_> = (0..40).map(|index| format!("sub-{index:03}")).collect();
        // Two labels, half and half and a quarter, independent of each other.
        let of = |index: usize| [index % 2, if index % 8 < 2 { 2 } else { 3 }].into();
        let classes = names.iter().enumerate().map(|(index, name)| (name.as_str(), of(index))).collect();
        let splits = split_by_class(&classes, 3, &SPLIT_FRACTIONS);
        for (split, [all, even, quarter]) in [("train", [32, 16, 8]), ("val", [4, 2, 1]), ("test", [4, 2, 1])] {
            let of = || classes.iter().filter(|(name, _)| splits[**name] == split);
            let with = |class: usize| of().filter(|(_, classes)| classes.contains(&class)).count();
            assert_eq!([of().count(), with(0), with(2)], [all, even, quarter], "{split}");
        }
    }

    #[test]
    fn where_nobody_has_a_class_or_all_have_one_nobody_is_swapped() {
        let names: Vec<_> = (0..30).map(|index| index.to_string()).collect();
        let plain = split_subjects(names.iter().map(String::as_str), 5, &SPLIT_FRACTIONS);
        let same = names.iter().map(|name| (name.as_str(), [0].into())).collect();
        assert_eq!(split_by_class(&same, 5, &SPLIT_FRACTIONS), plain);
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
