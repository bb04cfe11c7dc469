//! Sums from which the scores of any number of answers follow. They add up: those of a resample of subjects are a weighted
//! sum of the subjects' own, so that nothing goes through single answers again.

use super::{Confusion, confusion::share, prediction::most_probable};

/// Bins of equal width that probabilities are sorted into.
const BINS: usize = 15;
/// Deviations that are a smaller share of the values are what rounding leaves of values that are all alike.
const ALIKE: f64 = 1e-12;

/// Answers whose class was named with about the same confidence.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct CalibrationBin {
    /// Answers.
    pub count: f64,
    /// Sum of the probabilities of the classes that they name.
    pub confidence: f64,
    /// Right ones.
    pub right: f64,
}

/// What scores of a classification are computed from.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassTally {
    confusion: Confusion,
    /// Sum of −ln of the true class's probability.
    log_loss: f64,
    bins: [CalibrationBin; BINS],
}

impl ClassTally {
    /// No answers, of so many classes.
    #[must_use]
    pub fn new(classes: usize) -> Self {
        Self { confusion: Confusion::new(classes), log_loss: 0.0, bins: Default::default() }
    }

    /// Takes in an answer. One that consists of no numbers names the first class, as NumPy's `argmax` has it, so that no
    /// answer is left out; there is no log loss and no calibration then.
    ///
    /// # Panics
    /// When there are not as many probabilities as classes, or no such class.
    pub fn add(&mut self, truth: usize, probabilities: &[f64]) {
        assert_eq!(probabilities.len(), self.confusion.classes(), "every class has a probability");
        let predicted = most_probable(probabilities).unwrap_or_default();
        self.confusion.add(truth, predicted, 1.0);
        // As scikit-learn's `log_loss` clips them: a single answer that is sure and wrong does not decide alone.
        self.log_loss -= probabilities[truth].clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln();
        let confidence = probabilities[predicted];
        // A bin holds its upper edge.
        let bin = (confidence * BINS as f64).ceil() as usize;
        let bin = &mut self.bins[bin.clamp(1, BINS) - 1];
        bin.count += 1.0;
        bin.confidence += confidence;
        bin.right += if predicted == truth { 1.0 } else { 0.0 };
    }

    /// Takes in answers to the same task, each of which counts so much.
    pub fn add_weighted(&mut self, other: &Self, weight: f64) {
        // What counts nothing is left out even where it is no number.
        if weight == 0.0 {
            return;
        }
        self.confusion.add_weighted(&other.confusion, weight);
        self.log_loss += weight * other.log_loss;
        for (bin, other) in self.bins.iter_mut().zip(&other.bins) {
            bin.count += weight * other.count;
            bin.confidence += weight * other.confidence;
            bin.right += weight * other.right;
        }
    }

    /// How often each class was taken for each.
    #[must_use]
    pub fn confusion(&self) -> &Confusion {
        &self.confusion
    }

    /// Answers by the probability of the class that they name: what a reliability diagram shows.
    #[must_use]
    pub fn calibration(&self) -> &[CalibrationBin] {
        &self.bins
    }

    /// Mean of −ln of the true class's probability, in nats; none without answers. scikit-learn's `log_loss`.
    #[must_use]
    pub fn log_loss(&self) -> Option<f64> {
        share(self.log_loss, self.confusion.total())
    }

    /// Expected calibration error, in 15 bins (Guo et al. 2017): how far on average the probability of the class that is
    /// named is from the share of such answers that are right. None without answers.
    #[must_use]
    pub fn calibration_error(&self) -> Option<f64> {
        let gaps = self.bins.iter().map(|bin| (bin.right - bin.confidence).abs()).sum();
        share(gaps, self.confusion.total())
    }
}

/// What scores of a regression are computed from: moments of truths and predictions about their means, which lose no digits
/// where values are large and differ little. Added up after Chan, Golub and LeVeque 1983.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ValueTally {
    count: f64,
    truth: Moments,
    predicted: Moments,
    /// Sum of the products of both deviations.
    co_deviations: f64,
    /// Sums of predicted less true values: as they are, without sign, and squared.
    residuals: f64,
    absolute: f64,
    squared: f64,
}

/// The mean of values, and the sum of their squared deviations from it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Moments {
    mean: f64,
    deviations: f64,
}

impl Moments {
    /// Whether the values, so many, differ by more than rounding.
    fn differ(&self, count: f64) -> bool {
        self.deviations > count * (ALIKE * self.mean).powi(2)
    }
}

