//! `cnn_1d`: a convolutional network over windows of the signal, `[batch, channels, length]` to `[batch, embedding]`.
//!
//! Convolutions along time whose kernels shrink block by block, batch normalisation, a halving of the length after
//! each block, a global average and a linear projection to the embedding.

use burn::{
    module::Module,
    nn::{Linear, LinearConfig},
    tensor::{Device, Tensor},
};

use super::embedding_network::EmbeddingNetwork;
use crate::{
    config::{Backbone, ModelConfig},
    datasets::FeatureShape,
    model::{
        ModelError,
        input::{Input, signal_shape},
        layer_lines::{LayerLines, block_weights},
        layers::{Activation, BatchNorm, Dropout, Layer1d, Mode},
    },
};

/// Fewest channels after the first convolution.
const SMALLEST_WIDTH: usize = 8;
/// Shortest kernel.
const SMALLEST_KERNEL: usize = 3;

/// The backbone. Its parts are named as the reference's: `input_conv`, `blocks.<i>` and `projection`.
#[derive(Module, Debug)]
pub struct Cnn1d {
    input_conv: Vec<Layer1d>,
    blocks: Vec<Vec<Layer1d>>,
    projection: Linear,
}

impl EmbeddingNetwork for Cnn1d {
    const NAME: Backbone = Backbone::Cnn1d;
    const SIZE_KEYS: &'static str = "model.embedding_dim or model.layer_repeats";

    fn new(config: &ModelConfig, sample: FeatureShape, device: &Device) -> Result<Self, ModelError> {
        let [channels, _] = signal_shape(sample, Self::NAME)?;
        let widths = channel_widths(config, channels);
        let kernel = |block: usize| (1 + 2 * config.depth).saturating_sub(2 * block).max(SMALLEST_KERNEL);
        let activation = || Layer1d::Activation(Activation::new(config.activation, device));
        let norm = |channels| Layer1d::Norm(BatchNorm::new(channels, device));
        let dropout = || Layer1d::Dropout(Dropout::new(config.dropout));

        let input_conv = vec![
            Layer1d::conv(channels, widths[0], kernel(0), device),
            activation(),
            norm(widths[0]),
            dropout(),
            Layer1d::pool(),
        ];
        let blocks = widths.windows(2).enumerate().map(|(index, pair)| {
            let (incoming, outgoing) = (pair[0], pair[1]);
            let mut block = vec![norm(incoming)];
            for repeat in 0..config.layer_repeats {
                let channels = if repeat == 0 { incoming } else { outgoing };
                block.push(Layer1d::conv(channels, outgoing, kernel(index), device));
                block.push(activation());
            }
            block.extend([dropout(), Layer1d::pool()]);
            block
        });
        let blocks = blocks.collect();
        let projection = LinearConfig::new(widths[config.depth], config.embedding_dim).init(device);
        Ok(Self { input_conv, blocks, projection })
    }

    fn fits(config: &ModelConfig, shape: FeatureShape) -> Result<(bool, String), ModelError> {
        let [channels, samples] = signal_shape(shape, Self::NAME)?;
        // What leaves a sample after all the halvings.
        let length = 1 << (config.depth + 1);
        let wanted = config.input_channels.unwrap_or(channels);
        let expected =
            format!("model.input_channels = {wanted} and, at depth {}, at least {length} samples", config.depth);
        Ok((channels == wanted && samples >= length, expected))
    }

    fn approximate_parameters(config: &ModelConfig, sample: FeatureShape) -> Result<f64, ModelError> {
        let [channels, _] = signal_shape(sample, Self::NAME)?;
        let widths = channel_widths(config, channels);
        let projection = (widths[config.depth] * config.embedding_dim) as f64;
        Ok(block_weights(&widths, SMALLEST_KERNEL, config.layer_repeats) + projection)
    }

    fn embed(&self, input: Input, mode: &mut Mode<'_>) -> Result<Tensor<2>, ModelError> {
        let signals = input.into_signals(Self::NAME)?;
        let features = self.layers().fold(signals, |features, layer| layer.forward(features, mode)); // [batch, channels, length]
        Ok(self.projection.forward(features.mean_dim(2).flatten::<2>(1, 2)))
    }

    fn describe(&self, _: &ModelConfig, shape: FeatureShape, lines: &mut LayerLines) -> Result<(), ModelError> {
        let mut shape = signal_shape(shape, Self::NAME)?;
        for layer in self.layers() {
            lines.signal_layer(layer, &mut shape);
        }
        lines.linear(1, self.projection.weight.dims());
        Ok(())
    }

    fn batch_norms(&mut self) -> Vec<&mut BatchNorm> {
        let layers = self.input_conv.iter_mut().chain(self.blocks.iter_mut().flatten());
        layers
            .filter_map(|layer| match layer {
                Layer1d::Norm(norm) => Some(norm),
                _ => None,
            })
            .collect()
    }
}

impl Cnn1d {
    /// The stacks' layers, first to last.
    fn layers(&self) -> impl Iterator<Item = &Layer1d> {
        self.input_conv.iter().chain(self.blocks.iter().flatten())
    }
}

/// Channels after the first convolution and after each block, `depth + 1` of them.
fn channel_widths(config: &ModelConfig, channels: usize) -> Vec<usize> {
    let first = channels.next_power_of_two().max(SMALLEST_WIDTH);
    let ratio = (config.embedding_dim as f64 / first as f64).powf(1.0 / config.depth as f64);
    // Half goes to even, as Python rounds.
    let growth = (ratio.clamp(2.0, 4.0).round_ties_even() as usize).max(2);
    (0..=config.depth as u32).map(|block| first * growth.pow(block)).collect()
}
