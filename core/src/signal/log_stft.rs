//! The short-time Fourier transform at logarithmically spaced frequencies: one channel's samples in, `rows` complex
//! coefficients a frame out, the lowest holding the channel's mean.
//!
//! Defined as a matrix of complex exponentials times each frame, that would cost `rows * n_fft` products a frame.
//! Here each frame goes through one FFT of about twice its length, and every row is interpolated from a few of its bins
//! with a Kaiser-Bessel kernel: the non-uniform FFT of Fessler and Sutton (2003), with the kernel shape of Beatty,
//! Nishimura and Pauly (2005). It agrees with the matrix to 1e-11 of the frame's magnitude. Own code, because it is
//! small on top of `realfft`, where FINUFFT would bring C++ that does not build for the browser.

use std::{f64::consts::PI, sync::Arc};

use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex64};

/// FFT bins that a row is interpolated from.
const TAPS: usize = 12;
/// Bins added at both ends of the spectrum, so that every row finds its neighbours.
const MARGIN: usize = TAPS / 2;
/// Lowest and highest frequency in cycles per sample.
const LOWEST: f64 = 1e-3;
const HIGHEST: f64 = 0.5;

/// Plan for frames of `n_fft = 2 * rows - 1` samples under a symmetric Hann window.
pub(super) struct LogStft {
    rows: usize,
    hop: usize,
    /// The Hann window, divided by the kernel's transform.
    window: Vec<f64>,
    fft: Arc<dyn RealToComplex<f64>>,
    /// How each row but the lowest is interpolated.
    kernels: Vec<Kernel>,
    phase: Option<Phase>,
}

/// A row's interpolation: weights for the bins from `first` on.
struct Kernel {
    first: usize,
    weights: [f64; TAPS],
}

/// What is needed where not only magnitudes count.
struct Phase {
    /// For each row but the lowest, the turn from a phase counted from the middle of the frame to one from its start.
    rotations: Vec<Complex64>,
    /// Weights of a frame's samples in the imaginary part of the highest row.
    highest_imaginary: Vec<f64>,
}

impl LogStft {
    /// A plan for `rows` frequencies and frames `hop` samples apart. Without `phase`, coefficients have the right
    /// magnitude only.
    pub(super) fn new(rows: usize, hop: usize, phase: bool) -> Self {
        let n_fft = 2 * rows - 1;
        let centre = n_fft / 2;
        let fft_length = (2 * n_fft).max(2 * TAPS).next_power_of_two();
        let frequencies = frequencies(rows - 1);
        // Both halves of the spectrum are folded into one: a real signal's coefficients count twice.
        let scale = 2.0 / (n_fft as f64).sqrt();
        let hann = |n: usize| 0.5 - 0.5 * (PI * n as f64 / centre as f64).cos();
        let window =
            (0..n_fft).map(|n| hann(n) / kernel_transform((n as f64 - centre as f64) / fft_length as f64)).collect();
        let kernels = frequencies.iter().map(|f| Kernel::new(f * fft_length as f64, scale)).collect();
        let phase = phase.then(|| Phase {
            rotations: frequencies.iter().map(|f| Complex64::cis(-2.0 * PI * f * centre as f64)).collect(),
            highest_imaginary: (0..n_fft).map(|n| scale * hann(n) * half_rate_sine(n, n_fft)).collect(),
        });
        Self { rows, hop, window, fft: RealFftPlanner::new().plan_fft_forward(fft_length), kernels, phase }
    }

    /// Frames of a window of `samples`: every `hop`-th sample starts one, and one more starts at the end.
    pub(super) fn frames(samples: usize, hop: usize) -> usize {
        samples / hop + 1
    }

