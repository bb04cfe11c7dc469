//! Numbers as people read them.

use std::{collections::BTreeMap, time::Duration};

use signal_studio_core::training::{
    BaselineResults, Summary,
    events::{Evaluation, Start},
    history::{EpochRecord, TestResult},
    metrics::{BALANCED_ACCURACY, MAE, MAJORITY, Metric, Scores, Standing, TaskMetrics},
};

/// A count with its noun: `1 epoch`, `2 epochs`.
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// A file's size.
pub fn bytes(size: u64) -> String {
    match size {
        0..1_000 => format!("{size} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", size as f64 / 1e3),
        _ => format!("{:.1} MB", size as f64 / 1e6),
    }
}

/// A duration in its two largest units.
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// A number with the digits that matter.
pub fn number(value: f64) -> String {
    if value != 0.0 && !(1e-3..1e5).contains(&value.abs()) { format!("{value:.2e}") } else { format!("{value:.4}") }
}

/// What a run is about to do.
pub fn start(start: &Start) -> String {
    let validated = match start.val_samples {
        Some(samples) => format!("{samples} to validate on"),
        None => "no validation".to_owned(),
    };
    let resumed = match start.resumed_at {
        0 => String::new(),
        step => format!("; going on after update {step}"),
    };
    format!(
        "{} to train on, {validated}; {}, {}, {}, seed {}{resumed}",
        count(start.train_samples, "sample"),
        count(start.parameters, "parameter"),
        count(start.epochs, "epoch"),
        count(start.total_steps, "update"),
        start.seed
    )
}

/// What simple methods reach before the network has learnt anything: a line for each, and for each that is left out.
pub fn baselines(results: &BaselineResults) -> Vec<String> {
    let methods = results.methods.iter().map(|method| {
        let tasks: Vec<String> = method.tasks.iter().map(task).collect();
        format!("baseline {} on {}: {}", method.baseline, results.split, tasks.join("; "))
    });
    let left_out = results.left_out.iter().map(|what| format!("no baseline {what}"));
    methods.chain(left_out).collect()
}

/// Rows of cells as lines in which the cells of a column stand below each other; `padded` brings a cell to a width.
pub fn columns(rows: &[Vec<String>], padded: impl Fn(&str, usize) -> String) -> Vec<String> {
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..).map_while(width).collect();
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, &width)| padded(cell, width)).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

/// Why a run ended, and when.
pub fn how_it_ended(summary: &Summary) -> String {
    format!("ended after update {}: {}", summary.global_step, summary.ended)
}

/// Loss by task.
pub fn losses(losses: &BTreeMap<String, f64>) -> String {
    losses.iter().map(|(task, loss)| format!("{task} {}", number(*loss))).collect::<Vec<_>>().join(", ")
}

/// The result of a validation run.
pub fn evaluation(evaluation: &Evaluation) -> String {
    let metrics = &evaluation.metrics;
    let tasks: Vec<String> = metrics.tasks.iter().map(task).collect();
    let best = if evaluation.is_best { ", the best so far" } else { "" };
    format!("validation loss {}; {}{best}", number(metrics.loss), tasks.join("; "))
}

/// The result of the test.
pub fn test(test: &TestResult) -> String {
    let tasks: Vec<String> = test.metrics.tasks.iter().map(task).collect();
    format!("test of {}, on the split `{}`: {}", test.weights(), test.split, tasks.join("; "))
}

/// A task's result, beside that of guessing and of how many it is.
fn task(metrics: &TaskMetrics) -> String {
    let name = &metrics.task;
    let samples = count(usize::try_from(metrics.samples).unwrap_or(usize::MAX), "sample");
    let of = match metrics.subjects {
        Some(1) => format!("{samples} of 1 person"),
        Some(people) => format!("{samples} of {people} people"),
        None => samples,
    };
    let scores = &metrics.scores;
    if let Scores::Errors { mae, r2, .. } = scores {
        return match (metrics.samples, r2) {
            (0, _) => format!("{name}: no sample has a label"),
            (_, Some(r2)) if *r2 <= 0.0 => {
                format!("{name} ±{mae:.2} (R² {r2:.2}: no better than always saying the mean), {of}")
            }
            (_, Some(r2)) => format!("{name} ±{mae:.2} (R² {r2:.2}), {of}"),
            (_, None) => format!("{name} ±{mae:.2}, {of}"),
        };
    }
    let standing = match metrics.standing() {
        None | Some(Standing::Unlabelled) => return format!("{name}: no sample has a label"),
        Some(Standing::SingleClass) => return format!("{name}: not known, since all {of} are of one class"),
        Some(Standing::NoBetterThanMajority) => ": no better than always saying the most frequent class",
        Some(Standing::NoBetterThanChance) => ": no better than chance",
        Some(Standing::NotSurelyAboveChance) => ": not surely better than chance",
        Some(Standing::TooFewSubjects) => ": too few people to tell it from chance",
        Some(Standing::AboveChance) => "",
    };
    let share = |share: Option<f64>| share.unwrap_or_default();
    let (balanced, chance, majority) =
        (share(scores.balanced_accuracy()), share(scores.chance()), share(scores.majority()));
    let percent = |share: f64| format!("{:.0} %", 100.0 * share);
    let (chance, majority) = (percent(chance), percent(majority));
    format!("{name} balanced accuracy {:.1} % (chance {chance}, majority {majority}), {of}{standing}", 100.0 * balanced)
}

