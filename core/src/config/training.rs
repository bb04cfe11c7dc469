//! What the `[training]` table says: how long to train, when to validate and save, and how losses are weighed.

use std::{collections::BTreeMap, fmt, str::FromStr, time::Duration};

use super::{ClassWeights, names::named_enum};

named_enum! {
    /// The word in `eval_strategy` and `checkpoint_strategy`.
    pub enum Strategy {
        /// After every epoch.
        Epoch = "epoch",
        /// After a number of optimizer updates.
        Steps = "steps",
        /// Never.
        None = "none",
    }
}

named_enum! {
    /// What the validation runs are compared by, for the best checkpoint and for early stopping.
    pub enum Monitor {
        /// The mean recall of the classes.
        BalancedAccuracy = "balanced_accuracy",
        /// The share of samples that are right.
        Accuracy = "accuracy",
        /// The mean F1 score of the classes.
        F1 = "f1",
        /// The loss; the lowest is the best.
        Loss = "loss",
    }
}

/// When something is done during training.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cadence {
    /// After every epoch.
    Epoch,
    /// Every so many optimizer updates, at least 1.
    Steps(usize),
    /// Never.
    None,
}

impl Cadence {
    /// The word a config file uses.
    #[must_use]
    pub fn strategy(self) -> Strategy {
        match self {
            Self::Epoch => Strategy::Epoch,
            Self::Steps(_) => Strategy::Steps,
            Self::None => Strategy::None,
        }
    }

    /// The number of optimizer updates between two times, if that is what decides.
    #[must_use]
    pub fn steps(self) -> Option<usize> {
        match self {
            Self::Steps(steps) => Some(steps),
            Self::Epoch | Self::None => None,
        }
    }
}

/// Where to compute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeviceChoice {
    /// A real GPU if there is one, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// A GPU through wgpu: the one of this number, or the best. `mps`, PyTorch's name for Apple's GPUs, means this too.
    Wgpu(Option<usize>),
    /// An NVIDIA GPU through CUDA: the one of this number, or the first.
    Cuda(Option<usize>),
}

/// A device that cannot be meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be auto, cpu, wgpu, wgpu:<number>, cuda or cuda:<number>, not `{given}`")]
pub struct UnknownDevice {
    /// What was written instead.
    pub given: String,
}

impl FromStr for DeviceChoice {
    type Err = UnknownDevice;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownDevice { given: text.to_owned() };
        let (kind, index) = match text.split_once(':') {
            Some((kind, index)) => (kind, Some(index.parse().map_err(|_| unknown())?)),
            None => (text, None),
        };
        match (kind, index) {
            ("auto", None) => Ok(Self::Auto),
            ("cpu", None) => Ok(Self::Cpu),
            ("mps", None) => Ok(Self::Wgpu(None)),
            ("wgpu", index) => Ok(Self::Wgpu(index)),
            ("cuda", index) => Ok(Self::Cuda(index)),
            _ => Err(unknown()),
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => formatter.write_str("auto"),
            Self::Cpu => formatter.write_str("cpu"),
            Self::Wgpu(None) => formatter.write_str("wgpu"),
            Self::Wgpu(Some(index)) => write!(formatter, "wgpu:{index}"),
            Self::Cuda(None) => formatter.write_str("cuda"),
            Self::Cuda(Some(index)) => write!(formatter, "cuda:{index}"),
        }
    }
}

/// Stochastic weight averaging (Izmailov et al. 2018) after the base epochs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SwaConfig {
    /// Extra epochs as a share of the base epochs.
    pub extra_ratio: f64,
    /// Learning rate while averaging, as a share of the optimizer's.
    pub lr_frac: f64,
}

impl Default for SwaConfig {
    fn default() -> Self {
        Self { extra_ratio: 0.34, lr_frac: 0.25 }
    }
}

/// Focal loss of the `health` task, α(1−p)^γ·(−log p) (Lin et al. 2017).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FocalConfig {
    /// The factor α.
    pub alpha: f64,
    /// The exponent γ.
    pub gamma: f64,
}

impl Default for FocalConfig {
    fn default() -> Self {
        Self { alpha: 0.25, gamma: 2.0 }
    }
}

