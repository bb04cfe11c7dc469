//! What a model said of each sample of a split: the points of every regression, and the samples that it was most wrong
//! about. Logits gather on the device and are read once.

use burn::tensor::Tensor;

use super::{
    batch::TargetScale,
    events::{RegressionPoints, TaskPrediction, WorstSample},
};
use crate::{
    datasets::FolderDataset,
    labels::{Target, TaskKind, TaskSpec},
    model::{ModelError, parameters::read_floats},
};

/// Samples told as those with the highest losses.
const WORST_SAMPLES: usize = 12;
/// Points told of a regression.
const POINTS: usize = 2000;

/// The logits of a split's samples, in the order of the split.
#[derive(Default)]
pub struct Predictions {
    /// By batch, `[batch, outputs of all tasks]`.
    batches: Vec<Tensor<2>>,
}

impl Predictions {
    /// Takes in a batch: by task, `[batch, outputs]`.
    pub fn add(&mut self, logits: &[Tensor<2>]) {
        self.batches.push(Tensor::cat(logits.to_vec(), 1));
    }

    /// Compares what was predicted with the split's targets. `weights` and `scales` have one entry a task.
    ///
    /// # Errors
    /// [`ModelError::Device`] when the device fails, [`ModelError::DeviceLost`] when it is gone.
    pub async fn compare(
        self,
        split: &FolderDataset<'_>,
        tasks: &[TaskSpec],
        scales: &[TargetScale],
        weights: &[f64],
    ) -> Result<(Vec<RegressionPoints>, Vec<WorstSample>), ModelError> {
        if self.batches.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        let logits = read_floats(Tensor::cat(self.batches, 0)).await?;
        let outputs = tasks.iter().map(TaskSpec::outputs).sum();
        let rows: Vec<&[f32]> = logits.chunks_exact(outputs).collect();
        let comparison = Comparison { tasks, scales, weights };
        let mut losses: Vec<(usize, f64)> =
            rows.iter().enumerate().map(|(row, logits)| (row, comparison.loss(logits, split.targets(row)))).collect();
        losses.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        let worst_samples = losses.iter().take(WORST_SAMPLES).map(|&(row, loss)| WorstSample {
            path: split.path(row).to_owned(),
            subject: split.subject(row).map(str::to_owned),
            loss,
            predictions: comparison.task_predictions(rows[row], split.targets(row)),
        });
        Ok((comparison.regressions(&rows, split), worst_samples.collect()))
    }
}

/// How one sample's logits compare with its targets.
struct Comparison<'a> {
    tasks: &'a [TaskSpec],
    scales: &'a [TargetScale],
    weights: &'a [f64],
}

