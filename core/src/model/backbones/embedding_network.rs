//! What every backbone is.

use burn::tensor::{Device, Tensor};

use crate::{
    config::{Backbone, ModelConfig},
    datasets::FeatureShape,
    model::{
        ModelError,
        input::Input,
        layer_lines::LayerLines,
        layers::{BatchNorm, Mode},
        parameters::Initialisation,
    },
};

/// A network that turns samples into embeddings.
pub trait EmbeddingNetwork: Sized {
    /// What run files call it.
    const NAME: Backbone;
    /// The keys that decide how large it is, in words.
    const SIZE_KEYS: &'static str;
    /// The name of the last layer that it was published with, for one task: its parameters then have the names of that
    /// publication. None for those that are published as a backbone with a head of two layers for each task.
    const LAST_LAYER: Option<&'static str> = None;
    /// How it was published to draw the parameters of its convolutions, and of the last layer if that is one.
    const INITIALISATION: Initialisation = Initialisation::Torch;

    /// Builds it for samples of this shape, which it [`fits`](Self::fits), with parameters yet to be set.
    ///
    /// # Errors
    /// [`ModelError`] when the sizes in the config do not fit together.
    fn new(config: &ModelConfig, sample: FeatureShape, device: &Device) -> Result<Self, ModelError>;

    /// Whether it takes samples of this shape, and in words what it takes instead.
    ///
    /// # Errors
    /// [`ModelError::InputKind`] for signals given to an image backbone, or the other way round.
    fn fits(config: &ModelConfig, shape: FeatureShape) -> Result<(bool, String), ModelError>;

    /// Shape of a sample's embedding: its width, or `[filters, height, width]` where the last layer was published as a
    /// convolution over it.
    ///
    /// # Errors
    /// As [`Self::new`].
    fn embedding_shape(config: &ModelConfig, _sample: FeatureShape) -> Result<Vec<usize>, ModelError> {
        Ok(vec![config.embedding_dim])
    }

    /// About how many parameters it will have, without making it: those of its widest layers.
    ///
    /// # Errors
    /// As [`Self::new`].
    fn approximate_parameters(config: &ModelConfig, sample: FeatureShape) -> Result<f64, ModelError>;

    /// The embedding, `[batch, embedding]`, flattened.
    ///
    /// # Errors
    /// As [`Self::fits`].
    fn embed(&self, input: Input, mode: &mut Mode<'_>) -> Result<Tensor<2>, ModelError>;

    /// Tells its layers, first to last, for a sample of this shape.
    ///
    /// # Errors
    /// As [`Self::fits`].
    fn describe(&self, config: &ModelConfig, shape: FeatureShape, lines: &mut LayerLines) -> Result<(), ModelError>;

    /// Its batch normalisations, whose running statistics evaluation uses.
    fn batch_norms(&mut self) -> Vec<&mut BatchNorm> {
        Vec::new()
    }
}
