//! A run under way, as all of its steps have it.

use std::rc::Rc;

use burn::tensor::{Device, Tensor};

use super::{command_source::CommandSource, length::RunLength, setup::Sink};
use crate::{
    config::RunConfig,
    datasets::{Augmenter, FolderDataset},
    labels::{Target, TaskSpec},
    model::{MultiTaskClassifier, checkpoint::Metadata},
    training::{
        averaging::WeightAverage,
        batch::{Labels, TargetScale},
        events::{Position, TrainEvent},
        history::{EpochRecord, TestResult},
        losses::TaskLoss,
        moving_average::MovingAverage,
        optimizer::Optimizer,
        pass::Pass,
        run_baselines::RunBaselines,
        run_folder::RunFolder,
        run_state::RunState,
    },
};

/// A run under way: what it works with, and where it is.
pub(super) struct Trainer<'a> {
    pub(super) config: &'a RunConfig,
    pub(super) run_dir: String,
    pub(super) tasks: Vec<TaskSpec>,
    pub(super) losses: Vec<TaskLoss>,
    pub(super) scales: Vec<TargetScale>,
    pub(super) train: FolderDataset<'a>,
    /// Samples of a second of its windows, where that is known.
    pub(super) rate_hz: Option<f64>,
    /// What simple methods reach, once they are fitted.
    pub(super) baselines: RunBaselines,
    /// How its samples are changed; none when they stay as they are.
    pub(super) augmenter: Option<Augmenter>,
    /// Shared, so that it can be read while commands are taken.
    pub(super) val: Option<Rc<FolderDataset<'a>>>,
    /// As `val`; opened as soon as the run, so that a test which cannot be is told before anything is trained.
    pub(super) test: Option<Rc<FolderDataset<'a>>>,
    /// The result of the test.
    pub(super) tested: Option<TestResult>,
    /// With autodiff.
    pub(super) device: Device,
    pub(super) length: RunLength,
    pub(super) model: MultiTaskClassifier,
    pub(super) optimizer: Optimizer,
    pub(super) state: RunState,
    /// Of the epoch under way.
    pub(super) pass: Pass,
    pub(super) average: WeightAverage,
    /// None when the run keeps none.
    pub(super) moving_average: Option<MovingAverage>,
    pub(super) history: Vec<EpochRecord>,
    pub(super) commands: CommandSource<'a>,
    /// The newest checkpoint.
    pub(super) last_good: Option<String>,
    pub(super) folder: RunFolder<'a>,
    pub(super) metadata: Metadata,
    pub(super) sink: Sink<'a>,
}

impl Trainer<'_> {
    /// Passes an event on.
    pub(super) fn tell(&mut self, event: TrainEvent) {
        (self.sink)(event);
    }

    /// Passes on an event that says where the run is.
    pub(super) fn tell_position(&mut self, event: fn(Position) -> TrainEvent) {
        self.tell(event(self.state.position()));
    }

    /// Whether `training.max_steps`, or the whole run, is done.
    pub(super) fn is_at_limit(&self) -> bool {
        self.state.step >= self.length.total_steps
    }

    /// What each task's loss is a mean over.
    pub(super) fn loss_weights(&self, labels: &[Labels]) -> Vec<f64> {
        self.losses.iter().zip(labels).map(|(loss, labels)| loss.weight(labels)).collect()
    }

    /// By task, the same over all these samples of the training split.
    pub(super) fn loss_weights_of(&self, rows: impl Iterator<Item = usize> + Clone) -> Vec<f64> {
        let of_task = |(task, loss): (usize, &TaskLoss)| {
            let mut classes = vec![0; self.tasks[task].class_names().len()];
            let mut count = 0;
            for target in rows.clone().filter_map(|row| self.train.targets(row)[task]) {
                count += 1;
                if let Target::Class(class) = target {
                    classes[class] += 1;
                }
            }
            loss.weight_of(count, &classes)
        };
        self.losses.iter().enumerate().map(of_task).collect()
    }

    pub(super) fn weighted(&self, losses: &[Tensor<1>]) -> Tensor<1> {
        let terms = self.tasks.iter().zip(losses).map(|(task, loss)| loss.clone() * self.weight(task));
        terms.reduce(Tensor::add).expect("a model has at least one task")
    }

    pub(super) fn weight(&self, task: &TaskSpec) -> f64 {
        self.config.training.task_weights.get(&task.name).copied().unwrap_or_default()
    }
}
