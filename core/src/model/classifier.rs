//! The whole model: a backbone shared by all tasks and a head for each, from images or signals to logits by task.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use super::{
    ModelError, backbones::BackboneNetwork, head::Head, input::Input, layers::Mode, naming::Naming,
    parameters::initialised,
};
use crate::{
    config::{HeadKind, ModelConfig},
    datasets::FeatureShape,
    labels::TaskSpec,
};

/// Checks that a model of this config can take samples of this shape.
///
/// # Errors
/// [`ModelError::InputShape`] says what is expected and what to change.
pub fn check_shape(config: &ModelConfig, shape: FeatureShape) -> Result<(), ModelError> {
    let (fits, expected) = BackboneNetwork::fits(config, shape)?;
    if fits { Ok(()) } else { Err(ModelError::InputShape { backbone: config.backbone, expected, found: shape }) }
}

/// How the parameters of a model are called.
fn naming(config: &ModelConfig, tasks: &[TaskSpec]) -> Naming {
    let has_heads_of_one_layer = BackboneNetwork::head_kind(config) == HeadKind::Linear;
    Naming::new(tasks, BackboneNetwork::last_layer(config.backbone), has_heads_of_one_layer)
}

/// The layers of a [`MultiTaskClassifier`]: what is learnt.
#[derive(Module, Debug)]
pub struct Network {
    pub(super) backbone: BackboneNetwork,
    pub(super) heads: Vec<Head>,
}

/// A backbone with one head per task. Maps a batch to logits, `[batch, classes]` for a classification and `[batch, 1]`
/// for a regression.
#[derive(Debug, Clone)]
pub struct MultiTaskClassifier {
    pub(super) network: Network,
    config: ModelConfig,
    tasks: Vec<TaskSpec>,
    sample: FeatureShape,
}

impl MultiTaskClassifier {
    /// Builds a model for samples of this shape, whose parameters are as PyTorch would initialise them, drawn from the
    /// seed.
    ///
    /// On `device.autodiff()` it can be trained, on a plain device it can only be evaluated.
    ///
    /// # Errors
    /// [`ModelError`] when the sizes in the config do not fit together, or do not fit the samples.
    pub fn new(
        config: &ModelConfig,
        tasks: &[TaskSpec],
        sample: FeatureShape,
        seed: u64,
        device: &Device,
    ) -> Result<Self, ModelError> {
        if tasks.is_empty() {
            return Err(ModelError::NoTasks);
        }
        check_shape(config, sample)?;
        let backbone = BackboneNetwork::new(config, sample, device)?;
        let embedding = BackboneNetwork::embedding_shape(config, sample)?;
        let kind = BackboneNetwork::head_kind(config);
        let heads = tasks.iter().map(|task| Head::new(kind, &embedding, task.outputs(), device)).collect();
        let convolutions = BackboneNetwork::initialisation(config.backbone);
        let network = initialised(Network { backbone, heads }, &naming(config, tasks), seed, convolutions);
        Ok(Self { network, config: config.clone(), tasks: tasks.to_vec(), sample })
    }

    /// The config it was built from.
    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// The tasks, in the order of the heads.
    pub fn tasks(&self) -> &[TaskSpec] {
        &self.tasks
    }

    /// The shape of the samples that it takes.
    pub fn sample(&self) -> FeatureShape {
        self.sample
    }

    /// The embedding shared by all heads, `[batch, embedding]`.
    ///
    /// # Errors
    /// [`ModelError::InputKind`] for signals given to an image backbone, or the other way round.
    pub fn embed(&self, input: Input, mode: &mut Mode<'_>) -> Result<Tensor<2>, ModelError> {
        self.network.backbone.embed(input, mode)
    }

    /// Logits of every task, in the order of [`Self::tasks`].
    ///
    /// # Errors
    /// As [`Self::embed`].
    pub fn forward(&self, input: Input, mode: &mut Mode<'_>) -> Result<Vec<Tensor<2>>, ModelError> {
        let embedding = self.embed(input, mode)?;
        Ok(self.network.heads.iter().map(|head| head.forward(embedding.clone())).collect())
    }

    /// Logits of one task.
    ///
    /// # Errors
    /// [`ModelError::UnknownTask`] lists the tasks there are; otherwise as [`Self::embed`].
    pub fn forward_task(&self, input: Input, task: &str, mode: &mut Mode<'_>) -> Result<Tensor<2>, ModelError> {
        let index = self.tasks.iter().position(|spec| spec.name == task).ok_or_else(|| ModelError::UnknownTask {
            known: self.tasks.iter().map(|spec| spec.name.clone()).collect(),
            task: task.to_owned(),
        })?;
        Ok(self.network.heads[index].forward(self.embed(input, mode)?))
    }

    /// How its parameters are called.
    pub(super) fn naming(&self) -> Naming {
        naming(&self.config, &self.tasks)
    }

    /// The same model without autodiff, for evaluation.
    #[must_use]
    pub fn valid(&self) -> Self {
        self.with_network(self.network.valid())
    }

    /// The layers.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The device its parameters are on.
    pub fn device(&self) -> Device {
        self.network.devices().into_iter().next().unwrap_or_default()
    }

    pub(crate) fn with_network(&self, network: Network) -> Self {
        Self { network, config: self.config.clone(), tasks: self.tasks.clone(), sample: self.sample }
    }

    /// Lets the network be replaced, as an optimizer step does.
    pub(crate) fn map_network(self, change: impl FnOnce(Network) -> Network) -> Self {
        Self { network: change(self.network), ..self }
    }

    /// Makes the next training batch count `1/n` in batch normalisation's running statistics: called with 1, 2, 3, …
    /// they become the mean over those batches.
    pub(crate) fn average_batches(&mut self, n: usize) {
        self.network.backbone.batch_norms().into_iter().for_each(|norm| norm.average_batches(n));
    }
}