    /// The coefficients of every frame, `[frames, rows]`, by rising frequency.
    pub(super) fn transform(&self, samples: &[f64], coefficients: &mut [Complex64]) {
        let length = samples.len() as f64;
        let sum: f64 = samples.iter().sum();
        let mean = sum / length;
        let lowest = Complex64::from(sum / length.sqrt());

        let mut frame = self.fft.make_input_vec();
        let mut scratch = self.fft.make_scratch_vec();
        let last = MARGIN + self.fft.complex_len() - 1;
        let mut spectrum = vec![Complex64::ZERO; last + 1 + MARGIN];
        let centre = self.window.len() / 2;
        for (index, coefficients) in coefficients.chunks_exact_mut(self.rows).enumerate() {
            let known = samples.get(index * self.hop..).unwrap_or_default();
            // The middle of the frame goes to the origin, what lies before it to the end of the buffer.
            frame.fill(0.0);
            let before = frame.len() - centre;
            let (after, before) = frame.split_at_mut(before);
            let slots = before.iter_mut().chain(after);
            for ((slot, sample), weight) in slots.zip(known).zip(&self.window) {
                *slot = (sample - mean) * weight;
            }
            self.fft
                .process_with_scratch(&mut frame, &mut spectrum[MARGIN..=last], &mut scratch)
                .expect("all buffers have the plan's lengths");
            // A real signal's spectrum continues as its own mirror image.
            for i in 1..=MARGIN {
                spectrum[MARGIN - i] = spectrum[MARGIN + i].conj();
                spectrum[last + i] = spectrum[last - i].conj();
            }
            coefficients[0] = lowest;
            for (coefficient, kernel) in coefficients[1..].iter_mut().zip(&self.kernels) {
                *coefficient = kernel.interpolate(&spectrum);
            }
            if let Some(phase) = &self.phase {
                phase.restore(&mut coefficients[1..], known, mean);
            }
        }
    }
}

impl Kernel {
    /// The kernel around `position`, in bins of the FFT.
    fn new(position: f64, scale: f64) -> Self {
        let first = (position - MARGIN as f64).ceil();
        let weights = std::array::from_fn(|i| scale * kernel((first + i as f64 - position) / MARGIN as f64));
        Self { first: (first + MARGIN as f64) as usize, weights }
    }

    /// The value between the bins of a spectrum with a margin.
    fn interpolate(&self, spectrum: &[Complex64]) -> Complex64 {
        let bins = &spectrum[self.first..][..TAPS];
        bins.iter().zip(&self.weights).map(|(bin, weight)| bin * weight).sum()
    }
}

impl Phase {
    /// Turns coefficients without the lowest to a phase counted from the start of the frame, which `samples` begin.
    fn restore(&self, coefficients: &mut [Complex64], samples: &[f64], mean: f64) {
        for (coefficient, rotation) in coefficients.iter_mut().zip(&self.rotations) {
            *coefficient *= rotation;
        }
        if let Some(highest) = coefficients.last_mut() {
            highest.im = samples.iter().zip(&self.highest_imaginary).map(|(x, weight)| (x - mean) * weight).sum();
        }
    }
}

/// `count` frequencies in cycles per sample, rising by equal ratios.
fn frequencies(count: usize) -> Vec<f64> {
    let octaves = (LOWEST / HIGHEST).log2();
    let steps = count.saturating_sub(1).max(1) as f64;
    (0..count).rev().map(|i| HIGHEST * (octaves * i as f64 / steps).exp2()).collect()
}

/// Sine part of the reference's kernel at half the sampling rate, for sample `n`: zero but for rounding.
///
/// At this frequency the transform of a real signal is real, and rounding alone decides whether a negative value's phase
/// is drawn as π or -π: as white or black. So the angle is formed by the same operations as in the matrix
/// `exp(-2πi / n_fft) ^ (frequency * n_fft * n)` that existing images were made with.
fn half_rate_sine(n: usize, n_fft: usize) -> f64 {
    let step = Complex64::cis(-2.0 * PI / n_fft as f64).arg();
    (step * (HIGHEST * n_fft as f64 * n as f64)).sin()
}

/// How fast the kernel falls from its middle: what aliases least when the FFT is twice as long as the frame (Beatty,
/// Nishimura and Pauly, 2005).
fn shape() -> f64 {
    PI * ((0.75 * TAPS as f64).powi(2) - 0.8).sqrt()
}

