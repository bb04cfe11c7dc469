//! What can be wrong with a signal or with what is asked of it.

use super::NpyError;

/// Why a signal could not be processed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SignalError {
    /// A decimation factor of zero.
    #[error("a decimation factor of 0 has no meaning: use 1 to keep the rate, 2 to halve it")]
    ZeroFactor,
    /// Fewer samples than the anti-aliasing filter's padding needs.
    #[error("decimation needs at least {needed} samples, there are {samples}")]
    TooShort {
        /// Samples given.
        samples: usize,
        /// Samples needed.
        needed: usize,
    },
    /// NaN or infinity in a single channel's signal.
    #[error("sample {sample} is not a finite number: {value}")]
    NonFiniteSample {
        /// Index of the first such sample.
        sample: usize,
        /// The value.
        value: f64,
    },
    /// NaN or infinity in one of several channels.
    #[error("channel {channel}, sample {sample} is not a finite number: {value}")]
    NonFinite {
        /// Position of the channel, from 0.
        channel: usize,
        /// Index of the first such sample.
        sample: usize,
        /// The value.
        value: f64,
    },
    /// A band that a filter cannot pass.
    #[error(
        "a band from {low_hz} to {high_hz} Hz cannot be kept at {rate_hz} Hz: its edges must rise, from 0 Hz at the lowest \
         to below half the sampling rate, {} Hz", rate_hz / 2.0
    )]
    Band {
        /// Lower edge in Hz.
        low_hz: f64,
        /// Upper edge in Hz.
        high_hz: f64,
        /// The sampling rate in Hz.
        rate_hz: f64,
    },
    /// Bands that cannot be taken out at random.
    #[error(
        "bands of {bandwidth_hz} Hz cannot be taken out anywhere up to {max_hz} Hz at {rate_hz} Hz: a band needs 1 Hz on either \
         side, between 0 Hz, the highest frequency and half the sampling rate"
    )]
    BandStop {
        /// Width of the band in Hz.
        bandwidth_hz: f64,
        /// The highest frequency that is taken out, in Hz.
        max_hz: f64,
        /// The sampling rate in Hz.
        rate_hz: f64,
    },
    /// A frequency that a notch filter cannot take out.
    #[error(
        "{hz} Hz cannot be taken out at {rate_hz} Hz: a notch needs half a hertz on either side, between 0 Hz, half the \
         sampling rate and other notches"
    )]
    Notch {
        /// The frequency in Hz.
        hz: f64,
        /// The sampling rate in Hz.
        rate_hz: f64,
    },
    /// Two rates without a ratio of small numbers.
    #[error(
        "a sampling rate of {before_hz} Hz cannot be turned into {after_hz} Hz: the two have no ratio of whole numbers \
         up to 65536"
    )]
    RateRatio {
        /// The recording's rate in Hz.
        before_hz: f64,
        /// The rate asked for, in Hz.
        after_hz: f64,
    },
    /// A window of no samples.
    #[error("the window length must be at least 1 sample")]
    EmptyWindow,
    /// An overlap that is not a fraction of the window.
    #[error("the overlap must be at least 0 and below 1 (a fraction of the window), not {overlap}")]
    Overlap {
        /// The overlap given.
        overlap: f64,
    },
    /// An image without rows, or one too large to be meant.
    #[error("the resolution must be 2 to {max} pixels, not {resolution}")]
    Resolution {
        /// The resolution given.
        resolution: usize,
        /// The largest that is accepted.
        max: usize,
    },
    /// A hop step of zero: no hop could be found.
    #[error("the hop step must be at least 1 sample")]
    HopStep,
    /// No channels, or more than there are image columns.
    #[error("{channels} channels do not fit side by side into {resolution} pixels: between 1 and {resolution} do")]
    ChannelCount {
        /// Channels asked for.
        channels: usize,
        /// Image width in pixels.
        resolution: usize,
    },
    /// The frames of all channels are wider than the image.
    #[error(
        "{channels} channels of {frames} frames are wider than {resolution} pixels: \
         use a window length that hop {hop} does not divide, or a higher resolution"
    )]
    TooWide {
        /// Channels.
        channels: usize,
        /// Frames of each channel.
        frames: usize,
        /// Image width in pixels.
        resolution: usize,
        /// Hop in samples.
        hop: usize,
    },
    /// With log spacing, a hop that would skip samples between frames.
    #[error(
        "a hop of {hop} samples is larger than the frame of {frame} (2 * resolution - 1): \
         use shorter windows, fewer channels, a higher resolution or linear spacing"
    )]
    HopExceedsFrame {
        /// Hop in samples.
        hop: usize,
        /// Frame length in samples.
        frame: usize,
    },
    /// A dB range without extent.
    #[error("max_db ({max_db} dB) must be a finite number above min_db ({min_db} dB)")]
    DbRange {
        /// Lower end in dB.
        min_db: f64,
        /// Upper end in dB.
        max_db: f64,
    },
    /// Another number of channels than announced.
    #[error("expected {expected} channels, found {found}")]
    Channels {
        /// Channels announced.
        expected: usize,
        /// Channels given.
        found: usize,
    },
    /// A channel of another length than announced.
    #[error("channel {channel} has {found} samples, expected {expected}")]
    Length {
        /// Position of the channel, from 0.
        channel: usize,
        /// Samples expected.
        expected: usize,
        /// Samples given.
        found: usize,
    },
    /// Statistics of nothing.
    #[error("normalization statistics need at least one channel and one sample")]
    NoSamples,
    /// A `.npy` file that cannot be read.
    #[error(transparent)]
    Npy(#[from] NpyError),
}

/// Checks that `window` has `channels` channels of equal, finite samples; returns how many samples each has.
pub(super) fn check_window(window: &[&[f64]], channels: usize) -> Result<usize, SignalError> {
    if window.len() != channels {
        return Err(SignalError::Channels { expected: channels, found: window.len() });
    }
    let expected = window.first().map_or(0, |samples| samples.len());
    for (channel, samples) in window.iter().enumerate() {
        if samples.len() != expected {
            return Err(SignalError::Length { channel, expected, found: samples.len() });
        }
        if let Some((sample, value)) = first_non_finite(samples) {
            return Err(SignalError::NonFinite { channel, sample, value });
        }
    }
    Ok(expected)
}

/// The first sample that is NaN or infinite.
pub(super) fn first_non_finite(samples: &[f64]) -> Option<(usize, f64)> {
    samples.iter().copied().enumerate().find(|(_, value)| !value.is_finite())
}
