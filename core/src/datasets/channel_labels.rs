//! Which of a file's channels are which positions of the 10-20 system. Only labels decide: recorders write them in many
//! ways, but a channel whose label may mean something else is not taken for a position.
//!
//! A label may carry the channel's number or its kind before the position (`01-Fp1`, `EEG Fp1`, `POL Fp1`), two names of
//! the position (`T7/T3`), and behind it what the channel was measured against (`Fp1-REF`, `Fp1-A1`, `Fp1-CPz`). A
//! position behind another one is the reference only if all EEG channels share it; else the channel is the difference
//! of two positions (`FP1-F7`) and is at neither.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

/// Labels in a message before the rest is only counted.
const LISTED: usize = 40;
/// What recorders write before a position: the kind of the channel.
const KINDS: [&str; 2] = ["EEG", "POL"];
/// What stands between the parts of a label.
const SEPARATORS: [char; 3] = ['-', '_', ':'];
/// Positions that the 10-10 system calls otherwise: its name, and that of the 10-20 system, which counts here.
const RENAMED: [(&str, &str); 4] = [("T7", "T3"), ("T8", "T4"), ("P7", "T5"), ("P8", "T6")];
/// The letters of positions on the scalp; a number of at most 10 or a Z follows.
const SCALP: [&str; 14] = ["FP", "AF", "F", "FT", "FC", "C", "T", "TP", "CP", "P", "PO", "O", "I", "N"];
/// What is no name of the reference, but says that there is one.
const UNNAMED: &str = "REF";
/// References that are no position on the scalp: averages, and the two ears or mastoids, alone or linked.
const REFERENCES: [&str; 18] = [
    "AVG", "AVE", "AV", "AR", "CAR", "LE", "LM", "LINK", "A1", "A2", "M1", "M2", "A1A2", "A1+A2", "A12", "M1M2",
    "M1+M2", "M12",
];
/// References on the left and on the right.
const SIDES: [[&str; 2]; 2] = [["A1", "A2"], ["M1", "M2"]];
/// The difference of the ears, which one published dataset has as a channel.
const EARS: &str = "A2-A1";

/// One channel of a montage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Electrode<'l> {
    /// Its label, without `EEG`.
    pub label: &'l str,
    /// Labels of what is taken in its place, the first there is, in a file that lacks it.
    pub substitutes: &'static [&'static str],
}

/// The label of a channel that is whichever reference there is.
pub(super) const REFERENCE: &str = "reference";

impl Electrode<'_> {
    /// Whether it is a reference, of which any will do.
    fn is_reference(&self) -> bool {
        self.label == REFERENCE
    }
}

/// The channels of one file that a montage picks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picks {
    /// Indices into the file's channels, in the montage's order: 20, or 19 of a montage whose files have no reference.
    pub indices: Vec<usize>,
    /// One sentence for each channel that another one was taken for.
    pub warnings: Vec<String>,
}

/// Why a file's channels cannot be told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChannelError {
    /// Positions that no channel is at.
    #[error(
        "there is no channel {}: channels are found by the labels of the 10-20 system; rename them to the position, alone or \
         with the reference that all of them share, as in `Fp1` or `EEG Fp1-REF` (EDFbrowser's header editor and EEGLAB's \
         channel locations can){}; the file has: {}",
        .positions.join(", "), differences_hint(.differences), listed(.found)
    )]
    Missing {
        /// The positions, each with its other name.
        positions: Vec<String>,
        /// Labels of channels that are differences of two positions.
        differences: Vec<String>,
        /// All labels of the file.
        found: Vec<String>,
    },
    /// Several channels are at one position.
    #[error(
        "several channels are at position {position}: {}; remove all but one of them, or rename the others", .channels.join(", ")
    )]
    Ambiguous {
        /// The position.
        position: String,
        /// The channels' labels.
        channels: Vec<String>,
    },
    /// Channels were measured against different references.
    #[error(
        "channel {first} was measured against {first_reference}, but channel {other} against {other_reference}; export the \
         recording against one reference"
    )]
    MixedReferences {
        /// A channel.
        first: String,
        /// What it was measured against.
        first_reference: String,
        /// A channel with another reference.
        other: String,
        /// What that one was measured against.
        other_reference: String,
    },
}

