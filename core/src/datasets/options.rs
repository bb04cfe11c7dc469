//! What preprocessing is asked to do, what it tells while it does it, and what it has done in the end.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{FeatureShape, LabelCounts, MONTAGE_CHANNELS, SPLIT_FRACTIONS};
use crate::{
    config::{BadChannels, ChannelChoice, DataType, Reference, Scaling},
    signal::{BinSpacing, Filters, NormalizationStats, OutputType},
};

/// How recordings become samples. [`Default`] is the reference's own run; a dataset may have
/// [defaults](super::RawDataset::default_options) of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// The channels of a sample.
    #[serde(default, skip_serializing_if = "is_default")]
    pub channels: ChannelChoice,
    /// Filters, after which recordings are resampled to any rate; without them they are decimated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filters: Option<Filters>,
    /// What voltages are measured against.
    #[serde(default, skip_serializing_if = "is_default")]
    pub reference: Reference,
    /// What becomes of channels that are flat, broken or far noisier than the others.
    #[serde(default, skip_serializing_if = "is_default")]
    pub bad_channels: BadChannels,
    /// The scale of time series.
    #[serde(default, skip_serializing_if = "is_default")]
    pub scaling: Scaling,
    /// Whose samples are in which split.
    #[serde(default, skip_serializing_if = "is_default")]
    pub split: SplitOptions,
    /// Statistics to normalise time series with, instead of those of the training split.
    pub statistics: Option<NormalizationStats>,
    /// The names of the options that somebody asked for: they stand, whatever settings and defaults say later.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub chosen: BTreeSet<String>,
    /// Whether samples of other recordings that lie in the output folder may be replaced. It changes nothing of what is made.
    #[serde(skip)]
    pub replace: bool,
    /// Whether nothing is kept by which a preparation that is killed or stopped could be gone on with. It changes nothing of
    /// what is made.
    #[serde(skip)]
    pub in_one_go: bool,
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
            channels: ChannelChoice::TenTwenty,
            filters: None,
            reference: Reference::Recorded,
            bad_channels: BadChannels::Keep,
            scaling: Scaling::Standard,
            split: SplitOptions::default(),
            statistics: None,
            chosen: BTreeSet::new(),
            replace: false,
            in_one_go: false,
        }
    }
}

impl PreprocessOptions {
    /// The shape of the samples; where the channels are all that recordings have, as if these were those of a montage.
    #[must_use]
    pub fn shape(&self) -> FeatureShape {
        let channels = match &self.channels {
            ChannelChoice::Labels(labels) => labels.len(),
            ChannelChoice::TenTwenty | ChannelChoice::All => MONTAGE_CHANNELS,
        };
        match self.data_type {
            DataType::Spectrogram => FeatureShape::Image {
                channels: self.output_type.channels(),
                height: self.resolution,
                width: self.resolution,
            },
            DataType::Timeseries => FeatureShape::Signal { channels, samples: self.window_length },
        }
    }
}

/// Whose samples are in which split, where that is not drawn with [`SPLIT_FRACTIONS`](super::SPLIT_FRACTIONS).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SplitOptions {
    /// Shares of the subjects for train, val and test.
    pub fractions: Option<[f64; 3]>,
    /// Subjects of the training split; all that no other split lists, where another one does.
    pub train: Option<Vec<String>>,
    /// Subjects of the validation split.
    pub val: Option<Vec<String>>,
    /// Subjects of the test split.
    pub test: Option<Vec<String>>,
}

impl SplitOptions {
    /// The splits and the share of the subjects that each gets, where they are drawn.
    pub(super) fn fractions(&self) -> [(&'static str, f64); 3] {
        let Some(asked) = self.fractions else { return SPLIT_FRACTIONS };
        let mut fractions = SPLIT_FRACTIONS;
        fractions.iter_mut().zip(asked).for_each(|((_, fraction), asked)| *fraction = asked);
        fractions
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What preprocessing tells while it runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum PreprocessEvent {
    /// The plan is made, all labels are good.
    Started {
        /// Recordings found, those that the plan leaves out as well.
        recordings: usize,
        /// The splits in order and how many subjects each has.
        splits: Vec<(String, usize)>,
    },
    /// Something the user should know, in a full sentence.
    Warning(String),
    /// An earlier preparation of the same that was killed or stopped is gone on with.
    Resumed {
        /// Recordings whose samples it had written, all of them.
        recordings: usize,
    },
    /// A recording has gone into what is known before any window is made: the statistics of time series, or which channels
    /// are bad.
    Measured {
        /// Its path.
        path: String,
    },
    /// Some of a recording's windows are written.
    Windows {
        /// Its path.
        path: String,
        /// How many of its windows so far.
        windows: usize,
        /// How many windows it gives.
        total: usize,
    },
    /// A recording's windows are written, all of them.
    Recording {
        /// Its path.
        path: String,
        /// The split of its subject.
        split: String,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitSummary {
    /// Its name.
    pub name: String,
    /// Subjects with a window in it.
    pub subjects: usize,
    /// Windows written.
    pub windows: usize,
    /// What it holds of the classes of every label that has several.
    #[serde(default)]
    pub labels: Vec<LabelCounts>,
}
