//! From recordings to files and tables.

use std::slice::from_ref;

use super::*;
use crate::{
    config::DataType,
    datasets::resampling::{Resampler, read_resampled},
    labels::LabelRegistry,
    recording::{Recording, RecordingError, RecordingInfo, open},
    signal::{NormalizationStats, OutputType},
};

fn timeseries() -> PreprocessOptions {
    PreprocessOptions { data_type: DataType::Timeseries, ..small_options() }
}

fn stats_of(output: &dyn Storage) -> NormalizationStats {
    serde_json::from_str(&text(output, "math_normalization_stats.json")).unwrap()
}

#[test]
fn files_and_tables_are_named_as_the_reference_names_them() {
    let output = MemoryStorage::default();
    let options = PreprocessOptions { math_trials: true, ..small_options() };
    let (summary, events) = run_math(&math_folder(10), &output, &options);
    let summary = summary.unwrap();
    assert_eq!((summary.recordings, summary.skipped, summary.removed), (20, 0, 0));
    let counts: Vec<_> =
        summary.splits.iter().map(|split| (split.name.as_str(), split.subjects, split.windows)).collect();
    // 8 s and 4 s at 125 Hz hold 3 and 1 windows of 256 samples.
    assert_eq!(counts, [("train", 8, 32), ("val", 1, 4), ("test", 1, 4)]);
    let told = "holds a single class of `gender` (";
    assert!(warnings(&events).len() == 2 && warnings(&events).iter().all(|warning| warning.contains(told)));
    let [train, val, test] = [0, 1, 2].map(|split| summary.splits[split].labels.iter().map(ToString::to_string));
    // The folder has five of each; activity differs within a subject.
    assert_eq!(train.collect::<Vec<_>>()[1], "math_activity: background 24 of 8, doing_math 8 of 8");
    for labels in [val, test] {
        assert_eq!(labels.collect::<Vec<_>>()[1], "math_activity: background 3 of 1, doing_math 1 of 1");
    }
    assert!(matches!(events.first(), Some(PreprocessEvent::Started { recordings: 20, .. })));
    assert_eq!(events.last(), Some(&PreprocessEvent::Finished(summary)));

    let all = Table::parse(text(&output, "metadata.csv").as_bytes(), "metadata.csv").unwrap();
    assert_eq!(all.headers().join(","), "file_name,split,gender,health,age,state,doingmath,math_condition");
    assert_eq!(all.len(), 40);
    let train = text(&output, "train-metadata.csv");
    let subject = train.lines().nth(1).unwrap().split('/').nth(1).unwrap();
    let number: usize = subject.trim_start_matches("sub").parse().unwrap();
    let (gender, class) = if number.is_multiple_of(2) { ("F", 1) } else { ("M", 0) };
    let expected: Vec<_> = [(0, 1), (1, 1), (2, 1), (3, 2)]
        .iter()
        .map(|(k, state)| {
            let math = state - 1;
            let labels = format!("{gender},H,{},{state},{math},{}", 20 + number, 2 * math + class);
            format!("train/{subject}/spectrogram-{k}.png,train,{labels}")
        })
        .collect();
    assert_eq!(train.lines().skip(1).take(4).collect::<Vec<_>>(), expected);

    let files: Vec<_> = paths(&output).into_iter().filter(|path| path.ends_with(".png")).collect();
    let mut named: Vec<_> = (0..all.len()).map(|row| all.value(row, 0).to_owned()).collect();
    named.sort();
    assert_eq!(files, named);

    let report: serde_json::Value = serde_json::from_str(&text(&output, PREPROCESSING_FILE)).unwrap();
    assert_eq!(report["complete"], true);
    assert_eq!(report["dataset"], "math");
    assert_eq!(report["montage"][19], "A2-A1");
    assert_eq!(report["options"]["window_length"], 256);
    assert_eq!(report["summary"]["splits"][0]["windows"], 32);
}

#[test]
fn what_is_written_can_be_opened_and_repeats() {
    let raw = math_folder(10);
    let outputs = [MemoryStorage::default(), MemoryStorage::default()];
    for output in &outputs {
        let options = PreprocessOptions { output_type: OutputType::DbIq, ..small_options() };
        run_math(&raw, output, &options).0.unwrap();
    }
    for path in paths(&outputs[0]) {
        assert_eq!(block_on(outputs[0].read(&path)), block_on(outputs[1].read(&path)), "{path}");
    }
    let registry = labels_of("math").unwrap();
    let specs = ["gender", "age"].map(|task| registry.get(task).unwrap().clone());
    let dataset = block_on(FolderDataset::open(&outputs[0], "train", &specs)).unwrap();
    assert_eq!(dataset.len(), 24);
    assert_eq!(dataset.subjects().len(), 8);
    assert_eq!(dataset.feature_shape(), FeatureShape::Image { channels: 3, height: 64, width: 64 });
    let samples = block_on(dataset.load(&(0..24).collect::<Vec<_>>())).unwrap();
    assert!(samples.iter().all(|sample| sample.features.shape() == dataset.feature_shape()));
}

