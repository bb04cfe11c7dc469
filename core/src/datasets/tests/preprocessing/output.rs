//! The output folder: what another run, another study, a full disk or an end before the last step leaves in it.

use super::*;

#[test]
fn when_nothing_is_usable_an_older_result_stays() {
    let output = MemoryStorage::default();
    run_math(&math_folder(10), &output, &small_options()).0.unwrap();
    let before = paths(&output);
    let options = PreprocessOptions { rate_hz: 130.0, ..small_options() };
    let error = run_math(&math_folder(10), &output, &options).0.unwrap_err().to_string();
    assert!(error.starts_with("none of 10 recordings could be used; the first, raw_eeg/Subject00_1.edf: "), "{error}");
    assert!(error.contains("250 Hz is not a whole multiple of the 130 Hz"), "{error}");
    assert_eq!(paths(&output), before);
    assert!(block_on(FolderDataset::open(&output, "train", &[])).is_ok());

    let stats = NormalizationStats {
        channel_means: vec![0.0; 20],
        channel_stds: vec![1.0; 20],
        n_eeg_channels: 20,
        n_samples_total: 1,
    };
    let options = PreprocessOptions { rate_hz: 130.0, statistics: Some(stats), ..timeseries() };
    assert!(matches!(run_math(&math_folder(10), &output, &options).0, Err(DatasetError::NothingUsable { .. })));
    assert_eq!(paths(&output), before);
}

#[test]
fn a_second_run_leaves_nothing_of_the_first_behind() {
    let output = MemoryStorage::default();
    let both = PreprocessOptions { math_trials: true, seed: 1, ..small_options() };
    run_math(&math_folder(10), &output, &both).0.unwrap();
    for kept in ["train/sub00/notes.txt", "train/spectrogram-1.png", "train/sub00/spectrogram-final.png", "a/b/c.png"] {
        write(&output, kept, "mine");
    }
    // Named as ours are, but nothing here says that it is ours.
    write(&output, "val/sub00/spectrogram-s1-t12-3.png", "mine");
    let (summary, _) = run_math(&math_folder(6), &output, &small_options());
    assert!(summary.unwrap().removed > 0);
    let table = Table::parse(text(&output, "metadata.csv").as_bytes(), "metadata.csv").unwrap();
    let named: Vec<_> = (0..table.len()).map(|row| table.value(row, 0)).collect();
    let left: Vec<_> = paths(&output).into_iter().filter(|path| !named.contains(&path.as_str())).collect();
    assert_eq!(
        left,
        [
            "a/b/c.png",
            "metadata.csv",
            "preprocessing.json",
            "test-metadata.csv",
            "train-metadata.csv",
            "train/spectrogram-1.png",
            "train/sub00/notes.txt",
            "train/sub00/spectrogram-final.png",
            "val-metadata.csv",
            "val/sub00/spectrogram-s1-t12-3.png",
            "windows.csv",
        ]
    );
}

#[test]
fn the_output_of_another_dataset_is_left_alone() {
    let output = MemoryStorage::default();
    let raw = MemoryStorage::default();
    block_on(generate_demo(&raw, &DemoOptions { subjects: 3, seconds: 4, seed: 1 })).unwrap();
    let options = Demo.default_options();
    block_on(preprocess(&Demo, &raw, &output, &options, &mut |_| ControlFlow::Continue(()))).unwrap();
    let before = paths(&output);
    let error = run_math(&math_folder(3), &output, &small_options()).0.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the output folder holds the preprocessed data of demo, not of math; choose another folder"
    );
    assert_eq!(paths(&output), before);
}

#[test]
fn a_folder_that_preprocessing_did_not_write_is_left_as_it_is() {
    for path in ["metadata.csv", "train/sub00/spectrogram-0.png", "notes.txt", "train-metadata.csv"] {
        let output = MemoryStorage::with_files([(path, b"file_name,split\n".to_vec())]);
        let error = run_math(&math_folder(3), &output, &small_options()).0.unwrap_err().to_string();
        assert!(error.starts_with("the output folder holds files and no preprocessing.json"), "{error}");
        assert!(error.contains(path) && error.ends_with("choose an empty folder, or remove them"), "{error}");
        assert_eq!(paths(&output), [path]);
        assert_eq!(text(&output, path), "file_name,split\n");
    }
    let damaged = MemoryStorage::with_files([("preprocessing.json", b"{".to_vec())]);
    assert!(matches!(run_math(&math_folder(3), &damaged, &small_options()).0, Err(DatasetError::OutputNotOwn { .. })));
}

