use std::{f64::consts::PI, fmt, sync::Arc};

use rand::{Rng, RngExt};
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex, num_complex::Complex64};

/// Moves all frequencies of windows of one length.
pub struct FrequencyShift {
    samples: usize,
    rate_hz: f64,
    most_hz: f64,
    forward: Arc<dyn RealToComplex<f64>>,
    inverse: Arc<dyn ComplexToReal<f64>>,
}

impl FrequencyShift {
    /// For windows of so many samples at this rate, by at most `most_hz` either way.
    #[must_use]
    pub fn new(samples: usize, rate_hz: f64, most_hz: f64) -> Self {
        let mut planner = RealFftPlanner::new();
        let padded = samples.next_power_of_two();
        let (forward, inverse) = (planner.plan_fft_forward(padded), planner.plan_fft_inverse(padded));
        Self { samples, rate_hz, most_hz, forward, inverse }
    }

    /// Moves all channels, `[channels, samples]`, by the same frequency.
    pub fn apply(&self, values: &mut [f32], random: &mut impl Rng) {
        let shift_hz = self.most_hz * (2.0 * random.random::<f64>() - 1.0);
        self.shift(values, shift_hz);
    }

    /// The real part of the analytic signal turned by the frequency: x·cos(2πft) − H(x)·sin(2πft), where H(x) is the Hilbert
    /// transform of the window, extended by zeros to a power of two.
    fn shift(&self, values: &mut [f32], shift_hz: f64) {
        let turns: Vec<(f64, f64)> =
            (0..self.samples).map(|sample| (2.0 * PI * shift_hz * sample as f64 / self.rate_hz).sin_cos()).collect();
        for channel in values.chunks_exact_mut(self.samples) {
            let hilbert = self.hilbert(channel);
            for ((value, quadrature), (sin, cos)) in channel.iter_mut().zip(hilbert).zip(&turns) {
                *value = (f64::from(*value) * cos - quadrature * sin) as f32;
            }
        }
    }

    fn hilbert(&self, channel: &[f32]) -> Vec<f64> {
        let mut block = self.forward.make_input_vec();
        block.iter_mut().zip(channel).for_each(|(slot, &value)| *slot = f64::from(value));
        let mut spectrum = self.forward.make_output_vec();
        self.forward.process(&mut block, &mut spectrum).expect(LENGTHS);
        let scale = 1.0 / block.len() as f64;
        spectrum.iter_mut().for_each(|bin| *bin *= Complex64::new(0.0, -scale));
        // These have no phase to turn.
        spectrum[0] = Complex64::ZERO;
        if block.len().is_multiple_of(2) {
            spectrum[block.len() / 2] = Complex64::ZERO;
        }
        self.inverse.process(&mut spectrum, &mut block).expect(LENGTHS);
        block
    }
}

const LENGTHS: &str = "all buffers have the plan's lengths";

impl fmt::Debug for FrequencyShift {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { samples, rate_hz, most_hz, .. } = self;
        write!(formatter, "FrequencyShift {{ samples: {samples}, rate_hz: {rate_hz}, most_hz: {most_hz} }}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    fn sine(hz: f64) -> impl Iterator<Item = f32> {
        (0..512).map(move |sample| (2.0 * PI * hz * f64::from(sample) / 128.0).sin() as f32)
    }

    #[test]
    fn a_sine_becomes_that_of_the_moved_frequency_in_every_channel() {
        let shift = FrequencyShift::new(512, 128.0, 2.0);
        let mut values: Vec<f32> = sine(10.0).chain(sine(20.0)).collect();
        shift.shift(&mut values, -1.5);
        for (value, expected) in values.iter().zip(sine(8.5).chain(sine(18.5))) {
            assert!((value - expected).abs() < 1e-5, "{value} instead of {expected}");
        }
    }

    #[test]
    fn nothing_moves_by_no_frequency_and_lengths_may_be_any() {
        for samples in [1, 2, 3, 300] {
            let mut values: Vec<f32> = sine(10.0).take(samples).collect();
            FrequencyShift::new(samples, 128.0, 2.0).shift(&mut values, 0.0);
            assert_eq!(values, sine(10.0).take(samples).collect::<Vec<_>>());
        }
    }

    #[test]
    fn shifts_are_within_the_limit_on_both_sides() {
        let shift = FrequencyShift::new(512, 128.0, 2.0);
        let mut seen = Vec::new();
        for index in 0..50 {
            let mut values: Vec<f32> = sine(10.0).collect();
            shift.apply(&mut values, &mut stream(0, Purpose::Augmentation, index));
            let crossings = values.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
            seen.push(crossings as f64 / 4.0);
        }
        assert!(seen.iter().all(|hz| (7.5..=12.5).contains(hz)), "{seen:?}");
        assert!(seen.iter().any(|&hz| hz < 9.5) && seen.iter().any(|&hz| hz > 10.5), "{seen:?}");
    }
}
