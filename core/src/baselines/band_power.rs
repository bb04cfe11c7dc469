//! Log power in the classic bands of EEG, by Welch's method.

use std::{f64::consts::PI, ops::Range, sync::Arc};

use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex64};

/// Delta, theta, alpha, beta and low gamma, each from its first frequency up to but without its last, in Hz.
pub const BANDS_HZ: [[f64; 2]; 5] = [[1.0, 4.0], [4.0, 8.0], [8.0, 13.0], [13.0, 30.0], [30.0, 45.0]];

/// Length of the segments whose spectra are averaged; neighbours share half of it.
const SEGMENT_S: f64 = 2.0;

/// Computes the log band powers of windows of one length and rate.
pub struct BandPower {
    /// Periodic, as long as a segment.
    hann: Vec<f64>,
    /// Bins of each band; none of one that is left out.
    bands: [Option<Range<usize>>; BANDS_HZ.len()],
    /// From a squared magnitude to a density in units² / Hz, both halves of the spectrum counted.
    scale: f64,
    fft: Arc<dyn RealToComplex<f64>>,
}

impl BandPower {
    /// For windows of `samples` at `rate_hz`. Bands that reach above half the rate, and those between two bins of windows
    /// that are so short, are left out; `None` where that leaves none.
    #[must_use]
    pub fn new(samples: usize, rate_hz: f64) -> Option<Self> {
        // A cast keeps within the type's range.
        let length = ((SEGMENT_S * rate_hz).round() as usize).min(samples);
        if length < 2 || !rate_hz.is_finite() {
            return None;
        }
        let bin = |frequency: f64| (frequency * length as f64 / rate_hz - 1e-9).ceil() as usize;
        let bands = BANDS_HZ.map(|[low, high]| {
            let bins = bin(low)..bin(high);
            (high <= rate_hz / 2.0 && !bins.is_empty()).then_some(bins)
        });
        if bands.iter().all(Option::is_none) {
            return None;
        }
        let hann: Vec<f64> = (0..length).map(|i| 0.5 - 0.5 * (2.0 * PI * i as f64 / length as f64).cos()).collect();
        let energy: f64 = hann.iter().map(|weight| weight * weight).sum();
        let fft = RealFftPlanner::new().plan_fft_forward(length);
        Some(Self { hann, bands, scale: 2.0 / (rate_hz * energy), fft })
    }

    /// The bands that are left out.
    #[must_use]
    pub fn left_out(&self) -> Vec<[f64; 2]> {
        BANDS_HZ.into_iter().zip(&self.bands).filter_map(|(band, bins)| bins.is_none().then_some(band)).collect()
    }

    /// The bins of each band, which lie a segment's share of the rate apart; none of one that is left out.
    #[must_use]
    pub fn bands(&self) -> &[Option<Range<usize>>] {
        &self.bands
    }

    /// The weights of a segment's samples.
    #[must_use]
    pub fn window(&self) -> &[f64] {
        &self.hann
    }

    /// Samples from one segment to the next.
    #[must_use]
    pub fn hop(&self) -> usize {
        (self.hann.len() - self.hann.len() / 2).max(1)
    }

    /// From a bin's squared magnitude to its density, in units² / Hz.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// Features of a window: natural logarithms of the mean density in each band, `[channels, bands]`. NaN for a band that
    /// is left out, where there is no power, as in a channel without any change, and where the window holds what is no number.
    ///
    /// The densities are those of SciPy's `welch`: segments of 2 s, or of the window if that is shorter, half of which they
    /// share, each without its mean, under a periodic Hann window.
    #[must_use]
    pub fn features(&self, channels: usize, window: &[f32]) -> Vec<f64> {
        let samples = window.len() / channels.max(1);
        window.chunks_exact(samples.max(1)).flat_map(|channel| self.of_channel(channel)).collect()
    }

    fn of_channel(&self, samples: &[f32]) -> Vec<f64> {
        let length = self.hann.len();
        let mut segment = self.fft.make_input_vec();
        let mut bins = self.fft.make_output_vec();
        let mut scratch = self.fft.make_scratch_vec();
        let mut power = vec![0.0; bins.len()];
        let mut segments = 0;
        for start in (0..=samples.len().saturating_sub(length)).step_by(self.hop()) {
            let Some(values) = samples.get(start..start + length) else { break };
            // What is alike everywhere may differ from its mean by rounding, whose logarithm is no feature.
            if values.iter().any(|value| value != &values[0]) {
                let mean = values.iter().map(|&value| f64::from(value)).sum::<f64>() / length as f64;
                let weighted = values.iter().zip(&self.hann);
                let weighted = weighted.map(|(&value, weight)| (f64::from(value) - mean) * weight);
                segment.iter_mut().zip(weighted).for_each(|(slot, value)| *slot = value);
                let transformed = self.fft.process_with_scratch(&mut segment, &mut bins, &mut scratch);
                transformed.expect("all buffers have the plan's lengths");
                power.iter_mut().zip(&bins).for_each(|(power, bin): (&mut f64, &Complex64)| *power += bin.norm_sqr());
            }
            segments += 1;
        }
        let log_mean = |band: &Option<Range<usize>>| {
            let Some(band) = band else { return f64::NAN };
            let density = power[band.clone()].iter().sum::<f64>() / (band.len() * segments.max(1)) as f64 * self.scale;
            let log = density.ln();
            if log.is_finite() { log } else { f64::NAN }
        };
        self.bands.iter().map(log_mean).collect()
    }
}
