//! Tests of who a recording's path is found to speak of.

use proptest::prelude::*;

use super::*;

fn find(ids: &[&str], path: &str) -> Matched {
    let table = format!("id\n{}\n", ids.join("\n"));
    SubjectNames::new(&Table::parse(table.as_bytes(), "t.tsv").unwrap(), 0).find_all([path]).remove(0)
}

#[test]
fn a_label_of_bids_is_all_that_counts() {
    let ids = ["sub-01", "02", "rest", "3.0", "subj-004", "P-5"];
    assert_eq!(find(&ids, "sub-01/eeg/sub-01_task-rest_eeg.edf"), Matched::Row(0));
    assert_eq!(find(&ids, "SUB-02/eeg/recording.set"), Matched::Row(1));
    assert_eq!(find(&ids, "sub-2/eeg/sub-02_ses-1_task-rest_run-1.set"), Matched::Row(1));
    assert_eq!(find(&ids, "sub-03/ses-1/x.edf"), Matched::Row(3));
    assert_eq!(find(&ids, "subj-4_rest.edf"), Matched::Row(4));
    assert_eq!(find(&ids, "sub-p-5_rest.edf"), Matched::Row(5));
    let nobody = |path: &str, label: &str| assert_eq!(find(&ids, path), Matched::None(Some(label.to_owned())));
    nobody("sub-08/eeg/rest.edf", "sub-08");
    nobody("02/sub-08_run-1.edf", "sub-08");
    nobody("sub-12_run-1.edf", "sub-12");
    nobody("sub-01-2_eeg.edf", "sub-01-2");
    assert!(matches!(find(&ids, "sub-02/sub-01_eeg.edf"), Matched::Several(..)));
    assert!(matches!(find(&["1", "2"], "sub-1/sub-2_sub-1_x.edf"), Matched::Several(..)));
}

#[test]
fn else_the_file_is_named_as_its_subject_or_contains_it() {
    let ids = ["P1", "P10", "anna b", "1", "anna"];
    assert_eq!(find(&ids, "deep/p10.EDF"), Matched::Row(1));
    assert_eq!(find(&ids, "p10_rest.edf"), Matched::Row(1));
    assert_eq!(find(&ids, "P1/run.edf"), Matched::Row(0));
    assert_eq!(find(&ids, "x/anna b run 1.edf"), Matched::Row(2));
    assert_eq!(find(&ids, "01.edf"), Matched::Row(3));
    assert_eq!(find(&ids, "P100.edf"), Matched::None(None));
    assert_eq!(find(&ids, "P1-2.edf"), Matched::None(None));
    assert_eq!(find(&ids, "session-1/P10 x.edf"), Matched::Row(1));
    assert!(matches!(find(&ids, "P1/anna b run 1.edf"), Matched::Several(..)));
    assert!(matches!(find(&ids, "anna/anna b.edf"), Matched::Several(..)));
}

#[test]
fn numbers_of_runs_sessions_and_dates_name_nobody() {
    for path in ["run 1.edf", "rest_1.edf", "ses-1/rest.edf", "2020-01-05.edf", "x_1_2.edf", "task-1_run-5_eeg.edf"] {
        assert_eq!(find(&["1", "5", "2020"], path), Matched::None(None), "{path}");
    }
    assert_eq!(find(&["rest", "a"], "task-rest_eeg.edf"), Matched::None(None));
}

#[test]
fn rows_are_told_apart_by_their_sessions() {
    let table = "id\tsession_id\tage\n1\tses-1\t20\n1\tses-02\t25\n2\t1\t30\n";
    let table = Table::parse(table.as_bytes(), "t.tsv").unwrap();
    let names = SubjectNames::new(&table, 0);
    names.check_unique(&table).unwrap();
    assert_eq!(names.find("sub-01/ses-2/sub-01_ses-2_eeg.edf").0, Matched::Row(1));
    assert_eq!(names.find("sub-01/ses-01/eeg.edf").0, Matched::Row(0));
    assert_eq!(names.find("sub-02_eeg.edf").0, Matched::Row(2));
    let problem = |path: &str| names.find(path).0.problem(path, "t.tsv").message;
    assert!(problem("sub-01_ses-3_eeg.edf").starts_with("t.tsv has no row of 1 in the session ses-3"));
    assert!(problem("sub-01_eeg.edf").starts_with("t.tsv has rows of several sessions of 1"));
    assert!(problem("ses-1/sub-01_ses-2_eeg.edf").starts_with("t.tsv has rows of several sessions of 1"));
    assert!(problem("sub-02_ses-2_eeg.edf").contains("ses-2"));
}

