//! What the `[preprocessing]` and `[dataset.split]` tables say: how the recordings of a dataset become samples, and whose
//! samples are in which split. What they leave out is the dataset's own default.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    declarations::Table,
    fields::Fields,
    keys::{Bounds, KeyKind, word},
    table::{KeyValue, config_table},
};
use crate::{
    named::named_enum,
    signal::{BinSpacing, MAX_RESOLUTION},
};

named_enum! {
    /// The scale of time series.
    #[derive(Default)]
    pub enum Scaling {
        /// Volts.
        None = "none",
        /// Each channel by its mean and standard deviation in the training split.
        #[default]
        Standard = "standard",
        /// Each channel of each recording by its own median and quartile range, cut off at ±[`Scaling::LIMIT`].
        Robust = "robust",
    }
}

impl Scaling {
    /// Where robustly scaled samples are cut off, in quartile ranges.
    pub const LIMIT: f64 = 20.0;

    /// What scaled samples are counted in: volts, standard deviations or quartile ranges.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::None => "V",
            Self::Standard => "SD",
            Self::Robust => "IQR",
        }
    }
}

named_enum! {
    /// What becomes of channels whose electrode recorded nothing of use.
    #[derive(Default)]
    pub enum BadChannels {
        /// They are told, and stay as they are.
        #[default]
        Keep = "keep",
        /// What those around them make likely takes their place, recording by recording.
        Interpolate = "interpolate",
        /// A channel that is bad in one recording is left out of all.
        Drop = "drop",
    }
}

/// What voltages are measured against.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reference {
    /// What they were recorded against.
    #[default]
    Recorded,
    /// The mean of all channels at positions on the scalp.
    Average,
    /// The mean of these channels.
    Channels(Vec<String>),
}

impl Reference {
    const RECORDED: &str = "recorded";
    const AVERAGE: &str = "average";
}

impl KeyValue for Reference {
    fn read(fields: &Fields<'_>, path: &str) -> Option<Self> {
        let labels = Vec::<String>::read(fields, path)?;
        Some(match labels.as_slice() {
            [] => return None,
            [only] if word(only) == Self::RECORDED => Self::Recorded,
            [only] if word(only) == Self::AVERAGE => Self::Average,
            _ => Self::Channels(labels),
        })
    }

    fn to_json(&self) -> Value {
        match self {
            Self::Recorded => json!(Self::RECORDED),
            Self::Average => json!(Self::AVERAGE),
            Self::Channels(labels) => json!(labels),
        }
    }
}

/// The channels of a sample.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelChoice {
    /// The positions of the 10-20 system that the dataset has.
    #[default]
    TenTwenty,
    /// All positions on the scalp that every recording has.
    All,
    /// These.
    Labels(Vec<String>),
}

impl ChannelChoice {
    const TEN_TWENTY: &str = "10-20";
    const ALL: &str = "all";
}

impl KeyValue for ChannelChoice {
    fn read(fields: &Fields<'_>, path: &str) -> Option<Self> {
        let labels = Vec::<String>::read(fields, path)?;
        Some(match labels.as_slice() {
            [] => return None,
            [only] if word(only) == Self::TEN_TWENTY => Self::TenTwenty,
            [only] if word(only) == Self::ALL => Self::All,
            _ => Self::Labels(labels),
        })
    }

    fn to_json(&self) -> Value {
        match self {
            Self::TenTwenty => json!(Self::TEN_TWENTY),
            Self::All => json!(Self::ALL),
            Self::Labels(labels) => json!(labels),
        }
    }
}

config_table! {
    /// How recordings become samples. With frequencies, a rate or a length in seconds, recordings are filtered and resampled
    /// exactly; without any of these they are decimated, as the original system does.
    pub struct PreprocessingConfig in "preprocessing" {
        /// "10-20" for the dataset's own, "all" for every position on the scalp, or labels.
        channels: Option<ChannelChoice> = None, KeyKind::Texts;
        /// What voltages are measured against: "recorded", "average", or labels of channels.
        reference: Option<Reference> = None, KeyKind::Texts;
        /// What becomes of channels that are flat, broken or far noisier than the others; they are told in any case.
        bad_channels: Option<BadChannels> = None, KeyKind::Choice(BadChannels::NAMES);
        /// Frequencies that are taken out, in Hz: those of the mains.
        notch_hz: Option<Vec<f64>> = None, KeyKind::Numbers(Bounds::Positive);
        /// Lower and upper end of the band that is kept, in Hz.
        band_hz: Option<[f64; 2]> = None, KeyKind::Pair(Bounds::NotNegative);
        /// Rate that recordings are resampled to, in Hz.
        rate_hz: Option<f64> = None, KeyKind::Number(Bounds::Positive);
        /// Length of a window in seconds.
        window_s: Option<f64> = None, KeyKind::Number(Bounds::Positive);
        /// Share of a window that the next one has in common with it.
        overlap: Option<f64> = None, KeyKind::Number(Bounds::UnitOpen);
        /// Scale of time series: volts, z-scores of the training split, or each recording's median and quartiles.
        scaling: Option<Scaling> = None, KeyKind::Choice(Scaling::NAMES);
        /// How images are drawn.
        spectrogram: SpectrogramTable = SpectrogramTable::default() => Table;
    }
}

config_table! {
    /// How windows become images. What is left out is as the settings say, else the dataset's own default.
    #[derive(Copy)]
    pub struct SpectrogramTable in "preprocessing.spectrogram" {
        /// Width and height of an image in pixels.
        resolution: Option<usize> = None, KeyKind::Count { min: 2, max: MAX_RESOLUTION as u32 };
        /// Spacing of an image's frequencies: equal ratios or equal steps.
        spacing: Option<BinSpacing> = None, KeyKind::Choice(BinSpacing::NAMES);
        /// Level that is black, in dB.
        min_db: Option<f64> = None, KeyKind::Number(Bounds::Finite);
        /// Level that is white, in dB; above `min_db`.
        max_db: Option<f64> = None, KeyKind::Number(Bounds::Finite);
    }
}

impl PreprocessingConfig {
    /// Whether recordings are resampled to exactly the rate that is asked for, and not decimated.
    #[must_use]
    pub fn resamples(&self) -> bool {
        self.notch_hz.is_some() || self.band_hz.is_some() || self.rate_hz.is_some() || self.window_s.is_some()
    }
}

config_table! {
    /// Whose samples are in which split. Subjects are listed or drawn; a run never has one in two splits.
    pub struct SplitConfig in "dataset.split" {
        /// Shares of the subjects for train, val and test.
        fractions: Option<[f64; 3]> = None, KeyKind::Fractions;
        /// Shuffles the subjects before they are assigned to splits.
        seed: Option<u64> = None, KeyKind::Seed;
        /// Subjects that are trained on; by default all that no other split lists.
        train: Option<Vec<String>> = None, KeyKind::Texts;
        /// Subjects that are validated on.
        val: Option<Vec<String>> = None, KeyKind::Texts;
        /// Subjects that are kept for the test.
        test: Option<Vec<String>> = None, KeyKind::Texts;
    }
}
