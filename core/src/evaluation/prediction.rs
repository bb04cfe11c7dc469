//! What a model, of whatever kind, says of one sample.

/// What a model says of a sample.
#[derive(Debug, Clone, PartialEq)]
pub enum Prediction {
    /// The probability of each of the task's classes.
    Classes(Vec<f64>),
    /// A number, in the label's unit.
    Value(f64),
}

impl Prediction {
    /// The most probable class, the first of several; none for a number.
    #[must_use]
    pub fn class(&self) -> Option<usize> {
        let Self::Classes(probabilities) = self else { return None };
        most_probable(probabilities)
    }
}

/// The class of the highest probability, the first of several; none where no probability is a number.
pub(super) fn most_probable(probabilities: &[f64]) -> Option<usize> {
    let largest = probabilities.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    probabilities.iter().position(|&probability| probability >= largest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_equal_probabilities_the_first_counts() {
        assert_eq!(Prediction::Classes(vec![0.2, 0.4, 0.4]).class(), Some(1));
        assert_eq!(Prediction::Classes(Vec::new()).class(), None);
        assert_eq!(Prediction::Value(3.0).class(), None);
    }
}
