//! What a model sees of a sample, and the shape of it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::signal::Image;

/// What a model sees of a sample.
#[derive(Debug, Clone, PartialEq)]
pub enum Features {
    /// A spectrogram.
    Image(Image),
    /// A window of normalised samples.
    Signal {
        /// EEG channels.
        channels: usize,
        /// Samples of each.
        samples: usize,
        /// The values, `[channels, samples]`.
        values: Vec<f32>,
    },
}

impl Features {
    /// The features' shape.
    #[must_use]
    pub fn shape(&self) -> FeatureShape {
        match self {
            Self::Image(image) => {
                FeatureShape::Image { channels: image.channels, height: image.height, width: image.width }
            }
            &Self::Signal { channels, samples, .. } => FeatureShape::Signal { channels, samples },
        }
    }
}

/// The shape that all samples of a split share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeatureShape {
    /// An image.
    Image {
        /// Colour channels, 1 or 3.
        channels: usize,
        /// Rows of pixels.
        height: usize,
        /// Columns of pixels.
        width: usize,
    },
    /// A window of samples.
    Signal {
        /// EEG channels.
        channels: usize,
        /// Samples of each.
        samples: usize,
    },
}

impl fmt::Display for FeatureShape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image { channels: 1, height, width } => {
                write!(formatter, "a grey image of {width} x {height} pixels")
            }
            Self::Image { height, width, .. } => write!(formatter, "a colour image of {width} x {height} pixels"),
            Self::Signal { channels, samples } => {
                write!(formatter, "a window of {channels} channels x {samples} samples")
            }
        }
    }
}
