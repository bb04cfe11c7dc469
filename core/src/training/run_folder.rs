//! The files of a run: config, history, summary and checkpoints, written through a storage so that whatever happens
//! later, what is there is whole. Only this module knows their names.

use serde::Serialize;

use super::{
    error::TrainError,
    history::{self, Ending, EpochRecord, RankedCheckpoint, Summary},
    identity::{IDENTITY_SCHEMA, Identity},
    run_baselines::RunBaselines,
    run_state::RunState,
};
use crate::{
    evaluation::PredictionTable,
    kept::{Kept, KeptError},
    model::{
        checkpoint::{self, CheckpointError, Metadata, Source, Sources, sources_of},
        parameters::{NamedTensor, Weights},
    },
    storage::{Storage, StorageError},
};

/// The resolved config.
pub const CONFIG_JSON: &str = "config_resolved.json";
/// The config as it was given.
pub const CONFIG_TOML: &str = "config.toml";
/// One record an epoch.
pub const HISTORY: &str = "history.json";
/// How the run ended.
pub const SUMMARY: &str = "summary.json";

/// What simple methods reach on the run's splits.
pub const BASELINES: &str = "baselines.json";

/// What the model with the best validation score says of the validation split, window by window.
pub const VALIDATION_PREDICTIONS: &str = "predictions-validation.csv";
/// What the best model says of the test split, window by window.
pub const TEST_PREDICTIONS: &str = "predictions-test.csv";

/// The newest weights.
pub const LAST: &str = "checkpoints/last.safetensors";
/// The weights with the best validation score.
pub const BEST: &str = "checkpoints/best.safetensors";
/// The averaged weights.
pub const SWA: &str = "checkpoints/swa.safetensors";
/// The moving average of the weights.
pub const EMA: &str = "checkpoints/ema.safetensors";
/// All that is needed to go on, in one file, so that its parts belong together: [`SavedRun`].
pub const LAST_OPTIMIZER: &str = "checkpoints/last.optimizer.safetensors";

/// Folder of TensorBoard's event files.
pub const TENSORBOARD: &str = "tensorboard";

/// Metadata key of the optimizer updates done.
pub const STEP_KEY: &str = "global_step";
/// Metadata key of [`RunState`] in [`LAST_OPTIMIZER`].
const STATE_KEY: &str = "run_state";
/// What the names of the model's weights begin with in [`LAST_OPTIMIZER`].
const MODEL_PREFIX: &str = "model.";
/// What the names of the averaged weights begin with there.
const AVERAGE_PREFIX: &str = "average.";
/// What the names of the weights' moving average begin with there.
const MOVING_AVERAGE_PREFIX: &str = "ema.";
/// The samples seen in the epoch under way, as rows of the training split, there.
const ANSWERED_ROWS: &str = "epoch.rows";
/// What was said of them there.
const ANSWERED_LOGITS: &str = "epoch.logits";
/// Bytes that are copied at a time.
const COPIED_BYTES: usize = 1 << 20;

/// A run as it can be resumed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SavedRun {
    /// Where it is.
    pub state: RunState,
    /// The optimizer's state.
    pub optimizer: Weights,
    /// The model's weights.
    pub model: Weights,
    /// The mean of the weights averaged so far; empty when there are none.
    pub average: Weights,
    /// The moving average of the weights; empty when there is none.
    pub moving_average: Weights,
}

/// A run's folder.
pub struct RunFolder<'a> {
    storage: &'a dyn Storage,
}

impl<'a> RunFolder<'a> {
    /// The folder that this storage is rooted at.
    pub fn new(storage: &'a dyn Storage) -> Self {
        Self { storage }
    }

    /// Writes a value as indented JSON; whether it is [kept](StorageError::NotKept).
    ///
    /// # Errors
    /// [`TrainError::Storage`].
    pub async fn write_json(&self, path: &str, value: &impl Serialize) -> Result<bool, TrainError> {
        let json = serde_json::to_vec_pretty(value).expect("records have string keys and no foreign types");
        is_kept(self.storage.write(path, &json).await)
    }