#[test]
fn time_series_are_scaled_by_the_training_split_alone() {
    let raw = math_folder(10);
    let output = MemoryStorage::default();
    let (summary, events) = run_math(&raw, &output, &timeseries());
    summary.unwrap();
    let measured = events.iter().filter(|event| matches!(event, PreprocessEvent::Measured { .. })).count();
    assert_eq!(measured, 8);
    let stats = stats_of(&output);
    assert_eq!((stats.n_eeg_channels, stats.n_samples_total), (20, 8 * 1000));

    // Made louder, the subjects that are not trained on change nothing in the statistics, and so none of the
    // training files.
    let louder = math_folder(10);
    let table = Table::parse(text(&output, "metadata.csv").as_bytes(), "metadata.csv").unwrap();
    for row in 0..table.len() {
        if table.value(row, 1) != "train" {
            let subject = table.value(row, 0).split('/').nth(1).unwrap().trim_start_matches("sub");
            write(&louder, &format!("raw_eeg/Subject{subject}_1.edf"), edf(8, 5.0));
        }
    }
    let other = MemoryStorage::default();
    run_math(&louder, &other, &timeseries()).0.unwrap();
    assert_eq!(stats_of(&other), stats);
    let differ = |path: &&String| block_on(output.read(path)) != block_on(other.read(path));
    let all = paths(&output);
    let changed: Vec<_> = all.iter().filter(differ).collect();
    assert!(!changed.is_empty() && changed.iter().all(|path| !path.starts_with("train")), "{changed:?}");

    let dataset = block_on(FolderDataset::open(&output, "val", &[])).unwrap();
    assert_eq!(dataset.feature_shape(), FeatureShape::Signal { channels: 20, samples: 256 });
    assert_eq!(dataset.path(0).rsplit('/').next(), Some("timeseries-0.npy"));
}

#[test]
fn statistics_that_are_given_are_used_as_they_are() {
    let stats = NormalizationStats {
        channel_means: vec![1e-6; 20],
        channel_stds: vec![2e-5; 20],
        n_eeg_channels: 20,
        n_samples_total: 1,
    };
    let output = MemoryStorage::default();
    let options = PreprocessOptions { statistics: Some(stats.clone()), ..timeseries() };
    let (summary, events) = run_math(&math_folder(10), &output, &options);
    summary.unwrap();
    assert_eq!(stats_of(&output), stats);
    assert!(!events.iter().any(|event| matches!(event, PreprocessEvent::Measured { .. })));

    let few = NormalizationStats { channel_means: vec![0.0; 19], ..stats };
    let options = PreprocessOptions { statistics: Some(few), ..timeseries() };
    let error = run_math(&math_folder(10), &MemoryStorage::default(), &options).0.unwrap_err();
    assert_eq!(error.to_string(), "the normalization statistics are of 19 channels; these recordings have 20");
}

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
fn recordings_that_are_new_are_told_if_they_would_be_used() {
    let (raw, output) = (math_folder(3), MemoryStorage::default());
    run_math(&raw, &output, &small_options()).0.unwrap();
    let look = || block_on(outdated(&output, Some((&Math, &small_options())), Some(&raw))).unwrap().unwrap();
    let more = math_folder(5);
    write(&raw, "raw_eeg/Subject04_1.edf", "no recording");
    write(&raw, "raw_eeg/Subject03_1.edf", block_on(more.read("raw_eeg/Subject03_1.edf")).unwrap());
    write(&raw, "raw_eeg/Subject03_2.edf", block_on(more.read("raw_eeg/Subject03_2.edf")).unwrap());
    assert!(look().is_empty(), "nobody knows whose it is: {}", look());
    let table = text(&more, "subject-info.csv");
    write(&raw, "subject-info.csv", &table);
    assert_eq!(look().sentences(), ["subject-info.csv has changed since", "raw_eeg/Subject03_1.edf is new"]);
}

