//! What answers are scored by.

use serde::{Deserialize, Serialize};

/// What answers are scored by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Score {
    /// Mean recall of the classes.
    BalancedAccuracy,
    /// Share of right answers.
    Accuracy,
    /// Mean F1 of the classes.
    MacroF1,
    /// Mean area under the ROC curves, one class against the rest.
    RocAuc,
    /// Cohen's κ.
    Kappa,
    /// Mean −ln of the probability of the true class.
    LogLoss,
    /// How far probabilities are from how often they are right.
    CalibrationError,
    /// Share of the variance that is explained.
    R2,
    /// Mean absolute error, in the label's unit.
    Mae,
    /// Root of the mean squared error, in the label's unit.
    Rmse,
    /// Pearson's r.
    Pearson,
    /// Mean error, in the label's unit: above 0 where too much is said.
    Bias,
}

impl Score {
    /// Those of classes, in the order in which they are told.
    pub(super) const OF_CLASSES: [Self; 7] = [
        Self::BalancedAccuracy,
        Self::Accuracy,
        Self::MacroF1,
        Self::RocAuc,
        Self::Kappa,
        Self::LogLoss,
        Self::CalibrationError,
    ];
    /// Those of numbers.
    pub(super) const OF_VALUES: [Self; 5] = [Self::R2, Self::Mae, Self::Rmse, Self::Pearson, Self::Bias];

    /// Its name in words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::BalancedAccuracy => "balanced accuracy",
            Self::Accuracy => "accuracy",
            Self::MacroF1 => "macro-F1",
            Self::RocAuc => "ROC AUC",
            Self::Kappa => "Cohen's κ",
            Self::LogLoss => "log loss",
            Self::CalibrationError => "calibration error",
            Self::R2 => "R²",
            Self::Mae => "MAE",
            Self::Rmse => "RMSE",
            Self::Pearson => "Pearson's r",
            Self::Bias => "bias",
        }
    }

    /// Whether it is a share, to be told in percent.
    #[must_use]
    pub fn is_share(self) -> bool {
        matches!(self, Self::BalancedAccuracy | Self::Accuracy | Self::MacroF1 | Self::CalibrationError)
    }
}
