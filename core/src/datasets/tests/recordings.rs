//! Folders of anyone's recordings.

mod channels;

use super::*;
use crate::datasets::picked::Picked;

/// 19 positions of the 10-20 system by their newer names, without a reference.
fn nineteen() -> Vec<String> {
    let labels = "Fp1 Fp2 F7 F3 Fz F4 F8 T7 C3 Cz C4 T8 P7 P3 Pz P4 P8 O1 O2";
    labels.split(' ').map(|label| format!("EEG {label}-REF")).collect()
}

fn plan(storage: &dyn Storage) -> Result<DatasetPlan, DatasetError> {
    block_on(Recordings.plan(storage, &small_options()))
}

/// Ten subjects in folders of their own, 256 Hz.
fn study() -> MemoryStorage {
    let mut table = String::from("ID;Sex;Diagnosis;Age;Site\n");
    let mut files = Vec::new();
    for subject in 0..10 {
        let (sex, diagnosis) = if subject % 2 == 0 { ("f", "MDD") } else { ("m", "HC") };
        table.push_str(&format!("p{subject};{sex};{diagnosis};{};north\n", 30 + subject));
        files.push((format!("clinic/P{subject}/rest.edf"), edf_with(&nineteen(), 256, 8, subject as f64 / 10.0)));
    }
    files.push(("people.csv".to_owned(), table.into_bytes()));
    MemoryStorage::with_files(files)
}

#[test]
fn a_folder_with_a_table_goes_all_the_way_to_samples() {
    let (raw, output) = (study(), MemoryStorage::default());
    let mut events = Vec::new();
    let summary = block_on(preprocess(&Recordings, &raw, &output, &small_options(), &mut |event| {
        events.push(event);
        ControlFlow::Continue(())
    }))
    .unwrap();
    assert_eq!((summary.recordings, summary.skipped), (10, 0));
    let warned = warnings(&events);
    assert_eq!(warned.len(), 5, "{warned:?}");
    assert!(warned[3..].iter().all(|warning| warning.contains("holds a single class of `gender`")), "{warned:?}");
    assert!(warned[0].starts_with("no recording has a channel of a reference"), "{warned:?}");
    assert!(warned[1].starts_with("most recordings have 256 Hz") && warned[1].ends_with("decimated to 128 Hz"));
    assert!(warned[2].starts_with("people.csv, line 2: column `Diagnosis` says `MDD`"), "{warned:?}");

    let table = text(&output, "train-metadata.csv");
    let mut lines = table.lines();
    assert_eq!(lines.next(), Some("file_name,split,gender,age,ID,Sex,Diagnosis,Site"));
    let row = lines.next().unwrap();
    assert!(row.starts_with("train/p") && row.ends_with(",north"), "{row}");
    let report: serde_json::Value = serde_json::from_str(&text(&output, "preprocessing.json")).unwrap();
    assert_eq!(report["options"]["rate_hz"], 128.0);
    assert_eq!(report["montage"][19], "none");

    let custom = crate::labels::LabelSpec::classes(
        "depression",
        "Diagnosis",
        [("control", "HC"), ("depressed", "MDD")]
            .map(|(name, value)| crate::labels::ClassValues { name: name.to_owned(), values: vec![value.to_owned()] })
            .to_vec(),
        "",
    );
    let dataset = block_on(FolderDataset::open(&output, "train", &[custom])).unwrap();
    // 8 s at 128 Hz are 4 windows of 256 samples; 8 subjects.
    assert_eq!((dataset.len(), dataset.subjects().len()), (32, 8));
}

#[test]
fn what_is_too_short_between_interruptions_is_told_as_such() {
    let boundary = |onset_s| Annotation { onset_s, duration_s: 0.0, text: "boundary".to_owned() };
    let bytes = annotated_edf(&nineteen(), 256, 6, 0.0, &[boundary(1.0), boundary(2.5), boundary(4.0)]);
    let raw = folder(&["sub-01_eeg.edf"], "participants.tsv", "participant_id\tage\n1\t20\n");
    write(&raw, "sub-01_eeg.edf", bytes);
    let data_type = crate::config::DataType::Timeseries;
    let options = PreprocessOptions { rate_hz: 128.0, window_length: 512, data_type, ..small_options() };
    let error =
        block_on(preprocess(
            &Recordings,
            &raw,
            &MemoryStorage::default(),
            &options,
            &mut |_| ControlFlow::Continue(()),
        ));
    let error = error.unwrap_err().to_string();
    let told =
        "it is shorter than one window: its longest uninterrupted stretch has 256 samples at 128 Hz, a window has 512";
    assert!(error.ends_with(told), "{error}");
}

