//! Folds for cross-validation: people and the classes that each of them has go in; out comes who is tested, validated on and
//! trained on in each fold. Everybody is tested once, and never by a model that anything of theirs was used for: those who
//! choose epochs and checkpoints are others, too (nested cross-validation; Varma & Simon 2006).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::listing::named;
use crate::config::FoldCount;

/// Who is not trained on in a fold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fold {
    /// Who is tested on, once, when all is chosen.
    pub test: Vec<String>,
    /// Who is validated on.
    pub val: Vec<String>,
}

/// Why people cannot be dealt out to folds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FoldsError {
    /// One fold, whose people would be all there are.
    #[error("{} of {people} people: at least 2 are needed, so that there is somebody to train on", folds_in_words(*.folds))]
    TooFew {
        /// How many were asked for.
        folds: usize,
        /// How many people there are.
        people: usize,
    },
    /// Somebody has to be in every fold.
    #[error(
        "{} of {people} people with a label of what is learnt: ask for fewer, so that somebody is tested in each",
        folds_in_words(*.folds)
    )]
    FewerPeopleThanFolds {
        /// How many were asked for.
        folds: usize,
        /// How many people there are.
        people: usize,
    },
    /// Everybody is tested or validated on.
    #[error("in fold {fold}, nobody is left to train on: {people} people are too few")]
    NobodyToTrain {
        /// The fold, from 1.
        fold: usize,
        /// How many people there are.
        people: usize,
    },
    /// Nobody who is trained on has a class of somebody who is tested.
    #[error(
        "in fold {fold}, nobody who is trained on has a class that {} {} tested for: too few people have it; ask for more \
         folds or for fewer people to validate on, or leave the class out",
        named(.subjects),
        if .subjects.len() == 1 { "is" } else { "are" }
    )]
    ClassNotTrained {
        /// The fold, from 1.
        fold: usize,
        /// Who has the class.
        subjects: Vec<String>,
    },
}

fn folds_in_words(folds: usize) -> String {
    if folds == 1 { "1 fold".to_owned() } else { format!("{folds} folds") }
}

/// Deals people out to folds. They are put in order by their classes and then by name, and dealt out in turn, so that every
/// fold has its share of each class. Of those who are left in a fold, in the same order, the first and then every `inner`-th
/// is validated on; the others are trained on. Where nobody's classes differ, the order is that of the names alone.
///
/// `people` have the classes that come up in their recordings, as numbers of any meaning. The folds depend on nothing else:
/// there is no seed.
///
/// # Errors
/// [`FoldsError`].
pub fn folds_of(
    people: &BTreeMap<&str, BTreeSet<usize>>,
    folds: FoldCount,
    inner: usize,
) -> Result<Vec<Fold>, FoldsError> {
    let folds = match folds {
        FoldCount::Number(folds) => folds,
        FoldCount::LeaveOneSubjectOut => people.len(),
    };
    if folds < 2 {
        return Err(FoldsError::TooFew { folds, people: people.len() });
    }
    if people.len() < folds {
        return Err(FoldsError::FewerPeopleThanFolds { folds, people: people.len() });
    }
    let mut in_order: Vec<(&BTreeSet<usize>, &str)> = people.iter().map(|(name, classes)| (classes, *name)).collect();
    in_order.sort();
    (0..folds).map(|fold| fold_of(&in_order, fold, folds, inner)).collect()
}

