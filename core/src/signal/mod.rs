//! From samples in volts, one slice a channel, to model inputs: spectrogram [`Image`]s or z-scored windows. The way:
//! [`decimate`] to the target rate, [`Windowing`] into windows, then either [`Spectrogram::render`] and
//! [`Image::encode_png`], or [`NormalizationStats::normalize`] and [`encode_npy`].
//!
//! Everything here computes on one thread; plans are `Send + Sync`, so callers spread windows over threads.

pub mod augmentation;
mod channel_quality;
mod conditioning;
mod decimate;
mod error;
mod fir;
mod image;
mod log_stft;
mod normalize;
mod npy;
mod npy_error;
mod options;
mod robust;
mod scaling;
mod spectrogram;
mod spherical_spline;
mod stft;
#[cfg(test)]
mod tests;
mod windowing;

pub use channel_quality::{RecordedQuality, Spread, likeness, log_variance};
pub use conditioning::{Conditioner, Filters};
pub use decimate::decimate;
pub use error::SignalError;
pub use fir::{Band, Fir};
pub use image::{Image, ImageError};
pub use normalize::{NormalizationStats, StatsAccumulator};
pub use npy::{decode_npy, encode_npy};
pub use npy_error::NpyError;
pub use options::{BinSpacing, OutputType};
pub use robust::RobustScale;
pub use spectrogram::{MAX_RESOLUTION, Spectrogram, SpectrogramConfig};
pub use spherical_spline::{Direction, spline_weights};
pub use windowing::Windowing;
