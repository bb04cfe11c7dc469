//! The original backbones, their losses and gradients against the reference's numbers in `parity/models`.

use std::{collections::BTreeMap, path::Path};

use burn::tensor::{Device, Tensor, TensorData};
use pollster::block_on;
use serde::Deserialize;
use signal_studio_core::{
    config::{Activation, Backbone, FocalConfig, ModelConfig},
    datasets::FeatureShape,
    labels::{TaskKind, TaskSpec},
    model::{Input, Mode, MultiTaskClassifier, checkpoint, parameters::Values},
    random::{Purpose, stream},
    storage::{MemoryStorage, Storage},
    training::{losses::Loss, optimizer::Gradients},
};
use signal_studio_tests::shared;

use crate::{difference, floats, read, read_bytes};

const CASES: [&str; 4] = ["cnn_light-depth3", "cnn_light-growth4", "cnn_1d", "transformer-mean"];

#[derive(Deserialize)]
struct Case {
    config: CaseConfig,
    parameters: usize,
    targets: BTreeMap<String, Vec<f32>>,
    task_weights: BTreeMap<String, f64>,
    label_smoothing_gender: f64,
    focal_health: Focal,
    per_task_loss: BTreeMap<String, f64>,
    loss: f64,
    grad_norm: f64,
}

#[derive(Deserialize)]
struct Focal {
    alpha: f64,
    gamma: f64,
}

#[derive(Deserialize)]
struct CaseConfig {
    backbone: Backbone,
    input_channels: usize,
    tasks: Vec<CaseTask>,
    embedding_dim: usize,
    activation: Activation,
    depth: usize,
    layer_repeats: usize,
    #[serde(default)]
    extras: BTreeMap<String, usize>,
}

#[derive(Deserialize)]
struct CaseTask {
    name: String,
    output_dim: usize,
    task_type: String,
}

impl CaseConfig {
    /// Without dropout: the reference's gradients were taken so.
    fn model(&self) -> ModelConfig {
        let mut model = ModelConfig::new(self.backbone);
        model.input_channels = Some(self.input_channels);
        model.embedding_dim = self.embedding_dim;
        model.dropout = 0.0;
        model.activation = self.activation;
        model.depth = self.depth;
        model.layer_repeats = self.layer_repeats;
        let size = |name: &str| self.extras.get(name).copied();
        let sizes = &mut model.extras.transformer;
        sizes.input_dim = size("input_dim");
        sizes.seq_length = size("seq_length");
        sizes.hidden_dim = size("hidden_dim").unwrap_or(sizes.hidden_dim);
        sizes.num_layers = size("num_layers").unwrap_or(sizes.num_layers);
        sizes.num_heads = size("num_heads").unwrap_or(sizes.num_heads);
        sizes.ff_dim = size("ff_dim").unwrap_or(sizes.ff_dim);
        model
    }

    fn tasks(&self) -> Vec<TaskSpec> {
        let spec = |task: &CaseTask| TaskSpec {
            name: task.name.clone(),
            kind: match task.task_type.as_str() {
                "classification" => {
                    TaskKind::Classification { classes: (0..task.output_dim).map(|class| class.to_string()).collect() }
                }
                _ => TaskKind::Regression { unit: None },
            },
            description: String::new(),
        };
        self.tasks.iter().map(spec).collect()
    }
}

fn input(values: &Values, backbone: Backbone, device: &Device) -> Input {
    let data = TensorData::new(values.data.clone(), values.shape.clone());
    if values.shape.len() == 4 {
        return Input::Images(Tensor::from_data(data, device));
    }
    let signals = Tensor::<3>::from_data(data, device);
    // The reference's sequence is samples × channels, a signal here is channels × samples.
    Input::Signals(if backbone == Backbone::Transformer { signals.swap_dims(1, 2) } else { signals })
}

fn cases() -> impl Iterator<Item = (&'static str, std::path::PathBuf, Case)> {
    CASES.into_iter().filter_map(|name| {
        let folder = shared(&format!("parity/models/{name}"))?;
        let case = serde_json::from_slice(&std::fs::read(folder.join("case.json")).unwrap()).unwrap();
        Some((name, folder, case))
    })
}

fn model(case: &Case, folder: &Path, device: &Device) -> MultiTaskClassifier {
    let sample = match input(&read(folder, "forward.safetensors")["input"], case.config.backbone, device) {
        Input::Images(images) => {
            let [_, channels, height, width] = images.dims();
            FeatureShape::Image { channels, height, width }
        }
        Input::Signals(signals) => {
            let [_, channels, samples] = signals.dims();
            FeatureShape::Signal { channels, samples }
        }
    };
    let model = MultiTaskClassifier::new(&case.config.model(), &case.config.tasks(), sample, 0, device).unwrap();
    model.with_weights(read(folder, "weights.safetensors")).unwrap()
}

