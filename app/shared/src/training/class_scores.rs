//! What a confusion matrix says of how well a model tells classes apart, beside what guessing would reach.

use crate::drawing::numbers::precise;

/// Standard errors by which a score must exceed chance to be told from it.
const CLEAR_OF_CHANCE: f64 = 2.0;

/// Scores of a classification. Shares are from 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassScores {
    /// Samples.
    pub samples: u64,
    /// Recall by class; none for a class that no sample has.
    pub recalls: Vec<Option<f64>>,
    /// Mean recall of the classes that occur.
    pub balanced_accuracy: f64,
    /// Share of samples whose class is predicted.
    pub accuracy: f64,
    /// Share of the most frequent class: the accuracy of always answering with it.
    pub majority: f64,
    /// The balanced accuracy of guessing among the classes that occur.
    pub chance: f64,
    /// The standard error of the balanced accuracy of guessing, with so many samples of each class.
    chance_error: f64,
}

impl ClassScores {
    /// Of `counts[t][p]`, the samples of class `t` that were taken for class `p`; none without a sample.
    #[must_use]
    pub fn of(counts: &[Vec<u64>]) -> Option<Self> {
        let totals: Vec<u64> = counts.iter().map(|row| row.iter().sum()).collect();
        let right = |class: usize| counts[class].get(class).copied().unwrap_or_default();
        let samples: u64 = totals.iter().sum();
        let majority = totals.iter().copied().max().filter(|_| samples > 0)?;
        let recalls: Vec<Option<f64>> = (0..counts.len())
            .map(|class| (totals[class] > 0).then(|| right(class) as f64 / totals[class] as f64))
            .collect();
        let occurring = recalls.iter().flatten().count() as f64;
        let chance = 1.0 / occurring;
        let variances = totals.iter().filter(|&&total| total > 0).map(|&total| chance * (1.0 - chance) / total as f64);
        Some(Self {
            samples,
            balanced_accuracy: recalls.iter().flatten().sum::<f64>() / occurring,
            accuracy: (0..counts.len()).map(right).sum::<u64>() as f64 / samples as f64,
            majority: majority as f64 / samples as f64,
            chance,
            chance_error: variances.sum::<f64>().sqrt() / occurring,
            recalls,
        })
    }

    /// The only class that occurs, by its place; none where several do.
    #[must_use]
    pub fn only_class(&self) -> Option<usize> {
        let mut occurring = (0..self.recalls.len()).filter(|&class| self.recalls[class].is_some());
        occurring.next().filter(|_| occurring.next().is_none())
    }

    /// Whether the classes are told apart better than by guessing, as far as so few samples can say.
    #[must_use]
    pub fn exceeds_chance(&self) -> bool {
        self.only_class().is_none() && self.balanced_accuracy > self.chance + CLEAR_OF_CHANCE * self.chance_error
    }
}

/// A confusion matrix in words: the balanced accuracy first, and beside it what guessing would reach.
#[must_use]
pub fn in_words(counts: &[Vec<u64>], classes: &[String]) -> String {
    let Some(scores) = ClassScores::of(counts) else { return "no samples".to_owned() };
    let samples = match scores.samples {
        1 => "1 sample".to_owned(),
        samples => format!("{} samples", precise(samples as f64)),
    };
    if let Some(class) = scores.only_class() {
        let class = classes.get(class).map_or("one class", String::as_str);
        return format!("no score: all of {samples} are {class}, so there is nothing to tell apart");
    }
    let percent = |share: f64| format!("{:.1}\u{a0}%", 100.0 * share);
    let verdict = if scores.exceeds_chance() { "" } else { ": no better than chance" };
    format!(
        "balanced accuracy {}{verdict} (chance {}); {} of {samples} right, {} by always saying the most frequent class",
        percent(scores.balanced_accuracy),
        percent(scores.chance),
        percent(scores.accuracy),
        percent(scores.majority),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(counts: &[Vec<u64>]) -> String {
        in_words(counts, &["F".to_owned(), "M".to_owned()])
    }

    #[test]
    fn each_class_counts_the_same() {
        let scores = ClassScores::of(&[vec![9, 1], vec![20, 60]]).unwrap();
        assert_eq!((scores.samples, scores.chance), (90, 0.5));
        assert!((scores.balanced_accuracy - (0.9 + 0.75) / 2.0).abs() < 1e-12);
        assert!((scores.accuracy - 69.0 / 90.0).abs() < 1e-12 && (scores.majority - 80.0 / 90.0).abs() < 1e-12);
        assert!(scores.exceeds_chance());
    }

    #[test]
    fn always_saying_the_most_frequent_class_is_told_as_chance() {
        let text = words(&[vec![18, 0], vec![2, 0]]);
        assert!(text.contains("balanced accuracy 50.0\u{a0}%: no better than chance (chance 50.0\u{a0}%)"), "{text}");
        assert!(text.contains("90.0\u{a0}% of 20 samples right, 90.0\u{a0}% by always"), "{text}");
    }

    #[test]
    fn a_few_samples_do_not_exceed_chance_and_many_do() {
        assert!(!ClassScores::of(&[vec![3, 2], vec![2, 3]]).unwrap().exceeds_chance());
        assert!(ClassScores::of(&[vec![300, 200], vec![200, 300]]).unwrap().exceeds_chance());
    }

    #[test]
    fn one_class_alone_has_no_score() {
        let text = words(&[vec![7, 0], vec![0, 0]]);
        assert!(text.contains("all of 7 samples are F") && !text.contains('%'), "{text}");
        assert!(!ClassScores::of(&[vec![7, 0], vec![0, 0]]).unwrap().exceeds_chance());
        assert_eq!(words(&[vec![0, 0], vec![0, 0]]), "no samples");
    }
}
