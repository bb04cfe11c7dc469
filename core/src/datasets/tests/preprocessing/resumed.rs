//! A preparation that is killed or stopped and gone on with is the one that never was.

use std::collections::BTreeMap;

use super::*;
use crate::{
    config::{BadChannels, Scaling},
    storage::limited::LimitedStorage,
};

/// The files of a folder.
type Files = BTreeMap<String, Vec<u8>>;

/// A folder whose program is killed after so many of its files were written or removed: nothing changes after that.
fn killed_after(changes: usize, folder: &MemoryStorage) -> LimitedStorage<'_> {
    let killed = |path| StorageError::Failed { action: "change", reason: "killed".to_owned(), path };
    LimitedStorage::after(changes, folder, killed)
}

fn files(folder: &dyn Storage) -> Files {
    paths(folder).into_iter().map(|path| (path.clone(), block_on(folder.read(&path)).unwrap())).collect()
}

fn folder_with(files: &Files) -> MemoryStorage {
    MemoryStorage::with_files(files.iter().map(|(path, bytes)| (path.clone(), bytes.clone())))
}

fn is_note(path: &str) -> bool {
    path.starts_with(".unfinished-")
}

/// What was told of warnings, in no order: those of recordings that could not be used come first when a preparation goes on.
fn told(events: &[PreprocessEvent]) -> Vec<&str> {
    let mut told = warnings(events);
    told.extend(skipped(events).into_iter().flat_map(|(path, reason)| [path, reason]));
    told.sort_unstable();
    told
}

fn resumed(events: &[PreprocessEvent]) -> usize {
    let resumed = events.iter().map(|event| match event {
        PreprocessEvent::Resumed { recordings } => *recordings,
        _ => 0,
    });
    resumed.max().unwrap_or_default()
}

/// Kills preparation in a folder with files `before` at every change, goes on with it, and compares all files, the summary
/// and what is told with those of the preparation that was never killed.
#[track_caller]
fn assert_goes_on_exactly(raw: &dyn Storage, options: &PreprocessOptions, before: &Files) {
    let whole = folder_with(before);
    let counted = killed_after(usize::MAX, &whole);
    let (summary, events) = run_math(raw, &counted, options);
    let (summary, expected) = (summary.unwrap(), files(&whole));
    let changes = usize::MAX - counted.changes_left();
    assert!(!expected.keys().any(|path| is_note(path)), "{:?}", expected.keys());
    assert!(expected.contains_key(WINDOWS_FILE), "{:?}", expected.keys());
    let mut most = 0;
    for changed in 0..changes {
        let folder = folder_with(before);
        let error = run_math(raw, &killed_after(changed, &folder), options).0.unwrap_err();
        assert!(error.to_string().contains("killed"), "{error}");
        let is_told = exists(&folder, WINDOWS_FILE) || !paths(&folder).iter().any(|path| path.ends_with(METADATA_FILE));
        assert!(is_told, "where samples come from, killed after {changed} of {changes} changes");
        if is_complete(&folder) && files(&folder) != *before {
            // All is done but for the notes, which the next preparation removes.
            assert!(without_notes(&folder) == expected, "killed after {changed} of {changes} changes");
            continue;
        }
        let (again, told_again) = run_math(raw, &folder, options);
        assert_eq!(again.unwrap(), summary, "killed after {changed} of {changes} changes");
        let found = files(&folder);
        assert!(found.keys().eq(expected.keys()), "killed after {changed}: {:?}", found.keys());
        for (path, bytes) in &found {
            assert!(*bytes == expected[path], "{path}, killed after {changed} of {changes} changes");
        }
        assert_eq!(told(&told_again), told(&events), "killed after {changed} of {changes} changes");
        most = most.max(resumed(&told_again));
    }
    assert_eq!(most, summary.recordings);
}

fn is_complete(folder: &MemoryStorage) -> bool {
    let report = |_| serde_json::from_str::<serde_json::Value>(&text(folder, PREPROCESSING_FILE)).unwrap();
    Some(())
        .filter(|()| exists(folder, PREPROCESSING_FILE))
        .map(report)
        .is_some_and(|report| report["complete"] == true)
}

fn without_notes(folder: &MemoryStorage) -> Files {
    files(folder).into_iter().filter(|(path, _)| !is_note(path)).collect()
}

/// Twelve recordings, of which one is cut short: that is told.
fn odd_folder() -> MemoryStorage {
    let raw = math_folder(6);
    let whole = edf(8, 0.3);
    write(&raw, "raw_eeg/Subject03_1.edf", &whole[..whole.len() * 3 / 4]);
    raw
}