fn listed(labels: &[String]) -> String {
    let shown = labels.iter().take(LISTED).map(String::as_str).collect::<Vec<_>>().join(", ");
    if labels.len() > LISTED { format!("{shown} and {} more", labels.len() - LISTED) } else { shown }
}

fn differences_hint(differences: &[String]) -> String {
    match differences.first() {
        Some(label) => format!(
            "; a channel such as {label} is the difference of two positions and is at neither: export the recording \
             against one reference"
        ),
        None => String::new(),
    }
}

/// What a label says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Label {
    /// In capitals, by its name in the 10-20 system.
    position: String,
    /// What the channel was measured against, in capitals; `None` where the label does not name it.
    reference: Option<String>,
    /// Whether a channel's number stands before the position.
    is_numbered: bool,
    /// Whether a number stands at the end, which sets channels with one label apart.
    is_repeated: bool,
}

impl Label {
    /// What a file's label says, whether or not it names a position that there is.
    fn parse(label: &str) -> Self {
        let label: String = label.chars().filter(|c| !c.is_whitespace() && !matches!(c, '.' | '(' | ')')).collect();
        let label = label.to_ascii_uppercase();
        let (is_numbered, label) = without_number(without_kind(&label));
        let mut parts = without_kind(label).split(SEPARATORS);
        let first = parts.next().unwrap_or_default();
        let mut parts: Vec<&str> = parts.collect();
        let is_repeated = parts.pop_if(|part| is_number(part)).is_some();
        let (position, second) = match first.split_once('/') {
            Some((name, other)) if canonical(name) == canonical(other) => (name, None),
            Some((position, reference)) => (position, Some(reference)),
            None => (first, None),
        };
        let reference = second.into_iter().chain(parts).collect::<Vec<_>>().join("-");
        let is_named = !reference.is_empty() && reference != UNNAMED;
        Self {
            position: canonical(position).to_owned(),
            reference: is_named.then(|| canonical(&reference).to_owned()),
            is_numbered,
            is_repeated,
        }
    }

    fn is_ears(&self) -> bool {
        EARS.split_once('-').is_some_and(|(position, reference)| {
            self.position == position && self.reference.as_deref() == Some(reference)
        })
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn without_kind(label: &str) -> &str {
    let rest = KINDS.iter().find_map(|kind| label.strip_prefix(kind));
    rest.map_or(label, |rest| rest.trim_start_matches(SEPARATORS))
}

fn without_number(label: &str) -> (bool, &str) {
    // `01-REF` is no position with a number: it may be O1, mistyped.
    let names_position =
        |rest: &str| without_kind(rest).split(SEPARATORS).next().is_some_and(|name| is_scalp(canonical(name)));
    match label.split_once(SEPARATORS) {
        Some((number, rest)) if is_number(number) && names_position(rest) => (true, rest),
        _ => (false, label),
    }
}

/// A position by its name in the 10-20 system.
fn canonical(name: &str) -> &str {
    RENAMED.iter().find(|(newer, _)| *newer == name).map_or(name, |(_, older)| older)
}

/// Whether a name is that of a position on the scalp, of the 10-20 system or one that is finer.
fn is_scalp(name: &str) -> bool {
    let letters = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let place = &name[letters.len()..];
    if place.is_empty() {
        return letters.strip_suffix('Z').is_some_and(|letters| SCALP.contains(&letters));
    }
    SCALP.contains(&letters) && place.parse().is_ok_and(|number: u8| (1..=10).contains(&number))
}

/// Whether a name is that of a position on the scalp, as a montage names it.
pub(super) fn is_scalp_position(name: &str) -> bool {
    is_scalp(canonical(&name.to_ascii_uppercase()))
}

/// Where a file's channel is, by its label: the letters and the number (0 on the midline) of the position on the scalp, by
/// its name in the 10-10 system. `None` where it is at none.
pub(super) fn scalp_place(label: &str) -> Option<(String, u8)> {
    let position = Label::parse(label).position;
    is_scalp(&position).then_some(())?;
    let name = RENAMED.iter().find(|(_, older)| *older == position).map_or(position.as_str(), |(newer, _)| newer);
    let letters = name.trim_end_matches(|c: char| c.is_ascii_digit());
    match &name[letters.len()..] {
        "" => Some((letters.strip_suffix('Z')?.to_owned(), 0)),
        number => Some((letters.to_owned(), number.parse().ok()?)),
    }
}

/// Whether a name is that of a difference of two channels, as a montage names it.
pub(super) fn is_difference(name: &str) -> bool {
    name == EARS
}

/// The positions on the scalp that a file's channels are at, each once, as montages name them.
pub(super) fn scalp_positions(labels: &[&str]) -> Vec<String> {
    let parsed: Vec<Label> = labels.iter().map(|label| Label::parse(label)).collect();
    let places = Places::new(&parsed);
    let mut found: Vec<(usize, String)> = places
        .channels
        .iter()
        .filter(|(position, channels)| is_scalp(position) && channels.len() == 1)
        .map(|(position, channels)| (channels[0], in_letters(position)))
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, position)| position).collect()
}

