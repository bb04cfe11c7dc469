//! `cnn_1d`: a convolutional network over windows of the signal, `[batch, channels, length]` to `[batch, embedding]`.
//!
//! Convolutions along time whose kernels shrink block by block, batch normalisation, a halving of the length after
//! each block, a global average and a linear projection to the embedding.

use burn::{
    module::Module,
    nn::{Linear, LinearConfig},
    tensor::{Device, Tensor},
};

use super::layers::{Activation, BatchNorm, Dropout, Layer1d, Mode};
use crate::config::ModelConfig;

/// Fewest channels after the first convolution.
const SMALLEST_WIDTH: usize = 8;
/// Shortest kernel.
pub(super) const SMALLEST_KERNEL: usize = 3;

/// The backbone. Its parts are named as the reference's: `input_conv`, `blocks.<i>` and `projection`.
#[derive(Module, Debug)]
pub struct Cnn1d {
    input_conv: Vec<Layer1d>,
    blocks: Vec<Vec<Layer1d>>,
    projection: Linear,
}

impl Cnn1d {
    /// Builds the backbone with parameters yet to be set.
    pub fn new(config: &ModelConfig, device: &Device) -> Self {
        let widths = channel_widths(config);
        let kernel = |block: usize| (1 + 2 * config.depth).saturating_sub(2 * block).max(SMALLEST_KERNEL);
        let activation = || Layer1d::Activation(Activation::new(config.activation, device));
        let norm = |channels| Layer1d::Norm(BatchNorm::new(channels, device));
        let dropout = || Layer1d::Dropout(Dropout::new(config.dropout));

        let input_conv = vec![
            Layer1d::conv(config.input_channels, widths[0], kernel(0), device),
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
        Self { input_conv, blocks, projection }
    }

    /// Shortest window that leaves a sample after all the halvings.
    pub fn smallest_length(config: &ModelConfig) -> usize {
        1 << (config.depth + 1)
    }

    /// `[batch, channels, length]` to `[batch, embedding]`.
    pub fn forward(&self, signals: Tensor<3>, mode: &mut Mode<'_>) -> Tensor<2> {
        let features = self.layers().fold(signals, |features, layer| layer.forward(features, mode)); // [batch, channels, length]
        self.projection.forward(features.mean_dim(2).flatten::<2>(1, 2))
    }

    /// The stacks' layers, first to last.
    pub fn layers(&self) -> impl Iterator<Item = &Layer1d> {
        self.input_conv.iter().chain(self.blocks.iter().flatten())
    }

    /// The last linear layer.
    pub fn projection(&self) -> &Linear {
        &self.projection
    }

    /// See [`BatchNorm::average_batches`].
    pub(crate) fn average_batches(&mut self, n: usize) {
        for layer in self.input_conv.iter_mut().chain(self.blocks.iter_mut().flatten()) {
            if let Layer1d::Norm(norm) = layer {
                norm.average_batches(n);
            }
        }
    }
}

/// Channels after the first convolution and after each block, `depth + 1` of them.
pub(super) fn channel_widths(config: &ModelConfig) -> Vec<usize> {
    let first = config.input_channels.next_power_of_two().max(SMALLEST_WIDTH);
    let ratio = (config.embedding_dim as f64 / first as f64).powf(1.0 / config.depth as f64);
    // Half goes to even, as Python rounds.
    let growth = (ratio.clamp(2.0, 4.0).round_ties_even() as usize).max(2);
    (0..=config.depth as u32).map(|block| first * growth.pow(block)).collect()
}
