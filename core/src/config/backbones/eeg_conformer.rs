//! What run files say of `eeg_conformer`, and its own keys, with the names and defaults that Braindecode 1.8 gives them.

use super::facts::{Facts, PUBLISHED, Sizes};
use crate::config::{
    fields::Fields,
    keys::{Bounds, KeyKind},
    table::{ConfigTable, config_table},
};

config_table! {
    /// The own keys of `eeg_conformer`.
    pub struct EegConformerConfig in "model.extras" {
        /// Filters along time and over the channels, which are the width of a token, too.
        n_filters_time: usize = 40, KeyKind::WIDTH;
        /// Samples of a filter along time.
        filter_time_length: usize = 25, KeyKind::WIDTH;
        /// Samples that become a token.
        pool_time_length: usize = 75, KeyKind::COUNT;
        /// Samples from one token to the next.
        pool_time_stride: usize = 15, KeyKind::COUNT;
        /// Layers of self-attention.
        num_layers: usize = 6, KeyKind::Count { min: 1, max: 256 };
        /// Attention heads in a layer, among which the filters are shared out.
        num_heads: usize = 10, KeyKind::Count { min: 1, max: 1024 };
        /// Probability with which a filtered value is dropped in training.
        drop_prob: f64 = 0.5, KeyKind::Number(Bounds::UnitOpen);
        /// Probability with which a value is dropped within self-attention.
        att_drop_prob: f64 = 0.5, KeyKind::Number(Bounds::UnitOpen);
        /// Probability with which a value is dropped after the first layer over all tokens.
        drop_prob_1: f64 = 0.5, KeyKind::Number(Bounds::UnitOpen);
        /// Probability with which a value is dropped after the second layer over all tokens.
        drop_prob_2: f64 = 0.3, KeyKind::Number(Bounds::UnitOpen);
    }
}

pub(super) const FACTS: Facts = Facts { check, ..PUBLISHED };

fn check(fields: &mut Fields<'_>, _: &Sizes) {
    let Some(EegConformerConfig { n_filters_time, num_heads, .. }) = EegConformerConfig::read(fields) else { return };
    let paths = ["model.extras.n_filters_time", "model.extras.num_heads"];
    if fields.sound(&paths) && !n_filters_time.is_multiple_of(num_heads) {
        let path = paths.into_iter().find(|path| fields.given(path)).unwrap_or(paths[0]);
        let message = format!("{}, {n_filters_time}, must be a multiple of num_heads, {num_heads}", paths[0]);
        fields.problem(path, message, None);
    }
}
