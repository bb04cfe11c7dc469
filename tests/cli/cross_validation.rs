//! Runs of folds side by side: as a whole, one by one as several machines do it, several at a time, ended and killed.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader},
    process::Stdio,
};

use serde_json::Value;
use signal_studio_tests::{Studio, contains};

/// Two folds of eight people, whose nets are small.
const CONFIG: &str = "[settings]\nconfig = \"settings.toml\"\n\
                      [dataset]\nname = \"math_timeseries\"\ntasks = [\"gender\"]\nbatch_size = 4\n\
                      # People\n[dataset.split]\nseed = 4\n\
                      [preprocessing]\nband_hz = [1, 40]\nrate_hz = 100\nwindow_s = 2\noverlap = 0\nscaling = \"robust\"\n\
                      [model]\nbackbone = \"cnn_1d\"\ninput_channels = 20\nembedding_dim = 8\ndepth = 2\n\
                      [cross_validation]\nfolds = 2\ninner = 4\n\
                      [training]\ndevice = \"cpu\"\nepochs = 2\nseed = 33\nmonitor = \"loss\"\nbaselines = [\"majority\"]\n\
                      log_every_batches = 1\ncheckpoint_strategy = \"steps\"\ncheckpoint_steps = 1\n";

/// A folder with recordings and the run file.
fn study() -> Studio {
    let studio = Studio::new();
    studio.math(8).write("math.toml", CONFIG);
    studio
}

/// What makes, or finds, the cross-validation `runs/<name>`.
fn begin(name: &str) -> [&str; 6] {
    ["cross-validate", "math.toml", "--output-dir", "runs", "--name", name]
}

