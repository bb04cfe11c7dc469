//! An exponential moving average of the weights (Polyak & Juditsky 1992), on the device: it takes in the model after every
//! update. Statistics of batch normalisation are averaged as the weights are, as timm's `ModelEmaV3` does, and not copied as
//! PyTorch's `AveragedModel` does: they belong to the weights of the same updates.

use crate::{
    config::EmaConfig,
    model::{
        ModelError, MultiTaskClassifier,
        parameters::{NamedTensor, Weights},
    },
};

/// The moving average of a model.
#[derive(Debug, Clone)]
pub struct MovingAverage {
    config: EmaConfig,
    tensors: Vec<NamedTensor>,
    /// Models taken in.
    updates: usize,
}

impl MovingAverage {
    /// One that has not seen a model.
    pub fn new(config: EmaConfig) -> Self {
        Self { config, tensors: Vec::new(), updates: 0 }
    }

    /// The one that an earlier part of the run had after so many updates: `model` has its weights.
    pub fn restore(config: EmaConfig, model: &MultiTaskClassifier, updates: usize) -> Self {
        Self { config, tensors: model.settled_tensors(), updates }
    }

    /// Takes in the model after an update. The first one is the average; nothing is read from the device.
    pub fn add(&mut self, model: &MultiTaskClassifier) {
        let share = 1.0 - decay(self.config, self.updates);
        let tensors = model.settled_tensors();
        self.tensors = if self.updates == 0 {
            tensors
        } else {
            self.tensors.iter().zip(&tensors).map(|(average, tensor)| average.moved_towards(tensor, share)).collect()
        };
        self.updates += 1;
    }

    /// How many models are in it.
    pub fn updates(&self) -> usize {
        self.updates
    }

    /// Its weights, still on the device; none before the first update.
    pub fn tensors(&self) -> Vec<NamedTensor> {
        self.tensors.clone()
    }

    /// Reads its weights from the device.
    ///
    /// # Errors
    /// [`ModelError::Device`] when the device fails, [`ModelError::DeviceLost`] when it is gone.
    pub async fn weights(&self) -> Result<Weights, ModelError> {
        let mut weights = Weights::new();
        for tensor in self.tensors() {
            let (name, values) = tensor.read().await?;
            weights.insert(name, values);
        }
        Ok(weights)
    }
}

/// What the next model leaves of an average of `updates` models.
fn decay(config: EmaConfig, updates: usize) -> f64 {
    let n = updates as f64;
    if config.warmup { config.decay.min((1.0 + n) / (10.0 + n)) } else { config.decay }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_decay_rises_to_what_is_asked_for() {
        let config = EmaConfig { decay: 0.9, warmup: true };
        assert_eq!([0, 8, 80, 1000].map(|updates| decay(config, updates)), [0.1, 0.5, 0.9, 0.9]);
        assert_eq!(decay(EmaConfig { warmup: false, ..config }, 0), 0.9);
    }
}
