//! Stochastic weight averaging (Izmailov et al. 2018): the mean of the models at the ends of the last epochs.

use std::collections::BTreeMap;

use crate::model::{
    ModelError, MultiTaskClassifier,
    parameters::{NamedTensor, Values, Weights, is_buffer},
};

/// The running mean of models' weights, on the host: it is taken once an epoch.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WeightAverage {
    mean: Weights,
    count: usize,
    /// Batch statistics that belong to the mean, in the place of the mean's own.
    statistics: Weights,
}

impl WeightAverage {
    /// Takes one more model into the mean.
    ///
    /// # Errors
    /// [`ModelError::Device`] when the device fails, [`ModelError::DeviceLost`] when it is gone; the mean is of no use
    /// then.
    pub async fn add(&mut self, model: &MultiTaskClassifier) -> Result<(), ModelError> {
        self.begin_model();
        for tensor in model.settled_tensors() {
            let (name, values) = tensor.read().await?;
            self.take(name, values);
        }
        Ok(())
    }

    fn begin_model(&mut self) {
        self.statistics.clear();
        self.count += 1;
    }

    /// Takes a tensor of the model that has been begun.
    fn take(&mut self, name: String, values: Values) {
        let share = 1.0 / self.count as f32;
        match self.mean.get_mut(&name) {
            Some(mean) => {
                for (mean, value) in mean.data.iter_mut().zip(values.data) {
                    *mean += (value - *mean) * share;
                }
            }
            None => drop(self.mean.insert(name, values)),
        }
    }

    /// The mean so far: what goes on when another model is taken in.
    pub fn mean(&self) -> &Weights {
        &self.mean
    }

    /// The weights to use, by name: the mean, with batch statistics of its own if it is complete.
    pub fn weights(&self) -> BTreeMap<&str, &Values> {
        let own = self.statistics.iter();
        self.mean.iter().chain(own).map(|(name, values)| (name.as_str(), values)).collect()
    }

    /// The mean of `count` models that an earlier part of the run took.
    pub fn restore(mean: Weights, count: usize) -> Self {
        Self { mean, count, statistics: Weights::new() }
    }

    /// Takes the batch statistics of a model that has the mean's weights.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub async fn complete(&mut self, model: &MultiTaskClassifier) -> Result<(), ModelError> {
        let is_statistic = |tensor: &NamedTensor| is_buffer(&tensor.name);
        for tensor in model.settled_tensors().into_iter().filter(is_statistic) {
            let (name, values) = tensor.read().await?;
            self.statistics.insert(name, values);
        }
        Ok(())
    }

    /// How many models are in it.
    pub fn count(&self) -> usize {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(average: &mut WeightAverage, value: f32) {
        average.begin_model();
        average.take("w".to_owned(), Values { shape: vec![2], data: vec![value, 1.0] });
    }

    #[test]
    fn the_average_is_the_mean() {
        let mut average = WeightAverage::default();
        for value in [1.0, 2.0, 6.0] {
            add(&mut average, value);
        }
        assert_eq!(average.count(), 3);
        assert_eq!(average.weights()["w"].data, [3.0, 1.0]);
    }

    #[test]
    fn a_model_more_goes_into_the_mean_and_not_into_what_was_completed() {
        let mut average = WeightAverage::default();
        add(&mut average, 1.0);
        average.statistics.insert("w".to_owned(), Values { shape: vec![2], data: vec![50.0, 50.0] });
        assert_eq!(
            (&average.mean()["w"].data[..], &average.weights()["w"].data[..]),
            (&[1.0, 1.0][..], &[50.0; 2][..])
        );
        add(&mut average, 3.0);
        assert_eq!(average.weights()["w"].data, [2.0, 1.0]);
    }
}