#[test]
fn rows_of_one_subject_may_not_disagree() {
    let check = |table: &str| {
        let table = Table::parse(table.as_bytes(), "t.tsv").unwrap();
        SubjectNames::new(&table, 0).check_unique(&table)
    };
    check("id\tage\n1\t20\n01\t20\n").unwrap();
    let error = check("id\tage\nsub-1\t20\n2\t20\n01\t21\n").unwrap_err().to_string();
    assert!(error.starts_with("t.tsv, line 4: 01 has another row in line 2") && error.contains("session"), "{error}");
    assert!(check("id\tsession_id\tage\n1\tses-1\t20\n1\tses-01\t21\n").is_err());
}

proptest! {
    /// Whatever else a name says, a label is that subject or nobody.
    #[test]
    fn a_label_never_means_someone_else(
        ids in prop::collection::btree_set(0_u32..200, 1..20),
        subject in 0_u32..200,
        (session, run, zeros) in (0_u32..200, 0_u32..200, 0_usize..3),
        rest in "[a-z0-9 -]{0,12}",
    ) {
        let ids: Vec<String> = ids.into_iter().map(|id| id.to_string()).collect();
        let texts: Vec<&str> = ids.iter().map(String::as_str).collect();
        let label = format!("{}{subject}", "0".repeat(zeros));
        let path = format!("{rest}/sub-{label}/ses-{session}/sub-{label}_ses-{session}_task-{run}_run-{run}_eeg.edf");
        let expected = ids.iter().position(|id| *id == subject.to_string());
        match find(&texts, &path) {
            Matched::Row(row) => prop_assert_eq!(Some(row), expected),
            Matched::None(_) => prop_assert_eq!(expected, None),
            other => prop_assert!(rest.contains("sub"), "{other:?}"),
        }
    }

    #[test]
    fn no_path_makes_it_panic(ids in prop::collection::vec("\\PC{1,6}", 1..6), path in "\\PC{0,40}") {
        let table = format!("id\n{}\n", ids.join("\n"));
        if let Ok(table) = Table::parse(table.as_bytes(), "t.tsv") {
            SubjectNames::new(&table, 0).find_all([path.as_str()]);
        }
    }
}

#[test]
fn two_that_fit_alike_are_not_chosen_between() {
    let found = find(&["a1", "b2"], "a1 with b2.edf");
    assert_eq!(found, Matched::Several("a1".to_owned(), "b2".to_owned()));
    let problem = found.problem("a1 with b2.edf", "t.csv");
    assert!(problem.message.starts_with("the name could mean a1 or b2 of t.csv"), "{}", problem.message);
}

#[test]
fn a_folder_can_be_named_after_any_subject() {
    assert_eq!(path_name("Anna B/2", 3), "Anna-B-2");
    assert_eq!(path_name("..", 3), "subject-3");
    assert_eq!(path_name("sub-01", 3), "sub-01");
}

/// What is found in paths that are told together.
fn find_all(ids: &[&str], paths: &[&str]) -> Vec<Matched> {
    let table = format!("id\n{}\n", ids.join("\n"));
    SubjectNames::new(&Table::parse(table.as_bytes(), "t.tsv").unwrap(), 0).find_all(paths.iter().copied())
}

#[track_caller]
fn unclear(ids: &[&str], paths: &[&str]) {
    for path in paths {
        let found = find(ids, path);
        assert!(matches!(found, Matched::Unclear { .. } | Matched::Several(..)), "{path}: {found:?}");
    }
}

const NUMBERS: [&str; 12] = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"];
const LETTERS: [&str; 8] = ["A", "B", "C", "D", "E", "F", "G", "H"];
const CODES: [&str; 8] = ["S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8"];

#[test]
fn a_number_below_or_beside_another_name_may_be_a_session_a_run_or_a_date() {
    let paths = [
        "P03/1/rest.edf",
        "P03/2/rest.edf",
        "Subject05/1.edf",
        "2021/05/night.edf",
        "05/2021/night.edf",
        "2021-05/03/x.edf",
        "night_2021/05/x.edf",
        "may/03/rest.edf",
        "anna/1.edf",
        "1/anna.edf",
        "1/P03.edf",
        "site2/5.edf",
        "patients/5.edf",
        "05/2021-05-03.edf",
        "12/20210503.edf",
        "VP-07/1.edf",
        "proband_07/1.edf",
        "P03/session1/1.edf",
        "sub03/1/rest.edf",
        "1/2.edf",
        "study1/5.edf",
        "12/night 03 of P5.edf",
    ];
    unclear(&NUMBERS, &paths);
}

