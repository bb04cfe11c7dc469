//! What the datasets find in their folders, and what they say about tables that are wrong.

use super::*;
use crate::config::{CrossValidationConfig, FoldCount};

fn plan(dataset: &dyn RawDataset, storage: &dyn Storage, math_trials: bool) -> Result<DatasetPlan, DatasetError> {
    block_on(dataset.plan(storage, &PreprocessOptions { math_trials, ..small_options() }))
}

/// Path, subject and labels of every recording.
fn rows(plan: &DatasetPlan) -> Vec<(&str, &str, String)> {
    plan.recordings
        .iter()
        .map(|recording| (recording.path.as_str(), recording.subject.as_str(), recording.segments[0].labels.join(" ")))
        .collect()
}

/// A folder of empty files, which planning does not open, and a table.
fn folder(recordings: &[&str], table: (&str, &str)) -> MemoryStorage {
    let files = recordings.iter().map(|path| (*path, Vec::new()));
    MemoryStorage::with_files(files.chain([(table.0, table.1.as_bytes().to_vec())]))
}

fn math_message(table: &str) -> String {
    plan(&Math, &folder(&["Subject07_1.edf"], ("subject-info.csv", table)), false).unwrap_err().to_string()
}

#[test]
fn math_takes_rest_and_on_request_arithmetic() {
    let recordings = ["Subject07_1.edf", "Subject07_2.edf", "Subject11_1.edf", "Subject11_3.edf", "Notes_1.edf"];
    let table = "Subject,Age,Gender\nSubject11,21.5,M\nSubject07,20,F\n";
    let storage = folder(&recordings, ("subject-info.csv", table));

    let rest = plan(&Math, &storage, false).unwrap();
    assert_eq!(
        rows(&rest),
        [("Subject07_1.edf", "sub07", "F H 20 1 0 1".into()), ("Subject11_1.edf", "sub11", "M H 21 1 0 0".into())]
    );
    assert!(rest.warnings.is_empty());

    let both = plan(&Math, &storage, true).unwrap();
    assert_eq!(
        rows(&both),
        [
            ("Subject07_1.edf", "sub07", "F H 20 1 0 1".into()),
            ("Subject07_2.edf", "sub07", "F H 20 2 1 3".into()),
            ("Subject11_1.edf", "sub11", "M H 21 1 0 0".into()),
        ]
    );
    assert_eq!(both.warnings, ["Subject11 has no recording of arithmetic (_2.edf), only of rest: Subject11_1.edf"]);
}

#[test]
fn folds_are_balanced_by_the_tasks_of_their_run() {
    let recordings = ["00_1", "01_1", "02_1", "03_1", "04_1", "05_1"].map(|name| format!("Subject{name}.edf"));
    let rows = ["00,20,M", "01,21,M", "02,22,F", "03,23,F", "04,24,M", "05,25,F"].map(|row| format!("Subject{row}\n"));
    let table = format!("Subject,Age,Gender\n{}", rows.concat());
    let storage = folder(&recordings.each_ref().map(String::as_str), ("subject-info.csv", &table));
    let tested_first = |task: &str| {
        let (registry, options) = (Math.labels(), small_options());
        let labels = [registry.get(task).unwrap().clone()];
        let wanted = CrossValidationConfig { folds: FoldCount::Number(3), inner: 2, seeds: None };
        let folds = block_on(folds_of_run(&Math, &storage, &options, &labels, &wanted)).unwrap();
        let mut tested = folds[0].test.clone();
        tested.sort();
        tested
    };
    assert_eq!(tested_first("gender"), ["sub00", "sub02"]);
    assert_eq!(tested_first("age"), ["sub00", "sub03"], "a number balances nothing");
}

#[test]
fn math_may_lie_in_raw_eeg() {
    let recordings = ["raw_eeg/Subject07_1.edf", "Subject09_1.edf", "other/Subject08_1.edf"];
    let storage = folder(&recordings, ("raw_eeg/subject-info.csv", "subject,age,gender\nsubject07,20,F\n"));
    assert_eq!(rows(&plan(&Math, &storage, false).unwrap())[0].0, "raw_eeg/Subject07_1.edf");
}