#[test]
fn folds_are_trained_one_by_one_or_all_together_and_told_as_one() {
    let studio = study();
    assert_eq!(studio.succeed(&[&begin("parts")[..], &["--prepare-only"]].concat()).trim(), "runs/parts");
    contains(
        &studio.fail(2, &["cross-validate", "--collect", "runs/parts"]),
        &["no run of the cross-validation has ended"],
    );
    let one = studio.succeed(&["cross-validate", "--resume", "runs/parts", "--fold", "2", "--seed", "33"]);
    contains(&one, &["fold 2, seed 33", "all epochs are trained", "test of the best model", "run folder"]);
    let partly = studio.succeed(&["cross-validate", "--collect", "runs/parts"]);
    contains(&partly, &["of 1 of 2 runs; not done: fold 1, seed 33", "   2    33"]);

    // What is done is kept: it would be written again.
    let history = studio.path("runs/parts/fold-2-seed-33/history.json");
    fs::remove_file(&history).unwrap();
    let parts = studio.succeed(&begin("parts"));
    assert!(!history.exists());
    assert_eq!(studio.succeed(&["cross-validate", "--resume", "runs/parts"]), parts);
    contains(&parts, &["fold  seed  gender  gender by majority", "mean   all", "gender"]);
    assert!(!parts.contains("not done"), "{parts}");

    let whole = studio.succeed(&begin("whole"));
    assert_eq!(whole.replace("runs/whole", "runs/parts"), parts);
    assert_eq!(studio.read("runs/whole/predictions.csv"), studio.read("runs/parts/predictions.csv"));
    let fold = studio.read("runs/whole/fold-1.toml");
    contains(&fold, &["# People\n[dataset.split]\nval = [", "test = [", "[cross_validation]"]);
    assert!(!fold.contains("seed = 4"), "{fold}");

    let json = studio.succeed(&["cross-validate", "--collect", "runs/whole", "--json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["missing"].as_array().map(Vec::len), Some(0));
    assert_eq!(json["scores"]["rows"][1]["fold"], 2);
    assert!(json["assessment"].is_object() && json["folds"][0]["test"].is_array(), "{json}");
    let tested =
        |fold: usize| json["folds"][fold]["test"].as_array().unwrap().iter().map(|name| name.as_str().unwrap());
    let people: BTreeSet<&str> = tested(0).chain(tested(1)).collect();
    assert_eq!(people.len(), 8);
    let predictions = studio.read("runs/whole/predictions.csv");
    let column = |name: &str| predictions.lines().next().unwrap().split(',').position(|found| found == name).unwrap();
    let (subject, fold) = (column("subject"), column("fold"));
    let rows: Vec<Vec<&str>> = predictions.lines().skip(1).map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 80, "ten windows of each");
    assert!(rows.iter().all(|row| tested(row[fold].parse::<usize>().unwrap() - 1).any(|name| name == row[subject])));
}

#[test]
fn several_at_a_time_reach_what_one_after_the_other_does() {
    let studio = study();
    let seeds = ["--seeds", "33,34"];
    let whole = studio.succeed(&[&begin("whole")[..], &seeds].concat());
    contains(&whole, &["mean    33", "mean    34", "mean   all"]);
    let jobs = studio.succeed(&[&begin("jobs")[..], &seeds, &["--jobs", "2"]].concat());
    assert_eq!(jobs.replace("runs/jobs", "runs/whole"), whole);
    assert_eq!(studio.read("runs/jobs/predictions.csv"), studio.read("runs/whole/predictions.csv"));
}

/// Starts a command and kills it after so many lines of its stderr; whether it had not come to its end.
fn kill_after(studio: &Studio, arguments: &[&str], lines: usize) -> bool {
    let mut command = studio.command(arguments);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    let first: Vec<String> = said.by_ref().take(lines).map(Result::unwrap).collect();
    child.kill().unwrap();
    let status = child.wait().unwrap();
    assert!(!first.iter().any(|line| line.contains("failed") || line.contains("error")), "{}", first.join("\n"));
    !status.success()
}

#[test]
fn killed_again_and_again_it_is_the_one_that_never_was() {
    let studio = study();
    studio.succeed(&begin("whole"));
    let resume = ["cross-validate", "--resume", "runs/killed"];
    assert!(kill_after(&studio, &begin("killed"), 6), "it has only begun");
    let mut kills = 0;
    // Between two updates, at a checkpoint, between two folds: a line more each time.
    while kill_after(&studio, &resume, 6 + 2 * kills) {
        kills += 1;
    }
    assert!(kills > 1, "killed {kills} times");
    studio.succeed(&resume);
    assert_eq!(studio.read("runs/killed/predictions.csv"), studio.read("runs/whole/predictions.csv"));
}

#[cfg(unix)]
#[test]
fn a_batch_system_ends_all_that_is_under_way() {
    use std::process::Command;

    let studio = study();
    studio.write("math.toml", CONFIG.replace("epochs = 2", "epochs = 100000"));
    let mut command = studio.command(&[&begin("ended")[..], &["--jobs", "2"]].concat());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let begun = lines.by_ref().filter(|line| line.ends_with(" begins")).take(2).count();
    assert_eq!(begun, 2);
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    let rest: Vec<String> = lines.collect();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{}", rest.join("\n"));
    contains(&rest.join("\n"), &["to go on: signal-studio cross-validate --resume runs/ended"]);
    for fold in ["fold-1-seed-33", "fold-2-seed-33"] {
        assert!(studio.read(&format!("runs/ended/{fold}/summary.json")).contains("\"stopped\""), "{fold}");
    }
}

#[test]
fn what_cannot_be_cross_validated_is_told() {
    let studio = study();
    studio.succeed(&[&begin("cv")[..], &["--prepare-only"]].concat());
    contains(&studio.fail(2, &[&begin("cv")[..], &["--folds", "3"]].concat()), &["other folds", "--name"]);
    contains(&studio.fail(2, &[&begin("cv")[..], &["--seeds", "1,1"]].concat()), &["a seed twice"]);
    contains(&studio.fail(2, &[&begin("few")[..], &["--folds", "9"]].concat()), &["9 folds of 8 people"]);
    contains(&studio.fail(2, &[&begin("few")[..], &["--folds", "1"]].concat()), &["--folds", "leave_one_subject_out"]);
    contains(&studio.fail(2, &begin("../out")), &["--name", "../out"]);
    let resume = ["cross-validate", "--resume", "runs/cv"];
    contains(&studio.fail(2, &[&resume[..], &["--fold", "3"]].concat()), &["there is no fold 3: they are 1 to 2"]);
    contains(&studio.fail(2, &[&resume[..], &["--seed", "7"]].concat()), &["there is no seed 7: they are 33"]);
    contains(&studio.fail(2, &["cross-validate", "--resume", "raw"]), &["no cross_validation.json"]);
    studio.write("runs/cv/config.toml", CONFIG.replace("epochs = 2", "epochs = 3"));
    contains(&studio.fail(2, &resume), &["has changed since"]);

    studio.preprocessed().config("folder.toml", "epochs = 1");
    let message = studio.fail(2, &["cross-validate", "folder.toml", "--output-dir", "runs"]);
    contains(&message, &["a folder of samples that are made already"]);
    studio.write("splits.toml", CONFIG.replace("batch_size = 4", "batch_size = 4\nval_split = \"train2\""));
    let message = studio.fail(2, &["cross-validate", "splits.toml", "--output-dir", "splits"]);
    contains(&message, &["makes the splits train, val and test itself"]);
    assert!(!studio.path("splits").exists());
}