fn fold_of(in_order: &[(&BTreeSet<usize>, &str)], fold: usize, folds: usize, inner: usize) -> Result<Fold, FoldsError> {
    let places = in_order.iter().enumerate();
    let (test, rest): (Vec<_>, Vec<_>) = places.partition(|(place, _)| place % folds == fold);
    let (val, train): (Vec<_>, Vec<_>) = rest.iter().enumerate().partition(|(place, _)| place % inner.max(1) == 0);
    if train.is_empty() {
        return Err(FoldsError::NobodyToTrain { fold: fold + 1, people: in_order.len() });
    }
    let trained: BTreeSet<usize> = train.iter().flat_map(|(_, (_, (classes, _)))| classes.iter().copied()).collect();
    let lacking = test.iter().flat_map(|(_, (classes, _))| classes.iter()).find(|class| !trained.contains(class));
    if let Some(class) = lacking {
        let of_class = test.iter().filter(|(_, (classes, _))| classes.contains(class));
        let subjects = of_class.map(|(_, (_, name))| (*name).to_owned()).collect();
        return Err(FoldsError::ClassNotTrained { fold: fold + 1, subjects });
    }
    Ok(Fold {
        test: test.iter().map(|(_, (_, name))| (*name).to_owned()).collect(),
        val: val.iter().map(|(_, (_, (_, name)))| (*name).to_owned()).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The people of eegmat that are in the benchmark's folds.
    fn eegmat() -> Vec<String> {
        let is_there = |number: &i32| ![9, 18, 22, 30, 32, 35].contains(number);
        (0..36).filter(is_there).map(|number| format!("{number:02}")).collect()
    }

    fn with_classes<'n>(
        names: &'n [String],
        classes: impl Fn(usize) -> Vec<usize>,
    ) -> BTreeMap<&'n str, BTreeSet<usize>> {
        let of = |(place, name): (usize, &'n String)| (name.as_str(), classes(place).into_iter().collect());
        names.iter().enumerate().map(of).collect()
    }

    #[test]
    fn where_classes_do_not_differ_the_folds_are_those_of_the_benchmark() {
        let names = eegmat();
        let people = with_classes(&names, |_| vec![0, 1]);
        let folds = folds_of(&people, FoldCount::Number(5), 6).unwrap();
        assert_eq!(folds[0].test, ["00", "05", "11", "16", "23", "28"]);
        assert_eq!(folds[0].val, ["01", "08", "17", "26"]);
        assert_eq!(folds[1].test, ["01", "06", "12", "17", "24", "29"]);
        assert_eq!([&folds[1].val, &folds[2].val], [&["00", "08", "16", "26"]; 2]);
        assert_eq!(folds[4].val, ["00", "07", "16", "25"]);
        let tested: Vec<&String> = folds.iter().flat_map(|fold| &fold.test).collect();
        assert_eq!((tested.len(), tested.into_iter().collect::<BTreeSet<_>>().len()), (30, 30));
    }

    #[test]
    fn every_class_is_spread_over_the_folds() {
        let names: Vec<String> = (0..23).map(|number| format!("{number:02}")).collect();
        // The first seven are of one class.
        let class = |place: usize| usize::from(place >= 7);
        let people = with_classes(&names, |place| vec![class(place)]);
        for folds in 2..6 {
            let counts: Vec<[usize; 2]> = folds_of(&people, FoldCount::Number(folds), 6)
                .unwrap()
                .iter()
                .map(|fold| {
                    assert!(fold.test.iter().all(|name| !fold.val.contains(name)), "{fold:?}");
                    let of = |wanted| fold.test.iter().filter(|name| class(name.parse().unwrap()) == wanted).count();
                    [of(0), of(1)]
                })
                .collect();
            for of_class in [0, 1] {
                let counts: Vec<usize> = counts.iter().map(|count| count[of_class]).collect();
                assert!(counts.iter().max().unwrap() - counts.iter().min().unwrap() <= 1, "{folds}: {counts:?}");
            }
        }
    }

    #[test]
    fn everybody_can_be_a_fold() {
        let names = eegmat();
        let folds = folds_of(&with_classes(&names, |_| Vec::new()), FoldCount::LeaveOneSubjectOut, 6).unwrap();
        assert_eq!(folds.len(), 30);
        assert!(folds.iter().zip(&names).all(|(fold, name)| fold.test == [name.clone()] && fold.val.len() == 5));
    }

    #[test]
    fn folds_that_tell_nothing_are_refused() {
        let names: Vec<String> = ["a", "b", "c", "d", "e", "f"].map(str::to_owned).to_vec();
        let error = |people: usize, folds, classes: &dyn Fn(usize) -> Vec<usize>| {
            folds_of(&with_classes(&names[..people], classes), folds, 6).unwrap_err()
        };
        let none = |_| Vec::new();
        assert_eq!(error(6, FoldCount::Number(1), &none), FoldsError::TooFew { folds: 1, people: 6 });
        assert_eq!(error(1, FoldCount::LeaveOneSubjectOut, &none), FoldsError::TooFew { folds: 1, people: 1 });
        let few = error(4, FoldCount::Number(5), &none);
        assert_eq!(few, FoldsError::FewerPeopleThanFolds { folds: 5, people: 4 });
        assert!(few.to_string().starts_with("5 folds of 4 people"), "{few}");
        assert_eq!(error(2, FoldCount::Number(2), &none), FoldsError::NobodyToTrain { fold: 1, people: 2 });
        let rare = error(6, FoldCount::Number(2), &|place| vec![usize::from(place == 4)]);
        assert_eq!(rare, FoldsError::ClassNotTrained { fold: 2, subjects: vec!["e".to_owned()] });
        assert!(rare.to_string().contains("a class that e is tested for"), "{rare}");
    }
}
