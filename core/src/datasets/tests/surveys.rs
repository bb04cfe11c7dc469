//! What surveys find, in folders that are right and in ones that are not.

use super::{shared::PEOPLE_IN_EEGMAT, *};
use crate::storage::FileEntry;

pub(super) fn look(storage: &dyn Storage) -> Survey {
    block_on(survey(storage, &mut |_| ControlFlow::Continue(()))).unwrap()
}

/// The problems of a file.
fn of<'s>(survey: &'s Survey, path: &str) -> Vec<&'s str> {
    survey.problems.iter().filter(|problem| problem.path == path).map(|problem| problem.message.as_str()).collect()
}

#[test]
fn a_known_dataset_is_recognised_with_its_labels() {
    let survey = look(&math_folder(3));
    assert_eq!(survey.dataset.as_deref(), Some("math"));
    assert_eq!(survey.recordings.len(), 6);
    let last = &survey.recordings[5];
    assert_eq!((last.path.as_str(), last.subject.as_deref()), ("raw_eeg/Subject02_2.edf", Some("sub02")));
    assert_eq!((last.format.as_str(), last.channels, last.rate_hz, last.duration_s), ("EDF", 20, 250.0, 4.0));
    assert_eq!(last.labels["doingmath"], "1");
    assert_eq!(last.labels["age"], "22");
    assert_eq!(survey.label_columns.len(), last.labels.len());
    // The default window is longer than the 8 s and 4 s there are.
    assert_eq!(survey.problems.len(), 6);
    assert!(survey.problems.iter().all(|problem| problem.message.starts_with("it is shorter than one window")));
}

#[test]
fn the_demo_is_only_what_was_generated() {
    let demo = MemoryStorage::default();
    block_on(generate_demo(&demo, &DemoOptions { subjects: 4, seconds: 3, seed: 0 })).unwrap();
    assert_eq!(look(&demo).dataset.as_deref(), Some("demo"));
    // The same layout with recordings of someone else.
    for subject in 1..=4 {
        write(&demo, &format!("sub-{subject:02}.edf"), edf(20, 0.0));
    }
    let others = look(&demo);
    assert_eq!(others.dataset.as_deref(), Some("recordings"));
    assert!(others.problems.is_empty(), "{:?}", others.problems);
    assert_eq!(others.recordings[0].labels["health"], "H");
}

#[test]
fn patients_of_another_disease_are_not_those_of_parkinsons() {
    let files = |group: &str| {
        let table = format!("participant_id\tGroup\tGender\tAge\nsub-001\t{group}\tF\t70\nsub-002\tControl\tM\t60\n");
        let labels = Parkinsons::MONTAGE.electrodes().map(|electrode| electrode.label.to_owned());
        let recording = edf_with(&labels, 250, 20, 0.0);
        MemoryStorage::with_files([
            ("participants.tsv", table.into_bytes()),
            ("sub-001/eeg/sub-001_task-Rest_eeg.edf", recording.clone()),
            ("sub-002/eeg/sub-002_task-Rest_eeg.edf", recording),
        ])
    };
    assert_eq!(look(&files("PD")).dataset.as_deref(), Some("parkinsons"));
    let other = look(&files("AD"));
    assert_eq!(other.dataset.as_deref(), Some("recordings"));
    assert!(!other.label_columns.contains(&"health".to_owned()), "{:?}", other.label_columns);
    assert_eq!(other.recordings[0].labels["Group"], "AD");
    assert!(of(&other, "participants.tsv")[0].contains("`AD`"), "{:?}", other.problems);
}

/// Two subjects of the longitudinal dataset, each before the tasks of both sessions.
fn longitudinal_folder() -> MemoryStorage {
    let labels = Longitudinal::MONTAGE.electrodes().map(|electrode| electrode.label.to_owned());
    let recording = edf_with(&labels, 250, 20, 0.0);
    let table = "participant_id\tage\tsex\thandedness\nsub-001\t61\tM\tright\nsub-002\t20\tF\tleft\n";
    let storage = MemoryStorage::with_files([("participants.tsv", table.as_bytes().to_vec())]);
    for subject in ["sub-001", "sub-002"] {
        let sessions = "session_id\trecording_year\nses-1\t2014\nses-2\t2020\n";
        write(&storage, &format!("{subject}/{subject}_sessions.tsv"), sessions);
        for session in ["ses-1", "ses-2"] {
            let name = format!("{subject}_{session}_task-EyesOpen_acq-pre_eeg.edf");
            write(&storage, &format!("{subject}/{session}/eeg/{name}"), &recording);
        }
    }
    storage
}