/// The same with three that cannot be used. Two are all of their subject, so that the splits are made again.
fn broken_folder() -> MemoryStorage {
    let raw = odd_folder();
    write(&raw, "raw_eeg/Subject02_2.edf", "notes");
    write(&raw, "raw_eeg/Subject05_1.edf", "notes");
    write(&raw, "raw_eeg/Subject05_2.edf", "notes");
    raw
}

fn images() -> PreprocessOptions {
    PreprocessOptions { math_trials: true, ..small_options() }
}

#[test]
fn images_are_gone_on_with_at_every_file() {
    assert_goes_on_exactly(&odd_folder(), &images(), &Files::new());
    assert_goes_on_exactly(&broken_folder(), &images(), &Files::new());
}

#[test]
fn time_series_are_gone_on_with_whatever_scales_them() {
    for scaling in [Scaling::Standard, Scaling::Robust] {
        let options = PreprocessOptions { scaling, math_trials: true, ..timeseries() };
        assert_goes_on_exactly(&broken_folder(), &options, &Files::new());
    }
}

#[test]
fn bad_channels_are_left_out_and_told_as_if_nothing_had_happened() {
    let raw = broken_folder();
    write(&raw, "raw_eeg/Subject01_1.edf", flat_in(4, 8));
    write(&raw, "raw_eeg/Subject04_2.edf", flat_in(7, 4));
    for bad_channels in [BadChannels::Keep, BadChannels::Drop] {
        let options = PreprocessOptions { bad_channels, math_trials: true, ..timeseries() };
        let folder = MemoryStorage::default();
        run_math(&raw, &folder, &options).0.unwrap();
        let report: serde_json::Value = serde_json::from_str(&text(&folder, PREPROCESSING_FILE)).unwrap();
        assert_eq!(report["bad_channels"].as_object().map(serde_json::Map::len), Some(2), "{report}");
        assert_goes_on_exactly(&raw, &options, &Files::new());
    }
}

#[test]
fn samples_of_an_earlier_preparation_are_counted_once() {
    let folder = MemoryStorage::default();
    run_math(&math_folder(10), &folder, &PreprocessOptions { seed: 9, ..images() }).0.unwrap();
    assert_goes_on_exactly(&broken_folder(), &images(), &files(&folder));
}

#[test]
fn one_that_is_killed_again_and_again_comes_to_its_end() {
    let raw = broken_folder();
    for options in [images(), PreprocessOptions { math_trials: true, ..timeseries() }] {
        let (whole, folder) = (MemoryStorage::default(), MemoryStorage::default());
        run_math(&raw, &whole, &options).0.unwrap();
        let is_killed = || run_math(&raw, &killed_after(20, &folder), &options).0.is_err() && !is_complete(&folder);
        let kills = (0..100).take_while(|_| is_killed()).count();
        assert!((2..50).contains(&kills), "{kills}");
        assert!(without_notes(&folder) == files(&whole));
    }
}

#[test]
fn what_was_written_is_neither_read_nor_written_again() {
    let (raw, folder) = (Disk { inner: odd_folder(), ..Disk::default() }, MemoryStorage::default());
    let (summary, events) = run_math(&raw, &MemoryStorage::default(), &images());
    let (recordings, all) = (summary.unwrap().recordings, raw.bytes_read.take());
    let mut told = 0;
    let stopped = block_on(preprocess(&Math, &raw, &folder, &images(), &mut |event| {
        told += usize::from(matches!(event, PreprocessEvent::Recording { .. }));
        if told == 10 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }));
    assert!(matches!(stopped, Err(DatasetError::Cancelled)));
    let images_of = |paths: &[String]| paths.iter().filter(|path| path.ends_with(".png")).cloned().collect::<Vec<_>>();
    let before = images_of(&paths(&folder));
    raw.bytes_read.take();
    let second = killed_after(usize::MAX, &folder);
    let (summary, again) = run_math(&raw, &second, &images());
    assert_eq!((summary.unwrap().recordings, resumed(&again)), (recordings, 10));
    let count = |events: &[PreprocessEvent]| {
        events.iter().filter(|event| matches!(event, PreprocessEvent::Recording { .. })).count()
    };
    assert_eq!((count(&events), count(&again)), (recordings, recordings - 10));
    let written = images_of(&second.written());
    assert!(!written.is_empty() && written.iter().all(|path| !before.contains(path)), "{written:?}");
    assert!(raw.bytes_read.get() < all, "{} of {all} bytes", raw.bytes_read.get());
}

