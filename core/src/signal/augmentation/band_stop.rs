use rand::{Rng, RngExt};

use crate::signal::{Conditioner, SignalError};

/// Room of the filter's transition on either side of the band, in Hz.
const TRANSITION_HZ: f64 = 1.0;

/// Takes a band of frequencies out of windows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BandStop {
    rate_hz: f64,
    bandwidth_hz: f64,
    lowest_hz: f64,
    highest_hz: f64,
}

impl BandStop {
    /// For windows at this rate: bands of this width, anywhere from 0 Hz to `max_hz`, or half the rate, each with 1 Hz on
    /// either side.
    ///
    /// # Errors
    /// [`SignalError::BandStop`] when there is no room for such a band.
    pub fn new(rate_hz: f64, bandwidth_hz: f64, max_hz: Option<f64>) -> Result<Self, SignalError> {
        let max_hz = max_hz.unwrap_or(rate_hz / 2.0);
        let room = TRANSITION_HZ + bandwidth_hz / 2.0;
        let (lowest_hz, highest_hz) = (room, max_hz - room);
        if !(bandwidth_hz > 0.0 && max_hz <= rate_hz / 2.0 && lowest_hz < highest_hz) {
            return Err(SignalError::BandStop { bandwidth_hz, max_hz, rate_hz });
        }
        Ok(Self { rate_hz, bandwidth_hz, lowest_hz, highest_hz })
    }

    /// Takes the same band, at a frequency that is drawn, out of all channels, `[channels, samples]` (Cheng et al. 2020,
    /// Mohsenvand et al. 2020). The filter is that of MNE's `notch_filter` with this width.
    ///
    /// # Errors
    /// [`SignalError::NonFiniteSample`].
    pub fn apply(&self, values: &mut [f32], samples: usize, random: &mut impl Rng) -> Result<(), SignalError> {
        let centre_hz = self.lowest_hz + random.random::<f64>() * (self.highest_hz - self.lowest_hz);
        self.stop(values, samples, centre_hz)
    }

    fn stop(&self, values: &mut [f32], samples: usize, centre_hz: f64) -> Result<(), SignalError> {
        let filter = Conditioner::band_stop(centre_hz, self.bandwidth_hz, self.rate_hz)?;
        for channel in values.chunks_exact_mut(samples) {
            let stretch: Vec<f64> = channel.iter().map(|&value| f64::from(value)).collect();
            let filtered = filter.apply(&stretch, 0)?;
            channel.iter_mut().zip(filtered).for_each(|(value, filtered)| *value = filtered as f32);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;
    use crate::random::{Purpose, stream};

    /// The power of a sine in the middle half of a window.
    fn power(values: &[f32]) -> f32 {
        let middle = &values[values.len() / 4..values.len() * 3 / 4];
        middle.iter().map(|value| value * value).sum::<f32>() / middle.len() as f32
    }

    fn sine(hz: f64) -> Vec<f32> {
        (0..2000).map(|sample| (2.0 * PI * hz * f64::from(sample) / 100.0).sin() as f32).collect()
    }

    #[test]
    fn the_band_is_stopped_and_what_is_beside_it_passes() {
        let stop = BandStop::new(100.0, 4.0, None).unwrap();
        for (hz, kept) in [(6.5, 0.5), (8.5, 0.0), (10.0, 0.0), (11.5, 0.0), (13.5, 0.5), (40.0, 0.5)] {
            let mut values = sine(hz);
            stop.stop(&mut values, 2000, 10.0).unwrap();
            assert!((power(&values) - kept).abs() < 0.01, "{hz} Hz: {}", power(&values));
        }
    }

    #[test]
    fn bands_lie_everywhere_and_are_the_same_in_all_channels() {
        let stop = BandStop::new(100.0, 10.0, Some(40.0)).unwrap();
        let (mut stopped, mut passed) = (0, 0);
        for index in 0..40 {
            let mut values: Vec<f32> = [sine(20.0), sine(20.0)].concat();
            stop.apply(&mut values, 2000, &mut stream(0, Purpose::Augmentation, index)).unwrap();
            assert_eq!(values[..2000], values[2000..]);
            stopped += usize::from(power(&values[..2000]) < 0.1);
            passed += usize::from(power(&values[..2000]) > 0.4);
        }
        assert!(stopped > 5 && passed > 15, "{stopped} {passed}");
    }

    #[test]
    fn bands_without_room_are_refused() {
        for (width, max) in [(10.0, Some(60.0)), (48.0, None), (8.0, Some(10.0)), (0.0, None), (f64::NAN, None)] {
            assert!(matches!(BandStop::new(100.0, width, max), Err(SignalError::BandStop { .. })), "{width} {max:?}");
        }
    }
}
