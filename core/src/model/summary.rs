//! What a model is made of: its layers with output shapes, parameters and multiply-adds, computed from the config and
//! one sample's shape without running anything.

use std::fmt;

use burn::tensor::Device;

use super::{
    Backbone, ModelError, MultiTaskClassifier, check_shape,
    classifier::sequence_shape,
    cnn_1d, cnn_light,
    layers::{Layer1d, Layer2d},
};
use crate::{config::ModelConfig, datasets::FeatureShape, labels::TaskSpec};

/// One line of a summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerSummary {
    /// Name, as in checkpoints.
    pub name: String,
    /// What it is, in the field's words.
    pub kind: String,
    /// Shape of one sample's output.
    pub output: Vec<usize>,
    /// Learnt values.
    pub parameters: usize,
    /// Multiply-adds for one sample; normalisation, activation and pooling count none.
    pub multiply_adds: u64,
}

/// All layers of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelSummary {
    /// The shape of one sample.
    pub input: FeatureShape,
    /// Layers with parameters, first to last.
    pub layers: Vec<LayerSummary>,
    /// Of one sample, over all layers and heads: they grow with the square of the sequence.
    attention_scores: u64,
}

impl ModelSummary {
    /// Describes the model that a config gives for samples of this shape.
    ///
    /// # Errors
    /// [`ModelError`] when the config and the shape do not fit together.
    pub fn new(config: &ModelConfig, tasks: &[TaskSpec], input: FeatureShape) -> Result<Self, ModelError> {
        check_shape(config, input)?;
        let model = MultiTaskClassifier::new(config, tasks, 0, &Device::flex())?;
        let mut layers = Lines { parameters: parameters_by_layer(&model), lines: Vec::new() };
        let mut attention_scores = 0;
        match (&model.network.backbone, input) {
            (Backbone::CnnLight(backbone), FeatureShape::Image { channels, height, width }) => {
                let mut shape = [channels, height, width];
                for layer in backbone.layers() {
                    layers.image_layer(layer, &mut shape);
                }
            }
            (Backbone::Cnn1d(backbone), FeatureShape::Signal { channels, samples }) => {
                let mut shape = [channels, samples];
                for layer in backbone.layers() {
                    layers.signal_layer(layer, &mut shape);
                }
                let [inputs, outputs] = backbone.projection().weight.dims();
                layers.push("linear", vec![outputs], product(&[inputs, outputs]));
            }
            (Backbone::Transformer(_), shape) => {
                let (length, features) = sequence_shape(shape);
                layers.transformer(config, length, features);
                let sizes = &config.transformer;
                attention_scores = product(&[sizes.num_layers, sizes.num_heads, length, length]);
            }
            _ => return Err(ModelError::InputKind { backbone: config.backbone }),
        }
        for head in &model.network.heads {
            for linear in head.linears() {
                let [inputs, outputs] = linear.weight.dims();
                layers.push("linear", vec![outputs], product(&[inputs, outputs]));
            }
        }
        Ok(Self { input, layers: layers.lines, attention_scores })
    }

    /// Learnt values of the whole model.
    pub fn parameters(&self) -> usize {
        self.layers.iter().map(|layer| layer.parameters).sum()
    }

    /// Multiply-adds of one sample's forward pass.
    pub fn multiply_adds(&self) -> u64 {
        self.layers.iter().map(|layer| layer.multiply_adds).sum()
    }

    /// An estimate of the bytes that training with batches of this size takes, in values of 4 bytes:
    ///
    /// - four for each parameter: itself, its gradient and the optimizer's two moments;
    /// - for each sample its input, and for each layer with parameters [`KEPT_PER_OUTPUT`] values for each of its
    ///   outputs, kept until the gradients are known;
    /// - for each attention score [`KEPT_PER_SCORE`] values;
    /// - twice the widest layer's outputs, for the gradients that pass through it.
    ///
    /// What a device's kernels need for themselves comes on top.
    pub fn training_bytes(&self, batch_size: usize) -> u64 {
        let input = match self.input {
            FeatureShape::Image { channels, height, width } => product(&[channels, height, width]),
            FeatureShape::Signal { channels, samples } => product(&[channels, samples]),
        };
        let outputs = || self.layers.iter().map(|layer| product(&layer.output));
        let kept = input
            + KEPT_PER_OUTPUT * outputs().sum::<u64>()
            + 2 * outputs().max().unwrap_or_default()
            + KEPT_PER_SCORE * self.attention_scores;
        let values = (4 * self.parameters() as u64).saturating_add((batch_size as u64).saturating_mul(kept));
        values.saturating_mul(size_of::<f32>() as u64)
    }
}

