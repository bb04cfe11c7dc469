//! The test of a run: what its best model makes of a split that nothing was chosen by, once, when the run has ended.

use super::{halt::Halt, trainer::Trainer};
use crate::{
    model::MultiTaskClassifier,
    training::{
        TrainError, TrainEvent,
        history::{RankedCheckpoint, TestResult},
        run_folder,
        score::Score,
    },
};

impl Trainer<'_> {
    /// Tests the best checkpoint, or the last weights where none is kept. When the user stops the run meanwhile, it is done
    /// when the run is resumed.
    pub(super) async fn test(&mut self) -> Result<(), Halt> {
        let Some(test) = self.test.clone() else { return Ok(()) };
        let (model, best) = match self.kept_best().await? {
            Some(best) => (self.read_model(run_folder::BEST).await?, Some(best)),
            None => (self.model_to_evaluate().await.map_err(TrainError::from)?, None),
        };
        let results = self.predict(&test, &model).await?;
        let Some(metrics) = self.metrics_of(&test, &results)? else { return Ok(()) };
        let table = results.table(&self.tasks, &test, self.state.seed);
        self.folder.write_predictions(run_folder::TEST_PREDICTIONS, &table).await.map_err(Halt::from)?;
        let training = &self.config.training;
        let result = TestResult {
            split: test.split().to_owned(),
            checkpoint: best.as_ref().map(|_| run_folder::BEST.to_owned()),
            epoch: best.map_or_else(|| self.position_of_weights().epoch, |best| best.epoch),
            score: Score::of(&metrics, training.monitor, &training.task_weights),
            metrics,
            baselines: self.baselines.test.clone(),
        };
        self.tested = Some(result.clone());
        self.tell(TrainEvent::Tested(result));
        Ok(())
    }

    /// The best checkpoint, if its file is there and no lesser one's: it may have been found while none were kept.
    pub(super) async fn kept_best(&self) -> Result<Option<RankedCheckpoint>, TrainError> {
        let is_kept = self.folder.has(run_folder::BEST).await?;
        let best =
            self.state.best.clone().filter(|best| self.state.top.first().is_some_and(|top| top.path == best.path));
        Ok(best.filter(|_| is_kept))
    }

    /// The model of a checkpoint, without autodiff.
    async fn read_model(&self, path: &str) -> Result<MultiTaskClassifier, TrainError> {
        // Not a clone of the run's model: clones share their batch statistics.
        let (weights, _) = self.folder.read_weights(path).await?;
        let (config, sample) = (&self.config.model, self.train.feature_shape());
        let model =
            MultiTaskClassifier::new(config, &self.tasks, sample, self.state.seed, &self.device.clone().inner())?;
        Ok(model.with_weights(weights)?)
    }
}
