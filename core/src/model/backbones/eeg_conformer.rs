//! `eeg_conformer`: the convolutional transformer of Song et al. (2023) over windows of the signal,
//! `[batch, channels, samples]` to `[batch, 32]`.
//!
//! Filters along time and over the channels, whose means over stretches of time become tokens; pre-norm layers of
//! self-attention over them; two linear layers over all tokens. As Braindecode's `EEGConformer` builds it.

use burn::{
    module::Module,
    nn::{
        LayerNorm, LayerNormConfig, Linear, LinearConfig,
        conv::{Conv2d, Conv2dConfig},
    },
    tensor::{Device, Tensor, activation},
};

use super::embedding_network::EmbeddingNetwork;
use crate::{
    config::{Backbone, EegConformerConfig, ModelConfig, PoolMode},
    datasets::FeatureShape,
    model::{
        ModelError,
        attention::attend,
        input::{Input, fits_published, signal_shape},
        layer_lines::{LayerLines, product},
        layers::{BatchNorm, Dropout, Mode, TimePool, elu, filter_in_time_and_space, pooled_length},
    },
};

/// Times that the feed-forward part of a layer is wider than a token.
const EXPANSION: usize = 4;
/// Widths of the two linear layers over all tokens.
const WIDTHS: [usize; 2] = [256, 32];

/// From a signal to tokens.
#[derive(Module, Debug)]
pub struct PatchEmbedding {
    /// `[width, 1, 1, taps]`.
    conv_time: Conv2d,
    /// `[width, width, channels, 1]`.
    conv_spat: Conv2d,
    norm: BatchNorm,
    pool: TimePool,
    drop: Dropout,
    /// `[width, width, 1, 1]`.
    projection: Conv2d,
}

impl PatchEmbedding {
    fn new(sizes: &EegConformerConfig, channels: usize, device: &Device) -> Self {
        let width = sizes.n_filters_time;
        Self {
            conv_time: Conv2dConfig::new([1, width], [1, sizes.filter_time_length]).init(device),
            conv_spat: Conv2dConfig::new([width, width], [channels, 1]).init(device),
            norm: BatchNorm::new(width, device),
            pool: TimePool::new(PoolMode::Mean, sizes.pool_time_length, sizes.pool_time_stride),
            drop: Dropout::new(sizes.drop_prob),
            projection: Conv2dConfig::new([width, width], [1, 1]).init(device),
        }
    }

    /// `[batch, channels, samples]` to `[batch, tokens, width]`.
    fn forward(&self, signals: Tensor<3>, mode: &mut Mode<'_>) -> Tensor<3> {
        let filtered = filter_in_time_and_space(&self.conv_time, &self.conv_spat, signals);
        let pooled = self.pool.forward(elu(self.norm.forward(filtered, mode)));
        let tokens = self.drop.forward(pooled, mode).swap_dims(1, 2); // [batch, tokens, width]
        let weight = self.projection.weight.val().flatten::<2>(1, 3).transpose();
        let projected = tokens.matmul(weight.unsqueeze());
        match &self.projection.bias {
            Some(bias) => projected.add(bias.val().unsqueeze()),
            None => projected,
        }
    }
}

/// Multi-head self-attention.
#[derive(Module, Debug)]
pub struct MultiHeadAttention {
    keys: Linear,
    queries: Linear,
    values: Linear,
    projection: Linear,
    #[module(skip)]
    heads: usize,
}

impl MultiHeadAttention {
    fn new(width: usize, heads: usize, device: &Device) -> Self {
        let linear = || LinearConfig::new(width, width).init(device);
        Self { keys: linear(), queries: linear(), values: linear(), projection: linear(), heads }
    }

    /// `[batch, tokens, width]` to the same.
    fn forward(&self, input: Tensor<3>, dropout: &Dropout, mode: &mut Mode<'_>) -> Tensor<3> {
        let parts = [&self.queries, &self.keys, &self.values].map(|layer| layer.forward(input.clone()));
        self.projection.forward(attend(parts, self.heads, dropout, mode))
    }
}

/// A pre-norm layer: self-attention and a feed-forward part, each added to what it was given.
#[derive(Module, Debug)]
pub struct ConformerLayer {
    attention_norm: LayerNorm,
    attention: MultiHeadAttention,
    feed_forward_norm: LayerNorm,
    widening: Linear,
    narrowing: Linear,
    drop: Dropout,
}

impl ConformerLayer {
    fn new(sizes: &EegConformerConfig, device: &Device) -> Self {
        let width = sizes.n_filters_time;
        let inner = EXPANSION * width;
        let norm = || LayerNormConfig::new(width).init(device);
        Self {
            attention_norm: norm(),
            attention: MultiHeadAttention::new(width, sizes.num_heads, device),
            feed_forward_norm: norm(),
            widening: LinearConfig::new(width, inner).init(device),
            narrowing: LinearConfig::new(inner, width).init(device),
            drop: Dropout::new(sizes.att_drop_prob),
        }
    }

    /// `[batch, tokens, width]` to the same.
    fn forward(&self, input: Tensor<3>, mode: &mut Mode<'_>) -> Tensor<3> {
        let attended = self.attention.forward(self.attention_norm.forward(input.clone()), &self.drop, mode);
        let input = input.add(self.drop.forward(attended, mode));
        let inner = activation::gelu(self.widening.forward(self.feed_forward_norm.forward(input.clone())));
        let outer = self.narrowing.forward(self.drop.forward(inner, mode));
        input.add(self.drop.forward(outer, mode))
    }
}

/// The linear layers over all tokens.
#[derive(Module, Debug)]
pub struct FullyConnected {
    first: Linear,
    first_drop: Dropout,
    second: Linear,
    second_drop: Dropout,
}

