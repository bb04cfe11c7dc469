//! Learning rates over a run. In: the number of updates done; out: the rate of the next one.

use std::f64::consts::PI;

use crate::config::{SchedulerConfig, SchedulerName};

/// Share of an averaging epoch over which the learning rate moves to its final value.
const ANNEALING_SHARE: f64 = 0.9;

/// The factor on the base learning rate after `step` of `total` updates.
pub fn factor(config: &SchedulerConfig, step: usize, total: usize) -> f64 {
    let (step, total, warmup) = (step as f64, total as f64, config.warmup_steps as f64);
    if step < warmup {
        return step / warmup;
    }
    let floor = config.min_lr_ratio;
    let length = (total - warmup).max(1.0);
    match config.name {
        SchedulerName::Constant => 1.0,
        SchedulerName::Linear => {
            let remaining = (total - step) / length;
            (remaining * (1.0 - floor) + floor).max(floor)
        }
        SchedulerName::Cosine => {
            let done = (step - warmup) / length;
            floor + (1.0 - floor) * 0.5 * (1.0 + (2.0 * PI * config.num_cycles * done).cos())
        }
    }
}

/// The learning rate while weights are averaged: linear from `start` to `target` over most of an epoch, then constant.
pub fn averaging_rate(start: f64, target: f64, step: usize, steps_per_epoch: usize) -> f64 {
    let annealing = (ANNEALING_SHARE * steps_per_epoch as f64).max(1.0);
    let done = (step as f64 / annealing).min(1.0);
    start + (target - start) * done
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::test_support::shared;

    #[derive(Deserialize)]
    struct Parity {
        base_lr: f64,
        warmup_steps: usize,
        training_steps: usize,
        lr_at_step: std::collections::BTreeMap<String, Vec<f64>>,
    }

    #[test]
    fn rates_are_the_references() {
        let Some(path) = shared("parity/models/schedulers.json") else { return };
        let parity: Parity = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        for (case, rates) in &parity.lr_at_step {
            let (name, options) = case.split_at(case.find('{').unwrap());
            let options: serde_json::Value = serde_json::from_str(options).unwrap();
            let config = SchedulerConfig {
                name: name.parse().unwrap(),
                warmup_steps: parity.warmup_steps,
                min_lr_ratio: options["min_lr_ratio"].as_f64().unwrap_or_default(),
                num_cycles: options["num_cycles"].as_f64().unwrap_or(SchedulerConfig::default().num_cycles),
            };
            for (step, expected) in rates.iter().enumerate() {
                let rate = parity.base_lr * factor(&config, step, parity.training_steps);
                assert!((rate - expected).abs() < 1e-9, "{case}, step {step}: {rate} instead of {expected}");
            }
        }
        assert!(parity.lr_at_step.len() >= 3, "every schedule is covered");
    }

    #[test]
    fn averaging_moves_the_rate_and_stays() {
        assert_eq!(averaging_rate(1.0, 0.25, 0, 100), 1.0);
        assert_eq!(averaging_rate(1.0, 0.25, 45, 100), 0.625);
        assert_eq!(averaging_rate(1.0, 0.25, 90, 100), 0.25);
        assert_eq!(averaging_rate(1.0, 0.25, 5000, 100), 0.25);
    }
}
