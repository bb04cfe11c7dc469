//! Training. A config, a preprocessed dataset and a device go in; events, and a run folder with history and checkpoints,
//! come out. [`train`] is the loop; the other modules are its parts.

pub mod averaging;
pub mod batch;
mod error;
pub mod events;
pub mod history;
pub mod losses;
pub mod metrics;
pub mod optimizer;
mod run;
pub mod run_folder;
pub mod schedule;
#[cfg(test)]
mod tests;

pub use error::TrainError;
pub use events::{Command, Control, TrainEvent, Uninterrupted};
pub use history::Summary;
pub use run::{Beginning, SCALES_KEY, Setup, Sink, train};
