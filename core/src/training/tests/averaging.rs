//! Runs whose weights are averaged.

use super::*;
use crate::model::parameters::is_buffer;

/// Three epochs, and two in which weights are averaged.
const AVERAGED: (&str, &str) =
    ("epochs = 3", "epochs = 3\nswa_enabled = true\nswa_extra_ratio = 0.7\nswa_lr_frac = 0.5");

/// A part of a model that is learnt.
fn bias(folder: &MemoryStorage, path: &str) -> f32 {
    weights(folder, path)["heads.health.net.2.bias"].data[0]
}

/// The learnt weights, and the statistics of batches.
fn parts(weights: Weights) -> (Weights, Weights) {
    weights.into_iter().partition(|(name, _)| !is_buffer(name))
}

#[test]
fn weights_are_averaged_after_the_base_epochs() {
    let (summary, _, folder) = finished(&config(&[AVERAGED]), &dataset());
    assert_eq!(summary.swa_checkpoint.as_deref(), Some(run_folder::SWA));
    let history = history(&folder);
    assert_eq!(history.len(), 5, "three base epochs and two more");
    assert!((history[4].lr - 0.005).abs() < 1e-12, "{}", history[4].lr);
    let [fourth, fifth, mean] =
        ["checkpoints/epoch-004.safetensors", "checkpoints/epoch-005.safetensors", run_folder::SWA]
            .map(|path| bias(&folder, path));
    assert!((mean - (fourth + fifth) / 2.0).abs() < 1e-6);
}

#[test]
fn an_epoch_is_averaged_once_however_the_run_is_interrupted() {
    let (config, data) = (config(&[AVERAGED]), dataset());
    let (expected, _, whole) = finished(&config, &data);
    // At the start of the fifth epoch, and before the evaluation of the fourth, when it is in the average.
    for polls in [28, 26] {
        let folder = MemoryStorage::default();
        let (summary, _) = run(&config, &data, &folder, InitialWeights::Random, &mut StopAfter(polls));
        assert_eq!(summary.unwrap().ended, Ending::Stopped);
        let state = read(&folder, run_folder::LAST_OPTIMIZER);
        for _ in ["stopped", "killed after all files but the state were written"] {
            write(&folder, run_folder::LAST_OPTIMIZER, &state);
            let (summary, _) = run(&config, &data, &folder, InitialWeights::Resumed, &mut Uninterrupted);
            assert_eq!(summary.unwrap(), expected);
            assert_eq!(history(&folder), history(&whole));
            assert_eq!(weights(&folder, run_folder::SWA), weights(&whole, run_folder::SWA));
        }
    }
}

#[test]
fn more_epochs_after_a_finished_run_are_averaged_on_their_own() {
    let with_epochs = |epochs: usize| {
        let text = AVERAGED.1.replace("epochs = 3", &format!("epochs = {epochs}"));
        config(&[(AVERAGED.0, &text)])
    };
    // One epoch and an averaged one; then, of six in all, the last two.
    let (data, folder) = (dataset(), finished(&with_epochs(1), &dataset()).2);
    run(&with_epochs(4), &data, &folder, InitialWeights::Resumed, &mut Uninterrupted).0.unwrap();
    let [fifth, sixth, mean] =
        ["checkpoints/epoch-005.safetensors", "checkpoints/epoch-006.safetensors", run_folder::SWA]
            .map(|path| bias(&folder, path));
    assert!((mean - (fifth + sixth) / 2.0).abs() < 1e-6);
}

#[test]
fn completing_the_average_leaves_the_model_as_it_is() {
    let of_windows = |training: &str| {
        let [backbone, samples] = OF_WINDOWS;
        config(&[backbone, samples, ("epochs = 3", training)])
    };
    // The rate is the same, so that only one of the two averages.
    let averaging = "epochs = 2\nswa_enabled = true\nswa_extra_ratio = 0.5\nswa_lr_frac = 1.0";
    let averaged = finished(&of_windows(averaging), &windows(1.0)).2;
    let plain = finished(&of_windows("epochs = 3"), &windows(1.0)).2;
    let third = "checkpoints/epoch-003.safetensors";
    for path in [third, run_folder::LAST] {
        assert_eq!(weights(&averaged, path), weights(&plain, path), "{path}");
    }
    // The average of one model has its weights, and batch statistics of its own.
    let (mean, model) = (parts(weights(&averaged, run_folder::SWA)), parts(weights(&averaged, third)));
    assert_eq!(mean.0, model.0);
    assert_ne!(mean.1, model.1);
}

#[test]
fn the_average_is_completed_and_scored_where_max_steps_ends_the_run() {
    let [backbone, samples] = OF_WINDOWS;
    let training = "epochs = 1\nmax_steps = 12\nswa_enabled = true\nswa_extra_ratio = 2.0";
    let config = config(&[backbone, samples, ("epochs = 3", training)]);
    let (summary, events, folder) = finished(&config, &windows(1.0));
    assert_eq!(summary.ended, Ending::MaxSteps);
    // The second epoch is in the average, the third was cut short.
    let mean = parts(weights(&folder, run_folder::SWA));
    let second = parts(weights(&folder, "checkpoints/epoch-002.safetensors"));
    assert_eq!(mean.0, second.0);
    assert_ne!(mean.1, second.1);
    let last = |event: &dyn Fn(&TrainEvent) -> bool| events.iter().rposition(event).unwrap();
    let written = last(&|event| matches!(event, TrainEvent::Checkpoint { path, .. } if path == run_folder::SWA));
    let scored = last(&|event| matches!(event, TrainEvent::Evaluated(_)));
    assert!(written < scored);
    assert_eq!(evaluated_steps(&events), [5, 10, 12]);
}

#[test]
fn the_completed_average_is_scored_after_a_stop_as_without_one() {
    let data = windows(1.0);
    let [backbone, samples] = OF_WINDOWS;
    let config = config(&[backbone, samples, AVERAGED]);
    let (expected, _, whole) = finished(&config, &data);
    // Within the pass that completes the average, and before the evaluation of the last epoch.
    for (polls, averaged) in [(35, 2), (38, 5)] {
        let folder = MemoryStorage::default();
        let (summary, events) = run(&config, &data, &folder, InitialWeights::Random, &mut StopAfter(polls));
        assert_eq!(summary.unwrap().ended, Ending::Stopped);
        let told = events.iter().filter(|event| matches!(event, TrainEvent::AveragedBatch { batches: 5, .. })).count();
        assert_eq!(told, averaged);
        let (summary, _) = run(&config, &data, &folder, InitialWeights::Resumed, &mut Uninterrupted);
        assert_eq!(summary.unwrap(), expected);
        assert_eq!(history(&folder), history(&whole));
        assert_eq!(weights(&folder, run_folder::SWA), weights(&whole, run_folder::SWA));
    }
}

#[test]
fn the_average_is_scored_though_its_last_model_has_just_been() {
    let training = "epochs = 1\nswa_enabled = true\nswa_extra_ratio = 2.0\neval_strategy = \"steps\"\neval_steps = 5\n\
                    max_best_checkpoints = 9";
    let (summary, events, _) = finished(&config(&[("epochs = 3", training)]), &dataset());
    assert_eq!(evaluated_steps(&events), [5, 10, 15, 15]);
    let mut paths: Vec<_> = summary.top_checkpoints.into_iter().map(|kept| kept.path).collect();
    paths.sort_unstable();
    paths.dedup();
    assert_eq!(paths.len(), 3, "one a step");
}
