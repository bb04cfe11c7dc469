//! How the command line ends: by signals, beside another run in the same folder, and by failures that programs read.

use std::fs;

use serde_json::Value;
use signal_studio_tests::{Studio, contains};

#[cfg(unix)]
mod by_signals {
    use std::{
        io::{BufRead, BufReader},
        path::Path,
        process::{Child, Command, Stdio},
    };

    use signal_studio_tests::json;

    use super::*;

    /// A run that only a signal ends.
    const ENDLESS: &str = "epochs = 100000\nseed = 5\nlog_every_batches = 1\ncheckpoint_strategy = \"none\"";

    fn send(signal: &str, child: &Child) {
        let status = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// Starts a command and waits for a line of its stderr; gives the lines that follow, too.
    fn start(mut command: Command, line: &str) -> (Child, impl Iterator<Item = String>) {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        assert!(lines.by_ref().any(|found| found.contains(line)), "no line with `{line}`");
        (child, lines)
    }

    /// Sends a signal to a run that has begun; gives what it says then.
    fn end_with(signal: &str, command: Command) -> String {
        let (mut child, lines) = start(command, "update 1/");
        send(signal, &child);
        let rest: Vec<String> = lines.collect();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{signal}: {}", rest.join("\n"));
        rest.join("\n")
    }

    #[test]
    fn an_interrupt_ends_the_step_saves_and_says_how_to_go_on() {
        let studio = Studio::new();
        studio.preprocessed().config("run.toml", ENDLESS);
        let said = end_with("-INT", studio.command(&["train", "run.toml", "--output-dir", "runs"]));
        contains(&said, &["stopping after this step", "to go on: signal-studio train --resume"]);
        let run = studio.only_run("runs");
        assert!(run.join("checkpoints/last.safetensors").is_file());
        let summary = json(&run.join("summary.json"));
        assert_eq!(summary["ended"], "stopped");

        // To the end of the epoch under way, and once more without the break.
        let updates = (summary["global_step"].as_u64().unwrap() / 3 + 1) * 3;
        let updates = updates.to_string();
        studio.succeed(&["train", "--resume", run.to_str().unwrap(), "--max-steps", &updates]);
        studio.succeed(&["train", "run.toml", "--output-dir", "whole", "--max-steps", &updates]);
        let history = |run: &Path| fs::read(run.join("history.json")).unwrap();
        assert_eq!(history(&run), history(&studio.only_run("whole")));
    }

    #[test]
    fn a_batch_system_ends_a_run_as_its_user_does() {
        let studio = Studio::new();
        studio.preprocessed().config("run.toml", ENDLESS);
        let said = end_with("-TERM", studio.command(&["train", "run.toml", "--output-dir", "runs"]));
        contains(&said, &["SIGTERM", "to go on: signal-studio train --resume"]);
        assert_eq!(json(&studio.only_run("runs").join("summary.json"))["ended"], "stopped");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_closed_terminal_ends_a_run_unless_it_was_started_to_outlive_it() {
        let studio = Studio::new();
        studio.preprocessed().config("run.toml", ENDLESS);
        let below = |program: &str, arguments: &[&str], output: &str| {
            let run = studio.command(&["train", "run.toml", "--output-dir", output]);
            let mut command = Command::new(program);
            command.args(arguments).arg(run.get_program()).args(run.get_args());
            command.current_dir(studio.folder.path()).stdin(Stdio::null());
            command
        };
        // The tests themselves may run where the signal is ignored.
        let said = end_with("-HUP", below("env", &["--default-signal=HUP"], "closed"));
        contains(&said, &["the terminal was closed", "to go on"]);
        assert_eq!(json(&studio.only_run("closed").join("summary.json"))["ended"], "stopped");

        let (mut child, mut lines) = start(below("nohup", &[], "kept"), "update 1/");
        send("-HUP", &child);
        assert!(lines.by_ref().any(|line| line.contains("update 40/")), "it has ended");
        send("-INT", &child);
        assert!(!lines.any(|line| line.contains("terminal")));
        assert_eq!(child.wait().unwrap().code(), Some(130));
    }

    #[test]
    fn a_second_signal_ends_the_program_at_once() {
        let studio = Studio::new();
        studio.preprocessed().config("run.toml", ENDLESS);
        // It reads weights that never come.
        let weights = studio.path("weights");
        assert!(Command::new("mkfifo").arg(&weights).status().unwrap().success());
        let mut command = studio.command(&["train", "run.toml", "--weights", "weights"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        // This waits until it reads.
        let _unwritten = fs::OpenOptions::new().write(true).open(&weights).unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        send("-INT", &child);
        assert!(lines.any(|line| line.contains("press Ctrl-C again")));
        send("-TERM", &child);
        assert_eq!(child.wait().unwrap().code(), Some(130));
        assert!(!studio.path("runs").exists());
    }

    #[test]
    fn a_run_that_is_under_way_is_not_gone_on_with() {
        let studio = Studio::new();
        studio.preprocessed().config("run.toml", &ENDLESS.replace("\"none\"", "\"steps\"\ncheckpoint_steps = 1"));
        let command = studio.command(&["train", "run.toml", "--output-dir", "runs"]);
        let (mut child, _lines) = start(command, "update 3/");
        let run = studio.only_run("runs");
        let resume = ["train", "--resume", run.to_str().unwrap(), "--max-steps", "100000000"];
        let message = studio.fail(2, &resume);
        contains(&message, &["this run is under way", &format!("process {}", child.id()), "end it first"]);
        // However it ends, it lets go of the folder.
        child.kill().unwrap();
        child.wait().unwrap();
        let (mut child, _lines) = start(studio.command(&resume), "going on after update");
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

/// The failure of a command that must fail: the last line of its stdout.
fn failure(studio: &Studio, code: i32, arguments: &[&str]) -> Value {
    let output = studio.run(arguments);
    let (lines, message) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {lines}{message}");
    assert!(!message.contains("error"), "it is told once: {message}");
    let failure: Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    assert_eq!((&failure["event"], &failure["exit_status"]), (&Value::from("failed"), &Value::from(code)), "{failure}");
    failure
}

#[test]
fn programs_read_failures_as_json() {
    let studio = Studio::new();
    studio.preprocessed().config("bad.toml", "epochs = \"ten\"\nepoch = 3").config("run.toml", "epochs = 1\nseed = 5");
    let config = failure(&studio, 2, &["train", "bad.toml", "--json"]);
    assert_eq!(config["kind"], "config");
    let places = config["where"].as_array().unwrap();
    let place = |index: usize| (&places[index]["path"], &places[index]["key"], places[index]["line"].as_u64().unwrap());
    assert_eq!(places.len(), 2, "{config}");
    assert_eq!(place(0), (&Value::from("bad.toml"), &Value::from("training.epochs"), 15));
    assert!(places[1]["message"].as_str().unwrap().contains("epoch") && place(1).2 == 16, "{config}");

    for (code, kind, part, arguments) in [
        (2, "arguments", "--epochs", &["train", "run.toml", "--epochs", "3", "--json"][..]),
        (2, "request", "nowhere.toml", &["train", "--json", "nowhere.toml"]),
        (2, "request", "nowhere", &["inspect", "nowhere", "--json"]),
        (2, "device", "cuda", &["devices", "--device", "cuda:99", "--json"]),
        (2, "server", "index.html", &["serve", "nowhere", "--json"]),
        (2, "request", "raw/math", &["preprocess", "math", "--settings", "settings.toml", "--json"]),
    ] {
        let failure = failure(&studio, code, arguments);
        assert_eq!(failure["kind"], kind, "{failure}");
        assert!(failure["message"].as_str().unwrap().contains(part), "{failure}");
    }

    // In the middle of a run.
    fs::remove_file(studio.path("data/train/3.png")).unwrap();
    let dataset = failure(&studio, 1, &["train", "run.toml", "--json"]);
    assert_eq!(dataset["kind"], "dataset");
    assert_eq!(dataset["where"][0]["path"], studio.path("data").to_str().unwrap());
    // People are told in words.
    contains(&studio.fail(1, &["train", "run.toml"]), &["error: ", "train/3.png"]);
}