#[test]
fn embedding_and_logits_are_the_references() {
    let device = Device::flex();
    for (name, folder, case) in cases() {
        let model = model(&case, &folder, &device);
        assert_eq!(model.parameter_count(), case.parameters, "{name}");
        let expected = read(&folder, "forward.safetensors");
        let input = input(&expected["input"], case.config.backbone, &device);
        let embedding = floats(model.embed(input.clone(), &mut Mode::Evaluation).unwrap());
        assert!(difference(&embedding, &expected["embedding"].data) < 1e-4, "{name}: embedding");
        for (task, logits) in case.config.tasks.iter().zip(model.forward(input, &mut Mode::Evaluation).unwrap()) {
            let expected = &expected[&format!("logits.{}", task.name)];
            let error = difference(&floats(logits), &expected.data);
            assert!(error < 1e-4, "{name}: logits of {}: {error}", task.name);
        }
    }
}

#[test]
fn losses_and_gradients_are_the_references() {
    let device = Device::flex().autodiff();
    for (name, folder, case) in cases() {
        let model = model(&case, &folder, &device);
        let forward = read(&folder, "forward.safetensors");
        let input = input(&forward["input"], case.config.backbone, &device);
        let mut generator = stream(0, Purpose::Dropout, 0);
        let logits = model.forward(input, &mut Mode::Training(&mut generator)).unwrap();

        let mut total: Option<Tensor<1>> = None;
        for (task, logits) in model.tasks().iter().zip(logits) {
            let [batch, outputs] = logits.dims();
            let values = &case.targets[&task.name];
            let loss = match task.name.as_str() {
                // The parity run took the mean squared error for age.
                "age" => {
                    let targets = Tensor::<2>::from_data(TensorData::new(values.clone(), [batch, 1]), &device);
                    (logits - targets).square().mean()
                }
                task => {
                    let mut rows = vec![0.0; batch * outputs];
                    for (row, &class) in values.iter().enumerate() {
                        rows[row * outputs + class as usize] = 1.0;
                    }
                    let targets = Tensor::<2>::from_data(TensorData::new(rows, [batch, outputs]), &device);
                    let Focal { alpha, gamma } = case.focal_health;
                    let loss = match task {
                        "health" => Loss::Focal(FocalConfig { alpha, gamma }),
                        _ => Loss::CrossEntropy { smoothing: case.label_smoothing_gender },
                    };
                    loss.forward(logits, targets)
                }
            };
            let value = f64::from(floats(loss.clone())[0]);
            let expected = case.per_task_loss[&task.name];
            assert!((value / expected - 1.0).abs() < 1e-3, "{name}: loss of {}: {value}, not {expected}", task.name);
            let weighted = loss * case.task_weights[&task.name];
            total = Some(total.map_or(weighted.clone(), |total| total + weighted));
        }
        let total = total.unwrap();
        let value = f64::from(floats(total.clone())[0]);
        assert!((value / case.loss - 1.0).abs() < 1e-3, "{name}: loss {value}");

        let gradients = Gradients::new(&total, &model, None).unwrap();
        let norm = f64::from(floats(gradients.norm.clone())[0]);
        assert!((norm / case.grad_norm - 1.0).abs() < 1e-3, "{name}: norm {norm}, not {}", case.grad_norm);
        let expected = read(&folder, "gradients.safetensors");
        for (parameter, expected) in &expected {
            let found = gradients.named(&model, parameter).unwrap_or_else(|| panic!("{name}: no {parameter}"));
            // A bias before batch normalisation changes nothing: its gradient is rounding noise around zero.
            let found = floats(found);
            let noise = 1e-6 * case.grad_norm as f32;
            if found.iter().chain(&expected.data).all(|value| value.abs() < noise) {
                continue;
            }
            let error = difference(&found, &expected.data);
            assert!(error < 1e-3, "{name}: gradient of {parameter}: {error}");
        }
    }
}

#[test]
fn one_task_alone_and_an_unknown_one() {
    let device = Device::flex();
    for (name, folder, case) in cases() {
        let model = model(&case, &folder, &device);
        let expected = read(&folder, "forward.safetensors");
        let input = input(&expected["input"], case.config.backbone, &device);
        let logits = model.forward_task(input.clone(), "health", &mut Mode::Evaluation).unwrap();
        assert!(difference(&floats(logits), &expected["logits.health"].data) < 1e-4, "{name}");
        let error = model.forward_task(input, "mood", &mut Mode::Evaluation).unwrap_err();
        assert_eq!(error.to_string(), "the model has no task `mood`; it has gender, health, age");
    }
}

#[test]
fn what_is_written_is_what_was_read() {
    let device = Device::flex();
    for (name, folder, case) in cases() {
        let original = std::fs::read(folder.join("weights.safetensors")).unwrap();
        let weights = block_on(model(&case, &folder, &device).weights()).unwrap();
        let storage = MemoryStorage::default();
        let sources = checkpoint::sources_of(&weights);
        block_on(checkpoint::write(&storage, "weights", sources, &checkpoint::Metadata::new(), 0)).unwrap();
        let written = block_on(storage.read("weights")).unwrap();
        let names = |bytes: &[u8]| -> Vec<(String, Vec<usize>)> {
            let file = safetensors::SafeTensors::deserialize(bytes).unwrap();
            let mut names: Vec<_> = file.iter().map(|(name, view)| (name.to_owned(), view.shape().to_vec())).collect();
            names.sort();
            names
        };
        assert_eq!(names(&written), names(&original), "{name}");
        assert_eq!(read_bytes(written), read(&folder, "weights.safetensors"), "{name}");
    }
}
