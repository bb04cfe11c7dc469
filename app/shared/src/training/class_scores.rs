//! What a confusion matrix says of how well a model tells classes apart, in words, beside what guessing would reach.

use signal_studio_core::training::metrics::{Scores, Standing, TaskMetrics};

use crate::drawing::numbers::precise;

/// The result of a task that tells these classes apart, in words: the balanced accuracy first, and beside it what guessing
/// would reach.
#[must_use]
pub fn in_words(metrics: &TaskMetrics, classes: &[String]) -> String {
    let scores = &metrics.scores;
    let Scores::Confusion(counts) = scores else { return "no classes".to_owned() };
    let samples = match counts.iter().flatten().sum() {
        1 => "1 sample".to_owned(),
        samples => format!("{} samples", precise(samples as f64)),
    };
    let standing = match metrics.standing() {
        None | Some(Standing::Unlabelled) => return "no samples".to_owned(),
        Some(Standing::SingleClass) => {
            let only = counts.iter().position(|row| row.iter().any(|&count| count > 0));
            let class = only.and_then(|class| classes.get(class)).map_or("one class", String::as_str);
            return format!("no score: all of {samples} are {class}, so there is nothing to tell apart");
        }
        Some(Standing::NoBetterThanMajority | Standing::NoBetterThanChance) => ": no better than chance",
        Some(Standing::NotSurelyAboveChance) => ": not surely better than chance",
        Some(Standing::TooFewSubjects) => ": too few people to tell it from chance",
        Some(Standing::AboveChance) => "",
    };
    let percent = |share: Option<f64>| share.map_or_else(String::new, |share| format!("{:.1}\u{a0}%", 100.0 * share));
    format!(
        "balanced accuracy {}{standing} (chance {}); {} of {samples} right, {} by always saying the most frequent class",
        percent(scores.balanced_accuracy()),
        percent(scores.chance()),
        percent(scores.accuracy()),
        percent(scores.majority()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(counts: &[Vec<u64>]) -> String {
        words_of(counts, None)
    }

    fn words_of(counts: &[Vec<u64>], subjects: Option<usize>) -> String {
        let (scores, class_subjects) = (Scores::Confusion(counts.to_vec()), Vec::new());
        let samples = counts.iter().flatten().sum();
        let metrics = TaskMetrics { task: "gender".to_owned(), samples, subjects, class_subjects, loss: 0.5, scores };
        in_words(&metrics, &["F".to_owned(), "M".to_owned()])
    }

    #[test]
    fn each_class_counts_the_same() {
        let text = words(&[vec![9, 1], vec![20, 60]]);
        assert!(text.starts_with("balanced accuracy 82.5\u{a0}% (chance 50.0\u{a0}%)"), "{text}");
        assert!(text.contains("76.7\u{a0}% of 90 samples right, 88.9\u{a0}% by always"), "{text}");
    }

    #[test]
    fn always_saying_the_most_frequent_class_is_told_as_chance() {
        let text = words(&[vec![18, 0], vec![2, 0]]);
        assert!(text.contains("balanced accuracy 50.0\u{a0}%: no better than chance (chance 50.0\u{a0}%)"), "{text}");
        assert!(text.contains("90.0\u{a0}% of 20 samples right, 90.0\u{a0}% by always"), "{text}");
    }

    #[test]
    fn a_few_samples_do_not_exceed_chance_and_many_do() {
        assert!(words(&[vec![3, 2], vec![2, 3]]).contains("not surely better than chance"));
        assert!(!words(&[vec![300, 200], vec![200, 300]]).contains("better than chance"));
    }

    #[test]
    fn many_samples_of_three_people_are_not_told_as_success() {
        let text = words_of(&[vec![300, 10], vec![20, 290]], Some(3));
        assert!(text.contains(": too few people to tell it from chance"), "{text}");
    }

    #[test]
    fn one_class_alone_has_no_score() {
        let text = words(&[vec![7, 0], vec![0, 0]]);
        assert!(text.contains("all of 7 samples are F") && !text.contains('%'), "{text}");
        assert_eq!(words(&[vec![0, 0], vec![0, 0]]), "no samples");
    }
}
