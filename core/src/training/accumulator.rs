//! Results of a pass gather on the device, batch by batch, in an [`Accumulator`], and are read once, as [`Metrics`].

use burn::tensor::{Bool, Device, Int, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use super::{
    batch::{Labels, TargetScale},
    metrics::{Metrics, Scores, TaskMetrics},
};
use crate::{
    labels::TaskSpec,
    model::{
        ModelError,
        parameters::{read_counts, read_floats},
    },
};

/// Sums over the batches of a pass, on the device.
#[derive(Debug, Clone)]
pub struct Accumulator {
    samples: usize,
    updates: usize,
    /// `[grad norm, loss, loss of task 1, its errors, loss of task 2, …]`, each times the samples it is a mean over;
    /// classifications have no errors.
    sums: Option<Tensor<1>>,
    /// The confusion matrices of the classifications, one after the other. As integers: a sum of floats stands still at
    /// 2²⁴.
    counts: Option<Tensor<1, Int>>,
    /// By task.
    labels: Vec<SavedLabels>,
}

/// What is known on the host of the labels of a task that were seen.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
struct SavedLabels {
    count: u64,
    /// What the loss is a mean over; the labels, in what older versions wrote.
    #[serde(default)]
    loss_weight: Option<f64>,
    /// Of a regression's scaled values.
    sum: f64,
    squares: f64,
}

impl SavedLabels {
    fn loss_weight(&self) -> f64 {
        self.loss_weight.unwrap_or(self.count as f64)
    }
}

/// What an [`Accumulator`] holds, on the host: for resuming a run in the middle of an epoch.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SavedSums {
    samples: usize,
    updates: usize,
    sums: Vec<f32>,
    /// Of the classifications' confusion matrices. None in what older versions wrote, which have them among the sums, each
    /// behind the loss of its task.
    #[serde(default)]
    counts: Option<Vec<u64>>,
    /// By task; empty in what older versions wrote, when every sample had every label.
    #[serde(default)]
    labels: Vec<SavedLabels>,
}

/// One batch's results as tensors without autodiff.
pub struct BatchResults {
    /// Weighted sum of the tasks' losses, `[1]`.
    pub loss: Tensor<1>,
    /// By task, `[1]` each.
    pub losses: Vec<Tensor<1>>,
    /// By task, `[batch, outputs]`.
    pub logits: Vec<Tensor<2>>,
    /// By task, `[batch, outputs]`: one-hot, or the values.
    pub targets: Vec<Tensor<2>>,
    /// By task, which samples have a label.
    pub labels: Vec<Labels>,
    /// By task, what its loss is a mean over.
    pub loss_weights: Vec<f64>,
    /// L2 norm of the gradients, `[1]`, of a training step.
    pub grad_norm: Option<Tensor<1>>,
}

impl Accumulator {
    /// An empty one.
    pub fn new() -> Self {
        Self { samples: 0, updates: 0, sums: None, counts: None, labels: Vec::new() }
    }

    /// Takes in a batch.
    pub fn add(&mut self, batch: BatchResults, tasks: &[TaskSpec]) {
        let samples = batch.logits.first().map_or(0, |logits| logits.dims()[0]);
        self.samples += samples;
        let weight = samples as f64;
        let norm = match batch.grad_norm {
            Some(norm) => {
                self.updates += 1;
                norm
            }
            None => Tensor::zeros([1], &batch.loss.device()),
        };
        let mut parts = vec![norm, batch.loss * weight];
        let mut matrices = Vec::new();
        for (index, task) in tasks.iter().enumerate() {
            let (logits, targets) = (batch.logits[index].clone(), batch.targets[index].clone());
            let labels = &batch.labels[index];
            parts.push(batch.losses[index].clone() * batch.loss_weights[index]);
            if task.is_classification() {
                matrices.push(confusion(logits, targets));
            } else {
                parts.push(errors(logits, targets, labels.mask.clone()));
            }
        }
        self.labels.resize(tasks.len(), SavedLabels::default());
        for ((totals, labels), loss_weight) in self.labels.iter_mut().zip(&batch.labels).zip(batch.loss_weights) {
            totals.loss_weight = Some(totals.loss_weight() + loss_weight);
            totals.count += labels.count;
            totals.sum += labels.sum;
            totals.squares += labels.squares;
        }
        let sums = Tensor::cat(parts, 0);
        self.sums = Some(match self.sums.take() {
            Some(old) => old + sums,
            None => sums,
        });
        if !matrices.is_empty() {
            let counts = Tensor::cat(matrices, 0).int();
            self.counts = Some(match self.counts.take() {
                Some(old) => old + counts,
                None => counts,
            });
        }
    }

