//! From a folder of recordings to a folder of samples. Recordings flow in one at a time, files and metadata tables flow
//! out; labels are checked before anything is written, and the metadata is written when every file it names is there.
//!
//! Memory holds one recording's 20 channels at the target rate, one batch of finished files and the metadata rows.

use std::{collections::BTreeMap, ops::ControlFlow};

use super::{
    DatasetError, FileProblem, MONTAGE_CHANNELS, Plan, PlannedRecording, PreprocessEvent, PreprocessOptions,
    PreprocessSummary, RawDataset, SPLIT_FRACTIONS, SplitSummary,
    error::Unusable,
    output::{Output, Row, claim},
    report::fingerprint_of,
    split_subjects,
    windows::{Renderer, Signals},
};
use crate::{
    signal::{NormalizationStats, StatsAccumulator, Windowing},
    storage::Storage,
};

/// Files that are rendered before the next are begun; few where one thread does it all, so that it can be stopped soon.
const BATCH: usize = if cfg!(target_arch = "wasm32") { 16 } else { 64 };

/// Turns a raw dataset into `<split>/<subject>/spectrogram-<k>.png` (or `timeseries-<k>.npy`), `<split>-metadata.csv`,
/// `metadata.csv` and `preprocessing.json`. Subjects are split by [`split_subjects`] with [`SPLIT_FRACTIONS`].
///
/// Time series are z-scored with the statistics of the training split, which `<dataset>_normalization_stats.json` keeps,
/// unless the options bring their own.
///
/// A recording that cannot be used, or whose subject the table does not list, is reported as
/// [`PreprocessEvent::Skipped`]. `sink` is asked after every batch of windows. Metadata of an earlier run is removed
/// before the first file is overwritten, and its files that are no longer named are removed at the end. Nothing else is
/// removed, and a folder that holds anything without a `preprocessing.json` of this dataset is refused. A run that does
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
    let earlier = claim(output, dataset).await?;
    let plan = &dataset.plan(raw, options).await?;
    let fingerprint = fingerprint_of(dataset, raw, plan, options).await?;
    // What is done is what is reported: the dataset may have chosen another rate than the one asked for.
    let options = &PreprocessOptions { rate_hz: plan.rate_hz, ..options.clone() };
    let output = Output::new(output, dataset, plan, options, fingerprint, earlier);
    let subjects = plan.recordings.iter().map(|recording| recording.subject.as_str());
    let splits = split_subjects(subjects, options.seed, &SPLIT_FRACTIONS);
    let mut run = Run { raw, plan, output, options, windowing, splits, sink, failures: BTreeMap::new() };

    run.announce()?;
    let renderer = match renderer {
        Some(renderer) => renderer,
        None => Renderer::Timeseries(run.statistics(&plan.recordings).await?),
    };
    let mut numbers = BTreeMap::new();
    for (index, recording) in plan.recordings.iter().enumerate() {
        run.write_windows(index, recording, &renderer, &mut numbers).await?;
    }
    if run.output.rows.is_empty() {
        return Err(run.nothing_usable(&plan.recordings));
    }
    run.finish(&renderer).await
}

