//! `signal-studio share`.

use std::path::PathBuf;

use clap::Args;
use signal_studio_core::{
    config::DatasetName,
    share::{DEFAULT_BASE_URL, link},
};

use crate::{
    config_files::{RunFile, SettingsFile, resolve_dataset_name},
    failure::Failure,
    output,
};

/// What `share` is asked.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  signal-studio share configs/classification/demo.toml
  signal-studio share my.toml --base-url https://studio.example/eeg/

The link holds the config itself, behind the `#`, which browsers send to no server. Whoever opens it sees the config and
decides whether to train; `signal-studio train LINK` takes it as well. Unless --base-url says where you host the page, the
link leads to the reader's own machine, where `signal-studio serve` has it.")]
pub struct Arguments {
    /// The run file (TOML), - for standard input, or a share link that is to lead to another host
    config: PathBuf,
    /// Address of the page that the link opens
    #[arg(long, value_name = "URL", default_value = DEFAULT_BASE_URL)]
    base_url: String,
    /// Settings file to check the config with [default: the one it names]
    #[arg(long, value_name = "FILE")]
    settings: Option<String>,
}

/// Prints the link to a config that `train` would take.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let RunFile { mut config, text, folder } = RunFile::read(&arguments.config)?;
    let settings = SettingsFile::for_run(arguments.settings.as_deref(), &config, folder.as_deref())?;
    let dataset = config.dataset.name.clone();
    resolve_dataset_name(&mut config, &settings.settings)?;
    config.resolve(&settings.settings)?;
    let link = link(&arguments.base_url, &text)?;
    if matches!(config.dataset.name, DatasetName::Path(_)) {
        output::note(&format!("the link does not hold the samples: its reader needs them, too, in a folder {dataset}"));
    }
    output::result(&link);
    Ok(())
}