#[test]
fn prepared_data_tell_how_they_differ_from_what_would_be_made_now() {
    let (raw, output) = (math_folder(3), MemoryStorage::default());
    run_math(&raw, &output, &small_options()).0.unwrap();
    let look =
        |options: &PreprocessOptions| block_on(outdated(&output, Some((&Math, options)), Some(&raw))).unwrap().unwrap();
    assert!(look(&small_options()).is_empty());
    let other = PreprocessOptions { resolution: 128, ..small_options() };
    assert_eq!(look(&other).sentences(), ["`resolution` was 64 and is 128 now"]);
    write(&raw, "raw_eeg/Subject01_1.edf", edf(9, 0.0));
    assert_eq!(look(&small_options()).to_string(), "raw_eeg/Subject01_1.edf has changed since");

    let of_other = block_on(outdated(&output, Some((&Demo, &small_options())), None)).unwrap().unwrap().to_string();
    assert!(
        of_other.contains("preprocess math, and this is") && of_other.ends_with("of preprocess demo"),
        "{of_other}"
    );

    let mut report: serde_json::Value = serde_json::from_str(&text(&output, PREPROCESSING_FILE)).unwrap();
    assert_eq!(report["schema"], 1);
    report["fingerprint"]["version"] = 1.into();
    write(&output, PREPROCESSING_FILE, report.to_string());
    let older = block_on(outdated(&output, None, None)).unwrap().unwrap().to_string();
    assert!(older.starts_with("it was made by version 1 of preprocess math"), "{older}");
    report.as_object_mut().unwrap().remove("fingerprint");
    write(&output, PREPROCESSING_FILE, report.to_string());
    assert!(!block_on(outdated(&output, None, None)).unwrap().unwrap().is_empty());
    write(&output, PREPROCESSING_FILE, "{");
    let unknown = block_on(outdated(&output, None, None)).unwrap().unwrap().to_string();
    assert_eq!(unknown, "preprocessing.json is none that this version can read");
    assert!(block_on(outdated(&MemoryStorage::default(), None, None)).unwrap().is_none());
}

#[test]
fn options_that_were_asked_for_stand_but_not_against_a_run() {
    let (raw, output) = (math_folder(3), MemoryStorage::default());
    let chosen = ["resolution", "output_type", "math_trials"].map(str::to_owned);
    let asked_for = PreprocessOptions {
        output_type: OutputType::DbIq,
        math_trials: true,
        chosen: chosen.into(),
        ..small_options()
    };
    run_math(&raw, &output, &asked_for).0.unwrap();
    let made = block_on(provenance(&output)).unwrap();
    assert_eq!((made.dataset.as_str(), &made.options["resolution"]), ("math", &64.into()));
    assert_eq!(made.chosen, asked_for.chosen);
    let look = |options: &PreprocessOptions| {
        block_on(outdated(&output, Some((&Math, options)), None)).unwrap().unwrap().sentences().to_vec()
    };
    let wanted = PreprocessOptions { output_type: OutputType::DbIq, resolution: 128, ..small_options() };
    assert!(look(&wanted).is_empty());
    let other = PreprocessOptions { overlap: 0.5, ..wanted };
    assert_eq!(look(&other), ["`overlap` was 0.0 and is 0.5 now"]);
    let of_other_colours = PreprocessOptions { output_type: OutputType::DbOnly, ..small_options() };
    assert_eq!(look(&of_other_colours), ["`output_type` was \"db-iq\" and is \"db-only\" now"]);
}

#[test]
fn options_of_images_make_no_difference_to_time_series() {
    let (raw, output) = (math_folder(3), MemoryStorage::default());
    let series = PreprocessOptions { data_type: DataType::Timeseries, ..small_options() };
    run_math(&raw, &output, &series).0.unwrap();
    let other = PreprocessOptions { resolution: 32, output_type: OutputType::DbIq, min_db: Some(-1.0), ..series };
    assert!(block_on(outdated(&output, Some((&Math, &other)), None)).unwrap().unwrap().is_empty());
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
fn the_sink_is_asked_after_every_batch_of_windows() {
    let raw = math_folder(1);
    write(&raw, "raw_eeg/Subject00_1.edf", edf(20, 0.0));
    let options = PreprocessOptions { overlap: 0.9, ..small_options() };
    let (summary, events) = run_math(&raw, &MemoryStorage::default(), &options);
    let all = summary.unwrap().splits[0].windows;
    let told: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            PreprocessEvent::Windows { path, windows, total } => Some((path.as_str(), *windows, *total)),
            _ => None,
        })
        .collect();
    assert_eq!(told, [64, all].map(|windows| ("raw_eeg/Subject00_1.edf", windows, all)));

    let output = Disk::default();
    let cancelled = block_on(preprocess(&Math, &raw, &output, &options, &mut |event| match event {
        PreprocessEvent::Windows { .. } => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    }));
    assert!(matches!(cancelled, Err(DatasetError::Cancelled)));
    assert_eq!(paths(&output).iter().filter(|path| path.ends_with(".png")).count(), 64);
}

/// A recording that notes how many channels are read at once.
struct Noting<'a> {
    inner: Box<dyn Recording + 'a>,
    at_once: RefCell<Vec<usize>>,
}

#[async_trait(?Send)]
impl Recording for Noting<'_> {
    fn info(&self) -> &RecordingInfo {
        self.inner.info()
    }

    async fn read_range(&self, channels: &[usize], seconds: Range<f64>) -> Result<Vec<Vec<f64>>, RecordingError> {
        self.at_once.borrow_mut().push(channels.len());
        self.inner.read_range(channels, seconds).await
    }
}

