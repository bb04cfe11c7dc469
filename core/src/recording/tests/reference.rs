//! Against what MNE-Python reads from the recordings in the shared folder, and all recordings there.

use std::path::Path;

use serde_json::Value;

use super::read_all;
use crate::{
    recording::{ChannelKind, RecordingInfo},
    storage::MemoryStorage,
    test_support::shared,
};

/// Every file of a folder, in memory.
pub(super) fn load(folder: &Path) -> MemoryStorage {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    MemoryStorage::with_files(
        files
            .filter(|file| file.file_type().unwrap().is_file())
            .map(|file| (file.file_name().into_string().unwrap(), std::fs::read(file.path()).unwrap())),
    )
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

/// Equal but for the order of additions and multiplications.
fn assert_equal(actual: f64, expected: f64, what: &str) {
    assert!((actual - expected).abs() <= 1e-12 * expected.abs() + 1e-18, "{what}: {actual} for {expected}");
}

#[test]
fn recordings_are_read_as_mne_python_reads_them() {
    let Some(folder) = shared("data/recordings") else { return };
    let reference: Value = serde_json::from_slice(&std::fs::read(folder.join("reference.json")).unwrap()).unwrap();
    let storage = load(&folder);
    let mut compared = 0;
    for (file, expected) in reference.as_object().unwrap() {
        let result = read_all(&storage, file);
        // Formats that MNE-Python reads and this crate refuses for now.
        if file.ends_with("_h5.set") || file.ends_with(".cnt") {
            assert!(result.unwrap_err().to_string().contains("not supported yet"), "{file}");
            continue;
        }
        let (info, samples) = result.unwrap_or_else(|error| panic!("{error}"));
        let labels: Vec<&str> = info.channels.iter().map(|channel| channel.label.as_str()).collect();
        assert_eq!(labels, strings(&expected["channels"]), "{file}");
        assert_eq!(info.annotations.len() as u64, expected["annotations"].as_u64().unwrap(), "{file}");
        let rate = expected["rate_hz"].as_f64().unwrap();
        assert_eq!(info.channels.iter().map(|channel| channel.rate_hz).fold(0.0, f64::max), rate, "{file}");
        for (channel, kind) in info.channels.iter().zip(strings(&expected["channel_types"])) {
            assert_eq!(channel.kind == ChannelKind::Trigger, kind == "stim", "{file}: {}", channel.label);
        }
        for (label, values) in expected["values"].as_object().unwrap() {
            let channel = labels.iter().position(|other| other == label).unwrap();
            let (samples, what) = (&samples[channel], format!("{file}, {label}"));
            if info.channels[channel].rate_hz != rate {
                // MNE-Python resamples a slower channel to the highest rate; here it keeps its own.
                assert_eq!(file, "test_uneven_samp.edf");
                assert_eq!(info.channels[channel].rate_hz, 12.8);
            } else {
                assert_eq!(samples.len() as u64, expected["samples"].as_u64().unwrap(), "{what}");
                for (index, value) in numbers(&expected["sample_index"]).into_iter().zip(numbers(values)) {
                    assert_equal(samples[index as usize], value, &what);
                }
            }
            let mean = samples.iter().sum::<f64>() / samples.len() as f64;
            let scale = samples.iter().map(|sample| sample.abs()).fold(0.0, f64::max);
            // Resampling by the Fourier method keeps the mean.
            assert!((mean - expected["mean"][label].as_f64().unwrap()).abs() < 1e-12 * scale, "{what}: mean {mean}");
        }
        compared += 1;
    }
    assert!(compared >= 10, "only {compared} files were compared");
}

#[test]
fn annotations_are_those_of_the_file() {
    let Some(folder) = shared("data/recordings") else { return };
    let storage = load(&folder);
    let annotations = |file: &str| {
        let (info, _) = read_all(&storage, file).unwrap();
        info.annotations.into_iter().map(|note| (note.onset_s, note.duration_s, note.text)).collect::<Vec<_>>()
    };
    let expected = [
        (0.0, 0.0, "start"),
        (0.1344, 0.256, "type A"),
        (0.3904, 1.0, "type A"),
        (2.0, 0.0, "type B"),
        (2.5, 2.5, "type A"),
    ];
    assert_eq!(annotations("test.edf"), expected.map(|(onset, duration, text)| (onset, duration, text.to_owned())));
    assert_eq!(annotations("test_utf8_annotations.edf")[1], (2.0, 0.5, "仰卧".to_owned()));
    // The first record of this one starts within a second, so onsets count from there.
    let expected = [(1.951172, "XLSpike"), (3.492188, "Clip Note")];
    for (actual, (onset, text)) in annotations("subsecond_starttime.edf").iter().zip(expected) {
        assert!((actual.0 - onset).abs() < 1e-6 && actual.2 == text, "{actual:?}");
    }
    let events = annotations("test_raw.set");
    assert!((events[1].0 - 1.695381).abs() < 1e-6 && events[1].2 == "square", "{:?}", events[1]);
}

#[test]
fn duplicate_labels_and_uneven_rates_are_warned_of_or_kept() {
    let Some(folder) = shared("data/recordings") else { return };
    let storage = load(&folder);
    let (info, _) = read_all(&storage, "duplicate_channel_labels.edf").unwrap();
    assert_eq!(info.warnings, ["Several channels share a label, so each got a number appended: EEG F1-Ref."]);
    let (info, samples) = read_all(&storage, "test_uneven_samp.edf").unwrap();
    assert_eq!((info.duration_s, samples[0].len(), samples[1].len()), (110.0, 11_000, 1_408));
}

/// Reads a recording, and checks that its samples look like EEG in volts.
fn read_eeg(storage: &MemoryStorage, file: &str) -> (RecordingInfo, Vec<Vec<f64>>) {
    let (info, samples) = read_all(storage, file).unwrap_or_else(|error| panic!("{error}"));
    for (channel, samples) in info.channels.iter().zip(&samples) {
        assert_eq!(channel.samples, samples.len() as u64, "{file}: {}", channel.label);
        assert_eq!(channel.rate_hz, 500.0, "{file}: {}", channel.label);
        let mean = samples.iter().sum::<f64>() / samples.len() as f64;
        let power = samples.iter().map(|sample| (sample - mean).powi(2)).sum::<f64>() / samples.len() as f64;
        if channel.label.starts_with('X') {
            // Electrodes that the stand-in recordings have in name only.
            assert_eq!(power, 0.0, "{file}: {}", channel.label);
            continue;
        }
        assert!((1e-8..1e-2).contains(&power.sqrt()), "{file}: {} has {} V", channel.label, power.sqrt());
    }
    (info, samples)
}

#[test]
fn every_mental_arithmetic_recording_is_read() {
    let Some(folder) = shared("data/eegmat") else { return };
    let storage = load(&folder);
    let files = pollster::block_on(crate::storage::Storage::list(&storage, "")).unwrap();
    let recordings: Vec<_> = files.iter().filter(|file| crate::recording::is_recording_name(&file.path)).collect();
    assert!(recordings.len() >= 2);
    for file in recordings {
        let (info, _) = read_eeg(&storage, &file.path);
        assert_eq!((info.channels.len(), info.warnings), (21, Vec::new()), "{}", file.path);
    }
}

#[test]
fn every_parkinsons_recording_is_read() {
    let Some(folder) = shared("data/parkinsons-shaped") else { return };
    for subject in 1..=16 {
        let storage = load(&folder.join(format!("sub-{subject:03}/eeg")));
        let (info, samples) = read_eeg(&storage, &format!("sub-{subject:03}_task-Rest_eeg.set"));
        assert_eq!((info.channels.len(), info.duration_s, info.warnings), (63, 40.0, Vec::new()), "subject {subject}");
        // Samples that MNE-Python 1.13.2 reads: of a compressed dataset, and of one with its samples in a .fdt.
        match subject {
            1 => assert_equal(samples[3][12_345], -7.702526092529297e-06, "subject 1"),
            4 => assert_equal(samples[3][12_345], -1.2938245773315428e-05, "subject 4"),
            _ => {}
        }
    }
}
