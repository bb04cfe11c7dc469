//! Filters and resamples one channel at a time: notches, a band-pass and a change of rate, all in one Fourier transform. It
//! gives what MNE-Python's `notch_filter`, `filter` and `resample` give one after the other: zero-phase [`Fir`] filters
//! commute with the point reflections that both ends are extended by, and resampling by a Fourier transform is one more
//! filter.
//!
//! What is too long for one transform is cut into blocks that overlap (overlap-save): of each, those samples are kept that
//! are far from where it was cut. Memory then holds a block, however long the channel is.
//!
//! MNE resamples a stretch that is padded to a power of two, and rounds what becomes of that to whole samples. Its samples
//! therefore drift, by up to half a sample over the whole stretch, and so do these: whoever compares numbers finds the same.

mod grid;
mod transform;

use std::{
    collections::BTreeMap,
    f64::consts::PI,
    sync::{Arc, Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};

use self::{
    grid::{Grid, Ratio},
    transform::{Drift, Transform, fast_length},
};
use super::{Band, Fir, SignalError, error::first_non_finite};

/// What is taken out of a channel.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Filters {
    /// Single frequencies to take out, in Hz.
    pub notch_hz: Vec<f64>,
    /// The band to keep; all of it without one.
    pub band: Option<Band>,
}

/// Samples, at the lower of the two rates, over which what extends a stretch fades in and out, and as many more that keep
/// clear of it: what the sharp edge of resampling spreads of that is then far below a thousandth of the signal.
const FADE: usize = 256;
/// Samples of a block in margins: with so many, a quarter of what is transformed is not kept.
const BLOCK_MARGINS: usize = 8;
/// Samples of a block, at least: shorter ones would take no less memory than what is around them.
const SHORTEST_BLOCK: usize = 1 << 17;

/// Filters and resamples channels of one rate.
pub struct Conditioner {
    ratio: Ratio,
    firs: Vec<Fir>,
    /// Samples by which a stretch is extended at each end, at least, and by which a block overlaps the next one's.
    margin: usize,
    /// Samples of a block; what is not longer than two, with what extends it, is not cut.
    block: usize,
    /// The transforms that were needed so far, by their lengths before and after.
    transforms: Mutex<BTreeMap<[usize; 2], Arc<Transform>>>,
}

impl Conditioner {
    /// For channels recorded at `recorded_hz` that are to have `rate_hz`.
    ///
    /// # Errors
    /// [`SignalError::Band`], [`SignalError::Notch`], [`SignalError::RateRatio`].
    pub fn new(filters: &Filters, recorded_hz: f64, rate_hz: f64) -> Result<Self, SignalError> {
        let ratio = Ratio::new(recorded_hz, rate_hz)?;
        let mut firs = Vec::new();
        if !filters.notch_hz.is_empty() {
            firs.push(Fir::notch(&filters.notch_hz, recorded_hz)?);
        }
        if let Some(band) = filters.band {
            firs.push(Fir::band_pass(band, recorded_hz)?);
        }
        Ok(Self::through(firs, ratio))
    }

    /// Takes a band of this width out of channels that keep their rate; see [`Fir::band_stop`].
    ///
    /// # Errors
    /// [`SignalError::Notch`].
    pub fn band_stop(centre_hz: f64, width_hz: f64, rate_hz: f64) -> Result<Self, SignalError> {
        let fir = Fir::band_stop(centre_hz, width_hz, rate_hz)?;
        Ok(Self::through(vec![fir], Ratio { before: 1, after: 1 }))
    }

    fn through(firs: Vec<Fir>, ratio: Ratio) -> Self {
        let reach: usize = firs.iter().map(|fir| fir.coefficients().len() / 2).sum();
        let margin = reach + 2 * FADE * ratio.before.div_ceil(ratio.after);
        let conditioner = Self { ratio, firs, margin, block: 0, transforms: Mutex::default() };
        conditioner.with_blocks_of((BLOCK_MARGINS * margin).max(SHORTEST_BLOCK))
    }

    /// With blocks of at least so many samples, and a whole number of them at the other rate, too.
    pub(super) fn with_blocks_of(self, samples: usize) -> Self {
        let Ratio { before, .. } = self.ratio;
        Self { block: fast_length(samples.div_ceil(before)) * before, ..self }
    }

