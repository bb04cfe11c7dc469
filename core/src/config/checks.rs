//! What keys of a run file must agree on: with each other, with the dataset's tasks and with the settings.

use super::{
    AugmentationConfig, Backbone, DataType, DatasetConfig, DatasetName, ModelConfig, Settings, Strategy,
    TIMESERIES_SUFFIX, augmentation::fault_on_images, backbones::Sizes, fields::Fields, keys::nearest, problem::Fault,
    settings::check_levels, table::ConfigTable,
};
use crate::{
    datasets::{DatasetError, dataset_names, labels_of, labels_of_folders},
    labels::{LabelRegistry, LabelSpec},
    signal::OutputType,
};

/// What is known of the samples and of the model's input.
pub(super) struct DataFacts {
    pub data_type: Option<DataType>,
    pub output_type: Option<OutputType>,
    pub n_eeg_channels: Option<usize>,
    pub backbone: Option<Backbone>,
    pub input_channels: Option<usize>,
    /// The key by which samples are changed at random.
    pub augmented_by: Option<&'static str>,
}

/// Checks everything that can be known without the settings.
pub(super) fn check(fields: &mut Fields<'_>, registry: Option<&LabelRegistry>) {
    let name = dataset_name(fields);
    check_tasks(fields, name.as_ref(), registry);
    check_task_weights(fields);
    check_data(fields, name.as_ref());
    check_sizes(fields);
    let eval = check_cadence(fields, "eval");
    check_splits(fields, eval);
    check_cadence(fields, "checkpoint");
    check_early_stopping(fields, eval);
    check_levels(fields, "preprocessing.spectrogram");
    let is_on = |path| fields.switch(path) == Some(true);
    if is_on("training.ema_enabled") && is_on("training.swa_enabled") {
        let message = "training.ema_enabled and training.swa_enabled both average the weights: choose one".to_owned();
        fields.problem("training.ema_enabled", message, None);
    }
}

pub(super) fn dataset_name(fields: &Fields<'_>) -> Option<DatasetName> {
    fields.text("dataset.name").map(|name| DatasetName::from_text(name.trim()))
}

/// The tasks that there are for a file. A name that is not known may still be a dataset of the settings' or a folder, of
/// which nothing can be said.
pub(super) fn registry_of_file(fields: &Fields<'_>, labels: &[LabelSpec]) -> Option<LabelRegistry> {
    let registry = match &dataset_name(fields)? {
        DatasetName::Named(name) => labels_of(name)?,
        path @ DatasetName::Path(_) => registry(path),
    };
    Some(registry.with_custom(labels.iter().cloned()))
}

/// The tasks of a dataset. What a folder was made of is known when it is opened: until then it may have the tasks of any.
pub(super) fn registry(name: &DatasetName) -> LabelRegistry {
    match name {
        DatasetName::Named(name) => labels_of(name).unwrap_or_else(LabelRegistry::folder),
        DatasetName::Path(_) => labels_of_folders(),
    }
}

/// The fault of a dataset that neither the registry nor the settings know.
pub(super) fn dataset_fault(name: &DatasetName, settings: &Settings) -> Option<Fault> {
    let DatasetName::Named(name) = name else { return None };
    let base = name.strip_suffix(TIMESERIES_SUFFIX).unwrap_or(name);
    let known = || dataset_names().into_iter().chain(settings.datasets.keys().map(String::as_str));
    if known().any(|known| known == base || known == name) {
        return None;
    }
    let mut names: Vec<_> = known().collect();
    names.sort_unstable();
    names.dedup();
    let message = format!(
        "there is no dataset {name}: known are {}; a preprocessed folder is written with a slash, ./{name}",
        names.join(", ")
    );
    Some(Fault { key: "dataset.name", message, suggestion: nearest(base, known()).map(str::to_owned) })
}

/// The fault of a task that a dataset does not have.
pub(super) fn unknown_task(task: &str, dataset: &DatasetName, registry: &LabelRegistry) -> Fault {
    let names: Vec<_> = registry.names().collect();
    let owner = match dataset {
        DatasetName::Named(name) => format!("dataset {name}"),
        DatasetName::Path(_) => "a preprocessed folder".to_owned(),
    };
    let message =
        format!("{owner} has no task {task}: it has {}; a table [labels.{task}] would add it", names.join(", "));
    let suggestion = nearest(task, names).map(str::to_owned);
    Fault { key: "dataset.tasks", message, suggestion }
}