    /// Reads the sums.
    ///
    /// # Errors
    /// [`ModelError::Device`] when the device fails, [`ModelError::DeviceLost`] when it is gone.
    pub async fn save(&self) -> Result<SavedSums, ModelError> {
        let sums = match &self.sums {
            Some(sums) => read_floats(sums.clone()).await?,
            None => Vec::new(),
        };
        let counts = match &self.counts {
            Some(counts) => read_counts(counts.clone()).await?,
            None => Vec::new(),
        };
        let labels = self.labels.clone();
        Ok(SavedSums { samples: self.samples, updates: self.updates, sums, counts: Some(counts), labels })
    }

    /// Goes on from what [`Self::save`] gave.
    pub fn restore(saved: SavedSums, tasks: &[TaskSpec], device: &Device) -> Self {
        let SavedSums { samples, updates, sums, counts, labels } = saved.upgraded(tasks);
        let counts: Vec<i64> = counts.unwrap_or_default().into_iter().map(|count| count as i64).collect();
        let (length, cells) = (sums.len(), counts.len());
        Self {
            samples,
            updates,
            sums: (length > 0).then(|| Tensor::from_data(TensorData::new(sums, [length]), device)),
            counts: (cells > 0).then(|| Tensor::from_data(TensorData::new(counts, [cells]), device)),
            labels,
        }
    }
}

impl Default for Accumulator {
    fn default() -> Self {
        Self::new()
    }
}

impl SavedSums {
    /// In today's layout, whichever version wrote it.
    fn upgraded(mut self, tasks: &[TaskSpec]) -> Self {
        if self.labels.is_empty() && self.samples > 0 {
            self.labels = vec![SavedLabels { count: self.samples as u64, ..SavedLabels::default() }; tasks.len()];
        }
        if self.counts.is_some() {
            return self;
        }
        let mut values = std::mem::take(&mut self.sums).into_iter();
        let mut counts = Vec::new();
        self.sums.extend(values.by_ref().take(2)); // gradients' norm and loss
        for task in tasks {
            if task.is_classification() {
                self.sums.extend(values.next());
                let cells = task.outputs() * task.outputs();
                counts.extend(values.by_ref().take(cells).map(|count| count as u64));
            } else {
                self.sums.extend(values.by_ref().take(3)); // loss and errors
            }
        }
        Self { counts: Some(counts), ..self }
    }

    /// Means and scores of the samples seen; `scales` has one entry a task. `None` when nothing was seen.
    pub fn metrics(&self, tasks: &[TaskSpec], scales: &[TargetScale]) -> Option<Metrics> {
        let mut values = self.sums.iter().map(|&value| f64::from(value));
        let mut counts = self.counts.iter().flatten().copied();
        let samples = self.samples as f64;
        let grad_norm = values.next()? / self.updates.max(1) as f64;
        let loss = values.next()? / samples;
        let mut results = Vec::with_capacity(tasks.len());
        for (index, (task, scale)) in tasks.iter().zip(scales).enumerate() {
            let labels = self.labels.get(index).copied().unwrap_or_default();
            let SavedLabels { count, sum, squares, .. } = labels;
            let loss_weight = if labels.loss_weight() > 0.0 { labels.loss_weight() } else { 1.0 };
            let labelled = count.max(1) as f64;
            let loss = values.next()? / loss_weight;
            let scores = if task.is_classification() {
                let classes = task.outputs();
                let counts: Vec<u64> = counts.by_ref().take(classes * classes).collect();
                Scores::Confusion(counts.chunks(classes).map(<[u64]>::to_vec).collect())
            } else {
                let (absolute, squared) = (values.next()?, values.next()?);
                let std = f64::from(scale.std);
                // Below this share the differences are those of rounding.
                let variance = squares - sum * sum / labelled;
                let r2 = (variance > 1e-9 * squares).then(|| 1.0 - squared / variance);
                Scores::Errors { mae: absolute / labelled * std, mse: squared / labelled * std * std, r2 }
            };
            results.push(TaskMetrics { task: task.name.clone(), samples: count, subjects: None, loss, scores });
        }
        Some(Metrics { samples: self.samples, loss, grad_norm, tasks: results })
    }
}

/// Counts by true and predicted class, `[classes · classes]`, row by row.
fn confusion(logits: Tensor<2>, one_hot: Tensor<2>) -> Tensor<1> {
    let [_, classes] = logits.dims();
    let first_max = logits.argmax(1); // [batch, 1]
    let device = one_hot.device();
    let indices = Tensor::<1, Int>::arange(0..classes as i64, &device).unsqueeze::<2>();
    let predicted: Tensor<2, Bool> = first_max.repeat_dim(1, classes).equal(indices.repeat_dim(0, one_hot.dims()[0]));
    one_hot.transpose().matmul(predicted.float()).reshape([classes * classes])
}

/// Sums of absolute and squared errors, `[2]`.
fn errors(predictions: Tensor<2>, targets: Tensor<2>, mask: Option<Tensor<2>>) -> Tensor<1> {
    let error = predictions - targets;
    let error = match mask {
        Some(mask) => error * mask,
        None => error,
    };
    Tensor::cat(vec![error.clone().abs().sum(), error.square().sum()], 0)
}

