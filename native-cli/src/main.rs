//! The command `signal-studio`. Arguments, files and the terminal are handled here; everything else is core's. Results go
//! to stdout, progress and messages to stderr.

mod checkpoint_clock;
mod commands;
mod config_files;
mod exit;
mod failure;
mod interrupt;
mod output;
mod paths;
mod prepared_data;
mod progress;
mod run_folder;
mod run_lock;
mod storage;
mod tensorboard;
mod version;
mod weights;

use std::{env, process::ExitCode};

use clap::{ColorChoice, CommandFactory, FromArgMatches, Parser};

use commands::{
    Command, completions, cross_validate, devices, evaluate, inspect, man, predict, preprocess, serve, share, train,
};
use exit::Exit;
use failure::Failure;

/// Train multi-task classifiers of EEG recordings: turn recordings into spectrograms, train, and look at what came out.
#[derive(Debug, Parser)]
#[command(name = "signal-studio", version = version::VERSION.as_str(), propagate_version = true, arg_required_else_help = true)]
#[command(after_help = "\
Examples:
  signal-studio train configs/classification/demo.toml
  signal-studio preprocess parkinsons --root ~/ds004584
  signal-studio inspect recording.edf

Exit status: 0 when all was done, 1 when it failed on the way, 2 when the request was wrong (arguments, config, a folder
that is not there), 130 when Ctrl-C, SIGTERM or the closed terminal ended it before.

With --json, stdout carries JSON alone. A failure is its last line: {\"event\": \"failed\", \"kind\": \"config\", \"message\": \"…\",
\"where\": [{\"path\": \"my.toml\", \"line\": 3, \"column\": 9, …}], \"exit_status\": 2}.")]
struct Arguments {
    /// When messages are coloured
    #[arg(long, global = true, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    color: ColorChoice,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let color = color_wanted();
    output::set_color(color);
    let parsed = program().color(color).try_get_matches().and_then(|matches| Arguments::from_arg_matches(&matches));
    let exit = parsed.map_err(failure_of).and_then(run).unwrap_or_else(|failure| {
        if is_json_wanted() {
            output::json_line(&failure.to_json());
        } else {
            output::message(&failure.to_string());
        }
        failure.exit()
    });
    exit.into()
}

fn run(Arguments { command, color: _ }: Arguments) -> Result<Exit, Failure> {
    let done = |()| Exit::Done;
    match command {
        Command::Train(arguments) => train::run(&arguments),
        Command::CrossValidate(arguments) => cross_validate::run(&arguments),
        Command::Evaluate(arguments) => evaluate::run(&arguments),
        Command::Predict(arguments) => predict::run(&arguments),
        Command::Preprocess(arguments) => preprocess::run(&arguments).map(done),
        Command::Inspect(arguments) => inspect::run(&arguments).map(done),
        Command::Devices(arguments) => devices::run(&arguments).map(done),
        Command::Share(arguments) => share::run(&arguments).map(done),
        Command::Serve(arguments) => serve::run(&arguments).map(done),
        Command::Completions(arguments) => {
            completions::run(&arguments, program());
            Ok(Exit::Done)
        }
        Command::Man(arguments) => man::run(&arguments, program()).map(done),
    }
}

/// The failure of arguments that cannot be understood. A person gets what the parser prints, as for help and version.
fn failure_of(error: clap::Error) -> Failure {
    if error.use_stderr() && is_json_wanted() {
        let text = error.render().to_string();
        Failure::arguments(text.trim().trim_start_matches("error: "))
    } else {
        error.exit()
    }
}

/// The program as the parser knows it.
fn program() -> clap::Command {
    Arguments::command()
}

/// When messages are to be coloured: needed before the arguments are understood, since they may not be.
fn color_wanted() -> ColorChoice {
    let words: Vec<String> = env::args_os()
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned())
        .take_while(|word| word != "--")
        .collect();
    let after =
        words.iter().zip(words.iter().skip(1)).find(|(word, _)| *word == "--color").map(|(_, value)| value.as_str());
    let joined = words.iter().find_map(|word| word.strip_prefix("--color="));
    after.or(joined).and_then(|value| value.parse().ok()).unwrap_or(ColorChoice::Auto)
}

/// Whether JSON is asked for, even by arguments that cannot be understood.
fn is_json_wanted() -> bool {
    env::args_os().skip(1).take_while(|argument| argument != "--").any(|argument| argument == "--json")
}
