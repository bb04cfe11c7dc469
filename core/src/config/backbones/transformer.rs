//! What run files say of `transformer`, and its own keys.

use super::facts::{Facts, Sizes};
use crate::{
    config::{
        fields::Fields,
        keys::KeyKind,
        table::{ConfigTable, config_table},
    },
    named::named_enum,
};

named_enum! {
    /// How the transformer turns a sequence into one embedding.
    pub enum Pooling {
        /// The mean over the sequence.
        Mean = "mean",
        /// The first token.
        Cls = "cls",
    }
}

config_table! {
    /// The transformer's own keys.
    pub struct TransformerConfig in "model.extras" {
        /// Features of one token.
        ///
        /// The transformer needs it.
        input_dim: Option<usize> = None, KeyKind::WIDTH;
        /// Tokens in a sequence.
        ///
        /// The transformer needs it.
        seq_length: Option<usize> = None, KeyKind::COUNT;
        /// Width of the encoder, a multiple of num_heads.
        hidden_dim: usize = 256, KeyKind::WIDTH;
        /// Encoder layers.
        num_layers: usize = 4, KeyKind::Count { min: 1, max: 256 };
        /// Attention heads in a layer.
        num_heads: usize = 4, KeyKind::Count { min: 1, max: 1024 };
        /// Width of a layer's feed-forward part.
        ff_dim: usize = 512, KeyKind::WIDTH;
        /// Mean of the sequence, or first token.
        pooling: Pooling = Pooling::Mean, KeyKind::Choice(Pooling::NAMES);
        /// Whether tokens' positions are added.
        ///
        /// They are sinusoids (Vaswani et al. 2017).
        positional_encoding: bool = false, KeyKind::Switch;
    }
}

pub(super) const FACTS: Facts = Facts {
    samples: None,
    is_published: false,
    is_fitted: false,
    without_effect: &["model.activation", "model.depth", "model.layer_repeats"],
    check,
};

fn check(fields: &mut Fields<'_>, _: &Sizes) {
    for path in ["model.extras.input_dim", "model.extras.seq_length"] {
        if !fields.given(path) {
            fields.missing(path, &format!("{path} is missing: the transformer needs it"));
        }
    }
    let Some(TransformerConfig { hidden_dim, num_heads, positional_encoding, .. }) = TransformerConfig::read(fields)
    else {
        return;
    };
    if fields.sound(&["model.extras.hidden_dim", "model.extras.num_heads"]) && !hidden_dim.is_multiple_of(num_heads) {
        let path = "model.extras.hidden_dim";
        let path = if fields.given(path) { path } else { "model.extras.num_heads" };
        let message = format!("model.extras.hidden_dim, {hidden_dim}, must be a multiple of num_heads, {num_heads}");
        fields.problem(path, message, None);
    }
    if positional_encoding && fields.sound(&["model.extras.hidden_dim"]) && !hidden_dim.is_multiple_of(2) {
        let message = format!("model.extras.hidden_dim, {hidden_dim}, must be even for positional_encoding");
        fields.problem("model.extras.hidden_dim", message, None);
    }
}