#[test]
fn the_longitudinal_dataset_is_recognised_and_preprocessed() {
    let raw = longitudinal_folder();
    let survey = look(&raw);
    assert_eq!(survey.dataset.as_deref(), Some("longitudinal"));
    assert!(survey.problems.is_empty(), "{:?}", survey.problems);
    let ages: Vec<_> = survey.recordings.iter().map(|recording| recording.labels["age"].as_str()).collect();
    assert_eq!(ages, ["61", "67", "20", "26"]);

    let output = MemoryStorage::default();
    block_on(preprocess(&Longitudinal, &raw, &output, &small_options(), &mut |_| ControlFlow::Continue(()))).unwrap();
    let registry = labels_of("longitudinal").unwrap();
    let specs: Vec<_> = registry.names().map(|task| registry.get(task).unwrap().clone()).collect();
    // 20 s at 125 Hz are 9 windows of 256 samples, of four recordings; two subjects are all trained on.
    assert_eq!(block_on(FolderDataset::open(&output, "train", &specs)).unwrap().len(), 36);
}

#[test]
fn what_is_lost_of_a_published_dataset_that_is_not_read_is_told() {
    let lost = "the files are laid out as SEED-V (`seed`) has them, which is not read yet";
    let original = look(&MemoryStorage::with_files([("z/EEG_raw/1_1_20180804.cnt", vec![1])]));
    assert!(of(&original, "").iter().any(|problem| problem.starts_with(lost)), "{:?}", original.problems);

    let converted = look(&MemoryStorage::with_files([
        ("participants_info.csv", b"Subject,Sex,Age\n1,F,20\n".to_vec()),
        ("1_1_20180804.edf", edf(20, 0.0)),
    ]));
    assert_eq!(converted.dataset.as_deref(), Some("recordings"));
    assert!(of(&converted, "")[0].starts_with(lost), "{:?}", converted.problems);

    let others = look(&MemoryStorage::with_files([("1_1_20180804.edf", edf(20, 0.0))]));
    assert!(!of(&others, "").iter().any(|problem| problem.starts_with(lost)), "{:?}", others.problems);
}

#[test]
fn annotations_are_not_read_to_survey_and_once_to_preprocess() {
    let raw = Disk::default();
    write(&raw, "subject-info.csv", "Subject,Age,Gender\nSubject00,20,F\n");
    let remark = Annotation { onset_s: 1.0, duration_s: 0.0, text: "eyes closed".to_owned() };
    let recording = annotated_edf(&math_labels(), 250, 30, 0.0, &[remark]);
    let size = recording.len() as u64;
    write(&raw, "Subject00_1.edf", recording);

    assert_eq!(look(&raw).dataset.as_deref(), Some("math"));
    assert!(raw.bytes_read.get() < size / 5, "{} of {size} bytes", raw.bytes_read.get());
    raw.bytes_read.set(0);
    run_math(&raw, &MemoryStorage::default(), &small_options()).0.unwrap();
    // Once for the annotations, once for the samples, and the edges of the file are hashed.
    assert!(raw.bytes_read.get() < size * 11 / 5 + (1 << 17), "{} of {size} bytes", raw.bytes_read.get());
}

