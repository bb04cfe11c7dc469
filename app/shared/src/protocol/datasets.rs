//! Datasets, their recordings and their samples.

use serde::{Deserialize, Serialize};
use signal_studio_core::{
    config::DataType,
    datasets::{SplitDescription, Step, Survey},
    recording::Trace,
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
    /// The signal before and after each step that the run file asks for, in order.
    pub stages: Vec<WindowStage>,
    /// The recording's bad channels, each with what is wrong with it.
    pub bad_channels: Vec<String>,
}

/// What a step has made of a window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WindowStage {
    /// The step.
    pub step: Step,
    /// Its channels.
    pub channels: Vec<Trace>,
}