/// A position in the letters that are usual: `FPZ` as `Fpz`.
fn in_letters(position: &str) -> String {
    let position = position.replace("FP", "Fp");
    position.strip_suffix('Z').map_or(position.clone(), |letters| format!("{letters}z"))
}

/// The channels whose labels name a position on the scalp, or the difference of two.
pub(super) fn eeg_channels(labels: &[&str]) -> Vec<usize> {
    let is_eeg = |label: &str| is_scalp(&Label::parse(label).position);
    labels.iter().enumerate().filter(|(_, label)| is_eeg(label)).map(|(index, _)| index).collect()
}

/// What the channels on the scalp were measured against, where their labels name one reference, or one a side.
pub(super) fn reference_of(labels: &[&str]) -> Option<String> {
    let eeg = labels.iter().map(|label| Label::parse(label)).filter(|label| is_scalp(&label.position));
    let references: Option<BTreeSet<String>> = eeg.map(|label| label.reference).collect();
    let references: Vec<String> = references?.into_iter().collect();
    let is_pair = |pair: &[&str; 2]| references.iter().eq(pair);
    (references.len() == 1 || SIDES.iter().any(is_pair)).then(|| references.join(" and "))
}

/// Finds each of the `wanted` positions among a file's `labels`.
///
/// # Errors
/// [`ChannelError`].
pub(super) fn find_channels(labels: &[&str], wanted: &[Electrode<'_>]) -> Result<Picks, ChannelError> {
    let parsed: Vec<Label> = labels.iter().map(|label| Label::parse(label)).collect();
    let places = Places::new(&parsed);
    let mut picks = Picks { indices: Vec::with_capacity(wanted.len()), warnings: Vec::new() };
    let mut missing = Vec::new();
    for electrode in wanted {
        let mut names = std::iter::once(electrode.label).chain(electrode.substitutes.iter().copied());
        let found = names.find_map(|name| Some((name, places.at(name)?)));
        let Some((name, channels)) = found else {
            missing.push(both_names(electrode.label));
            continue;
        };
        let &[index] = channels else {
            let channels = channels.iter().map(|&index| labels[index].to_owned()).collect();
            return Err(ChannelError::Ambiguous { position: both_names(name), channels });
        };
        if name != electrode.label && !electrode.is_reference() {
            picks.warnings.push(format!("There is no channel {}, so {name} is taken for it.", electrode.label));
        }
        picks.indices.push(index);
    }
    if missing == [REFERENCE] {
        // Channels against several references are the reason why none of them is the recording's.
        check_references(labels, &parsed, &picks.indices)?;
    } else {
        // Without it a recording can be used.
        missing.retain(|position| position != REFERENCE);
    }
    if !missing.is_empty() {
        return Err(ChannelError::Missing {
            positions: missing,
            differences: places.differences.iter().map(|&index| labels[index].to_owned()).collect(),
            found: labels.iter().map(|&label| label.to_owned()).collect(),
        });
    }
    check_references(labels, &parsed, &picks.indices)?;
    Ok(picks)
}

/// A position as messages name it: `T3 (or T7)`.
fn both_names(label: &str) -> String {
    let other = RENAMED.iter().find_map(|&(newer, older)| match label {
        label if label == newer => Some(older),
        label if label == older => Some(newer),
        _ => None,
    });
    other.map_or(label.to_owned(), |other| format!("{label} (or {other})"))
}

/// Which channels are at which position.
struct Places<'l> {
    /// Indices of channels by position.
    channels: BTreeMap<&'l str, Vec<usize>>,
    /// Channels whose difference is that of two positions.
    differences: Vec<usize>,
    ears: Vec<usize>,
}

