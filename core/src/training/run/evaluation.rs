//! The evaluations of a run: scores on the validation split, and the best checkpoints by them.

use super::{halt::Halt, trainer::Trainer};
use crate::{
    config::Cadence,
    datasets::FolderDataset,
    model::{Mode, ModelError, MultiTaskClassifier},
    training::{
        TrainError, TrainEvent,
        batch::Batch,
        comparison::Comparison,
        events::{Evaluation, Position},
        history::RankedCheckpoint,
        losses::losses_of,
        metrics::Metrics,
        pass::{BatchResults, Pass, PassResults},
        run_folder,
        score::{Measure, Score},
    },
};

impl Trainer<'_> {
    /// Evaluates the validation split, ranks the model by its score and keeps it if it is among the best. When the user
    /// stops the run, everything is left as if the evaluation had not begun.
    pub(super) async fn evaluate(&mut self) -> Result<(), Halt> {
        let Some(val) = self.val.clone() else { return Ok(()) };
        let model = self.model_to_evaluate().await?;
        let results = self.predict(&val, &model).await?;
        let Some(metrics) = self.metrics_of(&val, &results)? else { return Ok(()) };
        let task_weights: Vec<f64> = self.tasks.iter().map(|task| self.weight(task)).collect();
        let comparison = Comparison { tasks: &self.tasks, scales: &self.scales, weights: &task_weights, split: &val };
        let (regressions, worst_samples) = (comparison.regressions(&results), comparison.worst_samples(&results));
        let position = self.state.position();
        let training = &self.config.training;
        let score = Score::of(&metrics, training.monitor, &training.task_weights);
        self.compare_by(score.measure);
        let is_best = self.state.best.as_ref().is_none_or(|best| score.value > best.metric);
        self.tell(TrainEvent::Evaluated(Evaluation {
            position,
            metrics: metrics.clone(),
            score,
            is_best,
            regressions,
            worst_samples,
        }));
        self.state.evaluated = Some((metrics, self.state.step));
        self.count_improvement(is_best);
        self.rank(score.value, is_best, &model).await?;
        if is_best {
            // After the checkpoint: a run that is killed between the two evaluates again.
            let table = results.table(&self.tasks, &val, self.state.seed);
            self.folder.write_predictions(run_folder::VALIDATION_PREDICTIONS, &table).await?;
        }
        Ok(())
    }

    /// Whether the end of an epoch calls for an evaluation. At the run's end, whatever the cadence, the model must have
    /// been scored; so must the average, which is only then complete.
    pub(super) fn is_scored_at_the_end(&self) -> bool {
        let is_unscored = !self.state.is_evaluated() || self.average.count() > 0;
        self.config.training.eval == Cadence::Epoch || (self.is_at_limit() && is_unscored)
    }

    /// The model without autodiff; while weights are averaged, their mean, and their moving average where there is one.
    pub(super) async fn model_to_evaluate(&self) -> Result<MultiTaskClassifier, ModelError> {
        let model = self.model.valid();
        match &self.moving_average {
            Some(average) if average.updates() > 0 => model.with_weights(average.weights().await?),
            _ if self.average.count() > 0 => model.with_copies(&self.average.weights()),
            _ => Ok(model),
        }
    }

    /// What the model makes of a split.
    pub(super) async fn predict(
        &mut self,
        split: &FolderDataset<'_>,
        model: &MultiTaskClassifier,
    ) -> Result<PassResults, Halt> {
        let indices: Vec<usize> = (0..split.len()).collect();
        let batches: Vec<&[usize]> = indices.chunks(self.config.dataset.batch_size).collect();
        let position = self.position_of_weights();
        self.tell(TrainEvent::Evaluating { position, batches: batches.len() });
        let mut pass = Pass::default();
        for (done, indices) in batches.iter().enumerate() {
            self.take_commands_within_pass().await?;
            pass.add(self.evaluate_batch(split, indices, model).await?);
            self.tell(TrainEvent::EvaluatedBatch { done: done + 1, batches: batches.len() });
        }
        Ok(pass.save().await?.results(&self.tasks, &self.scales))
    }

    /// The scores of what was said of a split, with the people they are of; none where nothing was seen.
    pub(super) fn metrics_of(
        &self,
        split: &FolderDataset<'_>,
        results: &PassResults,
    ) -> Result<Option<Metrics>, TrainError> {
        let Some(mut metrics) = results.metrics(&self.tasks, split) else { return Ok(None) };
        self.check_finite(split.split(), metrics.loss, 0.0, &metrics.losses())?;
        for (index, (metrics, task)) in metrics.tasks.iter_mut().zip(&self.tasks).enumerate() {
            *metrics = metrics.clone().of_people(&split.counts(index, task));
        }
        Ok(Some(metrics))
    }

    pub(super) async fn evaluate_batch(
        &self,
        split: &FolderDataset<'_>,
        indices: &[usize],
        model: &MultiTaskClassifier,
    ) -> Result<BatchResults, TrainError> {
        let device = self.device.clone().inner();
        let batch = Batch::new(&split.load(indices).await?, &self.tasks, &self.scales, &device)?;
        let logits = model.forward(batch.input, &mut Mode::Evaluation)?;
        let losses = losses_of(&self.losses, &logits, &batch.targets, &batch.labels, None);
        let loss = self.weighted(&losses);
        let loss_weights = self.loss_weights(&batch.labels);
        Ok(BatchResults { rows: indices.to_vec(), loss, losses, logits, loss_weights, grad_norm: None })
    }

    /// Finds what is best anew if earlier validation runs were compared by something else.
    fn compare_by(&mut self, measure: Measure) {
        // Older versions kept the number alone.
        let of_best = || self.state.best.as_ref().map(|best| Score::of_older_version(best.metric).measure);
        if let Some(earlier) = self.state.measure.or_else(of_best)
            && earlier != measure
        {
            (self.state.best, self.state.without_improvement) = (None, 0);
            self.state.top.clear();
            let message = format!(
                "validation is compared by {measure} now, and was by {earlier}: what is best is found anew, and the \
                 checkpoints that were the best stay without being counted"
            );
            self.tell(TrainEvent::Warning { message });
        }
        self.state.measure = Some(measure);
    }

    /// Counts evaluations without improvement. Those of averaged weights do not count: averaging is not cut short.
    fn count_improvement(&mut self, is_best: bool) {
        if is_best {
            self.state.without_improvement = 0;
        } else if !self.length.is_averaging(self.state.epoch) {
            self.state.without_improvement += 1;
        }
    }

    /// Keeps the model if its score is among the best.
    async fn rank(&mut self, score: f64, is_best: bool, model: &MultiTaskClassifier) -> Result<(), TrainError> {
        let Position { epoch, step, .. } = self.state.position();
        let path = run_folder::ranked_checkpoint(epoch, step);
        let entry = RankedCheckpoint { path: path.clone(), metric: score, epoch, global_step: step };
        if is_best {
            self.state.best = Some(entry.clone());
        }
        // After the last update both the model and the average may have been scored: the better one is kept.
        if self.state.top.iter().any(|other| other.path == path && other.metric >= score) {
            return Ok(());
        }
        let place = self.state.top.partition_point(|other| other.metric >= score);
        let kept = self.config.training.max_best_checkpoints;
        if self.config.training.checkpoint == Cadence::None || place >= kept {
            return Ok(());
        }
        let is_best_kept = place > 0 || self.write_model(run_folder::BEST, model).await?;
        if !is_best_kept || !self.write_model(&path, model).await? {
            return Ok(());
        }
        // Whatever has the same path ranks below, so that the place stays the same.
        self.state.top.retain(|other| other.path != path);
        self.state.top.insert(place, entry);
        let dropped = self.state.top.split_off(kept.min(self.state.top.len()));
        self.state.obsolete.extend(dropped.into_iter().map(|checkpoint| checkpoint.path));
        Ok(())
    }
}
