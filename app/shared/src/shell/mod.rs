//! What belongs to no topic: how things kept in the browser are called and versioned, who may use them, how far work
//! has come, and when another worker is started.

pub mod claims;
pub mod constructors;
pub mod names;
pub mod progress;
pub mod restarts;

pub use signal_studio_core::kept;
