//! From a folder of recordings to a folder of samples. Recordings flow in one at a time, files and metadata tables flow
//! out; labels are checked before anything is written, and the metadata is written when every file it names is there.
//!
//! Memory holds one recording's 20 channels, one batch of finished files and the metadata rows.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
};

use serde::{Deserialize, Serialize};

use super::{
    DatasetError, MONTAGE_CHANNELS, Plan, PlannedRecording, PreprocessEvent, PreprocessOptions, PreprocessSummary,
    RawDataset, SPLIT_FRACTIONS, SplitSummary,
    error::Unusable,
    split_subjects,
    windows::{Renderer, Signals, shortest},
};
use crate::{
    signal::{NormalizationStats, StatsAccumulator, Windowing},
    storage::{Storage, StorageError},
};

/// What was done, beside the metadata.
pub const PREPROCESSING_FILE: &str = "preprocessing.json";
/// The metadata of all splits.
pub const METADATA_FILE: &str = "metadata.csv";
/// Files that are rendered before the next are begun.
const BATCH: usize = 64;

/// The name of one split's metadata.
#[must_use]
pub fn split_metadata_file(split: &str) -> String {
    format!("{split}-{METADATA_FILE}")
}

/// Turns a raw dataset into `<split>/<subject>/spectrogram-<k>.png` (or `timeseries-<k>.npy`), `<split>-metadata.csv`,
/// `metadata.csv` and `preprocessing.json`. Subjects are split by [`split_subjects`] with [`SPLIT_FRACTIONS`].
///
/// Time series are z-scored with the statistics of the training split, which `<dataset>_normalization_stats.json` keeps,
/// unless the options bring their own.
///
/// A recording that cannot be used is reported as [`PreprocessEvent::Skipped`]. Metadata of an earlier run is removed
/// before the first file is overwritten, and its files that are no longer named are removed at the end. A run that does
/// not reach the end leaves the folder as it was, or without metadata.
///
/// # Errors
/// [`DatasetError`]; [`DatasetError::Cancelled`] when `sink` answers [`ControlFlow::Break`].
pub async fn preprocess(
    dataset: &dyn RawDataset,
    raw: &dyn Storage,
    output: &dyn Storage,
    options: &PreprocessOptions,
    sink: &mut dyn FnMut(PreprocessEvent) -> ControlFlow<()>,
) -> Result<PreprocessSummary, DatasetError> {
    let windowing = Windowing::new(options.window_length, options.overlap).map_err(DatasetError::Options)?;
    let renderer = Renderer::of_spectrograms(dataset, options).map_err(DatasetError::Options)?;
    if options.math_trials && !dataset.has_math_trials() {
        return Err(DatasetError::NoMathTrials { dataset: dataset.name() });
    }
    refuse_output_of_other(dataset.name(), output).await?;
    let plan = dataset.plan(raw, options).await?;
    let subjects = plan.recordings.iter().map(|recording| recording.subject.as_str());
    let splits = split_subjects(subjects, options.seed, &SPLIT_FRACTIONS);
    let mut run = Run {
        dataset,
        raw,
        output,
        options,
        windowing,
        splits,
        sink,
        failures: BTreeMap::new(),
        rows: Vec::new(),
        begun: false,
    };

    run.announce(&plan)?;
    let renderer = match renderer {
        Some(renderer) => renderer,
        None => Renderer::Timeseries(run.statistics(&plan.recordings).await?),
    };
    let mut numbers = BTreeMap::new();
    for (index, recording) in plan.recordings.iter().enumerate() {
        run.write_windows(index, recording, &renderer, &mut numbers).await?;
    }
    if run.rows.is_empty() {
        return Err(run.nothing_usable(&plan.recordings));
    }
    run.finish(&plan).await
}

/// A run of [`preprocess`].
struct Run<'a> {
    dataset: &'a dyn RawDataset,
    raw: &'a dyn Storage,
    output: &'a dyn Storage,
    options: &'a PreprocessOptions,
    windowing: Windowing,
    /// The split of each subject.
    splits: BTreeMap<String, &'static str>,
    sink: &'a mut dyn FnMut(PreprocessEvent) -> ControlFlow<()>,
    /// Why recordings were skipped, by their index in the plan.
    failures: BTreeMap<usize, String>,
    rows: Vec<Row>,
    /// Whether the output has been touched.
    begun: bool,
}

