//! What a run is given.

use burn::tensor::Device;

use crate::{
    config::RunConfig,
    labels::LabelSpec,
    model::{checkpoint::Metadata, parameters::Weights},
    storage::Storage,
    training::events::TrainEvent,
};

/// The weights that a run starts from.
#[derive(Debug, Clone, Default)]
pub enum InitialWeights {
    /// Freshly initialised parameters.
    #[default]
    Random,
    /// Those of a checkpoint, for fine-tuning. A head that does not fit starts anew, which is told.
    Pretrained {
        /// The checkpoint's weights.
        weights: Weights,
        /// What it says of them; empty where nothing is known.
        metadata: Metadata,
    },
    /// Those of the state that the run folder holds: the run goes on.
    Resumed,
}

/// Everything a run needs.
pub struct Setup<'a> {
    /// The run's config, checked.
    pub config: &'a RunConfig,
    /// Its text, kept in the run folder.
    pub config_text: &'a str,
    /// How the tasks' labels are read, in the order of `dataset.tasks`.
    pub labels: &'a [LabelSpec],
    /// The preprocessed dataset's folder.
    pub data: &'a dyn Storage,
    /// The run's folder.
    pub run: &'a dyn Storage,
    /// What the front end calls the run folder, for the summary.
    pub run_dir: String,
    /// Where to compute, without autodiff.
    pub device: Device,
    /// The seed of a run that is not resumed.
    pub seed: u64,
    /// The weights that the run starts from.
    pub initial_weights: InitialWeights,
}

/// Receives a run's events.
pub type Sink<'a> = &'a mut dyn FnMut(TrainEvent);
