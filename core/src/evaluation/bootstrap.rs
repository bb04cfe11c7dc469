//! How far a score may be from that of all people, of whom a split has a few: subjects are drawn again, with all of their
//! answers, since answers of one person resemble each other. In goes a statistic of weighted subjects, out comes an interval.

use rand::RngExt;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use statrs::function::erf::{erfc, erfc_inv};

use crate::random::{Purpose, stream};

/// Resamples of an interval.
const DRAWS: usize = 2000;
/// Share of such intervals that hold the score of all people.
const LEVEL: f64 = 0.95;

/// A confidence interval of a score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// Share of such intervals that hold the score of all people, such as 0.95.
    pub level: f64,
    /// Resamples that were drawn.
    pub draws: usize,
    /// How many of them had no score, and were left out: where these are many, the interval says little.
    pub undefined: usize,
}

/// The 95 % interval of a statistic from 2000 resamples of subjects (BCa). The statistic gets, by subject, how often its
/// answers count; at once from several threads, to the same result whatever their number. None for fewer than two subjects,
/// and where the statistic of all of them, each counting once, is undefined.
#[must_use]
pub fn subject_interval(
    subjects: usize,
    seed: u64,
    statistic: impl Fn(&[f64]) -> Option<f64> + Sync,
) -> Option<Interval> {
    if subjects < 2 {
        return None;
    }
    let defined = |weights: &[f64]| statistic(weights).filter(|value| value.is_finite());
    let estimate = defined(&vec![1.0; subjects])?;
    let draw = |index: usize| {
        let mut generator = stream(seed, Purpose::Bootstrap, index as u64);
        let mut weights = vec![0.0; subjects];
        (0..subjects).for_each(|_| weights[generator.random_range(0..subjects)] += 1.0);
        defined(&weights)
    };
    let without = |subject: usize| {
        let mut weights = vec![1.0; subjects];
        weights[subject] = 0.0;
        defined(&weights)
    };
    let draws: Vec<f64> = (0..DRAWS).into_par_iter().filter_map(draw).collect();
    let jackknife: Vec<f64> = (0..subjects).into_par_iter().filter_map(without).collect();
    let [low, high] = bca(estimate, &draws, &jackknife, LEVEL)?;
    Some(Interval { low, high, level: LEVEL, draws: DRAWS, undefined: DRAWS - draws.len() })
}

/// Both ends of the bias-corrected and accelerated interval (Efron 1987) of an estimate, from the statistic of resamples and
/// of all data but one part each; as SciPy's `bootstrap(method="BCa")`, which also says how ties count. SciPy has no interval
/// where all draws are equal, where the estimate is above or below all of them, and where all of the jackknife is equal: here
/// the first is that value twice, the second is as if half a draw were beyond, and the last has no acceleration. None without
/// draws, where something is no finite number, and for a level not between 0 and 1.
#[must_use]
pub fn bca(estimate: f64, draws: &[f64], jackknife: &[f64], level: f64) -> Option<[f64; 2]> {
    let is_sound = [estimate].iter().chain(draws).chain(jackknife).all(|value| value.is_finite());
    if draws.is_empty() || !is_sound || !(level > 0.0 && level < 1.0) {
        return None;
    }
    let mut sorted = draws.to_vec();
    sorted.sort_by(f64::total_cmp);
    let halves = sorted.iter().map(|&draw| f64::from(draw < estimate) + f64::from(draw <= estimate)).sum::<f64>();
    let twice = 2.0 * draws.len() as f64;
    let bias = normal_quantile(halves.clamp(1.0, twice - 1.0) / twice);
    let acceleration = acceleration(jackknife);
    let end = |share: f64| {
        let moved = bias + normal_quantile(share);
        // Only of far more draws can this be 0 or less, which is beyond any share.
        let stretch = (1.0 - acceleration * moved).max(f64::MIN_POSITIVE);
        quantile(&sorted, normal(bias + moved / stretch))
    };
    let beyond = (1.0 - level) / 2.0;
    Some([end(beyond), end(1.0 - beyond)])
}

/// A sixth of the skewness of what each part contributes; 0 where they all contribute the same.
fn acceleration(jackknife: &[f64]) -> f64 {
    let mean = jackknife.iter().sum::<f64>() / jackknife.len() as f64;
    let sum_of = |power: i32| jackknife.iter().map(|value| (mean - value).powi(power)).sum::<f64>();
    let acceleration = sum_of(3) / sum_of(2).powf(1.5) / 6.0;
    if acceleration.is_finite() { acceleration } else { 0.0 }
}

/// The value below which a share of these lies, as NumPy's `quantile` interpolates. There must be one.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}

/// The standard normal distribution function.
fn normal(value: f64) -> f64 {
    0.5 * erfc(-value * std::f64::consts::FRAC_1_SQRT_2)
}

