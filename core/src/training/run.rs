//! The training loop, the same natively and in a browser. [`train`] opens the splits, builds the model and goes through
//! the epochs; between batches it takes commands; everything it tells goes through events. Randomness comes from the
//! seed's streams alone, so a run repeats and a resumed run goes on as if it had never stopped.

mod baselines;
mod checkpoints;
mod command_source;
mod commands;
mod contents;
mod evaluation;
mod fit;
mod fitted_baselines;
mod going_on;
mod halt;
mod length;
mod opening;
mod pretrained;
mod report;
mod setup;
mod test;
mod trainer;

use burn::tensor::Tensor;
use rand::seq::SliceRandom;

pub use self::setup::{InitialWeights, Setup, Sink};
use self::{halt::Halt, length::RunLength, trainer::Trainer};
use super::{
    batch::{Batch, Mix},
    error::TrainError,
    events::{Control, TrainEvent},
    history::{Ending, EpochRecord, Summary},
    losses::losses_of,
    metrics::Metrics,
    optimizer::GradientSum,
    pass::{BatchResults, Pass},
    run_folder,
    run_state::RunState,
    schedule,
};
use crate::{
    config::Cadence,
    model::Mode,
    random::{Purpose, stream},
};

/// Trains, from the first batch to the complete run folder.
///
/// # Errors
/// [`TrainError`]; what was written before stays.
pub async fn train(setup: Setup<'_>, control: &mut dyn Control, sink: Sink<'_>) -> Result<Summary, TrainError> {
    let config = opening::with_rate(setup.config, setup.data).await?;
    let mut trainer = Trainer::open(Setup { config: &config, ..setup }, control, sink).await?;
    let ending = match trainer.epochs_and_test().await {
        Ok(ending) => ending,
        Err(Halt::Stopped) => Ending::Stopped,
        Err(Halt::Failed(error)) => return Err(error),
    };
    trainer.finish(ending).await
}