#[test]
fn other_options_or_recordings_begin_anew() {
    let (raw, other_raw) = (odd_folder(), odd_folder());
    write(&other_raw, "raw_eeg/Subject00_1.edf", edf(8, 4.0));
    // Their samples have the same names and sizes.
    let robust = PreprocessOptions { scaling: Scaling::Robust, math_trials: true, ..timeseries() };
    let unscaled = PreprocessOptions { scaling: Scaling::None, ..robust.clone() };
    let fresh = |raw: &dyn Storage, options: &PreprocessOptions| {
        let folder = MemoryStorage::default();
        run_math(raw, &folder, options).0.unwrap();
        samples_and_tables(&folder)
    };
    let expected = [fresh(&raw, &robust), fresh(&raw, &unscaled), fresh(&other_raw, &robust)];
    for changed in (0..8).chain((8..30).step_by(4)) {
        // Each of them writes over what the one before has written, and is killed as well.
        for [then, now] in [[0, 1], [1, 0], [0, 2], [2, 0]] {
            let folder = MemoryStorage::default();
            let run = |which: usize, changes| {
                let options = if which == 1 { &unscaled } else { &robust };
                run_math(if which == 2 { &other_raw } else { &raw }, &killed_after(changes, &folder), options)
            };
            run(then, 30).0.unwrap_err();
            run(now, changed).0.unwrap_err();
            run(then, usize::MAX).0.unwrap();
            assert!(samples_and_tables(&folder) == expected[then], "{then}, {now}, killed after {changed}");
        }
    }
}

#[test]
fn damaged_or_missing_files_are_made_again() {
    let (raw, whole) = (odd_folder(), MemoryStorage::default());
    run_math(&raw, &whole, &images()).0.unwrap();
    let expected = files(&whole);
    let half = MemoryStorage::default();
    run_math(&raw, &killed_after(30, &half), &images()).0.unwrap_err();
    let half = files(&half);
    let sample = half.keys().filter(|path| path.ends_with(".png")).nth(3).unwrap();
    let note = half.keys().find(|path| path.ends_with("-4.json")).unwrap();
    let newer = String::from_utf8(half[note].clone()).unwrap().replace("\"schema_version\":2", "\"schema_version\":3");
    let damages: [(&str, Option<&[u8]>); 6] = [
        (sample, None),
        (sample, Some(b"")),
        (note, None),
        (note, Some(b"{\"made_of\": ")),
        (note, Some(newer.as_bytes())),
        (".unfinished-0.json", Some(b"{}")),
    ];
    for (path, damage) in damages {
        let folder = folder_with(&half);
        match damage {
            Some(bytes) => write(&folder, path, bytes),
            None => block_on(folder.remove(path)).unwrap(),
        }
        let (summary, events) = run_math(&raw, &folder, &images());
        summary.unwrap();
        assert!(files(&folder) == expected, "{path}");
        let untouched = folder_with(&half);
        let all = resumed(&run_math(&raw, &untouched, &images()).1);
        assert!(resumed(&events) < all, "{path}: {} of {all}", resumed(&events));
    }
}

#[test]
fn a_recording_that_can_be_used_by_now_is_used() {
    // It can be read no more than once: its disk has come back since.
    let (raw, whole, folder) = (broken_folder(), MemoryStorage::default(), MemoryStorage::default());
    run_math(&odd_folder(), &whole, &images()).0.unwrap();
    run_math(&raw, &killed_after(60, &folder), &images()).0.unwrap_err();
    for path in ["raw_eeg/Subject02_2.edf", "raw_eeg/Subject05_1.edf", "raw_eeg/Subject05_2.edf"] {
        write(&raw, path, block_on(odd_folder().read(path)).unwrap());
    }
    run_math(&raw, &folder, &images()).0.unwrap();
    assert!(samples_and_tables(&folder) == samples_and_tables(&whole));
}

#[test]
fn in_one_go_nothing_is_kept_and_a_finished_folder_is_made_anew() {
    let raw = odd_folder();
    let options = PreprocessOptions { in_one_go: true, ..images() };
    let disk = Disk::default();
    run_math(&raw, &disk, &options).0.unwrap();
    assert!(!disk.written.borrow().iter().any(|path| is_note(path)));
    let (_, events) = run_math(&raw, &disk, &images());
    assert_eq!(resumed(&events), 0);
}

/// A recording of `seconds` that is flat in a channel.
fn flat_in(channel: usize, seconds: usize) -> Vec<u8> {
    /// Bytes of a channel's second.
    const BYTES: usize = 2 * 250;
    let mut file = edf(seconds, 0.4);
    let channels: usize = std::str::from_utf8(&file[252..256]).unwrap().trim().parse().unwrap();
    let header = 256 * (channels + 1);
    let record = (file.len() - header) / seconds;
    for second in file[header..].chunks_mut(record) {
        second[channel * BYTES..][..BYTES].fill(0);
    }
    file
}

/// All but the report, which counts what was removed of earlier preparations.
fn samples_and_tables(folder: &MemoryStorage) -> Files {
    let mut files = files(folder);
    files.remove(PREPROCESSING_FILE);
    files
}
