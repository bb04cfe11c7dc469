//! Lowers the sampling rate of one channel by a whole factor: samples in, every `factor`-th sample of the low-passed
//! signal out. The filter is the default of SciPy's `decimate`: a Chebyshev filter of the first kind, order 8, 0.05 dB
//! ripple, cutoff 0.8 of the new Nyquist frequency, run forwards and backwards so that nothing is delayed.
//!
//! Own code, because `sci-rs`, the crate with SciPy's filters, leaves Chebyshev ones unimplemented.

use std::f64::consts::PI;

use realfft::num_complex::Complex64;

use super::{SignalError, error::first_non_finite};

const ORDER: usize = 8;
const RIPPLE_DB: f64 = 0.05;
/// Cutoff as a fraction of the Nyquist frequency after decimation.
const CUTOFF: f64 = 0.8;
/// Samples by which each end is extended: three times the filter's taps.
const PADDING: usize = 3 * (ORDER + 1);

/// Decimates by `factor`: low-pass, then every `factor`-th sample from the first; `ceil(n / factor)` remain. A factor
/// of 1 copies.
///
/// # Errors
/// [`SignalError::ZeroFactor`]; [`SignalError::TooShort`] for fewer than 28 samples;
/// [`SignalError::NonFiniteSample`], since one such sample would spread over the whole signal.
pub fn decimate(samples: &[f64], factor: usize) -> Result<Vec<f64>, SignalError> {
    if let Some((sample, value)) = first_non_finite(samples) {
        return Err(SignalError::NonFiniteSample { sample, value });
    }
    match factor {
        0 => return Err(SignalError::ZeroFactor),
        1 => return Ok(samples.to_vec()),
        _ if samples.len() <= PADDING => {
            return Err(SignalError::TooShort { samples: samples.len(), needed: PADDING + 1 });
        }
        _ => {}
    }
    let sections = chebyshev_sections(CUTOFF / factor as f64);
    let mut signal = extend_oddly(samples);
    filter(&sections, signal.iter_mut());
    filter(&sections, signal.iter_mut().rev());
    // An even-order filter passes 0 Hz at the bottom of its ripple; the sections do so at 1. Two passes, twice the dB.
    let gain = 10_f64.powf(-2.0 * RIPPLE_DB / 20.0);
    Ok(signal[PADDING..PADDING + samples.len()].iter().step_by(factor).map(|value| gain * value).collect())
}

/// Extends both ends by their point reflection, which keeps level and slope.
fn extend_oddly(samples: &[f64]) -> Vec<f64> {
    let last = samples.len() - 1;
    let before = samples[1..=PADDING].iter().rev().map(|value| 2.0 * samples[0] - value);
    let after = samples[last - PADDING..last].iter().rev().map(|value| 2.0 * samples[last] - value);
    before.chain(samples.iter().copied()).chain(after).collect()
}

/// A second-order low-pass with gain 1 at 0 Hz and a double zero at the Nyquist frequency:
/// `gain * (1 + z⁻¹)² / (1 + a1 z⁻¹ + a2 z⁻²)`.
struct Section {
    gain: f64,
    a1: f64,
    a2: f64,
}

/// The filter's conjugate pole pairs as second-order sections; `cutoff` as a fraction of the Nyquist frequency.
/// Poles of the analog prototype lie on an ellipse; the bilinear transform, warped to keep the cutoff, brings them to
/// the unit disc (Oppenheim and Schafer, *Discrete-Time Signal Processing*, chapter 7).
fn chebyshev_sections(cutoff: f64) -> [Section; ORDER / 2] {
    let ripple = (10_f64.powf(RIPPLE_DB / 10.0) - 1.0).sqrt();
    let mu = (1.0 / ripple).asinh() / ORDER as f64;
    let warped = (PI * cutoff / 2.0).tan();
    std::array::from_fn(|pair| {
        let theta = PI * (2 * pair + 1) as f64 / (2 * ORDER) as f64;
        let analog = -Complex64::new(mu, theta).sinh() * warped;
        let pole = (1.0 + analog) / (1.0 - analog);
        let a1 = -2.0 * pole.re;
        let a2 = pole.norm_sqr();
        // |1 - pole|² from the analog pole: 1 + a1 + a2 would cancel for low cutoffs.
        let gain = (2.0 * analog / (1.0 - analog)).norm_sqr() / 4.0;
        Section { gain, a1, a2 }
    })
}

