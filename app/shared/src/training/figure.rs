//! The charts of a run: what each shows, and how it is called.

/// A chart of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Figure {
    /// Weighted sum of the tasks' losses.
    Loss,
    /// Each task's loss.
    TaskLoss,
    /// Mean over classes of the share of their samples that are right.
    BalancedAccuracy,
    /// Share of right classes.
    Accuracy,
    /// Mean over classes of the F1 score.
    MacroF1,
    /// Mean absolute error.
    Mae,
    /// The optimizer's learning rate.
    LearningRate,
    /// L2 norm of the gradients before clipping.
    GradientNorm,
    /// Samples of training a second.
    Speed,
}

impl Figure {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 9] = [
        Self::Loss,
        Self::TaskLoss,
        Self::BalancedAccuracy,
        Self::Accuracy,
        Self::MacroF1,
        Self::Mae,
        Self::LearningRate,
        Self::GradientNorm,
        Self::Speed,
    ];

    /// What stands over it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Loss => "Loss",
            Self::TaskLoss => "Loss by task",
            Self::BalancedAccuracy => "Balanced accuracy",
            Self::Accuracy => "Accuracy",
            Self::MacroF1 => "Macro-F1",
            Self::Mae => "Mean absolute error",
            Self::LearningRate => "Learning rate",
            Self::GradientNorm => "Gradient norm",
            Self::Speed => "Speed",
        }
    }

    /// The unit of its values.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::Speed => "samples/s",
            _ => "",
        }
    }

    /// Why there are points and no values.
    #[must_use]
    pub fn reason_for_gaps(self) -> &'static str {
        match self {
            Self::BalancedAccuracy | Self::Accuracy | Self::MacroF1 => {
                "There is no score: in validation, all samples of a task are of one class."
            }
            _ => "There is no finite value here.",
        }
    }
}
