//! Simple methods that are fitted, and what comes of them on a split.

use crate::{
    baselines::{BandPower, LEAST_PROBABILITY, TaskModel, oas_covariance, riemann::TangentSpace},
    config::Baseline,
    datasets::Features,
    evaluation::Prediction,
    labels::{Target, TaskSpec},
    training::{batch::TargetScale, losses::huber, metrics::TaskMetrics},
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

/// What a method says of the samples of a split that have a label of one task.
#[derive(Default)]
pub(super) struct Said {
    answers: Vec<(Target, Prediction)>,
    loss: f64,
}

impl Said {
    /// Takes in one sample.
    pub(super) fn add(&mut self, target: Target, prediction: Prediction, scale: TargetScale) {
        self.loss += match (target, &prediction) {
            (Target::Class(truth), Prediction::Classes(probabilities)) => {
                -probabilities[truth].max(LEAST_PROBABILITY).ln()
            }
            (Target::Value(truth), Prediction::Value(predicted)) => {
                huber((predicted - f64::from(truth)) / f64::from(scale.std))
            }
            _ => 0.0,
        };
        self.answers.push((target, prediction));
    }

    /// The results of all of them.
    pub(super) fn metrics(&self, task: &TaskSpec) -> TaskMetrics {
        let loss = self.loss / self.answers.len().max(1) as f64;
        TaskMetrics::of(task, loss, self.answers.iter().map(|(target, prediction)| (*target, prediction)))
    }
}
