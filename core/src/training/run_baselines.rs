//! What a run's folder keeps of the simple methods beside it.

use serde::{Deserialize, Serialize};

use super::{baseline_results::BaselineResults, identity::SplitMark};
use crate::{config::Baseline, kept::Versioned};

/// What simple methods reach on the splits of a run, as its folder keeps it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct RunBaselines {
    /// Those that the run asks for.
    pub asked: Vec<Baseline>,
    /// The splits that they are fitted to and scored on.
    pub splits: Vec<SplitMark>,
    /// On the validation split, if there is one.
    pub val: Option<BaselineResults>,
    /// On the split of the test, if there is one.
    pub test: Option<BaselineResults>,
}

impl Versioned for RunBaselines {
    const VERSION: u32 = 1;
}
