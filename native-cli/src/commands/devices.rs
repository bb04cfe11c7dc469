//! `signal-studio devices`.

use clap::Args;
use signal_studio_core::{config::DeviceChoice, device};

use crate::{failure::Failure, output};

/// What `devices` is asked.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  signal-studio devices
  signal-studio devices --device wgpu:1 --json

A device is asked for in a config, as `device` under [training], or with `train --device`.")]
pub struct Arguments {
    /// Say which one this would be: auto, cpu, wgpu[:number], cuda[:number]
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    device: DeviceChoice,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Lists the devices and says which one would be used. None is opened.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let found = pollster::block_on(device::find(DeviceChoice::Auto));
    let selection = device::choose(arguments.device, found)?;
    if arguments.json {
        output::json(&selection);
        return Ok(());
    }
    let width = selection.found.iter().map(|device| device.choice.to_string().len()).max().unwrap_or_default();
    for device in &selection.found {
        let mark = if device.choice == selection.chosen.choice { '*' } else { ' ' };
        let choice = device.choice.to_string();
        output::result(&format!("{mark} {choice:width$}  {:<16}  {}", device.class, device.description));
    }
    output::result(&format!("`{}` is `{}`: {}", arguments.device, selection.chosen.choice, selection.why));
    Ok(())
}
