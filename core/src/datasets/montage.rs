//! A recording's channel labels flow in, the indices of the 20 channels that every dataset shares flow out, in the order
//! of the 10-20 positions below. Position 20 is a reference that differs from dataset to dataset.
//!
//! The montages of published datasets know where their files have each channel, for files whose labels say something
//! else. [`Montage::TEN_TWENTY`] is for anyone's files, where only a label says what a channel is.

use std::{collections::BTreeMap, fmt};

use crate::recording::RecordingInfo;

/// Channels of a montage.
pub const MONTAGE_CHANNELS: usize = 20;

/// One channel of a montage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Electrode {
    /// Its label in the dataset's files, without `EEG`.
    pub label: &'static str,
    /// Its index among the channels of the dataset's files, for files whose labels say something else; `None` where
    /// there is no usual one.
    pub index: Option<usize>,
}

/// Where a dataset's files have the 20 channels, in the order in which every sample has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Montage {
    electrodes: [Electrode; MONTAGE_CHANNELS],
    /// Whether the last of them is in the files.
    has_reference: bool,
}

/// A channel's labels in the files of anyone, the usual one first: positions of the 10-20 system, with the names that
/// four of them got in the 10-10 system, then what stands for a reference. All in capitals.
const TEN_TWENTY_LABELS: [&[&str]; MONTAGE_CHANNELS] = [
    &["FP1"],
    &["FP2"],
    &["F3"],
    &["F4"],
    &["FZ"],
    &["F7"],
    &["F8"],
    &["C3"],
    &["C4"],
    &["CZ"],
    &["P3"],
    &["P4"],
    &["PZ"],
    &["O1"],
    &["O2"],
    &["T3", "T7"],
    &["T4", "T8"],
    &["T5", "P7"],
    &["T6", "P8"],
    &["A2-A1", "A1", "A2", "M1", "M2", "TP9", "TP10"],
];

/// What recorders append to a label to say which reference the channel was measured against.
const REFERENCE_SUFFIXES: [&str; 5] = ["-REF", "-LE", "-AVG", "-AVE", "-AV"];

/// The channels of one file that a montage picks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picks {
    /// Indices into the file's channels, in the montage's order: 20, or 19 of a montage whose files have no reference.
    pub indices: Vec<usize>,
    /// One sentence for each channel that was picked by its index because no label fits.
    pub warnings: Vec<String>,
}

/// A channel of the montage that a file does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no channel {label}, and {reason}; the file has: {}", .found.join(", "))]
pub struct MissingChannel {
    /// The channel's label.
    pub label: &'static str,
    /// Why the channel at its usual index does not stand in for it.
    pub reason: MissingReason,
    /// The labels the file has.
    pub found: Vec<String>,
}

/// Why a channel's usual index is of no use either.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MissingReason {
    /// The file has fewer channels.
    BeyondEnd {
        /// The channel's usual index, from 0.
        index: usize,
    },
    /// By its label the channel there is another one of the montage.
    Taken {
        /// The channel's usual index, from 0.
        index: usize,
        /// The label there.
        by: String,
    },
    /// There is no usual index: only labels tell channels apart.
    NoIndex {
        /// Labels that would have done as well.
        synonyms: &'static [&'static str],
    },
}

impl fmt::Display for MissingReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BeyondEnd { index } => write!(formatter, "no channel number {} that could be it", index + 1),
            Self::Taken { index, by } => write!(formatter, "channel number {}, its usual place, is {by}", index + 1),
            Self::NoIndex { synonyms: [] } => {
                formatter.write_str("channels are found by the labels of the 10-20 system")
            }
            Self::NoIndex { synonyms } => write!(formatter, "none called {} either", synonyms.join(" or ")),
        }
    }
}

impl Montage {
    /// Mental arithmetic recordings of PhysioNet (`eegmat`).
    pub const MATH: Self = Self::new([
        ("Fp1", 0),
        ("Fp2", 1),
        ("F3", 2),
        ("F4", 3),
        ("Fz", 16),
        ("F7", 4),
        ("F8", 5),
        ("C3", 8),
        ("C4", 9),
        ("Cz", 17),
        ("P3", 12),
        ("P4", 13),
        ("Pz", 18),
        ("O1", 14),
        ("O2", 15),
        ("T3", 6),
        ("T4", 7),
        ("T5", 10),
        ("T6", 11),
        ("A2-A1", 19),
    ]);