fn check_tasks(fields: &mut Fields<'_>, name: Option<&DatasetName>, registry: Option<&LabelRegistry>) {
    let Some(tasks) = fields.texts("dataset.tasks") else { return };
    if tasks.is_empty() {
        fields.problem("dataset.tasks", "dataset.tasks must name at least one task".to_owned(), None);
    }
    for (index, task) in tasks.iter().enumerate() {
        if tasks[..index].iter().any(|earlier| earlier.value == task.value) {
            let message = format!("task {} is named twice", task.value);
            fields.problem_at(task.span.clone(), "dataset.tasks", message, None);
        } else if let (Some(registry), Some(name)) = (registry, name)
            && registry.get(&task.value).is_none()
            // A label that is itself wrong has been reported.
            && !fields.tables_in("labels").iter().any(|(label, _)| *label == task.value)
        {
            let fault = unknown_task(&task.value, name, registry);
            fields.problem_at(task.span.clone(), fault.key, fault.message, fault.suggestion);
        }
    }
}

fn check_task_weights(fields: &mut Fields<'_>) {
    let Some(tasks) = fields.texts("dataset.tasks") else { return };
    let weights = fields.values_in("training.task_weights");
    for (task, path) in &weights {
        if !tasks.iter().any(|known| known.value == *task) {
            let suggestion = nearest(task, tasks.iter().map(|task| task.value.as_str())).map(str::to_owned);
            let message = format!("{path} is the weight of a task that is not in dataset.tasks");
            fields.problem_at(fields.key_span(path), path, message, suggestion);
        }
    }
    let is_zero = |task: &str| {
        let path = weights.iter().find(|(name, _)| name == task).map(|(_, path)| path);
        path.and_then(|path| fields.number(path)) == Some(0.0)
    };
    if !tasks.is_empty() && tasks.iter().all(|task| is_zero(&task.value)) {
        let message = "every task's weight is 0, so that nothing would be learnt".to_owned();
        fields.problem("training.task_weights", message, None);
    }
}

fn check_data(fields: &mut Fields<'_>, name: Option<&DatasetName>) {
    let stated = fields.choice("data.data_type");
    let timeseries = name.is_some_and(DatasetName::is_timeseries);
    let facts = DataFacts {
        data_type: if timeseries { Some(DataType::Timeseries) } else { stated },
        output_type: fields.choice("data.output_type"),
        n_eeg_channels: fields.count("dataset.extras.n_eeg_channels"),
        backbone: fields.choice("model.backbone"),
        input_channels: fields.count("model.input_channels"),
        augmented_by: AugmentationConfig::read(fields).and_then(|augmentation| augmentation.first_on()),
    };
    for fault in data_faults(&facts) {
        fields.problem(fault.key, fault.message, fault.suggestion);
    }
}

/// What does not fit between samples and model, as far as both are known.
pub(super) fn data_faults(facts: &DataFacts) -> Vec<Fault> {
    let takes = |backbone: Backbone, samples| backbone.facts().samples.is_none_or(|taken| taken == samples);
    let backbone = facts.data_type.zip(facts.backbone).filter(|(samples, backbone)| !takes(*backbone, *samples));
    let backbone = backbone.map(|(samples, backbone)| {
        let in_words = match samples {
            DataType::Spectrogram => "spectrogram images",
            DataType::Timeseries => "time series",
        };
        Fault {
            key: "model.backbone",
            message: format!("{backbone} does not take {in_words}, which the samples are"),
            suggestion: Backbone::ALL.iter().find(|instead| takes(**instead, samples)).map(ToString::to_string),
        }
    });
    let channels = match (facts.data_type, facts.output_type) {
        (Some(DataType::Spectrogram), Some(output)) => Some((output.channels(), format!("{output} images"))),
        (Some(DataType::Timeseries), _) => {
            facts.n_eeg_channels.map(|channels| (channels, "these windows (dataset.extras.n_eeg_channels)".to_owned()))
        }
        _ => None,
    };
    let channels = channels.zip(facts.input_channels).filter(|((channels, _), input)| channels != input);
    let channels = channels.map(|((channels, samples), input)| Fault {
        key: "model.input_channels",
        message: format!("model.input_channels is {input}, but {samples} have {channels}"),
        suggestion: Some(channels.to_string()),
    });
    let are_images = facts.data_type == Some(DataType::Spectrogram);
    let augmented = facts.augmented_by.filter(|_| are_images).map(fault_on_images);
    backbone.into_iter().chain(channels).chain(augmented).collect()
}