impl FullyConnected {
    fn new(sizes: &EegConformerConfig, inputs: usize, device: &Device) -> Self {
        let [wide, narrow] = WIDTHS;
        Self {
            first: LinearConfig::new(inputs, wide).init(device),
            first_drop: Dropout::new(sizes.drop_prob_1),
            second: LinearConfig::new(wide, narrow).init(device),
            second_drop: Dropout::new(sizes.drop_prob_2),
        }
    }

    /// `[batch, tokens · width]` to `[batch, 32]`.
    fn forward(&self, input: Tensor<2>, mode: &mut Mode<'_>) -> Tensor<2> {
        let hidden = self.first_drop.forward(elu(self.first.forward(input)), mode);
        self.second_drop.forward(elu(self.second.forward(hidden)), mode)
    }
}

/// The backbone. Its parts are named as Braindecode's.
#[derive(Module, Debug)]
pub struct EegConformer {
    patch_embedding: PatchEmbedding,
    transformer: Vec<ConformerLayer>,
    fc: FullyConnected,
}

impl EmbeddingNetwork for EegConformer {
    const NAME: Backbone = Backbone::EegConformer;
    const SIZE_KEYS: &'static str = "n_filters_time or num_layers of model.extras";
    const LAST_LAYER: Option<&'static str> = Some("final_layer");

    /// [`ModelError::HeadsOfFilters`] when the filters do not divide into the heads.
    fn new(config: &ModelConfig, sample: FeatureShape, device: &Device) -> Result<Self, ModelError> {
        let [channels, samples] = signal_shape(sample, Self::NAME)?;
        let sizes = &config.extras.eeg_conformer;
        let (filters, heads) = (sizes.n_filters_time, sizes.num_heads);
        if heads == 0 || !filters.is_multiple_of(heads) {
            return Err(ModelError::HeadsOfFilters { filters, heads });
        }
        Ok(Self {
            patch_embedding: PatchEmbedding::new(sizes, channels, device),
            transformer: (0..sizes.num_layers).map(|_| ConformerLayer::new(sizes, device)).collect(),
            fc: FullyConnected::new(sizes, filters * tokens(sizes, samples), device),
        })
    }

    fn fits(config: &ModelConfig, shape: FeatureShape) -> Result<(bool, String), ModelError> {
        let sizes = &config.extras.eeg_conformer;
        fits_published(config, shape, sizes.filter_time_length - 1 + sizes.pool_time_length)
    }

    fn embedding_shape(_: &ModelConfig, _: FeatureShape) -> Result<Vec<usize>, ModelError> {
        Ok(vec![WIDTHS[1]])
    }

    fn approximate_parameters(config: &ModelConfig, sample: FeatureShape) -> Result<f64, ModelError> {
        let [channels, samples] = signal_shape(sample, Self::NAME)?;
        let sizes = &config.extras.eeg_conformer;
        let width = sizes.n_filters_time as f64;
        let of_layer = (4.0 + 2.0 * EXPANSION as f64) * width * width;
        let of_patches = width * (width * channels as f64 + sizes.filter_time_length as f64 + width);
        let of_ends = width * tokens(sizes, samples) as f64 * WIDTHS[0] as f64;
        Ok(of_patches + sizes.num_layers as f64 * of_layer + of_ends)
    }

    fn embed(&self, input: Input, mode: &mut Mode<'_>) -> Result<Tensor<2>, ModelError> {
        let signals = input.into_signals(Self::NAME)?;
        let tokens = self.patch_embedding.forward(signals, mode);
        let tokens = self.transformer.iter().fold(tokens, |tokens, layer| layer.forward(tokens, mode));
        Ok(self.fc.forward(tokens.flatten(1, 2), mode))
    }

    fn describe(&self, config: &ModelConfig, shape: FeatureShape, lines: &mut LayerLines) -> Result<(), ModelError> {
        let mut shape = signal_shape(shape, Self::NAME)?;
        let sizes = &config.extras.eeg_conformer;
        let (width, tokens) = (sizes.n_filters_time, tokens(sizes, shape[1]));
        let inner = EXPANSION * width;
        let patches = &self.patch_embedding;
        lines.filters_in_time_and_space([&patches.conv_time, &patches.conv_spat], &mut shape);
        lines.batch_norm(Some(&patches.norm), &shape);
        lines.push("convolution 1", vec![width, tokens], product(&[tokens, width, width]));
        for _ in &self.transformer {
            lines.push("layer normalisation", vec![tokens, width], 0);
            lines.linear(tokens, [width, width]);
            lines.linear(tokens, [width, width]);
            lines.linear(tokens, [width, width]);
            // Scores and their weighted sums are work of the projection that follows them.
            let attention = product(&[tokens, width, width]) + 2 * product(&[tokens, tokens, width]);
            lines.push("attention, out", vec![tokens, width], attention);
            lines.push("layer normalisation", vec![tokens, width], 0);
            lines.linear(tokens, [width, inner]);
            lines.linear(tokens, [inner, width]);
        }
        lines.linear(1, [tokens * width, WIDTHS[0]]);
        lines.linear(1, WIDTHS);
        lines.attention_scores += product(&[sizes.num_layers, sizes.num_heads, tokens, tokens]);
        Ok(())
    }

    fn batch_norms(&mut self) -> Vec<&mut BatchNorm> {
        vec![&mut self.patch_embedding.norm]
    }
}

/// Tokens of a signal of so many samples.
fn tokens(sizes: &EegConformerConfig, samples: usize) -> usize {
    let filtered = (samples + 1).saturating_sub(sizes.filter_time_length);
    pooled_length(filtered, sizes.pool_time_length, sizes.pool_time_stride)
}
