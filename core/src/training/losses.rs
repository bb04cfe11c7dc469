//! Losses of single tasks: how far a head's logits are from what the samples say.

use burn::tensor::{Tensor, activation::log_softmax};

use crate::config::{FocalConfig, TrainingConfig};
use crate::labels::TaskSpec;

/// Where the Huber loss turns from squared to absolute error, in the target's unit.
pub const HUBER_DELTA: f64 = 2.0;

/// The task that focal loss is for.
const FOCAL_TASK: &str = "health";

/// What is minimised for a task.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Loss {
    /// Cross-entropy; `smoothing` of the probability is spread over all classes (Szegedy et al. 2016).
    CrossEntropy {
        /// In `[0, 1)`.
        smoothing: f64,
    },
    /// Focal loss α(1−p)^γ·(−log p) of the true class's probability p (Lin et al. 2017).
    Focal(FocalConfig),
    /// Huber loss (Huber 1964) with δ = [`HUBER_DELTA`].
    Huber,
}

impl Loss {
    /// The loss a config asks for.
    pub fn of(task: &TaskSpec, config: &TrainingConfig) -> Self {
        if !task.is_classification() {
            return Self::Huber;
        }
        match config.focal_health {
            Some(focal) if task.name == FOCAL_TASK => Self::Focal(focal),
            _ => Self::CrossEntropy { smoothing: config.label_smoothing },
        }
    }

    /// Mean over the samples that have a label, `[1]`: 0, with a gradient of 0, when none has one. Without a mask all
    /// have one; `mask` is 1 where there is a label, `[batch, 1]`, and `count` says how many there are.
    pub fn forward_masked(
        &self,
        logits: Tensor<2>,
        targets: Tensor<2>,
        mask: Option<&Tensor<2>>,
        count: u64,
    ) -> Tensor<1> {
        let Some(mask) = mask else { return self.forward(logits, targets) };
        let outputs = logits.dims()[1];
        // Logits of samples without a label become 0, so that their losses and gradients are finite before they are
        // taken out.
        let losses = self.by_sample(logits * mask.clone().repeat_dim(1, outputs), targets);
        (losses * mask.clone()).sum().div_scalar(count.max(1) as f64)
    }

    /// Mean over the batch, `[1]`. Logits are `[batch, classes]` or `[batch, 1]`; targets are one-hot rows of the same
    /// shape, or the values.
    pub fn forward(&self, logits: Tensor<2>, targets: Tensor<2>) -> Tensor<1> {
        self.by_sample(logits, targets).mean()
    }