    /// How the run ended; none when it has not, or its summary is damaged.
    ///
    /// # Errors
    /// [`TrainError::Storage`], [`TrainError::NotResumable`] when a newer version wrote the summary.
    pub async fn ending(&self) -> Result<Option<Ending>, TrainError> {
        let json = match self.storage.read(SUMMARY).await {
            Err(StorageError::NotFound { .. }) => return Ok(None),
            read => read?,
        };
        match Summary::read(&json) {
            Ok(summary) => Ok(Some(summary.ended)),
            Err(KeptError::Damaged(_)) => Ok(None),
            Err(error @ KeptError::Newer { .. }) => Err(not_readable(&error, SUMMARY)),
        }
    }

    /// Writes a table of predictions; whether it is [kept](StorageError::NotKept).
    ///
    /// # Errors
    /// [`TrainError::Storage`].
    pub async fn write_predictions(&self, path: &str, table: &PredictionTable) -> Result<bool, TrainError> {
        is_kept(self.storage.write(path, &table.to_csv()).await)
    }

    /// Writes text; whether it is [kept](StorageError::NotKept).
    ///
    /// # Errors
    /// [`TrainError::Storage`].
    pub async fn write_text(&self, path: &str, text: &str) -> Result<bool, TrainError> {
        is_kept(self.storage.write(path, text.as_bytes()).await)
    }

    /// Writes a checkpoint, tensor by tensor; whether it is [kept](StorageError::NotKept).
    ///
    /// # Errors
    /// [`TrainError::Storage`], [`TrainError::Model`], [`TrainError::Checkpoint`].
    pub async fn write_weights(
        &self,
        path: &str,
        weights: Sources<'_>,
        metadata: &Metadata,
        batches: u64,
    ) -> Result<bool, TrainError> {
        match checkpoint::write(self.storage, path, weights, metadata, batches).await {
            Err(CheckpointError::Storage(StorageError::NotKept { .. })) => Ok(false),
            written => written.map(|()| true).map_err(|error| failed(error, path)),
        }
    }

    /// Reads a checkpoint.
    ///
    /// # Errors
    /// [`TrainError::Storage`], [`TrainError::Checkpoint`].
    pub async fn read_weights(&self, path: &str) -> Result<(Weights, Metadata), TrainError> {
        checkpoint::read(self.storage, path).await.map_err(|error| failed(error, path))
    }

    async fn read_metadata(&self, path: &str) -> Result<Metadata, TrainError> {
        checkpoint::read_metadata(self.storage, path).await.map_err(|error| failed(error, path))
    }

    /// Writes all that resuming needs, tensor by tensor: [`Self::read_state`] gives it back as a [`SavedRun`]. Returns
    /// whether it is [kept](StorageError::NotKept).
    ///
    /// # Errors
    /// [`TrainError::Storage`], [`TrainError::Model`], [`TrainError::Checkpoint`].
    pub async fn write_state(
        &self,
        state: &RunState,
        optimizer: Vec<NamedTensor>,
        model: Vec<NamedTensor>,
        average: &Weights,
        moving_average: Vec<NamedTensor>,
    ) -> Result<bool, TrainError> {
        let json = serde_json::to_string(state).expect("the state has string keys and no foreign types");
        let metadata = Metadata::from([(STATE_KEY.to_owned(), json)]);
        let mut tensors = on_device("", optimizer);
        tensors.extend(on_device(MODEL_PREFIX, model));
        tensors.extend(sources_of(average).into_iter().map(|(name, mean)| (format!("{AVERAGE_PREFIX}{name}"), mean)));
        tensors.extend(on_device(MOVING_AVERAGE_PREFIX, moving_average));
        let [rows, logits] = state.pass.answers.tensors();
        tensors.push((ANSWERED_ROWS.to_owned(), Source::Memory(&rows)));
        tensors.push((ANSWERED_LOGITS.to_owned(), Source::Memory(&logits)));
        self.write_weights(LAST_OPTIMIZER, tensors, &metadata, 0).await
    }

