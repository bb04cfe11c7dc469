//! `transformer`: self-attention over a sequence, `[batch, sequence, features]` to `[batch, embedding]`.
//!
//! A linear projection, pre-norm encoder layers as PyTorch's `nn.TransformerEncoderLayer(norm_first=True)` computes
//! them (Vaswani et al. 2017; Xiong et al. 2020), the mean over the sequence or its first token, and a linear
//! projection to the embedding.

use burn::{
    module::{Module, Param},
    nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig, PositionalEncoding, PositionalEncodingConfig},
    tensor::{Device, Tensor, activation},
};

use super::embedding_network::EmbeddingNetwork;
use crate::{
    config::{Backbone, ModelConfig, Pooling, TransformerConfig},
    datasets::FeatureShape,
    model::{
        ModelError,
        attention::attend,
        input::{Input, sequence_shape},
        layer_lines::{LayerLines, product},
        layers::{Dropout, Mode},
    },
};

/// Multi-head self-attention with the projections of queries, keys and values in one matrix, as checkpoints hold them.
#[derive(Module, Debug)]
pub struct SelfAttention {
    /// `[3 · hidden, hidden]`: queries, keys, values.
    pub(crate) in_proj_weight: Param<Tensor<2>>,
    /// `[3 · hidden]`.
    pub(crate) in_proj_bias: Param<Tensor<1>>,
    out_proj: Linear,
    #[module(skip)]
    heads: usize,
}

impl SelfAttention {
    fn new(hidden: usize, heads: usize, device: &Device) -> Self {
        Self {
            in_proj_weight: Param::from_tensor(Tensor::zeros([3 * hidden, hidden], device)),
            in_proj_bias: Param::from_tensor(Tensor::zeros([3 * hidden], device)),
            out_proj: LinearConfig::new(hidden, hidden).init(device),
            heads,
        }
    }

    /// `[batch, sequence, hidden]` to the same.
    fn forward(&self, input: Tensor<3>, dropout: &Dropout, mode: &mut Mode<'_>) -> Tensor<3> {
        let [_, _, hidden] = input.dims();
        let weight = self.in_proj_weight.val().transpose().unsqueeze::<3>();
        let bias = self.in_proj_bias.val().unsqueeze::<3>();
        let projected = input.matmul(weight).add(bias); // [batch, sequence, 3 · hidden]
        let parts = [0, 1, 2].map(|part| projected.clone().narrow(2, part * hidden, hidden));
        let attended = attend(parts, self.heads, dropout, mode);
        self.out_proj.forward(attended)
    }
}

/// One pre-norm encoder layer.
#[derive(Module, Debug)]
pub struct EncoderLayer {
    self_attn: SelfAttention,
    linear1: Linear,
    linear2: Linear,
    norm1: LayerNorm,
    norm2: LayerNorm,
    dropout: Dropout,
}

impl EncoderLayer {
    fn new(config: &TransformerConfig, dropout: f64, device: &Device) -> Self {
        let hidden = config.hidden_dim;
        Self {
            self_attn: SelfAttention::new(hidden, config.num_heads, device),
            linear1: LinearConfig::new(hidden, config.ff_dim).init(device),
            linear2: LinearConfig::new(config.ff_dim, hidden).init(device),
            norm1: LayerNormConfig::new(hidden).init(device),
            norm2: LayerNormConfig::new(hidden).init(device),
            dropout: Dropout::new(dropout),
        }
    }

    /// `[batch, sequence, hidden]` to the same.
    fn forward(&self, input: Tensor<3>, mode: &mut Mode<'_>) -> Tensor<3> {
        let attended = self.self_attn.forward(self.norm1.forward(input.clone()), &self.dropout, mode);
        let input = input.add(self.dropout.forward(attended, mode));
        let inner = activation::relu(self.linear1.forward(self.norm2.forward(input.clone())));
        let outer = self.linear2.forward(self.dropout.forward(inner, mode));
        input.add(self.dropout.forward(outer, mode))
    }
}

/// The encoder: its layers, one after the other.
#[derive(Module, Debug)]
pub struct Encoder {
    layers: Vec<EncoderLayer>,
}

/// The sinusoids of a sequence's positions (Vaswani et al. 2017). Burn refuses sequences longer than the slowest wave, so
/// that grows with them.
fn positions(hidden: usize, seq_length: usize, device: &Device) -> PositionalEncoding {
    let usual = PositionalEncodingConfig::new(hidden);
    let slowest = usual.max_timescale.max(seq_length);
    usual.with_max_sequence_size(seq_length).with_max_timescale(slowest).init(device)
}

/// The backbone. Its parts are named as the reference's: `input_proj`, `encoder.layers.<i>` and `output_proj`.
#[derive(Module, Debug)]
pub struct Transformer {
    input_proj: Linear,
    encoder: Encoder,
    output_proj: Linear,
    positions: Option<PositionalEncoding>,
    #[module(skip)]
    pooling: Pooling,
}

impl EmbeddingNetwork for Transformer {
    const NAME: Backbone = Backbone::Transformer;
    const SIZE_KEYS: &'static str = "model.embedding_dim, or hidden_dim, ff_dim or num_layers of model.extras";