/// A run of [`preprocess`].
struct Run<'a> {
    raw: &'a dyn Storage,
    plan: &'a Plan,
    output: Output<'a>,
    options: &'a PreprocessOptions,
    windowing: Windowing,
    /// The split of each subject.
    splits: BTreeMap<String, &'static str>,
    sink: &'a mut dyn FnMut(PreprocessEvent) -> ControlFlow<()>,
    /// Why recordings were skipped, by their index in the plan.
    failures: BTreeMap<usize, String>,
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

    fn announce(&mut self) -> Result<(), DatasetError> {
        let splits = SPLIT_FRACTIONS.map(|(split, _)| (split, self.subjects_in(split)));
        let plan = self.plan;
        let told = splits.map(|(split, subjects)| (split.to_owned(), subjects)).to_vec();
        let recordings = plan.recordings.len() + plan.not_planned().count();
        self.emit(PreprocessEvent::Started { recordings, splits: told })?;
        for warning in &plan.warnings {
            self.emit(PreprocessEvent::Warning(warning.clone()))?;
        }
        for FileProblem { path, message } in plan.not_planned() {
            self.emit(PreprocessEvent::Skipped { path, reason: message })?;
        }
        let empty: Vec<_> = splits.iter().filter(|(_, subjects)| *subjects == 0).map(|&(split, _)| split).collect();
        if !empty.is_empty() {
            self.emit(PreprocessEvent::Warning(few_subjects(self.splits.len(), &empty)))?;
        }
        Ok(())
    }

    /// Reads a recording, or notes that it is skipped.
    async fn read(&mut self, index: usize, recording: &PlannedRecording) -> Result<Option<Signals>, DatasetError> {
        if self.failures.contains_key(&index) {
            return Ok(None);
        }
        let montage = self.plan.montage;
        let read: Result<_, Unusable> = async {
            let mut signals = Signals::read(self.raw, &recording.path, montage, self.options.rate_hz).await?;
            let left_out = signals.check_windows(&recording.segments, &self.windowing)?;
            signals.warnings.extend(left_out);
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

    /// The statistics that time series are normalised with.
    async fn statistics(&mut self, recordings: &[PlannedRecording]) -> Result<NormalizationStats, DatasetError> {
        match &self.options.statistics {
            Some(stats) if stats.channel_means.len() == MONTAGE_CHANNELS => Ok(stats.clone()),
            Some(stats) => {
                Err(DatasetError::Statistics { expected: MONTAGE_CHANNELS, found: stats.channel_means.len() })
            }
            None => self.measure(recordings).await,
        }
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
                    for stretch in signals.numbers(segment) {
                        accumulator.add(&stretch)?;
                    }
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
        let split = self.splits[&recording.subject];
        let before = self.output.rows.len();
        let windowing = self.windowing;
        let channels = signals.channels();
        let starts: Vec<Vec<usize>> =
            recording.segments.iter().map(|segment| signals.windows(segment, &windowing).starts).collect();
        let total: usize = starts.iter().map(Vec::len).sum();
        for (position, (segment, starts)) in recording.segments.iter().zip(&starts).enumerate() {
            let number = numbers.entry((recording.subject.clone(), segment.tag.clone())).or_insert(0);
            for batch in starts.chunks(BATCH) {
                let mut samples = Vec::with_capacity(batch.len());
                for bytes in renderer.encode(&channels, batch, windowing.length)? {
                    let file = renderer.file_name(&segment.tag, *number);
                    let file_name = format!("{split}/{}/{file}", recording.subject);
                    samples.push((Row { file_name, split, recording: index, segment: position }, bytes));
                    *number += 1;
                }
                self.output.write_samples(samples).await?;
                let windows = self.output.rows.len() - before;
                self.emit(PreprocessEvent::Windows { path: recording.path.clone(), windows, total })?;
            }
        }
        let windows = self.output.rows.len() - before;
        let (path, split) = (recording.path.clone(), split.to_owned());
        self.emit(PreprocessEvent::Recording { path, split, windows })
    }

    /// Removes what an earlier run left behind, then writes statistics, metadata and the report.
    async fn finish(&mut self, renderer: &Renderer) -> Result<PreprocessSummary, DatasetError> {
        let splits = SPLIT_FRACTIONS.map(|(name, _)| SplitSummary {
            name: name.to_owned(),
            subjects: self.subjects_in(name),
            windows: self.output.samples_in(name),
        });
        for SplitSummary { name, .. } in splits.iter().filter(|split| split.windows == 0 && split.subjects > 0) {
            let warning = format!("`{name}` is empty: every recording of its subjects was skipped");
            self.emit(PreprocessEvent::Warning(warning))?;
        }
        if let Renderer::Timeseries(stats) = renderer {
            self.output.write_statistics(stats).await?;
        }
        let removed = self.output.remove_stale().await?;
        let recordings = self.plan.recordings.len() - self.failures.len();
        let skipped = self.failures.len() + self.plan.not_planned().count();
        let summary = PreprocessSummary { recordings, skipped, splits: splits.to_vec(), removed };
        self.output.finish(&summary).await?;
        // The work is done: a sink that cancels now cancels nothing.
        let _ = self.emit(PreprocessEvent::Finished(summary.clone()));
        Ok(summary)
    }
}

fn few_subjects(subjects: usize, empty: &[&str]) -> String {
    let names = empty.iter().map(|split| format!("`{split}`")).collect::<Vec<_>>().join(" and ");
    let subjects = if subjects == 1 { "1 subject is".to_owned() } else { format!("{subjects} subjects are") };
    format!(
        "{names} will be empty: {subjects} too few for splits of 0.8, 0.1 and 0.1 by subject; \
         add subjects, or validate on a split that has some"
    )
}
