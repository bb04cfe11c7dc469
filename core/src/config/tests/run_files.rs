//! What right run files mean.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use serde_json::json;

use super::{MINIMAL, parse};
use crate::{
    config::{
        Backbone, Cadence, DEFAULT_SETTINGS, DataType, DatasetName, DeviceChoice, FocalConfig, OptimizerName, Pooling,
        RunConfig, SchedulerName, Settings, SwaConfig, TAB_CHECKPOINT_MINUTES,
    },
    labels::{MetadataRow, Target},
    signal::OutputType,
};

/// A run file with every table, laid out as existing ones are.
const COMPLETE: &str = r#"
[settings]
config = "~/eeg/config/default.toml"
trainer = "classification"

[data]
output_type = "db-polar"
data_type = "spectrogram"

[dataset]
name = "/mnt/eeg/meta_log_n2048_fs125"
train_split = "train"
val_split = "validation"
tasks = "gender, health,age, diagnosis"
batch_size = 48
num_workers = 3
pin_memory = false
shuffle = false

[dataset.extras]
n_eeg_channels = 20
sequence_length = 2048

[model]
backbone = "transformer"
input_channels = 3
embedding_dim = 384
dropout = 0
depth = 2
layer_repeats = 3

[model.extras]
input_dim = 768
seq_length = 256
hidden_dim = 96
num_heads = 6
pooling = "cls"

[optimizer]
name = "AdamW"
learning_rate = 2e-4
weight_decay = 0.009
betas = [0.9, 0.995]

[scheduler]
name = "cosine"
warmup_steps = 100

[scheduler.kwargs]
min_lr_ratio = 0.03

[training]
epochs = 10
max_steps = -1
clip_grad_norm = 0
device = "cuda:1"
log_every = 5
tensorboard = true
eval_strategy = "steps"
eval_steps = 100
checkpoint_strategy = "epoch"
checkpoint_total_limit = 3
early_stopping = true
compile_model = true
compile_mode = "default"
swa_enabled = true
swa_extra_ratio = 0.5
use_focal_loss_health = true
focal_gamma = 3
label_smoothing = 0.1
wandb_project = "eeg"
run_name = ""
seed = 1234

[training.task_weights]
gender = 2
age = 0.05

[labels.diagnosis]
classes = ["control", { name = "depressed", values = ["MDD", 2] }]
"#;

#[test]
fn a_complete_file_is_read() {
    let (run, notices) = RunConfig::parse(COMPLETE, "run.toml").unwrap();
    assert_eq!(run.settings.config.as_deref(), Some("~/eeg/config/default.toml"));
    assert_eq!((run.data.output_type, run.data.data_type), (Some(OutputType::DbPolar), Some(DataType::Spectrogram)));
    assert_eq!(run.dataset.name, DatasetName::Path("/mnt/eeg/meta_log_n2048_fs125".to_owned()));
    assert_eq!(run.dataset.tasks, ["gender", "health", "age", "diagnosis"]);
    assert_eq!((run.dataset.train_split.as_str(), run.dataset.val_split.as_str()), ("train", "validation"));
    assert_eq!((run.dataset.batch_size, run.dataset.shuffle), (48, false));
    assert_eq!((run.dataset.extras.n_eeg_channels, run.dataset.extras.sequence_length), (Some(20), Some(2048)));
    assert_eq!(
        (run.model.backbone, run.model.input_channels, run.model.dropout),
        (Backbone::Transformer, Some(3), 0.0)
    );
    assert_eq!((run.model.extras.transformer.hidden_dim, run.model.extras.transformer.pooling), (96, Pooling::Cls));
    assert_eq!((run.optimizer.name, run.optimizer.betas), (OptimizerName::AdamW, [0.9, 0.995]));
    assert_eq!((run.scheduler.name, run.scheduler.min_lr_ratio), (SchedulerName::Cosine, 0.03));
    let training = &run.training;
    assert_eq!((training.epochs, training.max_steps, training.clip_grad_norm), (10, None, None));
    assert_eq!((training.device, training.log_every_batches), (DeviceChoice::Cuda(Some(1)), 5));
    assert_eq!((training.eval, training.checkpoint), (Cadence::Steps(100), Cadence::Steps(100)));
    assert_eq!(training.swa, Some(SwaConfig { extra_ratio: 0.5, lr_frac: 0.25 }));
    assert_eq!(training.focal_health, Some(FocalConfig { alpha: 0.25, gamma: 3.0 }));
    assert_eq!((training.seed, training.run_name.as_ref()), (Some(1234), None));
    let weights = [("age", 0.05), ("diagnosis", 1.0), ("gender", 2.0), ("health", 1.0)];
    assert_eq!(training.task_weights, BTreeMap::from(weights.map(|(task, weight)| (task.to_owned(), weight))));

    let noticed: Vec<_> = notices.iter().map(|notice| (notice.line, notice.key.as_str())).collect();
    let expected = [
        (16, "dataset.num_workers"),
        (17, "dataset.pin_memory"),
        (21, "dataset.extras.n_eeg_channels"),
        (22, "dataset.extras.sequence_length"),
        (29, "model.depth"),
        (30, "model.layer_repeats"),
        (61, "training.checkpoint_strategy"),
        (64, "training.compile_model"),
        (65, "training.compile_mode"),
        (71, "training.wandb_project"),
    ];
    assert_eq!(noticed, expected);
}

