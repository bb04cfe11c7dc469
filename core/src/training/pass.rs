//! Results of a pass over samples. Losses add up and logits gather on the device, batch by batch, in a [`Pass`]; both are
//! read at once, as [`PassResults`]: what was said of every sample, from which every score is computed.

use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use super::{
    batch::TargetScale,
    metrics::{Metrics, TaskMetrics},
};
use crate::{
    datasets::FolderDataset,
    evaluation::{Answer, PredictedWindow, Prediction, PredictionTable},
    labels::TaskSpec,
    model::{
        ModelError,
        parameters::{Values, read_floats},
    },
};

/// What the batches of a pass gave, on the device.
#[derive(Debug, Clone, Default)]
pub struct Pass {
    counts: PassCounts,
    /// `[grad norm, loss, loss of task 1, loss of task 2, …]`, each times what it is a mean over.
    sums: Option<Tensor<1>>,
    /// The samples, as rows of their split.
    rows: Vec<usize>,
    /// Of all tasks, `[samples, outputs]` by batch, or of several batches together.
    logits: Vec<Tensor<2>>,
}

/// What is known on the host of the batches of a pass.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct PassCounts {
    samples: usize,
    updates: usize,
    /// By task, what its loss is a mean over.
    #[serde(default)]
    loss_weights: Vec<f64>,
}

/// What a [`Pass`] holds, on the host: for resuming a run in the middle of an epoch. The answers are kept beside it, as
/// tensors.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SavedPass {
    #[serde(flatten)]
    counts: PassCounts,
    sums: Vec<f32>,
    /// What was said of each sample; no part of this JSON.
    #[serde(skip)]
    pub answers: SavedAnswers,
}

/// The samples of a pass and their logits.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SavedAnswers {
    /// Rows of the split. Floats hold every integer to 2²⁴.
    pub rows: Vec<f32>,
    /// Of all tasks, sample by sample.
    pub logits: Vec<f32>,
}

impl SavedAnswers {
    /// As tensors: `[samples]`, and `[samples, outputs]`.
    #[must_use]
    pub fn tensors(&self) -> [Values; 2] {
        let samples = self.rows.len();
        let outputs = self.logits.len().checked_div(samples).unwrap_or_default();
        [
            Values { shape: vec![samples], data: self.rows.clone() },
            Values { shape: vec![samples, outputs], data: self.logits.clone() },
        ]
    }
}

/// One batch's results as tensors without autodiff.
pub struct BatchResults {
    /// The samples, as rows of their split.
    pub rows: Vec<usize>,
    /// Weighted sum of the tasks' losses, `[1]`.
    pub loss: Tensor<1>,
    /// By task, `[1]` each.
    pub losses: Vec<Tensor<1>>,
    /// By task, `[batch, outputs]`.
    pub logits: Vec<Tensor<2>>,
    /// By task, what its loss is a mean over.
    pub loss_weights: Vec<f64>,
    /// L2 norm of the gradients, `[1]`, of a training step.
    pub grad_norm: Option<Tensor<1>>,
}

impl Pass {
    /// Takes in a batch.
    pub fn add(&mut self, batch: BatchResults) {
        let samples = batch.rows.len();
        self.counts.samples += samples;
        let norm = match batch.grad_norm {
            Some(norm) => {
                self.counts.updates += 1;
                norm
            }
            None => Tensor::zeros([1], &batch.loss.device()),
        };
        let mut parts = vec![norm, batch.loss * samples as f64];
        parts.extend(batch.losses.into_iter().zip(&batch.loss_weights).map(|(loss, &weight)| loss * weight));
        self.counts.loss_weights.resize(batch.loss_weights.len(), 0.0);
        self.counts.loss_weights.iter_mut().zip(batch.loss_weights).for_each(|(total, weight)| *total += weight);
        let sums = Tensor::cat(parts, 0);
        self.sums = Some(match self.sums.take() {
            Some(old) => old + sums,
            None => sums,
        });
        self.rows.extend(batch.rows);
        self.logits.push(Tensor::cat(batch.logits, 1));
    }

    /// Reads what there is.
    ///
    /// # Errors
    /// [`ModelError::Device`] when the device fails, [`ModelError::DeviceLost`] when it is gone.
    pub async fn save(&mut self) -> Result<SavedPass, ModelError> {
        let sums = match &self.sums {
            Some(sums) => read_floats(sums.clone()).await?,
            None => Vec::new(),
        };
        // Kept as one, so that it is put together once.
        if self.logits.len() > 1 {
            self.logits = vec![Tensor::cat(std::mem::take(&mut self.logits), 0)];
        }
        let logits = match self.logits.first() {
            Some(logits) => read_floats(logits.clone()).await?,
            None => Vec::new(),
        };
        let rows = self.rows.iter().map(|&row| row as f32).collect();
        Ok(SavedPass { counts: self.counts.clone(), sums, answers: SavedAnswers { rows, logits } })
    }

    /// Goes on from what [`Self::save`] gave; none of what an older version saved, which kept no answers.
    pub fn restore(saved: SavedPass, tasks: &[TaskSpec], device: &Device) -> Option<Self> {
        if !saved.is_whole(tasks) {
            return None;
        }
        let SavedPass { counts, sums, answers: SavedAnswers { rows, logits } } = saved;
        let (length, samples) = (sums.len(), rows.len());
        let shape = [samples, outputs(tasks)];
        Some(Self {
            counts,
            sums: (length > 0).then(|| Tensor::from_data(TensorData::new(sums, [length]), device)),
            rows: rows.into_iter().map(|row| row as usize).collect(),
            logits: (samples > 0)
                .then(|| Tensor::from_data(TensorData::new(logits, shape), device))
                .into_iter()
                .collect(),
        })
    }
}

