//! Simple methods beside the network's run.

use super::*;
use crate::{
    config::Baseline,
    training::{
        BaselineResults,
        metrics::{BALANCED_ACCURACY, METRICS, R2},
    },
};

const ALL: (&str, &str) = ("baselines = [\"majority\"]", "baselines = [\"riemann\", \"majority\", \"band_power\"]");
const SHORT: (&str, &str) = ("epochs = 3", "epochs = 1");

fn results(events: &[TrainEvent]) -> &BaselineResults {
    let told = |event: &TrainEvent| matches!(event, TrainEvent::Baselines(_));
    let place = events.iter().position(told).unwrap();
    assert!(!events[..place].iter().any(|event| matches!(event, TrainEvent::Batch(_))), "before anything is learnt");
    let TrainEvent::Baselines(results) = &events[place] else { unreachable!("it is one") };
    results
}

fn score(results: &BaselineResults, baseline: Baseline, task: &str, metric: &metrics::Metric) -> f64 {
    let method = results.methods.iter().find(|method| method.baseline == baseline).unwrap();
    let task = method.tasks.iter().find(|known| known.task == task).unwrap();
    assert!(METRICS.iter().any(|known| known.key == metric.key));
    assert_eq!((task.samples, task.subjects), (8, Some(8)));
    (metric.of)(task).unwrap()
}

#[test]
fn they_are_fitted_to_the_training_split_and_kept_with_the_run() {
    let rate = ("[optimizer]", "[augmentation]\nsfreq = 100\n[optimizer]");
    let config = config(&[ALL, SHORT, rate, OF_WINDOWS[0], OF_WINDOWS[1]]);
    let (summary, events, folder) = finished(&config, &windows(1.0));
    let results = results(&events);
    assert_eq!(results.split, "val");
    let methods: Vec<Baseline> = results.methods.iter().map(|method| method.baseline).collect();
    assert_eq!(methods, Baseline::ALL);
    // Patients' windows swing further. At which frequency is another matter in each of them, which their variance is not.
    assert_eq!(score(results, Baseline::Riemann, "health", &BALANCED_ACCURACY), 1.0);
    for baseline in [Baseline::BandPower, Baseline::Riemann] {
        assert!(score(results, baseline, "age", &R2) < 1.0, "{baseline}");
    }
    assert_eq!(score(results, Baseline::Majority, "health", &BALANCED_ACCURACY), 0.5);
    // 24 ages from 20 on in training, 8 in validation.
    assert!((score(results, Baseline::Majority, "age", &metrics::MAE) - 8.0).abs() < 1e-9);
    assert_eq!(summary.baselines.as_ref(), Some(results));
    assert_eq!(Summary::read(&read(&folder, run_folder::SUMMARY)).unwrap(), summary);
    assert!(summary.beside_baselines().unwrap().contains("mean of balanced accuracy and R²"));
}

#[test]
fn what_cannot_be_computed_is_said() {
    let config_of_windows = config(&[ALL, SHORT, OF_WINDOWS[0], OF_WINDOWS[1]]);
    let (_, events, _) = finished(&config_of_windows, &windows(1.0));
    let left_out = &results(&events).left_out;
    assert!(left_out.len() == 1 && left_out[0].starts_with("band_power: the folder"), "{left_out:?}");
    let (_, events, _) = finished(&config(&[ALL, SHORT]), &dataset());
    let results = results(&events);
    assert_eq!(results.methods.len(), 1);
    assert_eq!(
        results.left_out,
        ["band_power and riemann: made of windows of a signal, and a sample is a grey image of 16 x 16 pixels"]
    );
}

#[test]
fn without_them_or_with_all_of_them_the_network_learns_the_same() {
    let data = windows(1.0);
    let none = (ALL.0, "baselines = []");
    let [without, with] = [none, ALL].map(|baselines| {
        let (summary, events, folder) = finished(&config(&[baselines, OF_WINDOWS[0], OF_WINDOWS[1]]), &data);
        let is_told = events.iter().any(|event| matches!(event, TrainEvent::Baselines(_)));
        assert_eq!(summary.baselines.is_some(), is_told);
        (is_told, read(&folder, run_folder::HISTORY))
    });
    assert_eq!((without.0, with.0), (false, true));
    assert_eq!(without.1, with.1);
}

#[test]
fn a_run_that_is_stopped_while_they_are_fitted_goes_on_as_if_it_never_was() {
    let data = windows(1.0);
    let config = config(&[ALL, OF_WINDOWS[0], OF_WINDOWS[1]]);
    let (whole, ..) = finished(&config, &data);
    let folder = MemoryStorage::default();
    let (stopped, events) = run(&config, &data, &folder, InitialWeights::Random, &mut StopAfter(3));
    let stopped = stopped.unwrap();
    assert_eq!((stopped.ended, stopped.global_step, &stopped.baselines), (Ending::Stopped, 0, &None));
    assert!(!events.iter().any(|event| matches!(event, TrainEvent::Batch(_))));
    let (resumed, _) = run(&config, &data, &folder, InitialWeights::Resumed, &mut Uninterrupted);
    assert_eq!(resumed.unwrap(), whole);
}

/// Whether a run goes through samples for the simple methods, and how often.
fn batches_of_baselines(events: &[TrainEvent]) -> Vec<(usize, usize)> {
    let told = events.iter().filter_map(|event| match event {
        TrainEvent::BaselinesBatch { done, batches } => Some((*done, *batches)),
        _ => None,
    });
    told.collect()
}

