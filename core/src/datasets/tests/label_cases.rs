//! Tables as people have them: the shared cases about labels.

use std::collections::BTreeMap;

use super::{recordings::case, *};
use crate::{
    config::RunConfig,
    labels::{LabelRegistry, LabelSpec, Target},
};

/// The cells of a column of labels, by subject.
fn cells(plan: &DatasetPlan, column: &str) -> BTreeMap<String, String> {
    let index = plan.label_columns.iter().position(|name| name == column);
    let index = index.unwrap_or_else(|| panic!("no {column} in {:?}", plan.label_columns));
    plan.recordings
        .iter()
        .map(|recording| (recording.subject.clone(), recording.segments[0].labels[index].clone()))
        .collect()
}

fn counts(plan: &DatasetPlan, column: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for cell in cells(plan, column).into_values() {
        *counts.entry(cell).or_insert(0) += 1;
    }
    counts
}

#[test]
fn quotes_in_a_tsv_are_no_part_of_the_ids() {
    let Some((_, plan)) = case("table-quoted") else { return };
    let plan = plan.unwrap();
    let expected = ["sub-01", "sub-02", "sub-03"].map(str::to_owned);
    assert!(cells(&plan, "age").into_iter().eq(expected.into_iter().zip(["31", "32", "33"].map(str::to_owned))));
    assert_eq!(cells(&plan, "gender").into_values().collect::<Vec<_>>(), ["F", "M", "F"]);
    assert!(plan.left_out.is_empty() && plan.without_recording.is_empty(), "{plan:?}");
}

#[test]
fn semicolons_and_decimal_commas_are_read() {
    let Some((_, plan)) = case("table-semicolon") else { return };
    assert_eq!(cells(&plan.unwrap(), "age").into_values().collect::<Vec<_>>(), ["31.5", "32", "33.25"]);
}

#[test]
fn cells_of_participants_are_read_and_missing_ones_take_out_one_row_of_one_label() {
    let Some((_, plan)) = case("participants-cells") else { return };
    let plan = plan.unwrap();
    assert_eq!(counts(&plan, "gender"), [("", 1), ("F", 5), ("M", 5)].map(|(cell, n)| (cell.to_owned(), n)).into());
    let ages = cells(&plan, "age");
    let of = |subject: &str| ages[subject].as_str();
    assert_eq!([of("sub-03"), of("sub-10"), of("sub-04")], ["89", "90", "27.5"]);
    assert_eq!([of("sub-02"), of("sub-07")], ["", ""]);
    let told = |what: &str| plan.warnings.iter().any(|warning| warning.contains(what));
    assert!(told("1 of 11 rows have no value in column `sex`, and are left out of `gender`"), "{:?}", plan.warnings);
    assert!(told("2 of 11 rows have no value in column `age`"), "{:?}", plan.warnings);
}

/// A case's samples, one window of each recording.
fn samples(name: &str) -> Option<MemoryStorage> {
    let raw = super::shared::load(&crate::test_support::shared(&format!("cases/{name}"))?);
    let output = MemoryStorage::default();
    let data_type = crate::config::DataType::Timeseries;
    let options = PreprocessOptions { data_type, window_length: 4096, overlap: 0.0, ..Recordings.default_options() };
    block_on(preprocess(&Recordings, &raw, &output, &options, &mut |_| ControlFlow::Continue(()))).unwrap();
    Some(output)
}

/// The labels of a run file's tables.
fn own(tables: &str) -> Vec<LabelSpec> {
    let text = format!(
        "[dataset]\nname = \"./x\"\ntasks = [\"gender\"]\n[model]\nbackbone = \"cnn_light\"\ninput_channels = 1\n{tables}"
    );
    RunConfig::parse(&text, "x.toml").unwrap().0.labels
}

/// Opens a split and checks that its labels can be learnt.
fn opened<'s>(
    storage: &'s MemoryStorage,
    split: &str,
    labels: &[LabelSpec],
) -> Result<FolderDataset<'s>, DatasetError> {
    let dataset = block_on(FolderDataset::open(storage, split, labels))?;
    block_on(dataset.check_labels(labels, labels))?;
    Ok(dataset)
}

#[test]
fn cells_that_are_written_differently_are_the_same_class() {
    let Some(storage) = samples("label-cells") else { return };
    let labels = own("[labels.drug]\ncolumn = \"drug\"\nclasses = [\"0\", \"1\"]\n\
                      [labels.answer]\ncolumn = \"answer\"\nclasses = [\"no\", \"yes\"]\n\
                      [labels.flag]\ncolumn = \"flag\"\nclasses = [\"False\", \"True\"]\n\
                      [labels.partly]\ncolumn = \"partly\"\nclasses = [\"A\", \"B\"]\n\
                      [labels.score]\ncolumn = \"score\"\nregression = true\n");
    let mut told = 0;
    for split in ["train", "val", "test"] {
        let dataset = block_on(FolderDataset::open(&storage, split, &labels)).unwrap();
        let of = |name: &str| labels.iter().position(|label| label.task.name == name).unwrap();
        for row in 0..dataset.len() {
            let targets = dataset.targets(row);
            assert_eq!(targets[of("drug")], targets[of("answer")]);
            assert_eq!(targets[of("drug")], targets[of("flag")]);
            assert!(targets[of("drug")].is_some() && targets[of("score")].is_some());
            told += usize::from(targets[of("partly")].is_some());
            let is_missing = dataset.row(row).get("partly") == Some("n/a");
            assert_eq!(targets[of("partly")].is_none(), is_missing);
        }
    }
    // One window of each of the twelve, six of whom say something.
    assert_eq!(told, 6);
}

