//! The records that a run leaves: `history.json`, one object an epoch, and `summary.json`. Field names are the
//! reference's. A history is a list, which has no place for a version: each record says its own, so that a run which
//! another version went on with is told right, too.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{
    baseline_results::BaselineResults,
    metrics::{METRICS, Metric, Metrics},
    score::{Measure, Score},
};
use crate::kept::{Kept, KeptError, Versioned, WithVersion};

/// Values by task; a task to which a metric does not apply is left out.
type ByTask = BTreeMap<String, f64>;

/// One epoch in `history.json`; what was not measured is null.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct EpochRecord {
    /// From 1.
    pub epoch: usize,
    /// Weighted sum of the tasks' losses, mean over the samples.
    pub train_loss: f64,
    /// Loss by task.
    pub train_losses: ByTask,
    /// As `train_loss`, on the validation split.
    pub val_loss: Option<f64>,
    /// As `train_losses`.
    pub val_losses: Option<ByTask>,
    /// Learning rate of the epoch's last update.
    pub lr: f64,
    /// Every metric by the field's name, such as `train_accuracy` and `val_accuracy`.
    #[serde(flatten, deserialize_with = "metrics_by_field")]
    pub metrics: BTreeMap<String, Option<ByTask>>,
}

impl EpochRecord {
    /// The record of an epoch.
    pub fn new(epoch: usize, train: &Metrics, val: Option<&Metrics>, lr: f64) -> Self {
        let fields = METRICS.iter().flat_map(|metric| {
            let train = (format!("{TRAIN}{}", metric.key), Some(train.by_task(metric)));
            [train, (format!("{VAL}{}", metric.key), val.map(|val| val.by_task(metric)))]
        });
        Self {
            epoch,
            train_loss: train.loss,
            train_losses: train.losses(),
            val_loss: val.map(|metrics| metrics.loss),
            val_losses: val.map(Metrics::losses),
            lr,
            metrics: fields.collect(),
        }
    }

    /// A metric of the training split by task; none in a record of a version that did not have it.
    pub fn train(&self, metric: &Metric) -> Option<&ByTask> {
        self.metrics.get(&format!("{TRAIN}{}", metric.key))?.as_ref()
    }

    /// As [`Self::train`], of the validation split; none when that was not evaluated.
    pub fn val(&self, metric: &Metric) -> Option<&ByTask> {
        self.metrics.get(&format!("{VAL}{}", metric.key))?.as_ref()
    }

    /// The record with these values of a metric of the training split.
    #[must_use]
    pub fn with_train(mut self, metric: &Metric, values: ByTask) -> Self {
        self.metrics.insert(format!("{TRAIN}{}", metric.key), Some(values));
        self
    }
}

impl Versioned for EpochRecord {
    const VERSION: u32 = 1;
    const UNCOUNTED: u32 = 1;
}

/// A history as it is kept.
pub fn versioned(history: &[EpochRecord]) -> Vec<WithVersion<'_, EpochRecord>> {
    history.iter().map(EpochRecord::versioned).collect()
}

/// Reads a history that was kept.
///
/// # Errors
/// [`KeptError`].
pub fn read(bytes: &[u8]) -> Result<Vec<EpochRecord>, KeptError> {
    let records: Vec<Value> = serde_json::from_slice(bytes)?;
    records.into_iter().map(|record| Kept::of(record)?.with_defaults()).collect()
}

/// What a metric's name begins with in a record.
const TRAIN: &str = "train_";
/// The same for the validation split.
const VAL: &str = "val_";

/// Fields of other programs and versions that are no metric by task are left out.
fn metrics_by_field<'de, D: Deserializer<'de>>(record: D) -> Result<BTreeMap<String, Option<ByTask>>, D::Error> {
    let fields = BTreeMap::<String, Value>::deserialize(record)?;
    let fields = fields.into_iter().filter(|(name, _)| name.starts_with(TRAIN) || name.starts_with(VAL));
    Ok(fields.filter_map(|(name, value)| Some((name, serde_json::from_value(value).ok()?))).collect())
}

/// A checkpoint in `summary.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RankedCheckpoint {
    /// Path in the run folder.
    pub path: String,
    /// Its validation score.
    pub metric: f64,
    /// From 1.
    pub epoch: usize,
    /// Optimizer updates when it was written.
    pub global_step: usize,
}

/// What the best model makes of a split that nothing was chosen by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestResult {
    /// The split's name.
    pub split: String,
    /// Path of the checkpoint that was tested, in the run folder; null where none is kept and the last weights were tested.
    pub checkpoint: Option<String>,
    /// The epoch it belongs to, from 1.
    pub epoch: usize,
    /// How good it is, by what the validation runs are compared by.
    #[serde(flatten)]
    pub score: Score,
    /// Its results.
    pub metrics: Metrics,
    /// What simple methods reach there; none where the run asks for none, and in what older versions wrote.
    #[serde(default)]
    pub baselines: Option<BaselineResults>,
}

impl TestResult {
    /// How it compares with the best of the simple methods on the same split, in words; see [`BaselineResults::beside`].
    #[must_use]
    pub fn beside_baselines(&self) -> Option<String> {
        self.baselines.as_ref()?.beside(self.score, "the test")
    }

    /// Which weights were tested, in words.
    pub fn weights(&self) -> String {
        let which = if self.checkpoint.is_some() { "the best model, of" } else { "the weights after" };
        format!("{which} epoch {}", self.epoch)
    }
}