/// The result of an epoch: its validation if there was one, else its training, which says little about new people.
pub fn metrics_of_record(record: &EpochRecord) -> String {
    match record.val_loss {
        Some(loss) => format!("validation loss {}; {}", number(loss), scores(|metric| record.val(metric))),
        None => {
            let scores = scores(|metric| record.train(metric));
            format!("training loss {}; on the training samples themselves: {scores}", number(record.train_loss))
        }
    }
}

fn scores<'a>(by_task: impl Fn(&Metric) -> Option<&'a BTreeMap<String, f64>>) -> String {
    let none = BTreeMap::new();
    let [balanced, majority, mae] =
        [&BALANCED_ACCURACY, &MAJORITY, &MAE].map(|metric| by_task(metric).unwrap_or(&none));
    let classes = majority.iter().map(|(task, majority)| match balanced.get(task) {
        Some(balanced) if *majority < 1.0 => {
            format!("{task} balanced accuracy {:.1} % (majority {:.0} %)", 100.0 * balanced, 100.0 * majority)
        }
        _ => format!("{task}: not known, since all are of one class"),
    });
    let values = mae.iter().map(|(task, mae)| format!("{task} ±{mae:.2}"));
    classes.chain(values).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!(["0.0000", "0.7312", "1.00e-4"], [0.0, 0.731_234, 1e-4].map(number).each_ref().map(String::as_str));
        assert_eq!(duration(Duration::from_secs(59)), "59 s");
        assert_eq!(duration(Duration::from_secs(61)), "1 min 1 s");
        assert_eq!(duration(Duration::from_secs(7_320)), "2 h 2 min");
        assert_eq!(
            [999, 1_500, 12_345_678].map(bytes).each_ref().map(String::as_str),
            ["999 bytes", "1.5 kB", "12.3 MB"]
        );
        assert_eq!([count(1, "epoch"), count(0, "epoch")], ["1 epoch", "0 epochs"]);
    }

    #[test]
    fn an_epoch_without_validation_shows_its_training() {
        let by_task = |value| BTreeMap::from([("health".to_owned(), value)]);
        let record = EpochRecord { train_loss: 0.5, ..EpochRecord::default() }
            .with_train(&BALANCED_ACCURACY, by_task(0.75))
            .with_train(&MAJORITY, by_task(0.6))
            .with_train(&MAE, BTreeMap::from([("age".to_owned(), 9.0)]));
        assert_eq!(
            metrics_of_record(&record),
            "training loss 0.5000; on the training samples themselves: health balanced accuracy 75.0 % (majority 60 %); \
             age ±9.00"
        );
        let record = record.with_train(&BALANCED_ACCURACY, by_task(1.0)).with_train(&MAJORITY, by_task(1.0));
        assert!(!metrics_of_record(&record).contains("100"), "{}", metrics_of_record(&record));
    }

    #[test]
    fn a_result_stands_beside_that_of_guessing() {
        let of_people = |people, matrix: [[u64; 2]; 2]| {
            let samples = matrix.iter().flatten().sum();
            let scores = Scores::Confusion(matrix.map(Vec::from).to_vec());
            let class_subjects = Vec::new();
            task(&TaskMetrics {
                task: "gender".to_owned(),
                samples,
                subjects: Some(people),
                class_subjects,
                loss: 0.5,
                scores,
            })
        };
        let shown = |matrix| of_people(3, matrix);
        assert_eq!(
            shown([[18, 0], [2, 0]]),
            "gender balanced accuracy 50.0 % (chance 50 %, majority 90 %), 20 samples of 3 people: no better than \
             always saying the most frequent class"
        );
        assert_eq!(shown([[9, 0], [0, 0]]), "gender: not known, since all 9 samples of 3 people are of one class");
        assert_eq!(
            of_people(30, [[40, 10], [10, 40]]),
            "gender balanced accuracy 80.0 % (chance 50 %, majority 50 %), 100 samples of 30 people"
        );
        assert_eq!(
            shown([[40, 10], [10, 40]]),
            "gender balanced accuracy 80.0 % (chance 50 %, majority 50 %), 100 samples of 3 people: too few people to \
             tell it from chance"
        );
        assert_eq!(shown([[0, 0], [0, 0]]), "gender: no sample has a label");
    }
}
