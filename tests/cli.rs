//! The command line as a process: on the demo, on recordings and folders made here, and on everything that can be wrong.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking and says why it skips"
)]

#[path = "cli/ending.rs"]
mod ending;
#[path = "cli/killed.rs"]
mod killed;
#[path = "cli/manners.rs"]
mod manners;
mod process;
#[path = "../core/src/test_support.rs"]
mod test_support;

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use process::{SMALL_WINDOWS, Studio, contains};
use serde_json::Value;
use signal_studio_core::{
    recording::{EdfChannel, EdfHeader, StartTime, write_edf},
    signal::Image,
};
use signal_studio_tests::program;

const SIDE: usize = 16;

impl Studio {
    /// A preprocessed folder `data`: grey images, brighter in the upper half for patients.
    fn preprocessed(&self) -> &Self {
        for (split, subjects) in [("train", 12), ("val", 4)] {
            let mut table = "file_name,split,gender,health,age\n".to_owned();
            for subject in 0..subjects {
                let path = format!("{split}/{subject}.png");
                let patient = subject / 2 % 2 == 0;
                self.image(&format!("data/{path}"), SIDE, |row| if patient && row < SIDE / 2 { 200 } else { 90 });
                let (gender, health) = (["M", "F"][subject % 2], if patient { "PD" } else { "H" });
                table += &format!("{path},{split},{gender},{health},{}\n", 30 + subject);
            }
            self.write(&format!("data/{split}-metadata.csv"), table);
        }
        self
    }

    fn image(&self, relative: &str, side: usize, level: impl Fn(usize) -> u8) {
        let pixels = (0..side * side).map(|pixel| level(pixel / side).wrapping_add((pixel % 37) as u8)).collect();
        self.write(relative, Image { width: side, height: side, channels: 1, pixels }.encode_png().unwrap());
    }

    /// A run file over the folder `data`, with these lines in its `[training]` table.
    fn config(&self, name: &str, training: &str) -> &Self {
        let text = format!(
            "[settings]\nconfig = \"settings.toml\"\n[dataset]\nname = \"./data\"\ntasks = [\"gender\", \"health\", \"age\"]\n\
             batch_size = 4\n[model]\nbackbone = \"cnn_light\"\ninput_channels = 1\nembedding_dim = 16\ndepth = 2\n\
             layer_repeats = 1\n[training]\ndevice = \"cpu\"\n{training}\n"
        );
        self.write(name, text);
        self
    }

    /// Recordings of the math dataset's layout, two subjects at rest.
    fn math(&self) -> &Self {
        for subject in ["Subject00", "Subject01"] {
            self.write(&format!("raw/math/{subject}_1.edf"), recording());
        }
        self.write("raw/math/subject-info.csv", SUBJECTS);
        self
    }
}

const SUBJECTS: &str = "Subject,Age,Gender,Recording year,Number of subtractions,Count quality\n\
                        Subject00,21,F,2011,9.7,0\nSubject01,18,M,2011,29.35,1\n";

