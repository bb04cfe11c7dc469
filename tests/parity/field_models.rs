//! The field's models against the numbers that Braindecode's gave, in `parity/field-models`.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use burn::tensor::{Device, Tensor, TensorData};
use pollster::block_on;
use serde::Deserialize;
use signal_studio_core::{
    config::{Backbone, ClassWeights, HeadKind, ModelConfig, TrainingConfig},
    datasets::FeatureShape,
    labels::{TaskKind, TaskSpec},
    model::{
        Input, Mode, MultiTaskClassifier, checkpoint,
        parameters::{FIRST_WORDS, Values, is_buffer},
    },
    random::{Purpose, stream},
    storage::{MemoryStorage, Storage},
    training::{batch::Labels, losses::TaskLoss, optimizer::Gradients},
};
use signal_studio_tests::shared;

use crate::{difference, floats, read};

const BACKBONES: [Backbone; 4] =
    [Backbone::ShallowFbcspNet, Backbone::EegNet, Backbone::Deep4Net, Backbone::EegConformer];

#[derive(Deserialize)]
struct Case {
    n_chans: usize,
    n_times: usize,
    targets: Vec<usize>,
    class_weights: Vec<f64>,
    label_smoothing: f64,
    loss: f64,
    grad_norm: f64,
    parameters: usize,
}

fn cases() -> impl Iterator<Item = (Backbone, PathBuf, Case)> {
    BACKBONES.into_iter().filter_map(|backbone| {
        let folder = shared(&format!("parity/field-models/{backbone}"))?;
        let case = serde_json::from_slice(&std::fs::read(folder.join("case.json")).unwrap()).unwrap();
        Some((backbone, folder, case))
    })
}

/// Without dropout: the gradients were taken so.
fn config(backbone: Backbone) -> ModelConfig {
    let mut config = ModelConfig::new(backbone);
    config.extras.shallow_fbcsp_net.drop_prob = 0.0;
    config.extras.eegnet.drop_prob = 0.0;
    config.extras.deep4net.drop_prob = 0.0;
    let conformer = &mut config.extras.eeg_conformer;
    (conformer.drop_prob, conformer.att_drop_prob) = (0.0, 0.0);
    (conformer.drop_prob_1, conformer.drop_prob_2) = (0.0, 0.0);
    config
}

fn task(name: &str) -> TaskSpec {
    let classes = ["rest", "arithmetic"].map(str::to_owned).to_vec();
    TaskSpec { name: name.to_owned(), kind: TaskKind::Classification { classes }, description: String::new() }
}

fn sample(case: &Case) -> FeatureShape {
    FeatureShape::Signal { channels: case.n_chans, samples: case.n_times }
}

fn model(backbone: Backbone, case: &Case, folder: &Path, device: &Device) -> MultiTaskClassifier {
    let model = MultiTaskClassifier::new(&config(backbone), &[task("state")], sample(case), 0, device).unwrap();
    model.with_weights(read(folder, "weights.safetensors")).unwrap()
}

fn input(values: &Values, device: &Device) -> Input {
    Input::Signals(Tensor::from_data(TensorData::new(values.data.clone(), values.shape.clone()), device))
}

#[test]
fn features_and_logits_are_braindecodes() {
    let device = Device::flex();
    for (backbone, folder, case) in cases() {
        let model = model(backbone, &case, &folder, &device);
        assert_eq!(model.parameter_count(), case.parameters, "{backbone}");
        let expected = read(&folder, "forward.safetensors");
        let input = input(&expected["input"], &device);
        let features = floats(model.embed(input.clone(), &mut Mode::Evaluation).unwrap());
        let error = difference(&features, &expected["features"].data);
        assert!(error < 1e-4, "{backbone}: features: {error}");
        let logits = model.forward(input, &mut Mode::Evaluation).unwrap().remove(0);
        let error = difference(&floats(logits), &expected["logits"].data);
        assert!(error < 1e-4, "{backbone}: logits: {error}");
    }
}

#[test]
fn running_statistics_losses_and_gradients_are_braindecodes() {
    let device = Device::flex().autodiff();
    for (backbone, folder, case) in cases() {
        let model = model(backbone, &case, &folder, &device);
        let input = input(&read(&folder, "forward.safetensors")["input"], &device);
        let mut generator = stream(0, Purpose::Dropout, 0);
        let logits = model.forward(input, &mut Mode::Training(&mut generator)).unwrap().remove(0);

        let weights = block_on(model.weights()).unwrap();
        let running = read(&folder, "running_after.safetensors");
        assert_eq!(running.len(), weights.keys().filter(|name| is_buffer(name)).count(), "{backbone}");
        for (name, expected) in &running {
            let error = difference(&weights[name].data, &expected.data);
            assert!(error < 1e-3, "{backbone}: {name}: {error}");
        }
        // Loss and gradients of the conformer were taken with dropout of attention's shares, which is a function there and
        // no layer whose probability can be set: they are those of masks that nobody knows.
        if backbone == Backbone::EegConformer {
            continue;
        }
        let loss = loss(&case, logits, &device);
        let value = f64::from(floats(loss.clone())[0]);
        assert!((value / case.loss - 1.0).abs() < 1e-5, "{backbone}: loss {value}, not {}", case.loss);

        let gradients = Gradients::new(&loss, &model, None).unwrap();
        let norm = f64::from(floats(gradients.norm.clone())[0]);
        assert!((norm / case.grad_norm - 1.0).abs() < 1e-3, "{backbone}: norm {norm}, not {}", case.grad_norm);
        let expected = read(&folder, "gradients.safetensors");
        for (parameter, expected) in &expected {
            let found = gradients.named(&model, parameter).unwrap_or_else(|| panic!("{backbone}: no {parameter}"));
            let found = floats(found);
            // A bias before batch normalisation changes nothing: its gradient is rounding noise around zero.
            let noise = 1e-6 * case.grad_norm as f32;
            if found.iter().chain(&expected.data).all(|value| value.abs() < noise) {
                continue;
            }
            let error = difference(&found, &expected.data);
            assert!(error < 1e-3, "{backbone}: gradient of {parameter}: {error}");
        }
    }
}

