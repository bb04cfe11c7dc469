//! Losses and scores of a pass over samples, as they are reported and recorded. A metric is a file here and a line of
//! [`METRICS`]: history, TensorBoard and charts follow from it.

mod accuracy;
mod balanced_accuracy;
mod f1;
mod mae;
mod majority;
mod metric;
mod mse;
mod r2;
mod scores;

pub use self::{
    accuracy::ACCURACY,
    balanced_accuracy::BALANCED_ACCURACY,
    f1::F1,
    mae::MAE,
    majority::MAJORITY,
    metric::{Chart, Guess, Metric, Metrics, TaskMetrics},
    mse::MSE,
    r2::R2,
    scores::{Scores, Standing},
};

/// Every metric that is recorded, in the order of their charts.
pub const METRICS: [&Metric; 7] = [&BALANCED_ACCURACY, &ACCURACY, &MAJORITY, &F1, &MAE, &MSE, &R2];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_metrics_share_a_name() {
        let keys: std::collections::BTreeSet<&str> = METRICS.iter().map(|metric| metric.key).collect();
        assert_eq!(keys.len(), METRICS.len());
    }
}
