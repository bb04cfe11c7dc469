//! What a model is made of: its layers with output shapes, parameters and multiply-adds, computed from the config and
//! one sample's shape without running anything.

use std::fmt;

use burn::tensor::Device;

pub use super::layer_lines::LayerSummary;
use super::{
    ModelError, MultiTaskClassifier,
    backbones::BackboneNetwork,
    check_shape,
    layer_lines::{LayerLines, product},
    memory::parameter_bytes,
    parameters::is_buffer,
};
use crate::{
    config::{HeadKind, ModelConfig},
    datasets::FeatureShape,
    labels::TaskSpec,
};

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
        let model = MultiTaskClassifier::new(config, tasks, input, 0, &Device::flex())?;
        let mut layers = LayerLines::new(parameters_by_layer(&model));
        model.network.backbone.describe(config, input, &mut layers)?;
        for head in &model.network.heads {
            head.describe(&mut layers);
        }
        Ok(Self { input, layers: layers.lines, attention_scores: layers.attention_scores })
    }

    /// Learnt values of the whole model.
    pub fn parameters(&self) -> usize {
        self.layers.iter().map(|layer| layer.parameters).sum()
    }

    /// Multiply-adds of one sample's forward pass.
    pub fn multiply_adds(&self) -> u64 {
        self.layers.iter().map(|layer| layer.multiply_adds).sum()
    }

    /// The bytes that its parameters take, as [`memory`](super::memory) counts them.
    pub fn parameter_bytes(&self, beside: u64) -> u64 {
        let largest = self.layers.iter().map(|layer| layer.parameters).max().unwrap_or_default();
        parameter_bytes(self.parameters() as u64, largest as u64, beside)
    }

    /// An estimate of the bytes that training with batches of this size takes: [`Self::parameter_bytes`] and, in values
    /// of 4 bytes,
    ///
    /// - for each sample its input, and for each layer with parameters [`KEPT_PER_OUTPUT`] values for each of its
    ///   outputs, kept until the gradients are known;
    /// - for each attention score [`KEPT_PER_SCORE`] values;
    /// - twice the widest layer's outputs, for the gradients that pass through it.
    ///
    /// What a device's kernels need for themselves comes on top.
    pub fn training_bytes(&self, batch_size: usize, beside: u64) -> u64 {
        let input = match self.input {
            FeatureShape::Image { channels, height, width } => product(&[channels, height, width]),
            FeatureShape::Signal { channels, samples } => product(&[channels, samples]),
        };
        let outputs = || self.layers.iter().map(|layer| product(&layer.output));
        let kept = input
            + KEPT_PER_OUTPUT * outputs().sum::<u64>()
            + 2 * outputs().max().unwrap_or_default()
            + KEPT_PER_SCORE * self.attention_scores;
        let of_batch = (batch_size as u64).saturating_mul(kept).saturating_mul(size_of::<f32>() as u64);
        self.parameter_bytes(beside).saturating_add(of_batch)
    }
}