#[cfg(test)]
mod tests {
    use pollster::block_on;

    use super::*;
    use crate::{
        labels::TaskKind,
        training::metrics::{ACCURACY, BALANCED_ACCURACY, F1, MAE, MSE, R2},
    };

    fn tasks() -> Vec<TaskSpec> {
        let classes = ["a", "b", "c"].map(str::to_owned).to_vec();
        let description = String::new();
        vec![
            TaskSpec {
                name: "kind".into(),
                kind: TaskKind::Classification { classes },
                description: description.clone(),
            },
            TaskSpec { name: "age".into(), kind: TaskKind::Regression { unit: None }, description },
        ]
    }

    fn batch(
        logits: Vec<[f32; 3]>,
        truth: Vec<[f32; 3]>,
        ages: Vec<[f32; 1]>,
        predicted: Vec<[f32; 1]>,
    ) -> BatchResults {
        let device = Device::flex();
        let rows = logits.len();
        let scaled: Vec<f64> = ages.iter().map(|age| f64::from(age[0])).collect();
        let (sum, squares) = (scaled.iter().sum(), scaled.iter().map(|age| age * age).sum());
        let labels = |sum, squares| Labels { mask: None, count: rows as u64, classes: Vec::new(), sum, squares };
        let matrix = |rows: usize, columns: usize, values: Vec<f32>| {
            Tensor::<2>::from_data(TensorData::new(values, [rows, columns]), &device)
        };
        BatchResults {
            loss: Tensor::from_data([2.0], &device),
            losses: vec![Tensor::from_data([1.0], &device), Tensor::from_data([0.5], &device)],
            logits: vec![matrix(rows, 3, logits.concat()), matrix(rows, 1, predicted.concat())],
            targets: vec![matrix(rows, 3, truth.concat()), matrix(rows, 1, ages.concat())],
            labels: vec![labels(0.0, 0.0), labels(sum, squares)],
            loss_weights: vec![rows as f64; 2],
            grad_norm: None,
        }
    }

    #[test]
    fn sums_over_batches_give_counts_and_means() {
        let mut sums = Accumulator::new();
        let (a, b) = ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]);
        sums.add(batch(vec![a, b, b], vec![a, a, b], vec![[10.0]; 3], vec![[12.0]; 3]), &tasks());
        sums.add(batch(vec![a], vec![b], vec![[10.0]], vec![[6.0]]), &tasks());
        let scales = [TargetScale::default(), TargetScale { mean: 0.0, std: 2.0 }];
        let metrics = block_on(sums.save()).unwrap().metrics(&tasks(), &scales).unwrap();
        assert_eq!((metrics.samples, metrics.loss), (4, 2.0));
        assert_eq!(metrics.tasks[0].scores, Scores::Confusion(vec![vec![1, 1, 0], vec![1, 1, 0], vec![0, 0, 0]]));
        assert_eq!(metrics.by_task(&ACCURACY)["kind"], 0.5);
        // The class that never occurs counts 0 in F1, and not in the balanced accuracy.
        assert!((metrics.by_task(&F1)["kind"] - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!(metrics.by_task(&BALANCED_ACCURACY)["kind"], 0.5);
        assert!(metrics.by_task(&R2).is_empty(), "all ages are alike");
        // Errors 2, 2, 2, 4 in units of 2.
        assert_eq!((metrics.by_task(&MAE)["age"], metrics.by_task(&MSE)["age"]), (5.0, 28.0));
    }

    /// Three rights of the first class, of which a sum of floats would lose one.
    fn one_more(saved: SavedSums) -> SavedSums {
        let mut sums = Accumulator::restore(saved, &tasks(), &Device::flex());
        let a = [1.0, 0.0, 0.0];
        sums.add(batch(vec![a; 3], vec![a; 3], vec![[10.0]; 3], vec![[12.0]; 3]), &tasks());
        block_on(sums.save()).unwrap()
    }

    #[test]
    fn counts_do_not_stand_still_where_floats_would() {
        let mut saved = one_more(SavedSums::default());
        saved.counts = Some([vec![1 << 24], vec![0; 8]].concat());
        assert_eq!(one_more(saved).counts.unwrap()[0], (1 << 24) + 3);
    }

    #[test]
    fn sums_of_an_older_version_go_on() {
        let today = one_more(SavedSums::default());
        let [sums, matrix] = [&today.sums, &today.counts.clone().unwrap().iter().map(|&count| count as f32).collect()];
        let older = [&sums[..3], &matrix[..], &sums[3..]].concat();
        let json = serde_json::json!({ "samples": 3, "updates": 0, "sums": older, "labels": today.labels });
        let older: SavedSums = serde_json::from_value(json).unwrap();
        assert_eq!(one_more(older), one_more(today));
    }
}