impl ValueTally {
    /// No answers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in an answer, in the label's unit.
    pub fn add(&mut self, truth: f64, predicted: f64) {
        let residual = predicted - truth;
        let of = |mean| Moments { mean, deviations: 0.0 };
        let answer = Self {
            count: 1.0,
            truth: of(truth),
            predicted: of(predicted),
            co_deviations: 0.0,
            residuals: residual,
            absolute: residual.abs(),
            squared: residual * residual,
        };
        self.add_weighted(&answer, 1.0);
    }

    /// Takes in answers to the same task, each of which counts so much.
    pub fn add_weighted(&mut self, other: &Self, weight: f64) {
        let added = weight * other.count;
        if added == 0.0 {
            return;
        }
        let count = self.count + added;
        let share = added / count;
        let truth_apart = other.truth.mean - self.truth.mean;
        let predicted_apart = other.predicted.mean - self.predicted.mean;
        let merge = |into: &mut Moments, other: &Moments, apart: f64| {
            into.mean += apart * share;
            into.deviations += weight * other.deviations + apart * apart * self.count * share;
        };
        merge(&mut self.truth, &other.truth, truth_apart);
        merge(&mut self.predicted, &other.predicted, predicted_apart);
        self.co_deviations += weight * other.co_deviations + truth_apart * predicted_apart * self.count * share;
        self.residuals += weight * other.residuals;
        self.absolute += weight * other.absolute;
        self.squared += weight * other.squared;
        self.count = count;
    }

    /// Answers.
    #[must_use]
    pub fn count(&self) -> f64 {
        self.count
    }

    /// Mean absolute error, in the label's unit; none without answers, as all that follows.
    #[must_use]
    pub fn mae(&self) -> Option<f64> {
        share(self.absolute, self.count)
    }

    /// Mean squared error, in the label's unit squared.
    #[must_use]
    pub fn mse(&self) -> Option<f64> {
        share(self.squared, self.count)
    }

    /// Root of the mean squared error, in the label's unit.
    #[must_use]
    pub fn rmse(&self) -> Option<f64> {
        self.mse().map(f64::sqrt)
    }

    /// By how much predictions are too high on average, in the label's unit.
    #[must_use]
    pub fn bias(&self) -> Option<f64> {
        share(self.residuals, self.count)
    }

    /// Share of the truths' variance that is explained, against always saying their mean; none where all truths are alike.
    #[must_use]
    pub fn r2(&self) -> Option<f64> {
        let unexplained = share(self.squared, self.truth.deviations)?;
        self.truth.differ(self.count).then_some(1.0 - unexplained)
    }

