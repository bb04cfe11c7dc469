//! Why a run cannot start, or ended early.

use super::history::Ending;
use crate::{
    datasets::{AugmentationError, DatasetError, FeatureShape},
    model::{ModelError, checkpoint::CheckpointError},
    signal::ImageError,
    storage::StorageError,
};

/// A run that failed. What it had written stays.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The data cannot be read.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// A sample's image cannot be given to the model.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The samples cannot be changed as `[augmentation]` says.
    #[error(transparent)]
    Augmentation(#[from] AugmentationError),
    /// The model cannot be built, fed or loaded.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The run folder cannot be written or read.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A checkpoint is damaged.
    #[error("{path}: {error}")]
    Checkpoint {
        /// What is wrong with it.
        error: CheckpointError,
        /// Its path in the run folder.
        path: String,
    },
    /// A checkpoint does not say what its model is.
    #[error(
        "{path}: the checkpoint does not say the {what}: weights that another program wrote cannot be asked; train with \
         them first"
    )]
    UnknownModel {
        /// What it does not say.
        what: String,
        /// Its path.
        path: String,
    },
    /// The samples of a split are not what the model takes.
    #[error("the split `{split}`: {error}")]
    Shape {
        /// The split.
        split: String,
        /// What does not fit.
        error: ModelError,
    },
    /// The windows of a split are not what `dataset.extras` says of them.
    #[error("the split `{split}`: dataset.extras.{key} is {stated}, but a sample is {found}")]
    OtherWindow {
        /// The split.
        split: String,
        /// The key, in `dataset.extras`.
        key: &'static str,
        /// What it says.
        stated: usize,
        /// What the samples are.
        found: FeatureShape,
    },
    /// No sample of the split that is tested on has a label of a task that is trained.
    #[error(
        "no sample of the split `{split}` has a label of a task that is trained, so that nothing can be tested: name another \
         dataset.test_split, or list nobody in dataset.split.test"
    )]
    NothingToTest {
        /// The split.
        split: String,
    },
    /// No sample of the validation split has a label of a task that is trained.
    #[error(
        "no sample of the split `{split}` has a label of a task that is trained, so that nothing can be validated: name \
         another dataset.val_split, or set training.eval_strategy = \"none\""
    )]
    NothingToValidate {
        /// The split.
        split: String,
    },
    /// A loss became infinite or not a number.
    #[error(
        "{what} is not a finite number after update {step}: lower optimizer.learning_rate (now {learning_rate}), \
         {}look for broken recordings in the split `{split}`; {}",
        match .is_clipped {
            true => "or ",
            false => "set training.clip_grad_norm, or ",
        },
        match .last_good {
            Some(path) => format!("the last good checkpoint is {path}"),
            None => "no checkpoint had been written yet".to_owned(),
        }
    )]
    NotFinite {
        /// Which number.
        what: String,
        /// Optimizer updates done.
        step: usize,
        /// The split it was computed from.
        split: String,
        /// The learning rate of the config.
        learning_rate: f64,
        /// Whether the gradients' norm is limited.
        is_clipped: bool,
        /// Path of the newest checkpoint in the run folder.
        last_good: Option<String>,
    },
    /// The loss depends on no parameter, because every task's weight is zero.
    #[error("the loss depends on no parameter: give at least one task a weight above 0 in training.task_weights")]
    NoGradient,
    /// The run folder has no state to go on from.
    #[error("this run cannot be resumed: {reason}: {path}")]
    NotResumable {
        /// What is missing or wrong.
        reason: String,
        /// The file in question, in the run folder.
        path: String,
    },
    /// The run that is to be resumed has come to its end.
    #[error(
        "this run is complete after {step} updates; to go further, raise {}",
        match .ending {
            Ending::EarlyStopping => "training.early_stopping_patience: its validation score no longer improved",
            _ => "training.epochs or training.max_steps",
        }
    )]
    AlreadyComplete {
        /// Optimizer updates done.
        step: usize,
        /// How it ended.
        ending: Ending,
    },
}

impl TrainError {
    /// Whether what was asked for does not fit what is there, rather than that something is damaged or failed on the way.
    #[must_use]
    pub fn is_request(&self) -> bool {
        match self {
            Self::Dataset(error) => error.is_request(),
            Self::Model(error) | Self::Shape { error, .. } => error.is_request(),
            Self::Augmentation(_)
            | Self::UnknownModel { .. }
            | Self::OtherWindow { .. }
            | Self::NothingToTest { .. }
            | Self::NothingToValidate { .. }
            | Self::NoGradient
            | Self::NotResumable { .. }
            | Self::AlreadyComplete { .. } => true,
            Self::Image(_) | Self::Storage(_) | Self::Checkpoint { .. } | Self::NotFinite { .. } => false,
        }
    }
}