#[test]
fn windows_begin_anew_behind_an_interruption() {
    let boundary = Annotation { onset_s: 3.0, duration_s: 0.0, text: "boundary".to_owned() };
    let raw = folder(&[], "participants.tsv", "participant_id\tage\n1\t20\n");
    write(&raw, "sub-01_eeg.edf", annotated_edf(&nineteen(), 256, 8, 0.0, &[boundary]));
    let (options, output) = (PreprocessOptions { rate_hz: 128.0, ..small_options() }, MemoryStorage::default());
    block_on(preprocess(&Recordings, &raw, &output, &options, &mut |_| ControlFlow::Continue(()))).unwrap();
    let train = block_on(FolderDataset::open(&output, "train", &[])).unwrap();
    let starts: Vec<_> = (0..train.len()).filter_map(|row| train.origin(row)).map(|origin| origin.start_s).collect();
    assert_eq!(starts, [0.0, 3.0, 5.0]);
}

#[test]
fn recordings_of_another_rate_or_without_a_row_are_left_out_with_a_reason() {
    let raw = study();
    write(&raw, "clinic/P3/rest.edf", edf_with(&nineteen(), 500, 8, 0.0));
    write(&raw, "clinic/P4/rest.edf", edf_with(&nineteen()[1..], 256, 8, 0.0));
    write(&raw, "clinic/P5/rest.edf", "gone");
    write(&raw, "clinic/P99/rest.edf", edf_with(&nineteen(), 256, 8, 0.0));
    let output = MemoryStorage::default();
    let mut events = Vec::new();
    let summary = block_on(preprocess(&Recordings, &raw, &output, &small_options(), &mut |event| {
        events.push(event);
        ControlFlow::Continue(())
    }))
    .unwrap();
    assert_eq!((summary.recordings, summary.skipped), (7, 4));
    let reason = |path: &str| {
        let skipped = skipped(&events);
        let reasons: Vec<_> =
            skipped.iter().filter(|(skipped, _)| *skipped == path).map(|(_, reason)| *reason).collect();
        assert_eq!(reasons.len(), 1, "{path}: {skipped:?}");
        reasons[0].to_owned()
    };
    assert!(reason("clinic/P3/rest.edf").starts_with("its rate of 500 Hz is not a whole multiple of the 128 Hz"));
    assert!(reason("clinic/P4/rest.edf").starts_with("there is no channel Fp1: channels are found by the labels"));
    assert!(reason("clinic/P5/rest.edf").starts_with("not a recording"));
    assert!(reason("clinic/P99/rest.edf").starts_with("people.csv has no subject that this file's name or folder"));
}

#[test]
fn the_table_is_the_one_whose_subjects_the_recordings_are() {
    let raw = study();
    write(&raw, "aaa.csv", "id,what\nx1,nothing\nx2,to do with it\n");
    write(&raw, "bbb.csv", "no,table\n1\n");
    // As preprocessing writes it beside samples: it names recordings, and nobody.
    write(
        &raw,
        WINDOWS_FILE,
        "file_name,recording,start_s,duration_s\ntrain/p0/spectrogram-0.png,clinic/P0/rest.edf,0,2\n",
    );
    assert_eq!(plan(&raw).unwrap().table, "people.csv");
    block_on(raw.remove(WINDOWS_FILE)).unwrap();
    write(&raw, "participants.tsv", "participant_id\tage\n".to_owned() + "p0\t30\n");
    assert_eq!(plan(&raw).unwrap().table, "people.csv");
    let rows: String = (0..10).map(|subject| format!("p{subject}\t40\n")).collect();
    write(&raw, "participants.tsv", format!("participant_id\tage\n{rows}"));
    assert_eq!(plan(&raw).unwrap().table, "participants.tsv");

    write(&raw, "participants.tsv", format!("participant_id\tage\n{rows}p0\t41\n"));
    let error = plan(&raw).unwrap_err().to_string();
    assert_eq!(
        error,
        "participants.tsv, line 12: p0 has another row in line 2, which says something else; keep one of them, or tell the \
         sessions apart in a column `session_id`"
    );

    // It is the table that is meant, even if it knows nobody.
    write(&raw, "participants.tsv", "participant_id\tage\nother\t30\n");
    let error = plan(&raw).unwrap_err().to_string();
    assert!(
        error.starts_with(
            "no recording belongs to a subject of participants.tsv: a subject is `other` (column `participant_id`), a \
             recording clinic/P0/rest.edf"
        ),
        "{error}"
    );
    for path in ["participants.tsv", "bbb.csv"] {
        block_on(raw.remove(path)).unwrap();
    }
    write(&raw, "people.csv", "id,age\nq1,30\n");
    let error = plan(&raw).unwrap_err().to_string();
    assert!(error.starts_with("no recording belongs to a subject of aaa.csv or people.csv"), "{error}");
}

