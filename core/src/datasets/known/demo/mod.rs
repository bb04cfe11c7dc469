//! A built-in dataset that needs no download: recordings of people who do not exist, generated from a seed. They are
//! EDF files beside a table of their labels, and go through the same pipeline as real ones.
//!
//! The labels can be learnt, but not by a glance at the loudness of a recording: see the module `synthesis`. They mean
//! nothing beyond that; `health` says whether a generated rhythm is strong, not that anyone is ill.

mod synthesis;

use std::ops::ControlFlow;

use async_trait::async_trait;
use rand::RngExt;
use serde::Serialize;

use super::Math;
use crate::{
    datasets::{
        Dataset, DatasetError, DatasetPlan, MONTAGE_CHANNELS, Origin, PlannedRecording, PreprocessOptions, RawDataset,
        subjects::{Found, SubjectTable},
    },
    fingerprint::Fingerprint,
    labels::LabelRegistry,
    random::{Purpose, stream},
    recording::{self, EdfChannel, EdfHeader, RecordingInfo, StartTime, write_edf},
    storage::{Storage, StorageError},
};
use synthesis::{Person, RATE_HZ, SATURATION_V, synthesize};

const TABLE: &str = "participants.csv";
/// Says what generated the recordings; it is written last.
const RECORD: &str = "demo.json";
/// The version of the generator, raised whenever the same options would give other files.
const DEMO_VERSION: u32 = 2;
/// When every generated recording says that it began.
const START: StartTime = StartTime { year: 2025, month: 1, day: 1, hour: 0, minute: 0, second: 0 };

/// The demo dataset. Recordings are `sub-NN.edf`; `participants.csv` has the columns `participant_id`, `age`, `gender`
/// and `health`.
#[derive(Debug, Clone, Copy)]
pub struct Demo;

impl Dataset for Demo {
    fn name(&self) -> &'static str {
        "demo"
    }

    fn title(&self) -> &'static str {
        "Built-in demo"
    }

    fn labels(&self) -> LabelRegistry {
        LabelRegistry::folder()
    }

    fn raw(&self) -> Option<&'static dyn RawDataset> {
        Some(&Self)
    }
}

#[async_trait(?Send)]
impl RawDataset for Demo {
    fn origin(&self) -> Origin {
        Origin::Generated
    }

    fn layout(&self) -> &'static str {
        "sub-NN.edf, as the demo writes them"
    }

    /// Small images of two seconds each, so that a laptop's processor learns from them in a few minutes.
    fn default_options(&self) -> PreprocessOptions {
        PreprocessOptions { window_length: 256, overlap: 0.0, resolution: 64, ..PreprocessOptions::default() }
    }

    async fn plan(&self, raw: &dyn Storage, options: &PreprocessOptions) -> Result<DatasetPlan, DatasetError> {
        let files = raw.list("").await?;
        let found: Vec<_> = files
            .iter()
            .filter_map(|entry| Some(Found { id: subject_of(&entry.path)?, path: &entry.path, of: () }))
            .collect();
        if found.is_empty() {
            return Err(self.no_recordings());
        }
        let subjects = SubjectTable::read(raw, self, &[TABLE], "participant_id").await?;
        let mut plan = DatasetPlan::new(&Math::MONTAGE, &["gender", "health", "age"], options);
        for (subject, Found { id, path, .. }) in subjects.listed(found, &mut plan)? {
            let gender = subject.gender("gender", &mut plan.warnings)?;
            let health = subject.health("health", &mut plan.warnings)?;
            let labels = [gender, health, &subject.age(&mut plan.warnings)?].map(str::to_owned);
            plan.recordings.push(PlannedRecording::whole(path.to_owned(), id.to_owned(), labels.to_vec()));
        }
        Ok(plan)
    }

    /// Anyone's files may be laid out like this; only generated ones begin at the demo's time with the demo's channels.
    fn fits(&self, _plan: &DatasetPlan, headers: &[&RecordingInfo]) -> bool {
        headers.iter().any(|header| is_generated(header))
    }
}

fn is_generated(header: &RecordingInfo) -> bool {
    let expected = Math::MONTAGE.electrodes().iter().map(|electrode| format!("EEG {}", electrode.label));
    header.start == Some(START) && header.labels().into_iter().eq(expected)
}