    /// Parkinson's recordings of OpenNeuro (ds004584).
    pub const PARKINSONS: Self = Self::new([
        ("Fp1", 0),
        ("Fp2", 30),
        ("F3", 2),
        ("F4", 28),
        ("Fz", 1),
        ("F7", 3),
        ("F8", 29),
        ("C3", 7),
        ("C4", 23),
        ("Cz", 22),
        ("P3", 12),
        ("P4", 17),
        ("Pz", 51),
        ("O1", 14),
        ("O2", 16),
        ("T7", 8),
        ("T8", 24),
        ("TP7", 40),
        ("TP8", 53),
        ("TP10", 19),
    ]);

    /// SEED-V recordings.
    pub const SEED: Self = Self::new([
        ("FP1", 0),
        ("FP2", 2),
        ("F3", 7),
        ("F4", 11),
        ("FZ", 9),
        ("F7", 5),
        ("F8", 13),
        ("C3", 25),
        ("C4", 29),
        ("CZ", 27),
        ("P3", 45),
        ("P4", 49),
        ("PZ", 47),
        ("O1", 60),
        ("O2", 62),
        ("T7", 23),
        ("T8", 31),
        ("TP7", 33),
        ("TP8", 41),
        ("P8", 51),
    ]);

    /// Longitudinal resting-state recordings of OpenNeuro (ds005385).
    pub const LONGITUDINAL: Self = Self::new([
        ("Fp1", 0),
        ("Fp2", 1),
        ("F3", 3),
        ("F4", 5),
        ("Fz", 4),
        ("F7", 2),
        ("F8", 6),
        ("C3", 12),
        ("C4", 14),
        ("Cz", 13),
        ("P3", 23),
        ("P4", 25),
        ("Pz", 24),
        ("O1", 28),
        ("O2", 30),
        ("T7", 11),
        ("T8", 15),
        ("TP7", 50),
        ("TP8", 54),
        ("TP10", 21),
    ]);

    /// Any recording with the positions of the 10-20 system: by label only, with T7, T8, P7 and P8 for T3, T4, T5 and
    /// T6. The reference is the first there is of A2-A1, A1, A2, M1, M2, TP9 and TP10.
    pub const TEN_TWENTY: Self = Self::by_label(true);

    /// The same for recordings without a channel of a reference. The 20th row of their samples is zeros, which is what
    /// a reference measured against itself is.
    pub const TEN_TWENTY_WITHOUT_REFERENCE: Self = Self::by_label(false);

    const fn by_label(has_reference: bool) -> Self {
        let labels = ["Fp1", "Fp2", "F3", "F4", "Fz", "F7", "F8", "C3", "C4", "Cz", "P3", "P4", "Pz", "O1", "O2"];
        let temporal = ["T3", "T4", "T5", "T6"];
        let mut electrodes = [Electrode { label: "none", index: None }; MONTAGE_CHANNELS];
        let mut position = 0;
        while position < MONTAGE_CHANNELS - 1 {
            electrodes[position].label =
                if position < labels.len() { labels[position] } else { temporal[position - labels.len()] };
            position += 1;
        }
        if has_reference {
            electrodes[position].label = "reference";
        }
        Self { electrodes, has_reference }
    }

