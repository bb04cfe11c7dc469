//! What a run file gives before anything is trained: its data, its model, and what stands in the way.

use serde::{Deserialize, Serialize};

/// What a run file gives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunCheck {
    /// The dataset it names.
    pub dataset: String,
    /// Whether its recordings or samples are in the browser.
    pub data: DataState,
    /// The model, when it can be built for the samples that there are or will be.
    pub model: Option<ModelOutline>,
    /// What stands in the way of training; empty when nothing does.
    pub problems: Vec<String>,
}

/// Whether a run's data are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DataState {
    /// The samples are there.
    Prepared,
    /// The recordings are there; samples are made before training.
    Raw,
    /// Nothing is there, but Train generates it: the demo.
    Generated,
    /// Nothing is there: files must be dropped first.
    Missing,
}

/// A model in numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelOutline {
    /// One sample, in words.
    pub input: String,
    /// Its layers.
    pub layers: Vec<LayerOutline>,
    /// Learnt values.
    pub parameters: u64,
    /// Multiply-adds of a sample's forward pass.
    pub multiply_adds: u64,
    /// An estimate of the bytes that training takes.
    pub training_bytes: u64,
}

/// A layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerOutline {
    /// Its name, as in checkpoints.
    pub name: String,
    /// What it is.
    pub kind: String,
    /// Shape of one sample's output.
    pub output: Vec<usize>,
    /// Learnt values.
    pub parameters: u64,
    /// Multiply-adds of one sample.
    pub multiply_adds: u64,
}
