//! What `signal-studio cross-validate` is asked.

use std::{collections::BTreeSet, ffi::OsString, path::PathBuf};

use clap::Args;
use signal_studio_core::config::{DeviceChoice, FoldCount};

use crate::failure::Failure;

/// What `cross-validate` is asked.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  signal-studio cross-validate my.toml --root ~/eegmat
  signal-studio cross-validate my.toml --folds leave_one_subject_out --seeds 33,34,35 --jobs 4
  signal-studio cross-validate --resume runs/math-shallow_fbcsp_net-math_activity-cross-validation-20260101-120000
  signal-studio cross-validate --collect runs/math-shallow_fbcsp_net-math_activity-cross-validation-20260101-120000

People are dealt out to folds, so that every class of what is learnt is spread evenly. Each fold is trained on, with each
seed, as `train` does it: tested on its people, validated on some of the others, trained on the rest. [cross_validation] of the
run file says how many folds there are (5), which share of the others is validated on (one in 6), and the seeds.

One folder holds it all: cross_validation.json, a run file for each fold, a run folder for each fold and seed, and in the end
predictions.csv, what was said of every window by a model that had never seen its person. Ended or killed, it goes on with
--resume: what is done is kept, and what was begun goes on where it was.

Several machines can share the work, if they see the folder: --prepare-only makes it and all samples, then each machine runs
--resume DIR --fold K --seed S, and --collect DIR puts together what is there.")]
pub struct Arguments {
    /// The run file (TOML), a share link, or - for standard input
    #[arg(required_unless_present_any = ["resume", "collect"], conflicts_with_all = ["resume", "collect"])]
    pub config: Option<PathBuf>,
    /// Go on with the cross-validation in this folder
    #[arg(long, value_name = "DIR", conflicts_with_all = ["collect", "output_dir", "name", "folds", "seeds"])]
    pub resume: Option<PathBuf>,
    /// Put together what the runs in this folder have reached so far; nothing is trained
    #[arg(long, value_name = "DIR", conflicts_with_all = ["output_dir", "name", "folds", "seeds", "settings", "root", "device",
        "jobs", "fold", "seed", "prepare_only"])]
    pub collect: Option<PathBuf>,
    /// Folder in which the cross-validation's folder is made [default: training.output_dir, then runs]
    #[arg(long, value_name = "DIR")]
    pub output_dir: Option<PathBuf>,
    /// Name of that folder, which may be there [default: what is learnt, and the time]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Number of folds, or leave_one_subject_out [default: cross_validation.folds, then 5]
    #[arg(long, value_name = "N")]
    pub folds: Option<FoldCount>,
    /// Seeds that each fold is trained with [default: cross_validation.seeds, then training.seed, then 33]
    #[arg(long, value_name = "N,…", value_delimiter = ',', value_parser = clap::value_parser!(u64).range(..=i64::MAX as u64))]
    pub seeds: Vec<u64>,
    /// Train this fold alone, from 1
    #[arg(long, value_name = "K")]
    pub fold: Option<usize>,
    /// Train with this seed alone
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
    /// Runs at a time, each in a process of its own
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: u16,
    /// Make the folder and the samples of all folds, and train nothing
    #[arg(long, conflicts_with_all = ["fold", "seed", "jobs"])]
    pub prepare_only: bool,
    /// Where to compute: auto, cpu, wgpu[:number], cuda[:number]; see `signal-studio devices`
    #[arg(long, value_name = "DEVICE")]
    pub device: Option<DeviceChoice>,
    /// Settings file, which says where datasets lie [default: the one the run file names]
    #[arg(long, value_name = "FILE")]
    pub settings: Option<String>,
    /// Folder of the dataset's recordings, instead of the settings'
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// Print the results as JSON
    #[arg(long)]
    pub json: bool,
    /// Show no progress
    #[arg(long, short)]
    pub quiet: bool,
    /// End in an orderly way when standard input ends: set by the process that started this one
    #[arg(long, hide = true)]
    pub until_input_ends: bool,
}

impl Arguments {
    /// The seeds that are given, if any.
    pub fn seeds(&self) -> Result<Option<Vec<u64>>, Failure> {
        let distinct: BTreeSet<u64> = self.seeds.iter().copied().collect();
        if distinct.len() < self.seeds.len() {
            return Err(Failure::request("--seeds has a seed twice, which would train the same run again"));
        }
        Ok(Some(self.seeds.clone()).filter(|seeds| !seeds.is_empty()))
    }

    /// What a process for one run is told of where things are.
    pub fn places(&self) -> Vec<OsString> {
        let mut words: Vec<OsString> = Vec::new();
        let mut add = |flag: &str, value: OsString| words.extend([flag.into(), value]);
        if let Some(device) = self.device {
            add("--device", device.to_string().into());
        }
        if let Some(settings) = &self.settings {
            add("--settings", settings.into());
        }
        if let Some(root) = &self.root {
            add("--root", root.into());
        }
        words
    }
}