    const fn new(channels: [(&'static str, usize); MONTAGE_CHANNELS]) -> Self {
        let mut electrodes = [Electrode { label: "", index: None }; MONTAGE_CHANNELS];
        let mut position = 0;
        while position < MONTAGE_CHANNELS {
            let (label, index) = channels[position];
            electrodes[position] = Electrode { label, index: Some(index) };
            position += 1;
        }
        Self { electrodes, has_reference: true }
    }

    /// The 20 channels in order.
    #[must_use]
    pub const fn electrodes(&self) -> &[Electrode; MONTAGE_CHANNELS] {
        &self.electrodes
    }

    /// Finds the 20 channels among a file's `labels`: by name (spaces and a leading `EEG` do not count, nor does letter
    /// case), else at the index where the dataset's files have it, with a warning. A channel that by its name is
    /// another one of the montage never stands in.
    ///
    /// # Errors
    /// [`MissingChannel`] for the first channel that cannot be found.
    pub fn pick(&self, labels: &[&str]) -> Result<Picks, MissingChannel> {
        let mut by_name = BTreeMap::new();
        for (index, label) in labels.iter().enumerate() {
            by_name.entry(self.normalized(label)).or_insert(index);
        }
        let wanted = if self.has_reference { MONTAGE_CHANNELS } else { MONTAGE_CHANNELS - 1 };
        let electrodes = &self.electrodes[..wanted];
        let named: Vec<Option<usize>> = electrodes
            .iter()
            .zip(TEN_TWENTY_LABELS)
            .map(|(electrode, synonyms)| match electrode.index {
                Some(_) => by_name.get(&self.normalized(electrode.label)).copied(),
                None => synonyms.iter().find_map(|&label| by_name.get(label).copied()),
            })
            .collect();

        let mut picks = Picks { indices: Vec::with_capacity(wanted), warnings: Vec::new() };
        for (position, (electrode, found)) in electrodes.iter().zip(&named).enumerate() {
            let label = electrode.label;
            let missing = |reason| MissingChannel {
                label,
                reason,
                found: labels.iter().map(|label| (*label).to_owned()).collect(),
            };
            let picked = match (*found, electrode.index) {
                (Some(found), _) => found,
                (None, None) => {
                    let is_reference = position + 1 == MONTAGE_CHANNELS;
                    let synonyms = &TEN_TWENTY_LABELS[position][usize::from(!is_reference)..];
                    return Err(missing(MissingReason::NoIndex { synonyms }));
                }
                (None, Some(index)) => match labels.get(index) {
                    None => return Err(missing(MissingReason::BeyondEnd { index })),
                    Some(&by) if named.contains(&Some(index)) => {
                        return Err(missing(MissingReason::Taken { index, by: by.to_owned() }));
                    }
                    Some(at_index) => {
                        picks.warnings.push(format!(
                            "no channel is named {label}; channel number {}, named `{at_index}`, is taken for it",
                            index + 1
                        ));
                        index
                    }
                },
            };
            picks.indices.push(picked);
        }
        Ok(picks)
    }

    /// Whether a recording names all 20 channels, so that none has to be taken by its index.
    #[must_use]
    pub fn is_named_in(&self, recording: &RecordingInfo) -> bool {
        self.pick(&recording.labels()).is_ok_and(|picks| picks.warnings.is_empty())
    }

    /// A label without spaces and a leading `EEG`, in capitals; of anyone's files also without dots and without the
    /// name of the reference at its end.
    fn normalized(&self, label: &str) -> String {
        let label: String = label.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_uppercase();
        let label = label.strip_prefix("EEG").map(str::to_owned).unwrap_or(label);
        if self.electrodes[0].index.is_some() {
            return label;
        }
        let label = label.replace('.', "");
        let label = label.trim_start_matches(['-', '_', ':']);
        REFERENCE_SUFFIXES.iter().find_map(|suffix| label.strip_suffix(suffix)).unwrap_or(label).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Labels of a file that has each channel of the montage at its usual index.
    fn labels(montage: &Montage, label: impl Fn(&Electrode) -> String) -> Vec<String> {
        let last = montage.electrodes().iter().map(|electrode| electrode.index.unwrap()).max().unwrap();
        let mut labels: Vec<_> = (0..=last).map(|index| format!("aux{index}")).collect();
        for electrode in montage.electrodes() {
            labels[electrode.index.unwrap()] = label(electrode);
        }
        labels
    }

    fn pick(montage: &Montage, labels: &[String]) -> Result<Picks, MissingChannel> {
        montage.pick(&labels.iter().map(String::as_str).collect::<Vec<_>>())
    }

    #[test]
    fn labels_and_indices_agree_in_every_montage() {
        for montage in [Montage::MATH, Montage::PARKINSONS, Montage::SEED, Montage::LONGITUDINAL] {
            let expected: Vec<_> = montage.electrodes().iter().map(|electrode| electrode.index.unwrap()).collect();
            let labels = labels(&montage, |electrode| format!("EEG {} ", electrode.label.to_lowercase()));
            assert_eq!(pick(&montage, &labels).unwrap(), Picks { indices: expected, warnings: vec![] });
        }
    }

    #[test]
    fn names_win_over_indices() {
        let mut labels = labels(&Montage::MATH, |electrode| electrode.label.to_owned());
        labels.rotate_right(1);
        let picks = pick(&Montage::MATH, &labels).unwrap();
        assert_eq!(picks.indices[..3], [1, 2, 3]);
        assert!(picks.warnings.is_empty());
    }

    #[test]
    fn an_unknown_name_falls_back_to_the_index_with_a_warning() {
        let mut labels = labels(&Montage::MATH, |electrode| electrode.label.to_owned());
        labels[8] = "central left".to_owned();
        let picks = pick(&Montage::MATH, &labels).unwrap();
        assert_eq!(picks.indices[7], 8);
        assert_eq!(picks.warnings, ["no channel is named C3; channel number 9, named `central left`, is taken for it"]);
    }

    #[test]
    fn a_channel_that_is_nowhere_is_named() {
        let mut labels = labels(&Montage::MATH, |electrode| electrode.label.to_owned());
        labels.pop();
        let error = pick(&Montage::MATH, &labels).unwrap_err().to_string();
        assert!(error.starts_with("there is no channel A2-A1, and no channel number 20 that could be it"), "{error}");

        labels.swap_remove(0);
        let error = pick(&Montage::MATH, &labels).unwrap_err().to_string();
        assert!(error.starts_with("there is no channel Fp1, and channel number 1, its usual place, is Pz"), "{error}");
    }

    const NINETEEN: [&str; 19] = [
        "Fp1", "Fp2", "F3", "F4", "Fz", "F7", "F8", "C3", "C4", "Cz", "P3", "P4", "Pz", "O1", "O2", "T3", "T4", "T5",
        "T6",
    ];

    #[test]
    fn labels_of_the_ten_twenty_system_are_found_as_recorders_write_them() {
        let newer = |label: &str| match label {
            "T3" => "T7".to_owned(),
            "T4" => "T8".to_owned(),
            "T5" => "P7".to_owned(),
            "T6" => "P8".to_owned(),
            other => other.to_owned(),
        };
        let write: [&dyn Fn(&str) -> String; 6] = [
            &str::to_owned,
            &newer,
            &|label| format!("EEG {label}-REF"),
            &|label| format!("EEG {}-LE", label.to_uppercase()),
            &|label| format!("{}..", label.to_lowercase()),
            &|label| format!("EEG-{}-Ref", newer(label)),
        ];
        for write in write {
            let mut labels: Vec<String> = NINETEEN.iter().rev().map(|label| write(label)).collect();
            let without = pick(&Montage::TEN_TWENTY_WITHOUT_REFERENCE, &labels).unwrap();
            assert_eq!(without, Picks { indices: (0..19).rev().collect(), warnings: vec![] }, "{labels:?}");
            assert!(pick(&Montage::TEN_TWENTY, &labels).is_err());
            labels.insert(0, write("A2"));
            assert_eq!(pick(&Montage::TEN_TWENTY, &labels).unwrap().indices[18..], [1, 0], "{labels:?}");
            labels.push("EEG A2-A1".to_owned());
            assert_eq!(pick(&Montage::TEN_TWENTY, &labels).unwrap().indices[18..], [1, 20], "{labels:?}");
        }
    }

    #[test]
    fn no_index_and_no_difference_of_two_positions_stands_in_by_itself() {
        let mut labels: Vec<String> = NINETEEN.map(str::to_owned).to_vec();
        labels[4] = "Fz-Cz".to_owned();
        let error = pick(&Montage::TEN_TWENTY_WITHOUT_REFERENCE, &labels).unwrap_err().to_string();
        assert!(error.starts_with("there is no channel Fz, and channels are found by the labels"), "{error}");
        labels[4] = "Fz".to_owned();
        labels[15] = "TP7".to_owned();
        let error = pick(&Montage::TEN_TWENTY_WITHOUT_REFERENCE, &labels).unwrap_err().to_string();
        assert!(error.starts_with("there is no channel T3, and none called T7 either; the file has: Fp1"), "{error}");
    }
}
