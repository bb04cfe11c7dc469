//! A trained model that answers: a checkpoint and samples go in; what its model says of each of them comes out, as rows of a
//! table of predictions. Nothing is learnt here, and no loss is computed.

use std::ops::ControlFlow;

use burn::tensor::{Device, Tensor};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{
    batch::{Batch, TargetScale},
    error::TrainError,
    identity::{LABELS_KEY, RECIPE_KEY, SCALES_KEY},
    pass::{PassResults, predictions_of},
};
use crate::{
    config::RunConfig,
    datasets::{FeatureShape, FolderDataset, RecordingSamples, Sample, SampleRecipe},
    evaluation::{Prediction, PredictionTable},
    labels::{LabelSpec, TaskSpec},
    model::{
        Mode, MultiTaskClassifier, check_shape,
        checkpoint::{CONFIG_KEY, Metadata, TASKS_KEY},
        parameters::{Weights, read_floats},
    },
};

/// What a checkpoint says of its model.
#[derive(Debug, Clone)]
pub struct TrainedModel {
    /// The run that trained it.
    pub config: RunConfig,
    /// What it answers.
    pub tasks: Vec<TaskSpec>,
    /// How labels of these tasks are read; none in what older versions wrote.
    pub labels: Option<Vec<LabelSpec>>,
    /// How recordings become samples; none where that is not known.
    pub recipe: Option<SampleRecipe>,
    scales: Vec<TargetScale>,
}

impl TrainedModel {
    /// Reads what the checkpoint at `path` says.
    ///
    /// # Errors
    /// [`TrainError::UnknownModel`] when it does not say it, as weights of other programs do not.
    pub fn of(metadata: &Metadata, path: &str) -> Result<Self, TrainError> {
        let unknown = |what: &str| TrainError::UnknownModel { what: what.to_owned(), path: path.to_owned() };
        let config: Map<String, Value> = json(metadata, CONFIG_KEY).ok_or_else(|| unknown("run file"))?;
        let config = RunConfig::from_json(&config, path)
            .map_err(|error| unknown(&format!("run file as this version reads it ({error})")))?;
        let tasks: Vec<TaskSpec> = json(metadata, TASKS_KEY).ok_or_else(|| unknown("tasks"))?;
        let scales: Vec<TargetScale> = json(metadata, SCALES_KEY).ok_or_else(|| unknown("scales of its tasks"))?;
        if tasks.is_empty() || scales.len() != tasks.len() {
            return Err(unknown("tasks"));
        }
        let (labels, recipe) = (json(metadata, LABELS_KEY), json(metadata, RECIPE_KEY));
        Ok(Self { config, tasks, labels, recipe, scales })
    }
}

/// A text of the metadata as what it describes.
fn json<T: DeserializeOwned>(metadata: &Metadata, key: &str) -> Option<T> {
    serde_json::from_str(metadata.get(key)?).ok()
}

/// A trained model on a device.
pub struct Predictor {
    trained: TrainedModel,
    model: MultiTaskClassifier,
    device: Device,
}

impl Predictor {
    /// The model of a checkpoint, for samples of this shape, on a device without autodiff.
    ///
    /// # Errors
    /// [`TrainError::Model`] when the model does not take such samples, or the weights are not its own.
    pub fn new(
        trained: TrainedModel,
        weights: Weights,
        sample: FeatureShape,
        device: Device,
    ) -> Result<Self, TrainError> {
        let TrainedModel { config, tasks, .. } = &trained;
        check_shape(&config.model, sample)?;
        let seed = config.training.seed.unwrap_or_default();
        let model = MultiTaskClassifier::new(&config.model, tasks, sample, seed, &device)?.with_weights(weights)?;
        Ok(Self { trained, model, device })
    }

    /// What the checkpoint says.
    #[must_use]
    pub fn trained(&self) -> &TrainedModel {
        &self.trained
    }

    /// What the model says of samples, at least one, by sample and task.
    ///
    /// # Errors
    /// [`TrainError::Model`] when the device fails.
    pub async fn predict(&self, samples: &[Sample]) -> Result<Vec<Vec<Prediction>>, TrainError> {
        let TrainedModel { tasks, scales, .. } = &self.trained;
        let batch = Batch::new(samples, &[], &[], &self.device)?;
        let logits = self.model.forward(batch.input, &mut Mode::Evaluation)?;
        let logits = read_floats(Tensor::cat(logits, 1)).await?;
        Ok(predictions_of(&logits, tasks, scales))
    }

    /// What the model says of each window of a recording that became samples, by window and task. `told` is given how many
    /// batches are done, of how many; what it breaks off is given up.
    ///
    /// # Errors
    /// [`TrainError::Model`] when the samples are not what the model takes, or the device fails.
    pub async fn predict_recording(
        &self,
        samples: RecordingSamples,
        told: &mut dyn FnMut(usize, usize) -> ControlFlow<()>,
    ) -> Result<Option<Vec<Vec<Prediction>>>, TrainError> {
        let samples = samples.features.into_iter().enumerate();
        let samples: Vec<Sample> =
            samples.map(|(row, features)| Sample { row, features, targets: Vec::new() }).collect();
        let batches = samples.chunks(self.trained.config.dataset.batch_size);
        let mut predictions = Vec::with_capacity(samples.len());
        for (index, batch) in batches.clone().enumerate() {
            if told(index, batches.len()).is_break() {
                return Ok(None);
            }
            predictions.extend(self.predict(batch).await?);
        }
        Ok(Some(predictions))
    }

    /// What the model says of a split that was opened with its labels. `told` is given how many batches are done, of how
    /// many; what it breaks off is given up.
    ///
    /// # Errors
    /// [`TrainError::Dataset`], [`TrainError::Model`].
    pub async fn predict_split(
        &self,
        split: &FolderDataset<'_>,
        told: &mut dyn FnMut(usize, usize) -> ControlFlow<()>,
    ) -> Result<Option<PredictionTable>, TrainError> {
        let TrainedModel { config, tasks, .. } = &self.trained;
        let rows: Vec<usize> = (0..split.len()).collect();
        let batches = rows.chunks(config.dataset.batch_size);
        let mut predictions = Vec::with_capacity(rows.len());
        for (index, rows) in batches.clone().enumerate() {
            if told(index, batches.len()).is_break() {
                return Ok(None);
            }
            predictions.extend(self.predict(&split.load(rows).await?).await?);
        }
        let seed = config.training.seed.unwrap_or_default();
        Ok(Some(PassResults::without_losses(rows, predictions).table(tasks, split, seed)))
    }
}
