//! Runs that are kept, and the one under way.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use signal_studio_core::{
    config::Baseline,
    evaluation::Assessment,
    training::{BaselineResults, Summary, TrainEvent, history::EpochRecord, score::Score},
};

/// A run in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunLine {
    /// Its name, which is that of its folder.
    pub name: String,
    /// What the user calls it.
    pub title: String,
    /// When it was started, in milliseconds since 1970.
    pub started_ms: f64,
    /// The dataset.
    pub dataset: String,
    /// The device it ran on.
    pub device: String,
    /// How it stands.
    pub status: RunStatus,
    /// Epochs done.
    pub epochs: usize,
    /// The best validation score so far.
    pub best: Option<Score>,
    /// The best of the simple methods beside it, in validation.
    pub baseline: Option<(Baseline, Score)>,
    /// Bytes of its folder.
    pub bytes: u64,
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RunStatus {
    /// It is under way.
    Training,
    /// It has come to its end.
    Complete,
    /// It was stopped, or the page was closed; it can go on.
    Resumable,
    /// It was ended by an error, or before its first checkpoint.
    Ended,
}

/// All of a run that can be drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// As in a list.
    pub line: RunLine,
    /// Its config as it was given.
    pub config: String,
    /// One record an epoch.
    pub history: Vec<EpochRecord>,
    /// What it told, as far as that was kept: each with the seconds trained until then.
    pub events: Vec<(f64, TrainEvent)>,
    /// How it ended.
    pub summary: Option<Summary>,
    /// The files in its folder and their sizes in bytes.
    pub files: BTreeMap<String, u64>,
}

/// How good a run's model is, by what it said of the splits that it was judged by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The test first; empty where nothing of it is kept.
    pub splits: Vec<SplitAnswer>,
}

/// How good a run's model is on a split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SplitAnswer {
    /// The split's name.
    pub split: String,
    /// Whether nothing was chosen by it; else the checkpoint was.
    pub is_test: bool,
    /// The scores and how sure they are.
    pub assessment: Assessment,
    /// What simple methods reach there, by window; none where the run asks for none.
    pub baselines: Option<BaselineResults>,
}