#[test]
fn a_number_that_nothing_else_stands_beside_is_a_subject() {
    for path in [
        "5.edf",
        "05.edf",
        "data/5.edf",
        "raw/eeg/005.set",
        "5/rest.edf",
        "5/eeg/rest_run-2.edf",
        "5/session 2/rest.edf",
        "5/ses-1/eeg/5_rest.edf",
        "5/eyes open.edf",
        "session1/5.edf",
        "day1/5.edf",
        "rest/5.edf",
        "5/5.edf",
        "5/rest_1.edf",
        "5/500hz/rest.edf",
    ] {
        assert_eq!(find(&NUMBERS, path), Matched::Row(4), "{path}");
    }
    assert_eq!(find(&["10233", "10234"], "clinic/10234.edf"), Matched::Row(1));
}

#[test]
fn a_number_beside_a_name_of_the_same_number_counts_if_all_agree() {
    let paths = ["VP01/01.edf", "VP02/02.edf", "VP03/03.edf"];
    assert_eq!(find_all(&NUMBERS, &paths), [Matched::Row(0), Matched::Row(1), Matched::Row(2)]);
    let paths = ["P01/1/rest.edf", "P01/2/rest.edf", "P02/1/rest.edf", "P02/2/rest.edf"];
    let found = find_all(&NUMBERS, &paths);
    assert!(found.iter().all(|matched| matches!(matched, Matched::Unclear { .. })), "{found:?}");
}

#[test]
fn a_letter_beside_another_name_may_be_a_session() {
    unclear(&LETTERS, &["P03/B/rest.edf", "B/P03.edf", "anna/B.edf", "P3/A_rest.edf", "A_P3.edf"]);
    for path in ["P03_B.edf", "rest_B.edf", "S3_A.edf", "task-B_eeg.edf"] {
        assert_eq!(find(&LETTERS, path), Matched::None(None), "{path}");
    }
    for path in ["B.edf", "B/rest.edf", "b_rest.edf", "B/ses-1/b_rest_1.edf", "eeg/B.edf"] {
        assert_eq!(find(&LETTERS, path), Matched::Row(1), "{path}");
    }
}

#[test]
fn a_short_code_beside_another_name_may_be_a_session() {
    unclear(
        &CODES,
        &["P03/S1.edf", "P03/S1/rest.edf", "S1/P03.edf", "S1/S12.edf", "S12/S1.edf", "S2/S1R01.edf", "S1_S2.edf"],
    );
    unclear(&["P-5", "P-6"], &["P-12/P-5.edf", "P_12/P-5.edf", "P12/P-5.edf"]);
    unclear(&["c1p1", "c1p2"], &["c1p9/c1p1.edf"]);
    for path in [
        "S1.edf",
        "S1/rest.edf",
        "S1_rest_1.edf",
        "clinic/S1/rest.edf",
        "S1/S1R01.edf",
        "S1/S001R01.edf",
        "S1/run2.edf",
        "session1/S1.edf",
        "S1_R2.edf",
        "S1/T0/V2.edf",
        "X7/S1/S1_P3.edf",
        "2021/05/S1.edf",
        "S1/EC1.edf",
    ] {
        assert_eq!(find(&CODES, path), Matched::Row(0), "{path}");
    }
}

#[test]
fn layouts_that_people_use_are_understood() {
    assert_eq!(find(&["Subject00", "Subject01"], "Subject00_1.edf"), Matched::Row(0));
    assert_eq!(find(&["S001", "S002"], "S001/S001R01.edf"), Matched::Row(0));
    assert_eq!(find(&["chb01", "chb02"], "chb02/chb02_03.edf"), Matched::Row(1));
    assert_eq!(find(&["PN00", "PN01"], "PN01/PN01-2.edf"), Matched::Row(1));
    let path = "aaaaaaac/s001_2002_12_23/01_tcp_ar/aaaaaaac_s001_t001.edf";
    assert_eq!(find(&["aaaaaaab", "aaaaaaac"], path), Matched::Row(1));
    assert_eq!(find(&["1", "2"], "sub-01/ses-2/eeg/sub-01_ses-2_eeg.edf"), Matched::Row(0));
    assert_eq!(find(&["anna", "berta"], "clinic/berta/rest_2.edf"), Matched::Row(1));
}

#[test]
fn a_word_beside_another_name_may_be_a_group() {
    unclear(&["control", "patient", "c1"], &["control/x1.edf", "patient/P03.edf", "P03/control.edf"]);
}

#[test]
fn what_else_is_named_is_told_as_it_is_written() {
    let problem = find(&NUMBERS, "Subject05/1.edf").problem("Subject05/1.edf", "t.tsv").message;
    assert_eq!(
        problem,
        "the `1` in its name need not be the one of t.tsv, since `Subject05` may say who was recorded, too; name file and \
         folder after one subject, as in sub-01/sub-01_eeg.edf"
    );
}
