//! Recordings, options and labels that cannot be used.

use super::*;

#[test]
fn recordings_that_cannot_be_used_are_skipped_with_the_reason() {
    let raw = math_folder(10);
    let mut unnamed = math_labels();
    unnamed.pop();
    write(&raw, "raw_eeg/Subject00_1.edf", "these are notes, not a recording");
    write(&raw, "raw_eeg/Subject01_1.edf", edf(2, 0.0));
    write(&raw, "raw_eeg/Subject02_1.edf", edf_with(&math_labels(), 256, 8, 0.0));
    write(&raw, "raw_eeg/Subject03_1.edf", edf_with(&unnamed, 250, 8, 0.0));
    let output = MemoryStorage::default();
    let (summary, events) = run_math(&raw, &output, &small_options());
    let summary = summary.unwrap();
    assert_eq!((summary.recordings, summary.skipped), (6, 4));
    let skipped = skipped(&events);
    let expected = [
        "text, where EDF",
        "shorter than one window: 250 samples at 125 Hz, a window has 256",
        "256 Hz is not a whole multiple of the 125 Hz",
        "there is no channel A2-A1",
    ];
    assert_eq!(skipped.len(), expected.len());
    for (subject, ((path, reason), part)) in skipped.iter().zip(expected).enumerate() {
        assert_eq!(*path, format!("raw_eeg/Subject{subject:02}_1.edf"));
        assert!(reason.contains(part), "{reason}");
    }
    assert!(!text(&output, "metadata.csv").contains("sub00"));
}

#[test]
fn splits_are_made_of_the_subjects_that_can_be_used_and_what_is_left_out_is_reported_once() {
    for (options, broken) in [(timeseries(), 9), (timeseries(), 3), (small_options(), 3), (small_options(), 9)] {
        let raw = math_folder(10);
        for subject in 10 - broken..10 {
            write(&raw, &format!("raw_eeg/Subject{subject:02}_1.edf"), "notes");
        }
        let output = MemoryStorage::default();
        let (summary, events) = run_math(&raw, &output, &options);
        let summary = summary.unwrap();
        assert_eq!((summary.recordings, summary.skipped), (10 - broken, broken));
        assert_eq!(skipped(&events).len(), broken);
        let again = warnings(&events)[0];
        assert!(again.starts_with("the splits are made again, without subjects none of whose"), "{again}");
        assert!(again.ends_with(&format!("sub{:02}, sub08, sub09", 7)) || broken == 9, "{again}");

        // Nothing tells that the broken ones were ever there.
        let (without, fresh) = (math_folder(10 - broken), MemoryStorage::default());
        let (fresh_summary, _) = run_math(&without, &fresh, &options);
        let sizes = |summary: &PreprocessSummary| summary.splits.iter().map(|it| (it.subjects, it.windows)).collect();
        let (told, expected): (Vec<_>, Vec<_>) = (sizes(&summary), sizes(&fresh_summary.unwrap()));
        assert_eq!(told, expected);
        let made = |storage: &MemoryStorage| {
            let all = paths(storage).into_iter().filter(|path| path != PREPROCESSING_FILE);
            all.map(|path| (block_on(storage.read(&path)).unwrap(), path)).collect::<Vec<_>>()
        };
        assert!(made(&output) == made(&fresh), "{:?}", [paths(&output), paths(&fresh)]);
    }
}

#[test]
fn a_recording_cut_short_gives_what_it_has_and_a_warning() {
    let raw = math_folder(10);
    let whole = edf(8, 0.0);
    write(&raw, "raw_eeg/Subject00_1.edf", &whole[..whole.len() * 3 / 4]);
    let (summary, events) = run_math(&raw, &MemoryStorage::default(), &small_options());
    assert_eq!(summary.unwrap().skipped, 0);
    let warnings = warnings(&events);
    assert!(warnings.iter().any(|text| text.starts_with("raw_eeg/Subject00_1.edf: ")), "{warnings:?}");
    let windows = events.iter().find_map(|event| match event {
        PreprocessEvent::Recording { path, windows, .. } if path.contains("Subject00") => Some(*windows),
        _ => None,
    });
    assert_eq!(windows, Some(2));
}

#[test]
fn impossible_options_and_labels_stop_before_anything_is_written() {
    let output = MemoryStorage::default();
    for options in [
        PreprocessOptions { overlap: 1.0, ..small_options() },
        PreprocessOptions { resolution: 8, ..small_options() },
        PreprocessOptions { min_db: Some(-20.0), max_db: Some(-30.0), ..small_options() },
    ] {
        let error = run_math(&math_folder(3), &output, &options).0.unwrap_err();
        assert!(matches!(error, DatasetError::Options(_)), "{error}");
    }
    let raw = math_folder(3);
    write(&raw, "subject-info.csv", "Subject,Age,Gender\nSubject00,20,F\nSubject01,20,F\nSubject02,-3,F\n");
    let error = run_math(&raw, &output, &small_options()).0.unwrap_err();
    assert!(error.to_string().starts_with("subject-info.csv, line 4: "), "{error}");
    let trials = PreprocessOptions { math_trials: true, ..small_options() };
    let error = block_on(preprocess(&Demo, &raw, &output, &trials, &mut |_| ControlFlow::Continue(()))).unwrap_err();
    assert!(matches!(error, DatasetError::NoMathTrials { dataset: "demo" }), "{error}");
    assert!(paths(&output).is_empty());
}

#[test]
fn one_subject_is_preprocessed_with_a_warning_and_leaves_empty_splits() {
    let output = MemoryStorage::default();
    let (summary, events) = run_math(&math_folder(1), &output, &small_options());
    assert_eq!(summary.unwrap().splits[0].windows, 3);
    assert_eq!(
        warnings(&events),
        ["`val` and `test` will be empty: 1 subject is too few for splits of 0.8, 0.1 and 0.1 by subject; \
          add subjects, or validate on a split that has some"]
    );
    let error = block_on(FolderDataset::open(&output, "val", &[])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the split `val` is empty (val-metadata.csv); there are: test (0 samples), train (3 samples), val (0 samples); \
         name another split, or preprocess more subjects"
    );
}
