//! Keys that nothing comes of.

use super::MINIMAL;
use crate::config::RunConfig;

/// The notices of the minimal file with more lines at its end, without their places.
fn notices(lines: &str) -> Vec<String> {
    let (_, notices) = RunConfig::parse(&format!("{MINIMAL}{lines}\n"), "run.toml").unwrap();
    notices.into_iter().map(|notice| format!("{}: {}", notice.key, notice.message)).collect()
}

#[test]
fn a_key_that_nothing_comes_of_is_told() {
    for (lines, told) in [
        ("[model.extras]\nhidden_dim = 64", "model.extras.hidden_dim: has no effect on cnn_light"),
        ("[optimizer]\nname = \"sgd\"\nbetas = [0.8, 0.9]", "optimizer.betas: has no effect on sgd"),
        (
            "[scheduler.kwargs]\nmin_lr_ratio = 0.1",
            "scheduler.kwargs.min_lr_ratio: has no effect on a constant learning rate",
        ),
        (
            "[scheduler]\nname = \"linear\"\nkwargs = { num_cycles = 2 }",
            "scheduler.kwargs.num_cycles: has no effect on a linear learning rate",
        ),
        ("[training]\nswa_lr_frac = 0.1", "training.swa_lr_frac: has no effect without training.swa_enabled = true"),
        ("[training]\nema_decay = 0.9", "training.ema_decay: has no effect without training.ema_enabled = true"),
        (
            "[training]\nfocal_gamma = 1",
            "training.focal_gamma: has no effect without training.use_focal_loss_health = true",
        ),
        (
            "[training]\nearly_stopping_patience = 3",
            "training.early_stopping_patience: has no effect without training.early_stopping = true",
        ),
        ("[training]\nlog_dir = \"tb\"", "training.log_dir: has no effect without training.tensorboard = true"),
        (
            "[training]\nlog_every = 1\nlog_every_batches = 2",
            "training.log_every: has no effect beside training.log_every_batches",
        ),
        (
            "[training]\nmonitor = \"f1\"\neval_strategy = \"none\"",
            "training.monitor: has no effect with training.eval_strategy = \"none\"",
        ),
        (
            "[training]\ncheckpoint_total_limit = 2\ncheckpoint_strategy = \"none\"",
            "training.checkpoint_total_limit: has no effect with training.checkpoint_strategy = \"none\"",
        ),
        (
            "[training]\nstandardize_regression = true",
            "training.standardize_regression: has no effect without a task that predicts a number",
        ),
        (
            "[data]\ndata_type = \"spectrogram\"\n[dataset.extras]\nsequence_length = 9",
            "dataset.extras.sequence_length: has no effect on spectrograms",
        ),
        (
            "[augmentation.gaussian_noise]\nstd = 0.2",
            "augmentation.gaussian_noise.std: has no effect without augmentation.gaussian_noise.probability above 0",
        ),
        (
            "[augmentation]\nsfreq = 100\nsign_flip = { probability = 0.5 }",
            "augmentation.sfreq: has no effect without augmentation of frequencies",
        ),
    ] {
        assert_eq!(notices(lines), [told], "{lines}");
    }
}

#[test]
fn a_label_that_no_task_is_called_by_is_told() {
    let label = |name: &str| format!("[labels.{name}]\nclasses = [\"a\", \"b\"]");
    assert_eq!(notices(&label("zzz")), ["labels.zzz: has no effect, since dataset.tasks does not name it"]);
    assert_eq!(notices(&label("gender")), [""; 0]);
}

#[test]
fn what_only_classes_or_only_numbers_have_is_told_where_no_task_has_it() {
    let text = MINIMAL.replace("[\"gender\", \"health\"]", "[\"age\"]");
    let lines = "[training]\nlabel_smoothing = 0.1\nclass_weights = \"balanced\"\nstandardize_regression = true\n";
    let (_, notices) = RunConfig::parse(&format!("{text}{lines}"), "run.toml").unwrap();
    let told: Vec<_> = notices.iter().map(|notice| notice.key.as_str()).collect();
    assert_eq!(told, ["training.label_smoothing", "training.class_weights"]);
}
