//! What run files say of `cnn_1d`.

use super::facts::{Facts, Sizes};
use crate::config::{DataType, fields::Fields};

/// Widest layer; a wider one is a mistake and would not fit into memory.
const MAX_WIDTH: usize = 65_536;

pub(super) const FACTS: Facts =
    Facts { samples: Some(DataType::Timeseries), is_published: false, is_fitted: false, without_effect: &[], check };

fn check(fields: &mut Fields<'_>, &Sizes { input_channels, depth, .. }: &Sizes) {
    let first = input_channels.next_power_of_two().max(8);
    if fields.sound(&["model.depth", "model.input_channels"]) && first << depth > MAX_WIDTH {
        let path = if fields.given("model.depth") { "model.depth" } else { "model.input_channels" };
        let message = format!(
            "a depth of {depth} is too large: each block at least doubles the channels, of which there are {first} at \
             first, and {MAX_WIDTH} are the most"
        );
        fields.problem(path, message, None);
    }
}
