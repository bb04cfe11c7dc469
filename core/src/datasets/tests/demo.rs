//! The demo: what it writes, and that its labels are there to be learnt but not lying about.

use std::f64::consts::TAU;

use super::*;
use crate::{
    baselines::{BandPower, LinearFit},
    evaluation::Prediction,
    fingerprint::FileMark,
    labels::{MetadataRow, Target},
    recording::open,
};

/// Samples of a window, as long as the default options make them.
const WINDOW: usize = 256;
/// Rate of the recordings in Hz.
const RATE_HZ: f64 = 125.0;

fn generate(options: DemoOptions) -> MemoryStorage {
    let storage = MemoryStorage::default();
    block_on(generate_demo(&storage, &options)).unwrap();
    storage
}

/// What is known of each subject.
const LABELS: [&str; 3] = ["gender", "health", "age"];

/// A recording: its samples in volts, `[20][samples]`, and its subject's [`LABELS`].
struct Labelled {
    channels: Vec<Vec<f64>>,
    labels: Vec<String>,
}

impl Labelled {
    /// Its windows, `[20][WINDOW]`, one after the other.
    fn windows(&self) -> impl Iterator<Item = Vec<&[f64]>> {
        let parts = (0..self.channels[0].len() / WINDOW).map(|window| window * WINDOW..(window + 1) * WINDOW);
        parts.map(move |part| self.channels.iter().map(|samples| &samples[part.clone()]).collect())
    }
}

fn recordings(storage: &MemoryStorage) -> Vec<Labelled> {
    let plan = block_on(Demo.plan(storage, &Demo.default_options())).unwrap();
    plan.recordings
        .iter()
        .map(|planned| {
            let recording = block_on(open(storage, &planned.path)).unwrap();
            let picks = plan.channels.pick(&recording.info().labels()).unwrap();
            assert!(picks.warnings.is_empty());
            let channels = block_on(recording.read(&picks.indices)).unwrap();
            Labelled { channels, labels: planned.segments[0].labels.clone() }
        })
        .collect()
}

/// The share of windows that the best single threshold on their score gets right, whichever side means patient.
fn best_threshold(scores: &[(f64, bool)]) -> f64 {
    let patients = scores.iter().filter(|(_, patient)| *patient).count();
    let mut sorted = scores.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut patients_below = 0;
    let mut best = patients.max(scores.len() - patients);
    for (below, (_, patient)) in sorted.iter().enumerate() {
        let right = (below - patients_below) + (patients - patients_below);
        best = best.max(right).max(scores.len() - right);
        patients_below += usize::from(*patient);
    }
    best as f64 / scores.len() as f64
}

/// A score for every window of every recording, and whether its subject is a patient.
fn scores(recordings: &[Labelled], score: impl Fn(&[&[f64]]) -> f64) -> Vec<(f64, bool)> {
    let of = |recording: &Labelled| -> Vec<_> {
        recording.windows().map(|window| (score(&window), recording.labels[1] == "PD")).collect()
    };
    recordings.iter().flat_map(of).collect()
}

/// Power of a channel between two frequencies in Hz, in steps of the window's resolution.
fn band_power(samples: &[f64], low_hz: f64, high_hz: f64) -> f64 {
    let bins = |hz: f64| (hz * WINDOW as f64 / RATE_HZ).round() as usize;
    (bins(low_hz)..bins(high_hz))
        .map(|bin| {
            let angle = |sample: usize| TAU * ((bin * sample) % WINDOW) as f64 / WINDOW as f64;
            let part = |wave: fn(f64) -> f64| -> f64 {
                samples.iter().enumerate().map(|(sample, value)| value * wave(angle(sample))).sum()
            };
            part(f64::cos).powi(2) + part(f64::sin).powi(2)
        })
        .sum()
}

#[test]
fn health_is_in_the_beta_band_and_not_in_the_loudness() {
    let recordings = recordings(&generate(DemoOptions::default()));
    let power = |window: &[&[f64]]| window.iter().flat_map(|samples| samples.iter()).map(|v| v * v).sum::<f64>();
    let loudness = best_threshold(&scores(&recordings, power));
    assert!(loudness < 0.8, "a threshold on total power is right for {loudness} of the windows");

    // Around 20 Hz against just above and below, over C3, C4 and Cz, positions 8 to 10 of the montage.
    let beta = |window: &[&[f64]]| {
        let sum = |low, high| window[7..10].iter().map(|samples| band_power(samples, low, high)).sum::<f64>();
        sum(18.0, 22.0) / (sum(12.5, 16.0) + sum(25.0, 30.0))
    };
    let rhythm = best_threshold(&scores(&recordings, beta));
    assert!(rhythm > 0.93, "the beta band is right for {rhythm} of the windows");
    assert!(rhythm < 1.0, "the beta band separates all windows: too easy");
}

