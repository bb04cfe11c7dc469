//! How good predictions are. In go predictions beside labels; out come scores, their intervals, and how they compare with
//! chance. Nothing here needs an engine.

mod bootstrap;
mod confusion;
mod permutation;
mod prediction;
mod roc;
mod tally;
#[cfg(test)]
mod test_tables;
#[cfg(test)]
mod tests;

pub use self::{
    bootstrap::{Interval, bca, subject_interval},
    confusion::Confusion,
    permutation::{PValue, Unit, paired_p, permutation_p},
    prediction::Prediction,
    roc::{Roc, RocPoint},
    tally::{CalibrationBin, ClassTally, ValueTally},
};
