//! Keys that are accepted, but have no effect beside what the other keys of the file say, or another one than it may seem.

use super::{
    AugmentationConfig, Backbone, DataType, DatasetExtras, OptimizerName, RunConfig, SchedulerName, SpectrogramTable,
    Strategy,
    backbones::own_keys,
    checks::dataset_name,
    fields::Fields,
    keys::{KeyDoc, word},
    table::ConfigTable,
};
use crate::labels::LabelRegistry;

/// Notes all of them; `registry` has the tasks of the dataset, if it is known.
pub(super) fn note(fields: &mut Fields<'_>, registry: Option<&LabelRegistry>) {
    note_of_model(fields);
    note_of_updates(fields);
    note_of_switches(fields);
    note_of_cadences(fields);
    note_of_tasks(fields, registry);
    note_of_samples(fields);
    note_of_augmentation(fields);
    if fields.text("training.device").is_some_and(|device| word(&device) == "mps") {
        fields.notice("training.device", "\"mps\" means \"wgpu\" here, which uses Apple's GPUs through Metal");
    }
}

/// Notes those of the keys that the file has.
fn without_effect(fields: &mut Fields<'_>, paths: &[impl AsRef<str>], why: &str) {
    for path in paths.iter().map(AsRef::as_ref) {
        if !fields.given(path) || !fields.sound(&[path]) {
            continue;
        }
        fields.notice(path, &format!("has no effect {why}"));
    }
}

fn note_of_model(fields: &mut Fields<'_>) {
    let Some(backbone) = fields.choice::<Backbone>("model.backbone") else { return };
    let own = own_keys(backbone);
    let of_others = RunConfig::keys().iter().filter(|key| key.backbone.is_some() && !own.contains(&key.path));
    let mut unused: Vec<_> = of_others.map(|key| key.path).chain(backbone.facts().without_effect.to_vec()).collect();
    unused.sort_unstable();
    // Several backbones may have keys of one name.
    unused.dedup();
    without_effect(fields, &unused, &format!("on {backbone}"));
    if backbone.is_fitted() {
        let of_updates = RunConfig::keys().iter().map(|key| key.path).filter(|path| is_of_updates(path));
        without_effect(fields, &of_updates.collect::<Vec<_>>(), &format!("on {backbone}, which is fitted at once"));
    }
}

/// Whether a key says how gradients teach a network.
fn is_of_updates(path: &str) -> bool {
    let of_training = [
        "epochs",
        "max_steps",
        "gradient_accumulation_steps",
        "clip_grad_norm",
        "early_stopping",
        "early_stopping_patience",
        "swa_enabled",
        "swa_extra_ratio",
        "swa_lr_frac",
        "ema_enabled",
        "ema_decay",
        "ema_warmup",
    ];
    ["optimizer.", "scheduler.", "augmentation."].iter().any(|table| path.starts_with(table))
        || path.strip_prefix("training.").is_some_and(|key| of_training.contains(&key))
}

fn note_of_updates(fields: &mut Fields<'_>) {
    if fields.choice("optimizer.name") == Some(OptimizerName::Sgd) {
        without_effect(fields, &["optimizer.betas"], "on sgd");
    }
    if !fields.sound(&["scheduler.name"]) {
        return;
    }
    let scheduler = fields.choice("scheduler.name").unwrap_or(SchedulerName::Constant);
    let why = format!("on a {scheduler} learning rate");
    let one_cycle = scheduler == SchedulerName::OneCycle;
    if matches!(scheduler, SchedulerName::Constant | SchedulerName::OneCycle) {
        without_effect(fields, &["scheduler.kwargs.min_lr_ratio"], &why);
    }
    if scheduler != SchedulerName::Cosine {
        without_effect(fields, &["scheduler.kwargs.num_cycles"], &why);
    }
    if one_cycle {
        without_effect(fields, &["scheduler.warmup_steps"], &why);
    } else {
        let of_one_cycle = ["pct_start", "div_factor", "final_div_factor", "cycle_momentum"];
        without_effect(fields, &of_one_cycle.map(|key| format!("scheduler.kwargs.{key}")), &why);
    }
}

fn note_of_switches(fields: &mut Fields<'_>) {
    for (switch, paths) in [
        ("training.swa_enabled", &["training.swa_extra_ratio", "training.swa_lr_frac"][..]),
        ("training.ema_enabled", &["training.ema_decay", "training.ema_warmup"]),
        ("training.use_focal_loss_health", &["training.focal_alpha", "training.focal_gamma"]),
        ("training.early_stopping", &["training.early_stopping_patience"]),
        ("training.tensorboard", &["training.log_dir"]),
    ] {
        if fields.sound(&[switch]) && fields.switch(switch) != Some(true) {
            without_effect(fields, paths, &format!("without {switch} = true"));
        }
    }
    if fields.given("training.log_every_batches") {
        without_effect(fields, &["training.log_every"], "beside training.log_every_batches");
    }
}

