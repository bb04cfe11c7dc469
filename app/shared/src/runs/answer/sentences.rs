//! What answers come to, each in a sentence: how good they are, how sure that is, and whether it is more than chance.

use std::collections::BTreeSet;

use signal_studio_core::evaluation::{Assessment, Level, LevelAssessment, Score, ScoreAssessment, TaskAssessment};

use super::numbers::{level_names, p_value, score, with_interval};
use crate::{
    format::{count, counted, percent},
    protocol::{RunStatus, SplitAnswer},
};

/// What is taken for more than chance has a p value of at most this.
const SIGNIFICANT: f64 = 0.05;

/// How good the answers to a task are at a level.
#[must_use]
pub fn sentence(split: &SplitAnswer, task: &TaskAssessment, level: &LevelAssessment) -> String {
    let whose = whose(split, task, level);
    let by = level_names(level.level)[0];
    let found = |score: Score| level.scores.iter().find(|of| of.score == score);
    if task.classes.is_empty() {
        let Some(mae) = found(Score::Mae) else { return format!("{whose}, there is no score.") };
        let error = with_interval(mae, task.unit.as_deref());
        return format!("{whose}, predictions by {by} are off by {error} on average{}.", beside_mean(level, found));
    }
    let Some(balanced) = found(Score::BalancedAccuracy) else { return single_class(&whose, task, level) };
    let comparison = beside_chance(level, balanced);
    format!("{whose}, balanced accuracy by {by} is {}{comparison}.", with_interval(balanced, None))
}

/// What is to be known of intervals that say little, because resamples of so few people often have no score.
#[must_use]
pub fn caution(level: &LevelAssessment) -> Option<String> {
    let intervals = level.scores.iter().filter_map(|score| score.interval);
    let worst =
        intervals.max_by_key(|interval| interval.undefined).filter(|worst| 20 * worst.undefined > worst.draws)?;
    let [undefined, draws] = [worst.undefined, worst.draws].map(|draws| count(draws as u64));
    Some(format!("Up to {undefined} of {draws} resamples of these people have no score: the intervals say little."))
}

/// What a level is missing for, where a task is not known at it.
#[must_use]
pub fn not_known(task: &TaskAssessment, level: Level) -> String {
    if task.levels.is_empty() {
        return "No window has this label.".to_owned();
    }
    let [_, several] = level_names(level);
    format!("It is not known of which {several} these windows are.")
}

/// What a split holds: "240 windows of 12 recordings of 6 people".
#[must_use]
pub fn extent(assessment: &Assessment) -> String {
    let mut text = counted(assessment.windows as u64, "window", "windows");
    if let Some(recordings) = assessment.recordings {
        text += &format!(" of {}", counted(recordings as u64, "recording", "recordings"));
    }
    match assessment.subjects {
        Some(people) => text += &format!(" of {}", counted(people as u64, "person", "people")),
        None => text += " of unknown people",
    }
    text
}

/// Why nothing is known of a run that stands so.
#[must_use]
pub fn no_answer(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Training => "Nothing is known yet: the model has not been evaluated.",
        RunStatus::Complete | RunStatus::Resumable | RunStatus::Ended => {
            "What the model says of single windows is not in this run’s folder: it was stopped before it was evaluated, has no \
             validation, or is of an older version of Signal Studio."
        }
    }
}

/// Whose answers these are.
fn whose(split: &SplitAnswer, task: &TaskAssessment, level: &LevelAssessment) -> String {
    let people: BTreeSet<&str> = task.people.iter().map(|person| person.subject.as_str()).collect();
    match (people.len() as u64, split.is_test) {
        (0, _) => {
            let [one, several] = level_names(level.level);
            format!("On {} of unknown people", counted(level.answers as u64, one, several))
        }
        (people, true) => format!("On {} the model has never seen", counted(people, "person", "people")),
        (people, false) => format!("On {} of validation", counted(people, "person", "people")),
    }
}

fn single_class(whose: &str, task: &TaskAssessment, level: &LevelAssessment) -> String {
    let only = level.confusion.iter().position(|row| row.iter().any(|&count| count > 0.0));
    let class = only.and_then(|class| task.classes.get(class)).map_or("one class", String::as_str);
    format!("{whose}, all labels are {class}: there is nothing to tell apart.")
}

/// How a balanced accuracy compares with guessing, as the end of a sentence.
fn beside_chance(level: &LevelAssessment, balanced: &ScoreAssessment) -> String {
    let chance = level.chance.unwrap_or_default();
    let told = percent(chance);
    match &level.p {
        None => format!("; whether that is better than chance ({told}) cannot be told"),
        Some(p) if balanced.value <= chance => format!(", no better than chance ({told}, {})", p_value(p)),
        Some(p) if p.resolution > SIGNIFICANT => format!("; these are too few people to tell it from chance ({told})"),
        Some(p) if p.p > SIGNIFICANT => format!(", not surely better than chance ({told}, {})", p_value(p)),
        Some(p) => format!(", better than chance ({told}, {})", p_value(p)),
    }
}

/// How predicted numbers compare with always saying the mean of these labels, as the end of a sentence.
fn beside_mean<'a>(level: &LevelAssessment, found: impl Fn(Score) -> Option<&'a ScoreAssessment>) -> String {
    let Some(r2) = found(Score::R2) else {
        return "; all labels are alike, so that there is nothing to tell apart".to_owned();
    };
    let told = format!("R² {}", score(Score::R2, r2.value, None));
    match &level.p {
        _ if r2.value <= 0.0 => format!(", no better than always saying their mean ({told})"),
        None => format!("; whether that is better than chance cannot be told ({told})"),
        Some(p) if p.resolution > SIGNIFICANT => format!("; these are too few people to tell it from chance ({told})"),
        Some(p) if p.p > SIGNIFICANT => format!(", not surely better than chance ({told}, {})", p_value(p)),
        Some(p) => format!(", better than chance ({told}, {})", p_value(p)),
    }
}
