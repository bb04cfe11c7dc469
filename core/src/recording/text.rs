//! Decodes the texts of a file, and makes channel labels unique within a recording.

use std::collections::{BTreeMap, BTreeSet};

/// A text in UTF-8, as the formats ask for, or else in Latin-1, which recorders write too.
pub(super) fn decode(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|&byte| char::from(byte)).collect(),
    }
}

/// Makes labels unique as MNE-Python does: of `n` channels with one label, the first becomes `label-0`, the last
/// `label-(n-1)`; a number that would meet another channel's label is passed over. Returns a warning if any changed.
pub(super) fn make_unique(labels: &mut [String]) -> Option<String> {
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, label) in labels.iter().enumerate() {
        places.entry(label).or_default().push(index);
    }
    let repeated: Vec<(String, Vec<usize>)> =
        places.into_iter().filter(|(_, at)| at.len() > 1).map(|(label, at)| (label.to_owned(), at)).collect();
    if repeated.is_empty() {
        return None;
    }
    let mut taken: BTreeSet<String> = labels.iter().cloned().collect();
    for (label, places) in &repeated {
        let mut number = 0;
        for &place in places {
            let unique = loop {
                let candidate = format!("{label}-{number}");
                number += 1;
                if taken.insert(candidate.clone()) {
                    break candidate;
                }
            };
            labels[place] = unique;
        }
    }
    let names: Vec<&str> = repeated.iter().map(|(label, _)| label.as_str()).collect();
    Some(format!("Several channels share a label, so each got a number appended: {}.", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::make_unique;

    fn unique(labels: &[&str]) -> (Vec<String>, bool) {
        let mut labels: Vec<String> = labels.iter().map(|&label| label.to_owned()).collect();
        let warned = make_unique(&mut labels).is_some();
        (labels, warned)
    }

    #[test]
    fn repeated_labels_are_numbered() {
        assert_eq!(unique(&["F1", "F2", "F1"]).0, ["F1-0", "F2", "F1-1"]);
        assert_eq!(unique(&["F1", "F2"]), (vec!["F1".to_owned(), "F2".to_owned()], false));
        assert!(unique(&["", ""]).1);
    }

    #[test]
    fn a_number_that_is_taken_is_passed_over() {
        assert_eq!(unique(&["F1", "F1-0", "F1"]).0, ["F1-1", "F1-0", "F1-2"]);
        assert_eq!(unique(&["F1-0", "F1", "F1-0", "F1"]).0, ["F1-0-0", "F1-1", "F1-0-1", "F1-2"]);
    }
}
