//! Signal Studio's core.

pub mod config;
pub mod datasets;
pub mod device;
pub mod labels;
pub mod model;
pub mod random;
pub mod recording;
pub mod signal;
pub mod storage;
#[cfg(test)]
mod test_support;
pub mod training;
