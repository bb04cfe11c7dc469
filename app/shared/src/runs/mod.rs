//! What is kept of a run beside its folder, and what its answers come to.

pub mod answer;
pub mod journal;