/// Whether a folder holds a demo that this version would not generate, or not all of one: recordings of an older
/// version, or what an interrupted run left. Recordings of anyone else are none.
///
/// # Errors
/// [`DatasetError::Storage`] when the folder cannot be read.
pub async fn is_older_demo(raw: &dyn Storage) -> Result<bool, DatasetError> {
    match raw.read(RECORD).await {
        Ok(bytes) => {
            let record: Option<Fingerprint> = serde_json::from_slice(&bytes).ok();
            return Ok(record.is_none_or(|record| record.version != DEMO_VERSION));
        }
        Err(StorageError::NotFound { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let files = match raw.list("").await {
        Err(StorageError::NotFound { .. }) => return Ok(false),
        listed => listed?,
    };
    let Some(first) = files.iter().find(|file| subject_of(&file.path).is_some()) else { return Ok(false) };
    let opened = recording::open_without_annotations(raw, &first.path).await;
    Ok(opened.is_ok_and(|recording| is_generated(recording.info())))
}

/// The subject of a file at the top called `sub-NN.edf`.
fn subject_of(path: &str) -> Option<&str> {
    let subject = path.strip_suffix(".edf")?;
    (subject.starts_with("sub-") && !subject.contains('/')).then_some(subject)
}

/// How large a demo to generate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DemoOptions {
    /// Number of subjects, 1 to 999. Half of them are women, half have the rhythm that `health` stands for.
    pub subjects: usize,
    /// Length of each recording in seconds, 1 to 3600.
    pub seconds: usize,
    /// Decides everything that is random.
    pub seed: u64,
}

impl Default for DemoOptions {
    fn default() -> Self {
        Self { subjects: 80, seconds: 17, seed: 0 }
    }
}

/// Writes the recordings and the table of the [`Demo`] dataset, and what generated them. The same options give the same
/// files.
///
/// # Errors
/// [`DatasetError::Demo`] for options out of range, [`DatasetError::Storage`] when the files cannot be written.
pub async fn generate_demo(storage: &dyn Storage, options: &DemoOptions) -> Result<(), DatasetError> {
    generate_demo_reporting(storage, options, &mut |_| ControlFlow::Continue(())).await
}

/// As [`generate_demo`]; tells `sink` how many recordings are written.
///
/// # Errors
/// As [`generate_demo`]; [`DatasetError::Cancelled`] when `sink` answers [`ControlFlow::Break`].
pub async fn generate_demo_reporting(
    storage: &dyn Storage,
    options: &DemoOptions,
    sink: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Result<(), DatasetError> {
    let &DemoOptions { subjects, seconds, seed } = options;
    if !(1..=999).contains(&subjects) {
        return Err(DatasetError::Demo { needed: "1 to 999 subjects", found: subjects });
    }
    if !(1..=3600).contains(&seconds) {
        return Err(DatasetError::Demo { needed: "1 to 3600 seconds", found: seconds });
    }
    let width = if subjects < 100 { 2 } else { 3 };
    let mut table = String::from("participant_id,age,gender,health\n");
    for number in 1..=subjects {
        let mut random = stream(seed, Purpose::Demo, number as u64);
        let person =
            Person { age: random.random_range(20..=80), female: number.is_multiple_of(2), patient: number % 4 >= 2 };
        let id = format!("sub-{number:0width$}");
        let samples = synthesize(person, seconds, &mut random);
        storage.write(&format!("{id}.edf"), &edf(&id, &samples)?).await?;
        let gender = if person.female { "F" } else { "M" };
        let health = if person.patient { "PD" } else { "H" };
        table.push_str(&format!("{id},{},{gender},{health}\n", person.age));
        if sink(number).is_break() {
            return Err(DatasetError::Cancelled);
        }
    }
    storage.write(TABLE, table.as_bytes()).await?;
    let record = Fingerprint::new(Demo.name(), DEMO_VERSION, options);
    let record = serde_json::to_vec_pretty(&record).expect("a fingerprint has a JSON form");
    Ok(storage.write(RECORD, &record).await?)
}

/// A recording as an EDF file. `samples` are in volts, `[20][seconds * RATE_HZ]`.
fn edf(id: &str, samples: &[Vec<f64>; MONTAGE_CHANNELS]) -> Result<Vec<u8>, DatasetError> {
    let labels = Math::MONTAGE.electrodes().map(|electrode| format!("EEG {}", electrode.label));
    let range_uv = SATURATION_V * 1e6;
    let channels: Vec<_> = labels
        .iter()
        .zip(samples)
        .map(|(label, samples)| EdfChannel {
            label,
            rate_hz: RATE_HZ,
            physical_min_uv: -range_uv,
            physical_max_uv: range_uv,
            samples,
        })
        .collect();
    let header = EdfHeader {
        patient: format!("{id} X X X"),
        recording: "Startdate 01-JAN-2025 X X generated".to_owned(),
        start: START,
    };
    Ok(write_edf(&header, &channels, &[])?)
}