    /// Pearson's correlation of truths and predictions; none where either are all alike.
    #[must_use]
    pub fn pearson(&self) -> Option<f64> {
        let Self { count, truth, predicted, .. } = self;
        let correlation = share(self.co_deviations, truth.deviations.sqrt() * predicted.deviations.sqrt())?;
        (truth.differ(*count) && predicted.differ(*count)).then_some(correlation.clamp(-1.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::test_tables::{Answers, WEIGHTS, assert_close, subject};

    /// By subject.
    fn tallies(answers: &Answers, classes: usize) -> Vec<ClassTally> {
        let mut tallies = vec![ClassTally::new(classes); 6];
        for (at, (&truth, probabilities)) in answers.truths.iter().zip(&answers.probabilities).enumerate() {
            tallies[subject(at)].add(truth, probabilities);
        }
        tallies
    }

    fn sum(tallies: &[ClassTally], weights: [f64; 6]) -> ClassTally {
        let mut sum = ClassTally::new(tallies[0].confusion().classes());
        tallies.iter().zip(weights).for_each(|(tally, weight)| sum.add_weighted(tally, weight));
        sum
    }

    /// scikit-learn 1.9.1: `accuracy_score`, `balanced_accuracy_score`, `f1_score(average="macro", labels=all,
    /// zero_division=0)`, `cohen_kappa_score` and `log_loss`.
    fn assert_scores(tally: &ClassTally, expected: [f64; 5]) {
        let confusion = tally.confusion();
        assert_close(confusion.accuracy(), expected[0]);
        assert_close(confusion.balanced_accuracy(), expected[1]);
        assert_close(confusion.macro_f1(), expected[2]);
        assert_close(confusion.kappa(), expected[3]);
        assert_close(tally.log_loss(), expected[4]);
    }

    #[test]
    fn sums_over_subjects_score_as_their_answers_do() {
        let by_subject = tallies(&Answers::new(), 3);
        let all = sum(&by_subject, [1.0; 6]);
        assert_scores(
            &all,
            [0.2222222222222222, 0.25844525844525845, 0.2003119429590018, -0.09565217391304337, 6.1242222579526935],
        );
        // With `sample_weight`.
        let weighted = sum(&by_subject, WEIGHTS);
        assert_scores(
            &weighted,
            [0.16666666666666666, 0.167420814479638, 0.1392718275008837, -0.22296173044925127, 5.540327448617607],
        );
        // From the definition, with fractions.
        assert_close(all.calibration_error(), 0.39861111111111114);
        assert_close(weighted.calibration_error(), 0.44166666666666665);
        assert_eq!(weighted.calibration().iter().map(|bin| bin.count).sum::<f64>(), 42.0);
    }

    #[test]
    fn fewer_classes_score_as_scikit_learn_has_it() {
        let without = sum(&tallies(&Answers::without_a_class(), 3), [1.0; 6]);
        assert_scores(
            &without,
            [0.2777777777777778, 0.37037037037037035, 0.19327731092436973, -0.09473684210526323, 3.285937939937156],
        );
        let two = sum(&tallies(&Answers::of_two_classes(), 2), [1.0; 6]);
        assert_scores(
            &two,
            [0.3333333333333333, 0.3333333333333333, 0.3142857142857143, -0.23076923076923084, 2.9089672644289717],
        );
        assert_close(two.calibration_error(), 0.38055555555555554);
    }

    #[test]
    fn answers_without_numbers_name_the_first_class_and_have_no_loss() {
        let mut tally = ClassTally::new(2);
        assert_eq!((tally.log_loss(), tally.calibration_error()), (None, None));
        tally.add(1, &[f64::NAN; 2]);
        assert_eq!(tally.confusion(), &Confusion::from_counts(&[vec![0, 0], vec![1, 0]]));
        assert_eq!((tally.log_loss(), tally.calibration_error()), (None, None));
        // They do not spoil a resample that they are not in.
        let mut resample = ClassTally::new(2);
        resample.add_weighted(&tally, 0.0);
        resample.add(0, &[0.5, 0.5]);
        assert_close(resample.log_loss(), 2.0_f64.ln());
    }

    /// Of values from 20 to 90, and as far from 0 as asked; by subject.
    fn values(offset: f64) -> Vec<ValueTally> {
        let mut tallies = vec![ValueTally::new(); 6];
        for at in 0..36 {
            let (truth, error) = (f64::from(at * 37 % 71), f64::from(at * 13 % 17));
            tallies[subject(at as usize)].add(offset + 20.0 + truth, offset + 20.0 + 0.5 * truth + error);
        }
        tallies
    }

    #[test]
    fn scores_of_values_are_those_of_scikit_learn_however_large_they_are() {
        for offset in [0.0, 1e8] {
            // mean_absolute_error, mean_squared_error, root_mean_squared_error, r2_score, SciPy's pearsonr, mean residual;
            // then with `sample_weight`.
            for (weights, expected) in [
                (
                    [1.0; 6],
                    [
                        10.305555555555555,
                        181.875,
                        13.486103959261177,
                        0.5677932536801109,
                        0.9115951973136621,
                        -8.166666666666666,
                    ],
                ),
                (
                    WEIGHTS,
                    [
                        11.80952380952381,
                        245.70238095238096,
                        15.67489652126549,
                        0.4794441081517352,
                        0.9104025322648236,
                        -10.5,
                    ],
                ),
            ] {
                let mut sum = ValueTally::new();
                values(offset).iter().zip(weights).for_each(|(tally, weight)| sum.add_weighted(tally, weight));
                let found = [sum.mae(), sum.mse(), sum.rmse(), sum.r2(), sum.pearson(), sum.bias()];
                found.into_iter().zip(expected).for_each(|(found, expected)| assert_close(found, expected));
            }
        }
    }

    #[test]
    fn what_does_not_vary_explains_nothing() {
        let tally = |answers: &[[f64; 2]]| {
            let mut tally = ValueTally::new();
            answers.iter().for_each(|&[truth, predicted]| tally.add(truth, predicted));
            tally
        };
        let none = ValueTally::new();
        assert_eq!([none.mae(), none.mse(), none.rmse(), none.bias(), none.r2(), none.pearson()], [None; 6]);
        // One of them is what a mean of three of the other is rounded to.
        let alike = tally(&[[34.3, 30.0], [(34.3 + 34.3 + 34.3) / 3.0 + 7e-15, 40.0], [34.3, 50.0]]);
        assert_eq!((alike.r2(), alike.pearson(), alike.count()), (None, None, 3.0));
        let constant = tally(&[[30.0, 40.0], [50.0, 40.0]]);
        assert_eq!((constant.r2(), constant.pearson()), (Some(0.0), None));
        assert_eq!(tally(&[[30.0, f64::NAN], [50.0, 40.0]]).mae(), None);
    }
}
