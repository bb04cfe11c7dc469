//! Signal Studio's core: from a folder of EEG recordings to a trained multi-task classifier, natively and in the
//! browser.
//!
//! Files are read and written through a [`storage::Storage`], and [`training::train`] tells of its progress in events.
//! Nothing here touches a disk, a clock or a terminal: a front end brings those.

pub mod baselines;
#[cfg(feature = "checkpoints")]
pub mod checkpoint;
pub mod config;
pub mod datasets;
#[cfg(feature = "engine")]
pub mod device;
pub mod evaluation;
pub mod fingerprint;
pub mod kept;
pub mod labels;
#[cfg(feature = "engine")]
pub mod model;
mod named;
pub mod random;
pub mod recording;
pub mod share;
pub mod signal;
pub mod storage;
#[cfg(test)]
mod test_support;
pub mod training;
