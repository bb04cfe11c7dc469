//! Simple methods on real recordings: beside a run, and as a run of their own.

use std::path::Path;

use serde_json::Value;
use signal_studio_tests::{Studio, contains, json, shared};

/// The balanced accuracy of the first task, in percent.
fn balanced_accuracy(tasks: &Value) -> f64 {
    let rows = tasks[0]["confusion"].as_array().unwrap();
    let recall = |(class, row): (usize, &Value)| {
        let counts: Vec<f64> = row.as_array().unwrap().iter().filter_map(Value::as_f64).collect();
        counts[class] / counts.iter().sum::<f64>()
    };
    100.0 * rows.iter().enumerate().map(recall).sum::<f64>() / rows.len() as f64
}

#[test]
fn band_powers_tell_arithmetic_from_rest_in_unseen_people_as_published() {
    let Some(root) = shared("data/eegmat") else { return };
    let studio = Studio::new();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../configs/classification/eegmat-band-power.toml");
    let train = ["train", file.to_str().unwrap(), "--root", root.to_str().unwrap(), "--output-dir", "runs"];
    let report = studio.succeed(&[&train[..], &["--device", "cpu"]].concat());
    contains(&report, &["In the test, the best baseline, riemann, reaches", "of 6 people"]);
    let run = studio.only_run("runs");
    let test = &json(&run.join("summary.json"))["test"];
    // The benchmark's first fold, of the same people.
    let reached = balanced_accuracy(&test["metrics"]["tasks"]);
    assert!((reached - 76.4).abs() < 1.0, "{reached}");
    let methods = test["baselines"]["methods"].as_array().unwrap();
    let names: Vec<&str> = methods.iter().filter_map(|method| method["baseline"].as_str()).collect();
    assert_eq!(names, ["majority", "riemann"]);
    assert_eq!(balanced_accuracy(&methods[0]["tasks"]), 50.0);
    contains(&studio.succeed(&["inspect", run.to_str().unwrap()]), &["baseline riemann on test: math_activity"]);
}