/// Recordings with these paths beside a table.
fn folder(paths: &[&str], table: &str, text: &str) -> MemoryStorage {
    let files = paths.iter().map(|path| ((*path).to_owned(), edf_with(&nineteen(), 256, 8, 0.0)));
    MemoryStorage::with_files(files.chain([(table.to_owned(), text.as_bytes().to_vec())]))
}

#[test]
fn a_recording_that_may_be_somebody_elses_is_left_out_by_name() {
    let table = "participant_id\tage\n1\t21\n2\t22\n3\t23\n";
    let raw = folder(&["P01/1/rest.edf", "P01/2/rest.edf", "P03/1/rest.edf", "3.edf"], "participants.tsv", table);
    let some = plan(&raw).unwrap();
    assert_eq!(some.recordings.iter().map(|recording| recording.path.as_str()).collect::<Vec<_>>(), ["3.edf"]);
    assert_eq!(some.left_out.len(), 3, "{:?}", some.left_out);
    let left_out = &some.left_out[1];
    assert!(left_out.path == "P01/2/rest.edf" && left_out.message.contains("`P01`"), "{left_out:?}");

    block_on(raw.remove("3.edf")).unwrap();
    let error = plan(&raw).unwrap_err().to_string();
    assert!(
        error.starts_with("none of 3 recordings could be used; the first, P01/1/rest.edf: the `1` in its name"),
        "{error}"
    );
}

#[test]
fn numbers_of_rows_are_nobodys_names() {
    let paths = ["sub-01_eeg.edf", "sub-02_eeg.edf"];
    let error = |name: &str, text: &str| plan(&folder(&paths, name, text)).unwrap_err().to_string();
    for text in [
        "id,participant_id,age\n1,CQ2,20\n2,BT4,30\n",
        ",code,age\n1,CQ2,20\n2,BT4,30\n",
        "Unnamed: 0,code\n0,CQ2\n1,BT4\n",
    ] {
        let message = error("people.csv", text);
        assert!(
            message.starts_with("no recording belongs to a subject of people.csv: a subject is `CQ2`"),
            "{message}"
        );
    }
    let message = error("people.csv", ",age\n1,20\n2,30\n");
    assert!(message.starts_with("people.csv has no column that names the subjects"), "{message}");
    // A first column without a name may hold names.
    for text in [",age\nsub-01,20\nsub-02,30\n", ",code,age\n0,sub-01,20\n1,sub-02,30\n", "Nr;Alter\n1;20\n2;30\n"] {
        assert_eq!(plan(&folder(&paths, "people.csv", text)).unwrap().recordings.len(), 2, "{text}");
    }
}

#[test]
fn tables_that_are_not_read_are_told() {
    let paths = ["sub-01_eeg.edf", "sub-02_eeg.edf"];
    let raw = folder(&paths, "participants.tsv", "participant_id\tage\nsub-01\t20\nsub-02\t30\n");
    write(&raw, "phenotype.tsv", "participant_id\tbdi\nsub-01\t3\nsub-02\t6\n");
    write(&raw, "scores.csv", "a,b\n1\n");
    write(&raw, "channels.tsv", "name\ttype\nCz\tEEG\n");
    let warnings = plan(&raw).unwrap().warnings;
    let told: Vec<_> = warnings.iter().filter(|warning| warning.contains("come from participants.tsv alone")).collect();
    assert_eq!(told.len(), 2, "{warnings:?}");
    assert!(
        told[0].contains("phenotype.tsv names the same subjects") && told[1].contains("scores.csv, line 2"),
        "{told:?}"
    );
    write(&raw, "participants.tsv", "participant_id\tage\nsub-01\n");
    assert!(plan(&raw).unwrap_err().to_string().starts_with("participants.tsv, line 2: 1 fields"));
}

