//! Losses of single tasks. In: a head's logits and what the samples say; out: the batch's mean loss, `[1]`.

use burn::tensor::{Tensor, activation::log_softmax};

use crate::config::{FocalConfig, TrainingConfig};
use crate::labels::TaskSpec;

/// Where the Huber loss turns from squared to absolute error, in the target's unit.
pub const HUBER_DELTA: f64 = 2.0;

/// The task that focal loss is for.
const FOCAL_TASK: &str = "health";

/// How a task's logits are judged.
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

    /// Mean over the batch, `[1]`. Logits are `[batch, classes]` or `[batch, 1]`; targets are one-hot rows of the same
    /// shape, or the values.
    pub fn forward(&self, logits: Tensor<2>, targets: Tensor<2>) -> Tensor<1> {
        let [batch, classes] = logits.dims();
        match *self {
            Self::CrossEntropy { smoothing } => {
                let share = smoothing / classes as f64;
                let targets = if smoothing == 0.0 { targets } else { targets * (1.0 - smoothing) + share };
                (log_softmax(logits, 1) * targets).sum().div_scalar(-(batch as f64))
            }
            Self::Focal(FocalConfig { alpha, gamma }) => {
                let log_p = (log_softmax(logits, 1) * targets).sum_dim(1); // [batch, 1]
                // Not down to zero, where the power's slope may be infinite.
                let missing = log_p.clone().exp().neg().add_scalar(1.0).clamp_min(f64::from(f32::EPSILON));
                let modulation = missing.powf_scalar(gamma);
                (modulation * log_p).mean().mul_scalar(-alpha)
            }
            Self::Huber => {
                let error = (logits - targets).abs();
                let squared = error.clone().clamp_max(HUBER_DELTA); // the part of the error that is squared
                let loss = squared.clone() * (error - squared * 0.5);
                loss.mean()
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
}