    /// Sample by sample, `[batch, 1]`.
    fn by_sample(&self, logits: Tensor<2>, targets: Tensor<2>) -> Tensor<2> {
        let classes = logits.dims()[1];
        match *self {
            Self::CrossEntropy { smoothing } => {
                let share = smoothing / classes as f64;
                let targets = if smoothing == 0.0 { targets } else { targets * (1.0 - smoothing) + share };
                (log_softmax(logits, 1) * targets).sum_dim(1).neg()
            }
            Self::Focal(FocalConfig { alpha, gamma }) => {
                let log_p = (log_softmax(logits, 1) * targets).sum_dim(1);
                // Not down to zero, where the power's slope may be infinite.
                let missing = log_p.clone().exp().neg().add_scalar(1.0).clamp_min(f64::from(f32::EPSILON));
                (missing.powf_scalar(gamma) * log_p).mul_scalar(-alpha)
            }
            Self::Huber => {
                let error = (logits - targets).abs();
                let squared = error.clone().clamp_max(HUBER_DELTA); // the part of the error that is squared
                squared.clone() * (error - squared * 0.5)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    fn loss(loss: Loss, logits: [[f32; 2]; 2], targets: [[f32; 2]; 2]) -> f32 {
        let device = Device::flex();
        loss.forward(Tensor::from_data(logits, &device), Tensor::from_data(targets, &device)).into_scalar()
    }

    #[test]
    fn cross_entropy_follows_its_formula() {
        let plain = loss(Loss::CrossEntropy { smoothing: 0.0 }, [[0.0, 0.0], [2.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]]);
        let expected = (2.0_f32.ln() + (1.0 + 2.0_f32.exp()).ln()) / 2.0;
        assert!((plain - expected).abs() < 1e-6);
        let smooth = loss(Loss::CrossEntropy { smoothing: 0.2 }, [[2.0, 0.0]; 2], [[1.0, 0.0]; 2]);
        let log_sum = (1.0 + 2.0_f32.exp()).ln();
        assert!((smooth - (log_sum - 2.0 * 0.9)).abs() < 1e-6);
    }

    #[test]
    fn huber_is_squared_then_absolute() {
        // Errors 1, 2, 4 and 0 with δ = 2: ½, 2, 2·(4 − 1), 0.
        let value = loss(Loss::Huber, [[1.0, -2.0], [4.0, 5.0]], [[0.0, 0.0], [0.0, 5.0]]);
        assert!((value - (0.5 + 2.0 + 6.0) / 4.0).abs() < 1e-6);
    }

    #[test]
    fn focal_loss_without_focus_is_scaled_cross_entropy() {
        let (logits, targets) = ([[0.3, -1.0], [2.0, 0.5]], [[1.0, 0.0], [0.0, 1.0]]);
        let focal = loss(Loss::Focal(FocalConfig { alpha: 0.25, gamma: 0.0 }), logits, targets);
        let cross = loss(Loss::CrossEntropy { smoothing: 0.0 }, logits, targets);
        assert!((focal - 0.25 * cross).abs() < 1e-6);
    }

    #[test]
    fn a_sample_that_is_certain_has_a_finite_gradient() {
        let device = Device::flex().autodiff();
        let logits = Tensor::<2>::from_data([[60.0, -60.0], [1.0, 0.0]], &device).require_grad();
        let targets = Tensor::from_data([[1.0, 0.0], [1.0, 0.0]], &device);
        let focal = Loss::Focal(FocalConfig { alpha: 0.25, gamma: 0.5 });
        let gradients = focal.forward(logits.clone(), targets).backward();
        let gradient: Vec<f32> = logits.grad(&gradients).unwrap().into_data().try_to_vec::<f32>().unwrap();
        assert!(gradient.iter().all(|value| value.is_finite()), "{gradient:?}");
        assert!(gradient[2] < 0.0);
    }

    #[test]
    fn samples_without_a_label_change_neither_loss_nor_gradient() {
        let device = Device::flex().autodiff();
        let focal = Loss::Focal(FocalConfig { alpha: 0.25, gamma: 2.0 });
        for loss in [Loss::CrossEntropy { smoothing: 0.1 }, focal, Loss::Huber] {
            let outcome = |logits: Vec<f32>, targets: Vec<f32>, mask: Option<Vec<f32>>| {
                let rows = logits.len() / 2;
                let matrix = |values: Vec<f32>, columns: usize| {
                    Tensor::<2>::from_data(burn::tensor::TensorData::new(values, [rows, columns]), &device)
                };
                let count = mask.as_ref().map_or(rows as u64, |mask| mask.iter().filter(|&&m| m > 0.0).count() as u64);
                let logits = matrix(logits, 2).require_grad();
                let mask = mask.map(|mask| matrix(mask, 1));
                let value = loss.forward_masked(logits.clone(), matrix(targets, 2), mask.as_ref(), count);
                let gradients = value.backward();
                let gradient = logits.grad(&gradients).unwrap().into_data().try_to_vec::<f32>().unwrap();
                (value.into_scalar::<f32>(), gradient)
            };
            // With one output a regression's mean is over rows; here both columns are such outputs.
            let columns = if loss == Loss::Huber { 2.0 } else { 1.0 };
            let without = outcome(vec![0.3, -1.0, 2.0, 0.5], vec![1.0, 0.0, 0.0, 1.0], None);
            let logits = vec![0.3, -1.0, 70.0, -70.0, 2.0, 0.5];
            let with = outcome(logits, vec![1.0, 0.0, 0.0, 0.0, 0.0, 1.0], Some(vec![1.0, 0.0, 1.0]));
            if columns == 1.0 {
                assert!((with.0 - without.0).abs() < 1e-6, "{loss:?}: {} {}", with.0, without.0);
            }
            assert_eq!(with.1[2..4], [0.0, 0.0], "{loss:?}");
            for (found, expected) in with.1.iter().zip([0, 1, 9, 9, 2, 3]) {
                let expected = if expected == 9 { 0.0 } else { columns * without.1[expected] };
                assert!((found - expected).abs() < 1e-6, "{loss:?}: {:?} {:?}", with.1, without.1);
            }
            let none = outcome(vec![70.0, -70.0], vec![0.0, 0.0], Some(vec![0.0]));
            assert_eq!(none, (0.0, vec![0.0, 0.0]), "{loss:?}");
        }
    }
}