/// What a linear model of band powers makes of a label, fitted to four people of five: what it says of the windows of the
/// others, and what is so.
fn told_of_strangers(recordings: &[Labelled], task: &str) -> Vec<(Prediction, Target)> {
    let bands = BandPower::new(WINDOW, RATE_HZ).unwrap();
    let (headers, labels) = (LABELS.map(str::to_owned), Demo.labels());
    let label = labels.get(task).unwrap();
    let [mut known, mut strangers] = [Vec::new(), Vec::new()];
    for (number, recording) in recordings.iter().enumerate() {
        let target = label.encode(&MetadataRow::new(&headers, &recording.labels, "", 1)).unwrap();
        let samples = if number % 5 == 0 { &mut strangers } else { &mut known };
        samples.extend(recording.windows().map(|window| {
            let window: Vec<f32> = window.concat().iter().map(|&volts| volts as f32).collect();
            (bands.features(recording.channels.len(), &window), target)
        }));
    }
    let features: Vec<&[f64]> = known.iter().map(|(features, _)| features.as_slice()).collect();
    let targets: Vec<Target> = known.iter().map(|(_, target)| *target).collect();
    let mut fit = LinearFit::new(&label.task, &features, &targets, features[0].len()).unwrap();
    while !fit.step() {}
    let model = fit.into_model();
    strangers.iter().map(|(features, target)| (model.predict(features), *target)).collect()
}

#[test]
fn every_label_is_in_the_band_powers_of_strangers() {
    let recordings = recordings(&generate(DemoOptions::default()));
    for task in ["gender", "health"] {
        let told = told_of_strangers(&recordings, task);
        let right = told.iter().filter(|(said, so)| said.class().map(Target::Class) == Some(*so)).count();
        let share = right as f64 / told.len() as f64;
        assert!(share > 0.9, "{task} is right for {share} of the windows");
    }

    let ages: Vec<[f64; 2]> = told_of_strangers(&recordings, "age")
        .into_iter()
        .filter_map(|told| match told {
            (Prediction::Value(said), Target::Value(so)) => Some([said, f64::from(so)]),
            _ => None,
        })
        .collect();
    let mean = ages.iter().map(|[_, so]| so).sum::<f64>() / ages.len() as f64;
    let squares = |from: &dyn Fn(&[f64; 2]) -> f64| ages.iter().map(|age| (age[1] - from(age)).powi(2)).sum::<f64>();
    let explained = 1.0 - squares(&|age| age[0]) / squares(&|_| mean);
    assert!(explained > 0.5, "R² of age is {explained}");
}

#[test]
fn it_repeats_by_its_seed_and_loads_without_a_warning() {
    let small = DemoOptions { subjects: 12, seconds: 5, seed: 3 };
    let [first, again, other] = [small, small, DemoOptions { seed: 4, ..small }].map(generate);
    assert_eq!(paths(&first).len(), 14);
    for path in paths(&first) {
        let bytes = block_on(first.read(&path)).unwrap();
        assert_eq!(bytes, block_on(again.read(&path)).unwrap(), "{path}");
        assert_ne!(bytes, block_on(other.read(&path)).unwrap(), "{path}");
    }
    let table = text(&first, "participants.csv");
    for label in [",F,H", ",F,PD", ",M,H", ",M,PD"] {
        assert_eq!(table.lines().filter(|line| line.ends_with(label)).count(), 3, "{label}");
    }

    let output = MemoryStorage::default();
    let mut events = Vec::new();
    let sink = &mut |event| {
        events.push(event);
        ControlFlow::Continue(())
    };
    let summary = block_on(preprocess(&Demo, &first, &output, &Demo.default_options(), sink)).unwrap();
    assert_eq!((summary.recordings, summary.skipped), (12, 0));
    // One person is to validate on, and one to test on.
    assert!(warnings(&events).iter().all(|warning| warning.contains("holds a single class of `gender`")));
    assert_eq!(text(&output, "val-metadata.csv").lines().next(), Some("file_name,split,gender,health,age"));
}

#[test]
fn a_demo_that_another_version_generated_is_told_from_anyones_recordings() {
    let is_older = |storage: &MemoryStorage| block_on(is_older_demo(storage)).unwrap();
    let demo = generate(DemoOptions { subjects: 2, seconds: 2, seed: 0 });
    assert!(!is_older(&demo) && !is_older(&MemoryStorage::default()));
    let record = text(&demo, "demo.json");
    write(&demo, "demo.json", record.replace("\"version\": 2", "\"version\": 1"));
    assert!(is_older(&demo));
    block_on(demo.remove("demo.json")).unwrap();
    assert!(is_older(&demo), "before there were records");
    assert!(!is_older(&MemoryStorage::with_files([("sub-01.edf", edf(8, 0.0))])));
}

/// Another digest means another version of the generator: raise `DEMO_VERSION` with it.
#[test]
fn the_version_of_the_generator_is_that_of_its_files() {
    let demo = generate(DemoOptions { subjects: 1, seconds: 2, seed: 0 });
    let mark = block_on(FileMark::read(&demo, "sub-01.edf")).unwrap();
    assert_eq!((mark.bytes, &mark.sha256[..12]), (15_376, "6abf18edc8e1"));
    assert!(text(&demo, "demo.json").contains("\"version\": 2"));
}

#[test]
fn sizes_out_of_range_are_refused() {
    let storage = MemoryStorage::default();
    let refusal = |options| block_on(generate_demo(&storage, &options)).unwrap_err().to_string();
    let options = DemoOptions::default();
    assert_eq!(refusal(DemoOptions { subjects: 0, ..options }), "the demo needs 1 to 999 subjects, not 0");
    assert_eq!(refusal(DemoOptions { seconds: 3601, ..options }), "the demo needs 1 to 3600 seconds, not 3601");
    assert!(paths(&storage).is_empty());
}
