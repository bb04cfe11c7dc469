//! The test at a run's end.

use super::*;
use crate::training::{BaselineResults, events::Evaluation, history::TestResult};

/// The folder with a split of other people whose samples are those of the validation split.
fn with_test_split() -> MemoryStorage {
    let data = dataset();
    for path in files(&data).into_iter().filter(|path| path.starts_with("val")) {
        let mut bytes = read(&data, &path);
        if path.ends_with(".csv") {
            bytes = String::from_utf8(bytes).unwrap().replace("val", "test").into_bytes();
        }
        write(&data, &path.replacen("val", "test", 1), &bytes);
    }
    data
}

const TESTED: (&str, &str) = ("batch_size = 5", "batch_size = 5\ntest_split = \"test\"");

fn tested(events: &[TrainEvent]) -> Option<&TestResult> {
    events.iter().find_map(|event| if let TrainEvent::Tested(test) = event { Some(test) } else { None })
}

#[test]
fn the_best_checkpoint_is_what_is_tested() {
    // The rate makes epochs after the best one worse.
    let config = config(&[TESTED, ("epochs = 3", "epochs = 8"), ("learning_rate = 0.01", "learning_rate = 0.05")]);
    let (summary, events, folder) = finished(&config, &with_test_split());
    let test = summary.test.clone().unwrap();
    assert_eq!(tested(&events), Some(&*test));
    assert_eq!((test.split.as_str(), test.checkpoint.as_deref()), ("test", Some(run_folder::BEST)));
    assert!(summary.best_epoch.unwrap() < 8, "a test of the last weights would pass as well");
    assert_eq!(Some(test.epoch), summary.best_epoch);
    let best = events.iter().rev().find_map(|event| match event {
        TrainEvent::Evaluated(evaluation @ Evaluation { is_best: true, .. }) => Some(evaluation),
        _ => None,
    });
    let best = best.unwrap();
    assert_eq!((&test.metrics.tasks[1].scores, test.score), (&best.metrics.tasks[1].scores, best.score));
    assert!((test.metrics.loss - best.metrics.loss).abs() < 1e-5, "{test:?}");
    assert_eq!(test.metrics.tasks[0].subjects, Some(8));
    let methods = |results: &Option<BaselineResults>| results.as_ref().unwrap().methods.clone();
    assert_eq!(methods(&test.baselines), methods(&summary.baselines), "of the same samples");
    assert_eq!(test.baselines.as_ref().unwrap().split, "test");
    let begun = events.iter().filter_map(|event| match event {
        TrainEvent::Evaluating { position, .. } => Some(position.epoch),
        _ => None,
    });
    assert_eq!(begun.collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7, 8, 8], "the test is not in an epoch that never begins");
    let kept = Summary::read(&read(&folder, run_folder::SUMMARY)).unwrap();
    assert_eq!(kept.test, Some(test));
}

#[test]
fn where_no_checkpoint_is_kept_the_last_weights_are_tested() {
    let config = config(&[TESTED, ("epochs = 3", "epochs = 2\ncheckpoint_strategy = \"none\"")]);
    let (summary, ..) = finished(&config, &with_test_split());
    let test = summary.test.unwrap();
    assert_eq!((test.checkpoint, test.epoch), (None, 2));
}

#[test]
fn a_run_that_is_stopped_while_it_is_tested_is_tested_when_it_goes_on() {
    let config = config(&[TESTED]);
    let data = with_test_split();
    let (expected, ..) = finished(&config, &data);
    let folder = MemoryStorage::default();
    // 5 batches and 2 of evaluation an epoch; the test begins after them.
    let mut stop = StopAfter(3 * 7 + 1);
    let (stopped, events) = run(&config, &data, &folder, InitialWeights::Random, &mut stop);
    let stopped = stopped.unwrap();
    assert_eq!((stopped.ended, stopped.test, tested(&events)), (Ending::Stopped, None, None));
    assert_eq!(events.iter().filter(|event| matches!(event, TrainEvent::Evaluating { .. })).count(), 4);
    let (resumed, _) = run(&config, &data, &folder, InitialWeights::Resumed, &mut Uninterrupted);
    assert_eq!(resumed.unwrap(), expected);
}

#[test]
fn a_test_split_without_a_label_that_counts_is_told_before_anything_is_trained() {
    let data = with_test_split();
    let table = String::from_utf8(read(&data, "test-metadata.csv")).unwrap();
    // The header has these words between commas, too.
    let rows = table.lines().enumerate().map(|(row, line)| match row {
        0 => line.to_owned(),
        _ => line.replace(",M,", ",,").replace(",F,", ",,").replace(",PD,", ",,").replace(",H,", ",,"),
    });
    write(&data, "test-metadata.csv", rows.collect::<Vec<_>>().join("\n").as_bytes());
    let config = config(&[TESTED, ("age = 0.01", "age = 0.0")]);
    let folder = MemoryStorage::default();
    let (result, events) = run(&config, &data, &folder, InitialWeights::Random, &mut Uninterrupted);
    let error = result.unwrap_err();
    assert!(matches!(&error, TrainError::NothingToTest { split } if split == "test"));
    assert!(error.to_string().contains("dataset.test_split"), "{error}");
    assert!(events.is_empty() && files(&folder).is_empty());
}

#[test]
fn who_is_tested_on_is_in_no_other_split() {
    let data = with_test_split();
    let table = String::from_utf8(read(&data, "test-metadata.csv")).unwrap().replace("test7", "train7");
    write(&data, "test-metadata.csv", table.as_bytes());
    let (result, _) =
        run(&config(&[TESTED]), &data, &MemoryStorage::default(), InitialWeights::Random, &mut Uninterrupted);
    let error = result.unwrap_err().to_string();
    assert!(error.contains("train7"), "{error}");
    let missing =
        run(&config(&[TESTED]), &dataset(), &MemoryStorage::default(), InitialWeights::Random, &mut Uninterrupted);
    assert!(missing.0.unwrap_err().to_string().contains("test"));
}
