//! The training loop, the same natively and in a browser. [`train`] opens the splits, builds the model and goes through
//! the epochs; between batches it takes commands; everything it tells goes through events. Randomness comes from the
//! seed's streams alone, so a run repeats and a resumed run goes on as if it had never stopped.

mod checkpoints;
mod contents;
mod evaluation;
mod opening;
mod plan;
mod pretrained;

use std::{collections::BTreeMap, ops::ControlFlow, rc::Rc};

use burn::tensor::{Device, Tensor};
use rand::seq::SliceRandom;

use self::plan::Plan;
use super::{
    accumulator::{Accumulator, BatchResults},
    averaging::WeightAverage,
    batch::{Batch, Labels, TargetScale},
    error::TrainError,
    events::{Command, Control, Position, Step, TrainEvent},
    history::{Ending, EpochRecord, Summary},
    losses::Loss,
    metrics::Metrics,
    optimizer::{Gradients, Optimizer},
    run_folder::{self, RunFolder, RunState},
    schedule,
};
use crate::{
    config::{Cadence, RunConfig},
    datasets::{FolderDataset, Sample},
    labels::{LabelSpec, TaskSpec},
    model::{
        Mode, MultiTaskClassifier,
        checkpoint::Metadata,
        parameters::{Weights, read_floats},
    },
    random::{Purpose, stream},
    storage::Storage,
};

/// What a run starts from.
#[derive(Debug, Clone, Default)]
pub enum Beginning {
    /// Freshly initialised parameters.
    #[default]
    Fresh,
    /// Those of a checkpoint, for fine-tuning. A head that does not fit starts anew, which is told.
    Pretrained {
        /// The checkpoint's weights.
        weights: Weights,
        /// What it says of them; empty where nothing is known.
        metadata: Metadata,
    },
    /// The state that the run folder holds.
    Resume,
}

/// Everything a run needs.
pub struct Setup<'a> {
    /// The run's config, checked.
    pub config: &'a RunConfig,
    /// Its text, kept in the run folder.
    pub config_text: &'a str,
    /// How the tasks' labels are read, in the order of `dataset.tasks`.
    pub labels: &'a [LabelSpec],
    /// The preprocessed dataset's folder.
    pub data: &'a dyn Storage,
    /// The run's folder.
    pub run: &'a dyn Storage,
    /// What the front end calls the run folder, for the summary.
    pub run_dir: String,
    /// Where to compute, without autodiff.
    pub device: Device,
    /// The seed of a run that is not resumed.
    pub seed: u64,
    /// What the run starts from.
    pub beginning: Beginning,
}

/// Receives a run's events.
pub type Sink<'a> = &'a mut dyn FnMut(TrainEvent);

/// Trains, from the first batch to the complete run folder.
///
/// # Errors
/// [`TrainError`]; what was written before stays.
pub async fn train(setup: Setup<'_>, control: &mut dyn Control, sink: Sink<'_>) -> Result<Summary, TrainError> {
    let mut run = Run::open(setup, sink).await?;
    let ending = run.epochs(control).await?;
    run.finish(ending).await
}

struct Run<'a> {
    config: &'a RunConfig,
    run_dir: String,
    tasks: Vec<TaskSpec>,
    losses: Vec<Loss>,
    scales: Vec<TargetScale>,
    train: FolderDataset<'a>,
    /// Shared, so that it can be read while the run obeys commands.
    val: Option<Rc<FolderDataset<'a>>>,
    /// With autodiff.
    device: Device,
    plan: Plan,
    model: MultiTaskClassifier,
    optimizer: Optimizer,
    state: RunState,
    sums: Accumulator,
    average: WeightAverage,
    history: Vec<EpochRecord>,
    /// Whether the latest evaluation was one too many without improvement.
    is_out_of_patience: bool,
    paused: bool,
    /// Whether the update of a single step is still to be made.
    owes_step: bool,
    /// The newest checkpoint.
    last_good: Option<String>,
    folder: RunFolder<'a>,
    metadata: Metadata,
    sink: Sink<'a>,
}

