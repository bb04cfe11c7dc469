//! What the command line trains on: prepared data that no longer fit, on the demo and on recordings made here.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking and says why it skips"
)]

mod process;
#[path = "../core/src/test_support.rs"]
mod test_support;

use std::fs;

use process::{SMALL_WINDOWS, Studio, contains};
use serde_json::Value;
use signal_studio_core::recording::{EdfChannel, EdfHeader, StartTime, write_edf};

const MODEL: &str = "[model]\nbackbone = \"cnn_light\"\ninput_channels = 1\nembedding_dim = 8\ndepth = 1\n\
                     layer_repeats = 1\n[training]\nseed = 1\ndevice = \"cpu\"\nmax_steps = 1\n";
const STALE: &str = "are not what would be made of the recordings now";

impl Studio {
    /// Recordings in the math dataset's layout, at rest, of so many subjects.
    fn math(&self, subjects: usize) -> &Self {
        let mut table = String::from("Subject,Age,Gender\n");
        for subject in 0..subjects {
            self.write(&format!("raw/math/Subject{subject:02}_1.edf"), recording(subject));
            table += &format!("Subject{subject:02},{},{}\n", 20 + subject, ["F", "M"][subject % 2]);
        }
        self.write("raw/math/subject-info.csv", table);
        self
    }

    /// A run file over a dataset.
    fn run_file(&self, name: &str, dataset: &str, task: &str) {
        let text = format!(
            "[settings]\nconfig = \"settings.toml\"\n[dataset]\nname = \"{dataset}\"\ntasks = \"{task}\"\n{MODEL}"
        );
        self.write(name, text);
    }

    /// Changes a JSON file.
    fn edit(&self, relative: &str, change: impl FnOnce(&mut Value)) {
        let mut json: Value = serde_json::from_slice(&fs::read(self.path(relative)).unwrap()).unwrap();
        change(&mut json);
        self.write(relative, json.to_string());
    }
}

/// Six seconds of the math dataset's channels at 250 Hz.
fn recording(subject: usize) -> Vec<u8> {
    let labels = [
        "Fp1", "Fp2", "F3", "F4", "F7", "F8", "T3", "T4", "C3", "C4", "T5", "T6", "P3", "P4", "O1", "O2", "Fz", "Cz",
        "Pz", "A2-A1",
    ];
    let labels: Vec<String> = labels.iter().map(|label| format!("EEG {label}")).collect();
    let samples: Vec<f64> = (0..1500).map(|n| 2e-5 * (f64::from(n) * (0.1 + subject as f64 / 100.0)).sin()).collect();
    let channels: Vec<EdfChannel<'_>> = labels
        .iter()
        .map(|label| EdfChannel {
            label,
            rate_hz: 250,
            physical_min_uv: -100.0,
            physical_max_uv: 100.0,
            samples: &samples,
        })
        .collect();
    let start = StartTime::new(2020, [1, 2], [3, 4, 5]).unwrap();
    write_edf(&EdfHeader { patient: "X".into(), recording: "X".into(), start }, &channels, &[]).unwrap()
}

#[test]
fn data_that_no_longer_fit_are_refused_with_the_difference_and_the_command_that_makes_them_anew() {
    let studio = Studio::new();
    studio.math(6).run_file("math.toml", "math", "gender");
    let preprocess = ["preprocess", "math", "--settings", "settings.toml"];
    studio.succeed(&[&preprocess[..], &SMALL_WINDOWS[..]].concat());
    // Options that were asked for are no difference, whatever the defaults are.
    studio.succeed(&["train", "math.toml"]);

    let settings = fs::read_to_string(studio.path("settings.toml")).unwrap();
    studio.write("settings.toml", format!("{settings}min_db = -100.0\n"));
    let message = studio.fail(2, &["train", "math.toml"]);
    contains(&message, &[STALE, "`min_db` was null and is -100.0 now", "make them anew with:"]);
    contains(&message, &["signal-studio preprocess math --settings", "--resolution 64 --window-length 256"]);
    studio.write("settings.toml", settings);

    studio.write("raw/math/Subject03_1.edf", recording(9));
    contains(&studio.fail(2, &["train", "math.toml"]), &[STALE, "Subject03_1.edf has changed since"]);
    // Whoever has the folder alone cannot be told about the recordings, but about the version that made it.
    studio.run_file("path.toml", "./processed/math", "gender");
    studio.succeed(&["train", "path.toml"]);
    studio.edit("processed/math/preprocessing.json", |report| report["fingerprint"]["version"] = 1.into());
    let message = studio.fail(2, &["train", "path.toml"]);
    contains(&message, &[STALE, "version 1 of preprocess math", "--root <folder of the recordings> --output"]);
    // Nothing is known of a folder of somebody else's.
    fs::remove_file(studio.path("processed/math/preprocessing.json")).unwrap();
    studio.succeed(&["train", "path.toml"]);
    studio.succeed(&["train", "math.toml"]);
}

#[test]
fn the_demo_of_an_older_version_is_made_anew_but_for_a_run_that_goes_on() {
    let studio = Studio::new();
    studio.run_file("demo.toml", "demo", "health");
    studio.succeed(&["train", "demo.toml"]);
    let run = studio.only_run("runs");
    studio.edit("raw/demo/demo.json", |record| record["version"] = 0.into());
    studio.write("raw/demo/sub-01.edf", "of an older version");

    let message = studio.fail(2, &["train", "--resume", run.to_str().unwrap()]);
    contains(&message, &["the run cannot go on", "generated by an older version", "begin a new run"]);
    assert_eq!(fs::read(studio.path("raw/demo/sub-01.edf")).unwrap(), b"of an older version");

    let output = studio.run(&["train", "demo.toml", "--output-dir", "again"]);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{message}");
    contains(&message, &["the demo's data are made anew", "generated by an older version"]);
    assert!(fs::read(studio.path("raw/demo/sub-01.edf")).unwrap().len() > 10_000);

    studio.edit("processed/demo/preprocessing.json", |report| report["fingerprint"]["options"]["seed"] = 7.into());
    let output = studio.run(&["train", "demo.toml", "--output-dir", "third"]);
    contains(&String::from_utf8(output.stderr).unwrap(), &["made anew: `seed` was 7 and is 0 now"]);
    assert!(studio.only_run("third").join("summary.json").is_file());
}

#[test]
fn eighteen_to_two_is_told_by_class_and_avoided_where_the_subjects_allow() {
    let Some(cases) = test_support::shared("cases/imbalance") else { return };
    let studio = Studio::new();
    let root = cases.to_str().unwrap();
    let arguments = ["preprocess", "recordings", "--root", root, "--output", "images", "--settings", "settings.toml"];
    let output = studio.run(&[&arguments[..], &SMALL_WINDOWS[..]].concat());
    let (report, notes) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(0), "{notes}");
    // The two are needed to learn from and to validate on; none is left to test on.
    contains(&notes, &["`test` holds a single class of `", "a score of that on it means nothing"]);
    assert!(!notes.contains("`train` holds a single") && !notes.contains("`val` holds a single"), "{notes}");
    contains(&report, &["windows of 16 subjects", "windows of 2 subjects", "(a single class)"]);
}