#[test]
fn what_is_wrong_with_a_subject_is_said_with_table_and_line() {
    assert_eq!(
        math_message("Subject,Age,Gender\nSubject08,20,F\n"),
        "subject-info.csv has no row for Subject07; add one, or remove the recording Subject07_1.edf"
    );
    let negative = math_message("Subject,Age,Gender\nSubject08,20,F\nSubject07,-3,F\n");
    assert!(negative.starts_with("subject-info.csv, line 3: ") && negative.contains("`-3`"), "{negative}");
    assert_eq!(
        math_message("Subject,Age\nSubject07,20\n"),
        "subject-info.csv has no column `Gender`; its columns are: Subject, Age"
    );
    assert_eq!(
        math_message("Subject,Age,Gender\nSubject07,20,F\nSubject08,20,F\nsubject07,21,F\n"),
        "subject-info.csv, line 4: subject07 already has a row in line 2; keep one of them"
    );
}

#[test]
fn recordings_that_the_table_does_not_list_are_told_and_left_out() {
    let storage = math_folder(3);
    write(&storage, "subject-info.csv", "Subject,Age,Gender\nSubject00,20,F\nSubject01,20,F\nSubject09,20,F\n");
    let plan = plan(&Math, &storage, false).unwrap();
    assert_eq!(rows(&plan).len(), 2);
    assert_eq!(plan.unlisted, [("Subject02".to_owned(), "raw_eeg/Subject02_1.edf".to_owned())]);
    assert_eq!(plan.without_recording, ["Subject09"]);

    let output = MemoryStorage::default();
    let (summary, events) = run_math(&storage, &output, &small_options());
    let summary = summary.unwrap();
    assert_eq!((summary.recordings, summary.skipped), (2, 1));
    assert!(matches!(events.first(), Some(PreprocessEvent::Started { recordings: 3, .. })));
    let reason = "subject-info.csv has no row for Subject02; add one, or remove the recording raw_eeg/Subject02_1.edf";
    assert_eq!(skipped(&events), [("raw_eeg/Subject02_1.edf", reason)]);
    assert!(!text(&output, "metadata.csv").contains("sub02"));
}

#[test]
fn a_folder_of_something_else_is_told_what_was_expected() {
    let recordings = folder(&["holiday.edf"], ("subject-info.csv", ""));
    let error = plan(&Math, &recordings, true).unwrap_err().to_string();
    assert!(error.starts_with("no recordings of math here: expected SubjectNN_1.edf"), "{error}");
    let error = plan(&Parkinsons, &recordings, true).unwrap_err().to_string();
    assert!(error.starts_with("no recordings of parkinsons here: expected sub-NNN/eeg/"), "{error}");

    let no_table = folder(&["Subject07_1.edf"], ("readme", ""));
    let error = plan(&Math, &no_table, false).unwrap_err().to_string();
    assert!(error.ends_with("expected subject-info.csv or raw_eeg/subject-info.csv"), "{error}");
}

#[test]
fn parkinsons_reads_its_table_in_any_letter_case() {
    let recordings = [
        "sub-001/eeg/sub-001_task-Rest_eeg.set",
        "sub-001/eeg/sub-001_task-Rest_eeg.fdt",
        "sub-002/eeg/sub-002_task-Rest_eeg.EDF",
        "derivatives/sub-002/eeg/sub-002_task-Rest_eeg.set",
        "sub-003/anat/sub-003_T1w.nii",
    ];
    let table = "Participant_ID\tgroup\tGender\tage\nsub-002\tcontrol\tm\t60\nsub-001\tpd\tf\t71\n";
    let plan = plan(&Parkinsons, &folder(&recordings, ("participants.tsv", table)), false).unwrap();
    assert_eq!(
        rows(&plan),
        [(recordings[0], "sub-001", "F PD 71 3".into()), (recordings[2], "sub-002", "M H 60 0".into())]
    );
    assert!(plan.warnings.is_empty());
}

