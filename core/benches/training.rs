//! One optimizer update on the CPU: forward, backward, clipping and AdamW, with three tasks.

use burn::tensor::{Device, Distribution, Tensor};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use signal_studio_core::{
    config::{Backbone, ModelConfig, OptimizerConfig, TrainingConfig},
    datasets::FeatureShape,
    labels::{LabelRegistry, TaskSpec},
    model::{Input, Mode, MultiTaskClassifier},
    random::{Purpose, stream},
    training::{
        losses::Loss,
        optimizer::{Gradients, Optimizer},
    },
};

const TASKS: [&str; 3] = ["gender", "health", "age"];

fn tasks() -> Vec<TaskSpec> {
    let registry = LabelRegistry::folder();
    TASKS.iter().map(|task| registry.get(task).expect("every folder has these").task.clone()).collect()
}

fn update(bench: &mut Criterion, name: &str, config: &ModelConfig, input: Input) {
    let device = Device::flex().autodiff();
    let tasks = tasks();
    let training = TrainingConfig::default();
    let losses: Vec<Loss> = tasks.iter().map(|task| Loss::of(task, &training)).collect();
    let batch = input.batch_size();
    let targets: Vec<_> = tasks.iter().map(|task| Tensor::<2>::ones([batch, task.outputs()], &device)).collect();
    let mut model = MultiTaskClassifier::new(config, &tasks, sample(&input), 0, &device).expect("the config is sound");
    let mut optimizer = Optimizer::new(&OptimizerConfig::default());
    let mut group = bench.benchmark_group("training step");
    group.throughput(Throughput::Elements(batch as u64)).sample_size(10);
    group.bench_function(name, |bencher| {
        bencher.iter(|| {
            let mut generator = stream(0, Purpose::Dropout, 0);
            let logits = model.forward(input.clone(), &mut Mode::Training(&mut generator)).expect("it fits the model");
            let loss = losses
                .iter()
                .zip(logits.into_iter().zip(&targets))
                .map(|(loss, (logits, targets))| loss.forward(logits, targets.clone()))
                .reduce(Tensor::add)
                .expect("there are tasks");
            let gradients = Gradients::new(&loss, &model, Some(1.0)).expect("the loss depends on the model");
            model = optimizer.step(model.clone(), gradients, 1e-4, None);
        });
    });
    group.finish();
}

/// The shape of one of a batch.
fn sample(input: &Input) -> FeatureShape {
    match input {
        Input::Images(images) => {
            let [_, channels, height, width] = images.dims();
            FeatureShape::Image { channels, height, width }
        }
        Input::Signals(signals) => {
            let [_, channels, samples] = signals.dims();
            FeatureShape::Signal { channels, samples }
        }
    }
}

fn images(shape: [usize; 4]) -> Input {
    Input::Images(Tensor::random(shape, Distribution::Uniform(-1.0, 1.0), &Device::flex().autodiff()))
}

fn signals(shape: [usize; 3]) -> Input {
    Input::Signals(Tensor::random(shape, Distribution::Normal(0.0, 1.0), &Device::flex().autodiff()))
}

fn model(backbone: Backbone, embedding_dim: usize) -> ModelConfig {
    ModelConfig { embedding_dim, ..ModelConfig::new(backbone) }
}

fn steps(bench: &mut Criterion) {
    let light = |embedding| model(Backbone::CnnLight, embedding);
    update(bench, "cnn_light [16, 1, 128, 128], embedding 256", &light(256), images([16, 1, 128, 128]));
    update(bench, "cnn_light [32, 1, 64, 64], embedding 64", &light(64), images([32, 1, 64, 64]));
    let one_d = model(Backbone::Cnn1d, 256);
    update(bench, "cnn_1d [32, 20, 2048], embedding 256", &one_d, signals([32, 20, 2048]));
    let mut transformer = model(Backbone::Transformer, 256);
    transformer.extras.transformer.input_dim = Some(128);
    transformer.extras.transformer.seq_length = Some(128);
    update(bench, "transformer [16, 1, 128, 128], embedding 256", &transformer, images([16, 1, 128, 128]));
    for backbone in [Backbone::EegNet, Backbone::ShallowFbcspNet, Backbone::Deep4Net, Backbone::EegConformer] {
        let published = ModelConfig::new(backbone);
        update(bench, &format!("{backbone} [64, 20, 600]"), &published, signals([64, 20, 600]));
    }
}

criterion_group!(benches, steps);
criterion_main!(benches);
