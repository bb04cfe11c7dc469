//! What the `[training]` table says: how long to train, when to validate and save, and how losses are weighed.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};

use super::{
    ClassWeights, DeviceChoice,
    declarations::{Switched, Unlimited, WithAlias, ZeroForNone},
    fields::Fields,
    keys::{Bounds, KeyDoc, KeyKind},
    table::{Declaration, Key, config_table, put},
};
use crate::named::named_enum;

const WANDB: &str = "Weights & Biases is not contacted, since nothing leaves this machine; training.tensorboard = true writes TensorBoard files";
const COMPILE: &str = "there is no compilation to switch: each device's kernels are compiled when first used";

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

named_enum! {
    /// A simple method that a network is compared with.
    pub enum Baseline {
        /// Always says the most frequent class, or the mean.
        Majority = "majority",
        /// A linear model of the logarithms of band powers.
        BandPower = "band_power",
        /// A linear model of covariances, in the tangent space at their Riemannian mean.
        Riemann = "riemann",
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

config_table! {
    /// Stochastic weight averaging (Izmailov et al. 2018) after the base epochs.
    #[derive(Copy)]
    pub struct SwaConfig in "training" {
        /// Those extra epochs as a share of epochs.
        extra_ratio("swa_extra_ratio"): f64 = 0.34, KeyKind::Number(Bounds::Positive);
        /// Learning rate during them, as a share.
        lr_frac("swa_lr_frac"): f64 = 0.25, KeyKind::Number(Bounds::Positive);
    }
}

config_table! {
    /// An exponential moving average of the weights over all updates (Polyak & Juditsky 1992), and of batch normalisation's
    /// statistics. It is what is evaluated and kept as the best, in the place of the weights themselves.
    #[derive(Copy)]
    pub struct EmaConfig in "training" {
        /// Share of the average that an update leaves as it was.
        decay("ema_decay"): f64 = 0.999, KeyKind::Number(Bounds::UnitOpen);
        /// Let the average forget its beginning: a decay of at most (1 + n) / (10 + n) after n updates.
        warmup("ema_warmup"): bool = true, KeyKind::Switch;
    }
}

config_table! {
    /// Focal loss of the `health` task, α(1−p)^γ·(−log p) (Lin et al. 2017).
    #[derive(Copy)]
    pub struct FocalConfig in "training" {
        /// Factor of the focal loss.
        alpha("focal_alpha"): f64 = 0.25, KeyKind::Number(Bounds::NotNegative);
        /// Exponent of the focal loss.
        gamma("focal_gamma"): f64 = 2.0, KeyKind::Number(Bounds::NotNegative);
    }
}

config_table! {
    /// The training loop.
    pub struct TrainingConfig in "training" {
        /// Passes over the training split.
        epochs: usize = 25, KeyKind::Count { min: 1, max: 1_000_000 };
        /// Optimizer updates after which training ends, even in the middle of an epoch.
        max_steps: Option<usize> = None, KeyKind::Limit => Unlimited;
        /// Batches whose gradients are averaged for one optimizer update.
        ///
        /// Over their samples: so many batches are one that is so many times as large, but for batch normalisation, which sees
        /// each by itself. An epoch's last update has those that are left.
        gradient_accumulation_steps: usize = 1, KeyKind::Count { min: 1, max: 65_536 };
        /// Largest L2 norm of all gradients together; 0 does not limit it.
        ///
        /// Larger ones are scaled down to it.
        clip_grad_norm: Option<f64> = Some(1.0), KeyKind::Number(Bounds::Finite) => ZeroForNone;
        /// Where to compute.
        device: DeviceChoice = DeviceChoice::Auto, KeyKind::Device;
        /// Batches between two reports of the training loss.
        log_every_batches: usize = 10, KeyKind::COUNT => |key| WithAlias(
            key,
            Key::new("training.log_every", KeyKind::COUNT, "another name of log_every_batches"),
        );
        /// When the validation split is evaluated.
        eval("eval_strategy"): Cadence = Cadence::Epoch, KeyKind::Choice(Strategy::NAMES) => |strategy| CadenceKeys {
            strategy,
            steps: Key::new(
                "training.eval_steps",
                KeyKind::COUNT,
                "with eval_strategy = \"steps\": updates between evaluations",
            ),
        };
        /// When a checkpoint is saved.
        checkpoint("checkpoint_strategy"): Cadence = Cadence::Epoch, KeyKind::Choice(Strategy::NAMES) => |strategy| {
            CadenceKeys {
                strategy,
                steps: Key::new(
                    "training.checkpoint_steps",
                    KeyKind::COUNT,
                    "with checkpoint_strategy = \"steps\": updates between checkpoints",
                ),
            }
        };
        /// Most checkpoints kept beside the best and the last.
        checkpoint_total_limit: Option<usize> = None, KeyKind::COUNT;
        /// How many of the best checkpoints are kept.
        max_best_checkpoints: usize = 1, KeyKind::COUNT;
        /// End when the validation score no longer improves.
        early_stopping: bool = false, KeyKind::Switch;
        /// Validation runs without improvement before that.
        early_stopping_patience: usize = 5, KeyKind::COUNT;
        /// What the best checkpoint and early stopping go by.
        monitor: Monitor = Monitor::BalancedAccuracy, KeyKind::Choice(Monitor::NAMES);
        /// Simple methods that are fitted and scored on the same splits before a run, [] for none.
        ///
        /// Those of signals need samples that are windows.
        baselines: Vec<Baseline> = Baseline::ALL.to_vec(), KeyKind::Choices(Baseline::NAMES);
        /// Minutes from one checkpoint in between to the next, 0 for none; by default 2 in a tab, none on the command line.
        ///
        /// See [`Self::checkpoint_interval`].
        checkpoint_minutes: Option<f64> = None, KeyKind::Number(Bounds::NotNegative);
        /// Folder in which run folders are made.
        output_dir: Option<String> = None, KeyKind::Text;
        /// Folder of the TensorBoard files, instead of the run's own.
        log_dir: Option<String> = None, KeyKind::Text;
        /// File to which the run's summary is written as well.
        metrics_summary_path: Option<String> = None, KeyKind::Text;
        /// First part of the run folder's name.
        run_name: Option<String> = None, KeyKind::Text;
        /// Whether TensorBoard files are written.
        tensorboard: bool = false, KeyKind::Switch;
        /// Average the weights over extra epochs at the end.
        swa("swa_enabled"): Option<SwaConfig> = None, KeyKind::Switch => Switched;
        /// Keep a moving average of the weights, and evaluate that.
        ema("ema_enabled"): Option<EmaConfig> = None, KeyKind::Switch => Switched;
        /// Share of probability spread over all classes.
        label_smoothing: f64 = 0.0, KeyKind::Number(Bounds::UnitOpen);
        /// Focal loss for the task health.
        focal_health("use_focal_loss_health"): Option<FocalConfig> = None, KeyKind::Switch => Switched;
        /// Weight of a task's loss.
        task_weights("task_weights.*"): BTreeMap<String, f64> = BTreeMap::new(),
            KeyKind::Number(Bounds::NotNegative) => NumberPerTask;
        /// How much the samples of each class count in the loss.
        class_weights: ClassWeights = ClassWeights::None, ClassWeights::KIND;
        /// Fixes everything random, so that the run can be repeated.
        seed: Option<u64> = None, KeyKind::Seed;
        /// Standardise regression targets while training.
        ///
        /// Metrics stay in the label's unit.
        standardize_regression: bool = false, KeyKind::Switch;
        ignored {
            /// Weights & Biases project.
            "wandb_project", KeyKind::Text, WANDB;
            /// Weights & Biases account.
            "wandb_entity", KeyKind::Text, WANDB;
            /// Weights & Biases tags.
            "wandb_tags", KeyKind::Texts, WANDB;
            /// Mixed precision.
            "use_amp", KeyKind::Switch, "training always computes in 32-bit floats";
            /// PyTorch's compiler.
            "compile_model", KeyKind::Switch, COMPILE;
            /// Mode of PyTorch's compiler.
            "compile_mode", KeyKind::Text, COMPILE;
        }
    }
}

/// The keys that say when something is done.
struct CadenceKeys {
    strategy: Key,
    steps: Key,
}

impl Declaration<Cadence> for CadenceKeys {
    fn list(&self, keys: &mut Vec<KeyDoc>) {
        keys.extend([self.strategy.0, self.steps.0]);
    }

    fn read(&self, fields: &Fields<'_>, default: Cadence) -> Cadence {
        let read = || {
            Some(match fields.choice(self.strategy.0.path)? {
                Strategy::Epoch => Cadence::Epoch,
                Strategy::Steps => Cadence::Steps(fields.count(self.steps.0.path)?),
                Strategy::None => Cadence::None,
            })
        };
        read().unwrap_or(default)
    }

    fn write(&self, value: &Cadence, file: &mut Value) {
        put(file, self.strategy.0.path, json!(value.strategy()));
        put(file, self.steps.0.path, json!(value.steps()));
    }
}

/// A number for any task, as the keys of a table. Which tasks there are is known to the run.
struct NumberPerTask(Key);

impl Declaration<BTreeMap<String, f64>> for NumberPerTask {
    fn list(&self, keys: &mut Vec<KeyDoc>) {
        keys.push(self.0.0);
    }

    fn read(&self, fields: &Fields<'_>, _: BTreeMap<String, f64>) -> BTreeMap<String, f64> {
        let given = fields.values_in(self.table());
        given.into_iter().filter_map(|(task, path)| Some((task, fields.number(&path)?))).collect()
    }

    fn write(&self, value: &BTreeMap<String, f64>, file: &mut Value) {
        put(file, self.table(), json!(value));
    }
}

impl NumberPerTask {
    fn table(&self) -> &str {
        self.0.0.path.trim_end_matches(".*")
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
