//! What run files say of `deep4net`, and its own keys, with the names and defaults that Braindecode 1.8 gives them.

use super::facts::{Facts, PUBLISHED};
use crate::config::{
    PoolMode,
    keys::{Bounds, KeyKind},
    table::config_table,
};

config_table! {
    /// The own keys of `deep4net`.
    pub struct Deep4NetConfig in "model.extras" {
        /// Filters along time.
        n_filters_time: usize = 25, KeyKind::WIDTH;
        /// Filters over the channels.
        n_filters_spat: usize = 25, KeyKind::WIDTH;
        /// Samples of a filter along time.
        filter_time_length: usize = 10, KeyKind::WIDTH;
        /// Samples that are pooled.
        pool_time_length: usize = 3, KeyKind::COUNT;
        /// Samples from one pool to the next.
        pool_time_stride: usize = 3, KeyKind::COUNT;
        /// Filters of the second block.
        n_filters_2: usize = 50, KeyKind::WIDTH;
        /// Samples of a filter of the second block.
        filter_length_2: usize = 10, KeyKind::WIDTH;
        /// Filters of the third block.
        n_filters_3: usize = 100, KeyKind::WIDTH;
        /// Samples of a filter of the third block.
        filter_length_3: usize = 10, KeyKind::WIDTH;
        /// Filters of the fourth block.
        n_filters_4: usize = 200, KeyKind::WIDTH;
        /// Samples of a filter of the fourth block.
        filter_length_4: usize = 10, KeyKind::WIDTH;
        /// What is kept of a pool of the first block.
        first_pool_mode: PoolMode = PoolMode::Max, KeyKind::Choice(PoolMode::NAMES);
        /// What is kept of a pool of the other blocks.
        later_pool_mode: PoolMode = PoolMode::Max, KeyKind::Choice(PoolMode::NAMES);
        /// Batch normalisation after the filters, which have biases without it.
        batch_norm: bool = true, KeyKind::Switch;
        /// How much a batch counts in the running statistics.
        batch_norm_alpha: f64 = 0.1, KeyKind::Number(Bounds::UnitOpen);
        /// Probability with which a value is dropped in training.
        drop_prob: f64 = 0.5, KeyKind::Number(Bounds::UnitOpen);
    }
}

pub(super) const FACTS: Facts = PUBLISHED;