fn note_of_cadences(fields: &mut Fields<'_>) {
    if fields.choice("training.eval_strategy") == Some(Strategy::None) {
        let paths = ["dataset.val_split", "training.monitor", "training.max_best_checkpoints"];
        without_effect(fields, &paths, "with training.eval_strategy = \"none\"");
    }
    let stops_early = fields.switch("training.early_stopping") == Some(true);
    if fields.choice("training.checkpoint_strategy") == Some(Strategy::None) && !stops_early {
        let paths = ["training.checkpoint_total_limit"];
        without_effect(fields, &paths, "with training.checkpoint_strategy = \"none\"");
    }
}

fn note_of_tasks(fields: &mut Fields<'_>, registry: Option<&LabelRegistry>) {
    let Some(tasks) = fields.texts("dataset.tasks").filter(|tasks| !tasks.is_empty()) else { return };
    if !tasks.iter().any(|task| task.value == "health") && fields.switch("training.use_focal_loss_health") == Some(true)
    {
        fields.notice("training.use_focal_loss_health", "has no effect without the task health");
    }
    for (label, path) in fields.tables_in("labels") {
        if !tasks.iter().any(|task| task.value == label) {
            fields.notice(&path, "has no effect, since dataset.tasks does not name it");
        }
    }
    let specs = tasks.iter().map(|task| registry.and_then(|registry| registry.get(&task.value)));
    let Some(specs) = specs.collect::<Option<Vec<_>>>() else { return };
    if !specs.iter().any(|spec| spec.task.is_classification()) {
        let why = "without a task that has classes";
        without_effect(fields, &["training.label_smoothing"], why);
        if fields.text("training.class_weights").is_some() {
            without_effect(fields, &["training.class_weights"], why);
        }
    }
    if specs.iter().all(|spec| spec.task.is_classification()) {
        without_effect(fields, &["training.standardize_regression"], "without a task that predicts a number");
    }
}

/// The keys of a table that have an effect at all.
fn effective_keys(list: fn(&mut Vec<KeyDoc>)) -> Vec<&'static str> {
    let mut keys = Vec::new();
    list(&mut keys);
    keys.iter().filter(|key| key.notice.is_none()).map(|key| key.path).collect()
}

fn note_of_samples(fields: &mut Fields<'_>) {
    if ["train", "val", "test"].iter().any(|split| fields.given(&format!("dataset.split.{split}"))) {
        without_effect(fields, &["dataset.split.fractions", "dataset.split.seed"], "beside lists of subjects");
    }
    let timeseries = dataset_name(fields).is_some_and(|name| name.is_timeseries());
    let stated = fields.choice("data.data_type");
    if timeseries && stated == Some(DataType::Spectrogram) {
        fields.notice("data.data_type", "the dataset's name says that its samples are time series, and that counts");
    }
    if timeseries || stated == Some(DataType::Timeseries) {
        without_effect(fields, &["data.output_type"], "on time series");
        without_effect(fields, &effective_keys(SpectrogramTable::list), "on time series");
    } else if stated == Some(DataType::Spectrogram) {
        without_effect(fields, &effective_keys(DatasetExtras::list), "on spectrograms");
        without_effect(fields, &["preprocessing.scaling"], "on spectrograms");
    }
}

fn note_of_augmentation(fields: &mut Fields<'_>) {
    let Some(augmentation) = AugmentationConfig::read(fields) else { return };
    let keys = effective_keys(AugmentationConfig::list);
    for switch in augmentation.switches().iter().filter(|switch| switch.probability <= 0.0) {
        let table = switch.key.trim_end_matches("probability");
        let others: Vec<_> = keys.iter().copied().filter(|key| key.starts_with(table) && *key != switch.key).collect();
        if fields.sound(&[switch.key]) {
            without_effect(fields, &others, &format!("without {} above 0", switch.key));
        }
    }
    let with_rate: Vec<_> =
        augmentation.switches().iter().filter(|switch| switch.needs_rate).map(|switch| switch.key).collect();
    if augmentation.first_on_with_rate().is_none() && fields.sound(&with_rate) {
        without_effect(fields, &["augmentation.sfreq"], "without augmentation of frequencies");
    }
}