/// Its inverse.
fn normal_quantile(share: f64) -> f64 {
    -std::f64::consts::SQRT_2 * erfc_inv(2.0 * share)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_interval(found: Option<[f64; 2]>, expected: [f64; 2]) {
        let is_close = |found: [f64; 2]| found.into_iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9);
        assert!(found.is_some_and(is_close), "{found:?} is not {expected:?}");
    }

    /// SciPy 1.17.1: `bootstrap(method="BCa", n_resamples=0, bootstrap_result=draws, confidence_level)` of a statistic that
    /// gives the estimate of all data, and the jackknife's values without one of them.
    #[test]
    fn intervals_are_those_of_scipy() {
        let draws: Vec<f64> = (0..200).map(|at| f64::from(at * 37 % 101 + at * at % 13) / 100.0).collect();
        let jackknife = [0.50, 0.61, 0.57, 0.55, 0.58, 0.40, 0.57, 0.60, 0.59, 0.56, 0.57, 0.62];
        let of = |estimate, level| bca(estimate, &draws, &jackknife, level);
        assert_interval(of(0.57, 0.95), [0.09042171902781525, 1.0725815315624891]);
        assert_interval(of(0.31, 0.9), [0.0279595616040467, 0.72]);
        // Three draws are tied with it.
        assert_interval(of(0.94, 0.95), [0.72, 1.11]);
        let even: Vec<f64> = (0..=100).map(|at| f64::from(at) / 100.0).collect();
        assert_interval(bca(0.5, &even, &[0.4, 0.5, 0.6], 0.95), [0.025, 0.975]);
    }

    /// SciPy's `norm.ppf` and `norm.cdf`.
    #[test]
    fn the_normal_distribution_is_that_of_scipy() {
        let quantiles = [(1e-4, -3.7190164854556804), (0.025, -1.9599639845400545), (0.3, -0.5244005127080409)];
        for (share, value) in quantiles {
            assert!((normal_quantile(share) - value).abs() < 1e-12);
            assert!((normal_quantile(1.0 - share) + value).abs() < 1e-12);
        }
        for (value, share) in [(-4.2, 1.334574901590631e-5), (-1.0, 0.15865525393145707), (0.3, 0.6179114221889526)] {
            assert!((normal(value) - share).abs() < 1e-10);
        }
    }

    #[test]
    fn what_scipy_has_no_interval_of_has_one() {
        let draws: Vec<f64> = (0..=100).map(|at| f64::from(at) / 100.0).collect();
        assert_eq!(bca(0.7, &[0.7; 9], &[0.7, 0.7], 0.95), Some([0.7, 0.7]));
        assert_interval(bca(0.5, &draws, &[0.5; 4], 0.95), [0.025, 0.975]);
        let [low, high] = bca(2.0, &draws, &[0.5, 0.4, 0.6], 0.95).unwrap();
        assert!(low > 0.9 && high > low && high <= 1.0, "{low} {high}");
        assert_eq!(bca(0.5, &[], &[0.5], 0.95), None);
        assert_eq!(bca(0.5, &[f64::NAN], &[0.5], 0.95), None);
        assert_eq!(bca(0.5, &draws, &[0.5], 1.0), None);
    }

    #[test]
    fn an_interval_is_the_same_whatever_the_number_of_threads() {
        let mean = |weights: &[f64]| {
            let sum: f64 = weights.iter().zip(1..).map(|(weight, value)| weight * f64::from(value)).sum();
            Some(sum / weights.iter().sum::<f64>())
        };
        let with = |threads, seed| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| subject_interval(20, seed, mean)).unwrap()
        };
        let one = with(1, 7);
        assert_eq!(one, with(3, 7));
        assert_ne!(one, with(1, 8));
        // The standard error of the mean of 1 to 20 is 1.29.
        let half_width = (one.high - one.low) / 2.0;
        assert!(one.low < 10.5 && one.high > 10.5 && (half_width / 1.29 - 1.96).abs() < 0.15, "{one:?}");
        assert_eq!((one.level, one.draws, one.undefined), (0.95, 2000, 0));
    }

    #[test]
    fn draws_without_a_score_are_counted() {
        // Defined where both subjects are drawn: half of the time.
        let both = |weights: &[f64]| weights.iter().all(|&weight| weight > 0.0).then_some(0.5);
        let interval = subject_interval(2, 1, both).unwrap();
        assert_eq!([interval.low, interval.high], [0.5; 2]);
        assert!((900..1100).contains(&interval.undefined), "{interval:?}");
        assert_eq!(subject_interval(1, 1, |_| Some(0.5)), None);
        assert_eq!(subject_interval(5, 1, |_| None), None);
    }
}
