//! How often chance alone would do as well: labels are exchanged among people, whose answers stay, or the answers of two
//! models within people. In goes a statistic of such an arrangement, out comes a p value. Few arrangements are all looked at,
//! of many a random sample is (Phipson and Smyth 2010).

use std::collections::BTreeMap;

use rand::{Rng, RngExt, seq::SliceRandom};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::random::{Purpose, stream};

/// Arrangements of labels that are all looked at.
const MOST_ARRANGEMENTS: u64 = 10_000;
/// Subjects whose exchanges are all looked at: 2¹³ of them.
const MOST_SUBJECTS: usize = 13;
/// Arrangements that are drawn where there are more.
const DRAWS: u64 = 9_999;
/// Differences that are a smaller share of the values are rounding: the same sum, in another order.
const ROUNDING: f64 = 1e-12;
/// So are smaller ones, which are what is left of scores up to 1 that cancel.
const CANCELLED: f64 = 1e-14;

/// What has one label: a person, or one of a person's recordings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    /// Labels are exchanged within a block only, such as the recordings of one person.
    pub block: usize,
    /// Its label: a class, or the place of a value in a list in which no value stands twice.
    pub label: usize,
}

/// How surely something is more than chance.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PValue {
    /// Share of the arrangements that are at least as good as what was observed, which is one of them.
    pub p: f64,
    /// The least that could have come out.
    pub resolution: f64,
    /// Arrangements, what was observed among them.
    pub arrangements: usize,
    /// Whether these are all that there are.
    pub is_exhaustive: bool,
}

/// The one-sided p value of a statistic, of which higher is better, if labels said nothing: they are exchanged among the units
/// of each block. The statistic gets, by unit, the label that it has in an arrangement; at once from several threads, to the
/// same result whatever their number. All distinct arrangements are looked at if they are at most 10 000, otherwise 9 999
/// random ones. An arrangement whose statistic is undefined counts as good, so that p is never too low. None where the
/// statistic of what was observed is undefined, or there is no other arrangement: nothing can be told then.
#[must_use]
pub fn permutation_p(units: &[Unit], seed: u64, statistic: impl Fn(&[usize]) -> Option<f64> + Sync) -> Option<PValue> {
    let blocks = blocks_of(units);
    let all = blocks.iter().try_fold(1, |all: u64, block| few(all * block.arrangements?));
    let own: Vec<usize> = units.iter().map(|unit| unit.label).collect();
    let arranged = |index: u64| {
        let mut labels = own.clone();
        if all.is_some() {
            blocks.iter().fold(index, |index, block| block.arrange(index, &mut labels));
        } else {
            let mut generator = stream(seed, Purpose::Permutation, index);
            blocks.iter().for_each(|block| block.shuffle(&mut generator, &mut labels));
        }
        labels
    };
    let observed = defined(statistic(&own)).filter(|_| all != Some(1))?;
    Some(p_value(all, 1, |index| is_as_good(statistic(&arranged(index)), observed)))
}

/// The two-sided p value of a difference of two models, if they were equally good: what they answered is exchanged for whole
/// subjects. The statistic gets, by subject, whether its answers are, and is the negative of itself where all are; at once from
/// several threads, to the same result whatever their number. All exchanges are looked at for up to 13 subjects, otherwise 9 999
/// random ones. Undefined ones count as so large a difference. None where the difference of what was observed is undefined,
/// and for fewer than two subjects, whose only exchange is of all.
#[must_use]
pub fn paired_p(subjects: usize, seed: u64, statistic: impl Fn(&[bool]) -> Option<f64> + Sync) -> Option<PValue> {
    if subjects < 2 {
        return None;
    }
    let all = (subjects <= MOST_SUBJECTS).then(|| 1 << subjects);
    let exchanged = |index: u64| -> Vec<bool> {
        if all.is_some() {
            return (0..subjects).map(|subject| (index >> subject) & 1 == 1).collect();
        }
        let mut generator = stream(seed, Purpose::Permutation, index);
        (0..subjects).map(|_| generator.random()).collect()
    };
    let size = |exchanged: &[bool]| statistic(exchanged).map(f64::abs);
    let observed = defined(size(&vec![false; subjects]))?;
    Some(p_value(all, 2, |index| is_as_good(size(&exchanged(index)), observed)))
}

/// The p value from which of the arrangements are good: `all` of them, or else as many as are drawn. Of all of them, so many
/// are never worse than what was observed.
fn p_value(all: Option<u64>, never_worse: u64, is_good: impl Fn(u64) -> bool + Sync) -> PValue {
    let good = (0..all.unwrap_or(DRAWS)).into_par_iter().filter(|&index| is_good(index)).count() as u64;
    let (good, least, arrangements) = match all {
        Some(all) => (good, never_worse, all),
        // What was observed is beside those drawn.
        None => (good + 1, 1, DRAWS + 1),
    };
    let share = |part: u64| part as f64 / arrangements as f64;
    PValue {
        p: share(good),
        resolution: share(least),
        arrangements: arrangements as usize,
        is_exhaustive: all.is_some(),
    }
}

