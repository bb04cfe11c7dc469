//! The short-time Fourier transform with linear frequencies, as librosa computes it with a zero-padded, centred signal:
//! one channel's samples in, `n_fft / 2 + 1` complex bins a frame out.

use std::{f64::consts::PI, sync::Arc};

use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex64};

/// Plan for frames of `n_fft = 2 * rows - 1` samples, of which the middle `rows` lie under a periodic Hann window.
pub(super) struct Stft {
    /// The window without the zeros around it.
    window: Vec<f64>,
    /// Zeros before the window in a frame.
    lead: usize,
    hop: usize,
    fft: Arc<dyn RealToComplex<f64>>,
}

impl Stft {
    /// A plan for `rows` bins and frames `hop` samples apart.
    pub(super) fn new(rows: usize, hop: usize) -> Self {
        let n_fft = 2 * rows - 1;
        let window = (0..rows).map(|i| 0.5 - 0.5 * (2.0 * PI * i as f64 / rows as f64).cos()).collect();
        Self { window, lead: (n_fft - rows) / 2, hop, fft: RealFftPlanner::new().plan_fft_forward(n_fft) }
    }

    /// Frames of a window of `samples`: one centred on every `hop`-th sample.
    pub(super) fn frames(samples: usize, hop: usize) -> usize {
        samples.saturating_sub(1) / hop + 1
    }

    /// The bins of every frame, `[frames, rows]`.
    pub(super) fn transform(&self, samples: &[f64], rows: &mut [Complex64]) {
        let mut frame = self.fft.make_input_vec();
        let mut scratch = self.fft.make_scratch_vec();
        let centre = frame.len() / 2;
        for (index, bins) in rows.chunks_exact_mut(self.window.len()).enumerate() {
            frame.fill(0.0);
            // The signal is preceded by half a frame of zeros; the part of the window that lies there sees nothing.
            let start = index * self.hop + self.lead;
            let unseen = centre.saturating_sub(start);
            let known = samples.get(start + unseen - centre..).unwrap_or_default();
            let slots = frame[self.lead..].iter_mut().zip(&self.window).skip(unseen);
            for ((slot, weight), sample) in slots.zip(known) {
                *slot = sample * weight;
            }
            self.fft.process_with_scratch(&mut frame, bins, &mut scratch).expect("all buffers have the plan's lengths");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, summed term by term.
    fn direct(samples: &[f64], rows: usize, hop: usize, frame: usize, bin: usize) -> Complex64 {
        let n_fft = 2 * rows - 1;
        let lead = (n_fft - rows) / 2;
        (0..rows)
            .filter_map(|i| {
                let at = (frame * hop + lead + i).checked_sub(n_fft / 2)?;
                let hann = (PI * i as f64 / rows as f64).sin().powi(2);
                let angle = -2.0 * PI * (bin * (lead + i)) as f64 / n_fft as f64;
                Some(Complex64::from_polar(samples.get(at)? * hann, angle))
            })
            .sum()
    }

    #[test]
    fn follows_the_definition() {
        for (rows, hop, n) in [(16, 12, 100), (9, 4, 30), (32, 68, 150), (16, 8, 5)] {
            let samples: Vec<_> = (0..n).map(|i| ((i * i) as f64).sin()).collect();
            let frames = Stft::frames(n, hop);
            let mut bins = vec![Complex64::ZERO; frames * rows];
            Stft::new(rows, hop).transform(&samples, &mut bins);
            for frame in 0..frames {
                for bin in 0..rows {
                    let (found, expected) = (bins[frame * rows + bin], direct(&samples, rows, hop, frame, bin));
                    assert!((found - expected).norm() < 1e-12, "frame {frame}, bin {bin}: {found}, not {expected}");
                }
            }
        }
    }
}