/// About how many parameters a model will have, from its config alone: of its widest layers, for whoever must not run
/// out of memory while making it. Biases, normalisation and the first layer are left out.
///
/// # Errors
/// [`ModelError`] when the sizes do not fit together.
pub fn approximate_parameters(config: &ModelConfig, tasks: usize) -> Result<f64, ModelError> {
    let width = config.embedding_dim as f64;
    let of_blocks = |widths: &[usize], kernel: usize| {
        let pairs = widths.windows(2).map(|pair| (pair[0] as f64, pair[1] as f64));
        let of_block = |(inputs, outputs)| outputs * (inputs + (config.layer_repeats as f64 - 1.0) * outputs);
        kernel as f64 * pairs.map(of_block).sum::<f64>()
    };
    let of_backbone = match config.backbone {
        crate::config::Backbone::CnnLight => {
            let kernel = cnn_light::BLOCK_KERNEL * cnn_light::BLOCK_KERNEL;
            of_blocks(&cnn_light::channel_widths(config)?, kernel)
        }
        crate::config::Backbone::Cnn1d => {
            let widths = cnn_1d::channel_widths(config);
            of_blocks(&widths, cnn_1d::SMALLEST_KERNEL) + widths.last().map_or(0.0, |&last| last as f64 * width)
        }
        crate::config::Backbone::Transformer => {
            let sizes = &config.transformer;
            let (hidden, inner) = (sizes.hidden_dim as f64, sizes.ff_dim as f64);
            let of_layer = 4.0 * hidden * hidden + 2.0 * hidden * inner;
            sizes.input_dim.unwrap_or_default() as f64 * hidden + sizes.num_layers as f64 * of_layer + hidden * width
        }
    };
    // Each head widens the embedding to twice its width first.
    Ok(of_backbone + tasks as f64 * 2.0 * width * width)
}

/// Values that training keeps for an output of a layer: the output, its activation, and the dropout of that.
const KEPT_PER_OUTPUT: u64 = 3;

/// Values that training keeps for an attention score: the score, its share, and the dropout of that.
const KEPT_PER_SCORE: u64 = 3;

impl fmt::Display for ModelSummary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.layers.iter().map(|layer| layer.name.len()).max().unwrap_or_default();
        writeln!(formatter, "{}", self.input)?;
        for layer in &self.layers {
            let shape = layer.output.iter().map(usize::to_string).collect::<Vec<_>>().join(" × ");
            writeln!(
                formatter,
                "  {:width$}  {:<22} {shape:>15} {:>10} parameters {:>8} multiply-adds",
                layer.name,
                layer.kind,
                layer.parameters,
                engineering(layer.multiply_adds),
            )?;
        }
        write!(
            formatter,
            "{} parameters, {} multiply-adds a sample",
            self.parameters(),
            engineering(self.multiply_adds())
        )
    }
}

/// A count with a thousands' prefix: 1.2 M.
fn engineering(count: u64) -> String {
    match count {
        0..1_000 => count.to_string(),
        1_000..1_000_000 => format!("{:.1} k", count as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} M", count as f64 / 1e6),
        _ => format!("{:.2} G", count as f64 / 1e9),
    }
}

/// A count that may be larger than an address on a 32-bit machine.
fn product(sizes: &[usize]) -> u64 {
    sizes.iter().map(|&size| size as u64).product()
}

/// Layer names with the number of their learnt values, first to last.
fn parameters_by_layer(model: &MultiTaskClassifier) -> std::vec::IntoIter<(String, usize)> {
    let mut layers: Vec<(String, usize)> = Vec::new();
    for tensor in model.named_tensors() {
        if super::parameters::is_buffer(&tensor.name) {
            continue;
        }
        // Attention's input projection is named with an underscore where others have a dot.
        let layer = tensor.name.trim_end_matches("weight").trim_end_matches("bias").trim_end_matches(['.', '_']);
        let count: usize = tensor.shape.iter().product();
        match layers.last_mut() {
            Some((last, total)) if last == layer => *total += count,
            _ => layers.push((layer.to_owned(), count)),
        }
    }
    layers.into_iter()
}

/// Joins what the parameters tell (name, count) with what the walk over the layers tells (kind, shape, work).
struct Lines {
    parameters: std::vec::IntoIter<(String, usize)>,
    lines: Vec<LayerSummary>,
}

impl Lines {
    fn push(&mut self, kind: impl Into<String>, output: Vec<usize>, multiply_adds: u64) {
        if let Some((name, parameters)) = self.parameters.next() {
            self.lines.push(LayerSummary { name, kind: kind.into(), output, parameters, multiply_adds });
        }
    }

