//! Stretches of recordings.

use std::ops::Range;

use proptest::prelude::*;

use super::{
    Metered,
    edf::{field, put},
    read_all,
    reference::load,
};
use crate::{
    recording::{Annotation, EdfChannel, EdfHeader, RecordingInfo, StartTime, Traces, open, traces, write_edf},
    storage::{MemoryStorage, Storage},
    test_support::shared,
};

/// A minute of two channels of 100 and 10 Hz, with a remark after 30 s.
fn minute() -> Vec<u8> {
    let ramp = |samples: usize| (0..samples).map(|index| index as f64 * 1e-8).collect::<Vec<_>>();
    let (fast, slow) = (ramp(6000), ramp(600));
    let channel = |label, rate_hz, samples| EdfChannel {
        label,
        rate_hz,
        physical_min_uv: -100.0,
        physical_max_uv: 100.0,
        samples,
    };
    let start = StartTime::new(2021, [5, 2], [23, 4, 59]).unwrap();
    let header =
        EdfHeader { patient: "X X X X".to_owned(), recording: "Startdate 02-MAY-2021 X X X".to_owned(), start };
    let note = Annotation { onset_s: 30.0, duration_s: 2.0, text: "eyes closed".to_owned() };
    write_edf(&header, &[channel("Fp1", 100, &fast), channel("Fp2", 10, &slow)], &[note]).unwrap()
}

fn read(storage: &dyn Storage, path: &str, channels: &[usize], seconds: Range<f64>) -> Vec<Vec<f64>> {
    pollster::block_on(async { open(storage, path).await.unwrap().read_range(channels, seconds).await.unwrap() })
}

fn look(storage: &dyn Storage, path: &str, start_s: f64, length_s: f64, points: usize) -> Traces {
    pollster::block_on(async { traces(&*open(storage, path).await.unwrap(), start_s, length_s, points).await.unwrap() })
}

/// That a stretch is the part of the whole that its indices say.
fn assert_part(storage: &dyn Storage, path: &str, whole: &(RecordingInfo, Vec<Vec<f64>>), seconds: Range<f64>) {
    let (info, samples) = whole;
    let channels: Vec<usize> = (0..samples.len()).rev().collect();
    let part = read(storage, path, &channels, seconds.clone());
    for (&channel, part) in channels.iter().zip(part) {
        let indices = info.channels[channel].samples_in(&seconds);
        let expected = &samples[channel][indices.start as usize..indices.end as usize];
        assert_eq!(part, expected, "{path}, {seconds:?}, {}", info.channels[channel].label);
    }
}

#[test]
fn a_stretch_is_that_part_of_every_real_recording() {
    let Some(folder) = shared("data/recordings") else { return };
    let storage = load(&folder);
    let mut compared = 0;
    for entry in pollster::block_on(storage.list("")).unwrap() {
        let Ok(whole) = read_all(&storage, &entry.path) else { continue };
        let duration = whole.0.duration_s;
        for (from, to) in [(0.0, 0.1), (0.31, 0.57), (0.9, 2.0), (0.5, 0.5), (-1.0, 0.2), (3.0, 4.0)] {
            assert_part(&storage, &entry.path, &whole, from * duration..to * duration);
        }
        compared += 1;
    }
    assert!(compared >= 10, "only {compared} recordings were compared");
}

#[test]
fn a_stretch_of_a_compressed_recording_or_of_one_in_two_files_is_that_part() {
    let Some(folder) = shared("data/parkinsons-shaped") else { return };
    for subject in ["sub-001", "sub-004"] {
        let storage = load(&folder.join(format!("{subject}/eeg")));
        let path = format!("{subject}_task-Rest_eeg.set");
        let whole = read_all(&storage, &path).unwrap();
        assert_part(&storage, &path, &whole, 12.345..13.1);
        assert_part(&storage, &path, &whole, 39.0..50.0);
    }
}

#[test]
fn only_the_stretch_is_read_of_a_file() {
    let storage = Metered::new("long.edf", minute());
    let recording = pollster::block_on(open(&storage, "long.edf")).unwrap();
    storage.total.set(0);
    let samples = pollster::block_on(recording.read_range(&[0], 10.25..12.75)).unwrap();
    assert_eq!(samples[0].len(), 250);
    let size = pollster::block_on(storage.size("long.edf")).unwrap();
    assert!(storage.total.get() < size / 10, "{} of {size} bytes", storage.total.get());
}

#[test]
fn traces_are_thinned_channel_by_channel() {
    let storage = MemoryStorage::with_files([("long.edf", minute())]);
    let seen = look(&storage, "long.edf", 20.0, 10.0, 50);
    assert_eq!((seen.start_s, seen.length_s, seen.duration_s), (20.0, 10.0, 60.0));
    let channels: Vec<_> =
        seen.channels.iter().map(|channel| (&*channel.label, &*channel.unit, channel.rate_hz)).collect();
    assert_eq!(channels, [("Fp1", "V", 100.0), ("Fp2", "V", 10.0)]);
    assert!(seen.channels.iter().all(|channel| channel.extremes.len() == 50));
    let close = |actual: f32, expected: f64| (f64::from(actual) - expected).abs() < 5e-9;
    let [lowest, highest] = seen.channels[0].extremes[0];
    assert!(close(lowest, 2000e-8) && close(highest, 2019e-8), "{lowest} {highest}");
    assert_eq!(seen.annotations, [(30.0, "eyes closed".to_owned())]);

    let end = look(&storage, "long.edf", 55.0, 10.0, 1000);
    assert_eq!((end.length_s, end.channels[0].extremes.len(), end.channels[1].extremes.len()), (5.0, 500, 50));
    assert!(end.annotations.is_empty());
    let beyond = look(&storage, "long.edf", 99.0, f64::NAN, 0);
    assert_eq!((beyond.start_s, beyond.length_s, beyond.channels[0].extremes.len()), (60.0, 0.0, 0));
}

#[test]
fn a_channel_without_a_scale_is_drawn_empty() {
    let mut bytes = minute();
    // The digital maximum of the first of three signals, one of them the annotations, becomes its minimum.
    put(&mut bytes, field(3, 128, 8, 0), "-32768", 8);
    let seen = look(&MemoryStorage::with_files([("long.edf", bytes)]), "long.edf", 20.0, 10.0, 50);
    let drawn: Vec<_> = seen.channels.iter().map(|channel| (&*channel.label, channel.extremes.len())).collect();
    assert_eq!(drawn, [("Fp1", 0), ("Fp2", 50)]);
}

#[test]
fn every_real_recording_can_be_drawn() {
    let Some(folder) = shared("data/recordings") else { return };
    let storage = load(&folder);
    let mut channels = 0;
    for entry in pollster::block_on(storage.list("")).unwrap() {
        if pollster::block_on(open(&storage, &entry.path)).is_ok() {
            channels += look(&storage, &entry.path, 0.0, 1.0, 10).channels.len();
        }
    }
    assert!(channels > 100, "{channels}");
}

proptest! {
    #[test]
    fn any_stretch_is_a_part_of_the_whole(start in -10.0..70.0, length in -5.0..80.0) {
        let storage = MemoryStorage::with_files([("long.edf", minute())]);
        let whole = read_all(&storage, "long.edf").unwrap();
        assert_part(&storage, "long.edf", &whole, start..start + length);
    }
}
