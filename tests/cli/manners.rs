//! What a program of the command line is expected to do beside its work.

use std::{
    fs,
    io::Write,
    process::{Command, Stdio},
};

use signal_studio_tests::{Studio, contains};

/// Runs a command with this text on its standard input; gives stdout.
fn succeed_reading(studio: &Studio, arguments: &[&str], input: &str) -> String {
    let mut child =
        studio.command(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_config_comes_from_standard_input() {
    let studio = Studio::new();
    studio.preprocessed().config("run.toml", "epochs = 1\nseed = 5\nmax_steps = 1");
    let text = fs::read_to_string(studio.path("run.toml")).unwrap();
    contains(&succeed_reading(&studio, &["inspect", "-"], &text), &["standard input", "cnn_light"]);
    succeed_reading(&studio, &["train", "-", "--output-dir", "runs"], &text);
    assert_eq!(fs::read_to_string(studio.only_run("runs").join("config.toml")).unwrap(), text);
    let link = succeed_reading(&studio, &["share", "-"], &text);
    assert_eq!(link, studio.succeed(&["share", "run.toml"]));
    contains(&studio.fail(2, &["train", "-"]), &["standard input"]);
}

#[test]
fn messages_are_coloured_when_that_is_wanted() {
    let studio = Studio::new();
    for (arguments, is_colored) in [
        (&["train", "nowhere.toml"][..], false),
        (&["train", "nowhere.toml", "--color", "always"], true),
        (&["--color=always", "train", "nowhere.toml"], true),
        (&["train", "--color=always", "--no-such-option"], true),
        (&["train", "nowhere.toml", "--color", "never"], false),
    ] {
        let message = studio.fail(2, arguments);
        assert_eq!(message.contains("\x1b["), is_colored, "{arguments:?}: {message}");
    }
    contains(&studio.fail(2, &["devices", "--color", "pink"]), &["pink", "never"]);
}

#[test]
fn the_version_says_what_is_built_and_from_what() {
    let studio = Studio::new();
    let version = studio.succeed(&["--version"]);
    contains(&version, &[&format!("signal-studio {}", env!("CARGO_PKG_VERSION")), "devices: cpu"]);
    let commit = Command::new("git").args(["rev-parse", "--short=12", "HEAD"]).output();
    if let Some(commit) = commit.ok().filter(|output| output.status.success()) {
        let commit = String::from_utf8(commit.stdout).unwrap();
        contains(&version, &[&format!("commit {}", commit.trim())]);
    }
}

#[test]
fn shells_get_completions_and_people_a_manual() {
    let studio = Studio::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        contains(&studio.succeed(&["completions", shell]), &["signal-studio", "preprocess", "max-steps"]);
    }
    studio.fail(2, &["completions", "tcsh"]);
    contains(&studio.succeed(&["man"]), &[".TH signal-studio 1", "preprocess"]);
    contains(&studio.succeed(&["man", "train"]), &[".TH signal-studio-train 1", "max\\-steps"]);
    contains(&studio.fail(2, &["man", "weather"]), &["weather"]);
}