#[test]
fn own_labels_are_read_from_their_columns() {
    let (run, _) = RunConfig::parse(COMPLETE, "run.toml").unwrap();
    let resolved = run.resolve(&Settings::default()).unwrap();
    assert_eq!((resolved.data_type, resolved.output_type), (DataType::Spectrogram, OutputType::DbPolar));
    let names: Vec<_> = resolved.labels.iter().map(|label| label.task.name.as_str()).collect();
    assert_eq!(names, ["gender", "health", "age", "diagnosis"]);
    let headers = ["Diagnosis".to_owned()];
    for (cell, class) in [("Control", 0), ("mdd", 1), ("2", 1), ("2.0", 1), ("DEPRESSED", 1)] {
        let cells = [cell.to_owned()];
        let row = MetadataRow::new(&headers, &cells, "train-metadata.csv", 2);
        assert_eq!(resolved.labels[3].encode(&row), Ok(Target::Class(class)), "{cell}");
    }
}

#[test]
fn without_weights_tasks_share_equally() {
    let weights = parse(MINIMAL).training.task_weights;
    assert_eq!(weights, BTreeMap::from([("gender".to_owned(), 0.5), ("health".to_owned(), 0.5)]));
}

#[test]
fn one_backbone_has_two_names() {
    assert_eq!(parse(&MINIMAL.replace("cnn_light", "cnn_1d_light")).model.backbone, Backbone::Cnn1d);
}

#[test]
fn a_name_that_says_time_series_counts_more_than_the_settings() {
    let text = MINIMAL.replace("\"parkinsons\"", "\"parkinsons_timeseries\"").replace("cnn_light", "cnn_1d");
    let resolved = parse(&text).resolve(&Settings::default()).unwrap();
    assert_eq!(resolved.data_type, DataType::Timeseries);
    let (_, notices) = RunConfig::parse(&format!("{text}[data]\ndata_type = \"spectrogram\"\n"), "run.toml").unwrap();
    assert_eq!(notices[0].key, "data.data_type");
}

#[test]
fn a_dataset_of_the_settings_or_a_folder_need_not_be_known() {
    let text = MINIMAL.replace("\"parkinsons\"", "\"ours\"");
    let (settings, _) = Settings::parse("[datasets.ours]\nmin_db = -120\n", "settings.toml").unwrap();
    assert!(parse(&text).resolve(&settings).is_ok());

    let mut run = parse(&text);
    assert!(run.resolve(&Settings::default()).is_err());
    run.dataset.name = run.dataset.name.or_existing_folder(|name| name == "ours");
    assert_eq!(run.dataset.name, DatasetName::Path("ours".to_owned()));
    assert!(run.resolve(&Settings::default()).is_ok());
}

#[test]
fn a_run_written_out_reads_back_the_same() {
    for text in [MINIMAL, COMPLETE] {
        let mut run = parse(text);
        let json = run.to_json();
        let written = serde_json::to_string(&json).unwrap();
        let back = RunConfig::from_json(&serde_json::from_str(&written).unwrap(), "config_resolved.json").unwrap();
        assert_eq!(back.to_json(), json);
        // The settings file that a run without one looks for is filled in as well.
        run.settings.config = run.settings.config.or_else(|| Some(DEFAULT_SETTINGS.to_owned()));
        assert_eq!(back, run);
    }
}

#[test]
fn a_run_that_is_kept_says_its_version_and_one_of_a_newer_version_is_refused() {
    let run = parse(MINIMAL);
    let mut kept = run.to_kept_json();
    let read = |kept: &serde_json::Value| RunConfig::from_json(kept.as_object().unwrap(), "config_resolved.json");
    assert_eq!(kept["schema_version"], 1);
    assert_eq!(read(&kept).unwrap().to_json(), run.to_json());
    kept["schema_version"] = json!(2);
    let error = read(&kept).unwrap_err().to_string();
    assert!(error.contains("config_resolved.json:1:1: a newer version of this program wrote it"), "{error}");
}