#[test]
fn what_an_interrupted_run_left_is_removed_by_the_next() {
    let output = MemoryStorage::default();
    run_math(&math_folder(10), &output, &small_options()).0.unwrap();
    let mut told = 0;
    let stopped = block_on(preprocess(&Math, &math_folder(6), &output, &small_options(), &mut |event| {
        told += usize::from(matches!(event, PreprocessEvent::Windows { .. }));
        if told > 1 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }));
    assert!(matches!(stopped, Err(DatasetError::Cancelled)));
    run_math(&math_folder(3), &output, &small_options()).0.unwrap();
    let fresh = MemoryStorage::default();
    run_math(&math_folder(3), &fresh, &small_options()).0.unwrap();
    assert_eq!(paths(&output), paths(&fresh));
}

#[test]
fn samples_of_another_study_are_replaced_only_when_that_is_said() {
    let output = MemoryStorage::default();
    run_math(&math_folder(3), &output, &small_options()).0.unwrap();
    let (before, other) = (paths(&output), math_folder(3));
    for subject in 0..3 {
        write(&other, &format!("raw_eeg/Subject{subject:02}_1.edf"), edf(8, 2.0 + subject as f64));
    }
    write(&other, "subject-info.csv", text(&other, "subject-info.csv").replace("2011", "2012"));
    let refused = run_math(&other, &output, &small_options()).0.unwrap_err();
    assert!(matches!(refused, DatasetError::OutputOfOtherRecordings { found: 4, .. }), "{refused}");
    assert_eq!(paths(&output), before);
    let replacing = PreprocessOptions { replace: true, ..small_options() };
    run_math(&other, &output, &replacing).0.unwrap();
    // Some of the recordings are the same, wherever they lie now.
    write(&other, "raw_eeg/Subject02_1.edf", edf(8, 7.0));
    run_math(&other, &output, &small_options()).0.unwrap();
}

#[test]
fn cancelled_at_any_event_it_leaves_the_old_result_or_no_metadata() {
    let raw = math_folder(6);
    let (_, events) = run_math(&raw, &MemoryStorage::default(), &small_options());
    for (stop, last) in events.iter().enumerate().take(events.len() - 1) {
        let output = MemoryStorage::default();
        let older = PreprocessOptions { seed: 9, ..small_options() };
        run_math(&raw, &output, &older).0.unwrap();
        let old = text(&output, "metadata.csv");
        let mut seen = 0;
        let result = block_on(preprocess(&Math, &raw, &output, &small_options(), &mut |_| {
            seen += 1;
            if seen > stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }));
        assert!(matches!(result, Err(DatasetError::Cancelled)), "stopped at {stop}");
        if exists(&output, "metadata.csv") {
            assert_eq!(text(&output, "metadata.csv"), old);
            assert!(matches!(last, PreprocessEvent::Started { .. } | PreprocessEvent::Warning(_)));
        } else {
            let error = block_on(FolderDataset::open(&output, "train", &[])).unwrap_err().to_string();
            assert!(error.ends_with("a preprocessing run began here but did not end: run it again"), "{error}");
        }
    }
}

#[test]
fn a_full_disk_is_an_error_and_loses_nothing() {
    let raw = math_folder(6);
    let disk = Disk::default();
    let (summary, _) = run_math(&raw, &disk, &small_options());
    summary.unwrap();
    let before = paths(&disk);

    disk.room.set(Some(0));
    let error = run_math(&raw, &disk, &small_options()).0.unwrap_err();
    assert_eq!(error.to_string(), "could not write: no space left on device: preprocessing.json");
    assert_eq!(paths(&disk), before);

    disk.room.set(Some(5));
    let error = run_math(&raw, &disk, &small_options()).0.unwrap_err();
    assert!(error.to_string().starts_with("could not write: no space left on device: t"), "{error}");
    assert!(["metadata.csv", "train-metadata.csv", "windows.csv"].iter().all(|path| !exists(&disk, path)));
    let images = |paths: &[String]| paths.iter().filter(|path| path.ends_with(".png")).count();
    assert_eq!(images(&paths(&disk)), images(&before));

    disk.room.set(None);
    run_math(&raw, &disk, &small_options()).0.unwrap();
    assert_eq!(paths(&disk), before);
}

#[test]
fn metadata_is_written_when_all_files_are() {
    let disk = Disk::default();
    let options = PreprocessOptions { in_one_go: true, ..small_options() };
    run_math(&math_folder(6), &disk, &options).0.unwrap();
    let written = disk.written.borrow();
    let last_image = written.iter().rposition(|path| path.ends_with(".png")).unwrap();
    let rest: Vec<_> = written[last_image + 1..].iter().map(String::as_str).collect();
    let tables = ["windows.csv", "train-metadata.csv", "val-metadata.csv", "test-metadata.csv", "metadata.csv"];
    assert_eq!(rest, [&tables[..], &["preprocessing.json"]].concat());
}