/// A metadata row to be written: a file, and where in the plan its labels are.
struct Row {
    file_name: String,
    split: &'static str,
    recording: usize,
    segment: usize,
}

impl Run<'_> {
    fn emit(&mut self, event: PreprocessEvent) -> Result<(), DatasetError> {
        match (self.sink)(event) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(DatasetError::Cancelled),
        }
    }

    fn subjects_in(&self, split: &str) -> usize {
        self.splits.values().filter(|&&assigned| assigned == split).count()
    }

    fn announce(&mut self, plan: &Plan) -> Result<(), DatasetError> {
        let splits: Vec<_> = SPLIT_FRACTIONS.iter().map(|&(split, _)| (split, self.subjects_in(split))).collect();
        self.emit(PreprocessEvent::Started { recordings: plan.recordings.len(), splits: splits.clone() })?;
        for warning in &plan.warnings {
            self.emit(PreprocessEvent::Warning(warning.clone()))?;
        }
        let empty: Vec<_> = splits.iter().filter(|(_, subjects)| *subjects == 0).map(|&(split, _)| split).collect();
        if !empty.is_empty() {
            self.emit(PreprocessEvent::Warning(few_subjects(self.splits.len(), &empty)))?;
        }
        Ok(())
    }

    /// Marks the output as being rewritten, before the first file is: it is not complete, and the old metadata goes,
    /// since the files it names are about to change. A full disk or a folder without permission fails at the first
    /// step and leaves the older run as it was.
    async fn begin_output(&mut self) -> Result<(), DatasetError> {
        if std::mem::replace(&mut self.begun, true) {
            return Ok(());
        }
        self.write_report(None).await?;
        for (split, _) in SPLIT_FRACTIONS {
            remove_if_there(self.output, &split_metadata_file(split)).await?;
        }
        remove_if_there(self.output, METADATA_FILE).await
    }

    /// Reads a recording, or notes that it is skipped.
    async fn read(&mut self, index: usize, recording: &PlannedRecording) -> Result<Option<Signals>, DatasetError> {
        if self.failures.contains_key(&index) {
            return Ok(None);
        }
        let montage = self.dataset.montage();
        let read: Result<_, Unusable> = async {
            let signals = Signals::read(self.raw, &recording.path, montage, self.options.rate_hz).await?;
            signals.require_window(&recording.segments, &self.windowing)?;
            Ok(signals)
        }
        .await;
        match read {
            Ok(signals) => Ok(Some(signals)),
            Err(unusable) => {
                let reason = unusable.to_string();
                self.failures.insert(index, reason.clone());
                self.emit(PreprocessEvent::Skipped { path: recording.path.clone(), reason })?;
                Ok(None)
            }
        }
    }

    /// The statistics that time series are normalised with, saved beside the metadata.
    async fn statistics(&mut self, recordings: &[PlannedRecording]) -> Result<NormalizationStats, DatasetError> {
        let stats = match &self.options.statistics {
            Some(stats) if stats.channel_means.len() == MONTAGE_CHANNELS => stats.clone(),
            Some(stats) => {
                return Err(DatasetError::Statistics { expected: MONTAGE_CHANNELS, found: stats.channel_means.len() });
            }
            None => self.measure(recordings).await?,
        };
        self.begin_output().await?;
        let path = format!("{}_normalization_stats.json", self.dataset.name());
        self.output.write(&path, &json(&stats)).await?;
        Ok(stats)
    }

    /// Mean and standard deviation of every channel over the training split.
    async fn measure(&mut self, recordings: &[PlannedRecording]) -> Result<NormalizationStats, DatasetError> {
        let (train, _) = SPLIT_FRACTIONS[0];
        let mut accumulator = StatsAccumulator::new(MONTAGE_CHANNELS);
        let mut measured = 0;
        for (index, recording) in recordings.iter().enumerate() {
            if self.splits[&recording.subject] != train {
                continue;
            }
            if let Some(signals) = self.read(index, recording).await? {
                for segment in &recording.segments {
                    accumulator.add(&signals.segment(segment))?;
                }
                self.emit(PreprocessEvent::Measured { path: recording.path.clone() })?;
                measured += 1;
            }
        }
        if measured == 0 {
            return Err(self.nothing_usable(recordings));
        }
        Ok(accumulator.finish()?)
    }

    /// The error when every recording that was tried is skipped.
    fn nothing_usable(&self, recordings: &[PlannedRecording]) -> DatasetError {
        let first = self.failures.first_key_value();
        DatasetError::NothingUsable {
            recordings: self.failures.len(),
            path: first.map(|(&index, _)| recordings[index].path.clone()).unwrap_or_default(),
            reason: first.map(|(_, reason)| reason.clone()).unwrap_or_default(),
        }
    }

    /// Writes the windows of one recording. `numbers` counts the windows of each subject and tag.
    async fn write_windows(
        &mut self,
        index: usize,
        recording: &PlannedRecording,
        renderer: &Renderer,
        numbers: &mut BTreeMap<(String, String), usize>,
    ) -> Result<(), DatasetError> {
        let Some(signals) = self.read(index, recording).await? else { return Ok(()) };
        for warning in &signals.warnings {
            self.emit(PreprocessEvent::Warning(format!("{}: {warning}", recording.path)))?;
        }
        self.begin_output().await?;
        let split = self.splits[&recording.subject];
        let before = self.rows.len();
        for (position, segment) in recording.segments.iter().enumerate() {
            let channels = signals.segment(segment);
            let number = numbers.entry((recording.subject.clone(), segment.tag.clone())).or_insert(0);
            let starts: Vec<usize> = self.windowing.starts(shortest(&channels)).collect();
            for batch in starts.chunks(BATCH) {
                for bytes in renderer.encode(&channels, batch, self.windowing.length)? {
                    let file = renderer.file_name(&segment.tag, *number);
                    let file_name = format!("{split}/{}/{file}", recording.subject);
                    self.output.write(&file_name, &bytes).await?;
                    self.rows.push(Row { file_name, split, recording: index, segment: position });
                    *number += 1;
                }
            }
        }
        let windows = self.rows.len() - before;
        self.emit(PreprocessEvent::Recording { path: recording.path.clone(), split, windows })
    }

    /// Removes what an earlier run left behind, then writes the metadata and the report.
    async fn finish(&mut self, plan: &Plan) -> Result<PreprocessSummary, DatasetError> {
        let removed = self.remove_stale().await?;
        let mut all = self.metadata_writer()?;
        let mut splits = Vec::with_capacity(SPLIT_FRACTIONS.len());
        for (name, _) in SPLIT_FRACTIONS {
            let mut own = self.metadata_writer()?;
            let mut windows = 0;
            for row in self.rows.iter().filter(|row| row.split == name) {
                let labels = &plan.recordings[row.recording].segments[row.segment].labels;
                let record = || [row.file_name.as_str(), name].into_iter().chain(labels.iter().map(String::as_str));
                own.write_record(record()).map_err(table_failure)?;
                all.write_record(record()).map_err(table_failure)?;
                windows += 1;
            }
            if windows == 0 && self.subjects_in(name) > 0 {
                self.emit(PreprocessEvent::Warning(format!(
                    "`{name}` is empty: every recording of its subjects was skipped"
                )))?;
            }
            self.write_table(&split_metadata_file(name), own).await?;
            splits.push(SplitSummary { name, subjects: self.subjects_in(name), windows });
        }
        self.write_table(METADATA_FILE, all).await?;

        let skipped = self.failures.len();
        let summary = PreprocessSummary { recordings: plan.recordings.len() - skipped, skipped, splits, removed };
        self.write_report(Some(&summary)).await?;
        // The work is done: a sink that cancels now cancels nothing.
        let _ = self.emit(PreprocessEvent::Finished(summary.clone()));
        Ok(summary)
    }

    fn metadata_writer(&self) -> Result<csv::Writer<Vec<u8>>, DatasetError> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let header = ["file_name", "split"].iter().chain(self.dataset.label_columns());
        writer.write_record(header).map_err(table_failure)?;
        Ok(writer)
    }

    async fn write_table(&self, path: &str, writer: csv::Writer<Vec<u8>>) -> Result<(), DatasetError> {
        let bytes = writer.into_inner().map_err(|error| table_failure(error.into_error().into()))?;
        Ok(self.output.write(path, &bytes).await?)
    }

    /// Removes files that are named as preprocessing names them and that this run has not written.
    async fn remove_stale(&self) -> Result<usize, DatasetError> {
        let written: BTreeSet<&str> = self.rows.iter().map(|row| row.file_name.as_str()).collect();
        let mut removed = 0;
        for (split, _) in SPLIT_FRACTIONS {
            let entries = match self.output.list(split).await {
                Err(StorageError::NotFound { .. }) => continue,
                listed => listed?,
            };
            for entry in entries {
                if is_sample(&entry.path) && !written.contains(entry.path.as_str()) {
                    self.output.remove(&entry.path).await?;
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }

    async fn write_report(&self, summary: Option<&PreprocessSummary>) -> Result<(), DatasetError> {
        let report = Report {
            complete: summary.is_some(),
            dataset: self.dataset.name(),
            montage: self.dataset.montage().electrodes().map(|electrode| electrode.label),
            options: self.options,
            summary,
        };
        Ok(self.output.write(PREPROCESSING_FILE, &json(&report)).await?)
    }
}

/// What `preprocessing.json` says.
#[derive(Serialize)]
struct Report<'a> {
    /// False from the start of a run to its end.
    complete: bool,
    dataset: &'a str,
    montage: [&'a str; MONTAGE_CHANNELS],
    options: &'a PreprocessOptions,
    summary: Option<&'a PreprocessSummary>,
}

/// The part of `preprocessing.json` that is read again.
#[derive(Deserialize)]
struct ReportHead {
    complete: bool,
    dataset: String,
}

async fn report_head(output: &dyn Storage) -> Option<ReportHead> {
    serde_json::from_slice(&output.read(PREPROCESSING_FILE).await.ok()?).ok()
}

/// Whether a run began to write this folder and did not reach its end.
pub(super) async fn is_unfinished(output: &dyn Storage) -> bool {
    report_head(output).await.is_some_and(|report| !report.complete)
}

async fn refuse_output_of_other(dataset: &str, output: &dyn Storage) -> Result<(), DatasetError> {
    match report_head(output).await {
        Some(report) if report.dataset != dataset => {
            Err(DatasetError::OutputOfOther { dataset: dataset.to_owned(), found: report.dataset })
        }
        _ => Ok(()),
    }
}

async fn remove_if_there(storage: &dyn Storage, path: &str) -> Result<(), DatasetError> {
    match storage.remove(path).await {
        Ok(()) | Err(StorageError::NotFound { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Whether a path is one that [`Renderer::file_name`] gives: `<split>/<subject>/<kind>-[s<n>-t<n>-]<k>.<extension>`.
fn is_sample(path: &str) -> bool {
    let mut parts = path.split('/');
    let (Some(_split), Some(_subject), Some(file), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let stem = match (file.strip_prefix("spectrogram-"), file.strip_prefix("timeseries-")) {
        (Some(rest), _) => rest.strip_suffix(".png"),
        (_, Some(rest)) => rest.strip_suffix(".npy"),
        _ => None,
    };
    let Some((tag, number)) = stem.map(|stem| stem.rsplit_once('-').unwrap_or(("", stem))) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let part = |part: &str| part.get(..1).is_some_and(|letter| "st".contains(letter)) && digits(&part[1..]);
    digits(number) && (tag.is_empty() || tag.split('-').all(part))
}

fn few_subjects(subjects: usize, empty: &[&str]) -> String {
    let names = empty.iter().map(|split| format!("`{split}`")).collect::<Vec<_>>().join(" and ");
    let subjects = if subjects == 1 { "1 subject is".to_owned() } else { format!("{subjects} subjects are") };
    format!(
        "{names} will be empty: {subjects} too few for splits of 0.8, 0.1 and 0.1 by subject; \
         add subjects, or validate on a split that has some"
    )
}

/// Our own types as indented JSON.
fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec_pretty(value).expect("plain structs of numbers and texts have a JSON form")
}

fn table_failure(error: csv::Error) -> DatasetError {
    StorageError::Failed { action: "write", reason: error.to_string(), path: METADATA_FILE.to_owned() }.into()
}
