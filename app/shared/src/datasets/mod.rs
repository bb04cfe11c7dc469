//! What is dropped, and what a dataset's recordings add up to.

pub mod dropping;
pub mod overview;
