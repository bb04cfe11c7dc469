//! What a backbone says of itself in one place.

use crate::config::{DataType, fields::Fields};

/// What a run file may say of a backbone.
pub(in crate::config) struct Facts {
    /// The samples that it takes; `None` for images and windows alike.
    pub samples: Option<DataType>,
    /// Whether it is one of the field's published models: they take their channels from the data, and their sizes from
    /// keys of their own alone.
    pub is_published: bool,
    /// Whether it is fitted at once, with heads of one layer, rather than learnt by gradients.
    pub is_fitted: bool,
    /// Keys of `[model]` that have no effect on it.
    pub without_effect: &'static [&'static str],
    /// Notes sizes that do not fit together.
    pub check: fn(&mut Fields<'_>, &Sizes),
}

/// What there is to say of any of the field's published models.
pub(super) const PUBLISHED: Facts = Facts {
    samples: Some(DataType::Timeseries),
    is_published: true,
    is_fitted: false,
    without_effect: &["model.embedding_dim", "model.dropout", "model.activation", "model.depth", "model.layer_repeats"],
    check: |_, _| {},
};

/// The sizes that a model has with any backbone, as a file gives them or by default.
pub(in crate::config) struct Sizes {
    pub input_channels: usize,
    pub embedding_dim: usize,
    pub depth: usize,
}
