//! Runs from their run file to their folder.

use std::{fs, path::Path};

use serde_json::Value;
use signal_studio_tests::{SMALL_WINDOWS, Studio, contains, json};

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
    let report = studio.succeed(&["inspect", checkpoint.to_str().unwrap()]);
    contains(&report, &["health", "age", "trained on ", "of the split train, fingerprint ", "which version "]);
    contains(&studio.succeed(&["inspect", "processed/demo"]), &["train"]);
    contains(&studio.succeed(&["inspect", "demo.toml"]), &["cnn_light"]);
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
fn a_run_that_had_saved_nothing_begins_again_when_it_is_resumed() {
    let studio = Studio::new();
    studio.preprocessed().config("run.toml", "epochs = 1");
    studio.succeed(&["train", "run.toml", "--output-dir", "runs"]);
    let run = studio.only_run("runs");
    let history = fs::read(run.join("history.json")).unwrap();
    fs::remove_dir_all(run.join("checkpoints")).unwrap();
    fs::remove_file(run.join("history.json")).unwrap();
    let output = studio.run(&["train", "--resume", run.to_str().unwrap()]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    contains(&said, &["nothing had been saved", "begins again"]);
    assert_eq!(fs::read(run.join("history.json")).unwrap(), history);
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
fn a_run_file_says_how_its_samples_are_made_and_they_are_made_once() {
    let studio = Studio::new();
    studio.math(4);
    let config = "[settings]\nconfig = \"settings.toml\"\n\
                  [dataset]\nname = \"math_timeseries\"\ntasks = [\"gender\"]\n\
                  [dataset.split]\ntest = [\"Subject00\"]\nval = [\"Subject01\", \"Subject02\"]\n\
                  [preprocessing]\nband_hz = [1, 40]\nrate_hz = 100\nwindow_s = 2\noverlap = 0\nscaling = \"robust\"\n\
                  [model]\nbackbone = \"cnn_1d\"\ninput_channels = 20\nembedding_dim = 8\ndepth = 2\n\
                  [training]\ndevice = \"cpu\"\nmax_steps = 1\nseed = 1\n";
    let train = |config: &str| {
        studio.write("math.toml", config);
        let output = studio.run(&["train", "math.toml", "--output-dir", "runs"]);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{message}");
        message
    };
    let message = train(config);
    contains(&message, &["Subject03_1.edf: 10 windows for train", "10 samples to train on, 20 to validate on"]);
    let folders = || {
        let names = fs::read_dir(studio.path("processed")).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_str().unwrap().starts_with("timeseries-")).count()
    };
    assert_eq!(folders(), 1);
    let again = train(config);
    contains(&again, &["10 samples to train on"]);
    assert!(!again.contains("windows for train"), "{again}");
    contains(&train(&config.replace("window_s = 2", "window_s = 4")), &["5 samples to train on, 10 to validate on"]);
    assert_eq!(folders(), 2);

    studio.write("elsewhere.toml", config.replace("window_s = 2", "window_s = 5"));
    let message = studio.fail(2, &["train", "elsewhere.toml", "--root", "nowhere"]);
    contains(&message, &["nowhere with the recordings of `math`", "--root"]);
    studio.write("folder.toml", config.replace("\"math_timeseries\"", "\"./images\""));
    contains(&studio.fail(2, &["train", "folder.toml", "--root", "raw/math"]), &["--root", "preprocessed folder"]);
}
