//! What a model takes: a batch of images or of signals, and the shapes of one sample that its layers ask for.

use burn::tensor::Tensor;

use super::ModelError;
use crate::{
    config::{Backbone, DataType, ModelConfig},
    datasets::FeatureShape,
};

/// A batch as a model takes it.
#[derive(Debug, Clone)]
pub enum Input {
    /// Spectrogram images, `[batch, channels, height, width]`, values in −1…1.
    Images(Tensor<4>),
    /// Windows of the signal, `[batch, channels, samples]`, z-scores.
    Signals(Tensor<3>),
}

impl Input {
    /// The number of samples.
    pub fn batch_size(&self) -> usize {
        match self {
            Self::Images(images) => images.dims()[0],
            Self::Signals(signals) => signals.dims()[0],
        }
    }

    /// Images, `[batch, channels, height, width]`, for a backbone that takes nothing else.
    pub(super) fn into_images(self, backbone: Backbone) -> Result<Tensor<4>, ModelError> {
        match self {
            Self::Images(images) => Ok(images),
            Self::Signals(_) => Err(ModelError::InputKind { backbone, data_type: DataType::Spectrogram }),
        }
    }

    /// Signals, `[batch, channels, samples]`, for a backbone that takes nothing else.
    pub(super) fn into_signals(self, backbone: Backbone) -> Result<Tensor<3>, ModelError> {
        match self {
            Self::Signals(signals) => Ok(signals),
            Self::Images(_) => Err(ModelError::InputKind { backbone, data_type: DataType::Timeseries }),
        }
    }

    /// As a sequence, `[batch, sequence, features]`: the columns of an image (its time frames), or the samples of a
    /// window.
    pub(super) fn into_sequence(self) -> Tensor<3> {
        match self {
            Self::Images(images) => images.permute([0, 3, 1, 2]).flatten(2, 3),
            Self::Signals(signals) => signals.swap_dims(1, 2),
        }
    }
}

/// Channels, height and width of an image, for a backbone that takes nothing else.
pub(super) fn image_shape(shape: FeatureShape, backbone: Backbone) -> Result<[usize; 3], ModelError> {
    match shape {
        FeatureShape::Image { channels, height, width } => Ok([channels, height, width]),
        FeatureShape::Signal { .. } => Err(ModelError::InputKind { backbone, data_type: DataType::Spectrogram }),
    }
}

/// Channels and samples of a signal, for a backbone that takes nothing else.
pub(super) fn signal_shape(shape: FeatureShape, backbone: Backbone) -> Result<[usize; 2], ModelError> {
    match shape {
        FeatureShape::Signal { channels, samples } => Ok([channels, samples]),
        FeatureShape::Image { .. } => Err(ModelError::InputKind { backbone, data_type: DataType::Timeseries }),
    }
}

/// Whether a published model that needs so many samples takes samples of this shape, and what it takes instead.
pub(super) fn fits_published(
    config: &ModelConfig,
    shape: FeatureShape,
    needed: usize,
) -> Result<(bool, String), ModelError> {
    let [channels, samples] = signal_shape(shape, config.backbone)?;
    let wanted = config.input_channels.unwrap_or(channels);
    let expected = match config.input_channels {
        Some(_) => format!("model.input_channels = {wanted} and, at these sizes, at least {needed} samples"),
        None => format!("at least {needed} samples at these sizes"),
    };
    Ok((channels == wanted && samples >= needed, expected))
}

/// Tokens, and features of each, when a sample is seen as a sequence.
pub(super) fn sequence_shape(shape: FeatureShape) -> (usize, usize) {
    match shape {
        FeatureShape::Image { channels, height, width } => (width, channels * height),
        FeatureShape::Signal { channels, samples } => (samples, channels),
    }
}