#[test]
fn what_is_wrong_is_told_file_by_file() {
    let storage = math_folder(6);
    let whole = edf(40, 0.0);
    for subject in 0..6 {
        for state in 1..=2 {
            write(&storage, &format!("raw_eeg/Subject{subject:02}_{state}.edf"), &whole);
        }
    }
    write(&storage, "raw_eeg/Subject00_1.edf", &whole[..whole.len() / 2]);
    write(&storage, "raw_eeg/Subject01_1.edf", "no recording at all");
    write(&storage, "raw_eeg/Subject02_1.edf", edf_with(&math_labels(), 200, 40, 0.0));
    write(&storage, "raw_eeg/Subject03_1.edf", edf_with(&math_labels()[..19], 250, 40, 0.0));
    write(&storage, "raw_eeg/Subject77_1.edf", &whole);
    write(&storage, "notes/old.cnt", "x");
    write(&storage, "raw_eeg/._Subject00_1.edf", "left behind by an archiver");
    let table = text(&storage, "subject-info.csv") + "Subject55,20,F,2011\n";
    write(&storage, "subject-info.csv", table);

    let survey = look(&storage);
    assert_eq!(survey.dataset.as_deref(), Some("math"));
    assert_eq!(survey.recordings.len(), 12);
    let expected = [
        ("raw_eeg/Subject00_1.edf", "The file is cut short"),
        ("raw_eeg/Subject01_1.edf", "not a recording"),
        ("raw_eeg/Subject02_1.edf", "its rate of 200 Hz"),
        ("raw_eeg/Subject03_1.edf", "there is no channel A2-A1"),
        ("raw_eeg/Subject77_1.edf", "subject-info.csv has no row for Subject77"),
        ("notes/old.cnt", "recordings of this format (.cnt) are not read"),
        ("subject-info.csv", "there is no recording of Subject55"),
    ];
    for (path, start) in expected {
        let problems = of(&survey, path);
        assert!(problems.len() == 1 && problems[0].starts_with(start), "{path}: {problems:?}");
    }
    assert_eq!(survey.problems.len(), expected.len(), "{:?}", survey.problems);
    let unlisted = survey.recordings.iter().find(|recording| recording.path.contains("77")).unwrap();
    assert_eq!((unlisted.subject.as_ref(), unlisted.labels.len()), (None, 0));
}

#[test]
fn a_mistake_in_a_known_table_is_told_and_the_folder_is_read_nevertheless() {
    let storage = math_folder(2);
    write(&storage, "subject-info.csv", "Subject,Age,Gender\nSubject00,young,F\nSubject01,21,M\n");
    let survey = look(&storage);
    assert_eq!(survey.dataset.as_deref(), Some("recordings"));
    assert!(of(&survey, "")[0].starts_with("the files are laid out as `math` has them, but subject-info.csv, line 2:"));
    assert_eq!(survey.recordings[0].labels["gender"], "F");
}

#[test]
fn a_folder_without_recordings_or_without_a_table_is_told_what_is_missing() {
    let nothing = look(&MemoryStorage::with_files([("readme.txt", vec![1, 2, 3])]));
    assert_eq!((nothing.dataset, nothing.bytes), (None, 3));
    assert!(nothing.problems[0].message.starts_with("there are no recordings that can be read here; expected are EDF"));

    let no_table = look(&MemoryStorage::with_files([("a.edf", edf(20, 0.0))]));
    assert_eq!(no_table.dataset.as_deref(), Some("recordings"));
    assert_eq!(no_table.recordings.len(), 1);
    assert!(no_table.problems[0].message.contains("not the table of its subjects; expected participants.tsv or"));
}

#[test]
fn a_survey_tells_how_far_it_is_and_can_be_cancelled() {
    let storage = math_folder(2);
    let mut events = Vec::new();
    block_on(survey(&storage, &mut |event| {
        events.push(event);
        ControlFlow::Continue(())
    }))
    .unwrap();
    assert_eq!(
        events.iter().map(|event| (event.done, event.total)).collect::<Vec<_>>(),
        [(0, 4), (1, 4), (2, 4), (3, 4)]
    );
    assert_eq!(events[3].path, "raw_eeg/Subject01_2.edf");
    let mut asked = 0;
    let cancelled = block_on(survey(&storage, &mut |_| {
        asked += 1;
        if asked == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }));
    assert!(matches!(cancelled, Err(DatasetError::Cancelled)) && asked == 2);
}

#[test]
fn the_root_of_a_dataset_is_below_folders_that_hold_nothing_else() {
    let root = |paths: &[&str]| {
        let entry = |path: &&str| FileEntry { path: (*path).to_owned(), size: 0 };
        dataset_root(&paths.iter().map(entry).collect::<Vec<_>>())
    };
    assert_eq!(root(&["a/b/x.edf", "a/b/c/y.edf", "a/b/t.csv"]), "a/b");
    assert_eq!(root(&["a/x.edf", "t.csv"]), "");
    assert_eq!(root(&["a/x.edf", "__MACOSX/a/._x.edf", ".DS_Store"]), "a");
    assert_eq!(root(&["study/sub-01/eeg/sub-01_eeg.set", "study/sub-01/eeg/sub-01_eeg.fdt"]), "study");
    assert_eq!(root(&["z/train/metadata.csv", "z/train/a/0.png"]), "z");
    assert_eq!(root(&["m/raw_eeg/Subject00_1.edf"]), "m");
    assert_eq!(root(&["s/EEG_raw/1_1_20180804.cnt"]), "s");
    assert_eq!(root(&["x.edf"]), "");
    assert_eq!(root(&[]), "");
}

