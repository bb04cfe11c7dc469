//! Windows as they are seen before preprocessing, against what preprocessing writes.

use super::*;
use crate::{
    config::DataType,
    signal::{NormalizationStats, OutputType, decode_npy},
};

const PATH: &str = "raw_eeg/Subject03_1.edf";

fn preview(options: &PreprocessOptions, window: usize) -> Result<WindowPreview, DatasetError> {
    block_on(window_preview(&Math, &math_folder(10), PATH, options, window))
}

/// The file that preprocessing writes for a window of [`PATH`].
fn written(output: &dyn Storage, name: &str) -> Vec<u8> {
    block_on(output.read(&written_to(output, name))).unwrap()
}

/// Where it writes that file.
fn written_to(output: &dyn Storage, name: &str) -> String {
    paths(output).into_iter().find(|path| path.ends_with(&format!("/sub03/{name}"))).unwrap()
}

#[test]
fn an_image_is_the_one_that_preprocessing_writes() {
    for output_type in [OutputType::DbOnly, OutputType::DbPolar] {
        let options = PreprocessOptions { output_type, min_db: Some(-130.0), overlap: 0.5, ..small_options() };
        let output = MemoryStorage::default();
        run_math(&math_folder(10), &output, &options).0.unwrap();
        let split = written_to(&output, "spectrogram-0.png").split('/').next().unwrap().to_owned();
        let samples = block_on(FolderDataset::open(&output, &split, &[])).unwrap();
        for window in [0, 1, 5] {
            let seen = preview(&options, window).unwrap();
            let file = format!("spectrogram-{window}.png");
            assert_eq!(seen.content, WindowContent::Image(written(&output, &file)));
            let row = (0..samples.len()).find(|&row| samples.path(row) == written_to(&output, &file)).unwrap();
            let origin = WindowOrigin { recording: PATH, start_s: seen.start_s, duration_s: seen.length_s };
            assert_eq!(samples.origin(row), Some(origin));
            // 8 s at 125 Hz hold 6 windows of 256 samples that overlap by half.
            assert_eq!((seen.window, seen.windows, seen.length_s), (window, 6, 2.048));
            assert_eq!(seen.start_s, 1.024 * window as f64);
        }
    }
}

#[test]
fn a_window_of_time_series_is_normalised_with_the_statistics_given() {
    let options = PreprocessOptions { data_type: DataType::Timeseries, ..small_options() };
    let output = MemoryStorage::default();
    run_math(&math_folder(10), &output, &options).0.unwrap();
    let statistics: NormalizationStats = serde_json::from_str(&text(&output, "math_normalization_stats.json")).unwrap();
    let with = PreprocessOptions { statistics: Some(statistics), ..options.clone() };
    let WindowContent::Signals { channels, rate_hz, is_estimate } = preview(&with, 2).unwrap().content else {
        panic!("not time series")
    };
    assert_eq!((channels.len(), rate_hz, is_estimate), (20, 125.0, false));
    assert_eq!((channels[0].0.as_str(), channels[19].0.as_str()), ("Fp1", "A2-A1"));
    let (_, _, values) = decode_npy(&written(&output, "timeseries-2.npy")).unwrap();
    assert_eq!(channels.concat_values(), values);

    let without = preview(&options, 2).unwrap().content;
    assert!(matches!(without, WindowContent::Signals { is_estimate: true, .. }));
}

trait ConcatValues {
    fn concat_values(&self) -> Vec<f32>;
}

impl ConcatValues for Vec<(String, Vec<f32>)> {
    fn concat_values(&self) -> Vec<f32> {
        self.iter().flat_map(|(_, values)| values.iter().copied()).collect()
    }
}

#[test]
fn what_cannot_be_seen_is_told() {
    let message = |path: &str, window| {
        let storage = math_folder(2);
        write(&storage, "raw_eeg/Subject01_1.edf", edf(1, 0.0));
        block_on(window_preview(&Math, &storage, path, &small_options(), window)).unwrap_err().to_string()
    };
    assert!(message("raw_eeg/Subject00_1.edf", 3).starts_with("raw_eeg/Subject00_1.edf has 3 windows"));
    assert!(message("raw_eeg/Subject01_1.edf", 0).contains("cannot be used: it is shorter than one window"));
    assert!(message("elsewhere.edf", 0).contains("it is no recording of math"));
    // Recordings of arithmetic can be looked at, whether they are asked for or not.
    assert!(message("raw_eeg/Subject00_2.edf", 9).contains("has 1 windows"));
}
