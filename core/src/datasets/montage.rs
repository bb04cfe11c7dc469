//! Which channels a recording's samples have: 20, in the order of the 10-20 positions below. The last five differ from
//! dataset to dataset.

use super::channel_labels::{ChannelError, Electrode, Picks, find_channels};
use crate::recording::RecordingInfo;

/// Channels of a montage.
pub const MONTAGE_CHANNELS: usize = 20;

/// The 20 channels of a dataset, in the order in which every sample has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Montage {
    electrodes: [Electrode; MONTAGE_CHANNELS],
    /// Whether the last of them is in the files.
    has_reference: bool,
}

/// The positions that every montage begins with.
const FIRST: [&str; 15] = ["Fp1", "Fp2", "F3", "F4", "Fz", "F7", "F8", "C3", "C4", "Cz", "P3", "P4", "Pz", "O1", "O2"];

impl Montage {
    /// Where Pz is among the channels.
    pub(super) const PZ: usize = 12;
    /// Where the reference is.
    pub(super) const LAST: usize = MONTAGE_CHANNELS - 1;

    /// The montage that ends in these channels.
    pub(super) const fn ending_in(last: [&'static str; MONTAGE_CHANNELS - FIRST.len()]) -> Self {
        let mut electrodes = [Electrode { label: "", substitutes: &[] }; MONTAGE_CHANNELS];
        let mut position = 0;
        while position < MONTAGE_CHANNELS {
            electrodes[position].label =
                if position < FIRST.len() { FIRST[position] } else { last[position - FIRST.len()] };
            position += 1;
        }
        Self { electrodes, has_reference: true }
    }

    /// The same where, in a file that lacks a channel, the first of these that is there is taken for it.
    pub(super) const fn with_substitutes(mut self, position: usize, substitutes: &'static [&'static str]) -> Self {
        self.electrodes[position].substitutes = substitutes;
        self
    }

    /// The same for recordings without a channel of a reference. The 20th row of their samples is zeros, which is what
    /// a reference measured against itself is.
    pub(super) const fn without_reference(mut self) -> Self {
        self.has_reference = false;
        self
    }

    /// The 20 channels in order.
    #[must_use]
    pub const fn electrodes(&self) -> &[Electrode; MONTAGE_CHANNELS] {
        &self.electrodes
    }

    /// Finds the 20 channels among a file's `labels`, by what they say and nothing else.
    ///
    /// # Errors
    /// [`ChannelError`] names all positions that are missing, or the channels that cannot be told apart.
    pub fn pick(&self, labels: &[&str]) -> Result<Picks, ChannelError> {
        let wanted = if self.has_reference { MONTAGE_CHANNELS } else { MONTAGE_CHANNELS - 1 };
        find_channels(labels, &self.electrodes[..wanted])
    }

    /// Whether a recording has the channels.
    #[must_use]
    pub fn is_in(&self, recording: &RecordingInfo) -> bool {
        self.pick(&recording.labels()).is_ok()
    }
}
