//! What a model says of each person, as dots: for classes the share of windows that are right, sorted; for a number what is
//! predicted against what is true.

use signal_studio_core::{
    evaluation::{PersonAssessment, TaskAssessment},
    labels::Target,
};

use crate::{
    drawing::{axis::Axis, scale::Scale, span::Span, ticks::Ticks},
    format::{counted, percent, value},
};

/// About so many ticks.
const TICKS: usize = 5;

/// A person, as a dot. Who has windows of several labels is a dot for each.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonDot {
    /// Who it is.
    pub subject: String,
    /// The label, in words.
    pub label: String,
    /// Its class; none of a number.
    pub class: Option<usize>,
    /// Windows.
    pub windows: usize,
    /// The share of them that are right, or the mean of what is said, in words.
    pub said: String,
    /// How far the dot is to the right and up, each from 0 to 100.
    pub place: [f64; 2],
}

impl PersonDot {
    /// All of it, in words.
    #[must_use]
    pub fn in_words(&self) -> String {
        let Self { subject, label, windows, said, .. } = self;
        let windows = counted(*windows as u64, "window", "windows");
        match self.class {
            Some(_) => format!("{subject}, {label}: {said} of {windows} right"),
            None => format!("{subject}, {label}: {said} predicted, as the mean of {windows}"),
        }
    }
}

/// People as dots.
#[derive(Debug, Clone, PartialEq)]
pub struct PeopleDots {
    /// The lowest share first; of numbers the lowest label.
    pub dots: Vec<PersonDot>,
    /// Ticks of both axes of numbers: where they are, from 0 to 100, and what stands there. None of shares.
    pub ticks: Vec<(f64, String)>,
}

impl PeopleDots {
    /// What is said of each person for a task; none where it is not known whose windows these are.
    #[must_use]
    pub fn of(task: &TaskAssessment) -> Option<Self> {
        if task.people.is_empty() {
            return None;
        }
        let mut people: Vec<&PersonAssessment> = task.people.iter().collect();
        if task.classes.is_empty() { Some(numbers(&mut people, task)) } else { Some(shares(&mut people, task)) }
    }

    /// What the picture says, in words.
    #[must_use]
    pub fn in_words(&self) -> String {
        let dots: Vec<String> = self.dots.iter().map(PersonDot::in_words).collect();
        format!("{}.", dots.join("; "))
    }
}

fn shares(people: &mut [&PersonAssessment], task: &TaskAssessment) -> PeopleDots {
    people.sort_by(|a, b| a.said.total_cmp(&b.said));
    let count = people.len() as f64;
    let dot = |(rank, person): (usize, &&PersonAssessment)| {
        let class = match person.target {
            Target::Class(class) => class,
            Target::Value(_) => return None,
        };
        Some(PersonDot {
            subject: person.subject.clone(),
            label: task.classes.get(class)?.clone(),
            class: Some(class),
            windows: person.windows,
            said: percent(person.said),
            place: [100.0 * (rank as f64 + 0.5) / count, 100.0 * person.said],
        })
    };
    PeopleDots { dots: people.iter().enumerate().filter_map(dot).collect(), ticks: Vec::new() }
}

fn numbers(people: &mut [&PersonAssessment], task: &TaskAssessment) -> PeopleDots {
    let truth = |person: &PersonAssessment| match person.target {
        Target::Value(truth) => f64::from(truth),
        Target::Class(_) => f64::NAN,
    };
    people.sort_by(|a, b| truth(a).total_cmp(&truth(b)));
    let values = || people.iter().flat_map(|person| [truth(person), person.said]).filter(|value| value.is_finite());
    let [start, end] = [values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max)];
    let axis = Axis { span: Scale::Linear.padded(&Span { start, end }), from: 0.0, to: 100.0 };
    let unit = task.unit.as_ref().map_or_else(String::new, |unit| format!("\u{a0}{unit}"));
    let told = |number: f64| format!("{}{unit}", value(number).replace('-', "−"));
    let dot = |person: &&PersonAssessment| PersonDot {
        subject: person.subject.clone(),
        label: told(truth(person)),
        class: None,
        windows: person.windows,
        said: told(person.said),
        place: [axis.pixel(truth(person)), axis.pixel(person.said)],
    };
    let dots = people.iter().map(dot).filter(|dot| dot.place.iter().all(|place| place.is_finite())).collect();
    let Ticks { values, labels } = Ticks::linear(&axis.span, TICKS, false);
    PeopleDots { dots, ticks: values.into_iter().map(|value| axis.pixel(value)).zip(labels).collect() }
}