#[test]
fn rows_of_sessions_are_told_as_such() {
    let paths = ["sub-01_eeg.edf", "sub-02_eeg.edf"];
    let table = "participant_id\tsession_id\tmood\n1\tses-1\tlo\n1\tses-2\thi\n2\tses-1\tlo\n2\tses-2\thi\n";
    let error = plan(&folder(&paths, "participants.tsv", table)).unwrap_err().to_string();
    assert!(
        error.starts_with(
            "none of 2 recordings could be used; the first, sub-01_eeg.edf: participants.tsv has rows of several sessions of 1"
        ),
        "{error}"
    );
    let again = "participant_id\tsession_id\tmood\n1\tses-1\tlo\n1\tses-1\thi\n";
    let error = plan(&folder(&["sub-01_ses-1_eeg.edf"], "participants.tsv", again)).unwrap_err().to_string();
    assert!(error.contains("of the same session") && !error.contains("column `session_id`"), "{error}");
}

/// A folder of the shared cases, surveyed and planned.
pub(super) fn case(name: &str) -> Option<(Survey, Result<DatasetPlan, DatasetError>)> {
    let storage = super::shared::load(&crate::test_support::shared(&format!("cases/{name}"))?);
    let plan = block_on(Recordings.plan(&storage, &Recordings.default_options()));
    Some((super::surveys::look(&storage), plan))
}

#[test]
fn numbered_files_get_the_row_of_their_own_subject() {
    let Some((_, plan)) = case("subject-ids-numbers") else { return };
    let plan = plan.unwrap();
    let column = plan.label_columns.iter().position(|column| column == "age").unwrap();
    assert_eq!(plan.recordings.len(), 28);
    assert!(plan.left_out.is_empty(), "{:?}", plan.left_out);
    for recording in &plan.recordings {
        let number: usize = recording.path.split('/').next().unwrap().trim_start_matches("sub-").parse().unwrap();
        assert_eq!(recording.segments[0].labels[column], (20 + number).to_string(), "{}", recording.path);
    }
}

#[test]
fn a_recording_that_announces_more_than_memory_holds_is_refused_before_it_is_read() {
    let raw = MemoryStorage::with_files([("a.edf", edf_with(&nineteen(), 250, 8, 0.0))]);
    let mut info = block_on(crate::recording::open(&raw, "a.edf")).unwrap().info().clone();
    let picked = |info: &crate::recording::RecordingInfo| {
        let options = PreprocessOptions::default();
        Picked::new(info, &DatasetPlan::new(&Recordings::WITHOUT_REFERENCE, &[], &options), &options)
    };
    assert_eq!(picked(&info).unwrap().samples, 1000);
    info.channels.iter_mut().for_each(|channel| channel.samples = 250 * 3600 * 1000);
    assert_eq!(
        picked(&info).err().unwrap().to_string(),
        "it is 1000 hours long, which is more than memory holds at once; split it into shorter files"
    );
}

#[test]
fn strangers_are_matched_with_nobody() {
    let Some((survey, plan)) = case("subject-ids-strangers") else { return };
    let message = plan.unwrap_err().to_string();
    assert!(message.contains("`CQ2`") && message.contains("sub-01"), "{message}");
    assert!(survey.recordings.iter().all(|recording| recording.subject.is_none() && recording.labels.is_empty()));
    assert!(survey.problems.iter().any(|problem| problem.message == message), "{:?}", survey.problems);
}

#[test]
fn a_recording_without_a_row_and_a_row_without_a_recording_are_told() {
    let Some((survey, plan)) = case("participants-cells") else { return };
    let plan = plan.unwrap();
    assert_eq!(plan.recordings.len(), 11);
    assert!(plan.left_out.iter().any(|problem| problem.message.contains("no row for sub-77")), "{:?}", plan.left_out);
    assert_eq!(plan.without_recording, ["sub-99"]);
    for subject in ["sub-77", "sub-99"] {
        assert!(survey.problems.iter().any(|problem| problem.message.contains(subject)), "{:?}", survey.problems);
    }
}