impl<'l> Places<'l> {
    fn new(labels: &'l [Label]) -> Self {
        let eeg: Vec<&Label> = labels.iter().filter(|label| is_scalp(&label.position)).collect();
        let is_shared = eeg.windows(2).all(|pair| pair[0].reference == pair[1].reference);
        // A number counts as that of the channel only if all channels have one.
        let is_numbered = eeg.iter().all(|label| label.is_numbered);
        let mut places = Self { channels: BTreeMap::new(), differences: Vec::new(), ears: Vec::new() };
        for (index, label) in labels.iter().enumerate() {
            if label.is_ears() {
                places.ears.push(index);
            }
            if label.is_numbered && !is_numbered {
                continue;
            }
            match label.reference.as_deref() {
                Some(reference) if !is_shared && !REFERENCES.contains(&reference) => places.differences.push(index),
                // The position of a reference that is measured against the other one.
                Some(_) if !is_shared && !is_scalp(&label.position) => {}
                _ => places.channels.entry(&label.position).or_default().push(index),
            }
        }
        places.differences.retain(|&index| is_scalp(&labels[index].position));
        // A channel with a number at its end is one of several with a label, or else has another meaning.
        places.channels.retain(|_, channels| channels.len() > 1 || !labels[channels[0]].is_repeated);
        places
    }

    /// The channels at a position, at least one.
    fn at(&self, name: &str) -> Option<&[usize]> {
        if name == EARS {
            return Some(self.ears.as_slice()).filter(|channels| !channels.is_empty());
        }
        self.channels.get(canonical(&name.to_ascii_uppercase())).map(Vec::as_slice)
    }
}

/// Whether channels were measured against one reference, or against that of their own side.
fn check_references(labels: &[&str], parsed: &[Label], picked: &[usize]) -> Result<(), ChannelError> {
    let mut of_side: [Option<usize>; 2] = [None; 2];
    let mut first: Option<usize> = None;
    let reference = |index: usize| parsed[index].reference.as_deref();
    let mixed = |first: usize, other: usize| {
        let name = |index| reference(index).unwrap_or("a reference without a name").to_owned();
        Err(ChannelError::MixedReferences {
            first: labels[first].to_owned(),
            first_reference: name(first),
            other: labels[other].to_owned(),
            other_reference: name(other),
        })
    };
    for &index in picked.iter().filter(|&&index| !parsed[index].is_ears()) {
        let &mut first = first.get_or_insert(index);
        let is_pair = |pair: &[&str; 2]| {
            [first, index].iter().all(|&index| reference(index).is_some_and(|reference| pair.contains(&reference)))
        };
        if reference(index) != reference(first) && !SIDES.iter().any(is_pair) {
            return mixed(first, index);
        }
        let Some(side) = side(&parsed[index].position) else { continue };
        let &mut known = of_side[side].get_or_insert(index);
        if reference(known) != reference(index) {
            return mixed(known, index);
        }
    }
    Ok(())
}

/// 0 on the left, 1 on the right, `None` between.
fn side(position: &str) -> Option<usize> {
    let digit = position.bytes().last().filter(u8::is_ascii_digit)?;
    Some(usize::from(digit.is_multiple_of(2)))
}