impl SavedPass {
    /// Whether there is an answer for each sample.
    fn is_whole(&self, tasks: &[TaskSpec]) -> bool {
        let samples = self.counts.samples;
        let sums = if samples == 0 { 0 } else { 2 + tasks.len() };
        self.answers.rows.len() == samples
            && self.answers.logits.len() == samples * outputs(tasks)
            && self.sums.len() == sums
    }

    /// What it says, in the labels' units; `scales` has one entry a task.
    #[must_use]
    pub fn results(&self, tasks: &[TaskSpec], scales: &[TargetScale]) -> PassResults {
        let PassCounts { samples, updates, loss_weights } = &self.counts;
        let mut sums = self.sums.iter().map(|&value| f64::from(value));
        let grad_norm = sums.next().unwrap_or_default() / (*updates).max(1) as f64;
        let loss = sums.next().unwrap_or_default() / (*samples).max(1) as f64;
        let mean = |(sum, &weight): (f64, &f64)| sum / if weight > 0.0 { weight } else { 1.0 };
        let losses = sums.zip(loss_weights).map(mean).collect();
        let rows = self.answers.rows.iter().map(|&row| row as usize).collect();
        let predictions = predictions_of(&self.answers.logits, tasks, scales);
        PassResults { grad_norm, loss, losses, rows, predictions }
    }
}

/// What a pass gave.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PassResults {
    grad_norm: f64,
    loss: f64,
    losses: Vec<f64>,
    /// The samples, as rows of their split.
    pub rows: Vec<usize>,
    /// What was said of each, by task.
    pub predictions: Vec<Vec<Prediction>>,
}

impl PassResults {
    /// What was said of these rows, where no loss was computed.
    #[must_use]
    pub fn without_losses(rows: Vec<usize>, predictions: Vec<Vec<Prediction>>) -> Self {
        Self { rows, predictions, ..Self::default() }
    }

    /// Losses, and the scores of what was said of samples of this split; none when nothing was seen.
    #[must_use]
    pub fn metrics(&self, tasks: &[TaskSpec], split: &FolderDataset<'_>) -> Option<Metrics> {
        if self.rows.is_empty() {
            return None;
        }
        let of_task = |(index, (task, &loss)): (usize, (&TaskSpec, &f64))| {
            let answers = self.rows.iter().zip(&self.predictions);
            let answers = answers.filter_map(|(&row, said)| Some((split.targets(row)[index]?, &said[index])));
            TaskMetrics::of(task, loss, answers)
        };
        let tasks = tasks.iter().zip(&self.losses).enumerate().map(of_task).collect();
        Some(Metrics { samples: self.rows.len(), loss: self.loss, grad_norm: self.grad_norm, tasks })
    }
}

impl PassResults {
    /// As rows of the table of predictions, of a run with this seed.
    #[must_use]
    pub fn table(&self, tasks: &[TaskSpec], split: &FolderDataset<'_>, seed: u64) -> PredictionTable {
        let of_row = |(&row, said): (&usize, &Vec<Prediction>)| {
            let origin = split.origin(row);
            let answers = split.targets(row).iter().zip(said);
            PredictedWindow {
                sample: split.path(row).to_owned(),
                recording: origin.map(|origin| origin.recording.to_owned()),
                start_s: origin.map(|origin| origin.start_s),
                subject: split.subject(row).map(str::to_owned),
                split: split.split().to_owned(),
                fold: None,
                seed,
                answers: answers
                    .map(|(&target, prediction)| Answer { target, prediction: prediction.clone() })
                    .collect(),
            }
        };
        let rows = self.rows.iter().zip(&self.predictions).map(of_row).collect();
        PredictionTable { tasks: tasks.to_vec(), rows }
    }
}

/// Width of all tasks together.
fn outputs(tasks: &[TaskSpec]) -> usize {
    tasks.iter().map(TaskSpec::outputs).sum()
}

/// What logits, of all tasks and sample by sample, say of each sample.
pub(super) fn predictions_of(logits: &[f32], tasks: &[TaskSpec], scales: &[TargetScale]) -> Vec<Vec<Prediction>> {
    let of_sample = |logits: &[f32]| {
        let mut rest = logits;
        let of_task = |(task, scale): (&TaskSpec, &TargetScale)| {
            let (own, others) = rest.split_at(task.outputs());
            rest = others;
            prediction(task, *scale, own)
        };
        tasks.iter().zip(scales).map(of_task).collect()
    };
    logits.chunks_exact(outputs(tasks).max(1)).map(of_sample).collect()
}

/// What the logits of a task say, in the label's unit.
fn prediction(task: &TaskSpec, scale: TargetScale, logits: &[f32]) -> Prediction {
    if !task.is_classification() {
        return Prediction::Value(f64::from(logits[0]) * f64::from(scale.std) + f64::from(scale.mean));
    }
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let odds: Vec<f64> = logits.iter().map(|&logit| f64::from(logit - highest).exp()).collect();
    let sum: f64 = odds.iter().sum();
    Prediction::Classes(odds.into_iter().map(|odds| odds / sum).collect())
}
