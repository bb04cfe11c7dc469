//! Where windows of equal length start in a recording. Samples after the last whole window are left out.

use super::SignalError;

/// Length and overlap of windows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Windowing {
    /// Samples of a window.
    pub length: usize,
    /// Fraction of a window that the next one shares, at least 0 and below 1.
    pub overlap: f64,
}

impl Windowing {
    /// Windows of `length` samples that share the fraction `overlap` with the next.
    ///
    /// # Errors
    /// [`SignalError::EmptyWindow`] for a length of 0, [`SignalError::Overlap`] for an overlap outside 0..1.
    pub fn new(length: usize, overlap: f64) -> Result<Self, SignalError> {
        if length == 0 {
            return Err(SignalError::EmptyWindow);
        }
        if !(0.0..1.0).contains(&overlap) {
            return Err(SignalError::Overlap { overlap });
        }
        Ok(Self { length, overlap })
    }

    /// Samples from the start of a window to the start of the next: `length - floor(length * overlap)`, at least 1.
    pub fn shift(&self) -> usize {
        let shared = (self.length as f64 * self.overlap).floor() as usize;
        self.length.saturating_sub(shared).max(1)
    }

    /// The first sample of every whole window in a recording of `n_samples`.
    pub fn starts(&self, n_samples: usize) -> impl Iterator<Item = usize> + use<> {
        let end = n_samples.saturating_add(1).saturating_sub(self.length);
        (0..end).step_by(self.shift())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn half_overlap() {
        let windowing = Windowing::new(2048, 0.5).unwrap();
        assert_eq!(windowing.shift(), 1024);
        assert_eq!(windowing.starts(4096).collect::<Vec<_>>(), [0, 1024, 2048]);
        assert_eq!(windowing.starts(4095).collect::<Vec<_>>(), [0, 1024]);
        assert_eq!(windowing.starts(2048).collect::<Vec<_>>(), [0]);
        assert_eq!(windowing.starts(2047).count(), 0);
    }

    #[test]
    fn the_shared_part_is_rounded_down() {
        assert_eq!(Windowing::new(5, 0.5).unwrap().shift(), 3);
        assert_eq!(Windowing::new(10, 0.99).unwrap().shift(), 1);
    }

    #[test]
    fn what_is_no_overlap_is_refused() {
        for overlap in [-0.1, 1.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(Windowing::new(8, overlap), Err(SignalError::Overlap { .. })), "{overlap}");
        }
        assert_eq!(Windowing::new(0, 0.5), Err(SignalError::EmptyWindow));
    }

    proptest! {
        #[test]
        fn windows_lie_within_the_recording(length in 1_usize..300, overlap in 0.0..1.0, samples in 0_usize..3000) {
            let windowing = Windowing::new(length, overlap).unwrap();
            let starts: Vec<_> = windowing.starts(samples).collect();
            prop_assert!(starts.iter().all(|start| start + length <= samples));
            prop_assert!(starts.windows(2).all(|pair| pair[1] - pair[0] == windowing.shift()));
            let next = starts.last().map_or(0, |last| last + windowing.shift());
            prop_assert!(next + length > samples, "the last whole window is missing");
        }
    }
}
