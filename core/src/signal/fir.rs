//! Zero-phase filters of finite length, as MNE-Python 1.13 designs them by default: each transition from pass to stop is
//! a sinc under a Hamming window (SciPy's `firwin`), only as long as its own width needs, and the filter is their sum.
//! Widths of transitions follow MNE, too (`mne.filter.create_filter`).
//!
//! Own code: a sinc and a window are ten lines, and no crate has MNE's sum of them.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

use super::SignalError;

/// Length of a Hamming-windowed sinc, in samples, times the width of its transition as a fraction of the rate.
const LENGTH_FACTOR: f64 = 3.3;
/// Width of both transitions of a notch together, in Hz.
const NOTCH_TRANSITION_HZ: f64 = 1.0;
/// A notch's frequency divided by the width of what it stops.
const NOTCH_QUALITY: f64 = 200.0;
/// Narrowest transition of a band-pass, in Hz, unless there is no room for it.
const NARROWEST_TRANSITION_HZ: f64 = 2.0;
/// Transition of a band-pass as a fraction of its edge.
const RELATIVE_TRANSITION: f64 = 0.25;

/// The frequencies that a band-pass lets through.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Band {
    /// Lower edge in Hz; 0 to pass everything below the upper one.
    pub low_hz: f64,
    /// Upper edge in Hz, below half the sampling rate.
    pub high_hz: f64,
}

/// A symmetric filter of odd length: applied around each sample, it delays nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Fir {
    coefficients: Vec<f64>,
}

/// A corner of a filter's response, which is straight between two of them.
#[derive(Debug, Clone, Copy)]
struct Corner {
    hz: f64,
    passes: bool,
}

impl Fir {
    /// Passes a band. A transition is as wide as a quarter of its edge, at least 2 Hz, at most what is left of 0 Hz and
    /// half the rate.
    ///
    /// # Errors
    /// [`SignalError::Band`] unless 0 ≤ low < high < `rate_hz` / 2.
    pub fn band_pass(band: Band, rate_hz: f64) -> Result<Self, SignalError> {
        let Band { low_hz, high_hz } = band;
        let nyquist = rate_hz / 2.0;
        if !(low_hz >= 0.0 && low_hz < high_hz && high_hz < nyquist) {
            return Err(SignalError::Band { low_hz, high_hz, rate_hz });
        }
        let width = |edge: f64, room: f64| (RELATIVE_TRANSITION * edge).max(NARROWEST_TRANSITION_HZ).min(room);
        let mut corners = Vec::new();
        if low_hz > 0.0 {
            corners.push(Corner { hz: low_hz - width(low_hz, low_hz), passes: false });
            corners.push(Corner { hz: low_hz, passes: true });
        }
        corners.push(Corner { hz: high_hz, passes: true });
        corners.push(Corner { hz: high_hz + width(high_hz, nyquist - high_hz), passes: false });
        Ok(Self::new(corners, rate_hz))
    }

    /// Stops narrow bands, of 1/200 of each frequency, and passes what is half a hertz beside them.
    ///
    /// # Errors
    /// [`SignalError::Notch`] for a frequency that is not between 0 and half the rate with its transitions, or so close to
    /// another that nothing would pass between them.
    pub fn notch(frequencies_hz: &[f64], rate_hz: f64) -> Result<Self, SignalError> {
        let mut sorted = frequencies_hz.to_vec();
        sorted.sort_by(f64::total_cmp);
        Self::stopping(sorted.into_iter().map(|hz| (hz, hz / NOTCH_QUALITY)), rate_hz)
    }

    /// Stops a band of this width, and passes what is half a hertz beside it.
    ///
    /// # Errors
    /// [`SignalError::Notch`] for a band that is not between 0 and half the rate with its transitions.
    pub fn band_stop(centre_hz: f64, width_hz: f64, rate_hz: f64) -> Result<Self, SignalError> {
        Self::stopping([(centre_hz, width_hz)].into_iter(), rate_hz)
    }

    /// Stops bands, each a frequency and a width, in rising order.
    fn stopping(bands: impl Iterator<Item = (f64, f64)>, rate_hz: f64) -> Result<Self, SignalError> {
        let mut corners = Vec::new();
        let mut passed = 0.0;
        for (hz, width) in bands {
            let stop = width / 2.0;
            let pass = stop + NOTCH_TRANSITION_HZ / 2.0;
            if !(hz - pass > passed && hz + pass < rate_hz / 2.0) {
                return Err(SignalError::Notch { hz, rate_hz });
            }
            passed = hz + pass;
            corners.extend([
                Corner { hz: hz - pass, passes: true },
                Corner { hz: hz - stop, passes: false },
                Corner { hz: hz + stop, passes: false },
                Corner { hz: hz + pass, passes: true },
            ]);
        }
        Ok(Self::new(corners, rate_hz))
    }

