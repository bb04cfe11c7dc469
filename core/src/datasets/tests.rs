//! Tests of the way from raw folders to samples, with recordings that the tests make themselves.

mod bad_channels;
mod demo;
mod folder;
mod interruptions;
mod label_cases;
mod plans;
mod preprocessing;
mod presets;
mod previews;
mod recipe;
mod recordings;
mod shared;
mod signal_paths;
mod surveys;

use std::{
    cell::{Cell, RefCell},
    ops::{ControlFlow, Range},
};

use async_trait::async_trait;
use pollster::block_on;

use super::*;
use crate::{
    delegate_storage,
    recording::{Annotation, EdfChannel, EdfHeader, StartTime, write_edf},
    storage::{MemoryStorage, Storage, StorageError},
};

/// What the fixtures are preprocessed with: two seconds a window, four windows in 8 s.
fn small_options() -> PreprocessOptions {
    PreprocessOptions { window_length: 256, overlap: 0.0, resolution: 64, ..PreprocessOptions::default() }
}

/// An EDF file with these labels, `seconds` of a different sine in each channel; `phase` sets recordings apart.
fn edf_with(labels: &[String], rate_hz: u32, seconds: usize, phase: f64) -> Vec<u8> {
    annotated_edf(labels, rate_hz, seconds, phase, &[])
}

/// The same with annotations.
fn annotated_edf(labels: &[String], rate_hz: u32, seconds: usize, phase: f64, annotations: &[Annotation]) -> Vec<u8> {
    let rate = rate_hz as usize;
    let samples: Vec<Vec<f64>> = (0..labels.len())
        .map(|channel| {
            let hz = 3.0 + channel as f64;
            let value = |sample: usize| (std::f64::consts::TAU * hz * sample as f64 / rate as f64 + phase).sin();
            (0..seconds * rate).map(|sample| 1e-5 * (1.0 + phase) * value(sample)).collect()
        })
        .collect();
    let channels: Vec<_> = labels
        .iter()
        .zip(&samples)
        .map(|(label, samples)| EdfChannel { label, rate_hz, physical_min_uv: -500.0, physical_max_uv: 500.0, samples })
        .collect();
    let start = StartTime { year: 2020, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
    let header = EdfHeader { patient: "X X X X".to_owned(), recording: "Startdate X X X X".to_owned(), start };
    write_edf(&header, &channels, annotations).unwrap()
}

/// The labels of a mental arithmetic recording, in the order of its files.
fn math_labels() -> Vec<String> {
    let labels = "Fp1 Fp2 F3 F4 F7 F8 T3 T4 C3 C4 T5 T6 P3 P4 O1 O2 Fz Cz Pz A2-A1";
    labels.split(' ').map(|label| format!("EEG {label}")).collect()
}

/// A recording that `math` can use.
fn edf(seconds: usize, phase: f64) -> Vec<u8> {
    edf_with(&math_labels(), 250, seconds, phase)
}

/// A mental arithmetic folder: `subjects` subjects with 8 s of rest and 4 s of arithmetic each.
fn math_folder(subjects: usize) -> MemoryStorage {
    let mut table = String::from("Subject,Age,Gender,Recording year\n");
    let mut files = Vec::new();
    for subject in 0..subjects {
        let gender = if subject.is_multiple_of(2) { "F" } else { "M" };
        table.push_str(&format!("Subject{subject:02},{},{gender},2011\n", 20 + subject));
        files.push((format!("raw_eeg/Subject{subject:02}_1.edf"), edf(8, subject as f64 / 10.0)));
        files.push((format!("raw_eeg/Subject{subject:02}_2.edf"), edf(4, subject as f64 / 7.0)));
    }
    files.push(("subject-info.csv".to_owned(), table.into_bytes()));
    MemoryStorage::with_files(files)
}

/// Preprocesses the mental arithmetic dataset and returns what it told.
fn run_math(
    raw: &dyn Storage,
    output: &dyn Storage,
    options: &PreprocessOptions,
) -> (Result<PreprocessSummary, DatasetError>, Vec<PreprocessEvent>) {
    let mut events = Vec::new();
    let result = block_on(preprocess(&Math, raw, output, options, &mut |event| {
        events.push(event);
        ControlFlow::Continue(())
    }));
    (result, events)
}

fn write(storage: &dyn Storage, path: &str, bytes: impl AsRef<[u8]>) {
    block_on(storage.write(path, bytes.as_ref())).unwrap();
}

fn text(storage: &dyn Storage, path: &str) -> String {
    String::from_utf8(block_on(storage.read(path)).unwrap()).unwrap()
}

fn paths(storage: &dyn Storage) -> Vec<String> {
    block_on(storage.list("")).unwrap().into_iter().map(|entry| entry.path).collect()
}

fn exists(storage: &dyn Storage, path: &str) -> bool {
    block_on(storage.exists(path)).unwrap()
}

fn warnings(events: &[PreprocessEvent]) -> Vec<&str> {
    events
        .iter()
        .filter_map(|event| match event {
            PreprocessEvent::Warning(text) => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

fn skipped(events: &[PreprocessEvent]) -> Vec<(&str, &str)> {
    events
        .iter()
        .filter_map(|event| match event {
            PreprocessEvent::Skipped { path, reason } => Some((path.as_str(), reason.as_str())),
            _ => None,
        })
        .collect()
}

/// A storage whose disk is full after a number of writes, and that counts what it does.
#[derive(Default)]
struct Disk {
    inner: MemoryStorage,
    room: Cell<Option<usize>>,
    bytes_read: Cell<u64>,
    written: RefCell<Vec<String>>,
}

#[async_trait(?Send)]
impl Storage for Disk {
    delegate_storage!(|self| self.inner => list, size, remove);

    async fn read_range(&self, path: &str, range: Range<u64>) -> Result<Vec<u8>, StorageError> {
        self.bytes_read.set(self.bytes_read.get() + (range.end - range.start));
        self.inner.read_range(path, range).await
    }

    async fn write(&self, path: &str, bytes: &[u8]) -> Result<(), StorageError> {
        if let Some(room) = self.room.get() {
            if room == 0 {
                let reason = "no space left on device".to_owned();
                return Err(StorageError::Failed { action: "write", reason, path: path.to_owned() });
            }
            self.room.set(Some(room - 1));
        }
        self.written.borrow_mut().push(path.to_owned());
        self.inner.write(path, bytes).await
    }
}
