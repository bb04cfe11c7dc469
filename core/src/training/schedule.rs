//! Learning rates over a run, and momentum where a schedule moves it. In: the number of updates done; out: the values of
//! the next one.

use std::f64::consts::PI;

use crate::config::{SchedulerConfig, SchedulerName};

/// Share of an averaging epoch over which the learning rate moves to its final value.
const ANNEALING_SHARE: f64 = 0.9;

/// Momentum at the beginning and the end of one_cycle.
const MOST_MOMENTUM: f64 = 0.95;
/// Momentum at one_cycle's highest learning rate.
const LEAST_MOMENTUM: f64 = 0.85;

/// The factor on the base learning rate after `step` of `total` updates.
pub fn factor(config: &SchedulerConfig, step: usize, total: usize) -> f64 {
    let (step, total, warmup) = (step as f64, total as f64, config.warmup_steps as f64);
    let floor = config.min_lr_ratio;
    let length = (total - warmup).max(1.0);
    match config.name {
        SchedulerName::OneCycle => {
            let first = config.div_factor.recip();
            one_cycle(config, step, total, [first, 1.0, first / config.final_div_factor])
        }
        _ if step < warmup => step / warmup,
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

/// The momentum after `step` of `total` updates, where the schedule says one.
pub fn momentum(config: &SchedulerConfig, step: usize, total: usize) -> Option<f64> {
    (config.name == SchedulerName::OneCycle && config.cycle_momentum)
        .then(|| one_cycle(config, step as f64, total as f64, [MOST_MOMENTUM, LEAST_MOMENTUM, MOST_MOMENTUM]))
}

/// The value after `step` of `total` updates of what is `first`, then `peak` and at the last update `last`, with half a
/// cosine between them, as PyTorch's `OneCycleLR` in two phases.
fn one_cycle(config: &SchedulerConfig, step: f64, total: f64, [first, peak, last]: [f64; 3]) -> f64 {
    let end = (total - 1.0).max(0.0);
    let step = step.min(end);
    let summit = (config.pct_start * total - 1.0).clamp(0.0, end);
    let (from, to, done) = if step < summit {
        (first, peak, step / summit)
    } else {
        (peak, last, (step - summit) / (end - summit).max(1.0))
    };
    to + (from - to) * 0.5 * (1.0 + (PI * done).cos())
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
                ..SchedulerConfig::default()
            };
            for (step, expected) in rates.iter().enumerate() {
                let rate = parity.base_lr * factor(&config, step, parity.training_steps);
                assert!((rate - expected).abs() < 1e-9, "{case}, step {step}: {rate} instead of {expected}");
            }
        }
        assert!(parity.lr_at_step.len() >= 3, "every schedule is covered");
    }

    fn one_cycle_of(pct_start: f64) -> SchedulerConfig {
        SchedulerConfig { name: SchedulerName::OneCycle, pct_start, ..SchedulerConfig::default() }
    }

    #[test]
    fn one_cycle_rises_and_falls_as_pytorchs() {
        // OneCycleLR(max_lr=1e-4, total_steps=10, pct_start=0.4): the summit is at step 3, the end at step 9.
        let config = one_cycle_of(0.4);
        let cosine = |from: f64, to: f64, share: f64| to + (from - to) / 2.0 * (1.0 + (PI * share).cos());
        for (step, rate, expected_momentum) in [
            (0, 4e-6, 0.95),
            (1, cosine(4e-6, 1e-4, 1.0 / 3.0), cosine(0.95, 0.85, 1.0 / 3.0)),
            (3, 1e-4, 0.85),
            (6, (1e-4 + 4e-10) / 2.0, 0.9),
            (9, 4e-10, 0.95),
            (10, 4e-10, 0.95),
        ] {
            let found = 1e-4 * factor(&config, step, 10);
            assert!((found - rate).abs() < 1e-16, "step {step}: {found} instead of {rate}");
            assert!((momentum(&config, step, 10).unwrap() - expected_momentum).abs() < 1e-12, "step {step}");
        }
        assert_eq!(momentum(&SchedulerConfig { cycle_momentum: false, ..config }, 3, 10), None);
        assert_eq!(momentum(&SchedulerConfig::default(), 3, 10), None);
    }

    #[test]
    fn one_cycle_without_room_for_a_phase_has_the_other() {
        for (pct_start, expected) in
            [(0.0, &[1.0, (1.0 + 4e-6) / 2.0, 4e-6][..]), (1.0, &[0.04, 0.52, 1.0]), (0.3, &[1.0]), (0.3, &[])]
        {
            for (step, rate) in expected.iter().enumerate() {
                let found = factor(&one_cycle_of(pct_start), step, expected.len());
                assert!((found - rate).abs() < 1e-12, "{pct_start}, step {step}: {found} instead of {rate}");
            }
        }
    }

    #[test]
    fn averaging_moves_the_rate_and_stays() {
        assert_eq!(averaging_rate(1.0, 0.25, 0, 100), 1.0);
        assert_eq!(averaging_rate(1.0, 0.25, 45, 100), 0.625);
        assert_eq!(averaging_rate(1.0, 0.25, 90, 100), 0.25);
        assert_eq!(averaging_rate(1.0, 0.25, 5000, 100), 0.25);
    }
}
