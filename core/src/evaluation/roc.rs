//! How well the probability of a class tells its answers from all others: the receiver operating characteristic. Answers are
//! sorted once; areas for any weights of them, as resamples of subjects need, are then one pass each.

use serde::{Deserialize, Serialize};

use super::confusion::share;

/// Answers in the order of the probability of each class.
#[derive(Debug, Clone)]
pub struct Roc {
    classes: Vec<Ranking>,
}

/// Answers from the highest to the lowest probability of one class.
#[derive(Debug, Clone)]
struct Ranking {
    answers: Vec<Ranked>,
}

/// An answer in its place.
#[derive(Debug, Clone, Copy)]
struct Ranked {
    answer: usize,
    /// Whether the class is the true one.
    is_positive: bool,
    /// Whether the next answer has another probability.
    ends_tie: bool,
}

/// A point of a curve: what is found and what is taken for it, when the class is named from some probability on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RocPoint {
    /// Share of the others' answers that are taken for the class.
    pub false_positive_rate: f64,
    /// Share of the class's answers that are found.
    pub true_positive_rate: f64,
}

impl Roc {
    /// Of answers to a task of so many classes: their true classes, and for each the probabilities of all classes.
    ///
    /// # Panics
    /// When an answer has too few probabilities.
    #[must_use]
    pub fn new<P: AsRef<[f64]>>(classes: usize, truths: &[usize], probabilities: &[P]) -> Self {
        assert_eq!(truths.len(), probabilities.len(), "every answer has a true class");
        let ranking = |class: usize| {
            let probability = |answer: usize| probabilities[answer].as_ref()[class];
            let mut order: Vec<usize> = (0..truths.len()).collect();
            order.sort_by(|&a, &b| probability(b).total_cmp(&probability(a)));
            let ends_tie =
                |place: usize| order.get(place + 1).map(|&next| probability(next) != probability(order[place]));
            let ranked = |(place, &answer): (usize, &usize)| Ranked {
                answer,
                is_positive: truths[answer] == class,
                ends_tie: ends_tie(place).unwrap_or(true),
            };
            Ranking { answers: order.iter().enumerate().map(ranked).collect() }
        };
        Self { classes: (0..classes).map(ranking).collect() }
    }

    /// The area under each class's curve, where an answer counts as much as `weight` says of its place among the answers:
    /// the probability that an answer of the class has a higher one than an answer of another, ties counting half. None
    /// where there are no answers of the class, or no others.
    #[must_use]
    pub fn areas(&self, weight: impl Fn(usize) -> f64) -> Vec<Option<f64>> {
        self.classes.iter().map(|ranking| ranking.area(&weight)).collect()
    }

    /// The mean of [`Self::areas`] over the classes that have one, each against the rest; of two classes that of the second.
    /// scikit-learn's `roc_auc_score(multi_class="ovr", average="macro")`, which asks for answers of all classes.
    #[must_use]
    pub fn macro_area(&self, weight: impl Fn(usize) -> f64) -> Option<f64> {
        if let [_, second] = self.classes.as_slice() {
            return second.area(weight);
        }
        let areas: Vec<f64> = self.areas(weight).into_iter().flatten().collect();
        share(areas.iter().sum(), areas.len() as f64)
    }

    /// A class's curve from (0, 0) to (1, 1), without points on a straight line between others; empty where it has no area.
    /// scikit-learn's `roc_curve`.
    ///
    /// # Panics
    /// When there is no such class.
    #[must_use]
    pub fn curve(&self, class: usize) -> Vec<RocPoint> {
        let mut points = Vec::new();
        let [mut others, mut found] = [0_i64; 2];
        for ranked in &self.classes[class].answers {
            *(if ranked.is_positive { &mut found } else { &mut others }) += 1;
            if ranked.ends_tie {
                points.push([others, found]);
            }
        }
        if others == 0 || found == 0 {
            return Vec::new();
        }
        let bends = |&place: &usize| {
            place == 0
                || points.get(place + 1).is_none_or(|next| {
                    let ([before, here], next) = ([points[place - 1], points[place]], *next);
                    (0..2).any(|axis| next[axis] - here[axis] != here[axis] - before[axis])
                })
        };
        let kept = (0..points.len()).filter(bends).map(|place| points[place]);
        let point = |[false_positives, true_positives]: [i64; 2]| RocPoint {
            false_positive_rate: false_positives as f64 / others as f64,
            true_positive_rate: true_positives as f64 / found as f64,
        };
        [[0, 0]].into_iter().chain(kept).map(point).collect()
    }
}