/// The Kaiser-Bessel kernel at `z` of its half width, 1 in the middle.
fn kernel(z: f64) -> f64 {
    let inside = 1.0 - z * z;
    if inside < 0.0 { 0.0 } else { bessel_i0(shape() * inside.sqrt()) / bessel_i0(shape()) }
}

/// The kernel's Fourier transform at `cycles` per bin; positive while the samples lie within the FFT's middle half.
fn kernel_transform(cycles: f64) -> f64 {
    let argument = shape().powi(2) - (PI * TAPS as f64 * cycles).powi(2);
    let root = argument.max(0.0).sqrt();
    let shrunk = if root == 0.0 { 1.0 } else { root.sinh() / root };
    TAPS as f64 * shrunk / bessel_i0(shape())
}

/// The modified Bessel function of the first kind and order 0, by its power series.
fn bessel_i0(x: f64) -> f64 {
    let quarter = x * x / 4.0;
    let mut term = 1.0;
    let mut sum = 1.0;
    for k in 1.. {
        term *= quarter / f64::from(k * k);
        sum += term;
        if term <= sum * f64::EPSILON {
            break;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition: the folded matrix of exponentials, summed term by term. Also the sum of all terms' magnitudes.
    fn direct(samples: &[f64], n_fft: usize, start: usize, frequency: f64) -> (Complex64, f64) {
        let mean = samples.iter().sum::<f64>() / samples.len() as f64;
        let scale = 2.0 / (n_fft as f64).sqrt();
        let terms = samples[start.min(samples.len())..].iter().take(n_fft).enumerate().map(|(n, sample)| {
            let hann = (PI * n as f64 / (n_fft - 1) as f64).sin().powi(2);
            (scale * hann * (sample - mean)) * Complex64::cis(-2.0 * PI * frequency * n as f64)
        });
        (terms.clone().sum(), terms.map(|term| term.norm()).sum())
    }

    fn signal(n: usize) -> Vec<f64> {
        (0..n).map(|i| 0.3 + ((i * i) as f64).sin() + (i as f64 / 20.0).cos()).collect()
    }

    #[test]
    fn follows_the_definition() {
        for (rows, hop, n) in [(2, 3, 10), (5, 4, 30), (64, 100, 450), (100, 17, 400), (256, 172, 2048)] {
            let samples = signal(n);
            let frames = LogStft::frames(n, hop);
            let mut coefficients = vec![Complex64::ZERO; frames * rows];
            LogStft::new(rows, hop, true).transform(&samples, &mut coefficients);
            for (frame, found) in coefficients.chunks_exact(rows).enumerate() {
                let mean = samples.iter().sum::<f64>() / (n as f64).sqrt();
                assert!((found[0] - mean).norm() < 1e-12);
                for (found, frequency) in found[1..].iter().zip(frequencies(rows - 1)) {
                    let (expected, magnitude) = direct(&samples, 2 * rows - 1, frame * hop, frequency);
                    let error = (found - expected).norm() / magnitude.max(f64::MIN_POSITIVE);
                    assert!(error < 1e-11, "frame {frame}, {frequency}: {found}, not {expected}");
                }
            }
        }
    }

    #[test]
    fn magnitudes_need_no_phase() {
        let samples = signal(500);
        let frames = LogStft::frames(500, 60);
        let mut with = vec![Complex64::ZERO; frames * 64];
        let mut without = with.clone();
        LogStft::new(64, 60, true).transform(&samples, &mut with);
        LogStft::new(64, 60, false).transform(&samples, &mut without);
        assert!(with.iter().zip(&without).all(|(a, b)| (a.norm() - b.norm()).abs() < 1e-12));
        assert!(with.iter().zip(&without).any(|(a, b)| (a - b).norm() > 1e-3));
    }

    #[test]
    fn frequencies_are_log_spaced() {
        let frequencies = frequencies(255);
        assert_eq!(frequencies[254], 0.5);
        assert!((frequencies[0] - 1e-3).abs() < 1e-15);
        let ratio = frequencies[1] / frequencies[0];
        assert!(frequencies.windows(2).all(|pair| (pair[1] / pair[0] - ratio).abs() < 1e-12));
        assert_eq!(super::frequencies(1), [0.5]);
    }
}
