//! What the `[model]` table says: the backbone that turns an image or a window into an embedding, and its size.

use super::{
    backbones::{Backbone, ExtrasOf, ModelExtras},
    keys::{Bounds, KeyKind, NOT_USED},
    table::config_table,
};
use crate::named::named_enum;

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
    /// How the tasks' heads turn an embedding into logits.
    pub enum HeadKind {
        /// Linear, GELU, linear, with a hidden layer of twice the embedding's width.
        Mlp = "mlp",
        /// One linear layer.
        Linear = "linear",
    }
}

config_table! {
    /// The model: a backbone and the embedding it gives to the tasks' heads.
    pub struct ModelConfig in "model" {
        required {
            /// The network shared by all tasks.
            backbone: Backbone, KeyKind::Choice(Backbone::NAMES);
        }
        /// 1 for db-only, 3 for db-iq and db-polar, EEG channels for time series.
        ///
        /// Channels of the input. The field's published models have them from the data; the others need them in a file.
        input_channels: Option<usize> = None, KeyKind::WIDTH;
        /// The tasks' own layers: one, or two; by default what the backbone was published with.
        head: Option<HeadKind> = None, KeyKind::Choice(HeadKind::NAMES);
        /// Width of the embedding.
        embedding_dim: usize = 256, KeyKind::WIDTH;
        /// Probability with which a value is dropped in training.
        dropout: f64 = 0.3, KeyKind::Number(Bounds::UnitOpen);
        /// The non-linearity of the convolutional backbones.
        activation: Activation = Activation::Gelu, KeyKind::Choice(Activation::NAMES);
        /// Number of blocks, each of which halves the resolution.
        depth: usize = 3, KeyKind::Count { min: 1, max: 12 };
        /// Convolutions in a block.
        layer_repeats: usize = 2, KeyKind::Count { min: 1, max: 64 };
        /// The backbone's own keys.
        extras: ModelExtras = ModelExtras::default() => ExtrasOf("model.backbone");
        ignored {
            /// Other settings of a backbone.
            "extras.*", KeyKind::Anything, NOT_USED;
        }
    }
}
