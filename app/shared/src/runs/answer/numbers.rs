//! Scores, their intervals and p values as people read them.

use signal_studio_core::evaluation::{Interval, Level, PValue, Score, ScoreAssessment};

use crate::format;

/// A score with its unit: "64.1 %", "0.310", "4.21 years". The unit is that of the label, where it has one.
#[must_use]
pub fn score(score: Score, value: f64, unit: Option<&str>) -> String {
    number(score, value) + &suffix(score, unit)
}

/// Both ends of an interval: "51.0 to 75.3 %".
#[must_use]
pub fn interval(of: Score, interval: &Interval, unit: Option<&str>) -> String {
    format!("{} to {}", number(of, interval.low), score(of, interval.high, unit))
}

/// A score and its interval, where it has one: "64.1 % (95 % interval 51.0 to 75.3 %)".
#[must_use]
pub fn with_interval(of: &ScoreAssessment, unit: Option<&str>) -> String {
    let value = score(of.score, of.value, unit);
    match &of.interval {
        Some(known) => format!("{value} ({} interval {})", level_of(known), interval(of.score, known, unit)),
        None => value,
    }
}

/// How often such an interval holds the score of all people: "95 %".
#[must_use]
pub fn level_of(interval: &Interval) -> String {
    format!("{:.0}\u{202f}%", 100.0 * interval.level)
}

/// "p = 0.021", "p < 0.001".
#[must_use]
pub fn p_value(p: &PValue) -> String {
    match p.p {
        p if p < 0.001 => "p < 0.001".to_owned(),
        p if p < 0.1 => format!("p = {p:.3}"),
        p => format!("p = {p:.2}"),
    }
}

/// What a level is called, of one and of several.
#[must_use]
pub fn level_names(level: Level) -> [&'static str; 2] {
    match level {
        Level::Window => ["window", "windows"],
        Level::Recording => ["recording", "recordings"],
        Level::Subject => ["person", "people"],
    }
}

/// A name as it begins a line.
#[must_use]
pub fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Whether a score is told in the label's unit.
fn is_in_unit(score: Score) -> bool {
    matches!(score, Score::Mae | Score::Rmse | Score::Bias)
}

fn number(score: Score, value: f64) -> String {
    let text = if score.is_share() {
        format!("{:.1}", 100.0 * value)
    } else if is_in_unit(score) {
        format::value(value)
    } else {
        format!("{value:.3}")
    };
    text.replace('-', "−")
}

fn suffix(score: Score, unit: Option<&str>) -> String {
    match unit {
        _ if score.is_share() => "\u{202f}%".to_owned(),
        Some(unit) if is_in_unit(score) => format!("\u{a0}{unit}"),
        _ => String::new(),
    }
}
