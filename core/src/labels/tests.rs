//! Tests of the registries.

use super::{ClassValues, LabelError, LabelRegistry, LabelSpec, MetadataRow, Target, TaskSpec};
use crate::datasets::{dataset_names, labels_of};

/// Encodes a task of a dataset from a row with these columns and cells.
fn encode(dataset: &str, task: &str, cells: &[(&str, &str)]) -> Result<Target, LabelError> {
    let registry = labels_of(dataset).expect("a known dataset");
    encode_with(registry.get(task).expect("a known task"), cells)
}

fn encode_with(spec: &LabelSpec, cells: &[(&str, &str)]) -> Result<Target, LabelError> {
    let (headers, cells): (Vec<_>, Vec<_>) = cells.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).unzip();
    spec.encode(&MetadataRow::new(&headers, &cells, "train-metadata.csv", 7))
}

#[track_caller]
fn classes(dataset: &str, task: &str, column: &str, expected: &[(&str, usize)]) {
    for (cell, class) in expected {
        assert_eq!(encode(dataset, task, &[(column, cell)]), Ok(Target::Class(*class)), "{cell}");
    }
}

#[track_caller]
fn error(result: Result<Target, LabelError>) -> String {
    result.expect_err("no target can be read").to_string()
}

#[test]
fn gender_is_read_from_known_words_and_never_guessed() {
    let cells = [("F", 1), (" female ", 1), ("w", 1), ("M", 0), ("Man", 0)];
    classes("meta", "gender", "gender", &cells);
    classes("meta", "gender", "GENDER", &[("f", 1)]);
    // What a number stands for differs from study to study.
    for cell in ["", "x", "n/a", "0", "1", "1.0", "2", "True", "false", "other"] {
        let message = error(encode("meta", "gender", &[("gender", cell)]));
        assert!(message.contains("male (m, man), female (f, w, woman)"), "{message}");
    }
    assert_eq!(
        error(encode("meta", "gender", &[("sex", "F"), ("age", "3")])),
        "train-metadata.csv, line 7: task gender: the table needs a column `gender`; it has `sex`, `age`"
    );
}

#[test]
fn nobody_is_healthy_for_want_of_a_cell_or_a_column() {
    let cells = [("PD", 1), ("parkinsons", 1), ("H", 0), ("Control", 0)];
    classes("parkinsons", "health", "health", &cells);
    for cell in ["", "n/a", "AD", "0", "1", "true", "FALSE"] {
        let message = error(encode("parkinsons", "health", &[("health", cell)]));
        assert!(message.contains("train-metadata.csv, line 7: task health: column `health`"), "{message}");
    }
    assert_eq!(
        error(encode("parkinsons", "health", &[("age", "3")])),
        "train-metadata.csv, line 7: task health: the table needs a column `health`; it has `age`"
    );
    for dataset in ["math", "longitudinal"] {
        classes(dataset, "health", "health", &[("PD", 0)]);
    }
}

#[test]
fn age_is_a_number_of_at_least_zero() {
    for (cell, age) in [("62", 62.0), (" 0 ", 0.0), ("71.5", 71.5), ("89+", 89.0), ("90+", 90.0), ("31,5", 31.5)] {
        assert_eq!(encode("meta", "age", &[("AGE", cell)]), Ok(Target::Value(age)));
    }
    let place = "train-metadata.csv, line 7: task age:";
    assert_eq!(
        error(encode("meta", "age", &[("age", "")])),
        format!("{place} column `age` has no value; expected a number of at least 0")
    );
    for cell in ["-1", "old", "1,234", "inf", "1e99", "+", "89++"] {
        assert_eq!(
            error(encode("meta", "age", &[("age", cell)])),
            format!("{place} column `age` must hold a number of at least 0, not `{cell}`")
        );
    }
    assert_eq!(error(encode("meta", "age", &[])), format!("{place} the table needs a column `age`; it has none"));
}

#[test]
fn activities_and_acquisitions_are_read_as_words_or_numbers() {
    classes("math", "math_activity", "doingmath", &[("1", 1), ("True", 1), ("yes", 1), ("0", 0), ("False", 0)]);
    classes("longitudinal", "acquisition", "acquisition", &[("pre", 0), ("Post", 1), ("0", 0), ("1", 1)]);
    classes("longitudinal", "handedness", "handedness", &[("right", 0), ("LEFT", 1), ("l", 1), ("0", 0)]);
    assert_eq!(
        error(encode("longitudinal", "acquisition", &[("acquisition", "during")])),
        "train-metadata.csv, line 7: task acquisition: column `acquisition` must hold one of pre (false, 0), post \
         (true, 1), not `during`"
    );
}

