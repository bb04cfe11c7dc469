//! What is asked wrongly, is not there, does not fit or cannot be written.

use std::{collections::BTreeMap, fs, process::Command};

use signal_studio_tests::{Studio, contains, grey_image, json, program};

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
    studio.write("data/train/3.png", grey_image(32, |_| 9));
    contains(&studio.fail(1, &["train", "run.toml"]), &["train/3.png", "16 x 16", "32 x 32"]);
    studio.preprocessed();
    studio.write("data/val-metadata.csv", "file_name,split,gender,health,age\n");
    contains(&studio.fail(2, &["train", "run.toml"]), &["the split `val` is empty", "train (12 samples)"]);
}

#[test]
fn people_in_two_splits_are_named() {
    let studio = Studio::new();
    studio.preprocessed().config("run.toml", "epochs = 1\nseed = 5");
    let table = studio.read("data/val-metadata.csv");
    studio.write("data/holdout-metadata.csv", table.replace("val1", "TRAIN1"));
    contains(&studio.fail(2, &["train", "run.toml"]), &["of `train` and of `holdout` as well", "train1"]);
    contains(&studio.succeed(&["inspect", "data"]), &["note: a subject is of `train` and of `holdout` as well"]);
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error_that_names_it() {
    let studio = Studio::new();
    studio.preprocessed().config("run.toml", "epochs = 1\nseed = 5");
    // Below a file no folder can be made, whoever asks.
    studio.write("occupied", "a file");
    contains(&studio.fail(1, &["train", "run.toml", "--output-dir", "occupied/runs"]), &["occupied/runs"]);
    studio.math(2);
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
