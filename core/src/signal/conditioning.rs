//! Filters and resamples one channel at a time: notches, a band-pass and a change of rate, all in one Fourier transform. It
//! gives what MNE-Python's `notch_filter`, `filter` and `resample` give one after the other: zero-phase [`Fir`] filters
//! commute with the point reflections that both ends are extended by, and resampling by a Fourier transform is one more
//! filter.
//!
//! MNE resamples a stretch that is padded to a power of two, and rounds what becomes of that to whole samples. Its samples
//! therefore drift, by up to half a sample over the whole stretch, and so do these: whoever compares numbers finds the same.

use std::{
    collections::BTreeMap,
    f64::consts::PI,
    sync::{Arc, Mutex, PoisonError},
};

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex, num_complex::Complex64};
use serde::{Deserialize, Serialize};

use super::{Band, Fir, SignalError, error::first_non_finite};

/// What is taken out of a channel.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Filters {
    /// Single frequencies to take out, in Hz.
    pub notch_hz: Vec<f64>,
    /// The band to keep; all of it without one.
    pub band: Option<Band>,
}

/// Samples before and after, in lowest terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ratio {
    before: usize,
    after: usize,
}

/// Rates whose ratio needs larger numbers are refused; 44.1 kHz to 128 Hz takes 11,025 : 32.
const LARGEST_TERM: usize = 1 << 16;
/// Samples, at the lower of the two rates, over which what extends a stretch fades in and out, and as many more that keep
/// clear of it: what the sharp edge of resampling spreads of that is then far below a thousandth of the signal.
const FADE: usize = 256;
/// Samples of a stretch. In WebAssembly, whose memory ends at 4 GB, the transforms of longer ones would find no room.
const LONGEST: usize = if cfg!(target_pointer_width = "32") { 1 << 25 } else { 1 << 32 };

/// Filters and resamples channels of one rate.
pub struct Conditioner {
    ratio: Ratio,
    firs: Vec<Fir>,
    /// Samples by which a stretch is extended at each end, at least.
    margin: usize,
    /// The transforms that were needed so far, by their lengths before and after.
    transforms: Mutex<BTreeMap<[usize; 2], Arc<Transform>>>,
}

/// A Fourier transform, a filter and a transform back to another number of samples.
struct Transform {
    /// By what each frequency is multiplied.
    response: Vec<f64>,
    forward: Arc<dyn RealToComplex<f64>>,
    inverse: Arc<dyn ComplexToReal<f64>>,
}

/// Where MNE-Python finds the samples of a stretch.
struct Grid {
    /// Lengths before and after in lowest terms; not quite the ratio of the rates.
    before: usize,
    after: usize,
    /// The first sample, in samples of the stretch.
    first: f64,
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
        Self { ratio, firs, margin, transforms: Mutex::default() }
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
    /// [`SignalError::NonFiniteSample`], since one such sample would spread over the whole stretch;
    /// [`SignalError::TooLong`].
    pub fn apply(&self, stretch: &[f64], start: usize) -> Result<Vec<f64>, SignalError> {
        if let Some((sample, value)) = first_non_finite(stretch) {
            return Err(SignalError::NonFiniteSample { sample, value });
        }
        if stretch.len() > LONGEST {
            return Err(SignalError::TooLong { samples: stretch.len(), most: LONGEST });
        }
        let first = self.position(start);
        let length = self.position(start + stretch.len()) - first;
        if length == 0 {
            return Ok(Vec::new());
        }
        let grid = Grid::of(stretch.len(), self.ratio);
        let needed = (stretch.len() + 2 * self.margin).div_ceil(grid.before);
        let steps = fast_length(needed);
        let transform = self.transform(steps * grid.before, steps * grid.after);
        let mut block = transform.forward.make_input_vec();
        let lead = (block.len() - stretch.len()) / 2;
        self.fill(&mut block, stretch, lead);

        // By how many samples of the stretch the first one comes after its start: not always a whole number.
        let Ratio { before, after } = self.ratio;
        let late = ((before - start % before * after % before) % before) as f64 / after as f64;
        let step = grid.before as f64 / grid.after as f64;
        let place = (lead as f64 + grid.first + late) / step;
        let mut resampled = transform.apply(&mut block, place.fract() * step);
        resampled.drain(..place as usize);
        resampled.truncate(length);
        Ok(resampled)
    }

    /// The transform from one length to another.
    fn transform(&self, before: usize, after: usize) -> Arc<Transform> {
        // A panic elsewhere leaves a map that is whole.
        let mut transforms = self.transforms.lock().unwrap_or_else(PoisonError::into_inner);
        transforms.entry([before, after]).or_insert_with(|| Arc::new(Transform::new(&self.firs, before, after))).clone()
    }

