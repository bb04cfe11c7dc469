//! Simple methods that are fitted, and what comes of them on a split.

use crate::{
    baselines::{BandPower, LEAST_PROBABILITY, TaskModel, oas_covariance, riemann::TangentSpace},
    config::Baseline,
    datasets::Features,
    evaluation::Prediction,
    labels::{Target, TaskSpec},
    training::{
        batch::TargetScale,
        losses::huber,
        metrics::{Scores, TaskMetrics},
    },
};

/// The methods of a run, fitted.
#[derive(Default)]
pub(super) struct Baselines {
    pub(super) methods: Vec<Method>,
    /// What could not be fitted, and why.
    pub(super) left_out: Vec<String>,
}

impl Baselines {
    /// What there is; where there is nothing, the reason is added to what is left out of the method.
    pub(super) fn or_left_out<T>(&mut self, baseline: Baseline, found: Result<T, String>) -> Option<T> {
        found.map_err(|reason| self.left_out.push(format!("{baseline}: {reason}"))).ok()
    }
}

/// A method, fitted to each task that it can learn.
pub(super) struct Method {
    pub(super) baseline: Baseline,
    pub(super) extractor: Extractor,
    pub(super) models: Vec<Option<TaskModel>>,
}

/// How features are made of a window.
pub(super) enum Extractor {
    /// None are needed.
    None,
    BandPower(BandPower),
    Tangent(TangentSpace),
}

impl Extractor {
    /// The features of a sample; none of what is no window.
    pub(super) fn features(&self, sample: &Features) -> Vec<f64> {
        match (self, sample) {
            (Self::BandPower(power), Features::Signal { channels, values, .. }) => power.features(*channels, values),
            (Self::Tangent(space), Features::Signal { channels, values, .. }) => {
                space.vector(&oas_covariance(*channels, values))
            }
            _ => Vec::new(),
        }
    }
}

/// What a method makes of a split, for one task.
pub(super) struct Tally {
    /// By true and predicted class; empty for a regression.
    confusion: Vec<Vec<u64>>,
    /// True and predicted values of a regression.
    values: Vec<[f64; 2]>,
    loss: f64,
    samples: u64,
}

impl Tally {
    pub(super) fn new(task: &TaskSpec) -> Self {
        let classes = task.class_names().len();
        Self { confusion: vec![vec![0; classes]; classes], values: Vec::new(), loss: 0.0, samples: 0 }
    }

    /// Takes in one sample.
    pub(super) fn add(&mut self, target: Target, prediction: &Prediction, scale: TargetScale) {
        self.samples += 1;
        match (target, prediction) {
            (Target::Class(truth), Prediction::Classes(probabilities)) => {
                if let Some(predicted) = prediction.class() {
                    self.confusion[truth][predicted] += 1;
                }
                self.loss -= probabilities[truth].max(LEAST_PROBABILITY).ln();
            }
            (Target::Value(truth), Prediction::Value(predicted)) => {
                let truth = f64::from(truth);
                self.values.push([truth, *predicted]);
                self.loss += huber((predicted - truth) / f64::from(scale.std));
            }
            _ => {}
        }
    }

    /// The results of all of them.
    pub(super) fn metrics(self, task: &str) -> TaskMetrics {
        let count = self.samples.max(1) as f64;
        let scores = if self.confusion.is_empty() {
            let mean = |of: &dyn Fn(&[f64; 2]) -> f64| self.values.iter().map(of).sum::<f64>() / count;
            let mse = mean(&|[truth, predicted]| (predicted - truth).powi(2));
            let mean_truth = mean(&|[truth, _]| *truth);
            let variance = mean(&|[truth, _]| (truth - mean_truth).powi(2));
            let r2 = (variance > 1e-9 * mean(&|[truth, _]| truth * truth)).then(|| 1.0 - mse / variance);
            Scores::Errors { mae: mean(&|[truth, predicted]| (predicted - truth).abs()), mse, r2 }
        } else {
            Scores::Confusion(self.confusion)
        };
        let (samples, loss) = (self.samples, self.loss / count);
        TaskMetrics { task: task.to_owned(), samples, subjects: None, loss, scores }
    }
}
