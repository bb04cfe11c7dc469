//! The runs that are kept: their folders, and what only the studio knows of them.

pub mod answer;
pub mod incoming;
pub mod journals;
pub mod notes;
pub mod pack;
pub mod records;
pub mod stored;
