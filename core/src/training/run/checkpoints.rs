//! What a run writes: checkpoints, the average of its weights and, at its end, the rest of the run folder. Sums that are
//! not finite end the run before anything is written over what was good.

use rand::seq::SliceRandom;

use super::{halt::Halt, trainer::Trainer};
use crate::{
    kept::Versioned,
    model::{Mode, MultiTaskClassifier, checkpoint::Source, parameters::NamedTensor},
    random::{Purpose, stream},
    training::{
        TrainError, TrainEvent,
        batch::Batch,
        events::Position,
        history::{Ending, Summary},
        metrics::Metrics,
        moving_average::MovingAverage,
        run_folder,
    },
};

impl Trainer<'_> {
    /// Reads what the epoch has seen so far into the state and checks it; none when it has seen nothing.
    pub(super) async fn read_pass(&mut self) -> Result<Option<Metrics>, TrainError> {
        self.state.pass = self.pass.save().await?;
        let metrics = self.state.pass.results(&self.tasks, &self.scales).metrics(&self.tasks, &self.train);
        if let Some(metrics) = &metrics {
            self.check_finite(self.train.split(), metrics.loss, metrics.grad_norm, &metrics.losses())?;
        }
        Ok(metrics)
    }

    /// Takes a whole epoch's model into the average, and completes the average at the run's end.
    pub(super) async fn average_weights(&mut self, is_whole: bool) -> Result<(), Halt> {
        // An epoch whose evaluation was stopped is in the average already.
        if is_whole && self.state.averaged_epoch != self.state.epoch {
            self.average.add(&self.model).await?;
            self.state.averaged = self.average.count();
            self.state.averaged_epoch = self.state.epoch;
        }
        if self.average.count() == 0 {
            return Ok(());
        }
        if self.is_at_limit() && self.model.has_batch_norm() {
            self.complete_average().await?;
        }
        Ok(self.write_average().await?)
    }

    /// Computes the batch statistics that belong to the average in a pass over the training split without updates: batch
    /// normalisation's running statistics become the mean over its batches, as `torch.optim.swa_utils.update_bn` computes
    /// them. The batches are shuffled whatever the config says: a batch of one person has that person's statistics.
    async fn complete_average(&mut self) -> Result<(), Halt> {
        // Not a clone of the run's model: clones share their batch statistics.
        let (model, seed) = (&self.config.model, self.state.seed);
        let sample = self.train.feature_shape();
        let mut averaged = MultiTaskClassifier::new(model, &self.tasks, sample, seed, &self.device)?
            .with_copies(&self.average.weights())?;
        let mut order: Vec<usize> = (0..self.train.len()).collect();
        order.shuffle(&mut stream(seed, Purpose::Shuffle, u64::MAX));
        let batches = order.chunks(self.config.dataset.batch_size);
        for (index, indices) in batches.clone().enumerate() {
            self.take_commands_within_pass().await?;
            averaged.average_batches(index + 1);
            let batch = Batch::new(&self.train.load(indices).await?, &[], &[], &self.device)?;
            let mut generator = stream(seed, Purpose::Dropout, u64::MAX - index as u64);
            averaged.embed(batch.input, &mut Mode::Training(&mut generator))?;
            self.tell(TrainEvent::AveragedBatch { done: index + 1, batches: batches.len() });
        }
        Ok(self.average.complete(&averaged).await?)
    }

    /// Writes a periodic checkpoint and `last`, and removes the oldest beyond the limit.
    pub(super) async fn write_periodic(&mut self, path: String) -> Result<(), TrainError> {
        self.read_pass().await?;
        if self.write_model(&path, &self.model.valid()).await? {
            self.state.periodic.retain(|old| *old != path);
            self.state.periodic.push(path);
        }
        let limit = self.config.training.checkpoint_total_limit.unwrap_or(usize::MAX);
        while self.state.periodic.len() > limit {
            let oldest = self.state.periodic.remove(0);
            self.state.obsolete.push(oldest);
        }
        self.write_resumable().await
    }

    /// Writes `last` with all that resuming needs.
    pub(super) async fn write_last(&mut self) -> Result<(), TrainError> {
        self.read_pass().await?;
        self.write_resumable().await
    }

    /// The same, with what the epoch gave read already.
    async fn write_resumable(&mut self) -> Result<(), TrainError> {
        let model = self.model.valid();
        self.write_model(run_folder::LAST, &model).await?;
        let (optimizer, model) = (self.optimizer.state(&self.model), model.named_tensors());
        let moving = self.moving_average.as_ref().map(MovingAverage::tensors).unwrap_or_default();
        if !self.folder.write_state(&self.state, optimizer, model, self.average.mean(), moving).await? {
            return Ok(());
        }
        // Not before: until then the state on disk names them.
        for path in std::mem::take(&mut self.state.obsolete) {
            self.folder.remove(&path).await?;
        }
        Ok(())
    }

    /// Writes a checkpoint of a model without autodiff; whether it is kept.
    pub(super) async fn write_model(&mut self, path: &str, model: &MultiTaskClassifier) -> Result<bool, TrainError> {
        self.write_tensors(path, model.named_tensors()).await
    }

    /// Writes a checkpoint of the weights' moving average, if there is one.
    pub(super) async fn write_moving_average(&mut self) -> Result<(), TrainError> {
        let Some(average) = self.moving_average.as_ref().filter(|average| average.updates() > 0) else { return Ok(()) };
        let tensors = average.tensors();
        self.write_tensors(run_folder::EMA, tensors).await?;
        Ok(())
    }

    async fn write_tensors(&mut self, path: &str, tensors: Vec<NamedTensor>) -> Result<bool, TrainError> {
        let weights = run_folder::on_device("", tensors);
        let position = self.begin_checkpoint();
        let is_kept = self.folder.write_weights(path, weights, &self.metadata, position.step as u64).await?;
        self.end_checkpoint(path, position, is_kept);
        Ok(is_kept)
    }

    /// Writes a checkpoint of the average.
    async fn write_average(&mut self) -> Result<(), TrainError> {
        let position = self.begin_checkpoint();
        let weights = self.average.weights().into_iter();
        let weights = weights.map(|(name, values)| (name.to_owned(), Source::Memory(values))).collect();
        let step = position.step as u64;
        let is_kept = self.folder.write_weights(run_folder::SWA, weights, &self.metadata, step).await?;
        self.end_checkpoint(run_folder::SWA, position, is_kept);
        Ok(())
    }

    /// Before a checkpoint is written: what goes with it. Returns where its weights come from.
    fn begin_checkpoint(&mut self) -> Position {
        let position = self.position_of_weights();
        self.metadata.insert("epoch".to_owned(), position.epoch.to_string());
        self.metadata.insert(run_folder::STEP_KEY.to_owned(), position.step.to_string());
        position
    }

    /// A checkpoint is written, or there was no room for it.
    fn end_checkpoint(&mut self, path: &str, position: Position, is_kept: bool) {
        if !is_kept {
            return;
        }
        self.state.obsolete.retain(|old| old != path);
        self.last_good = Some(path.to_owned());
        self.tell(TrainEvent::Checkpoint { position, path: path.to_owned() });
    }

    /// Where the weights come from: between two epochs that is the end of the first, where the run stands at the start
    /// of the second.
    pub(super) fn position_of_weights(&self) -> Position {
        let position = self.state.position();
        if position.batch > 0 || position.step == 0 {
            return position;
        }
        Position { epoch: position.epoch.saturating_sub(1), batch: self.length.batches_per_epoch, ..position }
    }

    /// Completes the run folder.
    pub(super) async fn finish(mut self, ending: Ending) -> Result<Summary, TrainError> {
        self.read_pass().await?;
        let best = self.state.best.clone();
        let is_kept = self.kept_best().await?.is_some();
        let has_average = self.average.count() > 0 && self.folder.has(run_folder::SWA).await?;
        let has_moving_average = self.moving_average.is_some() && self.folder.has(run_folder::EMA).await?;
        let summary = Summary {
            run_dir: self.run_dir.clone(),
            best_checkpoint: is_kept.then(|| run_folder::BEST.to_owned()),
            history_file: run_folder::HISTORY.to_owned(),
            best_metric: best.as_ref().map(|best| best.metric),
            best_measure: best.as_ref().and(self.state.measure),
            best_epoch: best.as_ref().map(|best| best.epoch),
            best_global_step: best.as_ref().map(|best| best.global_step),
            top_checkpoints: self.state.top.clone(),
            ema_checkpoint: has_moving_average.then(|| run_folder::EMA.to_owned()),
            swa_checkpoint: has_average.then(|| run_folder::SWA.to_owned()),
            test: self.tested.take().map(Box::new),
            ended: ending,
            global_step: self.state.step,
            baselines: self.baselines.val.clone(),
        };
        self.folder.write_history(&self.history).await?;
        self.folder.write_json(run_folder::SUMMARY, &summary.versioned()).await?;
        // Last: a run whose state says that it is complete is not gone on with, and would never get what is missing.
        self.write_last().await?;
        (self.sink)(TrainEvent::Done(summary.clone()));
        Ok(summary)
    }
}
