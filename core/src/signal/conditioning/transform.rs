//! From a block to its filtered samples at another rate, by way of its spectrum.

use std::{f64::consts::PI, ops::Range, sync::Arc};

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex, num_complex::Complex64};

use crate::signal::Fir;

/// A Fourier transform, a filter and a transform back to another number of samples.
pub(super) struct Transform {
    /// By what each frequency is multiplied.
    response: Vec<f64>,
    forward: Arc<dyn RealToComplex<f64>>,
    inverse: Arc<dyn ComplexToReal<f64>>,
}

/// How samples come later than at a whole number of steps after the first one, in samples before the transform.
#[derive(Debug, Clone, Copy)]
pub(super) struct Drift {
    /// By so much the first one.
    pub late: f64,
    /// And by so much each one more than the one before it.
    pub by: f64,
}

/// The largest error of a drifting sample, as a part of the highest frequency's amplitude.
const DRIFT_ERROR: f64 = 1e-7;

impl Transform {
    /// Through all filters, from one length to another.
    pub fn new(firs: &[Fir], before: usize, after: usize) -> Self {
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

    /// An empty block.
    pub fn block(&self) -> Vec<f64> {
        self.forward.make_input_vec()
    }

    /// The block after filters, at its new rate and `late` samples later. The block is used up.
    pub fn apply(&self, block: &mut [f64], late: f64) -> Vec<f64> {
        self.later(&self.spectrum(block), late)
    }

    /// Some of the samples of a block after filters, at its new rate, each at its own lateness. The block is used up.
    ///
    /// Lateness changes little within a block, and a sample is a smooth function of it: the polynomial through what it is at a
    /// few of them, at Chebyshev's nodes, gives it at any.
    pub fn drifting(&self, block: &mut [f64], samples: Range<usize>, drift: Drift) -> Vec<f64> {
        let spectrum = self.spectrum(block);
        let half = drift.by * (samples.len() - 1) as f64 / 2.0;
        let middle = drift.late + half;
        let highest = PI * self.inverse.len().min(self.forward.len()) as f64 / self.forward.len() as f64;
        let nodes = nodes_of(highest * half.abs());
        let known: Vec<Vec<f64>> = nodes.iter().map(|node| self.later(&spectrum, middle + half * node)).collect();
        let others =
            |own: usize| nodes.iter().enumerate().filter(move |(other, _)| *other != own).map(|(_, node)| node);
        let scales: Vec<f64> =
            (0..nodes.len()).map(|own| 1.0 / others(own).map(|node| nodes[own] - node).product::<f64>()).collect();
        let interpolate = |(index, sample): (usize, usize)| {
            let place = if half == 0.0 { 0.0 } else { (drift.late + drift.by * index as f64 - middle) / half };
            let weight = |own: usize| scales[own] * others(own).map(|node| place - node).product::<f64>();
            known.iter().enumerate().map(|(own, known)| weight(own) * known[sample]).sum()
        };
        samples.enumerate().map(interpolate).collect()
    }

    fn spectrum(&self, block: &mut [f64]) -> Vec<Complex64> {
        let mut spectrum = self.forward.make_output_vec();
        self.forward.process(block, &mut spectrum).expect(LENGTHS);
        spectrum
    }

    /// What has a spectrum before filters, after them and so many samples later.
    fn later(&self, spectrum: &[Complex64], late: f64) -> Vec<f64> {
        let mut kept = self.inverse.make_input_vec();
        for (bin, ((kept, value), weight)) in kept.iter_mut().zip(spectrum).zip(&self.response).enumerate() {
            let turn = 2.0 * PI * late * bin as f64 / self.forward.len() as f64;
            *kept = if late == 0.0 { value * *weight } else { value * Complex64::from_polar(*weight, turn) };
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

/// Chebyshev's nodes from -1 to 1, as many as it takes for a sine whose phase turns by `turn` from 0 to 1: the error of the
/// polynomial through `n` of them is at most `turn^n / (2^(n-1) n!)`.
fn nodes_of(turn: f64) -> Vec<f64> {
    let (mut count, mut error) = (1, turn);
    while error > DRIFT_ERROR {
        count += 1;
        error *= turn / (2.0 * count as f64);
    }
    (0..count).map(|node| (PI * (node as f64 + 0.5) / count as f64).cos()).collect()
}

const LENGTHS: &str = "all buffers have the plan's lengths";

/// The smallest product of 2, 3 and 5 that is at least `length`: Fourier transforms of such lengths are fast.
pub(super) fn fast_length(length: usize) -> usize {
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