    /// Corners in rising order; below the first and above the last the response goes on as it is there.
    fn new(corners: Vec<Corner>, rate_hz: f64) -> Self {
        let changes: Vec<_> = corners.windows(2).filter(|pair| pair[0].passes != pair[1].passes).collect();
        let taps = |pair: &[Corner]| {
            let taps = (LENGTH_FACTOR * rate_hz / (pair[1].hz - pair[0].hz)).round() as usize;
            taps + 1 - taps % 2
        };
        let length = changes.iter().map(|pair| taps(pair)).max().unwrap_or(1);
        let mut coefficients = vec![0.0; length];
        if corners.last().is_none_or(|last| last.passes) {
            coefficients[length / 2] = 1.0;
        }
        for pair in changes {
            let sign = if pair[0].passes { 1.0 } else { -1.0 };
            let low_pass = low_pass(taps(pair), (pair[0].hz + pair[1].hz) / rate_hz);
            let place = (length - low_pass.len()) / 2;
            for (sum, tap) in coefficients[place..].iter_mut().zip(low_pass) {
                *sum += sign * tap;
            }
        }
        Self { coefficients }
    }

    /// The filter's coefficients, an odd number.
    #[must_use]
    pub fn coefficients(&self) -> &[f64] {
        &self.coefficients
    }
}

/// A windowed sinc that passes 0 Hz as it is; the cutoff is a fraction of half the rate.
fn low_pass(taps: usize, cutoff: f64) -> Vec<f64> {
    let centre = (taps - 1) as f64 / 2.0;
    let tap = |index: usize| {
        let window = 0.54 - 0.46 * (PI * index as f64 / centre).cos();
        let angle = PI * cutoff * (index as f64 - centre);
        window * if angle == 0.0 { 1.0 } else { angle.sin() / angle }
    };
    let mut sinc: Vec<_> = (0..taps).map(tap).collect();
    let gain: f64 = sinc.iter().sum();
    sinc.iter_mut().for_each(|tap| *tap /= gain);
    sinc
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What remains of a sine wave.
    fn gain(fir: &Fir, hz: f64, rate_hz: f64) -> f64 {
        let centre = fir.coefficients.len() as f64 / 2.0 - 0.5;
        let term = |(index, tap): (usize, &f64)| tap * (2.0 * PI * hz / rate_hz * (index as f64 - centre)).cos();
        fir.coefficients.iter().enumerate().map(term).sum()
    }

    #[test]
    fn a_notch_stops_its_frequencies_only() {
        let notch = Fir::notch(&[50.0, 60.0], 500.0).unwrap();
        assert_eq!(notch.coefficients.len(), 3301);
        for (hz, expected) in
            [(0.0, 1.0), (10.0, 1.0), (49.2, 1.0), (50.0, 0.0), (55.0, 1.0), (60.0, 0.0), (250.0, 1.0)]
        {
            assert!((gain(&notch, hz, 500.0) - expected).abs() < 0.02, "{hz} Hz");
        }
    }

    #[test]
    fn a_band_without_a_lower_edge_is_a_low_pass() {
        let band = Fir::band_pass(Band { low_hz: 0.0, high_hz: 40.0 }, 250.0).unwrap();
        assert_eq!(band.coefficients.len(), 83);
        for (hz, expected) in [(0.0, 1.0), (39.0, 1.0), (45.0, 0.5), (51.0, 0.0), (120.0, 0.0)] {
            assert!((gain(&band, hz, 250.0) - expected).abs() < 0.02, "{hz} Hz");
        }
    }

    #[test]
    fn frequencies_that_cannot_be_are_refused() {
        for (low_hz, high_hz) in [(-1.0, 40.0), (40.0, 40.0), (1.0, 125.0), (f64::NAN, 40.0)] {
            let refused = Fir::band_pass(Band { low_hz, high_hz }, 250.0);
            assert!(matches!(refused, Err(SignalError::Band { .. })), "{low_hz} to {high_hz}");
        }
        for frequencies in [&[0.3][..], &[125.0], &[50.0, 50.5], &[f64::NAN]] {
            let refused = Fir::notch(frequencies, 250.0);
            assert!(matches!(refused, Err(SignalError::Notch { .. })), "{frequencies:?}");
        }
        assert_eq!(Fir::notch(&[], 250.0).unwrap().coefficients, [1.0]);
    }
}
