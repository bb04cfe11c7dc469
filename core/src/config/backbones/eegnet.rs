//! What run files say of `eegnet`, and its own keys, with the names and defaults that Braindecode 1.8 gives them.

use super::facts::{Facts, PUBLISHED};
use crate::config::{
    PoolMode,
    keys::{Bounds, KeyKind},
    table::config_table,
};

config_table! {
    /// The own keys of `eegnet`.
    pub struct EegNetConfig in "model.extras" {
        /// Filters along time.
        f1("F1"): usize = 8, KeyKind::WIDTH;
        /// Filters over the channels for each filter along time.
        d("D"): usize = 2, KeyKind::WIDTH;
        /// Filters of the separable convolution; F1 · D where it is not given.
        f2("F2"): Option<usize> = None, KeyKind::WIDTH;
        /// Samples of a filter along time.
        kernel_length: usize = 64, KeyKind::WIDTH;
        /// Samples of the separable convolution.
        depthwise_kernel_length: usize = 16, KeyKind::WIDTH;
        /// Samples that the first pooling makes one.
        pool1_kernel_size: usize = 4, KeyKind::COUNT;
        /// Samples that the second pooling makes one.
        pool2_kernel_size: usize = 8, KeyKind::COUNT;
        /// What is kept of a pool.
        pool_mode: PoolMode = PoolMode::Mean, KeyKind::Choice(PoolMode::NAMES);
        /// Largest Euclidean norm of a filter over the channels.
        conv_spatial_max_norm: f64 = 1.0, KeyKind::Number(Bounds::Positive);
        /// How much a batch counts in the running statistics.
        batch_norm_momentum: f64 = 0.01, KeyKind::Number(Bounds::UnitOpen);
        /// What batch normalisation adds to variances.
        batch_norm_eps: f64 = 1e-3, KeyKind::Number(Bounds::Positive);
        /// Probability with which a value is dropped in training.
        drop_prob: f64 = 0.25, KeyKind::Number(Bounds::UnitOpen);
    }
}

pub(super) const FACTS: Facts = PUBLISHED;
