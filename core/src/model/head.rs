//! Heads: what turns the embedding that all tasks share into one task's logits.

use burn::{
    module::Module,
    nn::{
        Linear, LinearConfig,
        conv::{Conv2d, Conv2dConfig},
    },
    tensor::{Device, Tensor, activation},
};

use super::layer_lines::LayerLines;
use crate::config::HeadKind;

/// A task's head.
#[derive(Module, Debug)]
pub enum Head {
    /// Two linear layers.
    Mlp(MlpHead),
    /// One linear layer.
    Linear(Linear),
    /// One linear layer that was published as a convolution whose kernel covers all that there is.
    Convolution(Conv2d),
}

/// A head with a hidden layer: linear, exact GELU, linear.
#[derive(Module, Debug)]
pub struct MlpHead {
    hidden: Linear,
    output: Linear,
}

impl Head {
    /// For embeddings of this shape, which is `[width]`, or `[filters, height, width]` where the backbone was published
    /// with a convolution over them.
    pub(super) fn new(kind: HeadKind, embedding: &[usize], outputs: usize, device: &Device) -> Self {
        let width = embedding.iter().product();
        let linear = |from, to| LinearConfig::new(from, to).init(device);
        match (kind, embedding) {
            (HeadKind::Mlp, _) => {
                Self::Mlp(MlpHead { hidden: linear(width, 2 * width), output: linear(2 * width, outputs) })
            }
            (HeadKind::Linear, &[filters, rows, columns]) => {
                Self::Convolution(Conv2dConfig::new([filters, outputs], [rows, columns]).init(device))
            }
            (HeadKind::Linear, _) => Self::Linear(linear(width, outputs)),
        }
    }

    /// `[batch, embedding]` to `[batch, outputs]`.
    pub(super) fn forward(&self, embedding: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Mlp(mlp) => mlp.output.forward(activation::gelu(mlp.hidden.forward(embedding))),
            Self::Linear(linear) => linear.forward(embedding),
            Self::Convolution(layer) => {
                let weight = layer.weight.val().flatten::<2>(1, 3); // [outputs, embedding]
                let logits = embedding.matmul(weight.transpose());
                match &layer.bias {
                    Some(bias) => logits.add(bias.val().unsqueeze()),
                    None => logits,
                }
            }
        }
    }

    /// Tells its layers, first to last.
    pub(super) fn describe(&self, lines: &mut LayerLines) {
        match self {
            Self::Mlp(mlp) => {
                for linear in [&mlp.hidden, &mlp.output] {
                    lines.linear(1, linear.weight.dims());
                }
            }
            Self::Linear(linear) => lines.linear(1, linear.weight.dims()),
            Self::Convolution(layer) => {
                let [outputs, filters, rows, columns] = layer.weight.dims();
                lines.linear(1, [filters * rows * columns, outputs]);
            }
        }
    }
}