/// Checks the model's sizes against each other.
fn check_sizes(fields: &mut Fields<'_>) {
    let Some(backbone) = fields.choice::<Backbone>("model.backbone") else { return };
    if !backbone.facts().is_published {
        let mut keys = Vec::new();
        ModelConfig::list(&mut keys);
        keys.iter().filter(|doc| doc.path == "model.input_channels").for_each(|doc| fields.must_have(doc));
    }
    let size = |path: &str, default: usize| fields.count(path).unwrap_or(default);
    let default = ModelConfig::new(backbone);
    let sizes = Sizes {
        input_channels: size("model.input_channels", 1),
        embedding_dim: size("model.embedding_dim", default.embedding_dim),
        depth: size("model.depth", default.depth),
    };
    (backbone.facts().check)(fields, &sizes);
}

/// Checks that a strategy has the steps it needs, and gives the strategy if it is written.
fn check_cadence(fields: &mut Fields<'_>, what: &str) -> Option<Strategy> {
    let (strategy_path, steps_path) = (format!("training.{what}_strategy"), format!("training.{what}_steps"));
    let strategy = fields.choice(&strategy_path);
    if strategy == Some(Strategy::Steps) && !fields.given(&steps_path) {
        let message = format!("{strategy_path} = \"steps\" needs {steps_path}, the updates from one to the next");
        fields.problem(&strategy_path, message, None);
    }
    if strategy != Some(Strategy::Steps) && fields.sound(&[&strategy_path]) && fields.given(&steps_path) {
        fields.notice(&steps_path, &format!("has no effect without {strategy_path} = \"steps\""));
    }
    strategy
}

/// Checks that what is trained on is not validated on, and neither is tested on.
fn check_splits(fields: &mut Fields<'_>, eval: Option<Strategy>) {
    let default = DatasetConfig::new(DatasetName::Named(String::new()), Vec::new());
    let split = |path: &str, default: String| fields.text(path).unwrap_or(default);
    let train = split("dataset.train_split", default.train_split);
    let val = split("dataset.val_split", default.val_split);
    let is_validated = eval != Some(Strategy::None) && fields.sound(&["dataset.val_split"]);
    if train == val && is_validated && fields.sound(&["dataset.train_split"]) {
        let path = if fields.given("dataset.val_split") { "dataset.val_split" } else { "dataset.train_split" };
        let message = DatasetError::SameSplit { split: train.clone() }.to_string();
        fields.problem(path, message, None);
    }
    let Some(test) = fields.text("dataset.test_split") else { return };
    let used = if test == train {
        "trained on"
    } else if test == val && is_validated {
        "validated on"
    } else {
        return;
    };
    let message = format!(
        "the split `{test}` is {used}: a test tells something only of samples that nothing was chosen by; name another one, \
         or none"
    );
    fields.problem("dataset.test_split", message, None);
}

fn check_early_stopping(fields: &mut Fields<'_>, eval: Option<Strategy>) {
    if fields.switch("training.early_stopping") != Some(true) {
        return;
    }
    if eval == Some(Strategy::None) {
        let message =
            "training.early_stopping needs validation runs, but training.eval_strategy is \"none\"".to_owned();
        fields.problem("training.early_stopping", message, None);
    } else if fields.given("training.checkpoint_strategy") {
        let path = "training.checkpoint_strategy";
        let same_steps = fields.count("training.checkpoint_steps") == fields.count("training.eval_steps");
        let same = fields.choice(path) == eval && (eval != Some(Strategy::Steps) || same_steps);
        if !same {
            fields
                .notice(path, "with early stopping, checkpoints are saved whenever the validation split is evaluated");
        }
    }
}
