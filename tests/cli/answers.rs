//! What a trained model says, and how good that is: asked of the run, of its checkpoint alone, and about raw recordings.

use std::fs;

use serde_json::Value;
use signal_studio_tests::{Studio, contains};

const CONFIG: &str = "[settings]\nconfig = \"settings.toml\"\n[dataset]\nname = \"demo\"\ntasks = [\"health\", \"age\"]\n\
                      [model]\nbackbone = \"cnn_light\"\ninput_channels = 1\nembedding_dim = 8\ndepth = 2\n\
                      layer_repeats = 1\n[training]\nseed = 1\nlog_every_batches = 1\ndevice = \"cpu\"\nmax_steps = 3\n\
                      standardize_regression = true\nbaselines = []\n";

/// The cells of a column, by recording and the second at which a window begins.
fn cells(csv: &str, column: &str) -> Vec<((String, String), f64)> {
    let mut lines = csv.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let place = |name: &str| header.iter().position(|column| *column == name).unwrap();
    let (recording, start, value) = (place("recording"), place("start_s"), place(column));
    let cell = |line: Vec<&str>| ((line[recording].to_owned(), line[start].to_owned()), line[value].parse().unwrap());
    lines.map(cell).collect()
}

#[test]
fn a_checkpoint_says_of_a_recording_what_it_said_of_the_samples_that_were_made_of_it() {
    let studio = Studio::new();
    studio.write("demo.toml", CONFIG);
    studio.succeed(&["train", "demo.toml", "--output-dir", "runs"]);
    let run = studio.only_run("runs");
    let (run, best) = (run.to_str().unwrap(), run.join("checkpoints/best.safetensors"));

    let report = studio.succeed(&["evaluate", run]);
    contains(
        &report,
        &["best.safetensors", "on val: ", "by window (", "by subject (", "balanced accuracy", "against chance", "R²"],
    );
    let told: Value = serde_json::from_str(&studio.succeed(&["evaluate", run, "--json"])).unwrap();
    let assessment = &told["assessment"];
    assert_eq!(assessment["tasks"][0]["levels"][0]["level"], "window");
    assert!(assessment["tasks"][0]["levels"][2]["p"]["p"].as_f64().unwrap() > 0.0, "{told}");

    // Asked anew, without the run, it says the same.
    let anew =
        ["evaluate", best.to_str().unwrap(), "--data", "processed/demo", "--split", "val", "--predictions", "p.csv"];
    contains(&studio.succeed(&anew), &["on val: "]);
    let written = fs::read_to_string(format!("{run}/predictions-validation.csv")).unwrap();
    assert_eq!(studio.read("p.csv"), written);
    let train = studio.succeed(&["evaluate", run, "--split", "train", "--json"]);
    contains(&train, &["says nothing about new people"]);

    // In a folder where there is nothing but the checkpoint and a recording.
    fs::create_dir(studio.path("alone")).unwrap();
    fs::copy(&best, studio.path("alone/best.safetensors")).unwrap();
    let known = cells(&written, "health.p.parkinsons");
    let recording = known[0].0.0.clone();
    let name = recording.rsplit('/').next().unwrap();
    fs::copy(studio.path("raw/demo").join(&recording), studio.path("alone").join(name)).unwrap();
    let alone = studio.succeed(&["predict", "alone/best.safetensors", &format!("alone/{name}")]);
    for (column, known) in [("health.p.parkinsons", known), ("age.predicted", cells(&written, "age.predicted"))] {
        let of_recording: Vec<f64> =
            known.into_iter().filter(|((of, _), _)| *of == recording).map(|(_, value)| value).collect();
        let found: Vec<f64> = cells(&alone, column).into_iter().map(|(_, value)| value).collect();
        assert_eq!(found.len(), of_recording.len());
        for (found, known) in found.iter().zip(&of_recording) {
            assert!((found - known).abs() < 1e-6 * known.abs().max(1.0), "{column}: {found} is not {known}");
        }
    }
    let by_subject = studio.succeed(&["predict", "alone/best.safetensors", "alone", "--by", "subject", "--json"]);
    let row: Value = serde_json::from_str(by_subject.trim()).unwrap();
    let sum: f64 =
        row["tasks"]["health"]["probabilities"].as_object().unwrap().values().filter_map(Value::as_f64).sum();
    assert!((sum - 1.0).abs() < 1e-9 && row["start_s"].is_null(), "{row}");

    // Of one name, and not the same.
    for folder in ["one", "two"] {
        fs::create_dir(studio.path(folder)).unwrap();
        fs::copy(studio.path("alone").join(name), studio.path(folder).join("rest.edf")).unwrap();
    }
    let both = ["predict", "alone/best.safetensors", "one/rest.edf", "two/rest.edf", "--by", "recording"];
    contains(&studio.succeed(&both), &["\none/rest.edf,one/rest.edf,", "\ntwo/rest.edf,two/rest.edf,"]);
}

#[test]
fn what_cannot_be_answered_is_refused_with_the_reason() {
    let studio = Studio::new();
    studio.write("demo.toml", CONFIG);
    studio.succeed(&["train", "demo.toml", "--output-dir", "runs"]);
    let run = studio.only_run("runs");
    let best = run.join("checkpoints/best.safetensors");
    let best = best.to_str().unwrap();
    contains(&studio.fail(2, &["predict", best, "nobody.edf"]), &["there is no file or folder nobody.edf"]);
    studio.write("broken/sub-01.edf", "no recording");
    contains(&studio.fail(2, &["predict", best, "broken"]), &["sub-01.edf"]);
    contains(&studio.fail(2, &["evaluate", run.to_str().unwrap(), "--split", "holdout"]), &["holdout", "train", "val"]);
    contains(&studio.fail(2, &["evaluate", "nowhere"]), &["nowhere"]);
}
