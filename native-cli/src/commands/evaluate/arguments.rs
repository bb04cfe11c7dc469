//! What `signal-studio evaluate` is asked.

use std::path::PathBuf;

use clap::Args;
use signal_studio_core::config::DeviceChoice;

/// What `evaluate` is asked.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  signal-studio evaluate runs/math-shallow_fbcsp_net-20260101-120000
  signal-studio evaluate runs/math-shallow_fbcsp_net-20260101-120000 --split val --json
  signal-studio evaluate best.safetensors --data data/processed/math/timeseries --split test --predictions p.csv

Scores are told by window, by recording and by person, with 95 % intervals from a bootstrap over people (BCa, 2000 draws),
and how often labels that were exchanged at random would give as good a balanced accuracy, or R²: exchanged among people
where everyone has one label, else among the recordings of one person.")]
pub struct Arguments {
    /// A run's folder, of which the best checkpoint answers, or a checkpoint (.safetensors)
    pub path: PathBuf,
    /// The split: test, val, train, all of them, or its name [default: test where the run has one, else val]
    #[arg(long, value_name = "SPLIT")]
    pub split: Option<String>,
    /// Folder of samples, instead of the one that the run was trained on
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Write what was said of every window to this file (CSV)
    #[arg(long, value_name = "FILE")]
    pub predictions: Option<PathBuf>,
    /// Where to compute: auto, cpu, wgpu[:number], cuda[:number]
    #[arg(long, value_name = "DEVICE", default_value_t = DeviceChoice::Auto)]
    pub device: DeviceChoice,
    /// Settings file, which says where datasets lie [default: the one the run names]
    #[arg(long, value_name = "FILE")]
    pub settings: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
