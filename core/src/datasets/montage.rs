//! Which channels a recording's samples have: 20, in the order of the 10-20 positions below. Position 20 is a reference
//! that differs from dataset to dataset.

use super::channel_labels::{ChannelError, Electrode, Picks, REFERENCE, find_channels};
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
const PZ: usize = 12;

impl Montage {
    /// Mental arithmetic recordings of PhysioNet (`eegmat`).
    pub const MATH: Self = Self::ending_in(["T3", "T4", "T5", "T6", "A2-A1"]);

    /// Parkinson's recordings of OpenNeuro (ds004584). Those were measured against Pz, so that they have no channel
    /// there: CPz, its neighbour, is taken for it.
    pub const PARKINSONS: Self = {
        let mut montage = Self::ending_in(["T7", "T8", "TP7", "TP8", "TP10"]);
        montage.electrodes[PZ].substitutes = &["CPz"];
        montage
    };

    /// SEED-V recordings.
    pub const SEED: Self = Self::ending_in(["T7", "T8", "TP7", "TP8", "P8"]);

    /// Longitudinal resting-state recordings of OpenNeuro (ds005385).
    pub const LONGITUDINAL: Self = Self::ending_in(["T7", "T8", "TP7", "TP8", "TP10"]);

    /// Any recording with the positions of the 10-20 system. The reference is the first there is of A2-A1, A1, A2, M1,
    /// M2, TP9 and TP10.
    pub const TEN_TWENTY: Self = {
        let mut montage = Self::ending_in(["T3", "T4", "T5", "T6", REFERENCE]);
        montage.electrodes[MONTAGE_CHANNELS - 1].substitutes = &["A2-A1", "A1", "A2", "M1", "M2", "TP9", "TP10"];
        montage
    };

    /// The same for recordings without a channel of a reference. The 20th row of their samples is zeros, which is what
    /// a reference measured against itself is.
    pub const TEN_TWENTY_WITHOUT_REFERENCE: Self =
        Self { has_reference: false, ..Self::ending_in(["T3", "T4", "T5", "T6", "none"]) };

    const fn ending_in(last: [&'static str; MONTAGE_CHANNELS - FIRST.len()]) -> Self {
        let mut electrodes = [Electrode { label: "", substitutes: &[] }; MONTAGE_CHANNELS];
        let mut position = 0;
        while position < MONTAGE_CHANNELS {
            electrodes[position].label =
                if position < FIRST.len() { FIRST[position] } else { last[position - FIRST.len()] };
            position += 1;
        }
        Self { electrodes, has_reference: true }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_montage_finds_its_own_labels_in_any_order() {
        for montage in [Montage::MATH, Montage::PARKINSONS, Montage::SEED, Montage::LONGITUDINAL] {
            let labels = montage.electrodes().map(|electrode| format!("EEG {} ", electrode.label.to_lowercase()));
            let labels: Vec<&str> = labels.iter().rev().map(String::as_str).collect();
            assert_eq!(montage.pick(&labels).unwrap(), Picks { indices: (0..20).rev().collect(), warnings: vec![] });
        }
    }

    #[test]
    fn the_neighbour_of_a_reference_without_a_channel_is_told() {
        let labels = Montage::PARKINSONS.electrodes().map(|electrode| electrode.label);
        let labels = labels.map(|label| if label == "Pz" { "CPz" } else { label });
        let picks = Montage::PARKINSONS.pick(&labels).unwrap();
        assert_eq!(picks.indices, (0..20).collect::<Vec<_>>());
        assert_eq!(picks.warnings, ["There is no channel Pz, so CPz is taken for it."]);
        assert!(Montage::LONGITUDINAL.pick(&labels).is_err());
    }

    #[test]
    fn the_reference_is_the_first_there_is() {
        let nineteen = Montage::TEN_TWENTY.electrodes().map(|electrode| electrode.label);
        let mut labels = nineteen[..19].to_vec();
        assert_eq!(Montage::TEN_TWENTY_WITHOUT_REFERENCE.pick(&labels).unwrap().indices, (0..19).collect::<Vec<_>>());
        assert!(Montage::TEN_TWENTY.pick(&labels).is_err());
        for (label, index) in [("M2", 19), ("A2", 20), ("EEG A2-A1", 21)] {
            labels.push(label);
            let picks = Montage::TEN_TWENTY.pick(&labels).unwrap();
            assert_eq!((picks.indices[19], picks.warnings.len()), (index, 0));
        }
    }
}