/// Twenty seconds of the math dataset's channels at 500 Hz.
fn recording() -> Vec<u8> {
    let labels = [
        "Fp1", "Fp2", "F3", "F4", "F7", "F8", "T3", "T4", "C3", "C4", "T5", "T6", "P3", "P4", "O1", "O2", "Fz", "Cz",
        "Pz", "A2-A1",
    ];
    let labels: Vec<String> = labels.iter().map(|label| format!("EEG {label}")).collect();
    let samples: Vec<f64> = (0..10_000).map(|n| 2e-5 * (f64::from(n) * 0.13).sin()).collect();
    let channels: Vec<EdfChannel<'_>> = labels
        .iter()
        .map(|label| EdfChannel {
            label,
            rate_hz: 500,
            physical_min_uv: -100.0,
            physical_max_uv: 100.0,
            samples: &samples,
        })
        .collect();
    let start = StartTime::new(2020, [1, 2], [3, 4, 5]).unwrap();
    let header = EdfHeader { patient: "X".into(), recording: "X".into(), start };
    write_edf(&header, &channels, &[]).unwrap()
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn the_demo_is_made_preprocessed_and_trained_on() {
    let studio = Studio::new();
    let report = studio.succeed(&[&["preprocess", "demo", "--settings", "settings.toml"], &SMALL_WINDOWS[..]].concat());
    contains(&report, &["train", "val", "test", "windows"]);
    let text = "[settings]\nconfig = \"settings.toml\"\n[dataset]\nname = \"demo\"\ntasks = \"health, age\"\n[model]\n\
                backbone = \"cnn_light\"\ninput_channels = 1\nembedding_dim = 8\ndepth = 2\nlayer_repeats = 1\n[training]\n\
                seed = 1\ntensorboard = true\nlog_every_batches = 1\ndevice = \"cpu\"\n";
    studio.write("demo.toml", text);
    let report = studio.succeed(&[
        "train",
        "demo.toml",
        "--output-dir",
        "runs",
        "--max-steps",
        "3",
        "--metrics-summary-path",
        "s.json",
    ]);
    contains(&report, &["validation loss", "run folder"]);

    let run = studio.only_run("runs");
    assert!(run.file_name().unwrap().to_str().unwrap().starts_with("demo-cnn_light-health-age-20"), "{run:?}");
    let history = json(&run.join("history.json"));
    let epoch = &history[0];
    for key in ["epoch", "train_loss", "train_losses", "val_loss", "val_losses", "train_accuracy", "val_accuracy"] {
        assert!(!epoch[key].is_null(), "{key}");
    }
    for key in ["train_f1", "val_f1", "train_mse", "val_mse", "train_mae", "val_mae", "lr"] {
        assert!(!epoch[key].is_null(), "{key}");
    }
    let summary = json(&run.join("summary.json"));
    assert_eq!(summary, json(&studio.path("s.json")));
    assert_eq!((&summary["global_step"], &summary["ended"]), (&Value::from(3), &Value::from("max_steps")));
    for key in ["run_dir", "best_checkpoint", "history_file", "best_metric", "best_epoch", "best_global_step"] {
        assert!(!summary[key].is_null(), "{key}");
    }
    assert_eq!(json(&run.join("config_resolved.json"))["model"]["embedding_dim"], 8);
    for file in ["best.safetensors", "last.safetensors"] {
        assert!(run.join("checkpoints").join(file).is_file(), "{file}");
    }
    let events = fs::read_dir(run.join("tensorboard")).unwrap().next().unwrap().unwrap().path();
    let bytes = fs::read(events).unwrap();
    for tag in ["train/loss/health", "val/accuracy/health", "train/accuracy/age_mae", "train/grad_norm", "train/epoch"]
    {
        assert!(bytes.windows(tag.len()).any(|window| window == tag.as_bytes()), "{tag}");
    }

    contains(&studio.succeed(&["inspect", run.to_str().unwrap()]), &["after update 3"]);
    let checkpoint = run.join("checkpoints/best.safetensors");
    contains(&studio.succeed(&["inspect", checkpoint.to_str().unwrap()]), &["health", "age"]);
    contains(&studio.succeed(&["inspect", "processed/demo"]), &["train"]);
    contains(&studio.succeed(&["inspect", "demo.toml"]), &["cnn_light"]);
}

#[test]
fn a_seed_repeats_a_run_and_resuming_changes_nothing() {
    let studio = Studio::new();
    studio.preprocessed().config("run.toml", "epochs = 3\nseed = 5");
    for output in ["one", "two"] {
        studio.succeed(&["train", "run.toml", "--output-dir", output]);
    }
    studio.succeed(&["train", "run.toml", "--output-dir", "parts", "--max-steps", "3"]);
    let part = studio.only_run("parts");
    studio.succeed(&["train", "run.toml", "--resume", part.to_str().unwrap()]);
    let history = |run: &Path| fs::read(run.join("history.json")).unwrap();
    let one = history(&studio.only_run("one"));
    assert_eq!(one, history(&studio.only_run("two")));
    assert_eq!(one, history(&part));
}

#[test]
fn events_come_as_json_lines() {
    let studio = Studio::new();
    studio.preprocessed().config("run.toml", "epochs = 1\nseed = 5");
    let lines = studio.succeed(&["train", "run.toml", "--json"]);
    let events: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<&str> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert!(names.contains(&"started") && names.contains(&"epoch"), "{names:?}");
    assert_eq!(names.last(), Some(&"done"));
}

#[test]
fn without_a_seed_the_one_that_was_drawn_is_told() {
    let studio = Studio::new();
    studio.preprocessed().config("run.toml", "epochs = 1");
    let output = studio.run(&["train", "run.toml"]);
    contains(&String::from_utf8(output.stderr).unwrap(), &["seed"]);
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn all_mistakes_of_a_config_come_at_once_with_their_places() {
    let studio = Studio::new();
    let text = "[dataset]\nname = \"demo\"\ntasks = [\"healt\"]\nbatch_size = 0\n[model]\nbackbone = \"cnn_ligt\"\n\
                input_channels = 1\ndropot = 0.1\n[training]\nepochs = \"ten\"\n";
    studio.write("bad.toml", text);
    let message = studio.fail(2, &["train", "bad.toml"]);
    contains(&message, &["bad.toml:3:", "bad.toml:4:", "bad.toml:6:", "bad.toml:8:", "bad.toml:10:"]);
    contains(&message, &["cnn_light", "dropout", "health"]);
    assert!(!studio.path("runs").exists(), "nothing is made for a wrong request");
}

#[test]
fn data_that_are_not_there_are_told_with_what_to_do() {
    let studio = Studio::new();
    let config = "[settings]\nconfig = \"settings.toml\"\n[dataset]\nname = \"math\"\ntasks = [\"gender\"]\n[model]\n\
                  backbone = \"cnn_light\"\ninput_channels = 1\n";
    studio.write("math.toml", config);
    contains(&studio.fail(2, &["train", "math.toml"]), &["processed/math", "signal-studio preprocess math"]);
    contains(&studio.fail(2, &["preprocess", "math", "--settings", "settings.toml"]), &["raw/math", "--root"]);
    contains(&studio.fail(2, &["train", "nowhere.toml"]), &["nowhere.toml"]);
    contains(&studio.fail(2, &["inspect", "nowhere"]), &["nowhere"]);
    studio.fail(2, &["preprocess", "weather"]);
    studio.fail(2, &["train"]);
}

#[test]
fn rows_and_images_that_do_not_fit_are_named() {
    let studio = Studio::new();
    studio.preprocessed().config("run.toml", "epochs = 1\nseed = 5");
    fs::remove_file(studio.path("data/train/3.png")).unwrap();
    contains(&studio.fail(1, &["train", "run.toml"]), &["train-metadata.csv", "line 5", "train/3.png"]);
    studio.image("data/train/3.png", 2 * SIDE, |_| 9);
    contains(&studio.fail(1, &["train", "run.toml"]), &["train/3.png", "16 x 16", "32 x 32"]);
    studio.preprocessed();
    studio.write("data/val-metadata.csv", "file_name,split,gender,health,age\n");
    contains(&studio.fail(2, &["train", "run.toml"]), &["the split `val` is empty", "train (12 samples)"]);
}

#[test]
fn ages_below_zero_stop_before_anything_is_written_and_unknown_subjects_are_left_out() {
    let studio = Studio::new();
    studio.math();
    let preprocess = ["preprocess", "math", "--settings", "settings.toml"];
    studio.write("raw/math/subject-info.csv", SUBJECTS.replace("18,M", "-3,M"));
    contains(&studio.fail(1, &preprocess), &["subject-info.csv", "line 3", "-3"]);
    assert!(!studio.path("processed/math").exists());
    studio.write("raw/math/subject-info.csv", SUBJECTS.replace("Subject01", "Subject07"));
    let output = studio.run(&[&preprocess[..], &SMALL_WINDOWS[..]].concat());
    contains(&String::from_utf8(output.stderr).unwrap(), &["subject-info.csv has no row for Subject01"]);
    contains(&String::from_utf8(output.stdout).unwrap(), &["1 left out"]);
}

#[test]
fn any_folder_of_recordings_is_inspected_preprocessed_and_given_a_run_file() {
    let studio = Studio::new();
    let mut table = String::from("id,sex,age,stimulation\n");
    for subject in 0..12 {
        let (sex, stimulation) = if subject % 2 == 0 { ("female", "sham") } else { ("male", "10 Hz") };
        studio.write(&format!("raw/recordings/ward/p{subject}/rest.edf"), recording());
        table += &format!("p{subject},{sex},{},{stimulation}\n", 20 + subject / 2);
    }
    studio.write("raw/recordings/people.csv", &table);
    studio.write("raw/recordings/ward/p5/rest.edf", "lost");

    let text = studio.succeed(&["inspect", "raw/recordings"]);
    contains(&text, &["11 recordings of 11 subjects of the dataset `recordings`", "EDF; 20 channels; 500 Hz"]);
    contains(&text, &["labels: gender, age, id, sex, stimulation", "ward/p5/rest.edf", "people.csv"]);
    let found: Value = serde_json::from_str(&studio.succeed(&["inspect", "raw/recordings", "--json"])).unwrap();
    assert_eq!(found["kind"], "recordings");
    assert_eq!(found["recordings"][0]["labels"]["stimulation"], "sham");

    let preset = studio.succeed(&["inspect", "raw/recordings", "--preset", "--settings", "settings.toml"]);
    contains(&preset, &["name = \"recordings\"", "\"gender\", \"age\""]);
    studio.write("preset.toml", &preset);
    contains(
        &studio.succeed(&["inspect", "preset.toml", "--settings", "settings.toml"]),
        &["cnn_light", "not there yet"],
    );

    let preprocess = ["preprocess", "recordings", "--settings", "settings.toml"];
    contains(
        &studio.succeed(&[&preprocess[..], &SMALL_WINDOWS[..]].concat()),
        &["11 recordings of recordings, 1 left out"],
    );
    let metadata = fs::read_to_string(studio.path("processed/recordings/metadata.csv")).unwrap();
    contains(&metadata, &["file_name,split,gender,age,id,sex,stimulation", ",10 Hz"]);
    let of_images = studio.succeed(&["inspect", "processed/recordings", "--preset"]);
    contains(&of_images, &["name = \"processed/recordings\"", "tasks = [\"gender\""]);
}

#[test]
fn broken_recordings_are_left_out_and_named() {
    let studio = Studio::new();
    studio.math();
    let whole = recording();
    let bad = [
        ("truncated", whole[..200].to_vec(), "Subject02"),
        ("text", b"These are no samples at all, but a letter to the reader.\n".repeat(20), "Subject03"),
        ("overflowing", [&whole[..252], b"9999", &whole[256..]].concat(), "Subject04"),
    ];
    let mut table = SUBJECTS.to_owned();
    for (_, bytes, subject) in &bad {
        studio.write(&format!("raw/math/{subject}_1.edf"), bytes);
        table += &format!("{subject},30,F,2011,9.7,0\n");
    }
    studio.write("raw/math/subject-info.csv", table);
    let output = studio.run(&[&["preprocess", "math", "--settings", "settings.toml"], &SMALL_WINDOWS[..]].concat());
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{message}");
    for (_, _, subject) in &bad {
        contains(&message, &[&format!("{subject}_1.edf")]);
    }
    contains(&String::from_utf8(output.stdout).unwrap(), &["3 left out"]);
    for (kind, _, subject) in &bad {
        let code = if *kind == "text" { 2 } else { 1 };
        let message = studio.fail(code, &["inspect", &format!("raw/math/{subject}_1.edf")]);
        assert!(message.contains(subject), "{kind}: {message}");
    }
    contains(&studio.succeed(&["inspect", "raw/math/Subject00_1.edf"]), &["EDF", "500", "20"]);
}

#[test]
fn one_subject_cannot_be_split_and_that_is_said() {
    let studio = Studio::new();
    studio.write("raw/math/Subject00_1.edf", recording());
    studio.write("raw/math/subject-info.csv", SUBJECTS);
    let output = studio.run(&[&["preprocess", "math", "--settings", "settings.toml"], &SMALL_WINDOWS[..]].concat());
    let message = String::from_utf8(output.stderr).unwrap();
    contains(&message, &["val", "subject"]);
    let config = "[settings]\nconfig = \"settings.toml\"\n[dataset]\nname = \"math\"\ntasks = [\"gender\"]\n[model]\n\
                  backbone = \"cnn_light\"\ninput_channels = 1\nembedding_dim = 8\ndepth = 2\n[training]\ndevice = \"cpu\"\n";
    studio.write("math.toml", config);
    contains(&studio.fail(2, &["train", "math.toml"]), &["`val`", "train"]);
}

#[test]
fn weights_of_another_model_and_files_that_are_none() {
    let studio = Studio::new();
    studio.preprocessed().config("run.toml", "epochs = 1\nseed = 5");
    studio.succeed(&["train", "run.toml", "--output-dir", "runs"]);
    let last = studio.only_run("runs").join("checkpoints/last.safetensors");
    let last = last.to_str().unwrap();
    studio.succeed(&["train", "run.toml", "--output-dir", "tuned", "--weights", last]);
    let wider =
        fs::read_to_string(studio.path("run.toml")).unwrap().replace("embedding_dim = 16", "embedding_dim = 32");
    studio.write("wide.toml", wider);
    let message = studio.fail(2, &["train", "wide.toml", "--output-dir", "wide", "--weights", last]);
    contains(&message, &["another model", "backbone."]);
    studio.write("text.safetensors", "no weights");
    contains(&studio.fail(2, &["train", "run.toml", "--weights", "text.safetensors"]), &["text.safetensors"]);
    contains(&studio.fail(2, &["train", "--resume", "data"]), &["data"]);
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error_that_names_it() {
    let studio = Studio::new();
    studio.preprocessed().config("run.toml", "epochs = 1\nseed = 5");
    // Below a file no folder can be made, whoever asks.
    studio.write("occupied", "a file");
    contains(&studio.fail(1, &["train", "run.toml", "--output-dir", "occupied/runs"]), &["occupied/runs"]);
    studio.math();
    let arguments = ["preprocess", "math", "--settings", "settings.toml", "--output", "occupied/images"];
    contains(&studio.fail(1, &arguments), &["occupied/images"]);
    assert_eq!(fs::read(studio.path("occupied")).unwrap(), b"a file");
}

/// A limit on the size of files stands for a disk that is full: small files are still written, weights are not.
#[cfg(unix)]
#[test]
fn a_full_disk_is_an_error_and_costs_nothing_that_was_written() {
    let studio = Studio::new();
    studio.preprocessed().config("run.toml", "epochs = 2\nseed = 5");
    studio.succeed(&["train", "run.toml", "--output-dir", "runs", "--max-steps", "3"]);
    let run = studio.only_run("runs");
    let saved = || -> BTreeMap<_, _> {
        let files = fs::read_dir(run.join("checkpoints")).unwrap().map(|entry| entry.unwrap().path());
        files.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
    };
    let (before, history) = (saved(), json(&run.join("history.json")));
    let limited =
        format!("trap '' XFSZ; ulimit -f 8; exec {} train run.toml --resume {}", program().display(), run.display());
    let output = Command::new("sh").args(["-c", &limited]).current_dir(studio.folder.path()).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{message}");
    contains(&message, &["error: could not write: File too large", "checkpoints/"]);
    let after = saved();
    assert!(before.keys().eq(after.keys()), "{:?}", after.keys());
    assert!(before == after, "a checkpoint has changed");
    assert_eq!(json(&run.join("history.json"))[0], history[0]);
}

#[test]
fn the_demo_needs_no_preparation_and_the_environment_names_the_settings() {
    let studio = Studio::new();
    let text = "[dataset]\nname = \"demo\"\ntasks = \"health\"\n[model]\nbackbone = \"cnn_light\"\ninput_channels = 1\n\
                embedding_dim = 8\ndepth = 1\nlayer_repeats = 1\n[training]\nseed = 1\ndevice = \"cpu\"\nmax_steps = 1\n";
    studio.write("demo.toml", text);
    let mut train = studio.command(&["train", "demo.toml"]);
    let output = train.env("SIGNAL_DIFFUSION_CONFIG", "settings.toml").output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{message}");
    contains(&message, &["making the demo's recordings", "raw/demo", "sub-01.edf"]);
    assert!(studio.path("processed/demo/metadata.csv").is_file());
    assert!(studio.only_run("runs").join("summary.json").is_file());

    let mut inspect = studio.command(&["inspect", "demo.toml"]);
    let output = inspect.env("SIGNAL_DIFFUSION_CONFIG", "gone.toml").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    contains(&String::from_utf8(output.stderr).unwrap(), &["SIGNAL_DIFFUSION_CONFIG", "gone.toml"]);
}

#[test]
fn a_device_that_is_not_there_is_an_error_only_when_asked_for_by_name() {
    let studio = Studio::new();
    studio.preprocessed().config("run.toml", "epochs = 1\nseed = 5");
    contains(&studio.fail(2, &["train", "run.toml", "--device", "cuda:7"]), &["cuda"]);
    contains(&studio.fail(2, &["train", "run.toml", "--device", "abacus"]), &["abacus", "cpu"]);
    contains(&studio.succeed(&["devices"]), &["cpu"]);
    let devices: Value = serde_json::from_str(&studio.succeed(&["devices", "--json"])).unwrap();
    assert!(devices.is_object());
}

#[test]
fn published_recordings_are_preprocessed_as_they_lie() {
    let Some(root) = test_support::shared("data/parkinsons-shaped") else { return };
    let studio = Studio::new();
    let arguments = ["preprocess", "parkinsons", "--root", root.to_str().unwrap(), "--output", "images", "--json"];
    studio.succeed(&arguments);
    let table = fs::read_to_string(studio.path("images/metadata.csv")).unwrap();
    assert_eq!(table.lines().count(), 1 + 16 * 3, "sixteen subjects, three windows each");
    contains(&studio.succeed(&["inspect", "images"]), &["39", "parkinsons"]);
}

#[test]
fn the_examples_of_preprocessing_work() {
    let studio = Studio::new();
    let help = studio.succeed(&["preprocess", "--help"]);
    let mut tried = 0;
    for example in help.lines().filter_map(|line| line.trim().strip_prefix("signal-studio ")) {
        let words: Vec<&str> = example.split_whitespace().filter(|word| !word.starts_with('~')).collect();
        let recordings = match words[1] {
            "parkinsons" => "data/parkinsons-shaped",
            "math" => "data/eegmat",
            _ => continue,
        };
        let Some(root) = test_support::shared(recordings) else { return };
        let mut arguments: Vec<&str> = words.into_iter().filter(|word| *word != "--root").collect();
        arguments.extend(["--root", root.to_str().unwrap(), "--output", recordings]);
        studio.succeed(&arguments);
        tried += 1;
    }
    assert_eq!(tried, 2);
}