#[test]
fn emotions_are_read_by_id_or_by_name() {
    classes("seed", "emotion", "emotion_id", &[("0", 0), ("4", 4), ("4.0", 4), ("sad", 2)]);
    classes("seed", "emotion", "emotion", &[("Disgust", 0), ("neutral", 3), ("3", 3)]);
    assert_eq!(encode("seed", "emotion", &[("emotion", "happy"), ("emotion_id", "1")]), Ok(Target::Class(1)));
    assert_eq!(
        error(encode("seed", "emotion", &[("emotion_id", "5")])),
        "train-metadata.csv, line 7: task emotion: column `emotion_id` must hold one of disgust (0), fear (1), sad \
         (2), neutral (3), happy (4), not `5`"
    );
    assert_eq!(
        error(encode("seed", "emotion", &[("trial", "5")])),
        "train-metadata.csv, line 7: task emotion: the table needs a column `emotion_id` or `emotion`; it has `trial`"
    );
}

#[test]
fn conditions_come_from_their_parts_or_from_their_own_column() {
    for (doing_math, gender, class) in [("0", "M", 0), ("0", "F", 1), ("1", "M", 2), ("1", "F", 3)] {
        let cells = [("doingmath", doing_math), ("gender", gender), ("math_condition", "9")];
        assert_eq!(encode("math", "math_condition", &cells), Ok(Target::Class(class)));
        let cells = [("health", if class > 1 { "PD" } else { "H" }), ("gender", gender)];
        assert_eq!(encode("parkinsons", "parkinsons_condition", &cells), Ok(Target::Class(class)));
    }
    assert_eq!(encode("seed", "seed_condition", &[("emotion_id", "4"), ("gender", "F")]), Ok(Target::Class(9)));
    for cell in ["parkinsons_female", "3", "3.0"] {
        let cells = [("gender", "M"), ("parkinsons_condition", cell)];
        assert_eq!(encode("parkinsons", "parkinsons_condition", &cells), Ok(Target::Class(3)));
    }
    assert_eq!(
        error(encode("math", "math_condition", &[("math_condition", "4")])),
        "train-metadata.csv, line 7: task math_condition: column `math_condition` must hold one of bkgnd_male, \
         bkgnd_female, math_male, math_female or 0 to 3, not `4`"
    );
    assert_eq!(
        error(encode("math", "math_condition", &[("gender", "F")])),
        "train-metadata.csv, line 7: task math_condition: the table needs a column `doingmath`; it has `gender`"
    );
}

#[test]
fn classes_have_their_names() {
    let registry = labels_of("seed").unwrap();
    let condition = registry.get("seed_condition").unwrap();
    assert_eq!((condition.decode(0), condition.decode(9)), (Some("disgust_male"), Some("happy_female")));
    assert_eq!((condition.decode(10), registry.get("age").unwrap().decode(0)), (None, None));
    assert_eq!(LabelRegistry::folder().get("health").unwrap().decode(1), Some("parkinsons"));
}

#[test]
fn own_labels_join_or_replace_those_of_the_dataset() {
    let class = |name: &str, values: &[&str]| ClassValues {
        name: name.to_owned(),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    };
    let health = LabelSpec::classes("health", "group", vec![class("well", &["c"]), class("ill", &["p"])], "");
    let score = LabelSpec::number("score", "BDI", None, Some("points".to_owned()), "");
    let registry = LabelRegistry::folder().with_custom([health, score]);
    assert_eq!(registry.names().collect::<Vec<_>>(), ["gender", "health", "age", "score"]);
    let cells = [("Group", "P"), ("bdi", "-3")];
    assert_eq!(encode_with(registry.get("health").unwrap(), &cells), Ok(Target::Class(1)));
    assert_eq!(encode_with(registry.get("score").unwrap(), &cells), Ok(Target::Value(-3.0)));
    assert_eq!(
        error(encode_with(registry.get("score").unwrap(), &[("bdi", "much")])),
        "train-metadata.csv, line 7: task score: column `BDI` must hold a number, not `much`"
    );
}

#[test]
fn a_short_line_has_empty_cells_at_its_end() {
    let headers = ["a".to_owned(), "A".to_owned(), "b".to_owned()];
    let values = ["1".to_owned(), "2".to_owned()];
    let row = MetadataRow::new(&headers, &values, "x.csv", 2);
    assert_eq!((row.get("a"), row.get("A"), row.get("b"), row.get("c")), (Some("1"), Some("2"), Some(""), None));
}

#[test]
fn specs_survive_json() {
    for name in dataset_names() {
        let registry = labels_of(name).unwrap();
        for spec in registry.names().filter_map(|task| registry.get(task)) {
            let json = serde_json::to_string(spec).unwrap();
            assert_eq!(&serde_json::from_str::<LabelSpec>(&json).unwrap(), spec);
        }
    }
    let task: TaskSpec = serde_json::from_str(r#"{"name":"age","kind":"regression","description":""}"#).unwrap();
    assert_eq!((task.outputs(), task.class_names().len()), (1, 0));
}
