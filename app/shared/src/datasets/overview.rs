//! What a survey says about a dataset at a glance: totals of its recordings, and what its columns of labels hold.

use std::collections::{BTreeMap, BTreeSet};

use signal_studio_core::datasets::{SplitDescription, Survey, canonical_subject};

/// More different cells than this are told by their number, or if they are numbers as a range.
const CELLS_TOLD: usize = 12;
const NUMBERS_TOLD: usize = 5;

/// A dataset in figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Totals {
    /// Recordings that can be read.
    pub recordings: usize,
    /// People in them, as far as that is known.
    pub subjects: usize,
    /// The fewest and the most channels of a recording.
    pub channels: Option<(usize, usize)>,
    /// The rates that occur, in Hz, rising.
    pub rates_hz: Vec<f64>,
    /// Seconds of all recordings together.
    pub duration_s: f64,
    /// The formats that occur, in words.
    pub formats: Vec<String>,
}

impl Totals {
    /// Of a survey.
    #[must_use]
    pub fn of(survey: &Survey) -> Self {
        let all = &survey.recordings;
        let mut rates_hz: Vec<f64> = all.iter().map(|recording| recording.rate_hz).collect();
        rates_hz.sort_by(f64::total_cmp);
        rates_hz.dedup();
        let fewest = all.iter().map(|recording| recording.channels).min();
        let most = all.iter().map(|recording| recording.channels).max();
        Self {
            recordings: all.len(),
            subjects: all.iter().filter_map(|recording| recording.subject.as_ref()).collect::<BTreeSet<_>>().len(),
            channels: fewest.zip(most),
            rates_hz,
            duration_s: all.iter().map(|recording| recording.duration_s).sum(),
            formats: all
                .iter()
                .map(|recording| recording.format.clone())
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect(),
        }
    }
}

/// A column of labels.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelColumn {
    /// Its name.
    pub name: String,
    /// What its cells are.
    pub cells: Cells,
    /// Recordings without one.
    pub missing: usize,
}

/// What the cells of a column are.
#[derive(Debug, Clone, PartialEq)]
pub enum Cells {
    /// Few different ones: each with its recordings.
    Classes(Vec<(String, usize)>),
    /// Many numbers: the lowest and the highest.
    Range(f64, f64),
    /// Many different texts.
    Many(usize),
}

/// The columns of labels of a survey that have any cell.
#[must_use]
pub fn label_columns(survey: &Survey) -> Vec<LabelColumn> {
    survey.label_columns.iter().filter_map(|name| label_column(survey, name)).collect()
}

fn label_column(survey: &Survey, name: &str) -> Option<LabelColumn> {
    let mut counts = BTreeMap::<&str, usize>::new();
    for cell in survey.recordings.iter().filter_map(|recording| recording.labels.get(name)) {
        if !cell.is_empty() {
            *counts.entry(cell).or_default() += 1;
        }
    }
    let labelled: usize = counts.values().sum();
    if labelled == 0 {
        return None;
    }
    let numbers: Option<Vec<f64>> =
        counts.keys().map(|cell| cell.parse().ok().filter(|x: &f64| x.is_finite())).collect();
    let at_most = if numbers.is_some() { NUMBERS_TOLD } else { CELLS_TOLD };
    let cells = match numbers {
        // A cell for each recording is a name or a measurement, and no class.
        _ if counts.len() <= at_most.min(labelled / 2).max(2) => {
            Cells::Classes(counts.into_iter().map(|(cell, count)| (cell.to_owned(), count)).collect())
        }
        Some(numbers) => {
            let lowest = numbers.iter().copied().fold(f64::INFINITY, f64::min);
            Cells::Range(lowest, numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max))
        }
        None => Cells::Many(counts.len()),
    };
    Some(LabelColumn { name: name.to_owned(), cells, missing: survey.recordings.len() - labelled })
}

/// Everyone whose samples are in more than one of these splits, by a name that one of them has for them.
#[must_use]
pub fn shared_subjects(splits: &[SplitDescription]) -> BTreeSet<&str> {
    let mut known = BTreeSet::new();
    let mut shared = BTreeSet::new();
    for split in splits {
        // One split may write the same person in two ways.
        let people: BTreeMap<_, _> =
            split.subjects.iter().map(|subject| (canonical_subject(subject), subject.as_str())).collect();
        shared.extend(people.iter().filter(|(person, _)| known.contains(*person)).map(|(_, name)| *name));
        known.extend(people.into_keys());
    }
    shared
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use signal_studio_core::datasets::{FeatureShape, SurveyedRecording};

    use super::*;

    fn survey(labels: &[&[(&str, &str)]]) -> Survey {
        let recordings = labels.iter().enumerate().map(|(index, labels)| SurveyedRecording {
            path: format!("{index}.edf"),
            format: "EDF".to_owned(),
            subject: Some(format!("s{}", index / 2)),
            channels: 19 + index % 2,
            rate_hz: if index == 0 { 256.0 } else { 500.0 },
            duration_s: 60.0,
            labels: labels.iter().map(|&(name, cell)| (name.to_owned(), cell.to_owned())).collect(),
            unusable: None,
        });
        Survey {
            dataset: Some("recordings".to_owned()),
            recordings: recordings.collect(),
            label_columns: vec!["age".to_owned(), "health".to_owned(), "site".to_owned()],
            problems: vec![],
            bytes: 0,
        }
    }

    #[test]
    fn figures_are_summed_over_the_recordings() {
        let totals = Totals::of(&survey(&[&[], &[], &[]]));
        assert_eq!((totals.recordings, totals.subjects, totals.channels), (3, 2, Some((19, 20))));
        assert_eq!(totals.rates_hz, [256.0, 500.0]);
        assert_eq!((totals.duration_s, totals.formats), (180.0, vec!["EDF".to_owned()]));
        assert_eq!(Totals::of(&survey(&[])).channels, None);
    }

    #[test]
    fn classes_are_counted_numbers_spanned_and_empty_columns_left_out() {
        let columns = label_columns(&survey(&[
            &[("age", "31"), ("health", "PD"), ("site", "")],
            &[("age", "52.5"), ("health", "Control")],
            &[("age", "67"), ("health", "PD")],
            &[("age", "70")],
        ]));
        assert_eq!(columns.len(), 2);
        assert_eq!((&columns[0].cells, columns[0].missing), (&Cells::Range(31.0, 70.0), 0));
        let classes = Cells::Classes(vec![("Control".to_owned(), 1), ("PD".to_owned(), 2)]);
        assert_eq!((&columns[1].cells, columns[1].missing), (&classes, 1));
    }

    #[test]
    fn one_person_in_two_splits_is_found_however_it_is_written() {
        let shape = FeatureShape::Signal { channels: 1, samples: 1 };
        let split = |subjects: &[&str]| -> SplitDescription {
            let split = json!({
                "name": "", "samples": 1, "shape": shape, "subjects": subjects, "labels": [], "examples": [],
            });
            serde_json::from_value(split).unwrap()
        };
        let splits = [split(&["sub-01", "01", "02"]), split(&["03"]), split(&["sub-02"])];
        assert_eq!(shared_subjects(&splits), BTreeSet::from(["sub-02"]));
    }

    #[test]
    fn many_texts_are_only_numbered() {
        let columns = label_columns(&survey(&[&[("site", "a")], &[("site", "b")], &[("site", "c")]]));
        assert_eq!(columns[0].cells, Cells::Many(3));
    }
}
