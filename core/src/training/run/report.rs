//! What a run tells while it goes, and the check that its numbers are numbers.

use std::collections::BTreeMap;

use burn::tensor::Tensor;

use super::trainer::Trainer;
use crate::{
    model::parameters::read_floats,
    training::{TrainError, TrainEvent, events::Step, pass::BatchResults},
};

impl Trainer<'_> {
    /// Reads the losses of the latest update's batches, at least one, and tells them.
    pub(super) async fn report(&mut self, batches: &[BatchResults]) -> Result<(), TrainError> {
        let (loss, losses) = match batches {
            [only] => (only.loss.clone(), only.losses.clone()),
            several => {
                let losses = self.means(several);
                (self.weighted(&losses), losses)
            }
        };
        let mut parts = vec![loss];
        parts.extend(batches.iter().find_map(|batch| batch.grad_norm.clone()));
        parts.extend(losses);
        let values: Vec<f64> = read_floats(Tensor::cat(parts, 0)).await?.into_iter().map(f64::from).collect();
        let losses = self.tasks.iter().zip(&values[2..]).map(|(task, &loss)| (task.name.clone(), loss)).collect();
        self.check_finite(self.train.split(), values[0], values[1], &losses)?;
        let (position, lr) = (self.state.position(), self.state.latest_rate);
        let step = Step { position, loss: values[0], losses, grad_norm: values[1], lr };
        self.tell(TrainEvent::Step(step));
        Ok(())
    }

    /// Every task's loss over batches together.
    fn means(&self, batches: &[BatchResults]) -> Vec<Tensor<1>> {
        let of_task = |task: usize| {
            let total: f64 = batches.iter().map(|batch| batch.loss_weights[task]).sum();
            let share = |batch: &BatchResults| batch.loss_weights[task] / if total > 0.0 { total } else { 1.0 };
            batches.iter().map(|batch| batch.losses[task].clone() * share(batch)).reduce(Tensor::add)
        };
        (0..self.tasks.len()).filter_map(of_task).collect()
    }

    pub(super) fn check_finite(
        &self,
        split: &str,
        loss: f64,
        grad_norm: f64,
        losses: &BTreeMap<String, f64>,
    ) -> Result<(), TrainError> {
        let broken =
            losses.iter().find(|(_, loss)| !loss.is_finite()).map(|(task, _)| format!("the loss of task `{task}`"));
        let what = match broken {
            Some(what) => what,
            None if !loss.is_finite() => "the loss".to_owned(),
            None if !grad_norm.is_finite() => "the gradients' norm".to_owned(),
            None => return Ok(()),
        };
        Err(TrainError::NotFinite {
            what,
            step: self.state.step,
            split: split.to_owned(),
            learning_rate: self.config.optimizer.learning_rate,
            is_clipped: self.config.training.clip_grad_norm.is_some(),
            last_good: self.last_good.clone(),
        })
    }
}