    /// A stretch with what extends it, from `lead` on in a block.
    fn fill(&self, block: &mut [f64], stretch: &[f64], lead: usize) {
        for (index, slot) in block.iter_mut().enumerate() {
            *slot = extended(stretch, index as isize - lead as isize);
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

impl Grid {
    /// Of a stretch of so many samples.
    fn of(samples: usize, ratio: Ratio) -> Self {
        if ratio.before == ratio.after {
            return Self { before: 1, after: 1, first: 0.0 };
        }
        let after_of = |samples: usize| (ratio.after as f64 / ratio.before as f64 * samples as f64).round_ties_even();
        let padded = (samples + 2 * (samples / 8).min(100)).next_power_of_two();
        let lead = (padded - samples) / 2;
        let length = after_of(padded).max(1.0);
        let first = after_of(lead) * padded as f64 / length - lead as f64;
        let length = length as usize;
        let common = 1 << length.trailing_zeros().min(padded.trailing_zeros());
        Self { before: padded / common, after: length / common, first }
    }
}

impl Transform {
    /// Through all filters, from one length to another.
    fn new(firs: &[Fir], before: usize, after: usize) -> Self {
        let mut planner = RealFftPlanner::new();
        let forward = planner.plan_fft_forward(before);
        // The factor that the two transforms leave.
        let mut response = vec![1.0 / before as f64; before.min(after) / 2 + 1];
        if before != after && before.min(after).is_multiple_of(2) {
            // The highest frequency of the shorter one is that of two of the longer one.
            response[before.min(after) / 2] *= if after < before { 2.0 } else { 0.5 };
        }
        for fir in firs {
            // Around the first sample, whereby the transform of a symmetric filter is real.
            let mut taps = forward.make_input_vec();
            let reach = fir.coefficients().len() / 2;
            taps[..=reach].copy_from_slice(&fir.coefficients()[reach..]);
            taps[before - reach..].copy_from_slice(&fir.coefficients()[..reach]);
            let mut gains = forward.make_output_vec();
            forward.process(&mut taps, &mut gains).expect(LENGTHS);
            response.iter_mut().zip(gains).for_each(|(response, gain)| *response *= gain.re);
        }
        Self { response, forward, inverse: planner.plan_fft_inverse(after) }
    }

    /// The block after filters, at its new rate and `late` samples later. The block is used up.
    fn apply(&self, block: &mut [f64], late: f64) -> Vec<f64> {
        let mut spectrum = self.forward.make_output_vec();
        self.forward.process(block, &mut spectrum).expect(LENGTHS);
        let mut kept = self.inverse.make_input_vec();
        for (bin, ((kept, value), weight)) in kept.iter_mut().zip(&spectrum).zip(&self.response).enumerate() {
            let turn = 2.0 * PI * late * bin as f64 / block.len() as f64;
            *kept = if late > 0.0 { value * Complex64::from_polar(*weight, turn) } else { value * *weight };
        }
        // Of a real signal; turned, the highest frequency would have an imaginary part.
        kept[0].im = 0.0;
        let mut resampled = self.inverse.make_output_vec();
        if resampled.len().is_multiple_of(2) {
            kept[resampled.len() / 2].im = 0.0;
        }
        self.inverse.process(&mut kept, &mut resampled).expect(LENGTHS);
        resampled
    }
}

const LENGTHS: &str = "all buffers have the plan's lengths";

/// The smallest product of 2, 3 and 5 that is at least `length`: Fourier transforms of such lengths are fast.
fn fast_length(length: usize) -> usize {
    let mut length = length;
    loop {
        let mut rest = length;
        for prime in [2, 3, 5] {
            while rest.is_multiple_of(prime) {
                rest /= prime;
            }
        }
        if rest == 1 {
            return length;
        }
        length += 1;
    }
}

impl Ratio {
    /// The ratio of two rates, by continued fractions; rates that differ from it by less than a millionth have it.
    fn new(before_hz: f64, after_hz: f64) -> Result<Self, SignalError> {
        let error = SignalError::RateRatio { before_hz, after_hz };
        let ratio = before_hz / after_hz;
        if !(before_hz > 0.0 && after_hz > 0.0 && ratio.is_finite() && ratio > 0.0) {
            return Err(error);
        }
        let (mut numerators, mut denominators, mut rest) = ((0.0, 1.0), (1.0, 0.0), ratio);
        loop {
            let whole = rest.floor();
            numerators = (numerators.1, whole * numerators.1 + numerators.0);
            denominators = (denominators.1, whole * denominators.1 + denominators.0);
            if numerators.1.max(denominators.1) > LARGEST_TERM as f64 {
                return Err(error);
            }
            if numerators.1 > 0.0 && (numerators.1 / denominators.1 / ratio - 1.0).abs() < 1e-6 {
                // At most LARGEST_TERM, so they fit.
                return Ok(Self { before: numerators.1 as usize, after: denominators.1 as usize });
            }
            rest = 1.0 / (rest - whole);
        }
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
    fn rates_are_ratios() {
        let ratio = |before, after| Ratio::new(before, after).map(|Ratio { before, after }| (before, after));
        assert_eq!(ratio(500.0, 120.0), Ok((25, 6)));
        assert_eq!(ratio(250.0, 250.0), Ok((1, 1)));
        assert_eq!(ratio(100.0, 512.0), Ok((25, 128)));
        assert_eq!(ratio(44_100.0, 128.0), Ok((11_025, 32)));
        assert_eq!(ratio(249.999_999_99, 125.0), Ok((2, 1)));
        for (before, after) in [(0.0, 1.0), (1.0, 0.0), (f64::NAN, 1.0), (1.0, f64::INFINITY), (1e9, 1.0)] {
            assert!(ratio(before, after).is_err(), "{before} to {after}");
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
    }
}
