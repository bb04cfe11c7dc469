//! Datasets, their recordings and their samples.

use serde::{Deserialize, Serialize};
use signal_studio_core::{
    config::DataType,
    datasets::{SplitDescription, Survey},
    signal::OutputType,
};

/// A dataset in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetLine {
    /// Its name in run files.
    pub name: String,
    /// Bytes of its files and of what was made from them.
    pub bytes: u64,
}

/// A dataset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dataset {
    /// What `dataset.name` of a run file calls it.
    pub name: String,
    /// Bytes of its files and of what was made from them.
    pub bytes: u64,
    /// What its raw files are; none for a folder that came preprocessed.
    pub survey: Option<Survey>,
    /// The samples made from it, or brought along.
    pub prepared: Vec<Prepared>,
    /// A run file made to fit it, or why there is none.
    pub preset: Result<String, String>,
}

/// Samples made from recordings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prepared {
    /// Images or windows.
    pub data_type: DataType,
    /// What the images' colours hold.
    pub output_type: OutputType,
    /// Its splits.
    pub splits: Vec<SplitDescription>,
}

/// A stretch of a recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Traces {
    /// Where it starts, in seconds.
    pub start_s: f64,
    /// How long it is, in seconds.
    pub length_s: f64,
    /// How long the whole recording is, in seconds.
    pub duration_s: f64,
    /// The channels, in the order of the file.
    pub channels: Vec<Trace>,
    /// Remarks and events in this stretch: onset in seconds, text.
    pub annotations: Vec<(f64, String)>,
}

/// One channel's stretch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// The channel's label.
    pub label: String,
    /// Its unit, "V" where it is a voltage.
    pub unit: String,
    /// Its rate in Hz.
    pub rate_hz: f64,
    /// The lowest and the highest value between one drawn point and the next.
    pub extremes: Vec<[f32; 2]>,
}

/// A window of a recording as a model sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// Which window, from 0.
    pub window: usize,
    /// How many the recording has.
    pub windows: usize,
    /// Where it starts, in seconds.
    pub start_s: f64,
    /// How long it is, in seconds.
    pub length_s: f64,
    /// For time series: the normalised channels' extremes.
    pub channels: Option<Vec<Trace>>,
}
