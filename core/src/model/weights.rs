//! A model's weights: what leaves it and what enters it, under PyTorch's names and in PyTorch's layouts.

use std::collections::BTreeMap;

use super::{
    ModelError, MultiTaskClassifier,
    error::WeightMismatch,
    parameters::{NamedTensor, Slot, Values, Weights, is_buffer, map_parameters, named_tensors},
};
use crate::{
    baselines::{LinearHead, Standardizer},
    checkpoint::values::BATCH_COUNTER,
};

impl MultiTaskClassifier {
    /// Every parameter and buffer, in the order of the layers, still on the device.
    pub fn named_tensors(&self) -> Vec<NamedTensor> {
        named_tensors(self.network(), &self.naming())
    }

    /// The number of learnt values.
    pub fn parameter_count(&self) -> usize {
        self.named_tensors()
            .iter()
            .filter(|tensor| !is_buffer(&tensor.name))
            .map(|tensor| tensor.shape.iter().product::<usize>())
            .sum()
    }

    /// [`Self::named_tensors`] of the model without autodiff, as evaluation uses it: statistics of batches gather per
    /// thread, and are together there.
    pub fn settled_tensors(&self) -> Vec<NamedTensor> {
        self.valid().named_tensors()
    }

    /// Reads all weights from the device.
    ///
    /// # Errors
    /// [`ModelError::Device`] when the device fails, [`ModelError::DeviceLost`] when it is gone.
    pub async fn weights(&self) -> Result<Weights, ModelError> {
        let mut weights = Weights::new();
        for tensor in self.settled_tensors() {
            let (name, values) = tensor.read().await?;
            weights.insert(name, values);
        }
        Ok(weights)
    }

    /// The same model with these weights.
    ///
    /// # Errors
    /// [`ModelError::OtherModel`] when names or shapes differ from the model's; nothing is loaded then.
    pub fn with_weights(self, mut weights: Weights) -> Result<Self, ModelError> {
        weights.retain(|name, _| !name.ends_with(BATCH_COUNTER));
        self.must_take(&weights.iter().map(|(name, values)| (name.as_str(), values)).collect())?;
        Ok(self.with_values(|slot| weights.remove(&slot.name).map(|values| values.data)))
    }

    /// A model that is [fitted at once](crate::config::Backbone::is_fitted), with an embedding on this scale and these heads,
    /// in the order of the tasks.
    ///
    /// # Errors
    /// [`ModelError::OtherModel`] when they are not of the model's features and outputs.
    pub fn with_fitted(self, scale: &Standardizer, heads: &[LinearHead]) -> Result<Self, ModelError> {
        let values = |shape: &[usize], data: &mut dyn Iterator<Item = f64>| Values {
            shape: shape.to_vec(),
            data: data.map(|value| value as f32).collect(),
        };
        let features = scale.mean().len();
        let mut weights = Weights::from([
            ("backbone.running_mean".to_owned(), values(&[features], &mut scale.mean().iter().copied())),
            ("backbone.running_var".to_owned(), values(&[features], &mut scale.std().iter().map(|std| std * std))),
        ]);
        for (task, LinearHead { weights: matrix, biases }) in self.tasks().iter().zip(heads) {
            // The one layer of a head of several tasks has a place in it.
            let prefix = format!("{}net.0.", self.head_prefix(&task.name));
            let rows = &mut matrix.transpose().iter().copied().collect::<Vec<_>>().into_iter();
            weights.insert(format!("{prefix}weight"), values(&[matrix.nrows(), matrix.ncols()], rows));
            weights.insert(format!("{prefix}bias"), values(&[biases.len()], &mut biases.iter().copied()));
        }
        self.with_weights(weights)
    }

    /// The same model with copies of these values, by name.
    ///
    /// # Errors
    /// As [`Self::with_weights`].
    pub fn with_copies(self, weights: &BTreeMap<&str, &Values>) -> Result<Self, ModelError> {
        self.must_take(weights)?;
        Ok(self.with_values(|slot| weights.get(slot.name.as_str()).map(|values| values.data.clone())))
    }

    fn must_take(&self, weights: &BTreeMap<&str, &Values>) -> Result<(), ModelError> {
        let mut mismatch = WeightMismatch::default();
        let tensors = self.named_tensors();
        for tensor in &tensors {
            match weights.get(tensor.name.as_str()) {
                None => mismatch.missing.push(tensor.name.clone()),
                Some(values) if values.shape != tensor.shape => {
                    mismatch.shapes.push((tensor.name.clone(), tensor.shape.clone(), values.shape.clone()));
                }
                Some(_) => {}
            }
        }
        let is_known = |name: &str| tensors.iter().any(|tensor| tensor.name == name);
        mismatch.unexpected = weights.keys().filter(|name| !is_known(name)).map(|&name| name.to_owned()).collect();
        if mismatch.is_empty() { Ok(()) } else { Err(ModelError::OtherModel(mismatch)) }
    }

    fn with_values(self, values: impl FnMut(&Slot<'_>) -> Option<Vec<f32>>) -> Self {
        let naming = self.naming();
        self.map_network(|network| map_parameters(network, &naming, values))
    }

    /// What the names of a task's head begin with.
    pub(crate) fn head_prefix(&self, task: &str) -> String {
        self.naming().head_prefix(task)
    }

    /// What the name of the head of a published model of one task is, if this is one.
    pub(crate) fn published_head(&self) -> Option<&'static str> {
        self.naming().last_layer()
    }

    /// Whether evaluation uses statistics of the batches seen.
    pub(crate) fn has_batch_norm(&self) -> bool {
        self.named_tensors().iter().any(|tensor| is_buffer(&tensor.name))
    }
}
