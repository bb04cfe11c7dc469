//! The command `signal-studio`. Arguments, files and the terminal are handled here; everything else is core's. Results go
//! to stdout, progress and messages to stderr.

mod commands;
mod config_files;
mod failure;
mod interrupt;
mod output;
mod paths;
mod prepared_data;
mod progress;
mod run_folder;
mod storage;
mod tensorboard;
mod weights;

use std::process::ExitCode;

use clap::Parser;

use commands::{Command, devices, inspect, preprocess, serve, share, train};

/// Train multi-task classifiers of EEG recordings: turn recordings into spectrograms, train, and look at what came out.
#[derive(Debug, Parser)]
#[command(name = "signal-studio", version, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = "\
Examples:
  signal-studio train configs/classification/demo.toml
  signal-studio preprocess parkinsons --root ~/ds004584
  signal-studio inspect recording.edf

Exit status: 0 when all was done, 1 when it failed on the way, 2 when the request was wrong (arguments, config, a folder
that is not there).")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Train(arguments) => train::run(&arguments),
        Command::Preprocess(arguments) => preprocess::run(&arguments),
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Devices(arguments) => devices::run(&arguments),
        Command::Share(arguments) => share::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::message(&failure.to_string());
            failure.exit_code()
        }
    }
}