#[test]
fn a_run_written_out_has_every_default() {
    let json = parse(MINIMAL).to_json();
    for (pointer, expected) in [
        ("/settings/config", json!("config/default.toml")),
        ("/dataset/batch_size", json!(32)),
        ("/model/embedding_dim", json!(256)),
        ("/model/dropout", json!(0.3)),
        ("/model/activation", json!("gelu")),
        ("/model/extras/ff_dim", json!(512)),
        ("/optimizer/learning_rate", json!(3e-4)),
        ("/optimizer/betas", json!([0.9, 0.999])),
        ("/scheduler/kwargs/num_cycles", json!(0.5)),
        ("/training/epochs", json!(25)),
        ("/training/max_steps", json!(-1)),
        ("/training/clip_grad_norm", json!(1.0)),
        ("/training/device", json!("auto")),
        ("/training/eval_strategy", json!("epoch")),
        ("/training/swa_extra_ratio", json!(0.34)),
        ("/training/focal_alpha", json!(0.25)),
        ("/training/task_weights/gender", json!(0.5)),
        ("/training/seed", json!(null)),
    ] {
        assert_eq!(json.pointer(pointer), Some(&expected), "{pointer}");
    }
}

#[test]
fn a_notice_says_what_a_key_means_here() {
    let extras = "[training]\nuse_amp = true\neval_steps = 3\ndevice = \"mps\"\n[model.extras]\nlayout = \"wide\"\n";
    let (run, notices) = RunConfig::parse(&format!("{MINIMAL}{extras}"), "run.toml").unwrap();
    assert_eq!(run.training.device, DeviceChoice::Wgpu(None));
    let mut shown: Vec<_> = notices.iter().map(ToString::to_string).collect();
    shown.sort();
    assert_eq!(
        shown,
        [
            "10:14: training.eval_steps: has no effect without training.eval_strategy = \"steps\"",
            "11:10: training.device: \"mps\" means \"wgpu\" here, which uses Apple's GPUs through Metal",
            "13:1: model.extras.layout: not used here",
            "9:1: training.use_amp: training always computes in 32-bit floats",
        ]
    );
}

#[test]
fn the_projects_own_files_load_without_notices() {
    let configs = Path::new("../configs");
    let read = |path: &Path| fs::read_to_string(path).unwrap();
    let (settings, notices) = Settings::parse(&read(&configs.join("default.toml")), "default.toml").unwrap();
    assert_eq!(notices, []);
    let mut found = 0;
    for entry in fs::read_dir(configs.join("classification")).unwrap() {
        let path = entry.unwrap().path();
        let (run, notices) = match RunConfig::parse(&read(&path), &path.display().to_string()) {
            Ok(read) => read,
            Err(error) => panic!("{error}"),
        };
        assert_eq!(notices, [], "{}", path.display());
        assert!(run.training.seed.is_some(), "{}", path.display());
        if let Err(error) = run.resolve(&settings) {
            panic!("{error}");
        }
        found += 1;
    }
    assert!(found >= 6);
}

#[test]
fn a_front_end_has_its_own_time_between_checkpoints_until_the_file_says_one() {
    let interval = |inside: &str, default: Option<f64>| {
        parse(&format!("{MINIMAL}[training]\n{inside}\n")).training.checkpoint_interval(default)
    };
    assert_eq!(interval("", Some(TAB_CHECKPOINT_MINUTES)), Some(Duration::from_secs(120)));
    assert_eq!(interval("", None), None);
    assert_eq!(interval("checkpoint_minutes = 0.5", None), Some(Duration::from_secs(30)));
    assert_eq!(interval("checkpoint_minutes = 0", Some(TAB_CHECKPOINT_MINUTES)), None);
    assert_eq!(interval("checkpoint_minutes = 1e300", None), None);
}

#[test]
fn a_run_that_is_never_validated_needs_no_split_for_it() {
    let run = |inside: &str| parse(&format!("{MINIMAL}[training]\n{inside}\n"));
    assert_eq!(run("eval_strategy = \"none\"").validation_split(), None);
    assert_eq!(run("eval_strategy = \"epoch\"").validation_split(), Some("val"));
    assert_eq!(run("eval_strategy = \"steps\"\neval_steps = 5").validation_split(), Some("val"));
}

#[test]
fn who_is_listed_for_the_test_is_tested_on() {
    let parse = |text: &str| RunConfig::parse(text, "run.toml").unwrap().0;
    let dataset = |lines: &str| {
        parse(&format!(
            "[dataset]\nname = \"math\"\ntasks = [\"gender\"]\n{lines}\n[model]\nbackbone = \"shallow_fbcsp_net\"\n"
        ))
    };
    assert_eq!(dataset("").test_split(), None);
    assert_eq!(dataset("test_split = \"held out\"").test_split(), Some("held out"));
    assert_eq!(dataset("split = { test = [\"09\"] }").test_split(), Some("test"));
    assert_eq!(dataset("val_split = \"test\"\nsplit = { test = [\"09\"] }").test_split(), None, "it chooses the best");
    assert_eq!(dataset("split = { test = [] }").test_split(), None);
}
