//! The one update of a run whose model is fitted at once: what is standardised by the training split, and heads that are
//! linear models of it, as those of the simple method of the same name.

use super::{
    baselines::{Pass, bands_left_out},
    halt::Halt,
    trainer::Trainer,
};
use crate::{
    baselines::{BandPower, LinearFit, LinearHead, Standardizer, TaskModel},
    datasets::{FeatureShape, Features},
    model::ModelError,
    training::{TrainEvent, batch::TargetScale, pass::BatchResults},
};

impl Trainer<'_> {
    /// Fits the model to the training split. Returns what it makes of these batches of it.
    pub(super) async fn fit(&mut self, batches: &[&[usize]]) -> Result<Vec<BatchResults>, Halt> {
        let FeatureShape::Signal { samples, .. } = self.train.feature_shape() else { return Ok(Vec::new()) };
        let rate_hz = self.config.model.extras.band_power.sfreq.ok_or(ModelError::UnknownRate)?;
        let power = BandPower::new(samples, rate_hz).ok_or(ModelError::NoBands { samples, rate_hz })?;
        for message in bands_left_out(&power, samples, rate_hz) {
            self.tell(TrainEvent::Warning { message });
        }
        let mut pass = Pass::new(batches.len());
        let compute = |sample: &Features| match sample {
            Features::Signal { channels, values, .. } => power.features(*channels, values),
            Features::Image(_) => Vec::new(),
        };
        let features = self.of_training_windows(compute, &mut pass).await?;
        let heads = self.fit_heads(&features).await?;
        let of_all: Vec<&[f64]> = features.iter().map(Vec::as_slice).collect();
        let scale = Standardizer::fit(&of_all, features.first().map_or(0, Vec::len));
        let heads: Vec<LinearHead> = heads.into_iter().map(|head| head.after(&scale)).collect();
        self.model = self.model.clone().with_fitted(&scale, &heads)?;
        let model = self.model.valid();
        let mut results = Vec::with_capacity(batches.len());
        for rows in batches {
            results.push(self.evaluate_batch(&self.train, rows, &model).await?);
        }
        if let Some(last) = results.last_mut() {
            // There is no gradient.
            last.grad_norm = Some(last.loss.zeros_like());
        }
        Ok(results)
    }

    /// A head for each task: of the features as they are, and in the units of the model's outputs.
    async fn fit_heads(&mut self, features: &[Vec<f64>]) -> Result<Vec<LinearHead>, Halt> {
        let tasks = self.tasks.clone();
        let width = features.first().map_or(0, Vec::len);
        let mut heads = Vec::with_capacity(tasks.len());
        for (index, task) in tasks.iter().enumerate() {
            let (rows, targets) = self.labelled(index);
            let model = match self.fit_linear(task, &rows, &targets, features).await?.map(LinearFit::into_model) {
                Ok(model) => Some(model),
                Err(reason) => {
                    let name = &task.name;
                    let message =
                        format!("the head of the task `{name}` says the same of every sample, since {reason}");
                    self.tell(TrainEvent::Warning { message });
                    TaskModel::majority(task, &targets).ok()
                }
            };
            let TargetScale { mean, std } = self.scales[index];
            heads.push(match model {
                Some(model) => LinearHead::of(&model, width, mean.into(), std.into()),
                None => LinearHead::zeros(task.outputs(), width),
            });
        }
        Ok(heads)
    }
}