fn defined(value: Option<f64>) -> Option<f64> {
    value.filter(|value| value.is_finite())
}

/// Whether this is no lower than what was observed, but for rounding.
fn is_as_good(value: Option<f64>, observed: f64) -> bool {
    let rounding = |value: f64| ROUNDING * value.abs().max(observed.abs()) + CANCELLED;
    defined(value).is_none_or(|value| value >= observed - rounding(value))
}

/// A number of arrangements that are all looked at.
fn few(arrangements: u64) -> Option<u64> {
    (arrangements <= MOST_ARRANGEMENTS).then_some(arrangements)
}

/// Units among which labels are exchanged.
struct Block {
    /// Of its units.
    places: Vec<usize>,
    /// How many units have each label.
    labels: BTreeMap<usize, u64>,
    /// Its distinct arrangements, if they are few.
    arrangements: Option<u64>,
}

fn blocks_of(units: &[Unit]) -> Vec<Block> {
    let mut places: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    units.iter().enumerate().for_each(|(place, unit)| places.entry(unit.block).or_default().push(place));
    let block = |places: Vec<usize>| {
        let mut labels = BTreeMap::new();
        places.iter().for_each(|&place| *labels.entry(units[place].label).or_default() += 1);
        let arrangements = distinct_arrangements(labels.values().copied());
        Block { places, labels, arrangements }
    };
    places.into_values().map(block).collect()
}

/// Arrangements of things of which so many are alike, if they are few: the multinomial coefficient.
fn distinct_arrangements(counts: impl Iterator<Item = u64>) -> Option<u64> {
    let mut placed = 0;
    counts.flat_map(|count| 1..=count).try_fold(1, |arrangements, of_label| {
        placed += 1;
        // Whole at every step, as a product of binomial coefficients.
        few(arrangements * placed / of_label)
    })
}

impl Block {
    /// Gives its units the labels of one of its arrangements, which are few, and says what is left of the index for others.
    fn arrange(&self, index: u64, labels: &mut [usize]) -> u64 {
        let mut arrangements = self.arrangements.unwrap_or(1);
        let mut own = index % arrangements;
        let mut left = self.labels.clone();
        for (&place, units) in self.places.iter().zip((1..=self.places.len() as u64).rev()) {
            for (&label, count) in &mut left {
                // Of the arrangements of what is left, so many begin with this label.
                let beginning = arrangements * *count / units;
                if own < beginning {
                    labels[place] = label;
                    arrangements = beginning;
                    *count -= 1;
                    break;
                }
                own -= beginning;
            }
        }
        index / self.arrangements.unwrap_or(1)
    }

