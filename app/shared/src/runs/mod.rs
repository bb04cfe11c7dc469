//! What is kept of a run beside its folder.

pub mod journal;