#[test]
fn what_no_cell_means_is_an_error_that_shows_the_cells() {
    let Some(storage) = samples("label-cells") else { return };
    let refusal = |tables: &str| opened(&storage, "train", &own(tables)).unwrap_err().to_string();
    let message = refusal("[labels.drug]\ncolumn = \"drug\"\nclasses = [\"0\", \"1\", \"2\"]\n");
    assert!(message.starts_with("labels.drug: no cell of the column `drug` means the class `2`"), "{message}");
    for cell in ["`0` (3)", "`0.0` (3)", "`1` (3)", "`1.0` (3)"] {
        assert!(message.contains(cell), "{message}");
    }
    // The one who says `x` is in one split only; it is a class in all of them.
    let once = own("[labels.once]\ncolumn = \"once\"\nclasses = [\"x\", \"y\"]\n");
    for split in ["train", "val", "test"] {
        opened(&storage, split, &once).unwrap();
    }
    let message = refusal("[labels.drug]\ncolumn = \"drgu\"\nclasses = [\"0\", \"1\"]\n");
    assert!(message.contains("needs a column `drgu`; it has") && message.contains("`drug`"), "{message}");
}

#[test]
fn health_that_nothing_means_is_an_error_and_nobody_healthy() {
    let Some(storage) = samples("imbalance") else { return };
    let registry = LabelRegistry::folder();
    let refusal =
        |task: &str| opened(&storage, "train", &[registry.get(task).unwrap().clone()]).unwrap_err().to_string();
    let message = refusal("health");
    assert!(message.contains("the cells of the column `group` are not known to mean health: it holds"), "{message}");
    assert!(message.contains("`control`") && message.ends_with("[labels.health] of the run file"), "{message}");
    assert!(refusal("gender").contains("needs a column `gender`; it has"), "{}", refusal("gender"));
}

#[test]
fn a_label_that_nobody_has_cannot_be_learnt() {
    let window = crate::signal::encode_npy(1, 4, &[0.0; 4]).unwrap();
    let storage = MemoryStorage::with_files([
        ("train-metadata.csv", b"file_name,split,gender\na.npy,train,n/a\n".to_vec()),
        ("a.npy", window),
    ]);
    let gender = LabelRegistry::folder().get("gender").unwrap().clone();
    let message = opened(&storage, "train", &[gender]).unwrap_err().to_string();
    assert!(message.starts_with("train-metadata.csv: no row has a label of the task gender"), "{message}");
}

#[test]
fn a_number_that_may_be_a_missing_value_is_not_learnt_unless_the_run_file_says_what_it_means() {
    let window = || crate::signal::encode_npy(1, 4, &[0.0; 4]).unwrap();
    let storage = MemoryStorage::with_files([
        ("train-metadata.csv", b"file_name,split,age,score\na.npy,train,20,3\nb.npy,train,31,7.5\n".to_vec()),
        ("val-metadata.csv", b"file_name,split,age,score\nc.npy,val,999,-999.0\n".to_vec()),
        ("a.npy", window()),
        ("b.npy", window()),
        ("c.npy", window()),
    ]);
    let score = |missing: &str| own(&format!("[labels.score]\nregression = true\n{missing}\n"));
    let age = vec![LabelRegistry::folder().get("age").unwrap().clone()];
    for (labels, column, code) in [(score(""), "score", "-999"), (age, "age", "999")] {
        let error = opened(&storage, "train", &labels).unwrap_err();
        assert!(error.is_request());
        let told = format!("val-metadata.csv: the column `{column}` says `{code}`, which stands apart");
        let message = error.to_string();
        assert!(message.starts_with(&told) && message.contains(&format!("missing = [\"{code}\"]")), "{message}");
    }
    let target = |missing: &str| opened(&storage, "val", &score(missing)).unwrap().targets(0)[0];
    assert_eq!(target("missing = []"), Some(Target::Value(-999.0)));
    assert_eq!(
        block_on(FolderDataset::open(&storage, "val", &score("missing = \"-999\""))).unwrap().targets(0),
        [None]
    );
    opened(&storage, "train", &score("missing = [\"-999\"]")).unwrap();
}

#[test]
fn numbers_mean_neither_gender_nor_health() {
    let rows: String = (1..5)
        .map(|subject| format!("train/s{subject}/spectrogram-0.png,train,{},{}\n", subject % 2, subject > 2))
        .collect();
    let table = format!("file_name,split,gender,health\n{rows}");
    let storage = MemoryStorage::with_files([("metadata.csv", table.into_bytes())]);
    for (task, cells) in [("gender", "`0` (2), `1` (2)"), ("health", "`false` (2), `true` (2)")] {
        let spec = LabelRegistry::folder().get(task).unwrap().clone();
        let error = block_on(FolderDataset::open(&storage, "train", &[spec])).unwrap_err().to_string();
        assert_eq!(
            error,
            format!(
                "metadata.csv: the cells of the column `{task}` are not known to mean {task}: it holds {cells}; say what \
                 they mean in a table [labels.{task}] of the run file"
            )
        );
    }
}