    /// Samples to either side of a stretch, at the recorded rate, beyond which nothing changes it.
    #[must_use]
    pub fn reach(&self) -> usize {
        self.margin
    }

    /// Where a sample of the recording is found afterwards: the first sample that is not before it.
    #[must_use]
    pub fn position(&self, sample: usize) -> usize {
        let Ratio { before, after } = self.ratio;
        // In parts, since the product of a long recording may not fit.
        sample / before * after + (sample % before * after).div_ceil(before)
    }

    /// A stretch of a channel that begins at the sample `start` of the recording: the samples from
    /// [`position`](Self::position) of its start to that of its end. Both ends are extended by their point reflections.
    ///
    /// # Errors
    /// [`SignalError::NonFiniteSample`], since one such sample would spread over the whole stretch.
    pub fn apply(&self, stretch: &[f64], start: usize) -> Result<Vec<f64>, SignalError> {
        if let Some((sample, value)) = first_non_finite(stretch) {
            return Err(SignalError::NonFiniteSample { sample, value });
        }
        let length = self.position(start + stretch.len()) - self.position(start);
        if length == 0 {
            return Ok(Vec::new());
        }
        let (grid, late) = (Grid::of(stretch.len(), self.ratio), self.late(start));
        let is_short = stretch.len() + 2 * self.margin <= 2 * self.block;
        Ok(if is_short {
            self.whole(stretch, &grid, late, length)
        } else {
            self.in_blocks(stretch, &grid, late, length)
        })
    }

    /// By how many samples of a stretch that begins at `start` its first one comes later: not always a whole number.
    fn late(&self, start: usize) -> f64 {
        let Ratio { before, after } = self.ratio;
        ((before - start % before * after % before) % before) as f64 / after as f64
    }

    /// `length` samples of a stretch, the first one `late`, by one transform.
    fn whole(&self, stretch: &[f64], grid: &Grid, late: f64, length: usize) -> Vec<f64> {
        let needed = (stretch.len() + 2 * self.margin).div_ceil(grid.before);
        let steps = fast_length(needed);
        let transform = self.transform(steps * grid.before, steps * grid.after);
        let mut block = transform.block();
        let lead = (block.len() - stretch.len()) / 2;
        self.fill(&mut block, stretch, -(lead as isize));
        let place = (lead as f64 + grid.first + late) / grid.step();
        let mut resampled = transform.apply(&mut block, place.fract() * grid.step());
        resampled.drain(..place as usize);
        resampled.truncate(length);
        resampled
    }

    /// The same by a transform of each block, which gives samples at the ratio of the rates: on the grid of the whole stretch
    /// each is a little later, or earlier, than that.
    fn in_blocks(&self, stretch: &[f64], grid: &Grid, late: f64, length: usize) -> Vec<f64> {
        let Ratio { before, after } = self.ratio;
        let (step, even_step) = (grid.step(), self.ratio.step());
        let transform = self.transform(self.block, self.block / before * after);
        let at_once = ((self.block - 2 * self.margin) as f64 / step.max(even_step)) as usize;
        let mut block = transform.block();
        let mut resampled = Vec::with_capacity(length);
        while resampled.len() < length {
            // In samples of the stretch, then of the block.
            let place = grid.first + late + resampled.len() as f64 * step;
            let from = place.floor() as isize - self.margin as isize;
            let place = place - from as f64;
            self.fill(&mut block, stretch, from);
            let first = (place / even_step) as usize;
            let samples = first..first + at_once.min(length - resampled.len());
            let drift = Drift { late: place - first as f64 * even_step, by: step - even_step };
            resampled.extend(transform.drifting(&mut block, samples, drift));
        }
        resampled
    }

    /// The transform from one length to another.
    fn transform(&self, before: usize, after: usize) -> Arc<Transform> {
        // A panic elsewhere leaves a map that is whole.
        let mut transforms = self.transforms.lock().unwrap_or_else(PoisonError::into_inner);
        transforms.entry([before, after]).or_insert_with(|| Arc::new(Transform::new(&self.firs, before, after))).clone()
    }

