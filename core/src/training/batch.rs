//! From samples to tensors: the input of the model and the targets of the tasks, put on the device in one go each.

use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::{
    datasets::{FeatureShape, Features, Sample},
    labels::{Target, TaskSpec},
    model::Input,
    signal::{ImageError, augmentation::Mixup},
};

/// How a regression's targets are shifted and scaled while training.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct TargetScale {
    /// Subtracted, in the label's unit.
    pub mean: f32,
    /// Divided by, in the label's unit.
    pub std: f32,
}

impl Default for TargetScale {
    fn default() -> Self {
        Self { mean: 0.0, std: 1.0 }
    }
}

impl TargetScale {
    /// Scales these values to mean 0 and variance 1; values that are all alike are only shifted.
    pub fn standardizing(values: &[f32]) -> Self {
        let count = values.len().max(1) as f64;
        let mean = values.iter().map(|&value| f64::from(value)).sum::<f64>() / count;
        let variance = values.iter().map(|&value| (f64::from(value) - mean).powi(2)).sum::<f64>() / count;
        let std = if variance > 0.0 { variance.sqrt() } else { 1.0 };
        Self { mean: mean as f32, std: std as f32 }
    }
}

/// A batch on the device.
pub struct Batch {
    /// What the model sees.
    pub input: Input,
    /// By task, `[batch, outputs]`: one-hot rows, or scaled values.
    pub targets: Vec<Tensor<2>>,
    /// By task, which samples have a label.
    pub labels: Vec<Labels>,
}

/// How the samples of a batch are mixed with each other, on the device.
#[derive(Debug, Clone)]
pub struct Mix {
    /// Which sample each is mixed with, `[batch]`.
    pub partners: Tensor<1, Int>,
    /// The share that each has in its mixture, `[batch, 1]`; the rest is its partner's.
    pub shares: Tensor<2>,
}

impl Mix {
    /// Puts it on the device.
    pub fn new(mixup: &Mixup, device: &Device) -> Self {
        let batch = mixup.partners.len();
        let partners: Vec<i64> = mixup.partners.iter().map(|&partner| partner as i64).collect();
        Self {
            partners: Tensor::from_data(TensorData::new(partners, [batch]), device),
            shares: Tensor::from_data(TensorData::new(mixup.shares.clone(), [batch, 1]), device),
        }
    }
}

/// Which samples of a batch have a label of a task.
#[derive(Debug, Clone)]
pub struct Labels {
    /// 1 where there is a label, `[batch, 1]`; none when all samples have one.
    pub mask: Option<Tensor<2>>,
    /// How many have one.
    pub count: u64,
    /// How many are of each class; empty for a regression.
    pub classes: Vec<u64>,
}

impl Labels {
    fn of(samples: &[Sample], index: usize, task: &TaskSpec, device: &Device) -> Self {
        let present: Vec<f32> = samples.iter().map(|sample| f32::from(sample.targets[index].is_some())).collect();
        let count = present.iter().filter(|&&present| present > 0.0).count();
        let mut classes = vec![0; task.class_names().len()];
        for sample in samples {
            if let Some(Target::Class(class)) = sample.targets[index] {
                classes[class] += 1;
            }
        }
        let is_partial = count < samples.len();
        let mask = is_partial.then(|| Tensor::from_data(TensorData::new(present, [samples.len(), 1]), device));
        Self { mask, count: count as u64, classes }
    }
}

impl Batch {
    /// Puts samples, at least one, on the device. They have one shape: the dataset checked that.
    ///
    /// # Errors
    /// [`ImageError`] when an image's fields contradict each other.
    pub fn new(
        samples: &[Sample],
        tasks: &[TaskSpec],
        scales: &[TargetScale],
        device: &Device,
    ) -> Result<Self, ImageError> {
        let targets = tasks.iter().enumerate().map(|(index, task)| {
            let outputs = task.outputs();
            let mut rows = vec![0.0; samples.len() * outputs];
            for (row, sample) in rows.chunks_mut(outputs).zip(samples) {
                match sample.targets[index] {
                    Some(Target::Class(class)) => row[class] = 1.0,
                    Some(Target::Value(value)) => row[0] = (value - scales[index].mean) / scales[index].std,
                    None => {}
                }
            }
            Tensor::from_data(TensorData::new(rows, [samples.len(), outputs]), device)
        });
        let labels = tasks.iter().enumerate();
        let labels = labels.map(|(index, task)| Labels::of(samples, index, task, device)).collect();
        Ok(Self { targets: targets.collect(), labels, input: input(samples, device)? })
    }
}

fn input(samples: &[Sample], device: &Device) -> Result<Input, ImageError> {
    let shape = samples[0].features.shape();
    let length = match shape {
        FeatureShape::Image { channels, height, width } => channels * height * width,
        FeatureShape::Signal { channels, samples } => channels * samples,
    };
    let mut values = vec![0.0; samples.len() * length];
    for (part, sample) in values.chunks_mut(length).zip(samples) {
        match &sample.features {
            Features::Image(image) => image.write_normalized(part)?,
            Features::Signal { values, .. } => part.copy_from_slice(values),
        }
    }
    let batch = samples.len();
    Ok(match shape {
        FeatureShape::Image { channels, height, width } => {
            Input::Images(Tensor::from_data(TensorData::new(values, [batch, channels, height, width]), device))
        }
        FeatureShape::Signal { channels, samples } => {
            Input::Signals(Tensor::from_data(TensorData::new(values, [batch, channels, samples]), device))
        }
    })
}