/// `summary.json`: how a run ended.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Summary {
    /// The run folder, as the front end calls it.
    pub run_dir: String,
    /// Path of the best checkpoint in the run folder; null without validation.
    pub best_checkpoint: Option<String>,
    /// Path of the history in the run folder.
    pub history_file: String,
    /// The best validation score; higher is better, a loss is negated.
    pub best_metric: Option<f64>,
    /// What it is a score of; null in what older versions wrote.
    #[serde(default)]
    pub best_measure: Option<Measure>,
    /// The epoch it belongs to.
    pub best_epoch: Option<usize>,
    /// Optimizer updates at that time.
    pub best_global_step: Option<usize>,
    /// The best checkpoints kept, best first.
    pub top_checkpoints: Vec<RankedCheckpoint>,
    /// Path of the averaged weights in the run folder.
    pub swa_checkpoint: Option<String>,
    /// Path of the weights' moving average in the run folder; left out where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ema_checkpoint: Option<String>,
    /// The test of the best model; null where the run has no test split, or was stopped before.
    #[serde(default)]
    pub test: Option<Box<TestResult>>,
    /// Why the run ended.
    pub ended: Ending,
    /// Optimizer updates of the whole run.
    pub global_step: usize,
    /// What simple methods reach on the validation split; none where the run asks for none, has no validation, or was
    /// stopped before they were fitted, and in what older versions wrote.
    #[serde(default)]
    pub baselines: Option<BaselineResults>,
}

impl Versioned for Summary {
    const VERSION: u32 = 1;
    const UNCOUNTED: u32 = 1;
}

impl Summary {
    /// Reads a summary that was kept.
    ///
    /// # Errors
    /// [`KeptError`].
    pub fn read(bytes: &[u8]) -> Result<Self, KeptError> {
        Kept::read(bytes)?.with_defaults()
    }

    /// How the network's best compares with the best of the simple methods on the validation split, in words; see
    /// [`BaselineResults::beside`].
    #[must_use]
    pub fn beside_baselines(&self) -> Option<String> {
        self.baselines.as_ref()?.beside(self.best_score()?, "validation")
    }

    /// The best validation score and what it is a score of.
    pub fn best_score(&self) -> Option<Score> {
        let value = self.best_metric?;
        Some(self.best_measure.map_or(Score::of_older_version(value), |measure| Score { value, measure }))
    }
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// All epochs were trained.
    #[default]
    Finished,
    /// `training.max_steps` was reached.
    MaxSteps,
    /// The validation score stopped improving.
    EarlyStopping,
    /// The user stopped it; it can be resumed.
    Stopped,
}

/// The end of a sentence: "all epochs are trained".
impl fmt::Display for Ending {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Finished => "all epochs are trained",
            Self::MaxSteps => "training.max_steps is reached",
            Self::EarlyStopping => "the validation score no longer improved",
            Self::Stopped => "it was stopped",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::metrics::{ACCURACY, MAE, R2, Scores, TaskMetrics};

    #[test]
    fn a_record_comes_back_and_so_do_those_of_other_versions() {
        let scores = Scores::Confusion(vec![vec![3, 1], vec![0, 4]]);
        let task = TaskMetrics::new("health", 8, 0.5, scores);
        let metrics = Metrics { samples: 8, loss: 0.5, grad_norm: 0.0, tasks: vec![task] };
        let record = EpochRecord::new(2, &metrics, None, 0.01);
        let json = serde_json::to_value(&record).unwrap();
        assert_eq!((&json["train_accuracy"]["health"], &json["val_accuracy"]), (&0.875.into(), &Value::Null));
        assert_eq!((&json["train_mae"], &json["lr"]), (&serde_json::json!({}), &0.01.into()));
        assert_eq!(serde_json::from_value::<EpochRecord>(json).unwrap(), record);

        let older = r#"{"epoch": 1, "train_loss": 1, "train_losses": {}, "val_loss": null, "val_losses": null, "lr": 0,
            "train_accuracy": {"health": 1}, "train_mae": {}, "val_accuracy": null, "epoch_time": 3.5}"#;
        let older: EpochRecord = serde_json::from_str(older).unwrap();
        assert_eq!(older.train(&ACCURACY).unwrap()["health"], 1.0);
        assert!(older.train(&MAE).unwrap().is_empty() && older.train(&R2).is_none() && older.val(&ACCURACY).is_none());
    }

    #[test]
    fn what_is_kept_says_its_version_and_is_read_without_one() {
        let history = [EpochRecord { epoch: 1, ..EpochRecord::default() }];
        let kept = serde_json::to_vec(&versioned(&history)).unwrap();
        let json: Value = serde_json::from_slice(&kept).unwrap();
        assert_eq!((&json[0]["schema_version"], &json[0]["epoch"]), (&1.into(), &1.into()));
        assert_eq!(read(&kept).unwrap(), history);
        assert_eq!(read(&serde_json::to_vec(&history).unwrap()).unwrap(), history);
        let newer = br#"[{"schema_version": 2, "epoch": "first"}]"#;
        assert!(matches!(read(newer), Err(KeptError::Newer { version: 2, known: 1 })));
        assert!(matches!(read(b"[{}]"), Err(KeptError::Damaged(_))));

        let summary = Summary { global_step: 7, ..Summary::default() };
        assert_eq!(Summary::read(&summary.to_json()).unwrap(), summary);
        assert_eq!(Summary::read(&serde_json::to_vec(&summary).unwrap()).unwrap(), summary);
        assert!(matches!(Summary::read(br#"{"schema_version": 2}"#), Err(KeptError::Newer { .. })));
    }
}