/// About how many parameters a model will have for samples of this shape, without making it: those of its widest layers,
/// for whoever must not run out of memory while making it. Biases, normalisation and last layers are left out.
///
/// # Errors
/// [`ModelError`] when the sizes do not fit together.
pub fn approximate_parameters(config: &ModelConfig, tasks: usize, input: FeatureShape) -> Result<f64, ModelError> {
    check_shape(config, input)?;
    let width: f64 = BackboneNetwork::embedding_shape(config, input)?.into_iter().map(|side| side as f64).product();
    let of_head = match BackboneNetwork::head_kind(config) {
        // It widens the embedding to twice its width first.
        HeadKind::Mlp => 2.0 * width * width,
        HeadKind::Linear => width,
    };
    Ok(BackboneNetwork::approximate_parameters(config, input)? + tasks as f64 * of_head)
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

/// Layer names with the number of their learnt values, first to last.
fn parameters_by_layer(model: &MultiTaskClassifier) -> Vec<(String, usize)> {
    let mut layers: Vec<(String, usize)> = Vec::new();
    for tensor in model.named_tensors() {
        if is_buffer(&tensor.name) {
            continue;
        }
        // Attention's input projection is named with an underscore where others have a dot.
        let name = tensor.name.trim_end_matches(".parametrizations.weight.original");
        let layer = name.trim_end_matches("weight").trim_end_matches("bias").trim_end_matches(['.', '_']);
        let count: usize = tensor.shape.iter().product();
        match layers.last_mut() {
            Some((last, total)) if last == layer => *total += count,
            _ => layers.push((layer.to_owned(), count)),
        }
    }
    layers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Backbone;

    fn task() -> TaskSpec {
        crate::labels::LabelRegistry::folder().get("health").unwrap().task.clone()
    }

    #[test]
    fn the_approximation_is_close_for_wide_models() {
        let image = FeatureShape::Image { channels: 1, height: 64, width: 64 };
        let signal = FeatureShape::Signal { channels: 1, samples: 512 };
        for (name, shape) in [(Backbone::CnnLight, image), (Backbone::Cnn1d, signal)] {
            let mut config = ModelConfig::new(name);
            (config.embedding_dim, config.depth, config.layer_repeats) = (256, 3, 2);
            let exact = ModelSummary::new(&config, &[task()], shape).unwrap().parameters() as f64;
            let approximate = approximate_parameters(&config, 1, shape).unwrap();
            assert!((approximate / exact - 1.0).abs() < 0.25, "{name}: {approximate} for {exact}");
        }
    }

    #[test]
    fn every_layer_of_a_published_model_is_told_and_none_is_forgotten_beforehand() {
        let signal = FeatureShape::Signal { channels: 20, samples: 600 };
        for (name, parameters, of_layer) in [
            (Backbone::ShallowFbcspNet, 35_842, ("conv_time_spat.conv_spat", vec![40, 576])),
            (Backbone::EegNet, 2_002, ("conv_spatial", vec![16, 601])),
            (Backbone::Deep4Net, 276_827, ("conv_4", vec![200, 8])),
            (Backbone::EegConformer, 509_826, ("transformer.5.1.fn.1.3", vec![34, 40])),
        ] {
            let config = ModelConfig::new(name);
            let summary = ModelSummary::new(&config, &[task()], signal).unwrap();
            assert_eq!(summary.parameters(), parameters, "{name}");
            let layer = summary.layers.iter().find(|layer| layer.name == of_layer.0).unwrap();
            assert_eq!(layer.output, of_layer.1, "{name}: {}", layer.kind);
            let last = summary.layers.last().unwrap();
            assert!(last.name.starts_with("final_layer") && last.output == [2], "{name}: {last:?}");
            let approximate = approximate_parameters(&config, 1, signal).unwrap();
            assert!((approximate / parameters as f64 - 1.0).abs() < 0.25, "{name}: {approximate}");
        }
    }

    #[test]
    fn memory_grows_with_the_batch_from_what_the_parameters_take() {
        let mut config = ModelConfig::new(Backbone::CnnLight);
        (config.embedding_dim, config.depth) = (32, 3);
        let image = FeatureShape::Image { channels: 1, height: 64, width: 64 };
        let summary = ModelSummary::new(&config, &[task()], image).unwrap();
        assert_eq!(summary.training_bytes(0, 0), summary.parameter_bytes(0));
        assert_eq!(summary.parameter_bytes(1) - summary.parameter_bytes(0), 4 * summary.parameters() as u64);
        let a_sample = summary.training_bytes(1, 0) - summary.training_bytes(0, 0);
        assert_eq!(summary.training_bytes(8, 0) - summary.training_bytes(0, 0), 8 * a_sample);
        assert!(a_sample > 4 * 64 * 64);
    }

    #[test]
    fn long_sequences_take_memory_for_their_attention() {
        let bytes = |samples: usize| {
            let mut config = ModelConfig::new(Backbone::Transformer);
            (config.extras.transformer.input_dim, config.extras.transformer.seq_length) = (Some(20), Some(samples));
            let signal = FeatureShape::Signal { channels: 20, samples };
            let summary = ModelSummary::new(&config, &[task()], signal).unwrap();
            summary.training_bytes(1, 0) - summary.training_bytes(0, 0)
        };
        // Four layers of four heads, three values of four bytes for each pair of samples.
        assert!(bytes(2048) > 4 * 4 * 3 * 4 * 2048 * 2048);
        assert!(bytes(2048) > 4 * bytes(512));
    }
}
