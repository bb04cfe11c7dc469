//! How a run's work comes to an end before it is done.

use crate::training::error::TrainError;

/// Why a run's work is given up before it is done.
pub(super) enum Halt {
    /// The user stops the run.
    Stopped,
    /// It cannot go on.
    Failed(TrainError),
}

impl<E: Into<TrainError>> From<E> for Halt {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}
