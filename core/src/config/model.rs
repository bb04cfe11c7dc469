//! What the `[model]` table says: the backbone that turns an image or a window into an embedding, and its size.

use super::{keys::KeyKind, names::named_enum, table::config_table};

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

config_table! {
    /// What `[model.extras]` says; only the transformer uses it.
    pub struct TransformerConfig in "model.extras" {
        /// transformer: features of one token.
        ///
        /// The transformer needs it.
        input_dim: Option<usize> = None, KeyKind::WIDTH;
        /// transformer: tokens in a sequence.
        ///
        /// The transformer needs it.
        seq_length: Option<usize> = None, KeyKind::COUNT;
        /// transformer: width of the encoder, a multiple of num_heads.
        hidden_dim: usize = 256, KeyKind::WIDTH;
        /// transformer: encoder layers.
        num_layers: usize = 4, KeyKind::Count { min: 1, max: 256 };
        /// transformer: attention heads in a layer.
        num_heads: usize = 4, KeyKind::Count { min: 1, max: 1024 };
        /// transformer: width of a layer's feed-forward part.
        ff_dim: usize = 512, KeyKind::WIDTH;
        /// transformer: mean of the sequence, or first token.
        pooling: Pooling = Pooling::Mean, KeyKind::Choice(Pooling::NAMES);
        /// transformer: whether tokens' positions are added.
        ///
        /// They are sinusoids (Vaswani et al. 2017).
        positional_encoding: bool = false, KeyKind::Switch;
    }
}