#[test]
fn prepared_folders_are_told_from_recordings() {
    let is = |paths: &[&str]| {
        let entry = |path: &&str| FileEntry { path: (*path).to_owned(), size: 0 };
        is_prepared(&paths.iter().map(entry).collect::<Vec<_>>())
    };
    assert!(is(&["metadata.csv", "train/a/0.png"]));
    assert!(is(&["train-metadata.csv", "train/a/0.npy"]));
    assert!(is(&["validation/metadata.csv", "validation/0.PNG"]));
    assert!(!is(&["metadata.csv", "a.edf"]));
    assert!(!is(&["metadata.csv", "figures/montage.png", "sub-01/a.edf"]));
    assert!(!is(&["metadata.csv", "figures/montage.png", "sub-01/a.cnt"]));
    assert!(is(&["metadata.csv", "train/a/0.png", "train/a/._0.edf"]));
    assert!(!is(&["deep/er/metadata.csv", "x.png"]));
    assert!(!is(&["mymetadata.csv", "x.png"]));
}

#[test]
fn a_split_is_described_by_its_labels() {
    let output = MemoryStorage::default();
    let options = PreprocessOptions { math_trials: true, ..small_options() };
    run_math(&math_folder(10), &output, &options).0.unwrap();
    assert!(is_prepared(&block_on(output.list("")).unwrap()));
    let train = block_on(describe_split(&output, "train")).unwrap();
    assert_eq!((train.name.as_str(), train.samples, train.subjects.len()), ("train", 32, 8));
    assert_eq!(train.shape, FeatureShape::Image { channels: 1, height: 64, width: 64 });
    let label = |column: &str| train.labels.iter().find(|counts| counts.label == column);
    let classes = |column: &str| {
        let classes = label(column).unwrap().classes.iter();
        classes.map(|count| (count.class.clone(), count.samples)).collect::<Vec<_>>()
    };
    assert_eq!(classes("doingmath"), [("0".to_owned(), 24), ("1".to_owned(), 8)]);
    assert_eq!(classes("age"), [("20–29".to_owned(), 32)]);
    assert_eq!(label("gender").unwrap().samples, 32);
    assert!(label("file_name").is_none() && label("split").is_none());
    assert_eq!(train.examples.len(), 32);
    assert!(matches!(block_on(describe_split(&output, "nowhere")), Err(DatasetError::NoSuchSplit { .. })));
}

#[test]
fn real_recordings_are_recognised() {
    let found = |folder| Some(look(&super::shared::load(&crate::test_support::shared(folder)?)));
    if let Some(math) = found("data/eegmat") {
        assert_eq!(math.dataset.as_deref(), Some("math"));
        assert_eq!(math.recordings.len(), 2 * PEOPLE_IN_EEGMAT);
        assert!(math.recordings.iter().all(|recording| recording.rate_hz == 500.0 && recording.labels.len() == 6));
        // The table is that of all 36 subjects; only these are here.
        assert_eq!(math.problems.len(), 1, "{:?}", math.problems);
        assert!(math.problems[0].message.starts_with("there are no recordings of Subject"));
    }
    if let Some(parkinsons) = found("data/parkinsons-shaped") {
        assert_eq!(parkinsons.dataset.as_deref(), Some("parkinsons"));
        assert_eq!(parkinsons.recordings.len(), 16);
        assert!(parkinsons.recordings.iter().all(|recording| recording.channels == 63 && recording.format == "EEGLAB"));
        assert!(parkinsons.problems.is_empty(), "{:?}", parkinsons.problems);
    }
    if let Some(mixed) = found("data/recordings") {
        assert_eq!(mixed.dataset.as_deref(), Some("recordings"));
        assert!(of(&mixed, "test_raw_h5.set")[0].contains("HDF5"), "{:?}", mixed.problems);
        assert!(of(&mixed, "scan41_short.cnt")[0].contains(".cnt"), "{:?}", mixed.problems);
        assert!(of(&mixed, "")[0].contains("not the table of its subjects"), "{:?}", mixed.problems);
        assert!(mixed.recordings.iter().any(|recording| recording.format == "BDF" && recording.channels > 0));
    }
}
