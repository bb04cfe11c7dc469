//! What `signal-studio train` is asked.

use std::path::PathBuf;

use clap::Args;
use signal_studio_core::config::{DeviceChoice, RunConfig};

/// What `train` is asked.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  signal-studio train configs/classification/demo.toml
  signal-studio train eegmat.toml --root ~/eegmat
  signal-studio train my.toml --output-dir runs --max-steps 100 --device cpu
  signal-studio train --resume runs/demo-cnn_light-gender-health-age-20260101-120000
  signal-studio train 'http://127.0.0.1:8080/#config=1.…'

A share link holds the whole config, so nothing is fetched; its settings are the usual ones of the working folder.
Every run gets a folder of its own with config_resolved.json, history.json, summary.json, checkpoints/ and, if the config
says so, tensorboard/. Samples are made of a dataset's recordings if they are not there, as the run file's [preprocessing] and
[dataset.split] say. Those that `preprocess` made with an older version, other options or of other recordings are refused.

Ctrl-C, SIGTERM, or closing the terminal end the run after the batch under way and save it; the exit status is 130, and
--resume goes on where it stopped. A second signal quits at once; the checkpoints written until then are kept.")]
pub struct Arguments {
    /// The run file (TOML), a share link, or - for standard input; with --resume it may be left out, or replaces the run's own
    #[arg(required_unless_present = "resume")]
    pub config: Option<PathBuf>,
    /// Go on with the run in this folder
    #[arg(long, value_name = "RUN_DIR", conflicts_with_all = ["output_dir", "weights", "seed"])]
    pub resume: Option<PathBuf>,
    /// Folder in which the run's folder is made [default: training.output_dir, then runs]
    #[arg(long, value_name = "DIR")]
    pub output_dir: Option<PathBuf>,
    /// Write the run's summary to this file as well
    #[arg(long, value_name = "FILE")]
    pub metrics_summary_path: Option<PathBuf>,
    /// Stop after this many optimizer updates of the whole run
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub max_steps: Option<u64>,
    /// Where to compute: auto, cpu, wgpu[:number], cuda[:number]; see `signal-studio devices`
    #[arg(long, value_name = "DEVICE")]
    pub device: Option<DeviceChoice>,
    /// Seed of initialisation, shuffling and dropout
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..=i64::MAX as u64))]
    pub seed: Option<u64>,
    /// Settings file, which says where datasets lie [default: the one the run file names]
    #[arg(long, value_name = "FILE")]
    pub settings: Option<String>,
    /// Folder of the dataset's recordings, instead of the settings'
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// Start from these weights (.safetensors, or PyTorch's .pt)
    #[arg(long, value_name = "FILE")]
    pub weights: Option<PathBuf>,
    /// Print events as JSON, one a line
    #[arg(long)]
    pub json: bool,
    /// Show no progress
    #[arg(long, short)]
    pub quiet: bool,
}

impl Arguments {
    /// What the command line says instead of the config.
    pub fn apply_to(&self, config: &mut RunConfig) {
        let training = &mut config.training;
        if let Some(steps) = self.max_steps {
            training.max_steps = Some(usize::try_from(steps).unwrap_or(usize::MAX));
        }
        if let Some(device) = self.device {
            training.device = device;
        }
        if let Some(seed) = self.seed {
            training.seed = Some(seed);
        }
        if let Some(path) = &self.metrics_summary_path {
            training.metrics_summary_path = Some(path.display().to_string());
        }
    }
}