#[test]
fn every_sample_is_read_once_for_all_of_them_and_not_again_when_a_run_goes_on() {
    let data = windows(1.0);
    let config = config(&[ALL, OF_WINDOWS[0], OF_WINDOWS[1]]);
    let (whole, ..) = finished(&config, &data);
    let folder = MemoryStorage::default();
    // 24 samples of training and 8 of validation, 5 a batch.
    let (stopped, events) = run(&config, &data, &folder, InitialWeights::Random, &mut StopAfter(30));
    assert_eq!(batches_of_baselines(&events), (1..=7).map(|done| (done, 7)).collect::<Vec<_>>());
    assert!(stopped.unwrap().global_step > 0);
    let (resumed, events) = run(&config, &data, &folder, InitialWeights::Resumed, &mut Uninterrupted);
    assert_eq!(batches_of_baselines(&events), []);
    assert_eq!(resumed.unwrap(), whole);
    assert_eq!(results(&events), whole.baselines.as_ref().unwrap());

    // What was kept is not taken for that of other methods.
    let other = config_with_majority_alone();
    let (resumed, _) = run(&other, &data, &folder, InitialWeights::Resumed, &mut Uninterrupted);
    assert!(resumed.is_err(), "the run is complete");
    let (anew, _) = run(&other, &data, &folder, InitialWeights::Random, &mut Uninterrupted);
    assert_eq!(anew.unwrap().baselines.unwrap().methods.len(), 1);
}

fn config_with_majority_alone() -> RunConfig {
    config(&[SHORT, OF_WINDOWS[0], OF_WINDOWS[1]])
}

const BAND_POWER: [(&str, &str); 3] = [
    ("backbone = \"cnn_light\"", "backbone = \"band_power\""),
    ("[dataset]", "[data]\ndata_type = \"timeseries\"\n[dataset]"),
    ("depth = 2", "extras = { sfreq = 100.0 }"),
];

fn of_band_power() -> RunConfig {
    config(&[ALL, BAND_POWER[0], BAND_POWER[1], BAND_POWER[2]])
}

#[test]
fn a_run_of_band_powers_reaches_what_the_method_beside_a_network_does() {
    let rate = ("[optimizer]", "[augmentation]\nsfreq = 100\n[optimizer]");
    let data = windows(1.0);
    let (_, events, _) = finished(&config(&[ALL, SHORT, rate, OF_WINDOWS[0], OF_WINDOWS[1]]), &data);
    let beside = results(&events).methods.iter().find(|method| method.baseline == Baseline::BandPower).unwrap();
    let (summary, events, folder) = finished(&of_band_power(), &data);
    assert_eq!((summary.ended, summary.global_step, summary.best_epoch), (Ending::Finished, 1, Some(1)));
    let methods = &summary.baselines.as_ref().unwrap().methods;
    assert!(methods.iter().all(|method| method.baseline != Baseline::BandPower), "a run is not compared with itself");
    let evaluated = events.iter().find_map(|event| match event {
        TrainEvent::Evaluated(evaluation) => Some(&evaluation.metrics.tasks),
        _ => None,
    });
    for (own, beside) in evaluated.unwrap().iter().zip(&beside.tasks) {
        assert_eq!(own.task, beside.task);
        for metric in METRICS {
            match ((metric.of)(own), (metric.of)(beside)) {
                (Some(own), Some(beside)) => {
                    let distance = (own - beside).abs() / beside.abs().max(1.0);
                    assert!(distance < 1e-4, "{}: {own} {beside}", metric.key);
                }
                (own, beside) => assert_eq!(own, beside, "{}", metric.key),
            }
        }
    }
    // What is tested, gone on with or predicted by later is all in the checkpoint.
    let (weights, metadata) = read_checkpoint(&folder, run_folder::BEST);
    assert_eq!(weights["backbone.running_mean"].shape, [5]);
    assert_eq!(weights["heads.health.net.0.weight"].shape, [2, 5]);
    assert!(metadata["config"].contains("\"sfreq\":100"), "{}", metadata["config"]);
    let (again, _, other_folder) = finished(&of_band_power(), &data);
    assert_eq!(again, summary);
    assert!(weights == self::weights(&other_folder, run_folder::BEST));
}

#[test]
fn a_run_of_band_powers_says_what_it_lacks() {
    let unknown = config(&[ALL, BAND_POWER[0], BAND_POWER[1]]);
    let refused = run(&unknown, &windows(1.0), &MemoryStorage::default(), InitialWeights::Random, &mut Uninterrupted);
    let refused = refused.0.unwrap_err().to_string();
    assert!(refused.contains("model.extras.sfreq"), "{refused}");
    let folder = MemoryStorage::default();
    let (stopped, _) = run(&of_band_power(), &windows(1.0), &folder, InitialWeights::Random, &mut StopAfter(9));
    assert_eq!((stopped.as_ref().unwrap().ended, stopped.unwrap().global_step), (Ending::Stopped, 0));
    let (resumed, _) = run(&of_band_power(), &windows(1.0), &folder, InitialWeights::Resumed, &mut Uninterrupted);
    assert_eq!(resumed.unwrap(), finished(&of_band_power(), &windows(1.0)).0);
}
