//! Training: a config's model learns from a preprocessed dataset on a device. What happens is told in events and kept
//! in a run folder with history and checkpoints. [`train`] is the loop; the other modules are its parts. What a run
//! tells and leaves ([`events`], [`history`], [`metrics`]) and its [`schedule`] need no engine.

#[cfg(feature = "engine")]
pub mod averaging;
pub mod baseline_results;
#[cfg(feature = "engine")]
pub mod batch;
#[cfg(feature = "engine")]
pub mod comparison;
pub mod cross_validation;
#[cfg(feature = "engine")]
mod error;
pub mod events;
pub mod fold_scores;
pub mod history;
#[cfg(feature = "engine")]
pub mod identity;
#[cfg(feature = "engine")]
pub mod losses;
pub mod metrics;
#[cfg(feature = "engine")]
pub mod moving_average;
#[cfg(feature = "engine")]
pub mod optimizer;
#[cfg(feature = "engine")]
pub mod pass;
#[cfg(feature = "engine")]
pub mod predictor;
#[cfg(feature = "engine")]
mod run;
#[cfg(feature = "engine")]
pub mod run_baselines;
#[cfg(feature = "engine")]
pub mod run_folder;
mod run_name;
#[cfg(feature = "engine")]
pub mod run_state;
pub mod schedule;
pub mod score;
#[cfg(feature = "engine")]
pub mod tensorboard;
#[cfg(feature = "engine")]
#[cfg(test)]
mod tests;

pub use baseline_results::{BaselineResult, BaselineResults};
#[cfg(feature = "engine")]
pub use error::TrainError;
pub use events::{Command, Control, TrainEvent, Uninterrupted};
pub use history::Summary;
#[cfg(feature = "engine")]
pub use identity::SCALES_KEY;
#[cfg(feature = "engine")]
pub use run::{InitialWeights, Setup, Sink, train};
pub use run_name::{cross_validation_name, run_name};
