//! Samples of recordings that are filtered, resampled, referred and scaled as a run file asks for.

use super::*;
use crate::{
    config::{ChannelChoice, DataType, Reference, RunConfig, Scaling, Settings},
    signal::decode_npy,
    test_support::shared,
};

const RUN: &str = "
dataset.name = \"math_timeseries\"
dataset.tasks = [\"gender\"]
model.backbone = \"cnn_1d\"
model.input_channels = 20
";

/// The options of a run file of [`RUN`] and these lines.
fn options_of_lines(lines: &str) -> PreprocessOptions {
    let (config, _) = RunConfig::parse(&format!("{RUN}{lines}"), "run.toml").unwrap();
    let settings = Settings::default();
    options_of_run(&Math, &settings, &config, &config.resolve(&settings).unwrap())
}

#[test]
fn a_run_file_says_how_images_are_drawn() {
    let lines = "[preprocessing.spectrogram]\nresolution = 96\nspacing = \"linear\"\nmin_db = -140\n";
    let images = RUN.replace("math_timeseries", "math").replace("cnn_1d", "cnn_light").replace("= 20", "= 1");
    let (config, notices) = RunConfig::parse(&format!("{images}{lines}"), "run.toml").unwrap();
    assert!(notices.is_empty(), "{notices:?}");
    let (settings, _) = Settings::parse("datasets.math.min_db = -120\ndatasets.math.max_db = -90\n", "s.toml").unwrap();
    let options = options_of_run(&Math, &settings, &config, &config.resolve(&settings).unwrap());
    let expected = PreprocessOptions {
        resolution: 96,
        spacing: crate::signal::BinSpacing::Linear,
        min_db: Some(-140.0),
        max_db: Some(-90.0),
        ..options_of(&Math, &settings)
    };
    assert_eq!(options, expected);
    assert!(samples_variant(&Math, &settings, &options).is_some());

    let error = RunConfig::parse(&format!("{images}{lines}max_db = -150\n"), "run.toml").unwrap_err().to_string();
    assert!(error.contains("preprocessing.spectrogram: max_db, -150, must be above min_db, -140"), "{error}");
    let (_, notices) = RunConfig::parse(&format!("{RUN}{lines}"), "run.toml").unwrap();
    assert_eq!(notices.len(), 3, "images that are not drawn: {notices:?}");
}

/// What a storage holds below a split.
fn samples_of(output: &dyn Storage, split: &str) -> Vec<String> {
    let split = format!("{split}/");
    paths(output).into_iter().filter(|path| path.starts_with(&split)).collect()
}

#[test]
fn a_run_file_without_a_signal_path_has_the_datasets_own() {
    let options = options_of_lines("");
    let own = PreprocessOptions { data_type: DataType::Timeseries, ..Math.default_options() };
    assert_eq!(options, own);
    assert_eq!(samples_variant(&Math, &Settings::default(), &options), None);
    // Folders that are there keep their fingerprints.
    let json = serde_json::to_value(&options).unwrap();
    for name in ["filters", "channels", "reference", "bad_channels", "scaling", "split"] {
        assert_eq!(json.get(name), None, "{name}");
    }
}

#[test]
fn windows_have_the_rate_and_length_asked_for_and_each_recordings_own_scale() {
    let raw = math_folder(4);
    let output = MemoryStorage::default();
    let options = options_of_lines(
        "preprocessing.band_hz = [1, 40]\npreprocessing.rate_hz = 100\npreprocessing.window_s = 2.0\n\
         preprocessing.overlap = 0.0\npreprocessing.scaling = \"robust\"\ndataset.split.test = [\"Subject01\"]\n\
         dataset.split.val = [\"2\"]\n",
    );
    assert!(samples_variant(&Math, &Settings::default(), &options).is_some());
    let summary = block_on(preprocess(&Math, &raw, &output, &options, &mut |_| ControlFlow::Continue(()))).unwrap();
    let windows: Vec<_> = summary.splits.iter().map(|split| (split.subjects, split.windows)).collect();
    assert_eq!(windows, [(2, 8), (1, 4), (1, 4)]);
    assert!(samples_of(&output, "test").iter().all(|path| path.contains("/sub01/")));
    assert!(!exists(&output, "math_normalization_stats.json"));
    for path in samples_of(&output, "train") {
        let (channels, samples, values) = decode_npy(&block_on(output.read(&path)).unwrap()).unwrap();
        assert_eq!((channels, samples), (20, 200), "{path}");
        for channel in values.chunks(samples) {
            // A sine wave between its quartiles spans the square root of 2 of its amplitude.
            let largest = channel.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
            assert!((0.6..1.2).contains(&largest), "{path}: {largest}");
            assert!(channel.iter().all(|value| (value * 16_384.0).fract() == 0.0));
        }
    }
}

#[test]
fn the_average_of_all_channels_is_nothing_under_the_average_reference() {
    let raw = math_folder(1);
    let output = MemoryStorage::default();
    let options = PreprocessOptions {
        data_type: DataType::Timeseries,
        scaling: Scaling::None,
        reference: Reference::Average,
        ..small_options()
    };
    block_on(preprocess(&Math, &raw, &output, &options, &mut |_| ControlFlow::Continue(()))).unwrap();
    let path = samples_of(&output, "train").swap_remove(0);
    let (_, samples, values) = decode_npy(&block_on(output.read(&path)).unwrap()).unwrap();
    // The difference of the ears is the last one, and stays.
    let (scalp, ears) = values.split_at(19 * samples);
    for sample in 0..samples {
        let sum: f32 = scalp.iter().skip(sample).step_by(samples).sum();
        assert!(sum.abs() < 1e-10, "{sum}");
    }
    assert!(ears.iter().any(|value| value.abs() > 5e-6));
}

#[test]
fn channels_that_are_the_reference_measure_nothing_themselves() {
    let raw = math_folder(1);
    let output = MemoryStorage::default();
    let options = PreprocessOptions {
        data_type: DataType::Timeseries,
        scaling: Scaling::None,
        channels: ChannelChoice::Labels(vec!["Cz".to_owned(), "O1".to_owned()]),
        reference: Reference::Channels(vec!["O1".to_owned(), "Pz".to_owned()]),
        ..small_options()
    };
    block_on(preprocess(&Math, &raw, &output, &options, &mut |_| ControlFlow::Continue(()))).unwrap();
    let path = samples_of(&output, "train").swap_remove(0);
    let (channels, samples, values) = decode_npy(&block_on(output.read(&path)).unwrap()).unwrap();
    assert_eq!(channels, 2, "Pz is in the reference only");
    let own = PreprocessOptions { reference: Reference::Recorded, ..options };
    let output = MemoryStorage::default();
    block_on(preprocess(&Math, &raw, &output, &own, &mut |_| ControlFlow::Continue(()))).unwrap();
    let recorded = decode_npy(&block_on(output.read(&path)).unwrap()).unwrap().2;
    // Both are less by the same mean: their difference is what it was.
    for sample in 0..samples {
        let difference = |values: &[f32]| values[sample] - values[samples + sample];
        assert!((difference(&values) - difference(&recorded)).abs() < 1e-10);
    }
    assert!(values.iter().zip(&recorded).any(|(a, b)| (a - b).abs() > 1e-6));
}

#[test]
fn channels_are_those_asked_for_in_their_order() {
    let raw = math_folder(1);
    for (channels, expected) in [
        (ChannelChoice::Labels(vec!["Cz".to_owned(), "O1".to_owned()]), vec!["Cz", "O1"]),
        (ChannelChoice::All, vec!["Fp1", "Fp2"]),
    ] {
        let options = PreprocessOptions { channels, ..small_options() };
        let plan = block_on(DatasetPlan::of(&Math, &raw, &options)).unwrap();
        assert!(plan.channels.names().starts_with(&expected), "{:?}", plan.channels);
    }
    let options = PreprocessOptions {
        channels: ChannelChoice::Labels(vec!["E7".to_owned()]),
        data_type: DataType::Timeseries,
        ..small_options()
    };
    let output = MemoryStorage::default();
    let refused = block_on(preprocess(&Math, &raw, &output, &options, &mut |_| ControlFlow::Continue(())));
    assert!(refused.unwrap_err().to_string().contains("there is no channel E7"));
}

#[test]
fn a_band_beyond_half_the_rate_is_refused_by_recording() {
    let raw = math_folder(1);
    let options = options_of_lines("preprocessing.band_hz = [1, 400]\n");
    let output = MemoryStorage::default();
    let refused = block_on(preprocess(&Math, &raw, &output, &options, &mut |_| ControlFlow::Continue(())));
    let message = refused.unwrap_err().to_string();
    assert!(message.contains("a band from 1 to 400 Hz cannot be kept at 250 Hz"), "{message}");
}

/// A recording of eegmat with the table of its subjects, and a signal path for it; `None` where there is none.
fn recording_of_parity() -> Option<(MemoryStorage, PreprocessOptions)> {
    let recording = shared("data/eegmat/Subject00_2.edf")?;
    let table = std::fs::read(recording.with_file_name("subject-info.csv")).unwrap();
    let raw = MemoryStorage::with_files([
        ("Subject00_2.edf", std::fs::read(&recording).unwrap()),
        ("subject-info.csv", table),
    ]);
    let options = PreprocessOptions {
        math_trials: true,
        ..options_of_lines(
            "preprocessing.notch_hz = [50, 60]\npreprocessing.band_hz = [0.1, 75]\npreprocessing.rate_hz = 120\n\
             preprocessing.window_s = 5\npreprocessing.overlap = 0.0\npreprocessing.scaling = \"robust\"\n",
        )
    };
    Some((raw, options))
}

/// The rows of a file of parity, Fp1, Fp2, F3 and F4 one after the other.
fn rows(folder: &std::path::Path, file: &str) -> Vec<Vec<f32>> {
    let (_, samples, values) = decode_npy(&std::fs::read(folder.join(file)).unwrap()).unwrap();
    values.chunks(samples).map(<[f32]>::to_vec).collect()
}

/// By how much of its own size one signal differs from another.
fn relative_difference(found: &[f32], expected: &[f32]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let difference: f64 = found.iter().zip(expected).map(|(a, b)| f64::from(a - b).powi(2)).sum();
    (difference / expected.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>()).sqrt()
}

#[test]
fn windows_of_a_recording_are_those_of_its_whole_signal() {
    let Some(folder) = shared("parity/conditioning") else { return };
    let Some((raw, options)) = recording_of_parity() else { return };
    let plan = block_on(DatasetPlan::for_previews(&Math, &raw, &options)).unwrap();
    let expected = rows(&folder, "4-robust-clamp-20.npy");
    // Not the first and the last one, which hold two seconds of an edge each.
    for window in 1..11 {
        let preview = block_on(window_preview_of(&Math, &plan, &raw, "Subject00_2.edf", &options, window)).unwrap();
        assert_eq!(preview.windows, 12);
        let WindowContent::Signals { channels, .. } = preview.content else { panic!("no image was asked for") };
        for (name, row) in [("Fp1", 0), ("Fp2", 1), ("F3", 2), ("F4", 3)] {
            let (_, found) = channels.iter().find(|(label, _)| label == name).unwrap();
            let relative = relative_difference(found, &expected[row][window * 600..(window + 1) * 600]);
            assert!(relative < 1e-3, "window {window} of {name}: {relative:.1e}");
        }
    }
}

#[test]
fn stages_of_a_window_are_those_of_its_whole_signal() {
    let Some(folder) = shared("parity/conditioning") else { return };
    let Some((raw, options)) = recording_of_parity() else { return };
    let plan = block_on(DatasetPlan::for_previews(&Math, &raw, &options)).unwrap();
    let stages_of = |options: &PreprocessOptions, window| {
        let shown = block_on(window_preview_of(&Math, &plan, &raw, "Subject00_2.edf", options, window)).unwrap();
        (block_on(window_stages(&Math, &plan, &raw, "Subject00_2.edf", options, &shown)).unwrap(), shown)
    };
    let expected = [
        (Step::Recorded, "V", 500, "0-raw.npy"),
        (Step::Notch, "V", 500, "1-notch-50-60.npy"),
        (Step::BandPass, "V", 500, "2-bandpass-0.1-75.npy"),
        (Step::Resampled, "V", 120, "3-resample-120.npy"),
        (Step::Scaled, "IQR", 120, "4-robust-clamp-20.npy"),
    ];
    for window in [1, 6, 10] {
        let (stages, _) = stages_of(&options, window);
        assert_eq!(stages.len(), expected.len());
        for (stage, (step, unit, rate, file)) in stages.iter().zip(expected) {
            assert_eq!((stage.step, stage.unit.as_str(), stage.rate_hz), (step, unit, rate as f64));
            let rows = rows(&folder, file);
            for (name, row) in [("Fp1", 0), ("Fp2", 1), ("F3", 2), ("F4", 3)] {
                let (_, found) = stage.channels.iter().find(|(label, _)| label == name).unwrap();
                let whole = &rows[row][window * 5 * rate..(window + 1) * 5 * rate];
                let relative = relative_difference(found, whole);
                assert!(relative < 1e-3, "{step} of window {window}, {name}: {relative:.1e}");
            }
        }
    }
    // The last stage is the sample, whatever it was measured against.
    let average = PreprocessOptions { reference: Reference::Average, ..options };
    let (stages, shown) = stages_of(&average, 3);
    let steps: Vec<Step> = stages.iter().map(|stage| stage.step).collect();
    assert_eq!(steps[..3], [Step::Recorded, Step::Referred, Step::Notch]);
    let WindowContent::Signals { channels, .. } = shown.content else { panic!("no image was asked for") };
    assert_eq!(stages.last().unwrap().channels, channels);
}
