//! Small tables of answers that the numbers of scikit-learn in these tests are of.

/// Answers to a task of three classes, six each of six subjects. Probabilities are twentieths, so that many are tied and some
/// are 0.
pub(super) struct Answers {
    pub(super) truths: Vec<usize>,
    pub(super) probabilities: Vec<Vec<f64>>,
}

/// How often the answers of each subject count in what is called weighted here.
pub(super) const WEIGHTS: [f64; 6] = [2.0, 0.0, 1.0, 3.0, 0.0, 1.0];

/// The subject of an answer.
pub(super) fn subject(answer: usize) -> usize {
    answer / 6
}

impl Answers {
    pub(super) fn new() -> Self {
        let twentieths = |at: usize| [at * 7 % 12, at * at * 5 % 9];
        let of = |[a, b]: [usize; 2]| [a, b, 20 - a - b].map(|part| part as f64 / 20.0).to_vec();
        Self {
            truths: (0..36).map(|at| (at * at + at / 5) % 3).collect(),
            probabilities: (0..36).map(|at| of(twentieths(at))).collect(),
        }
    }

    /// The same without the class in the middle: its answers are of the first.
    pub(super) fn without_a_class() -> Self {
        let all = Self::new();
        Self { truths: all.truths.into_iter().map(|class| if class == 1 { 0 } else { class }).collect(), ..all }
    }

    /// The last class against both others.
    pub(super) fn of_two_classes() -> Self {
        let all = Self::new();
        let rest = |last: f64| ((1.0 - last) * 20.0).round() / 20.0;
        Self {
            truths: all.truths.iter().map(|&class| usize::from(class == 2)).collect(),
            probabilities: all.probabilities.iter().map(|of| vec![rest(of[2]), of[2]]).collect(),
        }
    }
}

/// That a score is this, to a billionth.
#[track_caller]
pub(super) fn assert_close(found: Option<f64>, expected: f64) {
    assert!(found.is_some_and(|found| (found - expected).abs() < 1e-9), "{found:?} is not {expected}");
}
