//! How recorders write the positions of the 10-20 system.

use super::*;
use crate::datasets::Recordings;

const NINETEEN: [&str; 19] = [
    "Fp1", "Fp2", "F3", "F4", "Fz", "F7", "F8", "C3", "C4", "Cz", "P3", "P4", "Pz", "O1", "O2", "T3", "T4", "T5", "T6",
];

fn find(labels: &[String]) -> Result<Picks, ChannelError> {
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    find_channels(&labels, &Recordings::WITHOUT_REFERENCE.electrodes()[..19])
}

fn written(write: impl Fn(&str) -> String) -> Vec<String> {
    NINETEEN.map(write).to_vec()
}

fn newer(label: &str) -> &str {
    RENAMED.iter().find(|(_, older)| *older == label).map_or(label, |(newer, _)| newer)
}

fn of_side<'a>(label: &str, left: &'a str, right: &'a str) -> &'a str {
    if side(&label.to_uppercase()) == Some(1) { right } else { left }
}

#[test]
fn positions_are_found_as_recorders_write_them() {
    let write: [&dyn Fn(&str) -> String; 22] = [
        &str::to_owned,
        &|label| newer(label).to_owned(),
        &|label| format!("EEG {label}-REF"),
        &|label| format!("EEG {}-LE", label.to_uppercase()),
        &|label| format!("{}..", label.to_lowercase()),
        &|label| format!("EEG-{}-Ref", newer(label)),
        &|label| format!("EEG {label}-AVG"),
        &|label| format!("EEG {}-CPz", newer(label)),
        &|label| format!("{label}-A2"),
        &|label| format!("{label}-M1"),
        &|label| format!("EEG {label}-{}", of_side(label, "A1", "A2")),
        &|label| format!("{label}-{}", of_side(label, "M2", "M1")),
        &|label| format!("{label}-(A1+A2)"),
        &|label| format!("{label}/A1"),
        &|label| format!("POL {label}"),
        &|label| format!("EEG:{label}"),
        &|label| if newer(label) == label { label.to_owned() } else { format!("{}/{label}", newer(label)) },
        &|label| format!("{:02}-{label}", NINETEEN.iter().position(|other| *other == label).unwrap() + 1),
        &|label| format!("{}-EEG {label}-REF", NINETEEN.iter().position(|other| *other == label).unwrap()),
        &|label| format!("EEG {label}-Nose"),
        &|label| format!("{label} - A1A2"),
        &|label| format!("{label}_REF"),
    ];
    for write in write {
        let mut labels = written(write);
        labels.reverse();
        labels.extend(["ECG EKG", "EOG ROC-A2", "EMG F3", "Status"].map(str::to_owned));
        let found = find(&labels).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(found, Picks { indices: (0..19).rev().collect(), warnings: vec![] }, "{labels:?}");
    }
}

#[test]
fn a_difference_of_two_positions_is_at_neither() {
    let chain = ["Fp1-F7", "F7-T3", "T3-T5", "T5-O1", "Fp1-F3", "F3-C3", "C3-P3", "P3-O1", "Fz-Cz", "Cz-Pz"];
    let error = find(&chain.map(str::to_owned)).unwrap_err().to_string();
    for position in NINETEEN {
        assert!(error.contains(position), "{error}");
    }
    assert!(error.contains("a channel such as Fp1-F7 is the difference of two positions"), "{error}");
    // One of them among channels with a reference is not taken either, and does not hide the others.
    let mut labels = written(|label| format!("{label}-A2"));
    labels.push("Fp1-F7".to_owned());
    assert_eq!(find(&labels).unwrap().indices, (0..19).collect::<Vec<_>>());
    labels[0] = "Fp1-Cz".to_owned();
    assert!(find(&labels).unwrap_err().to_string().starts_with("there is no channel Fp1: "));
}

#[test]
fn all_that_is_missing_is_named_with_what_to_do() {
    let mut labels = written(str::to_owned);
    labels[0] = "frontal".to_owned();
    labels[15] = "TP7".to_owned();
    // A zero for the letter: no position with a number before it.
    labels[13] = "01-REF".to_owned();
    let error = find(&labels).unwrap_err().to_string();
    assert!(error.starts_with("there is no channel Fp1, O1, T3 (or T7): channels are found by the labels"), "{error}");
    assert!(error.contains("rename them to the position") && error.contains("the file has: frontal, Fp2"), "{error}");
    let many: Vec<String> = (0..300).map(|index| format!("E{index}")).collect();
    assert!(find(&many).unwrap_err().to_string().ends_with("E39 and 260 more"));
}

#[test]
fn two_channels_at_one_position_are_named() {
    for (second, both) in [("T7", "T3, T7"), ("EEG T3", "T3, EEG T3"), ("T3-Ref", "T3, T3-Ref")] {
        let mut labels = written(str::to_owned);
        labels.push(second.to_owned());
        let error = find(&labels).unwrap_err().to_string();
        assert!(error.starts_with(&format!("several channels are at position T3 (or T7): {both};")), "{error}");
    }
    // As labels that are the same are read.
    let mut labels = written(str::to_owned);
    labels[0] = "Fp1-0".to_owned();
    labels.push("Fp1-1".to_owned());
    assert!(find(&labels).unwrap_err().to_string().starts_with("several channels are at position Fp1: Fp1-0, Fp1-1"));
    labels.pop();
    assert!(matches!(find(&labels), Err(ChannelError::Missing { .. })));
}

#[test]
fn channels_with_different_references_are_refused() {
    let mut labels = written(|label| format!("{label}-A1"));
    labels[3] = "F4-LE".to_owned();
    let error = find(&labels).unwrap_err().to_string();
    assert!(error.starts_with("channel Fp1-A1 was measured against A1, but channel F4-LE against LE"), "{error}");
    labels[3] = "F4".to_owned();
    assert!(find(&labels).unwrap_err().to_string().contains("against a reference without a name"));
    // Two of one side against different ears.
    labels[3] = "F4-A2".to_owned();
    assert!(matches!(find(&labels), Err(ChannelError::MixedReferences { .. })));
    labels[3] = "F4-M1".to_owned();
    assert!(matches!(find(&labels), Err(ChannelError::MixedReferences { .. })));
}

#[test]
fn a_reference_that_all_channels_share_is_known_by_their_labels() {
    let reference = |labels: &[String]| reference_of(&labels.iter().map(String::as_str).collect::<Vec<_>>());
    let mut labels = written(|label| format!("EEG {label}-Cz"));
    labels.push("ECG".to_owned());
    assert_eq!(reference(&labels).as_deref(), Some("CZ"));
    let of_sides = written(|label| format!("{label}-{}", of_side(label, "A1", "A2")));
    assert_eq!(reference(&of_sides).as_deref(), Some("A1 and A2"));
    labels[0] = "Fp1".to_owned();
    assert_eq!(reference(&labels), None);
    assert_eq!(reference(&written(|label| format!("{label}-REF"))), None);
}

#[test]
fn numbers_count_only_where_every_channel_has_one() {
    let mut labels = written(str::to_owned);
    labels[0] = "01-Fp1".to_owned();
    assert!(find(&labels).unwrap_err().to_string().starts_with("there is no channel Fp1:"));
}

#[test]
fn names_on_the_scalp() {
    for name in ["FP1", "AFZ", "T10", "IZ", "PO9", "NZ", "FPZ", "TP10"] {
        assert!(is_scalp(name), "{name}");
    }
    for name in ["A1", "M2", "Z", "", "C0", "C11", "C", "EKG", "X1", "F3A2", "FP", "1", "C300"] {
        assert!(!is_scalp(name), "{name}");
    }
}