    fn image_layer(&mut self, layer: &Layer2d, shape: &mut [usize; 3]) {
        match layer {
            Layer2d::Conv(conv) => {
                let [outputs, inputs, kernel_height, kernel_width] = conv.weight.dims();
                shape[0] = outputs;
                let work = product(&[inputs, kernel_height, kernel_width]) * product(shape);
                self.push(format!("convolution {kernel_height} × {kernel_width}"), shape.to_vec(), work);
            }
            Layer2d::Norm(_) => self.push("group normalisation", shape.to_vec(), 0),
            Layer2d::Activation(super::layers::Activation::Prelu(_)) => self.push("PReLU", shape.to_vec(), 0),
            Layer2d::Pool(_) => {
                shape[1] /= 2;
                shape[2] /= 2;
            }
            Layer2d::Activation(_) | Layer2d::Dropout(_) => {}
        }
    }

    fn signal_layer(&mut self, layer: &Layer1d, shape: &mut [usize; 2]) {
        match layer {
            Layer1d::Conv(conv) => {
                let [outputs, inputs, kernel] = conv.weight.dims();
                shape[0] = outputs;
                let work = product(&[inputs, kernel]) * product(shape);
                self.push(format!("convolution {kernel}"), shape.to_vec(), work);
            }
            Layer1d::Norm(_) => self.push("batch normalisation", shape.to_vec(), 0),
            Layer1d::Activation(super::layers::Activation::Prelu(_)) => self.push("PReLU", shape.to_vec(), 0),
            Layer1d::Pool(_) => shape[1] /= 2,
            Layer1d::Activation(_) | Layer1d::Dropout(_) => {}
        }
    }

    fn transformer(&mut self, config: &ModelConfig, length: usize, features: usize) {
        let sizes = &config.transformer;
        let (hidden, inner) = (sizes.hidden_dim, sizes.ff_dim);
        let linear = |inputs: usize, outputs: usize| product(&[length, inputs, outputs]);
        self.push("linear", vec![length, hidden], linear(features, hidden));
        for _ in 0..sizes.num_layers {
            // Scores and their weighted sums are work of the projection that feeds them.
            let attention = 2 * product(&[length, length, hidden]);
            self.push("attention, in", vec![length, 3 * hidden], linear(hidden, 3 * hidden) + attention);
            self.push("attention, out", vec![length, hidden], linear(hidden, hidden));
            self.push("linear", vec![length, inner], linear(hidden, inner));
            self.push("linear", vec![length, hidden], linear(inner, hidden));
            self.push("layer normalisation", vec![length, hidden], 0);
            self.push("layer normalisation", vec![length, hidden], 0);
        }
        self.push("linear", vec![config.embedding_dim], product(&[hidden, config.embedding_dim]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Backbone as BackboneName;

    fn task() -> TaskSpec {
        crate::labels::LabelRegistry::folder().get("health").unwrap().task.clone()
    }

    #[test]
    fn the_approximation_is_close_for_wide_models() {
        let image = FeatureShape::Image { channels: 1, height: 64, width: 64 };
        let signal = FeatureShape::Signal { channels: 1, samples: 512 };
        for (name, shape) in [(BackboneName::CnnLight, image), (BackboneName::Cnn1d, signal)] {
            let mut config = ModelConfig::new(name, 1);
            (config.embedding_dim, config.depth, config.layer_repeats) = (256, 3, 2);
            let exact = ModelSummary::new(&config, &[task()], shape).unwrap().parameters() as f64;
            let approximate = approximate_parameters(&config, 1).unwrap();
            assert!((approximate / exact - 1.0).abs() < 0.25, "{name}: {approximate} for {exact}");
        }
    }

    #[test]
    fn memory_grows_with_the_batch_from_what_the_parameters_take() {
        let mut config = ModelConfig::new(BackboneName::CnnLight, 1);
        (config.embedding_dim, config.depth) = (32, 3);
        let image = FeatureShape::Image { channels: 1, height: 64, width: 64 };
        let summary = ModelSummary::new(&config, &[task()], image).unwrap();
        assert_eq!(summary.training_bytes(0), 16 * summary.parameters() as u64);
        let a_sample = summary.training_bytes(1) - summary.training_bytes(0);
        assert_eq!(summary.training_bytes(8) - summary.training_bytes(0), 8 * a_sample);
        assert!(a_sample > 4 * 64 * 64);
    }

    #[test]
    fn long_sequences_take_memory_for_their_attention() {
        let bytes = |samples: usize| {
            let mut config = ModelConfig::new(BackboneName::Transformer, 20);
            (config.transformer.input_dim, config.transformer.seq_length) = (Some(20), Some(samples));
            let signal = FeatureShape::Signal { channels: 20, samples };
            let summary = ModelSummary::new(&config, &[task()], signal).unwrap();
            summary.training_bytes(1) - summary.training_bytes(0)
        };
        // Four layers of four heads, three values of four bytes for each pair of samples.
        assert!(bytes(2048) > 4 * 4 * 3 * 4 * 2048 * 2048);
        assert!(bytes(2048) > 4 * bytes(512));
    }
}
