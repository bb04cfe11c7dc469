//! Channels at the rate of the samples. Those of a recording are read, as many at a time as memory holds, and decimated, or
//! filtered and resampled, each stretch without an interruption apart.

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use rayon::prelude::*;

use super::unusable::Unusable;
use crate::{
    recording::Recording,
    signal::{Conditioner, Filters, RecordedQuality, SignalError, decimate},
};

/// The longest stretches within `range` all of whose samples satisfy `is_wanted`.
pub(super) fn runs(range: Range<usize>, is_wanted: impl Fn(usize) -> bool) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for sample in range.filter(|&sample| is_wanted(sample)) {
        match runs.last_mut() {
            Some(run) if run.end == sample => run.end += 1,
            _ => runs.push(sample..sample + 1),
        }
    }
    runs
}

/// A channel at the target rate.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Resampled {
    /// Its samples; NaN where there are no numbers.
    pub samples: Vec<f64>,
    /// The stretches of the file's samples that are no numbers.
    pub no_numbers: Vec<Range<usize>>,
    /// What the file's samples say of the electrode.
    pub quality: RecordedQuality,
}

/// The channels at the target rate, each of the `pieces` of the file's samples apart. Meanwhile at most `held_bytes` of
/// samples are held, before and after, or one channel beside those that are done.
pub(super) async fn read_resampled(
    recording: &dyn Recording,
    indices: &[usize],
    resampler: &Resampler,
    pieces: &[Range<usize>],
    held_bytes: u64,
) -> Result<Vec<Resampled>, Unusable> {
    let longest = indices.iter().map(|&index| recording.info().channels[index].samples).max().unwrap_or_default();
    // A file may announce more than fits; reading it says so.
    let longest = usize::try_from(longest).unwrap_or(usize::MAX / size_of::<f64>());
    let bytes = |samples: usize| samples.saturating_mul(size_of::<f64>()) as u64;
    let (before, after) = (bytes(longest), bytes(resampler.position(longest)));
    let mut channels = Vec::with_capacity(indices.len());
    while channels.len() < indices.len() {
        let rest = &indices[channels.len()..];
        let room = held_bytes.saturating_sub(after * channels.len() as u64);
        // Few, so it fits.
        let at_once = (room / before.saturating_add(after).max(1)).clamp(1, rest.len() as u64) as usize;
        let group = &rest[..at_once];
        let read = recording.read(group).await?;
        let rates = group.iter().map(|&index| recording.info().channels[index].rate_hz).collect::<Vec<_>>();
        let resampled = read
            .into_par_iter()
            .zip(rates)
            .map(|(samples, recorded_hz)| resample_pieces(&samples, recorded_hz, resampler, pieces));
        channels.extend(resampled.collect::<Result<Vec<_>, _>>()?);
    }
    Ok(channels)
}

/// A channel at the target rate, filtered within each piece, and within it between samples that are no numbers: over these
/// the filter would spread.
pub(super) fn resample_pieces(
    samples: &[f64],
    recorded_hz: f64,
    resampler: &Resampler,
    pieces: &[Range<usize>],
) -> Result<Resampled, SignalError> {
    let mut resampled = vec![f64::NAN; resampler.position(samples.len())];
    for piece in pieces {
        let piece = piece.start.min(samples.len())..piece.end.min(samples.len());
        for run in runs(piece, |sample| samples[sample].is_finite()) {
            let first = resampler.position(run.start);
            match resampler.apply(&samples[run.clone()], run.start) {
                Ok(kept) => resampled[first..first + kept.len()].copy_from_slice(&kept),
                // Far shorter than any window.
                Err(SignalError::TooShort { .. }) => {}
                Err(error) => return Err(error),
            }
        }
    }
    let no_numbers = runs(0..samples.len(), |sample| !samples[sample].is_finite());
    let quality = RecordedQuality::of(samples, recorded_hz);
    Ok(Resampled { samples: resampled, no_numbers, quality })
}

/// How channels of one rate get that of the samples.
pub(super) enum Resampler {
    /// Every so many samples, low-passed before.
    Decimate(usize),
    /// Filtered and resampled.
    Condition(Conditioner),
}

impl Resampler {
    /// Where the first sample that is not before `sample` of the recording comes to lie.
    pub fn position(&self, sample: usize) -> usize {
        match self {
            Self::Decimate(factor) => sample.div_ceil(*factor),
            Self::Condition(conditioner) => conditioner.position(sample),
        }
    }

    /// A stretch that begins at the sample `start` of the recording, from its first [`Self::position`].
    fn apply(&self, stretch: &[f64], start: usize) -> Result<Vec<f64>, SignalError> {
        match self {
            Self::Decimate(factor) => {
                let first = start.next_multiple_of(*factor) - start;
                decimate(stretch.get(first..).unwrap_or_default(), *factor)
            }
            Self::Condition(conditioner) => conditioner.apply(stretch, start),
        }
    }
}

/// The resamplers that were needed so far, by the rate of recordings: a plan costs more than its use.
#[derive(Default)]
pub(super) struct Resamplers(BTreeMap<u64, Arc<Resampler>>);

impl Resamplers {
    /// From `recorded_hz` to `rate_hz`, through the filters; without these, by decimating. Filters and `rate_hz` are always
    /// the same.
    pub fn of(
        &mut self,
        filters: Option<&Filters>,
        recorded_hz: f64,
        rate_hz: f64,
    ) -> Result<Arc<Resampler>, Unusable> {
        if let Some(known) = self.0.get(&recorded_hz.to_bits()) {
            return Ok(known.clone());
        }
        let resampler = Arc::new(match filters {
            None => Resampler::Decimate(whole_factor(recorded_hz, rate_hz)?),
            Some(filters) => Resampler::Condition(Conditioner::new(filters, recorded_hz, rate_hz)?),
        });
        self.0.insert(recorded_hz.to_bits(), resampler.clone());
        Ok(resampler)
    }
}

/// By what to decimate; rates that differ from a whole ratio by less than a millionth are one.
pub(super) fn whole_factor(rate_hz: f64, target_hz: f64) -> Result<usize, Unusable> {
    let ratio = rate_hz / target_hz;
    let factor = ratio.round();
    if (1.0..=1e6).contains(&factor) && (ratio / factor - 1.0).abs() < 1e-6 {
        Ok(factor as usize)
    } else {
        Err(Unusable::Rate { rate_hz, target_hz })
    }
}
