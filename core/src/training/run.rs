//! The training loop, the same natively and in a browser. [`train`] opens the splits, builds the model and goes through
//! the epochs; between batches it takes commands; everything it tells goes through events. Randomness comes from the
//! seed's streams alone, so a run repeats and a resumed run goes on as if it had never stopped.

use std::{collections::BTreeMap, ops::ControlFlow};

use burn::tensor::{Device, Tensor};
use rand::seq::SliceRandom;

use super::{
    accumulator::{Accumulator, BatchResults},
    averaging::{WeightAverage, recompute_batch_statistics},
    batch::{Batch, TargetScale},
    error::TrainError,
    events::{Command, Control, Evaluation, Position, Start, Step, TrainEvent},
    history::{Ending, EpochRecord, RankedCheckpoint, Summary},
    losses::Loss,
    metrics::Metrics,
    optimizer::{Gradients, Optimizer},
    predictions::Predictions,
    run_folder::{self, RunFolder, RunState},
    schedule,
};
use crate::{
    config::{Cadence, RunConfig},
    datasets::{FolderDataset, Sample},
    labels::{LabelSpec, Target, TaskSpec},
    model::{
        Mode, ModelError, MultiTaskClassifier, check_shape,
        checkpoint::{CONFIG_KEY, Metadata, TASKS_KEY},
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
    /// These weights: fine-tuning.
    Weights(Weights),
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

/// Checkpoint metadata key of how regression targets were scaled, as JSON, one entry a task.
pub const SCALES_KEY: &str = "target_scales";

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
    val: Option<FolderDataset<'a>>,
    /// With autodiff.
    device: Device,
    plan: Plan,
    model: MultiTaskClassifier,
    optimizer: Optimizer,
    state: RunState,
    sums: Accumulator,
    average: WeightAverage,
    history: Vec<EpochRecord>,
    /// The evaluation that the epoch's record will show, and the update it came after.
    evaluated: Option<(Metrics, usize)>,
    paused: bool,
    /// The learning rate of the latest update.
    latest_rate: f64,
    /// The newest checkpoint.
    last_good: Option<String>,
    folder: RunFolder<'a>,
    metadata: Metadata,
    sink: Sink<'a>,
}

/// How long a run is.
#[derive(Debug, Clone, Copy)]
struct Plan {
    batches_per_epoch: usize,
    /// Without those of weight averaging.
    base_epochs: usize,
    epochs: usize,
    /// Updates that the schedule spans.
    scheduled_steps: usize,
    /// Updates of the whole run.
    total_steps: usize,
}

impl Plan {
    fn new(config: &RunConfig, samples: usize) -> Self {
        let training = &config.training;
        let batches_per_epoch = samples.div_ceil(config.dataset.batch_size);
        let base_epochs = training.epochs;
        let extra = training.swa.map_or(0, |swa| ((base_epochs as f64 * swa.extra_ratio) as usize).max(1));
        let limit = training.max_steps.unwrap_or(usize::MAX);
        Self {
            batches_per_epoch,
            base_epochs,
            epochs: base_epochs + extra,
            scheduled_steps: limit.min(base_epochs * batches_per_epoch),
            total_steps: limit.min((base_epochs + extra) * batches_per_epoch),
        }
    }

    fn is_averaging(&self, epoch: usize) -> bool {
        epoch > self.base_epochs
    }
}

impl<'a> Run<'a> {
    async fn open(setup: Setup<'a>, sink: Sink<'a>) -> Result<Self, TrainError> {
        let Setup { config, config_text, labels, data, run, run_dir, device, seed, beginning } = setup;
        let training = &config.training;
        let tasks: Vec<TaskSpec> = labels.iter().map(|label| label.task.clone()).collect();

        let train = FolderDataset::open(data, &config.dataset.train_split, labels).await?;
        check_shape(&config.model, train.feature_shape())?;
        let val = if training.eval == Cadence::None {
            None
        } else {
            Some(FolderDataset::open(data, &config.dataset.val_split, labels).await?)
        };
        let scales = tasks.iter().enumerate().map(|(index, task)| match training.standardize_regression {
            true if !task.is_classification() => TargetScale::standardizing(&values_of(&train, index)),
            _ => TargetScale::default(),
        });
        let scales: Vec<_> = scales.collect();

        let folder = RunFolder::new(run);
        let device = device.autodiff();
        let mut state = RunState { seed, epoch: 1, ..RunState::default() };
        let (mut history, mut last_good, mut saved_optimizer) = (Vec::new(), None, None);
        let model = |seed| MultiTaskClassifier::new(&config.model, &tasks, seed, &device);
        let model = match beginning {
            Beginning::Fresh => model(seed)?,
            Beginning::Weights(weights) => model(seed)?.with_weights(weights)?,
            Beginning::Resume => {
                let (optimizer, saved) = folder.read_state().await?;
                let (weights, _) = folder.read_weights(run_folder::LAST).await?;
                state = saved;
                history = folder.read_history().await?;
                last_good = Some(run_folder::LAST.to_owned());
                saved_optimizer = Some(optimizer);
                model(state.seed)?.with_weights(weights)?
            }
        };
        let mut optimizer = Optimizer::new(&config.optimizer);
        if let Some(saved) = saved_optimizer {
            optimizer =
                optimizer.with_state(&model, saved, state.step as u64).ok_or_else(|| TrainError::NotResumable {
                    reason: "the optimizer's state belongs to another model".to_owned(),
                    path: run_folder::LAST_OPTIMIZER.to_owned(),
                })?;
        }
        let mut average = WeightAverage::default();
        if state.averaged > 0 {
            let (weights, _) = folder.read_weights(run_folder::SWA).await?;
            average = WeightAverage::restore(weights, state.averaged);
        }

        let plan = Plan::new(config, train.len());
        if state.step >= plan.total_steps {
            return Err(TrainError::AlreadyComplete { step: state.step });
        }
        let resolved = config.to_json();
        folder.write_json(run_folder::CONFIG_JSON, &resolved).await?;
        folder.write_text(run_folder::CONFIG_TOML, config_text).await?;
        let metadata = Metadata::from([
            (CONFIG_KEY.to_owned(), to_json(&resolved)),
            (TASKS_KEY.to_owned(), to_json(&tasks)),
            (SCALES_KEY.to_owned(), to_json(&scales)),
        ]);

        let sums = Accumulator::restore(std::mem::take(&mut state.sums), &device.clone().inner());
        let losses = tasks.iter().map(|task| Loss::of(task, training)).collect();
        let mut run = Self {
            config,
            run_dir,
            losses,
            scales,
            tasks,
            val,
            device,
            plan,
            model,
            optimizer,
            sums,
            average,
            history,
            evaluated: None,
            paused: false,
            latest_rate: 0.0,
            last_good,
            folder,
            metadata,
            sink,
            train,
            state,
        };
        run.announce();
        Ok(run)
    }

    fn announce(&mut self) {
        let start = Start {
            train_samples: self.train.len(),
            val_samples: self.val.as_ref().map(FolderDataset::len),
            batches_per_epoch: self.plan.batches_per_epoch,
            epochs: self.plan.epochs,
            total_steps: self.plan.total_steps,
            parameters: self.model.parameter_count(),
            seed: self.state.seed,
            resumed_at: self.state.step,
        };
        self.tell(TrainEvent::Started(start));
        let training = &self.config.training;
        if training.swa.is_some() && self.plan.total_steps <= self.plan.scheduled_steps {
            let message = "training.max_steps ends the run before weight averaging starts".to_owned();
            self.tell(TrainEvent::Warning { message });
        }
    }

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
            let order = self.order_of(self.state.epoch);
            let batches: Vec<&[usize]> = order.chunks(self.config.dataset.batch_size).collect();
            while self.state.batch < batches.len() && !self.is_at_limit() {
                if let ControlFlow::Break(()) = self.obey(control).await? {
                    return Ok(Ending::Stopped);
                }
                let samples = self.train.load(batches[self.state.batch]).await?;
                let results = self.update(&samples)?;
                if self.state.step.is_multiple_of(self.config.training.log_every_batches) {
                    self.report(&results).await?;
                }
                self.sums.add(results, &self.tasks);
                self.tell_position(TrainEvent::Batch);
                if self.is_step_due(self.config.training.eval) {
                    self.evaluate().await?;
                }
                if self.is_step_due(self.config.training.checkpoint) {
                    self.write_periodic(run_folder::step_checkpoint(self.state.step)).await?;
                }
            }
            let is_whole = self.state.batch == batches.len();
            self.end_epoch(is_whole).await?;
            if self.is_out_of_patience() {
                return Ok(Ending::EarlyStopping);
            }
            if self.is_at_limit() && !(is_whole && self.state.epoch > self.plan.epochs) {
                return Ok(Ending::MaxSteps);
            }
        }
        Ok(Ending::Finished)
    }

    /// Whether `training.max_steps`, or the whole run, is done.
    fn is_at_limit(&self) -> bool {
        self.state.step >= self.plan.total_steps
    }

    fn is_step_due(&self, cadence: Cadence) -> bool {
        matches!(cadence, Cadence::Steps(steps) if self.state.step.is_multiple_of(steps))
    }

    fn is_out_of_patience(&self) -> bool {
        let training = &self.config.training;
        training.early_stopping && self.state.without_improvement >= training.early_stopping_patience
    }

    fn order_of(&self, epoch: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.train.len()).collect();
        if self.config.dataset.shuffle {
            order.shuffle(&mut stream(self.state.seed, Purpose::Shuffle, epoch as u64));
        }
        order
    }

    /// Carries out the commands that have come.
    async fn obey(&mut self, control: &mut dyn Control) -> Result<ControlFlow<()>, TrainError> {
        loop {
            let command = if self.paused { Some(control.wait().await) } else { control.poll().await };
            match command {
                None => return Ok(ControlFlow::Continue(())),
                Some(Command::Stop) => return Ok(ControlFlow::Break(())),
                Some(Command::Checkpoint) => self.write_last().await?,
                Some(Command::Pause) if !self.paused => {
                    self.paused = true;
                    self.tell_position(TrainEvent::Paused);
                }
                Some(Command::StepOnce) if self.paused => return Ok(ControlFlow::Continue(())),
                Some(Command::Resume) if self.paused => {
                    self.paused = false;
                    self.tell_position(TrainEvent::Resumed);
                }
                Some(Command::Pause | Command::StepOnce | Command::Resume) => {}
            }
        }
    }

    /// One optimizer update.
    fn update(&mut self, samples: &[Sample]) -> Result<BatchResults, TrainError> {
        let batch = Batch::new(samples, &self.tasks, &self.scales, &self.device)?;
        let mut generator = stream(self.state.seed, Purpose::Dropout, self.state.step as u64);
        let logits = self.model.forward(batch.input, &mut Mode::Training(&mut generator))?;
        let losses = losses_of(&self.losses, &logits, &batch.targets);
        let loss = self.weighted(&losses);
        let gradients =
            Gradients::new(&loss, &self.model, self.config.training.clip_grad_norm).ok_or(TrainError::NoGradient)?;
        let grad_norm = Some(gradients.norm.clone());
        self.latest_rate = self.learning_rate();
        self.model = self.optimizer.step(self.model.clone(), gradients, self.latest_rate);
        self.state.step += 1;
        self.state.batch += 1;
        let inner = |tensors: Vec<Tensor<2>>| tensors.into_iter().map(Tensor::inner).collect();
        Ok(BatchResults {
            loss: loss.inner(),
            losses: losses.into_iter().map(Tensor::inner).collect(),
            logits: inner(logits),
            targets: inner(batch.targets),
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
        let step = self.state.step;
        let scheduled = |step| base * schedule::factor(&self.config.scheduler, step, self.plan.scheduled_steps);
        match self.config.training.swa {
            Some(swa) if self.plan.is_averaging(self.state.epoch) => {
                let start = self.plan.base_epochs * self.plan.batches_per_epoch;
                let target = base * swa.lr_frac;
                schedule::averaging_rate(scheduled(start), target, step - start, self.plan.batches_per_epoch)
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
        self.check_finite(values[0], values[1], &losses)?;
        let (position, lr) = (self.position(), self.latest_rate);
        let step = Step { position, loss: values[0], losses, grad_norm: values[1], lr };
        self.tell(TrainEvent::Step(step));
        Ok(())
    }

    fn check_finite(&self, loss: f64, grad_norm: f64, losses: &BTreeMap<String, f64>) -> Result<(), TrainError> {
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
            learning_rate: self.config.optimizer.learning_rate,
            last_good: self.last_good.clone(),
        })
    }

    /// Evaluates the validation split, ranks the model by its score and keeps it if it is among the best.
    async fn evaluate(&mut self) -> Result<(), TrainError> {
        let Some(val) = &self.val else { return Ok(()) };
        let weights = &self.config.training.task_weights;
        let model = self.model_to_evaluate()?;
        let indices: Vec<usize> = (0..val.len()).collect();
        let batches: Vec<&[usize]> = indices.chunks(self.config.dataset.batch_size).collect();
        let position = self.position();
        (self.sink)(TrainEvent::Evaluating { position, batches: batches.len() });
        let device = self.device.clone().inner();
        let (mut sums, mut predictions) = (Accumulator::new(), Predictions::default());
        for (done, indices) in batches.iter().enumerate() {
            let batch = Batch::new(&val.load(indices).await?, &self.tasks, &self.scales, &device)?;
            let logits = model.forward(batch.input, &mut Mode::Evaluation)?;
            let losses: Vec<_> = losses_of(&self.losses, &logits, &batch.targets);
            let results =
                BatchResults { loss: self.weighted(&losses), losses, logits, targets: batch.targets, grad_norm: None };
            predictions.add(&results.logits);
            sums.add(results, &self.tasks);
            (self.sink)(TrainEvent::EvaluatedBatch { done: done + 1, batches: batches.len() });
        }
        let Some(metrics) = sums.save().await?.metrics(&self.tasks, &self.scales) else { return Ok(()) };
        self.check_finite(metrics.loss, 0.0, &metrics.losses())?;
        let task_weights: Vec<f64> = self.tasks.iter().map(|task| self.weight(task)).collect();
        let (regressions, hardest) = predictions.judge(val, &self.tasks, &self.scales, &task_weights).await?;
        let score = metrics.score(weights);
        let is_best = self.state.best.as_ref().is_none_or(|best| score > best.metric);
        self.tell(TrainEvent::Evaluated(Evaluation {
            position,
            metrics: metrics.clone(),
            score,
            is_best,
            regressions,
            hardest,
        }));
        self.evaluated = Some((metrics, self.state.step));
        if is_best {
            self.state.without_improvement = 0;
        } else if !self.plan.is_averaging(self.state.epoch) {
            self.state.without_improvement += 1;
        }
        self.rank(score, is_best, &model).await
    }

    /// The model without autodiff; while weights are averaged, their mean.
    fn model_to_evaluate(&self) -> Result<MultiTaskClassifier, ModelError> {
        let model = self.model.valid();
        if self.average.count() == 0 { Ok(model) } else { model.with_weights(self.average.weights().clone()) }
    }

    /// Keeps the model if its score is among the best.
    async fn rank(&mut self, score: f64, is_best: bool, model: &MultiTaskClassifier) -> Result<(), TrainError> {
        let Position { epoch, step, .. } = self.position();
        let path = run_folder::ranked_checkpoint(epoch, step);
        let entry = RankedCheckpoint { path: path.clone(), metric: score, epoch, global_step: step };
        if is_best {
            self.state.best = Some(entry.clone());
        }
        let place = self.state.top.partition_point(|other| other.metric >= score);
        let kept = self.config.training.max_best_checkpoints;
        if self.config.training.checkpoint == Cadence::None || place >= kept {
            return Ok(());
        }
        let weights = model.weights().await?;
        self.write_weights(&path, &weights).await?;
        if is_best {
            self.write_weights(run_folder::BEST, &weights).await?;
        }
        self.state.top.insert(place, entry);
        for dropped in self.state.top.split_off(kept.min(self.state.top.len())) {
            self.folder.remove(&dropped.path).await?;
        }
        Ok(())
    }

    /// Closes an epoch, whole or cut short by `training.max_steps`: average, evaluation, record, checkpoints.
    async fn end_epoch(&mut self, is_whole: bool) -> Result<(), TrainError> {
        if self.plan.is_averaging(self.state.epoch) && is_whole {
            self.take_into_average().await?;
        }
        let training = &self.config.training;
        let is_fresh = self.evaluated.as_ref().is_some_and(|(_, step)| *step == self.state.step);
        if training.eval == Cadence::Epoch || (self.is_at_limit() && !is_fresh) {
            self.evaluate().await?;
        }
        let sums = self.sums.save().await?;
        if let Some(train) = sums.metrics(&self.tasks, &self.scales) {
            self.check_finite(train.loss, train.grad_norm, &train.losses())?;
            let val = self.evaluated.take().map(|(metrics, _)| metrics);
            let record = EpochRecord::new(self.state.epoch, &train, val.as_ref(), self.latest_rate);
            // An epoch that was cut short has a record already when the run goes on with it.
            self.history.retain(|old| old.epoch != record.epoch);
            self.history.push(record.clone());
            self.folder.write_json(run_folder::HISTORY, &self.history).await?;
            self.tell(TrainEvent::Epoch(record));
        }
        let ended = self.state.epoch;
        if is_whole {
            self.sums = Accumulator::new();
            self.state.epoch += 1;
            self.state.batch = 0;
        }
        if self.config.training.checkpoint == Cadence::Epoch {
            self.write_periodic(run_folder::epoch_checkpoint(ended)).await?;
        }
        Ok(())
    }

    async fn take_into_average(&mut self) -> Result<(), TrainError> {
        self.average.add(self.model.weights().await?);
        self.state.averaged = self.average.count();
        if self.state.epoch == self.plan.epochs && self.model.has_batch_norm() {
            let averaged = self.model.clone().with_weights(self.average.weights().clone())?;
            let weights = recompute_batch_statistics(averaged, &self.train, self.config, self.state.seed).await?;
            self.average.replace(weights);
        }
        let weights = self.average.weights().clone();
        self.write_weights(run_folder::SWA, &weights).await
    }

    /// Writes a periodic checkpoint and `last`, and removes the oldest beyond the limit.
    async fn write_periodic(&mut self, path: String) -> Result<(), TrainError> {
        let weights = self.model.weights().await?;
        self.write_weights(&path, &weights).await?;
        self.state.periodic.retain(|old| *old != path);
        self.state.periodic.push(path);
        let limit = self.config.training.checkpoint_total_limit.unwrap_or(usize::MAX);
        while self.state.periodic.len() > limit {
            let oldest = self.state.periodic.remove(0);
            self.folder.remove(&oldest).await?;
        }
        self.write_last().await
    }

    /// Writes `last` with all that resuming needs.
    async fn write_last(&mut self) -> Result<(), TrainError> {
        self.state.sums = self.sums.save().await?;
        if let Some(seen) = self.state.sums.metrics(&self.tasks, &self.scales) {
            self.check_finite(seen.loss, seen.grad_norm, &seen.losses())?;
        }
        let weights = self.model.weights().await?;
        let optimizer = self.optimizer.state(&self.model).await?;
        self.write_weights(run_folder::LAST, &weights).await?;
        self.folder.write_state(&optimizer, &self.state).await
    }

    async fn write_weights(&mut self, path: &str, weights: &Weights) -> Result<(), TrainError> {
        let position = self.position();
        self.metadata.insert("epoch".to_owned(), position.epoch.to_string());
        self.metadata.insert(run_folder::STEP_KEY.to_owned(), position.step.to_string());
        self.folder.write_weights(path, weights, &self.metadata, position.step as u64).await?;
        self.last_good = Some(path.to_owned());
        self.tell(TrainEvent::Checkpoint { position, path: path.to_owned() });
        Ok(())
    }

    /// Completes the run folder.
    async fn finish(mut self, ending: Ending) -> Result<Summary, TrainError> {
        self.write_last().await?;
        let best = self.state.best.take();
        let summary = Summary {
            run_dir: self.run_dir,
            best_checkpoint: (!self.state.top.is_empty()).then(|| run_folder::BEST.to_owned()),
            history_file: run_folder::HISTORY.to_owned(),
            best_metric: best.as_ref().map(|best| best.metric),
            best_epoch: best.as_ref().map(|best| best.epoch),
            best_global_step: best.as_ref().map(|best| best.global_step),
            top_checkpoints: self.state.top,
            swa_checkpoint: (self.average.count() > 0).then(|| run_folder::SWA.to_owned()),
            ended: ending,
            global_step: self.state.step,
        };
        self.folder.write_json(run_folder::HISTORY, &self.history).await?;
        self.folder.write_json(run_folder::SUMMARY, &summary).await?;
        (self.sink)(TrainEvent::Done(summary.clone()));
        Ok(summary)
    }
}

fn losses_of(losses: &[Loss], logits: &[Tensor<2>], targets: &[Tensor<2>]) -> Vec<Tensor<1>> {
    let pairs = logits.iter().zip(targets);
    losses.iter().zip(pairs).map(|(loss, (logits, targets))| loss.forward(logits.clone(), targets.clone())).collect()
}

fn to_json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("these types have string keys")
}

/// The values of a regression task over a split.
fn values_of(dataset: &FolderDataset<'_>, task: usize) -> Vec<f32> {
    let value = |index| match dataset.targets(index)[task] {
        Target::Value(value) => Some(value),
        Target::Class(_) => None,
    };
    (0..dataset.len()).filter_map(value).collect()
}
