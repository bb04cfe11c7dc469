//! Losses of single tasks: how far a head's logits are from what the samples say.

use burn::tensor::{Tensor, TensorData, activation::log_softmax};

use super::batch::{Labels, Mix};
use crate::{
    config::{ClassWeights, FocalConfig, TrainingConfig},
    labels::TaskSpec,
};

/// Where the Huber loss turns from squared to absolute error, in the target's unit.
pub const HUBER_DELTA: f64 = 2.0;

/// The Huber loss of one error, as [`Loss::Huber`] takes its mean.
pub fn huber(error: f64) -> f64 {
    let squared = error.abs().min(HUBER_DELTA);
    squared * (error.abs() - squared * 0.5)
}

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

    /// Mean over the batch, `[1]`. Logits are `[batch, classes]` or `[batch, 1]`; targets are one-hot rows of the same
    /// shape, or the values.
    pub fn forward(&self, logits: Tensor<2>, targets: Tensor<2>) -> Tensor<1> {
        self.by_sample(logits, targets, None).mean()
    }

    /// Sample by sample, `[batch, 1]`; `class_weights` is `[1, classes]`.
    fn by_sample(&self, logits: Tensor<2>, targets: Tensor<2>, class_weights: Option<Tensor<2>>) -> Tensor<2> {
        let classes = logits.dims()[1];
        match *self {
            Self::CrossEntropy { smoothing } => {
                let share = smoothing / classes as f64;
                let targets = if smoothing == 0.0 { targets } else { targets * (1.0 - smoothing) + share };
                let targets = if let Some(weights) = class_weights { targets * weights } else { targets };
                (log_softmax(logits, 1) * targets).sum_dim(1).neg()
            }
            Self::Focal(FocalConfig { alpha, gamma }) => {
                let log_p = (log_softmax(logits, 1) * targets.clone()).sum_dim(1);
                // Not down to zero, where the power's slope may be infinite.
                let missing = log_p.clone().exp().neg().add_scalar(1.0).clamp_min(f64::from(f32::EPSILON));
                let losses = (missing.powf_scalar(gamma) * log_p).mul_scalar(-alpha);
                if let Some(weights) = class_weights { losses * (targets * weights).sum_dim(1) } else { losses }
            }
            Self::Huber => {
                let error = (logits - targets).abs();
                let squared = error.clone().clamp_max(HUBER_DELTA); // the part of the error that is squared
                squared.clone() * (error - squared * 0.5)
            }
        }
    }
}

/// The loss of a task, and how much each of its classes counts in it.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskLoss {
    loss: Loss,
    /// By class; none when all count alike.
    class_weights: Option<Vec<f32>>,
}

impl TaskLoss {
    /// The loss a config asks for; `training_samples` says how many samples of the training split each class has.
    pub fn new(task: &TaskSpec, config: &TrainingConfig, training_samples: &[usize]) -> Self {
        let class_weights = match &config.class_weights {
            ClassWeights::Balanced if task.is_classification() => Some(balanced(training_samples)),
            ClassWeights::Given(tasks) => tasks.get(&task.name).map(|given| {
                let weights = task.class_names().iter().map(|class| given.get(class).copied().unwrap_or(1.0));
                weights.map(|weight| weight as f32).collect()
            }),
            ClassWeights::None | ClassWeights::Balanced => None,
        };
        Self { loss: Loss::of(task, config), class_weights }
    }

    /// What the mean of [`Self::forward`] is a mean over: the samples that have a label, each with its class's weight.
    pub fn weight(&self, labels: &Labels) -> f64 {
        self.weight_of(labels.count, &labels.classes)
    }

    /// The same of so many labels, and so many of each class.
    pub fn weight_of(&self, count: u64, classes: &[u64]) -> f64 {
        match &self.class_weights {
            Some(weights) => classes.iter().zip(weights).map(|(&n, &weight)| n as f64 * f64::from(weight)).sum(),
            None => count as f64,
        }
    }

    /// Mean over the samples that have a label, weighted by their classes as PyTorch's losses are, `[1]`: 0, with a
    /// gradient of 0, when none has one. Logits and targets are those of [`Loss::forward`].
    pub fn forward(&self, logits: Tensor<2>, targets: Tensor<2>, labels: &Labels) -> Tensor<1> {
        if self.class_weights.is_none() && labels.mask.is_none() {
            return self.loss.forward(logits, targets);
        }
        self.mean(self.by_sample(logits, targets, labels.mask.clone()), labels)
    }

