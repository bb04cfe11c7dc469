//! Channels whose electrode recorded nothing of use: found, told, and kept, interpolated or left out.

use std::{collections::BTreeMap, f64::consts::TAU};

use serde_json::Value;

use super::*;
use crate::{
    config::{BadChannels, ChannelChoice, DataType, Reference, Scaling},
    datasets::positions::position_of,
    signal::decode_npy,
    test_support::shared,
};

/// Two subjects' recordings in which each channel is a smooth field over the head, and then what `spoil` makes of it: by
/// subject and label.
fn folder(spoil: impl Fn(usize, &str, &mut Vec<f64>)) -> MemoryStorage {
    let labels = math_labels();
    let mut files = vec![("subject-info.csv".to_owned(), b"Subject,Age,Gender,Recording year\n".to_vec())];
    for subject in 0..2 {
        files[0].1.extend(format!("Subject{subject:02},{},F,2011\n", 20 + subject).bytes());
        let channel = |label: &String| {
            let at = position_of(label).unwrap_or([0.2, 0.1, 0.3]);
            let sample = |sample: usize| {
                let wave = |hz: f64| (TAU * hz * sample as f64 / 250.0).sin();
                15e-6 * (at[0] * wave(7.0) + at[1] * wave(11.0) + at[2] * wave(4.0) + 0.5 * wave(9.0))
            };
            let mut samples: Vec<f64> = (0..8 * 250).map(sample).collect();
            spoil(subject, label.trim_start_matches("EEG "), &mut samples);
            samples
        };
        let samples: Vec<Vec<f64>> = labels.iter().map(channel).collect();
        let channels: Vec<_> = labels
            .iter()
            .zip(&samples)
            .map(|(label, samples)| EdfChannel {
                label,
                rate_hz: 250,
                physical_min_uv: -500.0,
                physical_max_uv: 500.0,
                samples,
            })
            .collect();
        let start = StartTime { year: 2020, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
        let header = EdfHeader { patient: "X X X X".to_owned(), recording: "Startdate X X X X".to_owned(), start };
        files.push((format!("Subject{subject:02}_1.edf"), write_edf(&header, &channels, &[]).unwrap()));
    }
    MemoryStorage::with_files(files)
}

/// What spoils a channel.
fn spoil(fault: &str, samples: &mut [f64]) {
    let noise = |sample: usize| (sample as f64 * 12.9898).sin() * 43_758.545;
    match fault {
        "flat" => samples.fill(2e-6),
        "silent" => samples[500..1000].fill(0.0),
        "clipped" => samples.iter_mut().for_each(|sample| *sample = sample.clamp(-6e-6, 6e-6)),
        "noisy" => samples.iter_mut().for_each(|sample| *sample *= 10.0),
        "unlike" => samples.iter_mut().enumerate().for_each(|(index, sample)| *sample = 15e-6 * noise(index).fract()),
        _ => panic!("unknown fault {fault}"),
    }
}

fn options(bad_channels: BadChannels) -> PreprocessOptions {
    PreprocessOptions { data_type: DataType::Timeseries, scaling: Scaling::None, bad_channels, ..small_options() }
}

/// The samples of both subjects, `[channels][samples]` each, by their path.
fn made(
    raw: &MemoryStorage,
    options: &PreprocessOptions,
) -> (BTreeMap<String, Vec<Vec<f32>>>, Vec<PreprocessEvent>, Value) {
    let output = MemoryStorage::default();
    let (summary, events) = run_math(raw, &output, options);
    summary.unwrap();
    let read = |path: String| {
        let (_, samples, values) = decode_npy(&block_on(output.read(&path)).unwrap()).unwrap();
        (path, values.chunks(samples).map(<[f32]>::to_vec).collect())
    };
    let windows = paths(&output).into_iter().filter(|path| path.ends_with(".npy")).map(read).collect();
    let report = serde_json::from_str(&text(&output, PREPROCESSING_FILE)).unwrap();
    (windows, events, report)
}

#[test]
fn each_fault_is_told_and_changes_nothing_of_samples_that_are_kept() {
    let (good, events, report) = made(&folder(|_, _, _| {}), &options(BadChannels::Keep));
    assert_eq!(warnings(&events).iter().filter(|text| text.contains("Bad channels")).count(), 0);
    assert_eq!(report.get("bad_channels"), None);
    for (fault, told) in [
        ("flat", "EEG T3 (flat)"),
        ("silent", "EEG T3 (no signal in 2 s)"),
        ("clipped", "EEG T3 (clipped in "),
        ("noisy", "EEG T3 (noisier than the others by "),
        ("unlike", "EEG T3 (unlike its neighbours, with a correlation of at most 0."),
    ] {
        let raw = folder(|subject, label, samples| {
            if (subject, label) == (1, "T3") {
                spoil(fault, samples);
            }
        });
        let (kept, events, report) = made(&raw, &options(BadChannels::Keep));
        let start = format!("Subject01_1.edf: Bad channels, kept as they are: {told}");
        let warnings = warnings(&events);
        assert!(warnings.iter().any(|text| text.starts_with(&start)), "{fault}: {warnings:?}");
        assert_eq!(warnings.iter().filter(|text| text.contains("Bad channels")).count(), 1, "{warnings:?}");
        let reported = &report["bad_channels"]["Subject01_1.edf"][0];
        assert_eq!((&reported["channel"], &reported["fault"]), (&Value::from("EEG T3"), &Value::from(fault)));
        for (path, window) in &kept {
            for (channel, samples) in window.iter().enumerate().filter(|(channel, _)| *channel != 15) {
                assert_eq!(samples, &good[path][channel], "{fault}: {path}, {channel}");
            }
        }
    }
}

#[test]
fn what_is_interpolated_is_what_the_field_had_there() {
    let good = made(&folder(|_, _, _| {}), &options(BadChannels::Keep)).0;
    for fault in ["flat", "noisy"] {
        let raw = folder(|subject, label, samples| {
            if (subject, label) == (1, "Cz") {
                spoil(fault, samples);
            }
        });
        for reference in [Reference::Recorded, Reference::Average] {
            let options = PreprocessOptions { reference: reference.clone(), ..options(BadChannels::Interpolate) };
            let (windows, events, _) = made(&raw, &options);
            assert!(warnings(&events).iter().any(|text| text.contains("interpolated from those around them: EEG Cz")));
            if reference == Reference::Average {
                continue;
            }
            for (path, window) in &windows {
                for (channel, (found, expected)) in window.iter().zip(&good[path]).enumerate() {
                    let power: f32 = expected.iter().map(|value| value * value).sum();
                    let error: f32 = found.iter().zip(expected).map(|(a, b)| (a - b).powi(2)).sum();
                    // The field is linear in the direction, which splines follow closely but not exactly.
                    let tolerated = if channel == 9 { 0.01 } else { 0.0 };
                    assert!(error <= tolerated * power, "{fault}: {path}, {channel}: {}", error / power);
                }
            }
        }
    }
}

#[test]
fn what_cannot_be_interpolated_is_refused_with_its_reason() {
    let refused = |bad: &[&str], channels: ChannelChoice| {
        let raw = folder(|subject, label, samples| {
            if subject == 1 && bad.contains(&label) {
                spoil("flat", samples);
            }
        });
        let options = PreprocessOptions { channels, ..options(BadChannels::Interpolate) };
        let (_, events, _) = made(&raw, &options);
        let skipped = skipped(&events);
        assert_eq!(skipped.len(), 1, "{skipped:?}");
        assert_eq!(skipped[0].0, "Subject01_1.edf");
        skipped[0].1.to_owned()
    };
    let ears = refused(&["A2-A1"], ChannelChoice::TenTwenty);
    assert!(ears.contains("EEG A2-A1 (flat) cannot be interpolated") && ears.contains("no known position"), "{ears}");
    let many = refused(&["O1", "O2", "Pz", "P3", "P4"], ChannelChoice::TenTwenty);
    assert!(many.contains("from 14 good ones of 19 on the scalp"), "{many}");
    let few = refused(&["Cz"], ChannelChoice::Labels(["Cz", "C3", "C4", "Fz"].map(str::to_owned).to_vec()));
    assert!(few.contains("from 3 good ones of 4"), "{few}");
}

#[test]
fn a_channel_that_is_bad_in_one_recording_is_left_out_of_all() {
    let good = made(&folder(|_, _, _| {}), &options(BadChannels::Keep)).0;
    let raw = folder(|subject, label, samples| match (subject, label) {
        (1, "Cz") => spoil("flat", samples),
        (1, "O1") => spoil("silent", samples),
        (0, "T3") => spoil("noisy", samples),
        _ => {}
    });
    let (windows, events, report) = made(&raw, &options(BadChannels::Drop));
    let told = "bad channels are left out of all recordings: Cz (bad in Subject01_1.edf), O1 (bad in Subject01_1.edf), \
                T3 (bad in Subject00_1.edf)";
    assert!(warnings(&events).contains(&told), "{:?}", warnings(&events));
    assert_eq!(report["montage"].as_array().map(Vec::len), Some(17));
    assert_eq!(report["bad_channels"].as_object().map(serde_json::Map::len), Some(2));
    let kept: Vec<usize> = (0..20).filter(|channel| ![9, 13, 15].contains(channel)).collect();
    assert_eq!(windows.len(), good.len());
    for (path, window) in &windows {
        let expected: Vec<&Vec<f32>> = kept.iter().map(|&channel| &good[path][channel]).collect();
        assert_eq!(window.iter().collect::<Vec<_>>(), expected, "{path}");
    }
    // A window is seen without the channels that are bad in its recording.
    let drop = options(BadChannels::Drop);
    let seen = block_on(window_preview(&Math, &raw, "Subject01_1.edf", &drop, 0)).unwrap();
    let WindowContent::Signals { channels, .. } = seen.content else { panic!("not time series") };
    assert_eq!((channels.len(), seen.bad_channels.len()), (18, 2));
}

#[test]
fn a_dataset_without_a_good_channel_and_a_bad_reference_are_refused() {
    let raw = folder(|_, label, samples| {
        if label == "Cz" {
            spoil("flat", samples);
        }
    });
    let only = ChannelChoice::Labels(vec!["Cz".to_owned()]);
    let output = MemoryStorage::default();
    let options = PreprocessOptions { channels: only, ..options(BadChannels::Drop) };
    let refused = run_math(&raw, &output, &options).0.unwrap_err().to_string();
    assert!(refused.contains("every channel is bad in one of the recordings"), "{refused}");
    let raw = folder(|subject, label, samples| match (subject, label) {
        (1, "Cz") | (0, "O1") => spoil("flat", samples),
        _ => {}
    });
    let options = PreprocessOptions {
        channels: ChannelChoice::Labels(["Fz", "O1", "O2"].map(str::to_owned).to_vec()),
        reference: Reference::Channels(vec!["Cz".to_owned()]),
        ..options
    };
    let (summary, events) = run_math(&raw, &output, &options);
    summary.unwrap();
    assert!(skipped(&events)[0].1.contains("EEG Cz (flat) is one that the others are measured against"), "{events:?}");
}

/// Recorders write zeros while they pause, and flat channels may be most of a file's.
#[test]
fn pauses_are_the_recorders_and_flat_channels_are_none_to_compare_with() {
    let raw = folder(|_, _, samples| samples[250..750].fill(0.0));
    let (_, events, _) = made(&raw, &options(BadChannels::Keep));
    assert_eq!(warnings(&events).iter().filter(|text| text.contains("Bad channels")).count(), 0);
    let alive = ["Fp1", "Fp2", "F3", "F4", "C3", "C4", "O1"];
    let raw = folder(|_, label, samples| match label {
        "O1" => spoil("noisy", samples),
        label if !alive.contains(&label) => spoil("flat", samples),
        _ => {}
    });
    let (_, events, _) = made(&raw, &options(BadChannels::Keep));
    let told = warnings(&events).into_iter().find(|text| text.contains("Bad channels")).unwrap();
    assert_eq!(told.matches("(flat)").count(), 13, "{told}");
    assert!(told.contains("EEG O1 (noisier") && !told.contains("C3"), "{told}");
}

#[test]
fn hardly_any_channel_of_good_recordings_is_called_bad() {
    let Some(folder) = shared("data/eegmat") else { return };
    let mut told = Vec::new();
    for subject in 0..6 {
        let path = format!("Subject{subject:02}_2.edf");
        let files = [path.as_str(), "subject-info.csv"].map(|name| (name, std::fs::read(folder.join(name)).unwrap()));
        let raw = MemoryStorage::with_files(files);
        let options = PreprocessOptions { data_type: DataType::Timeseries, ..Math.default_options() };
        let seen = block_on(window_preview(&Math, &raw, &path, &options, 0)).unwrap();
        told.extend(seen.bad_channels.into_iter().map(|bad| format!("{path}: {bad}")));
    }
    assert!(told.len() <= 6, "{told:#?}");
    assert!(told.iter().all(|bad| !bad.contains("A2-A1")), "{told:#?}");
}

#[test]
fn what_was_left_out_is_left_out_of_new_recordings_too() {
    let raw = folder(|subject, label, samples| {
        if (subject, label) == (1, "Cz") {
            spoil("flat", samples);
        }
    });
    let output = MemoryStorage::default();
    run_math(&raw, &output, &options(BadChannels::Drop)).0.unwrap();
    let recipe = block_on(SampleRecipe::of_prepared(&output)).unwrap();
    assert!(recipe.channels.len() == 19 && !recipe.channels.contains(&"Cz".to_owned()));
    let made = block_on(recipe.samples_of(&raw, "Subject00_1.edf")).unwrap();
    let first = paths(&output).into_iter().find(|path| path.ends_with("/sub00/timeseries-0.npy")).unwrap();
    let (channels, samples, values) = decode_npy(&block_on(output.read(&first)).unwrap()).unwrap();
    assert!(made.features[0] == Features::Signal { channels, samples, values });
}