    /// Reads back what [`Self::write_state`] wrote. Older versions kept the model's weights in [`LAST`] alone.
    ///
    /// # Errors
    /// [`TrainError::Storage`], [`TrainError::Checkpoint`], and [`TrainError::NotResumable`] when there is none, it is
    /// another version's, or its parts do not belong together.
    pub async fn read_state(&self) -> Result<SavedRun, TrainError> {
        let not_resumable = |reason: String| TrainError::NotResumable { reason, path: LAST_OPTIMIZER.to_owned() };
        if !self.storage.exists(LAST_OPTIMIZER).await? {
            return Err(not_resumable("it has no saved optimizer state".to_owned()));
        }
        let (tensors, metadata) = self.read_weights(LAST_OPTIMIZER).await?;
        let json = metadata.get(STATE_KEY).ok_or_else(|| not_resumable("the file holds no run state".to_owned()))?;
        let mut state: RunState = serde_json::from_str(json).map_err(|error| not_resumable(error.to_string()))?;
        match &state.identity {
            Some(Identity { schema, .. }) if *schema > IDENTITY_SCHEMA => {
                return Err(not_resumable("a newer version of this program wrote it".to_owned()));
            }
            Some(_) => {}
            // Its newest checkpoint says what an older version knew.
            None if self.storage.exists(LAST).await? => {
                state.identity = Identity::of_checkpoint(&self.read_metadata(LAST).await?);
            }
            None => {}
        }
        let mut saved = SavedRun { state, ..SavedRun::default() };
        for (name, values) in tensors {
            match name.as_str() {
                ANSWERED_ROWS => {
                    saved.state.pass.answers.rows = values.data;
                    continue;
                }
                ANSWERED_LOGITS => {
                    saved.state.pass.answers.logits = values.data;
                    continue;
                }
                _ => {}
            }
            let (part, name) = if let Some(name) = name.strip_prefix(MODEL_PREFIX) {
                (&mut saved.model, name)
            } else if let Some(name) = name.strip_prefix(AVERAGE_PREFIX) {
                (&mut saved.average, name)
            } else if let Some(name) = name.strip_prefix(MOVING_AVERAGE_PREFIX) {
                (&mut saved.moving_average, name)
            } else {
                (&mut saved.optimizer, name.as_str())
            };
            part.insert(name.to_owned(), values);
        }
        if saved.model.is_empty() {
            saved.model = self.read_last(saved.state.step).await?;
        }
        Ok(saved)
    }

    /// The weights in [`LAST`], which must be those after `step` updates.
    async fn read_last(&self, step: usize) -> Result<Weights, TrainError> {
        let (weights, metadata) = self.read_weights(LAST).await?;
        match metadata.get(STEP_KEY) {
            Some(found) if *found != step.to_string() => Err(TrainError::NotResumable {
                reason: format!(
                    "its weights are those after update {found}, but its state is that after update {step}, since the \
                     run was interrupted while it wrote them; begin a new run with these weights"
                ),
                path: LAST.to_owned(),
            }),
            _ => Ok(weights),
        }
    }

    /// The history written so far; empty for a run that has not ended an epoch.
    ///
    /// # Errors
    /// [`TrainError::Storage`], [`TrainError::NotResumable`] when the file is damaged, or a newer version wrote it.
    pub async fn read_history(&self) -> Result<Vec<EpochRecord>, TrainError> {
        match self.storage.read(HISTORY).await {
            Err(StorageError::NotFound { .. }) => Ok(Vec::new()),
            read => history::read(&read?).map_err(|error| not_readable(&error, HISTORY)),
        }
    }

    /// Writes the history; whether it is [kept](StorageError::NotKept).
    ///
    /// # Errors
    /// [`TrainError::Storage`].
    pub async fn write_history(&self, history: &[EpochRecord]) -> Result<bool, TrainError> {
        self.write_json(HISTORY, &history::versioned(history)).await
    }

