//! How the run under way stands.

/// How the run stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Phase {
    /// There has been none yet.
    #[default]
    Idle,
    /// Its data and its device are being prepared.
    Preparing,
    /// It trains or evaluates.
    Training,
    /// It will pause after the batch under way.
    Pausing,
    /// It waits.
    Paused,
    /// It will end after the batch under way.
    Stopping,
    /// It came to its end.
    Complete,
    /// The user ended it.
    Stopped,
    /// An error ended it.
    Failed,
}

impl Phase {
    /// Its name in the page's attributes.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Preparing => "preparing",
            Self::Training => "training",
            Self::Pausing => "pausing",
            Self::Paused => "paused",
            Self::Stopping => "stopping",
            Self::Complete => "complete",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        }
    }

    /// Whether a run is under way.
    #[must_use]
    pub fn is_busy(self) -> bool {
        matches!(self, Self::Preparing | Self::Training | Self::Pausing | Self::Paused | Self::Stopping)
    }
}
