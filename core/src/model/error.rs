//! What can be wrong with a model: sizes that do not fit together, inputs of another kind, weights of another model.

use crate::{
    config::{Backbone, DataType},
    datasets::FeatureShape,
};

/// A model that cannot be built, fed or loaded.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ModelError {
    /// There is nothing to learn.
    #[error("a model needs at least one task: add one to dataset.tasks")]
    NoTasks,
    /// `cnn_light` divides the embedding by its growth once a block.
    #[error(
        "model.embedding_dim = {embedding_dim} is too narrow for depth {depth}: each block doubles the channels, so it must be at least {}",
        .needed.map_or("wider than can be computed; use fewer blocks".to_owned(), |needed| needed.to_string())
    )]
    EmbeddingTooNarrow {
        /// The embedding asked for.
        embedding_dim: usize,
        /// The number of blocks.
        depth: usize,
        /// The narrowest that works, if it can be represented.
        needed: Option<usize>,
    },
    /// The transformer must know its sequence.
    #[error("backbone `transformer` needs model.extras.input_dim (features of a token) and model.extras.seq_length")]
    SequenceUnknown,
    /// Each attention head takes an equal share of the hidden width.
    #[error("model.extras.hidden_dim = {hidden_dim} does not divide into num_heads = {num_heads}")]
    Heads {
        /// The hidden width.
        hidden_dim: usize,
        /// The number of heads.
        num_heads: usize,
    },
    /// Each attention head takes an equal share of the filters.
    #[error("model.extras.n_filters_time = {filters} does not divide into num_heads = {heads}")]
    HeadsOfFilters {
        /// The number of filters.
        filters: usize,
        /// The number of heads.
        heads: usize,
    },
    /// Positions are encoded by pairs of a sine and a cosine.
    #[error("model.extras.hidden_dim = {hidden_dim} is odd, and positional_encoding needs an even one")]
    OddWidth {
        /// The hidden width.
        hidden_dim: usize,
    },
    /// Images for a signal backbone, or signals for an image backbone.
    #[error("backbone `{backbone}` cannot take this kind of input: data_type must be {data_type}")]
    InputKind {
        /// The backbone.
        backbone: Backbone,
        /// What it takes.
        data_type: DataType,
    },
    /// The dataset's samples have another shape than the model's input.
    #[error("backbone `{backbone}` needs {expected}; a sample is {found}")]
    InputShape {
        /// The backbone.
        backbone: Backbone,
        /// What it expects, in words.
        expected: String,
        /// What the dataset has.
        found: FeatureShape,
    },
    /// Bands of frequencies are sought in windows whose sampling rate nobody says.
    #[error(
        "backbone `band_power` needs the sampling rate of the windows, which their folder does not say: state it as \
         model.extras.sfreq"
    )]
    UnknownRate,
    /// No band lies within what windows show.
    #[error("backbone `band_power` finds none of its bands in a window of {samples} samples at {rate_hz} Hz")]
    NoBands {
        /// Samples of a window.
        samples: usize,
        /// The sampling rate in Hz.
        rate_hz: f64,
    },
    /// There is no such task.
    #[error("the model has no task `{task}`; it has {}", .known.join(", "))]
    UnknownTask {
        /// The tasks it has.
        known: Vec<String>,
        /// The task asked for.
        task: String,
    },
    /// The weights are another model's.
    #[error("the weights belong to another model: {0}")]
    OtherModel(WeightMismatch),
    /// A device failed at what it was to compute.
    #[error("the device failed: {0}")]
    Device(String),
    /// A device is gone, as after its driver was reset: this program computes nothing more on it.
    #[error("the device was lost, as when its driver is reset, and with it all since the last checkpoint: {0}")]
    DeviceLost(String),
}

impl ModelError {
    /// Whether what was asked for does not fit together, rather than that a device failed.
    #[must_use]
    pub fn is_request(&self) -> bool {
        match self {
            Self::NoTasks
            | Self::EmbeddingTooNarrow { .. }
            | Self::SequenceUnknown
            | Self::Heads { .. }
            | Self::HeadsOfFilters { .. }
            | Self::OddWidth { .. }
            | Self::InputKind { .. }
            | Self::InputShape { .. }
            | Self::UnknownRate
            | Self::NoBands { .. }
            | Self::UnknownTask { .. }
            | Self::OtherModel(_) => true,
            Self::Device(_) | Self::DeviceLost(_) => false,
        }
    }
}

#[cfg(feature = "engine")]
impl ModelError {
    /// From what the engine says of a device: causes line by line, the first of them last, and where in it that was.
    pub(super) fn of_device(report: &str, is_lost: bool) -> Self {
        let causes = report.split("Backtrace:").next().unwrap_or(report);
        let first = causes.rsplit("Caused by:").next().unwrap_or(causes);
        let reason = first.split_whitespace().skip_while(|word| *word == "Unknown:").collect::<Vec<_>>().join(" ");
        if is_lost { Self::DeviceLost(reason) } else { Self::Device(reason) }
    }
}

/// How weights differ from what a model has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WeightMismatch {
    /// Parameters of the model that the weights lack.
    pub missing: Vec<String>,
    /// Weights that the model has no parameter for.
    pub unexpected: Vec<String>,
    /// Name, the model's shape, the weights' shape.
    pub shapes: Vec<(String, Vec<usize>, Vec<usize>)>,
}

impl WeightMismatch {
    /// Whether there is no difference.
    pub fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.unexpected.is_empty() && self.shapes.is_empty()
    }
}

impl std::fmt::Display for WeightMismatch {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        /// Names listed before the rest is only counted.
        const LISTED: usize = 4;
        let mut separator = "";
        let mut list = |formatter: &mut std::fmt::Formatter<'_>, what: &str, names: &[String]| {
            if names.is_empty() {
                return Ok(());
            }
            write!(formatter, "{separator}{what} {}", names[..names.len().min(LISTED)].join(", "))?;
            if names.len() > LISTED {
                write!(formatter, " and {} more", names.len() - LISTED)?;
            }
            separator = "; ";
            Ok(())
        };
        let shapes: Vec<_> =
            self.shapes.iter().map(|(name, model, found)| format!("{name} {found:?} instead of {model:?}")).collect();
        list(formatter, "of another shape:", &shapes)?;
        list(formatter, "missing:", &self.missing)?;
        list(formatter, "unexpected:", &self.unexpected)
    }
}

#[cfg(all(test, feature = "engine"))]
mod tests {
    use super::*;

    #[test]
    fn what_the_engine_says_of_a_device_is_told_without_its_own_affairs() {
        let report = "The device is poisoned\nCaused by:\n  Unknown: A valid external Instance reference\n  no longer exists.\n\
                      Backtrace:\nNo backtrace available";
        let reason = "A valid external Instance reference no longer exists.".to_owned();
        assert_eq!(ModelError::of_device(report, true), ModelError::DeviceLost(reason.clone()));
        assert_eq!(ModelError::of_device(&reason, false), ModelError::Device(reason));
    }
}
