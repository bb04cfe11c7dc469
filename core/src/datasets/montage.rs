//! Which channels a recording's samples have: 20, in the order of the 10-20 positions below. The last five differ from
//! dataset to dataset.

use std::collections::BTreeSet;

use super::channel_labels::{ChannelError, Electrode, Picks, find_channels, is_difference, is_scalp_position};
use crate::recording::RecordingInfo;

/// Channels of a montage.
pub const MONTAGE_CHANNELS: usize = 20;

/// The 20 channels of a dataset, in the order in which every sample has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Montage {
    electrodes: [Electrode<'static>; MONTAGE_CHANNELS],
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
    pub const fn electrodes(&self) -> &[Electrode<'static>; MONTAGE_CHANNELS] {
        &self.electrodes
    }

    /// Finds the 20 channels among a file's `labels`, by what they say and nothing else.
    ///
    /// # Errors
    /// [`ChannelError`] names all positions that are missing, or the channels that cannot be told apart.
    pub fn pick(&self, labels: &[&str]) -> Result<Picks, ChannelError> {
        find_channels(labels, &self.electrodes[..self.recorded()])
    }

    /// How many of the channels files have.
    fn recorded(&self) -> usize {
        if self.has_reference { MONTAGE_CHANNELS } else { MONTAGE_CHANNELS - 1 }
    }

    /// Whether a recording has the channels.
    #[must_use]
    pub fn is_in(&self, recording: &RecordingInfo) -> bool {
        self.pick(&recording.labels()).is_ok()
    }
}

/// The channels of every sample of a plan, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SampleChannels {
    /// Those of the dataset.
    Montage(&'static Montage),
    /// Those that were asked for, by name.
    Named(Vec<String>),
    /// Those of others that are good in every recording.
    Without {
        /// The others.
        all: Box<Self>,
        /// Places among them that are left out.
        dropped: BTreeSet<usize>,
    },
}

impl SampleChannels {
    /// Their names.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        match self {
            Self::Montage(montage) => montage.electrodes().iter().map(|electrode| electrode.label).collect(),
            Self::Named(names) => names.iter().map(String::as_str).collect(),
            Self::Without { all, dropped } => without(all.names(), dropped),
        }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        match self {
            Self::Montage(_) => MONTAGE_CHANNELS,
            Self::Named(names) => names.len(),
            Self::Without { all, dropped } => all.count() - dropped.len(),
        }
    }

    /// The positions of those whose mean is the average reference: what lies on the scalp, or all that were asked for by
    /// name.
    pub(super) fn averaged(&self) -> Vec<usize> {
        let names = self.names().into_iter().enumerate();
        let is_averaged = |name: &str| self.are_named() || is_scalp_position(name);
        names.filter(|(_, name)| is_averaged(name)).map(|(position, _)| position).collect()
    }

    /// Whether the channel at a position is measured against the recording's reference, as all are but a difference of two
    /// others.
    pub(super) fn has_reference(&self, position: usize) -> bool {
        self.names().get(position).is_some_and(|name| !is_difference(name))
    }

    /// Finds them among a file's `labels`. A montage whose files have no reference finds one channel less.
    ///
    /// # Errors
    /// As [`Montage::pick`].
    pub fn pick(&self, labels: &[&str]) -> Result<Picks, ChannelError> {
        match self {
            Self::Montage(montage) => montage.pick(labels),
            Self::Named(names) => {
                let electrodes: Vec<_> = names.iter().map(|label| Electrode { label, substitutes: &[] }).collect();
                find_channels(labels, &electrodes)
            }
            Self::Without { all, dropped } => {
                let Picks { indices, warnings } = all.pick(labels)?;
                Ok(Picks { indices: without(indices, dropped), warnings })
            }
        }
    }

    /// How many of them files have: all but a reference that is zeros.
    pub(super) fn recorded(&self) -> usize {
        match self {
            Self::Montage(montage) => montage.recorded(),
            Self::Named(names) => names.len(),
            Self::Without { all, dropped } => all.recorded() - dropped.len(),
        }
    }

    /// The same without those at some places, which are of those that files have.
    #[must_use]
    pub fn without(self, dropped: BTreeSet<usize>) -> Self {
        Self::Without { all: Box::new(self), dropped }
    }

    /// Whether they are what is left when bad ones are left out.
    pub(super) fn are_chosen_by_quality(&self) -> bool {
        matches!(self, Self::Without { .. })
    }

    /// Whether they were asked for by name.
    fn are_named(&self) -> bool {
        match self {
            Self::Montage(_) => false,
            Self::Named(_) => true,
            Self::Without { all, .. } => all.are_named(),
        }
    }

    /// Whether a recording has them.
    #[must_use]
    pub fn are_in(&self, recording: &RecordingInfo) -> bool {
        self.pick(&recording.labels()).is_ok()
    }
}

/// What is left without some places.
fn without<T>(all: Vec<T>, dropped: &BTreeSet<usize>) -> Vec<T> {
    all.into_iter().enumerate().filter(|(place, _)| !dropped.contains(place)).map(|(_, kept)| kept).collect()
}