fn loss(case: &Case, logits: Tensor<2>, device: &Device) -> Tensor<1> {
    let task = task("state");
    let mut classes = vec![0; case.class_weights.len()];
    let mut rows = Vec::new();
    for &target in &case.targets {
        classes[target] += 1;
        rows.extend((0..classes.len()).map(|class| if class == target { 1.0 } else { 0.0 }));
    }
    let targets = Tensor::<2>::from_data(TensorData::new(rows, [case.targets.len(), classes.len()]), device);
    let weights = task.class_names().iter().cloned().zip(case.class_weights.iter().copied()).collect();
    let training = TrainingConfig {
        label_smoothing: case.label_smoothing,
        class_weights: ClassWeights::Given(BTreeMap::from([(task.name.clone(), weights)])),
        ..TrainingConfig::default()
    };
    let labels = Labels { mask: None, count: case.targets.len() as u64, classes };
    TaskLoss::new(&task, &training, &[]).forward(logits, targets, &labels)
}

/// Names, types and shapes of the tensors in a file: what `load_state_dict(strict=True)` compares.
fn tensors(bytes: &[u8]) -> Vec<(String, String, Vec<usize>)> {
    let file = safetensors::SafeTensors::deserialize(bytes).unwrap();
    let of = file.iter().map(|(name, view)| (name.to_owned(), format!("{:?}", view.dtype()), view.shape().to_vec()));
    let mut tensors: Vec<_> = of.collect();
    tensors.sort();
    tensors
}

#[test]
fn what_is_written_is_braindecodes_state() {
    let device = Device::flex();
    for (backbone, folder, case) in cases() {
        let weights = block_on(model(backbone, &case, &folder, &device).weights()).unwrap();
        assert_eq!(weights, read(&folder, "weights.safetensors"), "{backbone}");
        let storage = MemoryStorage::default();
        let sources = checkpoint::sources_of(&weights);
        block_on(checkpoint::write(&storage, "weights", sources, &checkpoint::Metadata::new(), 0)).unwrap();
        let written = block_on(storage.read("weights")).unwrap();
        let original = std::fs::read(folder.join("weights.safetensors")).unwrap();
        assert_eq!(tensors(&written), tensors(&original), "{backbone}");
    }
}

#[test]
fn parameters_are_drawn_as_braindecode_draws_them() {
    let device = Device::flex();
    let largest = |values: &Values| values.data.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    for (backbone, folder, case) in cases() {
        let model = MultiTaskClassifier::new(&config(backbone), &[task("state")], sample(&case), 1, &device).unwrap();
        let ours = block_on(model.weights()).unwrap();
        for (name, theirs) in read(&folder, "weights.safetensors") {
            let (found, expected) = match name.as_str() {
                // The case has others, as if some were learnt.
                name if name.contains("bnorm") || is_buffer(name) => continue,
                // In the case, drawn and then multiplied.
                "conv_spatial.parametrizations.weight.original" => (largest(&ours[&name]), (6.0_f32 / 340.0).sqrt()),
                _ => (largest(&ours[&name]), largest(&theirs)),
            };
            // Of few values, the largest may be any.
            let is_alike = theirs.data.len() < 40 || (found / expected - 1.0).abs() < 0.1;
            assert!(found == expected || is_alike, "{backbone}: {name}: {found}, not {expected}");
            assert!((expected == 0.0) == (found == 0.0), "{backbone}: {name}: {found}, not {expected}");
        }
    }
}

#[test]
fn several_tasks_share_the_features_and_keep_the_backbones_names() {
    let device = Device::flex();
    let sample = FeatureShape::Signal { channels: 3, samples: 600 };
    for backbone in BACKBONES {
        let names = |tasks: &[TaskSpec], head| -> Vec<String> {
            let config = ModelConfig { head, ..ModelConfig::new(backbone) };
            let model = MultiTaskClassifier::new(&config, tasks, sample, 0, &device).unwrap();
            model.named_tensors().into_iter().map(|tensor| tensor.name).collect()
        };
        let alone = names(&[task("state")], None);
        let (own, last): (Vec<_>, Vec<_>) = alone.iter().cloned().partition(|name| !name.starts_with("final_layer"));
        assert_eq!(last.len(), 2, "{backbone}");
        let is_known = |name: &String| FIRST_WORDS.contains(&name.split('.').next().unwrap());
        assert!(alone.iter().all(is_known), "{backbone}: {alone:?}");
        for (head, layers) in [(None, &["net.0"][..]), (Some(HeadKind::Mlp), &["net.0", "net.2"])] {
            let mut expected = own.clone();
            for task in ["state", "sex"] {
                expected.extend(
                    layers
                        .iter()
                        .flat_map(|layer| ["weight", "bias"].map(|part| format!("heads.{task}.{layer}.{part}"))),
                );
            }
            assert_eq!(names(&[task("state"), task("sex")], head), expected, "{backbone}");
        }
    }
}
