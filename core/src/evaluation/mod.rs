//! How good predictions are. In go predictions beside labels; out come scores, their intervals, and how they compare with
//! chance. Nothing here needs an engine.

mod assessment;
mod bootstrap;
mod confusion;
mod judged;
mod level;
mod mean;
mod permutation;
mod prediction;
mod roc;
mod score;
mod scored_answers;
mod table;
mod tally;
#[cfg(test)]
mod test_tables;
#[cfg(test)]
mod tests;

pub use self::{
    assessment::{Assessment, LevelAssessment, PersonAssessment, ScoreAssessment, TaskAssessment},
    bootstrap::{Interval, bca, subject_interval},
    confusion::Confusion,
    judged::{Judged, JudgedAnswers},
    level::Level,
    permutation::{PValue, Unit, paired_p, permutation_p},
    prediction::Prediction,
    roc::{Roc, RocPoint},
    score::Score,
    table::{Answer, PredictedWindow, PredictionTable, PredictionTableError},
    tally::{CalibrationBin, ClassTally, ValueTally},
};
