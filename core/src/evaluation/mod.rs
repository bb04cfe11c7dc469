//! How good predictions are. In go predictions beside labels; out come scores, their intervals, and how they compare with
//! chance. Nothing here needs an engine.

mod prediction;

pub use self::prediction::Prediction;
