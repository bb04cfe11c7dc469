//! What simple methods reach on the splits of a run, and whether its network is better.

use serde::{Deserialize, Serialize};

use super::{
    metrics::TaskMetrics,
    score::{Measure, Score},
};
use crate::config::Baseline;

/// What simple methods, fitted to the training split, reach on another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BaselineResults {
    /// The split's name.
    pub split: String,
    /// Those that could be fitted.
    pub methods: Vec<BaselineResult>,
    /// What could not be, and why, each in a sentence without an end mark.
    pub left_out: Vec<String>,
}

/// What one of them reaches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BaselineResult {
    /// The method.
    pub baseline: Baseline,
    /// By task, without those that it could not learn.
    pub tasks: Vec<TaskMetrics>,
    /// How good that is by what the run's network is compared by; none where the two do not compare.
    pub score: Option<Score>,
}

impl BaselineResults {
    /// The best by this measure, the first of several.
    #[must_use]
    pub fn best(&self, measure: Measure) -> Option<(Baseline, Score)> {
        let scores = self.methods.iter().filter_map(|method| Some((method.baseline, method.score?)));
        let comparable = scores.filter(|(_, score)| score.measure == measure && score.value.is_finite());
        comparable.reduce(|best, other| if other.1.value > best.1.value { other } else { best })
    }

    /// The best by what the first of them is scored by.
    #[must_use]
    pub fn best_scored(&self) -> Option<(Baseline, Score)> {
        self.best(self.methods.iter().find_map(|method| method.score)?.measure)
    }

    /// How a network with this score compares with the best of them, as a sentence without an end mark; none where the two
    /// do not compare. `place` says where: in validation, in the test.
    #[must_use]
    pub fn beside(&self, network: Score, place: &str) -> Option<String> {
        let (baseline, score) = self.best(network.measure)?;
        Some(if network.value <= score.value {
            format!("In {place}, the network is no better than a baseline: {baseline} reaches {score}")
        } else {
            format!("In {place}, the best baseline, {baseline}, reaches {score}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Monitor;

    const BALANCED: Measure = Measure { of: Monitor::BalancedAccuracy, with_r2: false };
    const LOSS: Measure = Measure { of: Monitor::Loss, with_r2: false };

    fn results() -> BaselineResults {
        let method = |(baseline, value)| {
            let score = Some(Score { value, measure: BALANCED });
            BaselineResult { baseline, tasks: Vec::new(), score }
        };
        let methods = [(Baseline::Majority, 0.5), (Baseline::BandPower, 0.75), (Baseline::Riemann, 0.75)];
        let methods = methods.map(method).to_vec();
        BaselineResults { split: "val".to_owned(), methods, left_out: Vec::new() }
    }

    #[test]
    fn a_network_is_outdone_until_it_is_better_than_the_best() {
        let words = |value| results().beside(Score { value, measure: BALANCED }, "validation").unwrap();
        for network in [0.6, 0.75] {
            assert_eq!(
                words(network),
                "In validation, the network is no better than a baseline: band_power reaches mean balanced accuracy 0.7500"
            );
        }
        assert_eq!(words(0.76), "In validation, the best baseline, band_power, reaches mean balanced accuracy 0.7500");
        assert_eq!(results().beside(Score { value: -3.0, measure: LOSS }, "the test"), None, "a loss is no accuracy");
    }
}