impl Run<'_> {
    fn tell(&mut self, event: TrainEvent) {
        (self.sink)(event);
    }

    fn tell_position(&mut self, event: fn(Position) -> TrainEvent) {
        self.tell(event(self.position()));
    }

    fn position(&self) -> Position {
        Position { epoch: self.state.epoch, batch: self.state.batch, step: self.state.step }
    }

    /// All epochs that are left.
    async fn epochs(&mut self, control: &mut dyn Control) -> Result<Ending, TrainError> {
        while self.state.epoch <= self.plan.epochs {
            if self.batches(control).await?.is_break() || self.end_epoch(control).await?.is_break() {
                return Ok(Ending::Stopped);
            }
            if self.is_out_of_patience {
                return Ok(Ending::EarlyStopping);
            }
            if self.is_at_limit() && self.state.epoch <= self.plan.epochs {
                return Ok(Ending::MaxSteps);
            }
        }
        Ok(Ending::Finished)
    }

    /// The batches that are left of an epoch. Breaks off when the user stops the run.
    async fn batches(&mut self, control: &mut dyn Control) -> Result<ControlFlow<()>, TrainError> {
        let order = self.order_of(self.state.epoch);
        let batches: Vec<&[usize]> = order.chunks(self.config.dataset.batch_size).collect();
        loop {
            if self.follow_up(control).await?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            if self.state.batch >= batches.len() || self.is_at_limit() || self.is_out_of_patience {
                return Ok(ControlFlow::Continue(()));
            }
            if self.obey(control).await?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            self.train_on(batches[self.state.batch]).await?;
        }
    }

    /// Evaluates and writes a checkpoint if the latest update brought these due. A resumed run may find them left over,
    /// or done. Breaks off when the user stops the run.
    async fn follow_up(&mut self, control: &mut dyn Control) -> Result<ControlFlow<()>, TrainError> {
        if self.state.batch == 0 {
            return Ok(ControlFlow::Continue(()));
        }
        let is_unscored = self.is_step_due(self.config.training.eval) && !self.is_evaluated();
        if is_unscored && self.evaluate(control).await?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
        let path = run_folder::step_checkpoint(self.state.step);
        if self.is_step_due(self.config.training.checkpoint) && self.state.periodic.last() != Some(&path) {
            self.write_periodic(path).await?;
        }
        Ok(ControlFlow::Continue(()))
    }

    async fn train_on(&mut self, batch: &[usize]) -> Result<(), TrainError> {
        let samples = self.train.load(batch).await?;
        let results = self.update(&samples)?;
        let is_single_step = std::mem::take(&mut self.owes_step);
        if self.state.step.is_multiple_of(self.config.training.log_every_batches) {
            self.report(&results).await?;
        }
        self.sums.add(results, &self.tasks);
        self.tell_position(TrainEvent::Batch);
        if is_single_step {
            // Batches may be left out by who passes events on; where a run stands still must be known.
            self.tell_position(TrainEvent::Paused);
        }
        Ok(())
    }

    /// Whether `training.max_steps`, or the whole run, is done.
    fn is_at_limit(&self) -> bool {
        self.state.step >= self.plan.total_steps
    }

    fn is_step_due(&self, cadence: Cadence) -> bool {
        matches!(cadence, Cadence::Steps(steps) if self.state.step.is_multiple_of(steps))
    }

    fn order_of(&self, epoch: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.train.len()).collect();
        if self.config.dataset.shuffle {
            order.shuffle(&mut stream(self.state.seed, Purpose::Shuffle, epoch as u64));
        }
        order
    }

    /// Carries out the commands that have come. While paused, waits for one that lets the run go on.
    async fn obey(&mut self, control: &mut dyn Control) -> Result<ControlFlow<()>, TrainError> {
        while !self.owes_step {
            let command = if self.paused { Some(control.wait().await) } else { control.poll().await };
            match command {
                None => return Ok(ControlFlow::Continue(())),
                Some(Command::Stop) => return Ok(ControlFlow::Break(())),
                Some(Command::Checkpoint) => self.write_last().await?,
                Some(Command::Pause) if !self.paused => {
                    self.paused = true;
                    self.tell_position(TrainEvent::Paused);
                }
                Some(Command::StepOnce) => self.owes_step = self.paused,
                Some(Command::Resume) if self.paused => {
                    self.paused = false;
                    self.tell_position(TrainEvent::Resumed);
                }
                Some(Command::Pause | Command::Resume) => {}
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// One optimizer update.
    fn update(&mut self, samples: &[Sample]) -> Result<BatchResults, TrainError> {
        let batch = Batch::new(samples, &self.tasks, &self.scales, &self.device)?;
        let mut generator = stream(self.state.seed, Purpose::Dropout, self.state.step as u64);
        let logits = self.model.forward(batch.input, &mut Mode::Training(&mut generator))?;
        let losses = losses_of(&self.losses, &logits, &batch.targets, &batch.labels);
        let loss = self.weighted(&losses);
        let gradients =
            Gradients::new(&loss, &self.model, self.config.training.clip_grad_norm).ok_or(TrainError::NoGradient)?;
        let grad_norm = Some(gradients.norm.clone());
        self.state.latest_rate = self.learning_rate();
        self.model = self.optimizer.step(self.model.clone(), gradients, self.state.latest_rate);
        self.state.step += 1;
        self.state.batch += 1;
        self.state.is_end_due = self.state.batch == self.plan.batches_per_epoch || self.is_at_limit();
        let inner = |tensors: Vec<Tensor<2>>| tensors.into_iter().map(Tensor::inner).collect();
        Ok(BatchResults {
            loss: loss.inner(),
            losses: losses.into_iter().map(Tensor::inner).collect(),
            logits: inner(logits),
            targets: inner(batch.targets),
            labels: batch
                .labels
                .into_iter()
                .map(|labels| Labels { mask: labels.mask.map(Tensor::inner), ..labels })
                .collect(),
            grad_norm,
        })
    }

    fn weighted(&self, losses: &[Tensor<1>]) -> Tensor<1> {
        let terms = self.tasks.iter().zip(losses).map(|(task, loss)| loss.clone() * self.weight(task));
        terms.reduce(Tensor::add).expect("a model has at least one task")
    }

    fn weight(&self, task: &TaskSpec) -> f64 {
        self.config.training.task_weights.get(&task.name).copied().unwrap_or_default()
    }

    /// The learning rate of the next update.
    fn learning_rate(&self) -> f64 {
        let base = self.config.optimizer.learning_rate;
        let RunState { epoch, batch, step, .. } = self.state;
        let scheduled = |step| base * schedule::factor(&self.config.scheduler, step, self.plan.scheduled_steps);
        match self.config.training.swa {
            Some(swa) if self.plan.is_averaging(epoch) => {
                let (start, target) = (scheduled(self.plan.scheduled_steps), base * swa.lr_frac);
                let done = self.plan.averaging_steps(epoch, batch);
                schedule::averaging_rate(start, target, done, self.plan.batches_per_epoch)
            }
            _ => scheduled(step),
        }
    }

    /// Reads the latest batch's losses and tells them.
    async fn report(&mut self, results: &BatchResults) -> Result<(), TrainError> {
        let mut parts = vec![results.loss.clone()];
        parts.extend(results.grad_norm.clone());
        parts.extend(results.losses.iter().cloned());
        let values: Vec<f64> = read_floats(Tensor::cat(parts, 0)).await?.into_iter().map(f64::from).collect();
        let losses = self.tasks.iter().zip(&values[2..]).map(|(task, &loss)| (task.name.clone(), loss)).collect();
        self.check_finite(self.train.split(), values[0], values[1], &losses)?;
        let (position, lr) = (self.position(), self.state.latest_rate);
        let step = Step { position, loss: values[0], losses, grad_norm: values[1], lr };
        self.tell(TrainEvent::Step(step));
        Ok(())
    }

    fn check_finite(
        &self,
        split: &str,
        loss: f64,
        grad_norm: f64,
        losses: &BTreeMap<String, f64>,
    ) -> Result<(), TrainError> {
        let broken =
            losses.iter().find(|(_, loss)| !loss.is_finite()).map(|(task, _)| format!("the loss of task `{task}`"));
        let what = match broken {
            Some(what) => what,
            None if !loss.is_finite() => "the loss".to_owned(),
            None if !grad_norm.is_finite() => "the gradients' norm".to_owned(),
            None => return Ok(()),
        };
        Err(TrainError::NotFinite {
            what,
            step: self.state.step,
            split: split.to_owned(),
            learning_rate: self.config.optimizer.learning_rate,
            is_clipped: self.config.training.clip_grad_norm.is_some(),
            last_good: self.last_good.clone(),
        })
    }

    /// Closes an epoch, whole or cut short: average, evaluation, record, checkpoint. Breaks off when the user stops the
    /// run; all of it is then done when the run is resumed.
    async fn end_epoch(&mut self, control: &mut dyn Control) -> Result<ControlFlow<()>, TrainError> {
        let is_whole = self.state.batch == self.plan.batches_per_epoch;
        let train = self.read_sums().await?;
        if self.plan.is_averaging(self.state.epoch) {
            if self.average_weights(is_whole, control).await?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        let evaluated = self.state.evaluated.clone();
        if self.is_scored_at_the_end() && self.evaluate(control).await?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
        if let Some(train) = train {
            self.record(&train).await?;
        }
        let ended = self.state.epoch;
        if is_whole {
            self.sums = Accumulator::new();
            self.state.epoch += 1;
            self.state.batch = 0;
            self.state.evaluated = None;
        } else {
            // A run that goes on with this epoch would not have been evaluated here.
            self.state.evaluated = evaluated;
        }
        self.state.is_end_due = false;
        if self.config.training.checkpoint == Cadence::Epoch {
            self.write_periodic(run_folder::epoch_checkpoint(ended)).await?;
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Adds the epoch to the history.
    async fn record(&mut self, train: &Metrics) -> Result<(), TrainError> {
        let val = self.state.evaluated.as_ref().map(|(metrics, _)| metrics);
        let record = EpochRecord::new(self.state.epoch, train, val, self.state.latest_rate);
        // An epoch that was cut short has a record already when the run goes on with it.
        self.history.retain(|old| old.epoch != record.epoch);
        self.history.push(record.clone());
        self.folder.write_json(run_folder::HISTORY, &self.history).await?;
        self.tell(TrainEvent::Epoch(record));
        Ok(())
    }
}

/// Every task's loss over the samples that have its label.
fn losses_of(losses: &[Loss], logits: &[Tensor<2>], targets: &[Tensor<2>], labels: &[Labels]) -> Vec<Tensor<1>> {
    let tasks = losses.iter().zip(logits).zip(targets).zip(labels);
    tasks
        .map(|(((loss, logits), targets), labels)| {
            loss.forward_masked(logits.clone(), targets.clone(), labels.mask.as_ref(), labels.count)
        })
        .collect()
}

fn to_json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("these types have string keys")
}
