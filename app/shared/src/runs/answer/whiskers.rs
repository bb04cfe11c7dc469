//! Scores as dots with the whiskers of their intervals, beside those of simple methods and guessing: which rows there are,
//! and where on a shared axis they lie.

use signal_studio_core::{
    config::Baseline,
    evaluation::{Level, LevelAssessment, Score, TaskAssessment},
    training::{
        BaselineResults,
        metrics::{Scores, TaskMetrics},
    },
};

use super::numbers::{capitalised, interval, score};
use crate::{
    drawing::{axis::Axis, span::Span, ticks::Ticks},
    format::percent,
};

/// Between both ends of the axis and those of the picture, in percent of its width: room for half a dot and half a label.
const MARGIN: f64 = 5.0;

/// About so many ticks.
const TICKS: usize = 5;

/// Dots and whiskers on one axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Whiskers {
    /// What is scored in each way.
    pub groups: Vec<Group>,
    /// The axis' ticks: where they are in percent of the width, and what stands there.
    pub ticks: Vec<(f64, String)>,
}

/// What is scored in one way.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The score.
    pub title: String,
    /// What guessing reaches: where it is in percent of the width, and how much it is.
    pub guess: Option<(f64, String)>,
    /// The model first.
    pub rows: Vec<Row>,
}

/// A score, where it is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What has it.
    pub name: String,
    /// Whether that is the run's model.
    pub is_model: bool,
    /// How much it is, with its interval, in words.
    pub told: String,
    /// Where its dot is, in percent of the width.
    pub place: f64,
    /// Both ends of its interval.
    pub whisker: Option<[f64; 2]>,
}

/// A score that is not placed yet.
struct Value {
    name: String,
    told: String,
    value: f64,
    interval: Option<[f64; 2]>,
    is_model: bool,
}

impl Whiskers {
    /// The scores of a task at a level, beside those that simple methods have of it, which are by window; none where it has
    /// no score.
    #[must_use]
    pub fn of(task: &TaskAssessment, level: &LevelAssessment, baselines: Option<&BaselineResults>) -> Option<Self> {
        let score = if task.classes.is_empty() { Score::Mae } else { Score::BalancedAccuracy };
        let mut groups: Vec<(String, Option<f64>, Vec<Value>)> = Vec::new();
        if let Some(model) = model(task, level, score) {
            let title = match &task.unit {
                Some(unit) => format!("{} ({unit})", score.name()),
                None => capitalised(score.name()),
            };
            let values = [model].into_iter().chain(beside(task, level, baselines, score));
            groups.push((title, level.chance, values.collect()));
        }
        if let Some(model) = model(task, level, Score::Accuracy) {
            let most_frequent = level.majority.map(|value| Value {
                name: "always the most frequent class".to_owned(),
                told: percent(value),
                value,
                interval: None,
                is_model: false,
            });
            let title = capitalised(Score::Accuracy.name());
            groups.push((title, None, [model].into_iter().chain(most_frequent).collect()));
        }
        let axis = axis(groups.iter().flat_map(|(.., values)| values), !task.classes.is_empty());
        let placed = |(title, chance, values): (String, Option<f64>, Vec<Value>)| Group {
            title,
            guess: chance.map(|chance| (axis.pixel(chance), percent(chance))),
            rows: values.into_iter().map(|value| value.on(&axis)).collect(),
        };
        let groups: Vec<Group> = groups.into_iter().map(placed).collect();
        (!groups.is_empty()).then(|| Self { groups, ticks: ticks(&axis, !task.classes.is_empty()) })
    }

    /// All that the picture says, in words.
    #[must_use]
    pub fn in_words(&self) -> String {
        let of_group = |group: &Group| {
            let guess = group.guess.iter().map(|(_, chance)| format!("chance {chance}"));
            let rows = group.rows.iter().map(|row| format!("{} {}", row.name, row.told)).chain(guess);
            format!("{}: {}.", group.title, rows.collect::<Vec<_>>().join("; "))
        };
        self.groups.iter().map(of_group).collect::<Vec<_>>().join(" ")
    }
}

impl Value {
    fn on(self, axis: &Axis) -> Row {
        let Self { name, told, value, interval, is_model } = self;
        let whisker = interval.map(|ends| ends.map(|end| axis.clamped(axis.pixel(end))));
        Row { name, is_model, told, place: axis.clamped(axis.pixel(value)), whisker }
    }
}

fn model(task: &TaskAssessment, level: &LevelAssessment, of: Score) -> Option<Value> {
    let of = level.scores.iter().find(|known| known.score == of)?;
    let unit = task.unit.as_deref();
    let mut told = score(of.score, of.value, unit);
    if let Some(known) = &of.interval {
        told += &format!(", {}", interval(of.score, known, unit));
    }
    Some(Value {
        name: "this model".to_owned(),
        told,
        value: of.value,
        interval: of.interval.map(|interval| [interval.low, interval.high]),
        is_model: true,
    })
}

/// What simple methods reach in the same.
fn beside(
    task: &TaskAssessment,
    level: &LevelAssessment,
    baselines: Option<&BaselineResults>,
    of: Score,
) -> Vec<Value> {
    let by = if level.level == Level::Window { "" } else { ", by window" };
    // Of classes, always naming one of them is the line of chance.
    let is_told = |baseline| task.classes.is_empty() || baseline != Baseline::Majority;
    let methods = baselines.into_iter().flat_map(|results| &results.methods).filter(|method| is_told(method.baseline));
    let of_method = methods.filter_map(|method| {
        let value = value_of(method.tasks.iter().find(|metrics| metrics.task == task.task)?)?;
        Some(Value {
            name: format!("{}{by}", method.baseline),
            told: score(of, value, task.unit.as_deref()),
            value,
            interval: None,
            is_model: false,
        })
    });
    of_method.filter(|method| method.value.is_finite()).collect()
}

/// What a method is compared with the model by: the error of a number, and else the balanced accuracy.
fn value_of(task: &TaskMetrics) -> Option<f64> {
    match &task.scores {
        Scores::Errors { mae, .. } => Some(*mae),
        classes @ Scores::Confusion(_) => classes.balanced_accuracy(),
    }
}

/// An axis for these values, along percents of the picture's width.
fn axis<'v>(values: impl Iterator<Item = &'v Value>, are_shares: bool) -> Axis {
    let farthest = values.flat_map(|value| [value.value, value.interval.map_or(0.0, |[_, high]| high)]);
    let end = if are_shares { 1.0 } else { farthest.fold(0.0, f64::max) };
    let span = Span { start: 0.0, end: if end > 0.0 { end } else { 1.0 } };
    Axis { span, from: MARGIN, to: 100.0 - MARGIN }
}

fn ticks(axis: &Axis, are_shares: bool) -> Vec<(f64, String)> {
    if are_shares {
        return [0.0, 0.25, 0.5, 0.75, 1.0].map(|share| (axis.pixel(share), format!("{:.0}", 100.0 * share))).to_vec();
    }
    let Ticks { values, labels } = Ticks::linear(&axis.span, TICKS, false);
    values.into_iter().map(|value| axis.pixel(value)).zip(labels).collect()
}