    /// [`ModelError::SequenceUnknown`] without `input_dim` and `seq_length`, [`ModelError::Heads`] when the hidden width
    /// does not divide into the heads, [`ModelError::OddWidth`] when it is odd and positions are to be encoded.
    fn new(config: &ModelConfig, _: FeatureShape, device: &Device) -> Result<Self, ModelError> {
        let sizes = &config.extras.transformer;
        let (Some(input_dim), Some(seq_length)) = (sizes.input_dim, sizes.seq_length) else {
            return Err(ModelError::SequenceUnknown);
        };
        if sizes.num_heads == 0 || !sizes.hidden_dim.is_multiple_of(sizes.num_heads) {
            return Err(ModelError::Heads { hidden_dim: sizes.hidden_dim, num_heads: sizes.num_heads });
        }
        let layers = (0..sizes.num_layers).map(|_| EncoderLayer::new(sizes, config.dropout, device)).collect();
        if sizes.positional_encoding && !sizes.hidden_dim.is_multiple_of(2) {
            return Err(ModelError::OddWidth { hidden_dim: sizes.hidden_dim });
        }
        let positions = sizes.positional_encoding.then(|| positions(sizes.hidden_dim, seq_length, device));
        Ok(Self {
            input_proj: LinearConfig::new(input_dim, sizes.hidden_dim).init(device),
            encoder: Encoder { layers },
            output_proj: LinearConfig::new(sizes.hidden_dim, config.embedding_dim).init(device),
            positions,
            pooling: sizes.pooling,
        })
    }

    fn fits(config: &ModelConfig, shape: FeatureShape) -> Result<(bool, String), ModelError> {
        let (length, features) = sequence_shape(shape);
        let sizes = &config.extras.transformer;
        let fits = sizes.input_dim == Some(features) && sizes.seq_length == Some(length);
        Ok((fits, format!("model.extras.seq_length = {length} and input_dim = {features} for this dataset")))
    }

    fn approximate_parameters(config: &ModelConfig, _: FeatureShape) -> Result<f64, ModelError> {
        let sizes = &config.extras.transformer;
        let (hidden, inner) = (sizes.hidden_dim as f64, sizes.ff_dim as f64);
        let of_layer = 4.0 * hidden * hidden + 2.0 * hidden * inner;
        let of_ends = hidden * (sizes.input_dim.unwrap_or_default() as f64 + config.embedding_dim as f64);
        Ok(of_ends + sizes.num_layers as f64 * of_layer)
    }

    fn embed(&self, input: Input, mode: &mut Mode<'_>) -> Result<Tensor<2>, ModelError> {
        let mut hidden = self.input_proj.forward(input.into_sequence()); // [batch, sequence, hidden]
        if let Some(positions) = &self.positions {
            hidden = positions.forward(hidden);
        }
        for layer in &self.encoder.layers {
            hidden = layer.forward(hidden, mode);
        }
        let pooled = match self.pooling {
            Pooling::Mean => hidden.mean_dim(1),
            Pooling::Cls => hidden.narrow(1, 0, 1),
        };
        Ok(self.output_proj.forward(pooled.flatten::<2>(1, 2))) // [batch, 1 · hidden] before the projection
    }

    fn describe(&self, config: &ModelConfig, shape: FeatureShape, lines: &mut LayerLines) -> Result<(), ModelError> {
        let (length, features) = sequence_shape(shape);
        let sizes = &config.extras.transformer;
        let (hidden, inner) = (sizes.hidden_dim, sizes.ff_dim);
        lines.linear(length, [features, hidden]);
        for _ in 0..sizes.num_layers {
            // Scores and their weighted sums are work of the projection that feeds them.
            let attention = product(&[length, hidden, 3 * hidden]) + 2 * product(&[length, length, hidden]);
            lines.push("attention, in", vec![length, 3 * hidden], attention);
            lines.push("attention, out", vec![length, hidden], product(&[length, hidden, hidden]));
            lines.linear(length, [hidden, inner]);
            lines.linear(length, [inner, hidden]);
            lines.push("layer normalisation", vec![length, hidden], 0);
            lines.push("layer normalisation", vec![length, hidden], 0);
        }
        lines.linear(1, [hidden, config.embedding_dim]);
        lines.attention_scores += product(&[sizes.num_layers, sizes.num_heads, length, length]);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_positions(hidden_dim: usize, seq_length: usize) -> Result<Transformer, ModelError> {
        let mut config = ModelConfig::new(Backbone::Transformer);
        config.extras.transformer = TransformerConfig {
            input_dim: Some(2),
            seq_length: Some(seq_length),
            hidden_dim,
            num_layers: 1,
            num_heads: 1,
            ff_dim: 2,
            positional_encoding: true,
            ..TransformerConfig::default()
        };
        let sample = FeatureShape::Signal { channels: 2, samples: seq_length };
        Transformer::new(&config, sample, &Device::flex())
    }

    #[test]
    fn long_sequences_have_positions() {
        let model = with_positions(2, 12_000).unwrap();
        assert_eq!(model.positions.unwrap().sinusoids.dims(), [1, 12_000, 2]);
    }

    #[test]
    fn an_odd_width_has_none() {
        assert_eq!(with_positions(25, 10).unwrap_err(), ModelError::OddWidth { hidden_dim: 25 });
    }
}