    /// The same of samples that are mixed: λ·loss(own label) + (1 − λ)·loss(partner's label) of each (Zhang et al. 2018),
    /// where a label that is missing has no part in it.
    pub fn forward_mixed(&self, logits: Tensor<2>, targets: Tensor<2>, labels: &Labels, mix: &Mix) -> Tensor<1> {
        let own = self.by_sample(logits.clone(), targets.clone(), labels.mask.clone()) * mix.shares.clone();
        let of_partner = |tensor: Tensor<2>| tensor.select(0, mix.partners.clone());
        let partners = self.by_sample(logits, of_partner(targets), labels.mask.clone().map(of_partner));
        // The partners are the samples in another order, and their labels weigh as much.
        self.mean(own + partners * (mix.shares.clone().neg() + 1.0), labels)
    }

    /// Sample by sample, `[batch, 1]`, each with its class's weight; 0 where `mask` says that there is no label.
    fn by_sample(&self, logits: Tensor<2>, targets: Tensor<2>, mask: Option<Tensor<2>>) -> Tensor<2> {
        let outputs = logits.dims()[1];
        let weights = self.class_weights.clone();
        let weights =
            weights.map(|weights| Tensor::from_data(TensorData::new(weights, [1, outputs]), &logits.device()));
        match mask {
            // Logits of samples without a label become 0, so that their losses and gradients are finite before they are
            // taken out.
            Some(mask) => {
                let logits = logits * mask.clone().repeat_dim(1, outputs);
                self.loss.by_sample(logits, targets, weights) * mask
            }
            None => self.loss.by_sample(logits, targets, weights),
        }
    }

    fn mean(&self, losses: Tensor<2>, labels: &Labels) -> Tensor<1> {
        let weight = self.weight(labels);
        losses.sum().div_scalar(if weight > 0.0 { weight } else { 1.0 })
    }
}

/// n / (k · n_c) for k classes that have samples, n in all and n_c each (King & Zeng 2001): all weigh alike together. A
/// class without samples has no say.
fn balanced(samples: &[usize]) -> Vec<f32> {
    let (total, classes) = (samples.iter().sum::<usize>(), samples.iter().filter(|&&samples| samples > 0).count());
    let weight = |&samples: &usize| if samples > 0 { total as f64 / (classes * samples) as f64 } else { 1.0 };
    samples.iter().map(|samples| weight(samples) as f32).collect()
}