impl Trainer<'_> {
    /// All that is left.
    async fn epochs_and_test(&mut self) -> Result<Ending, Halt> {
        let ending = self.epochs().await?;
        self.test().await?;
        Ok(ending)
    }

    /// All epochs that are left.
    async fn epochs(&mut self) -> Result<Ending, Halt> {
        self.compare_with_baselines().await?;
        // A run that was interrupted may have it left over from its latest update.
        self.evaluate_and_save_if_due().await?;
        // Or only its end.
        if !self.length.is_within_epoch(&self.state)
            && let Some(ending) = self.ending()
        {
            return Ok(ending);
        }
        loop {
            let order = self.order_of(self.state.epoch);
            let batches: Vec<&[usize]> = order.chunks(self.config.dataset.batch_size).skip(self.state.batch).collect();
            for batches in batches.chunks(self.length.batches_per_update) {
                if self.ending().is_some() {
                    break;
                }
                // Not within an update: what its first batches did could not be resumed.
                self.take_commands().await?;
                self.train_on(batches).await?;
                self.evaluate_and_save_if_due().await?;
            }
            self.end_epoch().await?;
            if let Some(ending) = self.ending() {
                return Ok(ending);
            }
        }
    }

    async fn train_on(&mut self, batches: &[&[usize]]) -> Result<(), Halt> {
        let results = self.update(batches).await?;
        if self.is_report_due() {
            self.report(&results).await?;
        }
        for results in results {
            self.pass.add(results);
        }
        self.tell_position(TrainEvent::Batch);
        self.complete_single_step();
        Ok(())
    }

    /// Whether the batches of the latest update brought a report due.
    fn is_report_due(&self) -> bool {
        let reports_until =
            |step: usize| step.saturating_mul(self.length.batches_per_update) / self.config.training.log_every_batches;
        reports_until(self.state.step) > reports_until(self.state.step.saturating_sub(1))
    }

    /// One update, by the optimizer or all that there is to fit.
    async fn update(&mut self, batches: &[&[usize]]) -> Result<Vec<BatchResults>, Halt> {
        let RunLength { batches_per_epoch, total_steps, .. } = self.length;
        if self.config.model.backbone.is_fitted() {
            let results = self.fit(batches).await?;
            self.state.count_update(batches.len(), 0.0, batches_per_epoch, total_steps);
            return Ok(results);
        }
        let totals =
            (batches.len() > 1).then(|| self.loss_weights_of(batches.iter().flat_map(|rows| rows.iter().copied())));
        let (mut sum, mut results) = (GradientSum::default(), Vec::with_capacity(batches.len()));
        let first = self.state.step * self.length.batches_per_update;
        for (index, rows) in batches.iter().enumerate() {
            let (loss, batch) = self.learn_from(rows, (first + index) as u64, totals.as_deref()).await?;
            sum.add(&loss, &self.model);
            results.push(batch);
        }
        let gradients = sum.clipped(self.config.training.clip_grad_norm).ok_or(TrainError::NoGradient)?;
        if let Some(last) = results.last_mut() {
            last.grad_norm = Some(gradients.norm.clone());
        }
        let learning_rate = self.learning_rate();
        self.model = self.optimizer.step(self.model.clone(), gradients, learning_rate, self.momentum());
        if let Some(average) = &mut self.moving_average {
            average.add(&self.model);
            self.state.moving_average_updates = average.updates();
        }
        self.state.count_update(batches.len(), learning_rate, batches_per_epoch, total_steps);
        Ok(results)
    }

    /// What a batch of these samples adds to the loss of an update, and its results; `number` counts all batches of the run,
    /// and `totals` say by task what the loss of all batches of the update is a mean over, if it has several.
    async fn learn_from(
        &self,
        rows: &[usize],
        number: u64,
        totals: Option<&[f64]>,
    ) -> Result<(Tensor<1>, BatchResults), TrainError> {
        let mut samples = self.train.load(rows).await?;
        let mixup = match &self.augmenter {
            Some(augmenter) => augmenter.apply(&mut samples, self.state.seed, number)?,
            None => None,
        };
        let batch = Batch::new(&samples, &self.tasks, &self.scales, &self.device)?;
        let mut generator = stream(self.state.seed, Purpose::Dropout, number);
        let logits = self.model.forward(batch.input, &mut Mode::Training(&mut generator))?;
        let mix = mixup.map(|mixup| Mix::new(&mixup, &self.device));
        let losses = losses_of(&self.losses, &logits, &batch.targets, &batch.labels, mix.as_ref());
        let loss = self.weighted(&losses);
        let loss_weights = self.loss_weights(&batch.labels);
        let added = match totals {
            None => loss.clone(),
            Some(totals) => {
                let shares = loss_weights.iter().zip(totals).map(|(own, &all)| own / if all > 0.0 { all } else { 1.0 });
                self.weighted(&losses.iter().zip(shares).map(|(loss, share)| loss.clone() * share).collect::<Vec<_>>())
            }
        };
        let results = BatchResults {
            rows: rows.to_vec(),
            loss: loss.inner(),
            losses: losses.into_iter().map(Tensor::inner).collect(),
            logits: logits.into_iter().map(Tensor::inner).collect(),
            loss_weights,
            grad_norm: None,
        };
        Ok((added, results))
    }

    /// Evaluates and writes a checkpoint if the latest update brought these due, and they are not done.
    async fn evaluate_and_save_if_due(&mut self) -> Result<(), Halt> {
        if self.state.batch == 0 {
            return Ok(());
        }
        if self.is_step_due(self.config.training.eval) && !self.state.is_evaluated() {
            self.evaluate().await?;
        }
        let path = run_folder::step_checkpoint(self.state.step);
        if self.is_step_due(self.config.training.checkpoint) && self.state.periodic.last() != Some(&path) {
            self.write_periodic(path).await?;
        }
        Ok(())
    }

    fn is_step_due(&self, cadence: Cadence) -> bool {
        matches!(cadence, Cadence::Steps(steps) if self.state.step.is_multiple_of(steps))
    }

    /// Closes an epoch, whole or cut short: average, evaluation, record, checkpoint. When the user stops the run, all of
    /// it is done when the run is resumed.
    async fn end_epoch(&mut self) -> Result<(), Halt> {
        let is_whole = self.state.batch == self.length.batches_per_epoch;
        let train = self.read_pass().await?;
        if self.length.is_averaging(self.state.epoch) {
            self.average_weights(is_whole).await?;
        }
        self.write_moving_average().await?;
        let evaluated = self.state.evaluated.clone();
        if self.is_scored_at_the_end() {
            self.evaluate().await?;
        }
        if let Some(train) = train {
            self.record(&train).await?;
        }
        let ended = self.state.epoch;
        if is_whole {
            self.pass = Pass::default();
            self.state.begin_next_epoch();
        } else {
            self.state.end_within_epoch(evaluated);
        }
        if self.config.training.checkpoint == Cadence::Epoch {
            self.write_periodic(run_folder::epoch_checkpoint(ended)).await?;
        }
        Ok(())
    }

    /// Adds the epoch to the history.
    async fn record(&mut self, train: &Metrics) -> Result<(), TrainError> {
        let val = self.state.evaluated.as_ref().map(|(metrics, _)| metrics);
        let record = EpochRecord::new(self.state.epoch, train, val, self.state.latest_rate);
        // An epoch that was cut short has a record already when the run goes on with it.
        self.history.retain(|old| old.epoch != record.epoch);
        self.history.push(record.clone());
        self.folder.write_history(&self.history).await?;
        self.tell(TrainEvent::Epoch(record));
        Ok(())
    }

    /// How the run has ended, if no update is left to do.
    fn ending(&self) -> Option<Ending> {
        self.length.ending(&self.state, &self.config.training)
    }

    fn order_of(&self, epoch: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.train.len()).collect();
        if self.config.dataset.shuffle {
            order.shuffle(&mut stream(self.state.seed, Purpose::Shuffle, epoch as u64));
        }
        order
    }

    /// The learning rate of the next update.
    fn learning_rate(&self) -> f64 {
        let base = self.config.optimizer.learning_rate;
        let RunState { epoch, batch, step, .. } = self.state;
        let scheduled = |step| base * schedule::factor(&self.config.scheduler, step, self.length.scheduled_steps);
        match self.config.training.swa {
            Some(swa) if self.length.is_averaging(epoch) => {
                let (start, target) = (scheduled(self.length.scheduled_steps), base * swa.lr_frac);
                let done = self.length.averaging_steps(epoch, batch);
                schedule::averaging_rate(start, target, done, self.length.updates_per_epoch)
            }
            _ => scheduled(step),
        }
    }

    /// The momentum of the next update, where the schedule moves it.
    fn momentum(&self) -> Option<f64> {
        schedule::momentum(&self.config.scheduler, self.state.step, self.length.scheduled_steps)
    }
}