#[test]
fn longitudinal_subjects_are_older_at_their_second_session() {
    let path = |subject: &str, session: usize, what: &str| {
        format!("{subject}/ses-{session}/eeg/{subject}_ses-{session}_{what}_eeg.edf")
    };
    let recordings = [
        path("sub-001", 1, "task-EyesOpen_acq-pre"),
        path("sub-001", 1, "task-EyesClosed_acq-pre"),
        path("sub-001", 2, "task-EyesOpen_acq-post"),
        path("sub-002", 1, "task-EyesOpen_acq-post"),
        path("sub-002", 2, "task-EyesOpen_acq-pre"),
        path("sub-003", 3, "task-EyesOpen_acq-pre"),
        "sub-003/eeg/sub-003_task-EyesOpen_acq-pre_eeg.edf".to_owned(),
    ];
    let table = "participant_id\tage\tsex\thandedness\nsub-002\t20\tF\tleft\nsub-001\t61\tM\tR\n";
    let recordings: Vec<&str> = recordings.iter().map(String::as_str).collect();
    let storage = folder(&recordings, ("participants.tsv", table));
    let sessions = "session_id\trecording_year\nses-1\t2014\nses-2\t2021\n";
    write(&storage, "sub-001/sub-001_sessions.tsv", sessions);

    let found = plan(&Longitudinal, &storage, false).unwrap();
    assert_eq!(found.label_columns.join(" "), "gender health age acquisition handedness session recording_year");
    assert_eq!(
        rows(&found),
        [
            (recordings[0], "sub-001", "M H 61 pre right 1 2014".into()),
            (recordings[2], "sub-001", "M H 68 post right 2 2021".into()),
            (recordings[3], "sub-002", "F H 20 post left 1 ".into()),
            (recordings[4], "sub-002", "F H 25 pre left 2 ".into()),
        ]
    );
    assert_eq!(
        found.warnings,
        [
            "the years between the sessions of sub-002 are not known and taken for 5; sub-002/sub-002_sessions.tsv should \
             say them in its column `recording_year`",
            "recordings without open eyes (EyesOpen) are not used: 1"
        ]
    );

    write(&storage, "participants.tsv", table.replace("\tR\n", "\tn/a\n"));
    let found = plan(&Longitudinal, &storage, false).unwrap();
    assert_eq!(rows(&found)[0].2, "M H 61 pre  1 2014");
    assert!(found.warnings[0].starts_with("participants.tsv, line 3: task handedness: "), "{:?}", found.warnings);
}

#[test]
fn a_cell_that_means_no_class_gives_none_with_a_warning() {
    let recordings = ["sub-001/eeg/sub-001_eeg.set", "sub-002/eeg/sub-002_eeg.set"];
    let table = "participant_id\tGROUP\tGENDER\tAGE\nsub-001\tn/a\tM\t60\nsub-002\tPD\tF\t61\n";
    let plan = plan(&Parkinsons, &folder(&recordings, ("participants.tsv", table)), false).unwrap();
    let labels = [&rows(&plan)[0].2, &rows(&plan)[1].2];
    assert_eq!(labels, ["M  60 ", "F PD 61 3"]);
    assert!(
        plan.warnings[0].starts_with("participants.tsv, line 2: task health: column `health`"),
        "{:?}",
        plan.warnings
    );
}

#[test]
fn an_age_that_is_missing_is_empty_with_a_warning() {
    let storage = folder(&["Subject07_1.edf"], ("subject-info.csv", "Subject,Age,Gender\nSubject07,n/a,F\n"));
    let plan = plan(&Math, &storage, false).unwrap();
    assert_eq!(rows(&plan)[0].2, "F H  1 0 1");
    assert_eq!(
        plan.warnings,
        [
            "subject-info.csv, line 2: task age: column `age` has no value; expected a number of at least 0; the recordings \
          are left out of `age`"
        ]
    );
}
