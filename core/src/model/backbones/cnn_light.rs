//! `cnn_light`: a small convolutional network over spectrogram images, `[batch, channels, height, width]` to
//! `[batch, embedding]`.
//!
//! A 5 × 5 convolution and blocks of 3 × 3 convolutions, each ending in a halving of height and width; every block
//! multiplies the channels by 2 or 4; a global average gives the embedding.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use super::embedding_network::EmbeddingNetwork;
use crate::{
    config::{Backbone, ModelConfig},
    datasets::FeatureShape,
    model::{
        ModelError,
        input::{Input, image_shape},
        layer_lines::{LayerLines, block_weights},
        layers::{Activation, Dropout, Layer2d, Mode},
    },
};

/// Kernel of the first convolution.
const INPUT_KERNEL: usize = 5;
/// Kernel of the blocks' convolutions.
const BLOCK_KERNEL: usize = 3;

/// The backbone. Its stacks are named as the reference's: `input_conv` and `blocks.<i>`.
#[derive(Module, Debug)]
pub struct CnnLight {
    input_conv: Vec<Layer2d>,
    blocks: Vec<Vec<Layer2d>>,
}

impl EmbeddingNetwork for CnnLight {
    const NAME: Backbone = Backbone::CnnLight;
    const SIZE_KEYS: &'static str = "model.embedding_dim or model.layer_repeats";

    /// [`ModelError::EmbeddingTooNarrow`] when the blocks' growth leaves no channel for the first one.
    fn new(config: &ModelConfig, sample: FeatureShape, device: &Device) -> Result<Self, ModelError> {
        let [channels, ..] = image_shape(sample, Self::NAME)?;
        let widths = channel_widths(config)?;
        let activation = || Layer2d::Activation(Activation::new(config.activation, device));
        let dropout = || Layer2d::Dropout(Dropout::new(config.dropout));

        let input_conv = vec![
            Layer2d::conv(channels, widths[0], INPUT_KERNEL, device),
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

    fn fits(config: &ModelConfig, shape: FeatureShape) -> Result<(bool, String), ModelError> {
        let [channels, height, width] = image_shape(shape, Self::NAME)?;
        // What leaves a pixel after all the halvings.
        let side = 1 << (config.depth + 1);
        let wanted = config.input_channels.unwrap_or(channels);
        let expected =
            format!("model.input_channels = {wanted} and, at depth {}, at least {side} x {side} pixels", config.depth);
        Ok((channels == wanted && height.min(width) >= side, expected))
    }

    /// The last block's channels, which floors may make narrower than `embedding_dim`.
    fn embedding_shape(config: &ModelConfig, _: FeatureShape) -> Result<Vec<usize>, ModelError> {
        Ok(vec![channel_widths(config)?[config.depth]])
    }

    fn approximate_parameters(config: &ModelConfig, _: FeatureShape) -> Result<f64, ModelError> {
        Ok(block_weights(&channel_widths(config)?, BLOCK_KERNEL * BLOCK_KERNEL, config.layer_repeats))
    }

    fn embed(&self, input: Input, mode: &mut Mode<'_>) -> Result<Tensor<2>, ModelError> {
        let images = input.into_images(Self::NAME)?;
        let features = self.layers().fold(images, |features, layer| layer.forward(features, mode)); // [batch, embedding, height, width]
        Ok(features.mean_dims(&[2, 3]).flatten(1, 3))
    }

    fn describe(&self, _: &ModelConfig, shape: FeatureShape, lines: &mut LayerLines) -> Result<(), ModelError> {
        let mut shape = image_shape(shape, Self::NAME)?;
        for layer in self.layers() {
            lines.image_layer(layer, &mut shape);
        }
        Ok(())
    }
}

impl CnnLight {
    /// All layers, first to last.
    fn layers(&self) -> impl Iterator<Item = &Layer2d> {
        self.input_conv.iter().chain(self.blocks.iter().flatten())
    }
}

/// Channels after the first convolution and after each block, `depth + 1` of them.
fn channel_widths(config: &ModelConfig) -> Result<Vec<usize>, ModelError> {
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