/// Runs the sections over a signal in place, starting as if its first value had been there for ever.
fn filter<'a>(sections: &[Section; ORDER / 2], signal: impl Iterator<Item = &'a mut f64>) {
    let mut signal = signal.peekable();
    let Some(level) = signal.peek().map(|first| **first) else { return };
    let mut states: [[f64; 2]; ORDER / 2] = std::array::from_fn(|i| {
        let Section { gain, a2, .. } = sections[i];
        [level - gain * level, gain * level - a2 * level]
    });
    for value in signal {
        for (Section { gain, a1, a2 }, state) in sections.iter().zip(&mut states) {
            let input = gain * *value;
            let output = input + state[0];
            state[0] = 2.0 * input - a1 * output + state[1];
            state[1] = input - a2 * output;
            *value = output;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sine(cycles_per_sample: f64, n: usize) -> Vec<f64> {
        (0..n).map(|i| (2.0 * PI * cycles_per_sample * i as f64).sin()).collect()
    }

    /// Made with `scipy.signal.decimate(numpy.arange(40.0) ** 2, 4)` of SciPy 1.17.
    #[test]
    fn a_parabola_as_scipy() {
        let parabola: Vec<_> = (0..40).map(|i| f64::from(i * i)).collect();
        let expected = [
            0.493246654597,
            14.345847159137,
            61.505933387899,
            139.845900129325,
            249.973253249623,
            392.092641988344,
            567.166290464424,
            771.082503220574,
            1012.660286038705,
            1279.158901401451,
        ];
        let decimated = decimate(&parabola, 4).unwrap();
        assert_eq!(decimated.len(), expected.len());
        for (a, b) in decimated.iter().zip(expected) {
            assert!((a - b).abs() < 1e-9, "{a} instead of {b}");
        }
    }

    #[test]
    fn keeps_the_pass_band_and_stops_the_rest() {
        let low = decimate(&sine(0.02, 4000), 4).unwrap();
        let expected = sine(0.08, 1000);
        for (a, b) in low[100..900].iter().zip(&expected[100..900]) {
            assert!((a - b).abs() < 0.012, "{a} instead of {b}: more than 0.1 dB");
        }
        let high = decimate(&sine(0.2, 4000), 4).unwrap();
        assert!(high[100..900].iter().all(|value| value.abs() < 1e-6));
    }

    #[test]
    fn factor_one_copies() {
        assert_eq!(decimate(&[1.0, 2.0], 1), Ok(vec![1.0, 2.0]));
    }

    #[test]
    fn what_cannot_be_decimated_is_an_error() {
        assert_eq!(decimate(&[1.0; 100], 0), Err(SignalError::ZeroFactor));
        assert_eq!(decimate(&[1.0; 27], 2), Err(SignalError::TooShort { samples: 27, needed: 28 }));
        assert_eq!(decimate(&[1.0; 28], 2).unwrap().len(), 14);
        let mut gap = [0.0; 50];
        gap[7] = f64::NAN;
        assert!(matches!(decimate(&gap, 2), Err(SignalError::NonFiniteSample { sample: 7, .. })));
    }

    proptest! {
        #[test]
        fn a_constant_stays_within_the_ripple(level in -1e3..1e3, n in 28_usize..400, factor in 2_usize..40) {
            let decimated = decimate(&vec![level; n], factor).unwrap();
            prop_assert_eq!(decimated.len(), n.div_ceil(factor));
            let expected = level * 10_f64.powf(-0.005);
            prop_assert!(decimated.iter().all(|value| (value - expected).abs() <= 1e-9 * level.abs()));
        }
    }
}