    /// What simple methods reach on the run's splits; none when that is not known, or by another version's reckoning.
    ///
    /// # Errors
    /// [`TrainError::Storage`].
    pub async fn read_baselines(&self) -> Result<Option<RunBaselines>, TrainError> {
        let json = match self.storage.read(BASELINES).await {
            Err(StorageError::NotFound { .. }) => return Ok(None),
            read => read?,
        };
        Ok(Kept::read(&json).ok().and_then(|kept| match kept {
            Kept::Current(baselines) => Some(baselines),
            Kept::Older { .. } | Kept::Newer { .. } => None,
        }))
    }

    /// Whether there is such a file.
    ///
    /// # Errors
    /// [`TrainError::Storage`] when that cannot be told.
    pub async fn has(&self, path: &str) -> Result<bool, TrainError> {
        Ok(self.storage.exists(path).await?)
    }

    /// Makes [`BEST`] the first of the best checkpoints, as a state knows it, unless it is; where only [`BEST`] is left of
    /// it, the other way round.
    ///
    /// # Errors
    /// [`TrainError::Storage`].
    pub async fn settle_best(&self, first: &RankedCheckpoint) -> Result<(), TrainError> {
        let step = first.global_step.to_string();
        let is_first = self.has(BEST).await?
            && self.read_metadata(BEST).await.is_ok_and(|metadata| metadata.get(STEP_KEY) == Some(&step));
        let copied = match (is_first, self.has(&first.path).await?) {
            (true, false) => self.copy(BEST, &first.path).await,
            (false, true) => self.copy(&first.path, BEST).await,
            (true, true) | (false, false) => Ok(()),
        };
        match copied {
            Err(StorageError::NotKept { .. }) => Ok(()),
            copied => Ok(copied?),
        }
    }

    async fn copy(&self, from: &str, to: &str) -> Result<(), StorageError> {
        let size = self.storage.size(from).await?;
        let mut file = self.storage.begin(to).await?;
        for start in (0..size).step_by(COPIED_BYTES) {
            let end = size.min(start + COPIED_BYTES as u64);
            file.add(&self.storage.read_range(from, start..end).await?).await?;
        }
        file.finish().await
    }

    /// Removes a checkpoint that is no longer kept; one that is gone already is as good as removed.
    ///
    /// # Errors
    /// [`TrainError::Storage`] when it is there and cannot be removed.
    pub async fn remove(&self, path: &str) -> Result<(), TrainError> {
        match self.storage.remove(path).await {
            Err(StorageError::NotFound { .. }) | Ok(()) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn not_readable(error: &KeptError, path: &str) -> TrainError {
    TrainError::NotResumable { reason: error.to_string(), path: path.to_owned() }
}

/// Whether what was written is kept.
fn is_kept(written: Result<(), StorageError>) -> Result<bool, TrainError> {
    match written {
        Err(StorageError::NotKept { .. }) => Ok(false),
        written => Ok(written.map(|()| true)?),
    }
}

fn failed(error: CheckpointError, path: &str) -> TrainError {
    match error {
        CheckpointError::Storage(error) => error.into(),
        CheckpointError::Device(error) => error.into(),
        error => TrainError::Checkpoint { error, path: path.to_owned() },
    }
}

/// Tensors that are read when they are written, under these names.
pub fn on_device(prefix: &str, tensors: Vec<NamedTensor>) -> Sources<'static> {
    tensors.into_iter().map(|tensor| (format!("{prefix}{}", tensor.name), Source::Device(Box::new(tensor)))).collect()
}

/// The periodic checkpoint at the end of an epoch.
pub fn epoch_checkpoint(epoch: usize) -> String {
    format!("checkpoints/epoch-{epoch:03}.safetensors")
}

/// The periodic checkpoint after some updates.
pub fn step_checkpoint(step: usize) -> String {
    format!("checkpoints/step-{step:08}.safetensors")
}

/// One of the best checkpoints.
pub fn ranked_checkpoint(epoch: usize, step: usize) -> String {
    format!("checkpoints/best-epoch{epoch:03}-step{step:08}.safetensors")
}