    fn shuffle(&self, generator: &mut impl Rng, labels: &mut [usize]) {
        let mut own: Vec<usize> = self.places.iter().map(|&place| labels[place]).collect();
        own.shuffle(generator);
        self.places.iter().zip(own).for_each(|(&place, label)| labels[place] = label);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(labels: &[usize]) -> Vec<Unit> {
        labels.iter().map(|&label| Unit { block: 0, label }).collect()
    }

    /// How much higher the values labelled 1 are on average than the others.
    fn difference(values: &[f64], labels: &[usize]) -> Option<f64> {
        let mean = |label: usize| {
            let own: Vec<f64> =
                values.iter().zip(labels).filter(|(_, of)| **of == label).map(|(value, _)| *value).collect();
            (!own.is_empty()).then(|| own.iter().sum::<f64>() / own.len() as f64)
        };
        Some(mean(1)? - mean(0)?)
    }

    fn assert_exhaustive(found: Option<PValue>, p: f64, resolution: f64, arrangements: usize) {
        let found = found.unwrap();
        assert!((found.p - p).abs() < 1e-12 && (found.resolution - resolution).abs() < 1e-12, "{found:?}");
        assert_eq!((found.arrangements, found.is_exhaustive), (arrangements, true));
    }

    /// SciPy 1.17.1: `permutation_test(alternative="greater")`. Many arrangements are tied, but for the order of sums.
    #[test]
    fn p_of_two_groups_is_that_of_scipy() {
        let values = [0.1, 0.2, 0.3, 0.3, 0.7, 0.1, 0.3, 0.6, 0.7, 0.9, 0.2];
        let of = units(&[0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
        let p = permutation_p(&of, 0, |labels| difference(&values, labels));
        assert_exhaustive(p, 0.08874458874458875, 1.0 / 462.0, 462);
    }

    /// SciPy 1.17.1: `permutation_test(permutation_type="pairings", alternative="greater")` of `pearsonr`.
    #[test]
    fn labels_may_be_places_of_values() {
        let (truths, predicted) = ([30.0, 41.0, 55.0, 62.0, 70.0, 28.0], [35.0, 40.0, 50.0, 45.0, 66.0, 31.0]);
        let p = permutation_p(&units(&[0, 1, 2, 3, 4, 5]), 0, |labels| {
            let mut tally = super::super::ValueTally::new();
            labels.iter().zip(predicted).for_each(|(&place, predicted)| tally.add(truths[place], predicted));
            tally.pearson()
        });
        assert_exhaustive(p, 0.004166666666666667, 1.0 / 720.0, 720);
    }

    #[test]
    fn labels_stay_within_their_block() {
        // Three arrangements of the first block and two of the second, in which the third unit of both is labelled 1.
        let labels = [(4, 0), (9, 0), (4, 0), (9, 1), (4, 1)];
        let of = labels.map(|(block, label)| Unit { block, label });
        let seen = std::sync::Mutex::new(std::collections::BTreeSet::new());
        let p = permutation_p(&of, 0, |labels| {
            seen.lock().unwrap().insert(labels.to_vec());
            Some((labels[3] + labels[4]) as f64)
        });
        assert_exhaustive(p, 1.0 / 6.0, 1.0 / 6.0, 6);
        let seen = seen.into_inner().unwrap();
        assert_eq!(seen.len(), 6);
        assert!(seen.iter().all(|labels| labels[0] + labels[2] + labels[4] == 1 && labels[1] + labels[3] == 1));
    }

    #[test]
    fn of_many_arrangements_some_are_drawn_alike_on_any_number_of_threads() {
        let of: Vec<Unit> = (0..20).map(|place| Unit { block: 0, label: usize::from(place >= 10) }).collect();
        // Seven of ten are right: SciPy's hypergeom.sf(6, 20, 10, 10) of all arrangements are as good.
        let right = |labels: &[usize]| Some(labels[7..17].iter().sum::<usize>() as f64);
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| permutation_p(&of, 3, right)).unwrap()
        };
        let one = with(1);
        assert_eq!(one, with(3));
        assert_eq!((one.resolution, one.arrangements, one.is_exhaustive), (1e-4, 10_000, false));
        assert!((one.p - 0.0894477039987876).abs() < 0.009, "{one:?}");
    }

    #[test]
    fn nothing_can_be_told_without_another_arrangement() {
        for labels in [&[][..], &[1], &[1, 1, 1]] {
            assert_eq!(permutation_p(&units(labels), 0, |_| Some(1.0)), None);
        }
        let apart = [Unit { block: 0, label: 0 }, Unit { block: 1, label: 1 }];
        assert_eq!(permutation_p(&apart, 0, |_| Some(1.0)), None);
        assert_eq!(permutation_p(&units(&[0, 1]), 0, |_| None), None);
        // What is undefined in another arrangement counts as good.
        assert_exhaustive(permutation_p(&units(&[0, 1]), 0, |of| (of[0] == 0).then_some(1.0)), 1.0, 0.5, 2);
    }

    #[test]
    fn so_many_arrangements_are_looked_at() {
        let of = |counts: &[u64]| distinct_arrangements(counts.iter().copied());
        assert_eq!(
            [of(&[5, 6]), of(&[2, 3, 4]), of(&[9_999, 1]), of(&[])],
            [Some(462), Some(1260), Some(10_000), Some(1)]
        );
        assert_eq!([of(&[10_000, 1]), of(&[100, 100]), of(&[1; 8])], [None; 3]);
    }

    /// SciPy 1.17.1: `permutation_test(permutation_type="samples")`.
    #[test]
    fn p_of_pairs_is_that_of_scipy() {
        let (a, b) = ([0.61, 0.72, 0.55, 0.80, 0.66, 0.9, 0.43, 0.7], [0.51, 0.70, 0.60, 0.65, 0.66, 0.7, 0.33, 0.8]);
        let mean = |exchanged: &[bool]| {
            let of =
                |subject: usize| if exchanged[subject] { b[subject] - a[subject] } else { a[subject] - b[subject] };
            Some((0..exchanged.len()).map(of).sum::<f64>() / exchanged.len() as f64)
        };
        assert_exhaustive(paired_p(8, 0, mean), 0.21875, 2.0 / 256.0, 256);
        assert_eq!(paired_p(1, 0, |_| Some(1.0)), None);
        assert_eq!(paired_p(8, 0, |_| None), None);
    }

    #[test]
    fn of_many_exchanges_some_are_drawn() {
        // All of 14 subjects are better by as much: but for two, exchanges are worse.
        let sum = |exchanged: &[bool]| Some(exchanged.iter().map(|&is| if is { -0.1 } else { 0.1 }).sum());
        let many = paired_p(14, 5, sum).unwrap();
        assert!(many.p < 0.001 && many.arrangements == 10_000 && !many.is_exhaustive, "{many:?}");
        assert_exhaustive(paired_p(13, 5, sum), 2.0 / 8192.0, 2.0 / 8192.0, 8192);
    }
}
