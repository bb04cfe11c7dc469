//! What a pass said of the samples of a split, beside their labels: the points of every regression, and the samples that
//! the model was most wrong about.

use super::{
    batch::TargetScale,
    events::{RegressionPoints, TaskPrediction, WorstSample},
    pass::PassResults,
};
use crate::{
    datasets::FolderDataset,
    evaluation::Prediction,
    labels::{Target, TaskKind, TaskSpec},
};

/// Samples told as those with the highest losses.
const WORST_SAMPLES: usize = 12;
/// Points told of a regression.
const POINTS: usize = 2000;

/// How predictions compare with the labels of a split.
pub struct Comparison<'a> {
    /// The tasks, in the order of the predictions.
    pub tasks: &'a [TaskSpec],
    /// By task, how its values are scaled.
    pub scales: &'a [TargetScale],
    /// By task, what its loss counts.
    pub weights: &'a [f64],
    /// Whose samples were predicted.
    pub split: &'a FolderDataset<'a>,
}

impl Comparison<'_> {
    /// The samples with the highest losses, the highest first.
    #[must_use]
    pub fn worst_samples(&self, results: &PassResults) -> Vec<WorstSample> {
        let samples = || results.rows.iter().copied().zip(&results.predictions);
        let mut losses: Vec<(f64, usize, &Vec<Prediction>)> =
            samples().map(|(row, said)| (self.loss(said, self.split.targets(row)), row, said)).collect();
        losses.sort_by(|(a, ..), (b, ..)| b.total_cmp(a));
        let worst = losses.into_iter().take(WORST_SAMPLES).map(|(loss, row, said)| WorstSample {
            path: self.split.path(row).to_owned(),
            subject: self.split.subject(row).map(str::to_owned),
            loss,
            predictions: self.in_words(said, self.split.targets(row)),
        });
        worst.collect()
    }

    /// True and predicted values of each regression; of a large split, those of evenly spread samples.
    #[must_use]
    pub fn regressions(&self, results: &PassResults) -> Vec<RegressionPoints> {
        let stride = results.rows.len().div_ceil(POINTS).max(1);
        let regressions = self.tasks.iter().enumerate().filter(|(_, task)| !task.is_classification());
        let points = |task: usize| {
            let samples = results.rows.iter().zip(&results.predictions).step_by(stride);
            samples.filter_map(move |(&row, said)| match (self.split.targets(row)[task], &said[task]) {
                (Some(Target::Value(truth)), Prediction::Value(predicted)) => Some([truth, *predicted as f32]),
                _ => None,
            })
        };
        regressions
            .map(|(index, task)| RegressionPoints { task: task.name.clone(), points: points(index).collect() })
            .collect()
    }

    /// Cross-entropy of the classes and absolute error of the scaled values, weighted as the losses are.
    fn loss(&self, said: &[Prediction], targets: &[Option<Target>]) -> f64 {
        let losses = said.iter().zip(targets).enumerate().map(|(task, (prediction, target))| {
            let loss = match (target, prediction) {
                (Some(Target::Class(class)), Prediction::Classes(probabilities)) => {
                    -probabilities[*class].max(f64::MIN_POSITIVE).ln()
                }
                (Some(Target::Value(truth)), Prediction::Value(value)) => {
                    (value - f64::from(*truth)).abs() / f64::from(self.scales[task].std)
                }
                _ => 0.0,
            };
            self.weights[task] * loss
        });
        losses.sum()
    }

    fn in_words(&self, said: &[Prediction], targets: &[Option<Target>]) -> Vec<TaskPrediction> {
        let predictions = self.tasks.iter().zip(said).zip(targets).filter_map(|((task, said), target)| {
            let (truth, predicted, is_right) = match ((*target)?, said) {
                (Target::Class(truth), Prediction::Classes(_)) => {
                    let predicted = said.class()?;
                    let name = |class: usize| task.class_names()[class].clone();
                    (name(truth), name(predicted), Some(truth == predicted))
                }
                (Target::Value(truth), Prediction::Value(predicted)) => {
                    let unit = match &task.kind {
                        TaskKind::Regression { unit: Some(unit) } => format!(" {unit}"),
                        _ => String::new(),
                    };
                    (format!("{truth:.1}{unit}"), format!("{predicted:.1}{unit}"), None)
                }
                _ => return None,
            };
            Some(TaskPrediction { task: task.name.clone(), truth, predicted, is_right })
        });
        predictions.collect()
    }
}
