//! What run files say of `cnn_light`.

use super::facts::{Facts, Sizes};
use crate::config::{DataType, fields::Fields};

pub(super) const FACTS: Facts =
    Facts { samples: Some(DataType::Spectrogram), is_published: false, is_fitted: false, without_effect: &[], check };

fn check(fields: &mut Fields<'_>, &Sizes { embedding_dim: width, depth, .. }: &Sizes) {
    if fields.sound(&["model.depth", "model.embedding_dim"]) && width >> depth == 0 {
        let path = if fields.given("model.embedding_dim") { "model.embedding_dim" } else { "model.depth" };
        let message = format!(
            "an embedding of {width} is too narrow for a depth of {depth}: each block at least doubles the channels, so \
             that model.embedding_dim must be at least {}",
            1_usize << depth
        );
        fields.problem(path, message, None);
    }
}
