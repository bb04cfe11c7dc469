//! What a model says of several windows together: the mean of their probabilities, or of their values.

use super::Prediction;

/// The mean of predictions for one task.
#[derive(Debug, Clone, Default)]
pub(super) struct MeanPrediction {
    sum: Option<Prediction>,
    count: usize,
}

impl MeanPrediction {
    /// Takes in a prediction of the same kind as those before.
    pub fn add(&mut self, prediction: &Prediction) {
        self.count += 1;
        match (&mut self.sum, prediction) {
            (None, _) => self.sum = Some(prediction.clone()),
            (Some(Prediction::Classes(sum)), Prediction::Classes(probabilities)) => {
                sum.iter_mut().zip(probabilities).for_each(|(sum, probability)| *sum += probability);
            }
            (Some(Prediction::Value(sum)), Prediction::Value(value)) => *sum += value,
            (Some(_), _) => {}
        }
    }

    /// The mean; none of nothing.
    pub fn mean(self) -> Option<Prediction> {
        let count = self.count as f64;
        self.sum.map(|sum| match sum {
            Prediction::Classes(sum) => Prediction::Classes(sum.into_iter().map(|sum| sum / count).collect()),
            Prediction::Value(sum) => Prediction::Value(sum / count),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_and_values_are_averaged() {
        let mean = |predictions: &[Prediction]| {
            let mut mean = MeanPrediction::default();
            predictions.iter().for_each(|prediction| mean.add(prediction));
            mean.mean()
        };
        let classes = |a, b| Prediction::Classes(vec![a, b]);
        assert_eq!(mean(&[classes(1.0, 0.0), classes(0.5, 0.5)]), Some(classes(0.75, 0.25)));
        assert_eq!(mean(&[Prediction::Value(2.0), Prediction::Value(5.0)]), Some(Prediction::Value(3.5)));
        assert_eq!(mean(&[]), None);
    }
}
