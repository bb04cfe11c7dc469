//! The whole model: a backbone shared by all tasks and a head for each. In: images or signals; out: logits by task.

use burn::{
    module::Module,
    nn::{Linear, LinearConfig},
    tensor::{Device, Tensor, activation},
};

use super::{ModelError, cnn_1d::Cnn1d, cnn_light::CnnLight, layers::Mode, transformer::Transformer};
use crate::{
    config::{Backbone as BackboneName, ModelConfig},
    datasets::FeatureShape,
    labels::TaskSpec,
};

/// A batch as a model takes it.
#[derive(Debug, Clone)]
pub enum Input {
    /// Spectrogram images, `[batch, channels, height, width]`, values in −1…1.
    Images(Tensor<4>),
    /// Windows of the signal, `[batch, channels, samples]`, z-scores.
    Signals(Tensor<3>),
}

impl Input {
    /// The number of samples.
    pub fn batch_size(&self) -> usize {
        match self {
            Self::Images(images) => images.dims()[0],
            Self::Signals(signals) => signals.dims()[0],
        }
    }

    /// As a sequence, `[batch, sequence, features]`: the columns of an image (its time frames), or the samples of a
    /// window.
    fn into_sequence(self) -> Tensor<3> {
        match self {
            Self::Images(images) => images.permute([0, 3, 1, 2]).flatten(2, 3),
            Self::Signals(signals) => signals.swap_dims(1, 2),
        }
    }
}

/// Tokens, and features of each, when a sample is seen as a sequence.
pub(super) fn sequence_shape(shape: FeatureShape) -> (usize, usize) {
    match shape {
        FeatureShape::Image { channels, height, width } => (width, channels * height),
        FeatureShape::Signal { channels, samples } => (samples, channels),
    }
}

/// Checks that a model of this config can take samples of this shape.
///
/// # Errors
/// [`ModelError::InputShape`] says what is expected and what to change.
pub fn check_shape(config: &ModelConfig, shape: FeatureShape) -> Result<(), ModelError> {
    let (fits, expected) = match (config.backbone, shape) {
        (BackboneName::CnnLight, FeatureShape::Image { channels, height, width }) => {
            let side = CnnLight::smallest_side(config);
            let fits = channels == config.input_channels && height.min(width) >= side;
            let expected = format!(
                "model.input_channels = {} and, at depth {}, at least {side} x {side} pixels",
                config.input_channels, config.depth
            );
            (fits, expected)
        }
        (BackboneName::Cnn1d, FeatureShape::Signal { channels, samples }) => {
            let length = Cnn1d::smallest_length(config);
            let fits = channels == config.input_channels && samples >= length;
            let expected = format!(
                "model.input_channels = {} and, at depth {}, at least {length} samples",
                config.input_channels, config.depth
            );
            (fits, expected)
        }
        (BackboneName::Transformer, shape) => {
            let (length, features) = sequence_shape(shape);
            let sizes = &config.transformer;
            let fits = sizes.input_dim == Some(features) && sizes.seq_length == Some(length);
            (fits, format!("model.extras.seq_length = {length} and input_dim = {features} for this dataset"))
        }
        _ => return Err(ModelError::InputKind { backbone: config.backbone }),
    };
    if fits { Ok(()) } else { Err(ModelError::InputShape { backbone: config.backbone, expected, found: shape }) }
}

/// One of the backbones.
#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "a model has one")]
pub enum Backbone {
    /// Over images.
    CnnLight(CnnLight),
    /// Over signals.
    Cnn1d(Cnn1d),
    /// Over either, as a sequence.
    Transformer(Transformer),
}

/// A task's head: linear, exact GELU, linear. Its layers sit where the reference's `nn.Sequential` has them.
#[derive(Module, Debug)]
pub struct Head {
    net: Vec<HeadLayer>,
}

/// A layer of a head.
#[derive(Module, Debug)]
pub enum HeadLayer {
    /// Linear.
    Linear(Linear),
    /// Exact GELU.
    Gelu(burn::nn::Gelu),
}

impl Head {
    fn new(embedding: usize, outputs: usize, device: &Device) -> Self {
        let linear = |from, to| HeadLayer::Linear(LinearConfig::new(from, to).init(device));
        let net = vec![
            linear(embedding, 2 * embedding),
            HeadLayer::Gelu(burn::nn::Gelu::new()),
            linear(2 * embedding, outputs),
        ];
        Self { net }
    }