    /// A stretch, from its sample `from` on, with what extends it.
    fn fill(&self, block: &mut [f64], stretch: &[f64], from: isize) {
        for (index, slot) in block.iter_mut().enumerate() {
            *slot = extended(stretch, from + index as isize);
        }
        let fade = FADE * self.ratio.before.div_ceil(self.ratio.after);
        let last = block.len() - 1;
        for index in 0..fade {
            let weight = 0.5 - 0.5 * (PI * (index as f64 + 0.5) / fade as f64).cos();
            block[index] *= weight;
            block[last - index] *= weight;
        }
    }
}

/// A sample of a stretch that goes on as its point reflection at either end, and where that ends, with its last value.
fn extended(stretch: &[f64], index: isize) -> f64 {
    let last = stretch.len() - 1;
    match usize::try_from(index) {
        Ok(index) if index <= last => stretch[index],
        Ok(index) => 2.0 * stretch[last] - stretch[(2 * last).saturating_sub(index)],
        Err(_) => 2.0 * stretch[0] - stretch[index.unsigned_abs().min(last)],
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn resampling(recorded_hz: f64, rate_hz: f64) -> Conditioner {
        Conditioner::new(&Filters::default(), recorded_hz, rate_hz).unwrap()
    }

    fn sine(hz: f64, rate_hz: f64, samples: usize) -> Vec<f64> {
        (0..samples).map(|i| (2.0 * PI * hz * i as f64 / rate_hz).sin()).collect()
    }

    fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    }

    #[test]
    fn nothing_to_do_changes_nothing() {
        let signal = sine(7.0, 250.0, 50_000);
        let same = resampling(250.0, 250.0).apply(&signal, 3).unwrap();
        assert_eq!(same.len(), signal.len());
        assert!(largest_difference(&same, &signal) < 1e-12);
    }

    #[test]
    fn resampled_sines_are_sines() {
        for (before, after) in [(500.0, 120.0), (256.0, 200.0), (100.0, 250.0), (128.0, 128.0)] {
            let conditioner = resampling(before, after);
            let resampled = conditioner.apply(&sine(11.0, before, (300.0 * before) as usize), 0).unwrap();
            let Grid { before: from, after: to, first } = Grid::of((300.0 * before) as usize, conditioner.ratio);
            let place = |sample: usize| first + sample as f64 * from as f64 / to as f64;
            let drift = (0..resampled.len()).map(|sample| place(sample) / before - sample as f64 / after);
            assert!(drift.fold(0.0, |largest: f64, late| largest.max(late.abs())) < 0.75 / after);
            let value = |sample: usize| (2.0 * PI * 11.0 * place(sample) / before).sin();
            let expected: Vec<_> = (0..resampled.len()).map(value).collect();
            assert_eq!(resampled.len(), (300.0 * after) as usize);
            let edge = (2.0 * after) as usize;
            let middle = edge..expected.len() - edge;
            let difference = largest_difference(&resampled[middle.clone()], &expected[middle]);
            assert!(difference < 1e-4, "{before} to {after} Hz: {difference}");
        }
    }

    /// Waves of all frequencies up to `highest`, in turns per sample, on a slope.
    fn waves(samples: usize, highest: f64) -> Vec<f64> {
        let wave =
            |number: usize, at: f64| (2.0 * PI * highest * at * number as f64 / 12.0 + (number * number) as f64).sin();
        let value = |at: f64| 3.0 + 1e-4 * at + (1..=12).map(|number| wave(number, at)).sum::<f64>();
        (0..samples).map(|sample| value(sample as f64)).collect()
    }

    /// The largest difference between a stretch by one transform and in blocks, as a part of its root mean square.
    fn difference_of_blocks(conditioner: &Conditioner, stretch: &[f64], start: usize) -> f64 {
        let (grid, late) = (Grid::of(stretch.len(), conditioner.ratio), conditioner.late(start));
        let length = conditioner.position(start + stretch.len()) - conditioner.position(start);
        let whole = conditioner.whole(stretch, &grid, late, length);
        let in_blocks = conditioner.in_blocks(stretch, &grid, late, length);
        assert_eq!((whole.len(), in_blocks.len()), (length, length));
        let power: f64 = whole.iter().map(|value| value * value).sum();
        largest_difference(&whole, &in_blocks) / (power / length as f64).sqrt()
    }

    /// As it is, what is compared would not be cut.
    fn in_short_blocks(filters: &Filters, [before, after]: [f64; 2]) -> Conditioner {
        let conditioner = Conditioner::new(filters, before, after).unwrap();
        let samples = BLOCK_MARGINS * conditioner.margin;
        conditioner.with_blocks_of(samples)
    }

    #[test]
    fn what_is_long_is_cut_into_blocks() {
        let (conditioner, stretch) = (resampling(1000.0, 120.0), waves(400_000, 0.05));
        let (grid, late) = (Grid::of(stretch.len(), conditioner.ratio), conditioner.late(3));
        let length = conditioner.position(400_003) - conditioner.position(3);
        assert_eq!(conditioner.apply(&stretch, 3), Ok(conditioner.in_blocks(&stretch, &grid, late, length)));
        let stretch = &stretch[..200_000];
        let (grid, length) = (Grid::of(stretch.len(), conditioner.ratio), conditioner.position(200_003) - 1);
        assert_eq!(conditioner.apply(stretch, 3), Ok(conditioner.whole(stretch, &grid, late, length)));
    }

    #[test]
    fn a_stretch_lies_where_it_would_in_the_whole() {
        let conditioner = resampling(500.0, 120.0);
        // From one sample to the next, a sine wave of 1 Hz rises by at most 0.052.
        let signal = sine(1.0, 500.0, 60_000);
        let whole = conditioner.apply(&signal, 0).unwrap();
        for start in [1, 13, 24, 25, 10_001] {
            let part = conditioner.apply(&signal[start..], start).unwrap();
            let first = conditioner.position(start);
            assert_eq!(first + part.len(), whole.len());
            let difference = largest_difference(&part[300..part.len() - 300], &whole[first + 300..whole.len() - 300]);
            assert!(difference < 0.04, "from {start}: {difference}");
        }
    }

    #[test]
    fn samples_that_are_no_numbers_are_refused() {
        let conditioner = resampling(250.0, 250.0);
        let refused = conditioner.apply(&[0.0, f64::NAN], 0);
        assert!(matches!(refused, Err(SignalError::NonFiniteSample { sample: 1, .. })));
        assert_eq!(conditioner.apply(&[], 5), Ok(Vec::new()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn any_stretch_has_its_samples(start in 0_usize..1000, length in 0_usize..3000, level in -1.0..1.0) {
            let resampled = resampling(500.0, 120.0).apply(&vec![level; length], start).unwrap();
            let wanted = |sample: usize| (sample * 6).div_ceil(25);
            prop_assert_eq!(resampled.len(), wanted(start + length) - wanted(start));
            prop_assert!(resampled.iter().all(|value| (value - level).abs() < 1e-6));
        }

        #[test]
        fn blocks_give_what_one_transform_gives(
            rates in proptest::sample::select(
                vec![[500.0_f64, 120.0], [1000.0, 120.0], [512.0, 128.0], [256.0, 200.0], [100.0, 250.0], [100.0, 512.0]],
            ),
            start in 0_usize..1000,
            blocks in 1_usize..6,
            beyond in 0_usize..3,
            is_filtered: bool,
        ) {
            let lower = rates[0].min(rates[1]);
            let band = is_filtered.then_some(Band { low_hz: 0.5, high_hz: 0.35 * lower });
            // What is left of a slope at the sharp edge of resampling, at the ends of either, is more than filters leave.
            let most = if is_filtered { 1e-5 } else { 1e-3 };
            for (rates, most) in [(rates, most), ([rates[0]; 2], 1e-10)] {
                let conditioner = in_short_blocks(&Filters { notch_hz: Vec::new(), band }, rates);
                let kept = conditioner.block - 2 * conditioner.margin;
                let stretch = waves(blocks * kept + beyond - 1, 0.4 * lower / rates[0]);
                let difference = difference_of_blocks(&conditioner, &stretch, start);
                prop_assert!(difference < most, "{rates:?}: {difference:.1e}");
            }
        }
    }
}
