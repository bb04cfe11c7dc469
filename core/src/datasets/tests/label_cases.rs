//! Tables as people have them: the shared cases about labels.

use std::collections::BTreeMap;

use super::{recordings::case, *};

/// The cells of a column of labels, by subject.
fn cells(plan: &Plan, column: &str) -> BTreeMap<String, String> {
    let index = plan.label_columns.iter().position(|name| name == column);
    let index = index.unwrap_or_else(|| panic!("no {column} in {:?}", plan.label_columns));
    plan.recordings
        .iter()
        .map(|recording| (recording.subject.clone(), recording.segments[0].labels[index].clone()))
        .collect()
}

fn counts(plan: &Plan, column: &str) -> BTreeMap<String, usize> {
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
