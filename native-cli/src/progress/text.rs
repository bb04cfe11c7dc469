//! Numbers as people read them.

use std::{collections::BTreeMap, time::Duration};

use signal_studio_core::training::{
    Summary,
    events::{Evaluation, Start},
    history::{Ending, EpochRecord},
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

/// Why a run ended, and when.
pub fn how_it_ended(summary: &Summary) -> String {
    let how = match summary.ended {
        Ending::Finished => "finished",
        Ending::MaxSteps => "reached its last update",
        Ending::EarlyStopping => "stopped early, since the validation score no longer improved,",
        Ending::Stopped => "stopped",
    };
    format!("{how} after update {}", summary.global_step)
}

/// Loss by task.
pub fn losses(losses: &BTreeMap<String, f64>) -> String {
    losses.iter().map(|(task, loss)| format!("{task} {}", number(*loss))).collect::<Vec<_>>().join(", ")
}

/// The result of a validation run.
pub fn evaluation(evaluation: &Evaluation) -> String {
    let metrics = &evaluation.metrics;
    let scores = scores(&metrics.accuracy(), &metrics.f1(), &metrics.mae());
    let best = if evaluation.is_best { ", the best so far" } else { "" };
    format!("validation loss {}, {scores}{best}", number(metrics.loss))
}

/// The result of an epoch: its validation if there was one, else its training.
pub fn metrics_of_record(record: &EpochRecord) -> String {
    match (record.val_loss, &record.val_accuracy, &record.val_f1, &record.val_mae) {
        (Some(loss), Some(accuracy), Some(f1), Some(mae)) => {
            format!("validation loss {}, {}", number(loss), scores(accuracy, f1, mae))
        }
        _ => {
            let scores = scores(&record.train_accuracy, &record.train_f1, &record.train_mae);
            format!("training loss {}, {scores}", number(record.train_loss))
        }
    }
}

fn scores(accuracy: &BTreeMap<String, f64>, f1: &BTreeMap<String, f64>, mae: &BTreeMap<String, f64>) -> String {
    let classes = accuracy.iter().map(|(task, accuracy)| {
        let f1 = f1.get(task).map_or_else(String::new, |f1| format!(" (F1 {:.3})", f1));
        format!("{task} {:.1} %{f1}", 100.0 * accuracy)
    });
    let values = mae.iter().map(|(task, mae)| format!("{task} ±{mae:.2}"));
    classes.chain(values).collect::<Vec<_>>().join(", ")
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
        let record = EpochRecord {
            train_loss: 0.5,
            train_accuracy: by_task(0.75),
            train_f1: by_task(0.7),
            train_mae: BTreeMap::from([("age".to_owned(), 9.0)]),
            ..EpochRecord::default()
        };
        assert_eq!(metrics_of_record(&record), "training loss 0.5000, health 75.0 % (F1 0.700), age ±9.00");
    }
}
