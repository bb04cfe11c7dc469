//! Channels whose electrode recorded nothing of use: flat, broken, or far noisier than the others or unlike all of their
//! neighbours. Measures are those of the PREP pipeline (Bigdely-Shamlo et al. 2015), taken second by second of the channels
//! as they become samples, before any reference: a channel counts as far from the others at 5 robust standard deviations.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::{Deserialize, Serialize};

use super::unusable::Unusable;
use crate::signal::{Direction, RecordedQuality, Spread, likeness, log_variance, spline_weights};

/// Robust standard deviations from the median at which PREP calls a channel bad.
const FAR: f64 = 5.0;
/// The correlation that PREP demands of a channel with at least one other.
const SMALLEST_LIKENESS: f64 = 0.4;
/// The share of a recording that PREP lets a channel be silent or unlike the others; here also that it may be clipped.
const TOLERATED: f64 = 0.01;
/// The smallest deviation of logarithms of variances that is believed: channels that are very much alike are no reason to
/// call one bad whose amplitude is less than twice theirs.
const SMALLEST_NOISE_DEVIATION: f64 = 2.0 * std::f64::consts::LN_2 / FAR;
/// The smallest deviation of correlations that is believed, for the same reason.
const SMALLEST_LIKENESS_DEVIATION: f64 = 0.05;
/// Channels without which nothing can be said of what is usual among them.
const FEWEST_COMPARED: usize = 4;
/// The nearest other electrodes, of which a channel must be like one.
const NEIGHBOURS: usize = 4;
/// Good channels on the scalp without which a bad one is not interpolated: below the 8 to 10 of the smallest caps that are
/// spread over the whole head, splines have nothing to follow.
const FEWEST_GOOD: usize = 8;
/// The largest share of channels on the scalp that is interpolated: beyond a quarter, laboratories leave a recording out.
const MOST_INTERPOLATED: f64 = 0.25;

/// A channel of a recording whose electrode recorded nothing of use.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BadChannel {
    /// Its label in the file.
    pub channel: String,
    /// What is wrong with it.
    #[serde(flatten)]
    pub fault: ChannelFault,
}

/// What is wrong with a channel.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum ChannelFault {
    /// It stays within a microvolt or has no numbers in more than half of the seconds.
    Flat,
    /// It does not change, or has no numbers, in some seconds in which most others do and have.
    Silent {
        /// How many.
        seconds: usize,
    },
    /// It is cut off at the largest or smallest value.
    Clipped {
        /// In this share of the samples.
        share: f64,
    },
    /// Its variance is far above that of the others.
    Noisy {
        /// By so many robust standard deviations of its logarithm.
        deviations: f64,
    },
    /// It is unlike all of its neighbours.
    Unlike {
        /// The largest correlation with one of them, in the median of all seconds.
        correlation: f64,
    },
}

impl fmt::Display for ChannelFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flat => formatter.write_str("flat"),
            Self::Silent { seconds } => write!(formatter, "no signal in {seconds} s"),
            Self::Clipped { share } => write!(formatter, "clipped in {:.0} % of its samples", 100.0 * share),
            Self::Noisy { deviations } => {
                write!(formatter, "noisier than the others by {deviations:.1} robust standard deviations")
            }
            Self::Unlike { correlation } => {
                write!(formatter, "unlike its neighbours, with a correlation of at most {correlation:.2}")
            }
        }
    }
}

impl fmt::Display for BadChannel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.channel, self.fault)
    }
}

/// Bad channels in words: `T3 (flat), O1 (clipped in 4 % of its samples)`.
pub(super) fn listed(bad: &[BadChannel]) -> String {
    bad.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// A channel that is judged.
pub(super) struct Judged<'a> {
    /// As it was recorded.
    pub recorded: &'a RecordedQuality,
    /// At the rate of the samples, filtered, before any reference.
    pub samples: &'a [f64],
    /// Where its electrode is; `None` for what is not on the scalp, and for a reference, which is not compared with others.
    pub position: Option<Direction>,
}

