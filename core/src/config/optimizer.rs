//! What the `[optimizer]` and `[scheduler]` tables say: how parameters are updated, and how the learning rate changes.

use super::{
    keys::{Bounds, KeyKind, NOT_USED},
    table::config_table,
};
use crate::named::named_enum;

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

config_table! {
    /// The optimizer.
    pub struct OptimizerConfig in "optimizer" {
        /// The update rule.
        name: OptimizerName = OptimizerName::AdamW, KeyKind::Choice(OptimizerName::NAMES);
        /// Learning rate before the schedule's factor.
        learning_rate: f64 = 3e-4, KeyKind::Number(Bounds::Positive);
        /// Weight decay.
        weight_decay: f64 = 1e-4, KeyKind::Number(Bounds::NotNegative);
        /// Adam's decay rates of the first and second moment.
        betas: [f64; 2] = [0.9, 0.999], KeyKind::Pair(Bounds::UnitOpen);
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
        /// It rises to `optimizer.learning_rate` and falls to nearly nothing, both along a cosine (Smith & Topin 2019;
        /// PyTorch's OneCycleLR).
        OneCycle = "one_cycle",
    }
}

config_table! {
    /// The learning-rate schedule, stepped after each optimizer update.
    pub struct SchedulerConfig in "scheduler" {
        /// How the learning rate changes after the warm-up.
        name: SchedulerName = SchedulerName::Constant, KeyKind::Choice(SchedulerName::NAMES);
        /// Updates over which the rate rises from 0.
        warmup_steps: usize = 0, KeyKind::Count { min: 0, max: u32::MAX };
        /// Smallest factor of linear and cosine.
        min_lr_ratio("kwargs.min_lr_ratio"): f64 = 0.0, KeyKind::Number(Bounds::UnitClosed);
        /// Periods of the cosine.
        ///
        /// 0.5 falls from the start to the end.
        num_cycles("kwargs.num_cycles"): f64 = 0.5, KeyKind::Number(Bounds::NotNegative);
        /// Share of the updates over which one_cycle rises.
        pct_start("kwargs.pct_start"): f64 = 0.3, KeyKind::Number(Bounds::UnitClosed);
        /// one_cycle begins at the learning rate divided by this.
        div_factor("kwargs.div_factor"): f64 = 25.0, KeyKind::Number(Bounds::Positive);
        /// one_cycle ends at its first learning rate divided by this.
        final_div_factor("kwargs.final_div_factor"): f64 = 1e4, KeyKind::Number(Bounds::Positive);
        /// Whether one_cycle lets momentum fall from 0.95 to 0.85 while the learning rate rises, and rise while it falls.
        ///
        /// Of Adam and AdamW, momentum is the first of `optimizer.betas`, which then has no effect.
        cycle_momentum("kwargs.cycle_momentum"): bool = true, KeyKind::Switch;
        ignored {
            /// Other settings of a schedule.
            "kwargs.*", KeyKind::Anything, NOT_USED;
        }
    }
}
