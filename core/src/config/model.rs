//! What the `[model]` table says: the backbone that turns an image or a window into an embedding, and its size.

use super::names::named_enum;

named_enum! {
    /// The network shared by all tasks.
    pub enum Backbone {
        /// Convolutions over a spectrogram image, `[batch, channels, height, width]`.
        CnnLight = "cnn_light",
        /// Convolutions along a multi-channel window, `[batch, channels, samples]`.
        Cnn1d = "cnn_1d" | "cnn_1d_light",
        /// Self-attention over the columns of an image or the samples of a window, `[batch, sequence, features]`.
        Transformer = "transformer",
    }
}

named_enum! {
    /// The non-linearity between layers.
    pub enum Activation {
        /// max(0, x).
        Relu = "relu",
        /// Leaky ReLU with slope 0.01 for x < 0.
        LeakyRelu = "lrelu",
        /// 1/(1 + e^−x).
        Sigmoid = "sigmoid",
        /// Hyperbolic tangent.
        Tanh = "tanh",
        /// x·Φ(x) with the exact normal distribution function.
        Gelu = "gelu",
        /// Leaky ReLU whose slope is learnt.
        Prelu = "prelu",
    }
}

named_enum! {
    /// How the transformer turns a sequence into one embedding.
    pub enum Pooling {
        /// The mean over the sequence.
        Mean = "mean",
        /// The first token.
        Cls = "cls",
    }
}

/// The model: a backbone and the embedding it gives to the tasks' heads.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelConfig {
    /// The network shared by all tasks.
    pub backbone: Backbone,
    /// Channels of the input: 1 for a `db-only` image, 3 for `db-iq` and `db-polar`, EEG channels for time series.
    pub input_channels: usize,
    /// Width of the embedding.
    pub embedding_dim: usize,
    /// Probability with which a value is dropped during training, in [0, 1).
    pub dropout: f64,
    /// The non-linearity of the convolutional backbones.
    pub activation: Activation,
    /// Number of blocks, each of which halves the resolution.
    pub depth: usize,
    /// Convolutions in a block.
    pub layer_repeats: usize,
    /// Sizes that only the transformer uses.
    pub transformer: TransformerConfig,
}

impl ModelConfig {
    /// A model of the default size.
    #[must_use]
    pub fn new(backbone: Backbone, input_channels: usize) -> Self {
        Self {
            backbone,
            input_channels,
            embedding_dim: 256,
            dropout: 0.3,
            activation: Activation::Gelu,
            depth: 3,
            layer_repeats: 2,
            transformer: TransformerConfig::default(),
        }
    }
}

/// What `[model.extras]` says; only the transformer uses it.
#[derive(Debug, Clone, PartialEq)]
pub struct TransformerConfig {
    /// Features of one token. The transformer needs it.
    pub input_dim: Option<usize>,
    /// Tokens in a sequence. The transformer needs it.
    pub seq_length: Option<usize>,
    /// Width inside the encoder; a multiple of `num_heads`.
    pub hidden_dim: usize,
    /// Encoder layers.
    pub num_layers: usize,
    /// Attention heads in a layer.
    pub num_heads: usize,
    /// Width of a layer's feed-forward part.
    pub ff_dim: usize,
    /// How a sequence becomes one embedding.
    pub pooling: Pooling,
    /// Whether the tokens' positions are added to them (sinusoids, Vaswani et al. 2017).
    pub positional_encoding: bool,
}

impl Default for TransformerConfig {
    fn default() -> Self {
        Self {
            input_dim: None,
            seq_length: None,
            hidden_dim: 256,
            num_layers: 4,
            num_heads: 4,
            ff_dim: 512,
            pooling: Pooling::Mean,
            positional_encoding: false,
        }
    }
}