#[test]
fn channels_are_read_in_groups_that_memory_holds() {
    let storage = MemoryStorage::with_files([("a.edf", edf(4, 0.0))]);
    let recording = Noting { inner: block_on(open(&storage, "a.edf")).unwrap(), at_once: RefCell::default() };
    let all: Vec<usize> = (0..20).rev().collect();
    let read = |held_bytes| {
        let channels =
            block_on(read_resampled(&recording, &all, &Resampler::Decimate(2), from_ref(&(0..usize::MAX)), held_bytes))
                .unwrap();
        (channels, recording.at_once.take())
    };
    let (whole, at_once) = read(u64::MAX);
    assert_eq!((at_once, whole[19].samples.len()), (vec![20], 500));
    // A channel has 1000 samples of 8 bytes.
    assert_eq!(read(8 * 8000), (whole.clone(), vec![8, 8, 4]));
    assert_eq!(read(1), (whole, vec![1; 20]));
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
    assert!(!exists(&disk, "metadata.csv") && !exists(&disk, "train-metadata.csv"));
    let images = |paths: &[String]| paths.iter().filter(|path| path.ends_with(".png")).count();
    assert_eq!(images(&paths(&disk)), images(&before));

    disk.room.set(None);
    run_math(&raw, &disk, &small_options()).0.unwrap();
    assert_eq!(paths(&disk), before);
}

#[test]
fn metadata_is_written_when_all_files_are() {
    let disk = Disk::default();
    run_math(&math_folder(6), &disk, &small_options()).0.unwrap();
    let written = disk.written.borrow();
    let last_image = written.iter().rposition(|path| path.ends_with(".png")).unwrap();
    let rest: Vec<_> = written[last_image + 1..].iter().map(String::as_str).collect();
    assert_eq!(
        rest,
        ["train-metadata.csv", "val-metadata.csv", "test-metadata.csv", "metadata.csv", "preprocessing.json"]
    );
}

/// Two tagged parts of one recording, as datasets with trials have them.
struct Trials;

impl Dataset for Trials {
    fn name(&self) -> &'static str {
        "trials"
    }

    fn title(&self) -> &'static str {
        "Recordings of trials"
    }

    fn labels(&self) -> LabelRegistry {
        LabelRegistry::folder()
    }

    fn raw(&self) -> Option<&'static dyn RawDataset> {
        Some(&Self)
    }
}

#[async_trait(?Send)]
impl RawDataset for Trials {
    fn origin(&self) -> Origin {
        Origin::Published
    }

    fn layout(&self) -> &'static str {
        "r.edf"
    }

    async fn plan(&self, _raw: &dyn Storage, options: &PreprocessOptions) -> Result<DatasetPlan, DatasetError> {
        let segment = |seconds, trial: &str| Segment {
            seconds: Some(seconds),
            tag: format!("s1-t{trial}-"),
            labels: vec![trial.to_owned()],
        };
        let segments = vec![segment(0.0..4.5, "1"), segment(5.0..7.5, "2"), segment(7.0..99.0, "3")];
        let recording = PlannedRecording { path: "r.edf".to_owned(), subject: "sub-01".to_owned(), segments };
        Ok(DatasetPlan { recordings: vec![recording], ..DatasetPlan::new(&Math::MONTAGE, &["trial"], options) })
    }
}

#[test]
fn segments_are_cut_out_and_numbered_by_their_tag() {
    let raw = MemoryStorage::with_files([("r.edf", edf(10, 0.0))]);
    let output = MemoryStorage::default();
    block_on(preprocess(&Trials, &raw, &output, &small_options(), &mut |_| ControlFlow::Continue(()))).unwrap();
    assert_eq!(
        text(&output, "train-metadata.csv").lines().collect::<Vec<_>>(),
        [
            "file_name,split,trial",
            "train/sub-01/spectrogram-s1-t1-0.png,train,1",
            "train/sub-01/spectrogram-s1-t1-1.png,train,1",
            "train/sub-01/spectrogram-s1-t2-0.png,train,2",
            "train/sub-01/spectrogram-s1-t3-0.png,train,3",
        ]
    );
    let whole = MemoryStorage::with_files([("Subject00_1.edf", edf(10, 0.0))]);
    write(&whole, "subject-info.csv", "Subject,Age,Gender\nSubject00,20,F\n");
    let of_whole = MemoryStorage::default();
    run_math(&whole, &of_whole, &small_options()).0.unwrap();
    assert_eq!(
        block_on(output.read("train/sub-01/spectrogram-s1-t1-1.png")),
        block_on(of_whole.read("train/sub00/spectrogram-1.png"))
    );
}