/// Every task's loss over the samples that have its label, which may be mixed.
pub fn losses_of(
    losses: &[TaskLoss],
    logits: &[Tensor<2>],
    targets: &[Tensor<2>],
    labels: &[Labels],
    mix: Option<&Mix>,
) -> Vec<Tensor<1>> {
    let tasks = losses.iter().zip(logits).zip(targets).zip(labels);
    let of_task = |(((loss, logits), targets), labels): (((&TaskLoss, &Tensor<2>), &Tensor<2>), &Labels)| match mix {
        None => loss.forward(logits.clone(), targets.clone(), labels),
        Some(mix) => loss.forward_mixed(logits.clone(), targets.clone(), labels, mix),
    };
    tasks.map(of_task).collect()
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
                let labels = Labels { mask, count, classes: Vec::new() };
                let value = TaskLoss { loss, class_weights: None }.forward(logits.clone(), matrix(targets, 2), &labels);
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

    fn weighted(loss: Loss, weights: Vec<f32>, mask: Option<Vec<f32>>, classes: Vec<u64>) -> f32 {
        let device = Device::flex();
        let matrix = |values: Vec<f32>, columns| Tensor::<2>::from_data(TensorData::new(values, [3, columns]), &device);
        let count = classes.iter().sum();
        let labels = Labels { mask: mask.map(|mask| matrix(mask, 1)), count, classes };
        let (logits, targets) = (vec![0.0, 0.0, 2.0, 0.0, 0.0, 1.0], vec![1.0, 0.0, 0.0, 1.0, 1.0, 0.0]);
        let loss = TaskLoss { loss, class_weights: Some(weights) };
        loss.forward(matrix(logits, 2), matrix(targets, 2), &labels).into_scalar()
    }

    /// As `torch.nn.functional.cross_entropy(weight=…, label_smoothing=…)` defines it.
    #[test]
    fn classes_count_by_their_weights() {
        let log_p = |right: f32, wrong: f32| right - (right.exp() + wrong.exp()).ln();
        let plain = Loss::CrossEntropy { smoothing: 0.0 };
        let [first, second, third] = [log_p(0.0, 0.0), log_p(0.0, 2.0), log_p(0.0, 1.0)];
        let expected = -(first + 3.0 * second + third) / 5.0;
        assert!((weighted(plain, vec![1.0, 3.0], None, vec![2, 1]) - expected).abs() < 1e-6);
        // The last sample has no label: neither its loss nor its weight counts.
        let masked = weighted(plain, vec![1.0, 3.0], Some(vec![1.0, 1.0, 0.0]), vec![1, 1]);
        assert!((masked + (first + 3.0 * second) / 4.0).abs() < 1e-6);
        let smoothed = [
            0.9 * first + 0.1 * 3.0 * first,
            0.9 * 3.0 * second + 0.1 * log_p(2.0, 0.0),
            0.9 * third + 0.1 * 3.0 * log_p(1.0, 0.0),
        ];
        let found = weighted(Loss::CrossEntropy { smoothing: 0.2 }, vec![1.0, 3.0], None, vec![2, 1]);
        assert!((found + smoothed.iter().sum::<f32>() / 5.0).abs() < 1e-6, "{found}");
        let focal = Loss::Focal(FocalConfig { alpha: 0.25, gamma: 0.0 });
        assert!((weighted(focal, vec![1.0, 3.0], None, vec![2, 1]) - 0.25 * expected).abs() < 1e-6);
    }

    #[test]
    fn balanced_classes_weigh_alike_together() {
        assert_eq!(balanced(&[18, 2]), [20.0 / 36.0, 20.0 / 4.0]);
        assert_eq!(balanced(&[6, 0, 3]), [0.75, 1.0, 1.5]);
    }

    #[test]
    fn mixed_samples_have_both_losses_and_missing_labels_none() {
        let device = Device::flex();
        let matrix = |values: &[f32], columns| {
            let rows = values.len() / columns;
            Tensor::<2>::from_data(TensorData::new(values.to_vec(), [rows, columns]), &device)
        };
        let log_p = |right: f32, wrong: f32| right - (right.exp() + wrong.exp()).ln();
        let mix = Mix { partners: Tensor::from_data([1, 2, 0], &device), shares: matrix(&[0.75, 0.5, 1.0], 1) };
        let (logits, targets) =
            (matrix(&[1.0, 0.0, 2.0, 0.0, 0.0, 3.0], 2), matrix(&[1.0, 0.0, 0.0, 1.0, 0.0, 1.0], 2));
        let labels = |mask: Option<&[f32]>, classes: [u64; 2]| {
            let mask = mask.map(|mask| matrix(mask, 1));
            Labels { mask, count: classes.iter().sum(), classes: classes.to_vec() }
        };
        let plain = Loss::CrossEntropy { smoothing: 0.0 };
        let value = |class_weights: Option<Vec<f32>>, labels: &Labels| -> f32 {
            let loss = TaskLoss { loss: plain, class_weights };
            loss.forward_mixed(logits.clone(), targets.clone(), labels, &mix).into_scalar()
        };
        let first = 0.75 * log_p(1.0, 0.0) + 0.25 * log_p(0.0, 1.0);
        // Both labels are the second class.
        let second = log_p(0.0, 2.0);
        let third = log_p(3.0, 0.0);
        let found = value(None, &labels(None, [1, 2]));
        assert!((found + (first + second + third) / 3.0).abs() < 1e-6, "{found}");
        let weighted = 0.75 * log_p(1.0, 0.0) + 3.0 * (0.25 * log_p(0.0, 1.0) + second + third);
        let found = value(Some(vec![1.0, 3.0]), &labels(None, [1, 2]));
        assert!((found + weighted / 7.0).abs() < 1e-6, "{found}");
        // The second has no label: neither itself, nor as a partner.
        let masked = 0.75 * log_p(1.0, 0.0) + 0.5 * second + third;
        let found = value(None, &labels(Some(&[1.0, 0.0, 1.0]), [1, 1]));
        assert!((found + masked / 2.0).abs() < 1e-6, "{found}");
    }
}
