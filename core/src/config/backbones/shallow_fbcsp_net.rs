//! What run files say of `shallow_fbcsp_net`, and its own keys, with the names and defaults that Braindecode 1.8 gives them.

use super::facts::{Facts, PUBLISHED};
use crate::config::{
    PoolMode,
    keys::{Bounds, KeyKind},
    table::config_table,
};

config_table! {
    /// The own keys of `shallow_fbcsp_net`.
    pub struct ShallowFbcspNetConfig in "model.extras" {
        /// Filters along time.
        n_filters_time: usize = 40, KeyKind::WIDTH;
        /// Samples of a filter along time.
        filter_time_length: usize = 25, KeyKind::WIDTH;
        /// Filters over the channels.
        n_filters_spat: usize = 40, KeyKind::WIDTH;
        /// Samples that are pooled.
        pool_time_length: usize = 75, KeyKind::COUNT;
        /// Samples from one pool to the next.
        pool_time_stride: usize = 15, KeyKind::COUNT;
        /// What is kept of a pool.
        pool_mode: PoolMode = PoolMode::Mean, KeyKind::Choice(PoolMode::NAMES);
        /// Batch normalisation after the filters, which have biases without it.
        batch_norm: bool = true, KeyKind::Switch;
        /// How much a batch counts in the running statistics.
        batch_norm_alpha: f64 = 0.1, KeyKind::Number(Bounds::UnitOpen);
        /// Probability with which a value is dropped in training.
        drop_prob: f64 = 0.5, KeyKind::Number(Bounds::UnitOpen);
    }
}

pub(super) const FACTS: Facts = PUBLISHED;
