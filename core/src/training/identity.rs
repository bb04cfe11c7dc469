//! What a run must find again when it goes on: the data, the tasks and their classes, the model, the optimizer. With
//! others it would be another run that carries on the numbers of the first.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::batch::TargetScale;
use crate::{
    config::{OptimizerName, RunConfig},
    datasets::{FeatureShape, FolderDataset},
    fingerprint::{Differences, Fingerprint},
    labels::{Target, TaskSpec},
    model::checkpoint::{self, CONFIG_KEY, Metadata},
};

/// The layout of an identity's JSON.
pub const IDENTITY_SCHEMA: u32 = 1;
/// Checkpoint metadata key of how regression targets were scaled, as JSON, one entry a task.
pub const SCALES_KEY: &str = "target_scales";
/// Checkpoint metadata key of how the labels of its tasks are read, as JSON.
pub const LABELS_KEY: &str = "labels";
/// Checkpoint metadata key of how recordings became samples, as JSON, where their folder says.
pub const RECIPE_KEY: &str = "samples";
/// Checkpoint metadata key of the whole [`Identity`], as JSON.
pub const IDENTITY_KEY: &str = "identity";
/// Keys of `[model]` with which any weights can go on.
const FREE_MODEL_KEYS: [&str; 5] = ["dropout", "drop_prob", "att_drop_prob", "drop_prob_1", "drop_prob_2"];

/// What a run is trained on, and what it trains.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// The layout of this JSON.
    pub schema: u32,
    /// The tasks, in the order of the heads, with their classes.
    pub tasks: Vec<TaskSpec>,
    /// The update rule that the optimizer's moments belong to.
    pub optimizer: OptimizerName,
    /// Whether regression targets are standardised.
    pub standardize_regression: bool,
    /// The table `model` of the config.
    pub model: Value,
    /// The table `augmentation` of the config, as far as it changes samples; none when they stay as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub augmentation: Option<Value>,
    /// How regression targets are scaled, one entry a task.
    pub scales: Vec<TargetScale>,
    /// What the samples were made of, where their folder says.
    pub prepared: Option<Fingerprint>,
    /// The training split; none in what an older version wrote.
    pub train: Option<SplitMark>,
    /// The validation split; none when it is never evaluated.
    pub val: Option<SplitMark>,
}

/// What tells one split from another: which samples, whose, and with which targets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SplitMark {
    /// The split's name.
    pub split: String,
    /// Its samples.
    pub samples: usize,
    /// The shape of one.
    pub shape: FeatureShape,
    /// SHA-256 over the samples' paths, subjects and targets, in hexadecimal digits.
    pub sha256: String,
}

impl SplitMark {
    /// The mark of a split.
    pub fn of(dataset: &FolderDataset<'_>) -> Self {
        let mut hash = Sha256::new();
        for row in 0..dataset.len() {
            let cells = [dataset.path(row), dataset.subject(row).unwrap_or_default()];
            for cell in cells {
                hash.update((cell.len() as u64).to_le_bytes());
                hash.update(cell);
            }
            for target in dataset.targets(row) {
                let (kind, value) = match *target {
                    None => (0_u8, 0),
                    Some(Target::Class(class)) => (1, class as u64),
                    Some(Target::Value(value)) => (2, u64::from(value.to_bits())),
                };
                hash.update([kind]);
                hash.update(value.to_le_bytes());
            }
        }
        let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Self { split: dataset.split().to_owned(), samples: dataset.len(), shape: dataset.feature_shape(), sha256 }
    }
}

impl Identity {
    /// That of a run over these splits.
    pub fn new(
        config: &RunConfig,
        tasks: &[TaskSpec],
        prepared: Option<Fingerprint>,
        train: &FolderDataset<'_>,
        val: Option<&FolderDataset<'_>>,
    ) -> Self {
        Self {
            schema: IDENTITY_SCHEMA,
            tasks: tasks.to_vec(),
            optimizer: config.optimizer.name,
            standardize_regression: config.training.standardize_regression,
            model: config.to_json()["model"].take(),
            augmentation: config.augmentation.effective(),
            scales: scales(config, tasks, train),
            prepared,
            train: Some(SplitMark::of(train)),
            val: val.map(SplitMark::of),
        }
    }

    /// As much of it as a checkpoint says; none where that is not enough. Older versions wrote it in parts, without the
    /// data.
    pub fn of_checkpoint(metadata: &Metadata) -> Option<Self> {
        let whole = metadata.get(IDENTITY_KEY).and_then(|json| serde_json::from_str::<Self>(json).ok());
        if let Some(identity) = whole.filter(|identity| identity.schema <= IDENTITY_SCHEMA) {
            return Some(identity);
        }
        let tasks = checkpoint::tasks(metadata)?;
        let config: Value = serde_json::from_str(metadata.get(CONFIG_KEY)?).ok()?;
        let scales: Vec<TargetScale> = serde_json::from_str(metadata.get(SCALES_KEY)?).ok()?;
        (scales.len() == tasks.len()).then_some(())?;
        Some(Self {
            schema: IDENTITY_SCHEMA,
            tasks,
            optimizer: serde_json::from_value(config["optimizer"]["name"].clone()).ok()?,
            standardize_regression: config["training"]["standardize_regression"].as_bool()?,
            model: config["model"].clone(),
            augmentation: None,
            scales,
            prepared: None,
            train: None,
            val: None,
        })
    }

