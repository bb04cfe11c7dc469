//! Runs whose updates are of several batches.

use super::{interrupted::assert_goes_on_exactly, *};
use crate::config::Backbone;

/// A run over [`windows`] of a model without batch normalisation and dropout, whose 24 samples are in batches of this size.
fn accumulating(batch_size: usize, batches: usize) -> RunConfig {
    let mut config = config(&OF_WINDOWS);
    config.model.backbone = Backbone::Transformer;
    config.model.dropout = 0.0;
    let transformer = &mut config.model.extras.transformer;
    (transformer.input_dim, transformer.seq_length) = (Some(1), Some(SAMPLES));
    (transformer.hidden_dim, transformer.ff_dim, transformer.num_layers) = (8, 8, 1);
    config.dataset.batch_size = batch_size;
    config.training.gradient_accumulation_steps = batches;
    config
}

/// The same dataset with cells of one column of the training table left empty.
fn without_labels(data: &MemoryStorage) -> MemoryStorage {
    let path = "train-metadata.csv";
    let table = String::from_utf8(read(data, path)).unwrap();
    let rows = table.lines().enumerate().map(|(row, line)| match row % 3 {
        1 => line.replace(",PD,", ",,").replace(",H,", ",,"),
        _ => line.to_owned(),
    });
    let data = windows(1.0);
    write(&data, path, (rows.collect::<Vec<_>>().join("\n") + "\n").as_bytes());
    data
}

#[track_caller]
fn assert_close(one: &Weights, other: &Weights) {
    for (name, values) in one {
        for (value, expected) in values.data.iter().zip(&other[name].data) {
            assert!((value - expected).abs() < 2e-4, "{name}: {value} and {expected}");
        }
    }
}

#[test]
fn several_batches_are_one_large_batch() {
    let full = windows(1.0);
    for (data, class_weights) in [(without_labels(&full), "none"), (full, "balanced")] {
        let run = |batch_size, batches| {
            let mut config = accumulating(batch_size, batches);
            // Adam divides by what rounding alone differs in where gradients are next to nothing.
            config.optimizer.name = crate::config::OptimizerName::Sgd;
            if class_weights == "balanced" {
                config.training.class_weights = crate::config::ClassWeights::Balanced;
            }
            finished(&config, &data)
        };
        // 24 samples are three of 8, or five of 5 of which the last has 4: updates of 10, 10 and 4.
        for ((size, batches), (large, updates)) in [((4, 2), (8, 9)), ((5, 2), (10, 9)), ((2, 50), (24, 3))] {
            let (accumulated, whole) = (run(size, batches), run(large, 1));
            assert_eq!((accumulated.0.global_step, whole.0.global_step), (updates, updates));
            assert_close(&weights(&accumulated.2, run_folder::LAST), &weights(&whole.2, run_folder::LAST));
            let steps = |events: &[TrainEvent]| -> Vec<(usize, f64, f64)> {
                let steps = events.iter().filter_map(|event| match event {
                    TrainEvent::Step(step) => Some((step.position.step, step.loss, step.grad_norm)),
                    _ => None,
                });
                steps.collect()
            };
            let (told, expected) = (steps(&accumulated.1), steps(&whole.1));
            assert_eq!(told.len(), expected.len());
            for (told, expected) in told.iter().zip(&expected) {
                assert_eq!(told.0, expected.0);
                assert!(
                    (told.1 - expected.1).abs() < 1e-3 && (told.2 - expected.2).abs() < 1e-2,
                    "{told:?} {expected:?}"
                );
            }
            for (one, other) in history(&accumulated.2).iter().zip(&history(&whole.2)) {
                assert_eq!(one.lr, other.lr);
                assert_eq!(one.train(&metrics::ACCURACY), other.train(&metrics::ACCURACY));
            }
        }
    }
}

#[test]
fn schedules_and_cadences_count_updates() {
    let mut config = accumulating(5, 2);
    config.scheduler.name = crate::config::SchedulerName::Linear;
    config.training.eval = crate::config::Cadence::Steps(2);
    config.training.log_every_batches = 4;
    let (summary, events, folder) = finished(&config, &windows(1.0));
    assert_eq!(summary.global_step, 9);
    assert_eq!(evaluated_steps(&events), [2, 4, 6, 8, 9]);
    // The first of nine updates has the whole rate.
    let rate = |updates_before: f64| 0.01 * (1.0 - updates_before / 9.0);
    let rates: Vec<f64> = history(&folder).iter().map(|record| record.lr).collect();
    for (rate, expected) in rates.iter().zip([rate(2.0), rate(5.0), rate(8.0)]) {
        assert!((rate - expected).abs() < 1e-12, "{rates:?}");
    }
    let reported: Vec<usize> = events
        .iter()
        .filter_map(|event| if let TrainEvent::Step(step) = event { Some(step.position.step) } else { None })
        .collect();
    assert_eq!(reported, [2, 4, 6, 8]);
}

#[test]
fn a_run_that_is_interrupted_goes_on_at_its_latest_update() {
    let mut config = accumulating(3, 3);
    config.model.dropout = 0.2;
    // Epochs have eight batches, and updates of three, three and two.
    assert_goes_on_exactly(&config, &windows(1.0), &[1, 2, 4, 7], &[run_folder::LAST]);
}

#[test]
fn an_epoch_goes_on_with_updates_as_they_were() {
    let (config, data, folder) = (accumulating(3, 3), windows(1.0), MemoryStorage::default());
    let stopped = run(&config, &data, &folder, InitialWeights::Random, &mut StopAfter(1)).0;
    assert_eq!(stopped.unwrap().global_step, 1);
    let other = accumulating(3, 2);
    let refused = run(&other, &data, &folder, InitialWeights::Resumed, &mut Uninterrupted).0.unwrap_err().to_string();
    assert!(refused.contains("gradient_accumulation_steps = 3, which is 2 now; set it back to 3"), "{refused}");
}
