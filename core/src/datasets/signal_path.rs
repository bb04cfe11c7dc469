//! How recordings become windows in a run file that is made to fit them.

/// How recordings become windows in a first run: as a published benchmark has it (NeuralBench, arXiv 2605.08495), as far as
/// the rate of the slowest recording allows.
pub(super) struct SignalPath {
    notch_hz: Vec<u32>,
    high_hz: u32,
    rate_hz: f64,
}

impl SignalPath {
    /// Length of a window.
    pub(super) const WINDOW_S: f64 = 5.0;
    const LOW_HZ: f64 = 0.1;

    /// That of recordings of which the slowest has this rate.
    pub(super) fn of(slowest_hz: f64) -> Self {
        // Filters need some room below half the rate.
        let highest_hz = (0.45 * slowest_hz) as u32;
        Self {
            // Mains have one or the other; the other does no harm.
            notch_hz: [50, 60].into_iter().filter(|mains| *mains <= highest_hz).collect(),
            high_hz: highest_hz.min(75),
            rate_hz: slowest_hz.min(120.0),
        }
    }

    /// Samples of a window.
    pub(super) fn window_samples(&self) -> usize {
        (Self::WINDOW_S * self.rate_hz).round() as usize
    }

    /// The table of a run file.
    pub(super) fn text(&self) -> String {
        let notch = match self.notch_hz.as_slice() {
            [] => String::new(),
            mains => format!("notch_hz = {mains:?}\n"),
        };
        format!(
            "\n# Made of the recordings when it is trained.\n[preprocessing]\n{notch}band_hz = [{}, {}]\nrate_hz = {}\n\
             window_s = {:.1}\noverlap = 0.0\nscaling = \"robust\"\n",
            Self::LOW_HZ,
            self.high_hz,
            self.rate_hz,
            Self::WINDOW_S
        )
    }
}
