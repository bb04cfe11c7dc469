//! `cnn_light`: a small convolutional network over spectrogram images, `[batch, channels, height, width]` to
//! `[batch, embedding]`.
//!
//! A 5 × 5 convolution and blocks of 3 × 3 convolutions, each ending in a halving of height and width; every block
//! multiplies the channels by 2 or 4; a global average gives the embedding.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use super::{
    ModelError,
    layers::{Activation, Dropout, Layer2d, Mode},
};
use crate::config::ModelConfig;

/// Kernel of the first convolution.
const INPUT_KERNEL: usize = 5;
/// Kernel of the blocks' convolutions.
pub(super) const BLOCK_KERNEL: usize = 3;

/// The backbone. Its stacks are named as the reference's: `input_conv` and `blocks.<i>`.
#[derive(Module, Debug)]
pub struct CnnLight {
    input_conv: Vec<Layer2d>,
    blocks: Vec<Vec<Layer2d>>,
}

impl CnnLight {
    /// Builds the backbone with parameters yet to be set.
    ///
    /// # Errors
    /// [`ModelError::EmbeddingTooNarrow`] when the blocks' growth leaves no channel for the first one.
    pub fn new(config: &ModelConfig, device: &Device) -> Result<Self, ModelError> {
        let widths = channel_widths(config)?;
        let activation = || Layer2d::Activation(Activation::new(config.activation, device));
        let dropout = || Layer2d::Dropout(Dropout::new(config.dropout));

        let input_conv = vec![
            Layer2d::conv(config.input_channels, widths[0], INPUT_KERNEL, device),
            activation(),
            Layer2d::norm(widths[0], device),
            dropout(),
            Layer2d::pool(),
        ];
        let blocks = widths.windows(2).map(|pair| {
            let (incoming, outgoing) = (pair[0], pair[1]);
            let mut block = vec![Layer2d::norm(incoming, device)];
            for repeat in 0..config.layer_repeats {
                let channels = if repeat == 0 { incoming } else { outgoing };
                block.push(Layer2d::conv(channels, outgoing, BLOCK_KERNEL, device));
                block.push(activation());
            }
            block.extend([dropout(), Layer2d::pool()]);
            block
        });
        let blocks = blocks.collect();
        Ok(Self { input_conv, blocks })
    }

    /// Width of the embedding: the last block's channels, which floors may make narrower than `embedding_dim`.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn embedding_width(config: &ModelConfig) -> Result<usize, ModelError> {
        Ok(channel_widths(config)?[config.depth])
    }

    /// Smallest height and width that leave a pixel after all the halvings.
    pub fn smallest_side(config: &ModelConfig) -> usize {
        1 << (config.depth + 1)
    }

    /// `[batch, channels, height, width]` to `[batch, embedding]`.
    pub fn forward(&self, images: Tensor<4>, mode: &mut Mode<'_>) -> Tensor<2> {
        let features = self.layers().fold(images, |features, layer| layer.forward(features, mode)); // [batch, embedding, height, width]
        features.mean_dims(&[2, 3]).flatten(1, 3)
    }

    /// All layers, first to last.
    pub fn layers(&self) -> impl Iterator<Item = &Layer2d> {
        self.input_conv.iter().chain(self.blocks.iter().flatten())
    }
}

/// Channels after the first convolution and after each block, `depth + 1` of them.
pub(super) fn channel_widths(config: &ModelConfig) -> Result<Vec<usize>, ModelError> {
    let power = |base: usize| base.checked_pow(config.depth as u32);
    let growth: usize = match power(4) {
        Some(power) if config.embedding_dim / power >= 8 => 4,
        _ => 2,
    };
    let first = power(growth).map_or(0, |power| config.embedding_dim / power);
    if first == 0 {
        let needed = power(2);
        return Err(ModelError::EmbeddingTooNarrow {
            embedding_dim: config.embedding_dim,
            depth: config.depth,
            needed,
        });
    }
    Ok((0..=config.depth as u32).map(|block| first * growth.pow(block)).collect())
}