impl Ranking {
    fn area(&self, weight: impl Fn(usize) -> f64) -> Option<f64> {
        // Of the answers so far, and of those that are tied with the present one.
        let [mut positives, mut negatives, mut pairs] = [0.0; 3];
        let [mut tied_positives, mut tied_negatives] = [0.0; 2];
        for ranked in &self.answers {
            *(if ranked.is_positive { &mut tied_positives } else { &mut tied_negatives }) += weight(ranked.answer);
            if ranked.ends_tie {
                pairs += tied_negatives * (positives + 0.5 * tied_positives);
                positives += std::mem::take(&mut tied_positives);
                negatives += std::mem::take(&mut tied_negatives);
            }
        }
        share(pairs, positives * negatives)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::test_tables::{Answers, WEIGHTS, assert_close, subject};

    fn roc(answers: &Answers, classes: usize) -> Roc {
        Roc::new(classes, &answers.truths, &answers.probabilities)
    }

    /// scikit-learn 1.9.1: `roc_auc_score(truths == class, probabilities[:, class], sample_weight)`, and of all classes with
    /// `multi_class="ovr", average="macro"`.
    #[test]
    fn areas_are_those_of_scikit_learn() {
        let three = roc(&Answers::new(), 3);
        let weight = |answer| WEIGHTS[subject(answer)];
        for (areas, expected) in [
            (three.areas(|_| 1.0), [0.538961038961039, 0.520066889632107, 0.3580246913580247]),
            (three.areas(weight), [0.4736111111111111, 0.5494117647058823, 0.1883289124668435]),
        ] {
            areas.into_iter().zip(expected).for_each(|(area, expected)| assert_close(area, expected));
        }
        assert_close(three.macro_area(|_| 1.0), 0.4723508733170569);
        assert_close(three.macro_area(weight), 0.40378392942794555);
        assert_close(roc(&Answers::of_two_classes(), 2).macro_area(|_| 1.0), 0.3580246913580247);
    }

    #[test]
    fn a_class_without_answers_has_no_area() {
        let without = roc(&Answers::without_a_class(), 3);
        let areas = without.areas(|_| 1.0);
        assert_close(areas[0], 0.4074074074074074);
        assert_eq!(areas[1], None);
        assert_close(without.macro_area(|_| 1.0), (0.4074074074074074 + 0.3580246913580247) / 2.0);
        assert!(without.curve(1).is_empty());
        // Nor has one whose answers do not count, and nothing has of a single class.
        let truths = Answers::without_a_class().truths;
        assert_eq!(without.areas(|answer| f64::from(truths[answer] == 0)), [None; 3]);
        assert_eq!(without.macro_area(|_| 0.0), None);
        assert_eq!(Roc::new(2, &[], &Vec::<[f64; 2]>::new()).macro_area(|_| 1.0), None);
    }

    /// scikit-learn 1.9.1: `roc_curve(truths == class, probabilities[:, class])`, in answers.
    #[test]
    fn curves_have_the_points_of_scikit_learn() {
        let three = roc(&Answers::new(), 3);
        let [others, own] = [[22.0, 23.0, 27.0], [14.0, 13.0, 9.0]];
        let answers = |class: usize| -> Vec<[f64; 2]> {
            let point = |point: RocPoint| {
                [point.false_positive_rate * others[class], point.true_positive_rate * own[class]].map(f64::round)
            };
            three.curve(class).into_iter().map(point).collect()
        };
        let expected = [
            [0.0, 0.0],
            [2.0, 1.0],
            [4.0, 2.0],
            [5.0, 4.0],
            [8.0, 4.0],
            [10.0, 8.0],
            [16.0, 11.0],
            [17.0, 13.0],
            [20.0, 13.0],
            [22.0, 14.0],
        ];
        assert_eq!(answers(0), expected);
        assert_eq!(answers(1), [[0.0, 0.0], [5.0, 3.0], [15.0, 9.0], [23.0, 13.0]]);
        assert_eq!(answers(2).len(), 12);
    }
}
