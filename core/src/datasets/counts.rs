//! How often the classes of a label come up among samples: counted in one way, whoever tells it or goes by it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::{Deserialize, Serialize};

use crate::labels::Target;

/// What samples, such as those of a split, hold of a label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelCounts {
    /// The task, or the column. Older versions wrote `task`.
    #[serde(alias = "task")]
    pub label: String,
    /// Samples that have the label.
    pub samples: usize,
    /// People among these; none where one is not known.
    pub subjects: Option<usize>,
    /// Its classes, in order; empty for a number.
    pub classes: Vec<ClassCount>,
    /// Samples without the label.
    #[serde(default)]
    pub without_label: usize,
}

/// What samples hold of a class. Older versions wrote the first two fields as a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassCount {
    /// Its name.
    pub class: String,
    /// Samples of it.
    pub samples: usize,
    /// People among these; none where one is not known.
    #[serde(default)]
    pub subjects: Option<usize>,
}

/// Samples and whose they are.
#[derive(Default)]
struct Tally<'a> {
    samples: usize,
    subjects: BTreeSet<&'a str>,
    is_known: bool,
}

impl<'a> Tally<'a> {
    fn new() -> Self {
        Self { is_known: true, ..Self::default() }
    }

    fn add(&mut self, subject: Option<&'a str>) {
        self.samples += 1;
        match subject {
            Some(subject) => drop(self.subjects.insert(subject)),
            None => self.is_known = false,
        }
    }

    fn people(&self) -> Option<usize> {
        self.is_known.then_some(self.subjects.len())
    }
}

impl LabelCounts {
    /// Counts samples: whose each is, where that is known, and what it is, where it has the label. A class is a number
    /// below that of the `classes`.
    pub fn of<'a>(
        label: &str,
        classes: &[String],
        samples: impl Iterator<Item = (Option<&'a str>, Option<Target>)>,
    ) -> Self {
        let (mut all, mut without_label) = (Tally::new(), 0);
        let mut by_class: Vec<Tally<'_>> = classes.iter().map(|_| Tally::new()).collect();
        for (subject, target) in samples {
            let Some(target) = target else {
                without_label += 1;
                continue;
            };
            all.add(subject);
            if let Target::Class(class) = target
                && let Some(tally) = by_class.get_mut(class)
            {
                tally.add(subject);
            }
        }
        let count = |(class, tally): (&String, &Tally<'_>)| ClassCount {
            class: class.clone(),
            samples: tally.samples,
            subjects: tally.people(),
        };
        Self {
            label: label.to_owned(),
            samples: all.samples,
            subjects: all.people(),
            classes: classes.iter().zip(&by_class).map(count).collect(),
            without_label,
        }
    }

    /// Counts samples by what their cells say, each cell a class, in alphabetical order.
    pub fn of_cells(label: &str, samples: &[(Option<&str>, Option<String>)]) -> Self {
        let mut numbers: BTreeMap<&str, usize> =
            samples.iter().filter_map(|(_, cell)| Some((cell.as_deref()?, 0))).collect();
        let classes: Vec<String> = numbers.keys().map(|cell| (*cell).to_owned()).collect();
        numbers.values_mut().enumerate().for_each(|(number, class)| *class = number);
        let class = |cell: &Option<String>| Some(Target::Class(*numbers.get(cell.as_deref()?)?));
        Self::of(label, &classes, samples.iter().map(|(subject, cell)| (*subject, class(cell))))
    }

    /// The only class that samples here are of, of the several that there are; `None` where there are more, or none.
    #[must_use]
    pub fn only_class(&self) -> Option<&ClassCount> {
        let mut held = self.classes.iter().filter(|class| class.samples > 0);
        match (held.next(), held.next()) {
            (Some(class), None) if self.classes.len() > 1 => Some(class),
            _ => None,
        }
    }
}

impl fmt::Display for LabelCounts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let class = |ClassCount { class, samples, subjects }: &ClassCount| match subjects {
            Some(subjects) => format!("{class} {samples} of {subjects}"),
            None => format!("{class} {samples}"),
        };
        let classes = self.classes.iter().map(class).collect::<Vec<_>>().join(", ");
        write!(formatter, "{}: {classes}", self.label)?;
        match self.without_label {
            0 => Ok(()),
            samples => write!(formatter, ", without it {samples}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_and_people_are_counted_by_class() {
        let classes = ["a", "b", "c"].map(str::to_owned);
        let class = |class| Some(Target::Class(class));
        let samples =
            [(Some("x"), class(0)), (Some("x"), class(0)), (Some("y"), class(0)), (None, class(1)), (Some("y"), None)];
        let counts = LabelCounts::of("group", &classes, samples.into_iter());
        assert_eq!(counts.to_string(), "group: a 3 of 2, b 1, c 0 of 0, without it 1");
        assert_eq!((counts.samples, counts.subjects, counts.only_class()), (4, None, None));
        let counts = LabelCounts::of("group", &classes, samples[..3].iter().copied());
        assert_eq!((counts.subjects, counts.only_class()), (Some(2), Some(&counts.classes[0])));
        let counts = LabelCounts::of("age", &[], [(Some("x"), Some(Target::Value(3.0)))].into_iter());
        assert_eq!((counts.samples, counts.classes.len()), (1, 0));
    }

    #[test]
    fn cells_are_counted_in_their_order() {
        let cell = |text: &str| Some(text.to_owned());
        let counts =
            LabelCounts::of_cells("site", &[(Some("x"), cell("b")), (Some("y"), cell("a")), (Some("y"), None)]);
        assert_eq!(counts.to_string(), "site: a 1 of 1, b 1 of 1, without it 1");
    }

    #[test]
    fn what_older_versions_kept_is_read() {
        let older = r#"{"task": "group", "samples": 3, "subjects": null, "classes": [["a", 3], ["b", 0]]}"#;
        let counts: LabelCounts = serde_json::from_str(older).unwrap();
        assert_eq!(counts.to_string(), "group: a 3, b 0");
    }
}
