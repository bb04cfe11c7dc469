//! Stochastic weight averaging (Izmailov et al. 2018): the mean of the models at the ends of the last epochs.

use crate::model::parameters::Weights;

/// The running mean of models' weights, on the host: it is taken once an epoch.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WeightAverage {
    mean: Weights,
    count: usize,
    /// The mean with batch statistics of its own.
    completed: Option<Weights>,
}

impl WeightAverage {
    /// Takes one more model into the mean.
    pub fn add(&mut self, weights: Weights) {
        self.completed = None;
        self.count += 1;
        if self.count == 1 {
            self.mean = weights;
            return;
        }
        let share = 1.0 / self.count as f32;
        for (name, values) in weights {
            if let Some(mean) = self.mean.get_mut(&name) {
                for (mean, value) in mean.data.iter_mut().zip(values.data) {
                    *mean += (value - *mean) * share;
                }
            }
        }
    }

    /// The mean so far: what goes on when another model is taken in.
    pub fn mean(&self) -> &Weights {
        &self.mean
    }

    /// The weights to use: the mean, with batch statistics of its own if it is complete.
    pub fn weights(&self) -> &Weights {
        self.completed.as_ref().unwrap_or(&self.mean)
    }

    /// The mean of `count` models that an earlier part of the run took.
    pub fn restore(mean: Weights, count: usize) -> Self {
        Self { mean, count, completed: None }
    }

    /// Takes the mean with batch statistics that were computed for it.
    pub fn complete(&mut self, weights: Weights) {
        self.completed = Some(weights);
    }

    /// How many models are in it.
    pub fn count(&self) -> usize {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::parameters::Values;

    #[test]
    fn the_average_is_the_mean() {
        let weights = |value| Weights::from([("w".to_owned(), Values { shape: vec![2], data: vec![value, 1.0] })]);
        let mut average = WeightAverage::default();
        for value in [1.0, 2.0, 6.0] {
            average.add(weights(value));
        }
        assert_eq!(average.count(), 3);
        assert_eq!(average.weights()["w"].data, [3.0, 1.0]);
    }

    #[test]
    fn a_model_more_goes_into_the_mean_and_not_into_what_was_completed() {
        let weights = |value| Weights::from([("w".to_owned(), Values { shape: vec![1], data: vec![value] })]);
        let mut average = WeightAverage::restore(weights(1.0), 1);
        average.complete(weights(50.0));
        assert_eq!((average.mean(), average.weights()), (&weights(1.0), &weights(50.0)));
        average.add(weights(3.0));
        assert_eq!(average.weights(), &weights(2.0));
    }
}