    /// How the run that would go on `now` differs from this one. What either does not know differs in nothing.
    #[must_use]
    pub fn differences(&self, now: &Self) -> Differences {
        let mut told = Vec::new();
        compare_tasks(&self.tasks, &now.tasks, &mut told);
        let are_tasks_alike = told.is_empty();
        if self.standardize_regression != now.standardize_regression {
            let (then, now) = (self.standardize_regression, now.standardize_regression);
            told.push(format!("training.standardize_regression was {then} and is {now} now"));
        }
        if self.optimizer != now.optimizer {
            told.push(format!("optimizer.name was {} and is {} now", self.optimizer, now.optimizer));
        }
        compare_models("model", &self.model, &now.model, &mut told);
        compare_augmentation(self.augmentation.as_ref(), now.augmentation.as_ref(), &mut told);
        if let (Some(then), Some(now)) = (&self.prepared, &now.prepared) {
            let differences = then.differences(now);
            told.extend(differences.sentences().iter().map(|sentence| format!("of its data, {sentence}")));
        }
        for (then, now) in [(&self.train, &now.train), (&self.val, &now.val)] {
            // The targets of other tasks are others: that has been said.
            if let (Some(then), Some(now)) = (then, now)
                && are_tasks_alike
            {
                compare_splits(then, now, &mut told);
            }
        }
        told.into_iter().collect()
    }

    /// This one, with what only `earlier` knows: a split that is not opened now.
    #[must_use]
    pub fn with_what_was_known(self, earlier: Self) -> Self {
        Self {
            scales: earlier.scales,
            val: self.val.or(earlier.val),
            prepared: self.prepared.or(earlier.prepared),
            ..self
        }
    }
}

/// Tells tasks, classes and their order that differ. Descriptions may.
fn compare_tasks(then: &[TaskSpec], now: &[TaskSpec], told: &mut Vec<String>) {
    let names = |tasks: &[TaskSpec]| tasks.iter().map(|task| task.name.clone()).collect::<Vec<_>>().join(", ");
    if names(then) != names(now) {
        told.push(format!("dataset.tasks was {} and is {} now", names(then), names(now)));
        return;
    }
    for (then, now) in then.iter().zip(now) {
        if let Some(difference) = class_difference(then, now) {
            told.push(difference);
        }
    }
}

/// How the classes of a task differ from what they were; none when a head of the one is a head of the other.
pub(super) fn class_difference(then: &TaskSpec, now: &TaskSpec) -> Option<String> {
    let in_words = |task: &TaskSpec| match task.class_names() {
        [] => "a number".to_owned(),
        classes => classes.join(", "),
    };
    let is_alike = then.class_names() == now.class_names() && then.is_classification() == now.is_classification();
    (!is_alike).then(|| {
        format!("the task `{}` was to tell {} and is to tell {} now", then.name, in_words(then), in_words(now))
    })
}

/// Tells the keys of the model that both know and that differ. What a later version adds is not known to an older one.
pub(super) fn compare_models(name: &str, then: &Value, now: &Value, told: &mut Vec<String>) {
    let (Value::Object(then_table), Value::Object(now_table)) = (then, now) else {
        if then != now {
            told.push(format!("{name} was {then} and is {now} now"));
        }
        return;
    };
    for (key, then) in then_table.iter().filter(|(key, _)| !FREE_MODEL_KEYS.contains(&key.as_str())) {
        if let Some(now) = now_table.get(key) {
            compare_models(&format!("{name}.{key}"), then, now, told);
        }
    }
}

/// Tells what samples were changed by, and are not now, or the other way round, and what is said of it otherwise.
fn compare_augmentation(then: Option<&Value>, now: Option<&Value>, told: &mut Vec<String>) {
    let tables = |all: Option<&Value>| all.and_then(Value::as_object).cloned().unwrap_or_default();
    let (then, now) = (tables(then), tables(now));
    let names: BTreeSet<&String> = then.keys().chain(now.keys()).collect();
    for name in names {
        let path = format!("augmentation.{name}");
        match (then.get(name), now.get(name)) {
            (Some(then), Some(now)) => compare_models(&path, then, now, told),
            (Some(Value::Object(_)), None) => told.push(format!("{path} was on and is off now")),
            (None, Some(Value::Object(_))) => told.push(format!("{path} was off and is on now")),
            _ => {}
        }
    }
}

fn compare_splits(then: &SplitMark, now: &SplitMark, told: &mut Vec<String>) {
    if then.split != now.split {
        told.push(format!("the split `{}` has taken the place of `{}`", now.split, then.split));
    } else if then.samples != now.samples {
        told.push(format!("the split `{}` had {} samples and has {} now", now.split, then.samples, now.samples));
    } else if then.shape != now.shape {
        told.push(format!("a sample of the split `{}` was {} and is {} now", now.split, then.shape, now.shape));
    } else if then.sha256 != now.sha256 {
        told.push(format!("the split `{}` holds other samples, subjects or labels, or in another order", now.split));
    }
}

fn scales(config: &RunConfig, tasks: &[TaskSpec], train: &FolderDataset<'_>) -> Vec<TargetScale> {
    let scales = tasks.iter().enumerate().map(|(index, task)| match config.training.standardize_regression {
        true if !task.is_classification() => TargetScale::standardizing(&values_of(train, index)),
        _ => TargetScale::default(),
    });
    scales.collect()
}

/// The values of a regression task over a split.
fn values_of(dataset: &FolderDataset<'_>, task: usize) -> Vec<f32> {
    let value = |index| match dataset.targets(index)[task] {
        Some(Target::Value(value)) => Some(value),
        _ => None,
    };
    (0..dataset.len()).filter_map(value).collect()
}
