//! Passes through a split in which nothing is updated.

/// A pass under way, and how far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pass {
    /// What it is for.
    pub of: PassKind,
    /// Batches done.
    pub done: usize,
    /// All there are.
    pub batches: usize,
}

/// What a pass is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PassKind {
    /// The simple methods that a network is compared with.
    Baselines,
    /// Validation, or the test.
    Evaluation,
    /// The batch statistics of averaged weights.
    Averaging,
}

impl PassKind {
    /// What a run does meanwhile.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Baselines => "Fitting simple methods to compare with",
            Self::Evaluation => "Evaluating",
            Self::Averaging => "Completing the averaged weights",
        }
    }

    /// The name of the figure that says how far it is.
    #[must_use]
    pub fn term(self) -> &'static str {
        match self {
            Self::Baselines => "Baselines",
            Self::Evaluation => "Evaluating",
            Self::Averaging => "Averaging",
        }
    }
}
