//! `signal-studio inspect`: what is in a file or a folder, told to people or to programs.

mod checkpoint;
mod config;
mod preprocessed;
mod preset;
mod raw;
mod recording;
mod report;
mod run;

use std::path::{Path, PathBuf};

use clap::Args;
use signal_studio_core::{share, training::run_folder as layout};

use self::report::Report;
use crate::{config_files::is_standard_input, failure::Failure, output, prepared_data};

/// What `inspect` is asked.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  signal-studio inspect sub-001_task-Rest_eeg.set
  signal-studio inspect data/processed/math/spectrograms --split val
  signal-studio inspect ~/my-study --preset > my-study.toml
  signal-studio inspect configs/classification/math.toml
  signal-studio inspect runs/demo-20260101-120000/checkpoints/best.safetensors --json

What it is is told by its content where that is possible. A config, also one in a share link, is checked, and its model
is summarised.")]
pub struct Arguments {
    /// A recording, a folder, a config (.toml, a share link, or - for standard input), a checkpoint (.safetensors, .pt)
    /// or a run's folder
    path: PathBuf,
    /// Only this split of a preprocessed folder
    #[arg(long, value_name = "NAME")]
    split: Option<String>,
    /// Preprocessed folder that a config's model is summarised for, instead of its dataset's
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Print a run file that fits a folder of recordings or of preprocessed data
    #[arg(long)]
    preset: bool,
    /// Settings file for a config or a preset [default: the one the config names, or the usual one]
    #[arg(long, value_name = "FILE")]
    settings: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Says what is in a file or folder.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let report = report(arguments)?;
    if arguments.json {
        output::json(&report.json);
    } else {
        output::result(report.text.trim_end());
    }
    Ok(())
}

fn report(arguments: &Arguments) -> Result<Report, Failure> {
    let path = arguments.path.as_path();
    if arguments.preset {
        return preset::report(path, arguments.settings.as_deref());
    }
    let config = || config::report(path, arguments.settings.as_deref(), arguments.data.as_deref());
    if is_standard_input(path) || path.to_str().is_some_and(share::is_link) {
        return config();
    }
    if path.is_dir() {
        return folder(path, arguments);
    }
    if !path.exists() {
        return Err(Failure::request(format_args!("there is no file or folder {}", path.display())));
    }
    match path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("toml") => config(),
        Some("safetensors" | "pt" | "pth") => checkpoint::report(path),
        _ => recording::report(path),
    }
}

fn folder(path: &Path, arguments: &Arguments) -> Result<Report, Failure> {
    if path.join(layout::CONFIG_JSON).is_file() {
        run::report(path)
    } else if prepared_data::is_prepared(path)? {
        preprocessed::report(path, arguments.split.as_deref())
    } else if prepared_data::is_unfinished(path) {
        Err(Failure::request(format_args!(
            "preprocessing began to write {} and did not end: run it again",
            path.display()
        )))
    } else {
        raw::report(path)
    }
}
