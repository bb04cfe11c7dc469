//! What run files say of `band_power`, and its own key.

use super::facts::{Facts, PUBLISHED};
use crate::config::{
    keys::{Bounds, KeyKind},
    table::config_table,
};

config_table! {
    /// The own key of `band_power`.
    #[derive(Copy)]
    pub struct BandPowerConfig in "model.extras" {
        /// Sampling rate of the windows in Hz, where their folder does not say it.
        sfreq: Option<f64> = None, KeyKind::Number(Bounds::Positive);
    }
}

pub(super) const FACTS: Facts = Facts {
    is_fitted: true,
    without_effect: &[
        "model.embedding_dim",
        "model.dropout",
        "model.activation",
        "model.depth",
        "model.layer_repeats",
        "model.head",
    ],
    ..PUBLISHED
};