    /// `[batch, embedding]` to `[batch, outputs]`.
    fn forward(&self, embedding: Tensor<2>) -> Tensor<2> {
        self.net.iter().fold(embedding, |features, layer| match layer {
            HeadLayer::Linear(linear) => linear.forward(features),
            HeadLayer::Gelu(_) => activation::gelu(features),
        })
    }

    pub(super) fn linears(&self) -> impl Iterator<Item = &Linear> {
        self.net.iter().filter_map(|layer| match layer {
            HeadLayer::Linear(linear) => Some(linear),
            HeadLayer::Gelu(_) => None,
        })
    }
}

/// The layers of a [`MultiTaskClassifier`]: what is learnt.
#[derive(Module, Debug)]
pub struct Network {
    pub(super) backbone: Backbone,
    pub(super) heads: Vec<Head>,
}

/// A backbone with one head per task. Maps a batch to logits, `[batch, classes]` for a classification and `[batch, 1]`
/// for a regression.
#[derive(Debug, Clone)]
pub struct MultiTaskClassifier {
    pub(super) network: Network,
    config: ModelConfig,
    tasks: Vec<TaskSpec>,
}

impl MultiTaskClassifier {
    /// Builds a model whose parameters are as PyTorch would initialise them, drawn from the seed.
    ///
    /// On `device.autodiff()` it can be trained, on a plain device it can only be evaluated.
    ///
    /// # Errors
    /// [`ModelError`] when the sizes in the config do not fit together.
    pub fn new(config: &ModelConfig, tasks: &[TaskSpec], seed: u64, device: &Device) -> Result<Self, ModelError> {
        if tasks.is_empty() {
            return Err(ModelError::NoTasks);
        }
        let (backbone, width) = match config.backbone {
            BackboneName::CnnLight => {
                (Backbone::CnnLight(CnnLight::new(config, device)?), CnnLight::embedding_width(config)?)
            }
            BackboneName::Cnn1d => (Backbone::Cnn1d(Cnn1d::new(config, device)), config.embedding_dim),
            BackboneName::Transformer => {
                (Backbone::Transformer(Transformer::new(config, device)?), config.embedding_dim)
            }
        };
        let heads = tasks.iter().map(|task| Head::new(width, task.outputs(), device)).collect();
        let model = Self { network: Network { backbone, heads }, config: config.clone(), tasks: tasks.to_vec() };
        Ok(model.initialised(seed))
    }

    /// The config it was built from.
    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// The tasks, in the order of the heads.
    pub fn tasks(&self) -> &[TaskSpec] {
        &self.tasks
    }

    /// The embedding shared by all heads, `[batch, embedding]`.
    ///
    /// # Errors
    /// [`ModelError::InputKind`] for signals given to an image backbone, or the other way round.
    pub fn embed(&self, input: Input, mode: &mut Mode<'_>) -> Result<Tensor<2>, ModelError> {
        match (&self.network.backbone, input) {
            (Backbone::CnnLight(backbone), Input::Images(images)) => Ok(backbone.forward(images, mode)),
            (Backbone::Cnn1d(backbone), Input::Signals(signals)) => Ok(backbone.forward(signals, mode)),
            (Backbone::Transformer(backbone), input) => Ok(backbone.forward(input.into_sequence(), mode)),
            _ => Err(ModelError::InputKind { backbone: self.config.backbone }),
        }
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
        Self { network, config: self.config.clone(), tasks: self.tasks.clone() }
    }

    /// Lets the network be replaced, as an optimizer step does.
    pub(crate) fn map_network(self, change: impl FnOnce(Network) -> Network) -> Self {
        Self { network: change(self.network), ..self }
    }

    /// Whether evaluation uses statistics of the batches seen.
    pub(crate) fn has_batch_norm(&self) -> bool {
        matches!(self.network.backbone, Backbone::Cnn1d(_))
    }

    /// Makes the next training pass count `1/n` in batch normalisation's running statistics.
    pub(crate) fn average_batches(&mut self, n: usize) {
        if let Backbone::Cnn1d(backbone) = &mut self.network.backbone {
            backbone.average_batches(n);
        }
    }
}
