//! What a run tells while it goes, and what it can be told. Front ends draw these events and pass on their user's
//! commands; they add the clock, which core does not have.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{
    baseline_results::BaselineResults,
    history::{EpochRecord, Summary, TestResult},
    metrics::Metrics,
    score::Score,
};
use crate::datasets::{ClassCount, LabelCounts};

/// Something that happened in a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[allow(clippy::large_enum_variant, reason = "one is passed on at a time; with pointers of 32 bits it is no lint")]
pub enum TrainEvent {
    /// The data is open and the model is built.
    Started(Start),
    /// A batch has been gone through for the simple methods that the run is compared with.
    BaselinesBatch {
        /// Batches done.
        done: usize,
        /// All there are.
        batches: usize,
    },
    /// Simple methods are fitted and scored on the validation split.
    Baselines(BaselineResults),
    /// A batch has been trained on; nothing was read from the device for it.
    Batch(Position),
    /// The latest batch's training loss, as often as it is reported.
    Step(Step),
    /// A validation run or the test begins.
    Evaluating {
        /// Where the run is.
        position: Position,
        /// Batches to evaluate.
        batches: usize,
    },
    /// A batch of a validation run or the test is done.
    EvaluatedBatch {
        /// Batches done.
        done: usize,
        /// Batches to evaluate.
        batches: usize,
    },
    /// A validation run has ended.
    Evaluated(Evaluation),
    /// The best model has been tested, at the run's end.
    Tested(TestResult),
    /// An epoch has ended.
    Epoch(EpochRecord),
    /// A batch of the pass that computes the averaged weights' batch statistics is done.
    AveragedBatch {
        /// Batches done.
        done: usize,
        /// Batches of the pass.
        batches: usize,
    },
    /// A checkpoint has been written.
    Checkpoint {
        /// Where the run is.
        position: Position,
        /// Path in the run folder.
        path: String,
    },
    /// The run waits for a command.
    Paused(Position),
    /// The run goes on.
    Resumed(Position),
    /// Something the user should know that does not end the run.
    Warning {
        /// One sentence.
        message: String,
    },
    /// The run has ended and its files are complete.
    Done(Summary),
}

/// What a run is about to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Start {
    /// Samples of the training split.
    pub train_samples: usize,
    /// Samples of the validation split; none when it is never evaluated.
    pub val_samples: Option<usize>,
    /// Batches in an epoch.
    pub batches_per_epoch: usize,
    /// Batches of an optimizer update, of which an epoch's last may have fewer; 1 in what older versions kept.
    #[serde(default = "one")]
    pub batches_per_update: usize,
    /// Epochs, those of weight averaging included.
    pub epochs: usize,
    /// Optimizer updates of the whole run, unless it ends early.
    pub total_steps: usize,
    /// Learnt values of the model.
    pub parameters: usize,
    /// The seed in use.
    pub seed: u64,
    /// Optimizer updates already done by the run that is resumed; 0 for a new one.
    pub resumed_at: usize,
    /// What the splits hold, training first; empty in what older versions kept.
    #[serde(default)]
    pub splits: Vec<SplitContents>,
}

fn one() -> usize {
    1
}

/// What a split holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitContents {
    /// The split's name.
    pub split: String,
    /// Its samples.
    pub samples: usize,
    /// People, where they are known.
    pub subjects: Option<usize>,
    /// Its labels by task.
    pub tasks: Vec<LabelCounts>,
}

impl SplitContents {
    /// What nobody should have to find out from a score: tasks that cannot be learnt or judged on this split.
    pub fn warnings(&self) -> Vec<String> {
        let split = &self.split;
        let warnings = self.tasks.iter().filter_map(|counts| {
            let task = &counts.label;
            if counts.samples == 0 {
                return Some(format!(
                    "no sample of the split `{split}` has a label of the task `{task}`: its loss there counts as 0, and it \
                     has no score"
                ));
            }
            let ClassCount { class, samples, .. } = counts.only_class()?;
            Some(format!(
                "all {samples} samples of the split `{split}` are `{class}`: `{task}` cannot be told from guessing there; \
                 make splits that hold every class"
            ))
        });
        warnings.collect()
    }
}

/// Where a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Position {
    /// From 1.
    pub epoch: usize,
    /// Batches done in this epoch.
    pub batch: usize,
    /// Optimizer updates done in the whole run.
    pub step: usize,
}

/// A report of the training loss.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Where the run is.
    #[serde(flatten)]
    pub position: Position,
    /// Weighted sum over the tasks of the latest batch's losses.
    pub loss: f64,
    /// The latest batch's loss by task.
    pub losses: BTreeMap<String, f64>,
    /// L2 norm of the latest gradients, before clipping.
    pub grad_norm: f64,
    /// Learning rate of the latest update.
    pub lr: f64,
}

/// The result of a validation run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Where the run is.
    #[serde(flatten)]
    pub position: Position,
    /// Loss, scores and confusion matrices.
    pub metrics: Metrics,
    /// What decides about the best checkpoint.
    #[serde(flatten)]
    pub score: Score,
    /// Whether no earlier one was better.
    pub is_best: bool,
    /// Predicted against true values, for every regression task.
    pub regressions: Vec<RegressionPoints>,
    /// The samples with the highest losses, the highest first. Older versions wrote `hardest`.
    #[serde(alias = "hardest")]
    pub worst_samples: Vec<WorstSample>,
}

/// A regression task's predictions on a split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RegressionPoints {
    /// The task's name.
    pub task: String,
    /// True and predicted value, in the label's unit; of a large split, evenly spread samples.
    pub points: Vec<[f32; 2]>,
}

/// One of the samples with the highest losses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorstSample {
    /// Path of its file in the preprocessed folder.
    pub path: String,
    /// Whose it is, if that is known.
    pub subject: Option<String>,
    /// Weighted sum of the tasks' losses.
    pub loss: f64,
    /// What was predicted, task by task. Older versions wrote `verdicts`.
    #[serde(alias = "verdicts")]
    pub predictions: Vec<TaskPrediction>,
}

/// What was predicted for one task of one sample.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskPrediction {
    /// The task's name.
    pub task: String,
    /// The true class or value, in words.
    pub truth: String,
    /// The predicted one.
    pub predicted: String,
    /// Whether the class is right; none for a regression.
    pub is_right: Option<bool>,
}

/// What a user can ask of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Wait after the current batch.
    Pause,
    /// Go on.
    Resume,
    /// While paused: finish the evaluation under way, if there is one, train on one batch, with the evaluation that it
    /// brings due, then wait again.
    StepOnce,
    /// Write `last` now.
    Checkpoint,
    /// End after the current batch and complete the run's files. An evaluation under way is given up; it is done again
    /// when the run is resumed.
    Stop,
}

/// Where a run's commands come from.
#[async_trait(?Send)]
pub trait Control {
    /// The next command if there is one; called between batches, those of an evaluation included. In a browser this is
    /// also where the worker lets messages in.
    async fn poll(&mut self) -> Option<Command>;

    /// Waits for the next command; called while paused.
    async fn wait(&mut self) -> Command;
}

/// No commands: the run goes through to its end.
#[derive(Debug, Clone, Copy, Default)]
pub struct Uninterrupted;

#[async_trait(?Send)]
impl Control for Uninterrupted {
    async fn poll(&mut self) -> Option<Command> {
        None
    }

    async fn wait(&mut self) -> Command {
        Command::Resume
    }
}
