//! An assessment as text: a table for each task, a column for each level.

use signal_studio_core::evaluation::{Assessment, LevelAssessment, PValue, Score, ScoreAssessment, TaskAssessment};

use crate::progress::{columns, count};

/// How good a model is, in words.
pub fn report(model: &str, splits: &[String], assessment: &Assessment) -> String {
    let mut lines = vec![model.to_owned(), of_what(splits, assessment)];
    for task in &assessment.tasks {
        lines.push(String::new());
        lines.extend(of_task(task));
    }
    lines.join("\n")
}

fn of_what(splits: &[String], assessment: &Assessment) -> String {
    let Assessment { windows, recordings, subjects, seeds, folds, .. } = assessment;
    let mut text = format!("on {}: {}", splits.join(", "), count(*windows, "window"));
    if let Some(recordings) = recordings {
        text += &format!(" of {}", count(*recordings, "recording"));
    }
    text += &match subjects {
        Some(1) => " of 1 person".to_owned(),
        Some(people) => format!(" of {people} people"),
        None => " of unknown people".to_owned(),
    };
    if *folds > 0 {
        text += &format!(", {}", count(*folds, "fold"));
    }
    if seeds.len() > 1 {
        text += &format!(", mean of {} seeds", seeds.len());
    }
    text
}

fn of_task(task: &TaskAssessment) -> Vec<String> {
    if task.levels.is_empty() {
        return vec![format!("{}: no window has a label", task.task)];
    }
    let unit = task.unit.as_ref().map_or_else(String::new, |unit| format!(" ({unit})"));
    let header = task.levels.iter().map(|level| format!("by {} ({})", level.level, level.answers));
    let mut rows: Vec<Vec<String>> = vec![[format!("{}{unit}", task.task)].into_iter().chain(header).collect()];
    let known: Vec<Score> = task.levels.iter().flat_map(|level| level.scores.iter().map(|score| score.score)).collect();
    let mut told = Vec::new();
    for score in known {
        if told.contains(&score) {
            continue;
        }
        told.push(score);
        let cell = |level: &LevelAssessment| {
            level.scores.iter().find(|of| of.score == score).map_or_else(|| "not known".to_owned(), cell_of)
        };
        rows.push([format!("  {}", score.name())].into_iter().chain(task.levels.iter().map(cell)).collect());
    }
    let chance = |level: &LevelAssessment| level.p.as_ref().map_or_else(|| "not known".to_owned(), p_value);
    rows.push(["  p, against chance".to_owned()].into_iter().chain(task.levels.iter().map(chance)).collect());
    if !task.classes.is_empty() {
        let guess = |level: &LevelAssessment| match (level.chance, level.majority) {
            (Some(chance), Some(majority)) => format!("{:.1} %, accuracy {:.1} %", 100.0 * chance, 100.0 * majority),
            _ => "not known".to_owned(),
        };
        rows.push(["  always the most frequent".to_owned()].into_iter().chain(task.levels.iter().map(guess)).collect());
    }
    for (class, name) in task.classes.iter().enumerate() {
        let recall = |level: &LevelAssessment| {
            level.recalls[class].map_or_else(|| "has none".to_owned(), |recall| format!("{:.1} %", 100.0 * recall))
        };
        rows.push([format!("  recall of {name}")].into_iter().chain(task.levels.iter().map(recall)).collect());
    }
    columns(&rows, |cell, width| format!("{cell:width$}"))
}

/// A score with its interval.
fn cell_of(score: &ScoreAssessment) -> String {
    let number =
        |value: f64| if score.score.is_share() { format!("{:.1}", 100.0 * value) } else { format!("{value:.3}") };
    let unit = if score.score.is_share() { " %" } else { "" };
    match &score.interval {
        Some(interval) => {
            format!("{}{unit} [{}, {}]", number(score.value), number(interval.low), number(interval.high))
        }
        None => format!("{}{unit}", number(score.value)),
    }
}

/// A p-value beside the smallest that there could be.
fn p_value(p: &PValue) -> String {
    let digits = |value: f64| match value {
        value if value < 1e-4 => format!("{value:.0e}"),
        value if value < 1e-2 => format!("{value:.4}"),
        value => format!("{value:.3}"),
    };
    format!("{} (not below {})", digits(p.p), digits(p.resolution))
}
