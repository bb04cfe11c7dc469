//! From recordings to files and tables.

mod outdated;
mod output;
mod resumed;
mod unusable;

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
    let windows = Table::parse(text(&output, WINDOWS_FILE).as_bytes(), WINDOWS_FILE).unwrap();
    assert_eq!((0..windows.len()).map(|row| windows.value(row, 0)).collect::<Vec<_>>(), named);
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
    // A channel has 1000 samples of 8 bytes, and then half of them. What is done leaves less room for what follows.
    assert_eq!(read(8 * 12_000), (whole.clone(), vec![8, 5, 3, 2, 2]));
    assert_eq!(read(1), (whole, vec![1; 20]));
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
    assert_eq!(
        text(&output, WINDOWS_FILE).lines().collect::<Vec<_>>(),
        [
            "file_name,recording,start_s,duration_s",
            "train/sub-01/spectrogram-s1-t1-0.png,r.edf,0,2.048",
            "train/sub-01/spectrogram-s1-t1-1.png,r.edf,2.048,2.048",
            "train/sub-01/spectrogram-s1-t2-0.png,r.edf,5,2.048",
            "train/sub-01/spectrogram-s1-t3-0.png,r.edf,7,2.048",
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
