//! The recordings of real people, where they are at hand.

use std::{collections::BTreeSet, path::Path};

use super::*;
use crate::{recording::open_without_annotations, signal::Windowing, test_support::shared};

/// The subjects in the shared folder `data/eegmat`, whose table lists all 36 of the published dataset.
pub(super) const PEOPLE_IN_EEGMAT: usize = 30;

/// A folder with all its files, in memory.
pub(super) fn load(root: &Path) -> MemoryStorage {
    fn visit(root: &Path, folder: &Path, files: &mut Vec<(String, Vec<u8>)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                visit(root, &path, files);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                files.push((name, std::fs::read(&path).unwrap()));
            }
        }
    }
    let mut files = Vec::new();
    visit(root, root, &mut files);
    MemoryStorage::with_files(files)
}

/// Recordings of a folder here that may have bad channels: they are good ones, cleaned or made so.
const MOST_WITH_BAD_CHANNELS: usize = 6;

/// Preprocesses a folder, opens every split with every task, and returns rows a split.
fn rows_by_split(dataset: &dyn RawDataset, folder: &str, options: &PreprocessOptions) -> Option<[usize; 3]> {
    let raw = load(&shared(folder)?);
    let output = MemoryStorage::default();
    let mut events = Vec::new();
    let summary = block_on(preprocess(dataset, &raw, &output, options, &mut |event| {
        events.push(event);
        ControlFlow::Continue(())
    }))
    .unwrap();
    assert_eq!(summary.skipped, 0, "{events:?}");
    // A split of one subject holds one class of what is true of a subject.
    let is_alone =
        |split: &SplitSummary| split.subjects == 1 && split.labels.iter().any(|it| it.only_class().is_some());
    let (bad, others): (Vec<_>, Vec<_>) = warnings(&events).into_iter().partition(|text| text.contains("Bad channels"));
    assert!(bad.len() <= MOST_WITH_BAD_CHANNELS, "{bad:#?}");
    assert_eq!(others.len(), summary.splits.iter().filter(|split| is_alone(split)).count());

    let windowing = Windowing::new(options.window_length, options.overlap).unwrap();
    let seconds = |samples: usize| samples as f64 / options.rate_hz;
    let mut origins = BTreeSet::new();
    let registry = dataset.labels();
    let specs: Vec<_> = registry.names().map(|task| registry.get(task).unwrap().clone()).collect();
    Some(SPLIT_FRACTIONS.map(|(split, _)| {
        let dataset = block_on(FolderDataset::open(&output, split, &specs)).unwrap();
        let size = options.resolution;
        assert_eq!(dataset.feature_shape(), FeatureShape::Image { channels: 1, height: size, width: size });
        block_on(dataset.load(&[0, dataset.len() - 1])).unwrap();
        for row in 0..dataset.len() {
            let WindowOrigin { recording, start_s, duration_s } = dataset.origin(row).unwrap();
            let hop = (start_s / seconds(windowing.shift())).round() as usize;
            assert_eq!((start_s, duration_s), (seconds(hop * windowing.shift()), seconds(windowing.length)));
            let length_s = block_on(open_without_annotations(&raw, recording)).unwrap().info().duration_s;
            assert!(start_s + duration_s <= length_s, "{recording}: {start_s} s of {length_s} s");
            assert!(origins.insert((recording.to_owned(), hop)), "{recording}: two windows at {start_s} s");
        }
        dataset.len()
    }))
}

#[test]
fn parkinsons_preprocesses_completely() {
    let rows = rows_by_split(&Parkinsons, "data/parkinsons-shaped", &PreprocessOptions::default());
    // 40 s hold 3 windows of 2048 samples at 125 Hz that overlap by half; 13, 2 and 1 of the 16 subjects.
    assert!(rows.is_none_or(|rows| rows == [39, 6, 3]), "{rows:?}");
}

#[test]
fn math_preprocesses_completely() {
    let options = PreprocessOptions { math_trials: true, ..PreprocessOptions::default() };
    let rows = rows_by_split(&Math, "data/eegmat", &options);
    // About 180 s of rest and 60 s of arithmetic: 21 and 6 windows, a few less where a recording is
    // shorter; 24, 3 and 3 of the 30 subjects.
    assert!(rows.is_none_or(|rows| rows == [646, 81, 68]), "{rows:?}");
}