impl Comparison<'_> {
    /// One sample's logits and target, task by task.
    fn by_task<'s>(
        &'s self,
        mut logits: &'s [f32],
        targets: &'s [Option<Target>],
    ) -> impl Iterator<Item = (usize, &'s [f32], Option<Target>)> {
        self.tasks.iter().zip(targets).enumerate().map(move |(index, (task, &target))| {
            let (own, rest) = logits.split_at(task.outputs());
            logits = rest;
            (index, own, target)
        })
    }

    /// Cross-entropy of the classes and absolute error of the scaled values, weighted as the losses are.
    fn loss(&self, logits: &[f32], targets: &[Option<Target>]) -> f64 {
        let losses = self.by_task(logits, targets).map(|(task, logits, target)| {
            let loss = match target {
                None => 0.0,
                Some(Target::Class(class)) => cross_entropy(logits, class),
                Some(Target::Value(value)) => {
                    f64::from((self.value(task, logits) - value).abs() / self.scales[task].std)
                }
            };
            self.weights[task] * loss
        });
        losses.sum()
    }

    /// A regression's prediction in the label's unit.
    fn value(&self, task: usize, logits: &[f32]) -> f32 {
        let TargetScale { mean, std } = self.scales[task];
        logits[0] * std + mean
    }

    fn task_predictions(&self, logits: &[f32], targets: &[Option<Target>]) -> Vec<TaskPrediction> {
        let predictions = self.by_task(logits, targets).filter_map(|(index, logits, target)| {
            let task = &self.tasks[index];
            let (truth, predicted, is_right) = match target? {
                Target::Class(class) => {
                    let predicted = first_max(logits);
                    let name = |class: usize| task.class_names()[class].clone();
                    (name(class), name(predicted), Some(class == predicted))
                }
                Target::Value(value) => {
                    let unit = match &task.kind {
                        TaskKind::Regression { unit: Some(unit) } => format!(" {unit}"),
                        _ => String::new(),
                    };
                    (format!("{value:.1}{unit}"), format!("{:.1}{unit}", self.value(index, logits)), None)
                }
            };
            Some(TaskPrediction { task: task.name.clone(), truth, predicted, is_right })
        });
        predictions.collect()
    }

    fn regressions(&self, rows: &[&[f32]], split: &FolderDataset<'_>) -> Vec<RegressionPoints> {
        let stride = rows.len().div_ceil(POINTS);
        let regressions = self.tasks.iter().enumerate().filter(|(_, task)| !task.is_classification());
        let points = |task: usize| {
            let samples = rows.iter().enumerate().step_by(stride);
            samples.filter_map(move |(row, logits)| {
                let (_, logits, target) = self.by_task(logits, split.targets(row)).nth(task)?;
                match target {
                    Some(Target::Value(value)) => Some([value, self.value(task, logits)]),
                    _ => None,
                }
            })
        };
        regressions
            .map(|(index, task)| RegressionPoints { task: task.name.clone(), points: points(index).collect() })
            .collect()
    }
}

/// −log of the probability that the logits give to a class.
fn cross_entropy(logits: &[f32], class: usize) -> f64 {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = logits.iter().map(|&logit| f64::from(logit - highest).exp()).sum();
    sum.ln() - f64::from(logits[class] - highest)
}

/// The class that the metrics count as predicted: of equal logits, the first.
fn first_max(logits: &[f32]) -> usize {
    let later_wins = |best: usize, class: usize| if logits[class] > logits[best] { class } else { best };
    (0..logits.len()).reduce(later_wins).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tasks() -> [TaskSpec; 2] {
        let classes = ["a", "b"].map(str::to_owned).to_vec();
        let task = |name: &str, kind| TaskSpec { name: name.to_owned(), kind, description: String::new() };
        [
            task("kind", TaskKind::Classification { classes }),
            task("age", TaskKind::Regression { unit: Some("years".to_owned()) }),
        ]
    }

    #[test]
    fn a_sample_is_compared_task_by_task_in_the_labels_units() {
        let tasks = tasks();
        let scales = [TargetScale::default(), TargetScale { mean: 40.0, std: 10.0 }];
        let comparison = Comparison { tasks: &tasks, scales: &scales, weights: &[1.0, 0.5] };
        let (logits, targets) = ([0.0, 1.0, 2.0], [Some(Target::Class(0)), Some(Target::Value(50.0))]);
        // Predicted 60 for 50 years: one standard deviation, weighted by half.
        let expected = (1.0 + 1.0_f64.exp()).ln() + 0.5;
        assert!((comparison.loss(&logits, &targets) - expected).abs() < 1e-6);
        let predictions = comparison.task_predictions(&logits, &targets);
        assert_eq!((predictions[0].truth.as_str(), predictions[0].predicted.as_str()), ("a", "b"));
        assert_eq!((predictions[0].is_right, predictions[1].is_right), (Some(false), None));
        assert_eq!((predictions[1].truth.as_str(), predictions[1].predicted.as_str()), ("50.0 years", "60.0 years"));
    }

    #[test]
    fn of_equal_logits_the_first_is_predicted() {
        assert_eq!(first_max(&[1.0, 3.0, 3.0]), 1);
    }
}
