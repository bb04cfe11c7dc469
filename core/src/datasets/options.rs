//! What preprocessing is asked to do, what it tells while it does it, and what it has done in the end.

use serde::Serialize;

use crate::{
    config::DataType,
    signal::{BinSpacing, NormalizationStats, OutputType},
};

/// How recordings become samples. [`Default`] is the reference's own run; a dataset may have
/// [defaults](super::RawDataset::default_options) of its own.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PreprocessOptions {
    /// Images or windows of samples.
    pub data_type: DataType,
    /// What the images' colour channels hold.
    pub output_type: OutputType,
    /// Samples of a window, after decimation.
    pub window_length: usize,
    /// Fraction of a window that the next one shares.
    pub overlap: f64,
    /// Rate of the samples in Hz; it must divide the recordings' own.
    pub rate_hz: f64,
    /// Width and height of an image in pixels.
    pub resolution: usize,
    /// Spacing of an image's frequency rows.
    pub spacing: BinSpacing,
    /// What is drawn black, in dB.
    pub min_db: Option<f64>,
    /// What is drawn white, in dB; the maximum of each channel when there is none.
    pub max_db: Option<f64>,
    /// Shuffles the subjects before they are assigned to splits.
    pub seed: u64,
    /// Whether recordings of arithmetic are used beside those of rest. Only `math` has them.
    pub math_trials: bool,
    /// Statistics to normalise time series with, instead of those of the training split.
    pub statistics: Option<NormalizationStats>,
}

impl Default for PreprocessOptions {
    fn default() -> Self {
        Self {
            data_type: DataType::Spectrogram,
            output_type: OutputType::DbOnly,
            window_length: 2048,
            overlap: 0.5,
            rate_hz: 125.0,
            resolution: 256,
            spacing: BinSpacing::Log,
            min_db: None,
            max_db: None,
            seed: 0,
            math_trials: false,
            statistics: None,
        }
    }
}

/// What preprocessing tells while it runs.
#[derive(Debug, Clone, PartialEq)]
pub enum PreprocessEvent {
    /// The plan is made, all labels are good.
    Started {
        /// Recordings to read.
        recordings: usize,
        /// The splits in order and how many subjects each has.
        splits: Vec<(&'static str, usize)>,
    },
    /// Something the user should know, in a full sentence.
    Warning(String),
    /// A training recording has gone into the statistics of time series, which are made before any window.
    Measured {
        /// Its path.
        path: String,
    },
    /// A recording's windows are written.
    Recording {
        /// Its path.
        path: String,
        /// The split of its subject.
        split: &'static str,
        /// How many windows it gave.
        windows: usize,
    },
    /// A recording is left out.
    Skipped {
        /// Its path.
        path: String,
        /// Why.
        reason: String,
    },
    /// Everything is written.
    Finished(PreprocessSummary),
}

/// What preprocessing has written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PreprocessSummary {
    /// Recordings whose windows are written.
    pub recordings: usize,
    /// Recordings left out.
    pub skipped: usize,
    /// The splits, in order.
    pub splits: Vec<SplitSummary>,
    /// Files of an earlier run that were removed because no metadata row names them any more.
    pub removed: usize,
}

/// What one split holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SplitSummary {
    /// Its name.
    pub name: &'static str,
    /// Subjects assigned to it.
    pub subjects: usize,
    /// Windows written.
    pub windows: usize,
}
