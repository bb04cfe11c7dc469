//! What the `[optimizer]` and `[scheduler]` tables say: how parameters are updated, and how the learning rate changes.

use super::names::named_enum;

named_enum! {
    /// The update rule.
    pub enum OptimizerName {
        /// Adam with decoupled weight decay (Loshchilov & Hutter 2019).
        AdamW = "adamw",
        /// Adam (Kingma & Ba 2015); weight decay is added to the gradient.
        Adam = "adam",
        /// Stochastic gradient descent with momentum 0.9.
        Sgd = "sgd",
    }
}

/// The optimizer.
#[derive(Debug, Clone, PartialEq)]
pub struct OptimizerConfig {
    /// The update rule.
    pub name: OptimizerName,
    /// Learning rate before the schedule's factor, > 0.
    pub learning_rate: f64,
    /// Weight decay, ≥ 0.
    pub weight_decay: f64,
    /// Adam's decay rates of the first and second moment, each in [0, 1).
    pub betas: [f64; 2],
}

impl Default for OptimizerConfig {
    fn default() -> Self {
        Self { name: OptimizerName::AdamW, learning_rate: 3e-4, weight_decay: 1e-4, betas: [0.9, 0.999] }
    }
}

named_enum! {
    /// How the learning rate changes after the warm-up.
    pub enum SchedulerName {
        /// It stays.
        Constant = "constant",
        /// It falls linearly.
        Linear = "linear",
        /// It follows a cosine.
        Cosine = "cosine",
    }
}

/// The learning-rate schedule, stepped after each optimizer update.
#[derive(Debug, Clone, PartialEq)]
pub struct SchedulerConfig {
    /// How the learning rate changes after the warm-up.
    pub name: SchedulerName,
    /// Optimizer updates over which the learning rate rises linearly from 0.
    pub warmup_steps: usize,
    /// The smallest factor a `linear` or `cosine` schedule reaches, in [0, 1].
    pub min_lr_ratio: f64,
    /// Periods of the cosine; 0.5 falls from the start to the end.
    pub num_cycles: f64,
}

impl Default for SchedulerConfig {
    fn default() -> Self {
        Self { name: SchedulerName::Constant, warmup_steps: 0, min_lr_ratio: 0.0, num_cycles: 0.5 }
    }
}