/// The faults of a recording's channels, by their index; `rate_hz` is that of the samples.
pub(super) fn faults(channels: &[Judged<'_>], rate_hz: f64) -> BTreeMap<usize, ChannelFault> {
    let mut faults = broken(channels);
    let mut compared: Vec<(usize, Direction, f64)> = Vec::new();
    for (index, channel) in channels.iter().enumerate().filter(|(index, _)| !faults.contains_key(index)) {
        let measure = channel.position.zip(log_variance(channel.samples, rate_hz));
        compared.extend(measure.map(|(position, log_variance)| (index, position, log_variance)));
    }
    if compared.len() < FEWEST_COMPARED {
        return faults;
    }
    let variances: Vec<f64> = compared.iter().map(|(.., log_variance)| *log_variance).collect();
    let Some(usual) = Spread::of(&variances, SMALLEST_NOISE_DEVIATION) else { return faults };
    compared.retain(|&(index, _, log_variance)| {
        let deviations = usual.score(log_variance);
        if deviations > FAR {
            faults.insert(index, ChannelFault::Noisy { deviations });
        }
        deviations <= FAR
    });
    let alike: Vec<(usize, f64)> = compared
        .iter()
        .filter_map(|&(index, position, _)| {
            let neighbours: Vec<&[f64]> =
                nearest(index, position, &compared).map(|neighbour| channels[neighbour].samples).collect();
            Some((index, likeness(channels[index].samples, &neighbours, rate_hz)?))
        })
        .collect();
    let measures: Vec<f64> = alike.iter().map(|(_, likeness)| *likeness).collect();
    if let Some(usual) = Spread::of(&measures, SMALLEST_LIKENESS_DEVIATION) {
        for (index, correlation) in alike {
            if correlation < SMALLEST_LIKENESS && usual.score(correlation) < -FAR {
                faults.insert(index, ChannelFault::Unlike { correlation });
            }
        }
    }
    faults
}

/// Channels without a signal of their own, all the time or for some of it, and clipped ones. Seconds in which most of the
/// others are silent, too, are the recorder's.
fn broken(channels: &[Judged<'_>]) -> BTreeMap<usize, ChannelFault> {
    let seconds = channels.iter().map(|channel| channel.recorded.silent.len()).max().unwrap_or_default();
    let silent = |index: usize, second: usize| channels[index].recorded.silent.get(second) == Some(&true);
    let share = |count: usize, of: usize| count as f64 / of.max(1) as f64;
    let mut faults = BTreeMap::new();
    let (flat, alive): (Vec<usize>, Vec<usize>) =
        (0..channels.len()).partition(|&index| channels[index].recorded.flat > 0.5);
    faults.extend(flat.into_iter().map(|index| (index, ChannelFault::Flat)));
    let of_recorder = |second: usize| share(alive.iter().filter(|&&index| silent(index, second)).count(), alive.len());
    let recorded: Vec<usize> = (0..seconds).filter(|&second| of_recorder(second) <= 0.5).collect();
    for &index in &alive {
        let count = recorded.iter().filter(|&&second| silent(index, second)).count();
        let clipped = channels[index].recorded.clipped;
        if share(count, recorded.len()) > TOLERATED {
            faults.insert(index, ChannelFault::Silent { seconds: count });
        } else if clipped > TOLERATED {
            faults.insert(index, ChannelFault::Clipped { share: clipped });
        }
    }
    faults
}

/// The electrodes nearest to another one.
fn nearest(
    index: usize,
    position: Direction,
    among: &[(usize, Direction, f64)],
) -> impl Iterator<Item = usize> + use<> {
    let distance = |other: &Direction| position.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
    let others = among.iter().filter(|(other, ..)| *other != index);
    let mut others: Vec<_> = others.map(|(other, position, _)| (distance(position), *other)).collect();
    others.sort_by(|a, b| a.0.total_cmp(&b.0));
    others.into_iter().take(NEIGHBOURS).map(|(_, other)| other)
}

/// Puts what those around them make likely in place of the samples of bad channels.
///
/// # Errors
/// [`Unusable::NotInterpolated`] where an electrode's position is not known, [`Unusable::TooFewGood`].
pub(super) fn interpolate(
    channels: &mut [Vec<f64>],
    positions: &[Option<Direction>],
    bad: &BTreeMap<usize, BadChannel>,
) -> Result<(), Unusable> {
    let placed = || positions.iter().enumerate().filter_map(|(index, position)| Some((index, (*position)?)));
    let (sources, from): (Vec<usize>, Vec<Direction>) = placed().filter(|(index, _)| !bad.contains_key(index)).unzip();
    let on_scalp = placed().count();
    let mut made = Vec::with_capacity(bad.len());
    for (&index, channel) in bad {
        let Some(position) = positions[index] else {
            return Err(Unusable::NotInterpolated { channel: channel.to_string() });
        };
        let is_enough =
            from.len() >= FEWEST_GOOD && (on_scalp - from.len()) as f64 <= MOST_INTERPOLATED * on_scalp as f64;
        let weights = Some(()).filter(|()| is_enough).and_then(|()| spline_weights(&from, position));
        let Some(weights) = weights else {
            let bad: BTreeSet<&str> = bad.values().map(|bad| bad.channel.as_str()).collect();
            let bad = bad.into_iter().collect::<Vec<_>>().join(", ");
            return Err(Unusable::TooFewGood { bad, good: from.len(), on_scalp });
        };
        let length = sources.iter().map(|&source| channels[source].len()).min().unwrap_or_default();
        let mut samples = vec![0.0; length];
        for (weight, &source) in weights.iter().zip(&sources) {
            samples.iter_mut().zip(&channels[source]).for_each(|(sum, sample)| *sum += weight * sample);
        }
        made.push((index, samples));
    }
    for (index, samples) in made {
        channels[index] = samples;
    }
    Ok(())
}