/// The training loop.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainingConfig {
    /// Passes over the training split.
    pub epochs: usize,
    /// Optimizer updates after which training ends even in the middle of an epoch.
    pub max_steps: Option<usize>,
    /// Largest L2 norm of all gradients together; larger ones are scaled down to it.
    pub clip_grad_norm: Option<f64>,
    /// Where to compute.
    pub device: DeviceChoice,
    /// Batches between two reports of the training loss.
    pub log_every_batches: usize,
    /// When the validation split is evaluated.
    pub eval: Cadence,
    /// When a checkpoint is saved.
    pub checkpoint: Cadence,
    /// Most checkpoints kept, beside the best and the last.
    pub checkpoint_total_limit: Option<usize>,
    /// Minutes from one checkpoint in between to the next, 0 for none; see [`Self::checkpoint_interval`].
    pub checkpoint_minutes: Option<f64>,
    /// What the best checkpoint and early stopping go by.
    pub monitor: Monitor,
    /// How many of the best checkpoints are kept, at least 1.
    pub max_best_checkpoints: usize,
    /// Whether training ends when the validation score no longer improves.
    pub early_stopping: bool,
    /// Validation runs without improvement after which it ends.
    pub early_stopping_patience: usize,
    /// Folder in which run folders are made.
    pub output_dir: Option<String>,
    /// Folder of the TensorBoard files, instead of the run's own.
    pub log_dir: Option<String>,
    /// File to which the run's summary is written as well.
    pub metrics_summary_path: Option<String>,
    /// First part of the run folder's name, instead of dataset, backbone and tasks.
    pub run_name: Option<String>,
    /// Whether TensorBoard files are written.
    pub tensorboard: bool,
    /// Stochastic weight averaging, if wanted.
    pub swa: Option<SwaConfig>,
    /// Share of the target's probability spread over all classes, in [0, 1).
    pub label_smoothing: f64,
    /// Focal loss for the `health` task, if wanted.
    pub focal_health: Option<FocalConfig>,
    /// The weight of every task's loss.
    pub task_weights: BTreeMap<String, f64>,
    /// How much the samples of each class count in the loss of a classification task.
    pub class_weights: ClassWeights,
    /// Seed of initialisation, shuffling and dropout, below 2^63; without one a run does not repeat.
    pub seed: Option<u64>,
    /// Whether regression targets are standardised while training; metrics stay in the label's unit.
    pub standardize_regression: bool,
}

impl Default for TrainingConfig {
    fn default() -> Self {
        Self {
            epochs: 25,
            max_steps: None,
            clip_grad_norm: Some(1.0),
            device: DeviceChoice::default(),
            log_every_batches: 10,
            eval: Cadence::Epoch,
            checkpoint: Cadence::Epoch,
            checkpoint_total_limit: None,
            checkpoint_minutes: None,
            monitor: Monitor::BalancedAccuracy,
            max_best_checkpoints: 1,
            early_stopping: false,
            early_stopping_patience: 5,
            output_dir: None,
            log_dir: None,
            metrics_summary_path: None,
            run_name: None,
            tensorboard: false,
            swa: None,
            label_smoothing: 0.0,
            focal_health: None,
            task_weights: BTreeMap::new(),
            class_weights: ClassWeights::None,
            seed: None,
            standardize_regression: false,
        }
    }
}

/// The `checkpoint_minutes` of a run in a browser's tab, which can be lost at any moment, where the run file has none. A
/// command that runs in a shell has no such default.
pub const TAB_CHECKPOINT_MINUTES: f64 = 2.0;

impl TrainingConfig {
    /// The time from one checkpoint in between to the next: `checkpoint_minutes`, or `default_minutes` where the run file
    /// has none. `None` if there are no such checkpoints.
    #[must_use]
    pub fn checkpoint_interval(&self, default_minutes: Option<f64>) -> Option<Duration> {
        let minutes = self.checkpoint_minutes.or(default_minutes).filter(|minutes| *minutes > 0.0)?;
        // A time that is too long to be counted never comes.
        Duration::try_from_secs_f64(minutes * 60.0).ok()
    }
}
