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
mod weights;

use std::{env, process::ExitCode};

use clap::Parser;

use commands::{Command, devices, inspect, preprocess, serve, share, train};
use exit::Exit;
use failure::Failure;

/// Train multi-task classifiers of EEG recordings: turn recordings into spectrograms, train, and look at what came out.
#[derive(Debug, Parser)]
#[command(name = "signal-studio", version, propagate_version = true, arg_required_else_help = true)]
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
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let exit = Arguments::try_parse().map_err(failure_of).and_then(run).unwrap_or_else(|failure| {
        if is_json_wanted() {
            output::json_line(&failure.to_json());
        } else {
            output::message(&failure.to_string());
        }
        failure.exit()
    });
    exit.into()
}

fn run(arguments: Arguments) -> Result<Exit, Failure> {
    let done = |()| Exit::Done;
    match arguments.command {
        Command::Train(arguments) => train::run(&arguments),
        Command::Preprocess(arguments) => preprocess::run(&arguments).map(done),
        Command::Inspect(arguments) => inspect::run(&arguments).map(done),
        Command::Devices(arguments) => devices::run(&arguments).map(done),
        Command::Share(arguments) => share::run(&arguments).map(done),
        Command::Serve(arguments) => serve::run(&arguments).map(done),
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

/// Whether JSON is asked for, even by arguments that cannot be understood.
fn is_json_wanted() -> bool {
    env::args_os().skip(1).take_while(|argument| argument != "--").any(|argument| argument == "--json")
}
