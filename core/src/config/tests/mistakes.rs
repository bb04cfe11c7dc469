//! Every kind of mistake is found at its place, and all of them at once.

use super::{MINIMAL, mistakes, parse};
use crate::{
    config::{Backbone, RunConfig, Settings},
    datasets::DatasetError,
};

/// Checks that `text` has exactly one problem, with this message, and that it points at `at`.
#[track_caller]
pub(super) fn one_problem(text: &str, at: &str, message: &str) {
    let error = mistakes(text);
    assert_eq!(error.problems.len(), 1, "{error}");
    let problem = &error.problems[0];
    assert_eq!(&text[problem.span.clone()], at, "{error}");
    let mut line_start = 0;
    for _ in 1..problem.line {
        line_start += text[line_start..].find('\n').expect("the line exists") + 1;
    }
    assert_eq!(text[line_start..problem.span.start].chars().count() + 1, problem.column);
    let suggestion = problem.suggestion.iter().map(|suggestion| format!(" (did you mean `{suggestion}`?)"));
    assert_eq!(format!("{}{}", problem.message, suggestion.collect::<String>()), message);
}

/// The minimal file with more lines at its end.
pub(super) fn with(lines: &str) -> String {
    format!("{MINIMAL}{lines}\n")
}

/// The minimal file with other tasks.
fn with_tasks(tasks: &str) -> String {
    MINIMAL.replace(r#"["gender", "health"]"#, tasks)
}

#[test]
fn five_mistakes_are_five_problems_with_their_places() {
    let text = r#"[dataset]
name = "parkinsons"
tasks = ["gender", "helth"]
batch_size = 0

[model]
backbone = "cnn-light"
input_channels = 1

[optimiser]
learning_rate = 1e-3

[training]
epochs = 32.0
"#;
    let backbones = Backbone::NAMES.join("\", \"");
    let expected = format!(
        "run.toml:3:20: dataset parkinsons has no task helth: it has gender, health, parkinsons_condition, age; a \
         table [labels.helth] would add it (did you mean `health`?)\n\
         run.toml:4:14: dataset.batch_size must be a whole number from 1 to 65536, not 0\n\
         run.toml:7:12: model.backbone must be one of \"{backbones}\", not \"cnn-light\" (did you mean `cnn_light`?)\n\
         run.toml:10:2: unknown key optimiser (did you mean `optimizer`?)\n\
         run.toml:14:10: training.epochs must be a whole number from 1 to 1000000, not 32.0 (did you mean `32`?)"
    );
    assert_eq!(mistakes(text).to_string(), expected);
}

#[test]
fn columns_count_characters() {
    let text = MINIMAL.replace(
        r#"name = "parkinsons""#,
        r#""ключ" = 1
name = "parkinsons""#,
    );
    let error = mistakes(&text.replace("\"ключ\" = 1\n", "train_split = \"é\"; x = 1\n"));
    assert_eq!((error.problems[0].line, error.problems[0].column), (2, 18), "{error}");
    one_problem(&text, "\"ключ\"", "unknown key dataset.ключ");
    one_problem(&text.replace('\n', "\r\n"), "\"ключ\"", "unknown key dataset.ключ");
}

#[test]
fn text_that_is_not_toml_has_a_place() {
    for (text, line, column) in [("[dataset\n", 1, 9), ("a = 1\nb = = 2\n", 2, 5), ("a = 1\na = 2\n", 2, 1)] {
        let error = mistakes(text);
        assert_eq!((error.problems[0].line, error.problems[0].column), (line, column), "{error}");
        assert!(error.problems[0].message.starts_with("this is not TOML: "), "{error}");
    }
}

#[test]
fn unknown_keys_are_named_with_the_nearest_known() {
    one_problem(&with("dropuot = 0.1"), "dropuot", "unknown key model.dropuot (did you mean `dropout`?)");
    one_problem(&with("epochs = 3"), "epochs", "unknown key model.epochs; epochs belongs in [training]");
    one_problem(&with("colour = 3"), "colour", "unknown key model.colour");
    one_problem(
        &with("[training]\npatience = 3"),
        "patience",
        "unknown key training.patience (did you mean `early_stopping_patience`?)",
    );
    one_problem(
        &with("[model.extras]\nhidden_dims = 3"),
        "hidden_dims",
        "unknown key model.extras.hidden_dims (did you mean `hidden_dim`?)",
    );
}

#[test]
fn what_is_misspelt_is_not_missing_as_well() {
    one_problem(
        &MINIMAL.replace("backbone", "backbon"),
        "backbon",
        "unknown key model.backbon (did you mean `backbone`?)",
    );
    one_problem(&MINIMAL.replace("[model]", "[modle]"), "modle", "unknown key modle (did you mean `model`?)");
}

#[test]
fn values_of_the_wrong_kind_are_answered_with_the_right_one() {
    let cases = [
        ("embedding_dim = 32.5", "32.5", "embedding_dim must be a whole number from 1 to 65536, not 32.5"),
        ("depth = \"3\"", "\"3\"", "depth must be a whole number from 1 to 12, not \"3\" (did you mean `3`?)"),
        ("depth = [3]", "[3]", "depth must be a whole number from 1 to 12, not a list"),
        ("depth = 1979-05-27", "1979-05-27", "depth must be a whole number from 1 to 12, not a date or time"),
        ("dropout = 1.0", "1.0", "dropout must be a number from 0 up to but not including 1, not 1.0"),
        ("dropout = -0.1", "-0.1", "dropout must be a number from 0 up to but not including 1, not -0.1"),
        ("dropout = nan", "nan", "dropout must be a number from 0 up to but not including 1, not NaN"),
        (
            "activation = \"geluu\"",
            "\"geluu\"",
            "activation must be one of \"relu\", \"lrelu\", \"sigmoid\", \"tanh\", \"gelu\", \"prelu\", not \"geluu\" \
             (did you mean `gelu`?)",
        ),
    ];
    for (line, at, message) in cases {
        one_problem(&with(line), at, &format!("model.{message}"));
    }
    let table = "dataset must be a table, [dataset], not 3";
    one_problem("dataset = 3\n[model]\nbackbone = \"cnn_light\"\ninput_channels = 1\n", "3", table);
}

#[test]
fn impossible_numbers_are_refused() {
    let above_zero = "must be a number above 0, not";
    let at_least_1 = "must be a whole number of at least 1, not";
    let not_negative = "must be a number of at least 0, not";
    let cases = [
        ("optimizer", "learning_rate", "0", above_zero),
        ("optimizer", "learning_rate", "-1e-3", above_zero),
        ("optimizer", "learning_rate", "inf", above_zero),
        ("optimizer", "weight_decay", "-0.5", not_negative),
        ("training", "early_stopping_patience", "0", at_least_1),
        ("training", "max_best_checkpoints", "0", at_least_1),
        ("training", "eval_steps", "0", at_least_1),
        ("training", "log_every", "0", at_least_1),
        ("training", "swa_extra_ratio", "0.0", above_zero),
        ("training", "swa_lr_frac", "-1.0", above_zero),
        ("training", "focal_gamma", "-1.0", not_negative),
        ("training.task_weights", "health", "-2.0", not_negative),
        ("training", "label_smoothing", "1.0", "must be a number from 0 up to but not including 1, not"),
        ("training", "seed", "-1", "must be a whole number of at least 0, not"),
        ("training", "max_steps", "0", "must be a whole number of at least 1, or -1 for no limit, not"),
        ("scheduler.kwargs", "min_lr_ratio", "1.5", "must be a number from 0 to 1, not"),
        ("cross_validation", "folds", "1", "must be a whole number of at least 2, or \"leave_one_subject_out\", not"),
        ("cross_validation", "inner", "1", "must be a whole number of at least 2, not"),
    ];
    for (table, key, value, message) in cases {
        let shown = if value == "-1e-3" { "-0.001" } else { value };
        one_problem(&with(&format!("[{table}]\n{key} = {value}")), value, &format!("{table}.{key} {message} {shown}"));
    }
    let seeds = "cross_validation.seeds must be a list of whole numbers of at least 0, none of them twice, not a list";
    for wrong in ["[]", "[33, -1]", "[33.5]", "[33, 34, 33]", "[\"33\"]"] {
        one_problem(&with(&format!("[cross_validation]\nseeds = {wrong}")), wrong, seeds);
    }
    let pair =
        "optimizer.betas must be a list of two numbers, each a number from 0 up to but not including 1, not a list";
    for betas in ["[0.9]", "[0.9, 1.0]", "[0.9, 0.99, 0.999]", "[-0.1, 0.9]"] {
        one_problem(&with(&format!("[optimizer]\nbetas = {betas}")), betas, pair);
    }
}

#[test]
fn an_unknown_device_is_refused() {
    let expected =
        "training.device must be \"auto\", \"cpu\", \"wgpu\", \"wgpu:<number>\", \"cuda\" or \"cuda:<number>\"";
    for device in ["gpu", "cuda:x", "cpu:1", "wgpu:"] {
        let text = with(&format!("[training]\ndevice = \"{device}\""));
        one_problem(&text, &format!("\"{device}\""), &format!("{expected}, not \"{device}\""));
    }
}

#[test]
fn what_is_required_is_missed_at_its_table() {
    let error = mistakes("[training]\nepochs = 3\n");
    let keys: Vec<_> = error.problems.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(keys, ["dataset.name", "dataset.tasks", "model.backbone"]);
    assert!(error.problems.iter().all(|problem| (problem.line, problem.column) == (1, 1)));

    let text = MINIMAL.replace("input_channels = 1\n", "");
    one_problem(
        &text,
        "model",
        "model.input_channels is missing: 1 for db-only, 3 for db-iq and db-polar, EEG channels for time series; a \
         whole number from 1 to 65536",
    );
    one_problem(
        &with("name = \"x\"").replace("\"parkinsons\"", "\" \"").replace("name = \"x\"\n", ""),
        "\" \"",
        "dataset.name must not be empty",
    );
}

#[test]
fn tasks_must_be_those_of_the_dataset_and_named_once() {
    one_problem(&with_tasks("[]"), "[]", "dataset.tasks must name at least one task");
    one_problem(&with_tasks(r#"["age", "gender", "age"]"#), "\"age\"", "task age is named twice");
    one_problem(
        &with_tasks("\"gender, math_activity\""),
        "\"gender, math_activity\"",
        "dataset parkinsons has no task math_activity: it has gender, health, parkinsons_condition, age; a table \
         [labels.math_activity] would add it",
    );
    let folder = |tasks: &str| with_tasks(tasks).replace("\"parkinsons\"", "\"./parkinsons\"");
    let error = mistakes(&folder(r#"["agee"]"#)).to_string();
    assert!(error.contains("a preprocessed folder has no task agee: it has gender, health, age"), "{error}");
    // It may have been made of a dataset that has the task.
    parse(&folder(r#"["parkinsons_condition"]"#)).resolve(&Settings::default()).unwrap();
}

#[test]
fn what_is_trained_on_is_not_validated_on() {
    let why = |split: &str| DatasetError::SameSplit { split: split.to_owned() }.to_string();
    let splits = |lines: &str| MINIMAL.replace("\n\n[model]", &format!("\n{lines}\n\n[model]"));
    one_problem(&splits("val_split = \"train\""), "\"train\"", &why("train"));
    one_problem(&splits("train_split = \"val\""), "\"val\"", &why("val"));
    parse(&format!("{}[training]\neval_strategy = \"none\"\n", splits("val_split = \"train\"")));
}

#[test]
fn what_anything_was_chosen_by_is_not_tested_on() {
    let splits = |lines: &str| MINIMAL.replace("\n\n[model]", &format!("\n{lines}\n\n[model]"));
    let why = |split: &str, used: &str| {
        format!(
            "the split `{split}` is {used}: a test tells something only of samples that nothing was chosen by; name \
             another one, or none"
        )
    };
    one_problem(&splits("test_split = \"train\""), "\"train\"", &why("train", "trained on"));
    one_problem(&splits("test_split = \"val\""), "\"val\"", &why("val", "validated on"));
    parse(&format!("{}[training]\neval_strategy = \"none\"\n", splits("test_split = \"val\"")));
}

#[test]
fn task_weights_must_be_of_tasks_and_not_all_zero() {
    one_problem(
        &with("[training.task_weights]\nage = 1.0"),
        "age",
        "training.task_weights.age is the weight of a task that is not in dataset.tasks",
    );
    one_problem(
        &with("[training.task_weights]\nhelth = 1.0"),
        "helth",
        "training.task_weights.helth is the weight of a task that is not in dataset.tasks (did you mean `health`?)",
    );
    one_problem(
        &with("[training.task_weights]\ngender = 0\nhealth = 0.0"),
        "task_weights",
        "every task's weight is 0, so that nothing would be learnt",
    );
    parse(&with("[training.task_weights]\ngender = 0"));
}

#[test]
fn steps_need_their_number() {
    for what in ["eval", "checkpoint"] {
        let text = with(&format!("[training]\n{what}_strategy = \"steps\""));
        let message = format!(
            "training.{what}_strategy = \"steps\" needs training.{what}_steps, the updates from one to the next"
        );
        one_problem(&text, "\"steps\"", &message);
    }
    // A number that is wrong has been reported and is not missing as well.
    one_problem(
        &with("[training]\neval_strategy = \"steps\"\neval_steps = \"often\""),
        "\"often\"",
        "training.eval_steps must be a whole number of at least 1, not \"often\"",
    );
}

#[test]
fn early_stopping_needs_validation() {
    one_problem(
        &with("[training]\nearly_stopping = true\neval_strategy = \"none\""),
        "true",
        "training.early_stopping needs validation runs, but training.eval_strategy is \"none\"",
    );
}

#[test]
fn labels_must_say_what_they_are() {
    let label = |lines: &str| with(&format!("[labels.mood]\n{lines}"));
    one_problem(&label("column = \"m\""), "mood", "labels.mood needs classes = […], or regression = true");
    one_problem(
        &label("classes = [\"a\", \"b\"]\nregression = true"),
        "[\"a\", \"b\"]",
        "labels.mood is a regression, so that it cannot have classes",
    );
    one_problem(
        &label("classes = [\"a\"]"),
        "[\"a\"]",
        "labels.mood.classes must be a list of at least two classes, each a text or { name = \"…\", values = [\"…\"] }, \
         not a list",
    );
    one_problem(
        &label("classes = [\"a\", { name = \"b\", values = [\"A\"] }]"),
        "{ name = \"b\", values = [\"A\"] }",
        "labels.mood.classes: `A` stands for two classes",
    );
    one_problem(
        &label("classes = [\"a\", { nam = \"b\" }]"),
        "{ nam = \"b\" }",
        "labels.mood.classes: a class is a text, or { name = \"…\", values = [\"…\", …] }",
    );
    one_problem(
        &label("classes = [\"a\", \"b\"]\nunit = \"m\""),
        "\"m\"",
        "labels.mood has classes, which have no unit",
    );
    one_problem(
        &with("[labels.\"a.b\"]\nregression = true"),
        "\"a.b\"",
        "a task's name may have letters, digits, _ and - only, unlike labels.\"a.b\"",
    );
}

#[test]
fn a_run_for_another_trainer_is_refused() {
    one_problem(
        &with("[settings]\ntrainer = \"diffusion\""),
        "\"diffusion\"",
        "settings.trainer must be \"classification\", not \"diffusion\"",
    );
}

#[test]
fn a_strategy_written_as_a_table_is_explained() {
    let error = RunConfig::parse(&with("[training.eval_strategy]\nevery = 3"), "run.toml").unwrap_err();
    assert_eq!(
        error.problems[0].message,
        "training.eval_strategy must be one of \"epoch\", \"steps\", \"none\", not a table"
    );
}

#[test]
fn a_file_of_more_keys_than_any_config_has_is_one_problem() {
    let keys: String = (0..5000).map(|key| format!("key{key} = 1\n")).collect();
    let tasks = format!("[dataset]\nname = \"demo\"\ntasks = [{}]\n", "\"age\", ".repeat(5000));
    for text in [keys, tasks] {
        let error = mistakes(&text);
        assert!(error.problems[0].message.starts_with("this has more than 4096 keys and items of lists"), "{error}");
        assert!(error.problems.len() < 5, "{error}");
    }
}

#[test]
fn images_are_not_augmented() {
    one_problem(
        &with("[data]\ndata_type = \"spectrogram\"\n[augmentation]\nmixup = { probability = 0.5 }"),
        "0.5",
        "augmentation.mixup.probability is above 0, but these samples are spectrogram images: augmentation changes the \
         signal, and takes windows of it (data.data_type = \"timeseries\")",
    );
}

#[test]
fn weights_are_averaged_in_one_way() {
    one_problem(
        &with("[training]\nswa_enabled = true\nema_enabled = true"),
        "true",
        "training.ema_enabled and training.swa_enabled both average the weights: choose one",
    );
}
