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
    },
};

/// A network that turns samples into embeddings.
pub trait EmbeddingNetwork: Sized {
    /// What run files call it.
    const NAME: Backbone;
    /// The keys that decide how large it is, in words.
    const SIZE_KEYS: &'static str;

    /// Builds it with parameters yet to be set.
    ///
    /// # Errors
    /// [`ModelError`] when the sizes in the config do not fit together.
    fn new(config: &ModelConfig, device: &Device) -> Result<Self, ModelError>;

    /// Whether it takes samples of this shape, and in words what it takes instead.
    ///
    /// # Errors
    /// [`ModelError::InputKind`] for signals given to an image backbone, or the other way round.
    fn fits(config: &ModelConfig, shape: FeatureShape) -> Result<(bool, String), ModelError>;

    /// Width of the embedding.
    ///
    /// # Errors
    /// As [`Self::new`].
    fn embedding_width(config: &ModelConfig) -> Result<usize, ModelError> {
        Ok(config.embedding_dim)
    }

    /// About how many parameters it will have, from the config alone: those of its widest layers.
    ///
    /// # Errors
    /// As [`Self::new`].
    fn approximate_parameters(config: &ModelConfig) -> Result<f64, ModelError>;

    /// The embedding, `[batch, embedding]`.
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
