//! From a folder of recordings to a folder of samples. Labels are checked before anything is written, and the metadata
//! is written when every file it names is there.
//!
//! Memory holds one recording's channels at the target rate, one batch of finished files and the metadata rows; while it is
//! read, as many of its channels at their own rate as there is room for beside what is done.

mod splitting;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
};

use super::{
    BadChannel, DatasetError, DatasetPlan, FileProblem, Origin, PlannedRecording, PreprocessEvent, PreprocessOptions,
    PreprocessSummary, RawDataset, SPLIT_FRACTIONS,
    classes::{ClassLabel, class_labels, single_classes},
    leave_out::{judge_channels, leave_out_bad_channels},
    output::{Output, Row, claim},
    report::{check_same_recordings, fingerprint_of},
    resampling::Resamplers,
    taken_over::{Numbers, TakenOver, take_over},
    unfinished::{Unfinished, Written},
    unusable::Unusable,
    windows::{Renderer, Signals},
};
use crate::{
    config::BadChannels,
    signal::{NormalizationStats, StatsAccumulator, Windowing},
    storage::Storage,
};

/// Files that are rendered before the next are begun; few where one thread does it all, so that it can be stopped soon.
const BATCH: usize = if cfg!(target_arch = "wasm32") { 16 } else { 64 };

/// Turns a raw dataset into `<split>/<subject>/spectrogram-<k>.png` (or `timeseries-<k>.npy`), `<split>-metadata.csv`,
/// `metadata.csv`, `windows.csv` and `preprocessing.json`. Subjects with a recording that can be used are split with
/// [`SPLIT_FRACTIONS`]: shuffled by the seed, as [`split_subjects`](super::split_subjects) does, then swapped until the
/// classes of every label have shares as equal as the subjects allow. A recording that turns out to be of no use may
/// have been its subject's only one: then the splits are made again, without that subject.
///
/// Time series are z-scored with the statistics of the training split, which `<dataset>_normalization_stats.json` keeps,
/// unless the options bring their own, or have another [`Scaling`].
///
/// A recording that cannot be used, or whose subject the table does not list, is reported as
/// [`PreprocessEvent::Skipped`]. `sink` is asked after every batch of windows. Metadata of an earlier run is removed
/// before the first file is overwritten, and its files that are no longer named are removed at the end. Nothing else is
/// removed; a folder that holds anything without a `preprocessing.json` of this dataset is refused, and so are samples of
/// other recordings, unless the options say that they are to be [replaced](PreprocessOptions::replace). A run that does
/// not reach the end leaves the folder as it was, or without metadata. The next one of the same options and recordings goes
/// on with it, unless it was [in one go](PreprocessOptions::in_one_go): it writes what is missing from the first recording
/// on that was not written whole, and the folder is in the end as if nothing had happened. A first pass over the
/// recordings, for statistics or bad channels, is made again where it did not reach its end.
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

    if options.math_trials && !dataset.has_math_trials() {
        return Err(DatasetError::NoMathTrials { dataset: dataset.name() });
    }
    let claimed = claim(output, dataset).await?;
    let mut plan = DatasetPlan::of(dataset, raw, options).await?;
    let fingerprint = fingerprint_of(dataset, raw, &plan, options).await?;
    // What this program generated can be generated again.
    if !options.replace && dataset.origin() != Origin::Generated {
        check_same_recordings(output, &fingerprint).await?;
    }
    // What is done is what is reported: the dataset may have chosen another rate than the one asked for.
    let options = &PreprocessOptions { rate_hz: plan.rate_hz, ..options.clone() };
    let is_resumed = claimed.report.as_ref().is_some_and(|report| report.is_unfinished_of(&fingerprint));
    let files = claimed.sizes.keys();
    let mut unfinished = Unfinished::read(output, files, &fingerprint, !options.in_one_go, is_resumed).await;
    let mut bad_channels = BTreeMap::new();
    if options.bad_channels == BadChannels::Drop {
        let judgement = match unfinished.judgement() {
            Some(judgement) => judgement,
            None => judge_channels(&plan, raw, options, sink).await?,
        };
        unfinished.keep_judgement(judgement.clone());
        bad_channels = leave_out_bad_channels(&mut plan, judgement)?;
    }
    let plan = &plan;
    let mut output = Output::new(output, dataset, plan, options, fingerprint, claimed, unfinished);
    output.bad_channels = bad_channels;
    let labels = class_labels(dataset, plan);
    let mut preprocessing = Preprocessing {
        raw,
        plan,
        output,
        options,
        windowing,
        labels,
        resamplers: Resamplers::default(),
        splits: BTreeMap::new(),
        sink,
        failures: BTreeMap::new(),
        told: BTreeSet::new(),
    };
    let known = Renderer::without_statistics(dataset, options, plan.channels.count()).map_err(DatasetError::Options)?;
    preprocessing.split()?;
    preprocessing.tell_plan()?;
    preprocessing.retry_unusable().await?;
    loop {
        if let Some(summary) = preprocessing.pass(known.as_ref()).await? {
            return Ok(summary);
        }
        preprocessing.begin_again().await?;
    }
}

/// The making of samples from a plan.
struct Preprocessing<'a> {
    raw: &'a dyn Storage,
    plan: &'a DatasetPlan,
    output: Output<'a>,
    options: &'a PreprocessOptions,
    windowing: Windowing,
    /// By what the subjects are split, beside chance.
    labels: Vec<ClassLabel>,
    /// How recordings get the rate of the samples.
    resamplers: Resamplers,
    /// The split of each subject.
    splits: BTreeMap<String, &'static str>,
    sink: &'a mut dyn FnMut(PreprocessEvent) -> ControlFlow<()>,
    /// Why recordings were skipped, by their index in the plan.
    failures: BTreeMap<usize, String>,
    /// The warnings that were given.
    told: BTreeSet<String>,
}

impl Preprocessing<'_> {
    fn emit(&mut self, event: PreprocessEvent) -> Result<(), DatasetError> {
        match (self.sink)(event) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(DatasetError::Cancelled),
        }
    }

    /// Gives a warning, once.
    fn warn(&mut self, warning: String) -> Result<(), DatasetError> {
        if self.told.insert(warning.clone()) { self.emit(PreprocessEvent::Warning(warning)) } else { Ok(()) }
    }

    /// The recordings that are not known to be of no use.
    fn usable(&self) -> impl Iterator<Item = (usize, &PlannedRecording)> {
        let recordings = self.plan.recordings.iter().enumerate();
        recordings.filter(|(index, _)| !self.failures.contains_key(index))
    }

    /// What the plan has to say.
    fn tell_plan(&mut self) -> Result<(), DatasetError> {
        let plan = self.plan;
        for warning in &plan.warnings {
            self.warn(warning.clone())?;
        }
        for FileProblem { path, message } in plan.not_planned() {
            self.emit(PreprocessEvent::Skipped { path, reason: message })?;
        }
        Ok(())
    }

    /// Looks again at recordings that could not be used before a preparation was killed or stopped: what they would change
    /// is known then before anything is written.
    async fn retry_unusable(&mut self) -> Result<(), DatasetError> {
        let plan = self.plan;
        for index in self.output.unfinished.unusable() {
            if let Some(recording) = plan.recordings.get(index) {
                self.read(index, recording).await?;
            }
        }
        Ok(())
    }

    /// Writes everything, with what is `known` or the statistics of the training split; `None` when the splits have to be
    /// made again first.
    async fn pass(&mut self, known: Option<&Renderer>) -> Result<Option<PreprocessSummary>, DatasetError> {
        if !self.lost_subjects().is_empty() {
            return Ok(None);
        }
        let standardized;
        let renderer = match known {
            Some(renderer) => renderer,
            None => {
                let Some(statistics) = self.statistics().await? else { return Ok(None) };
                standardized = Renderer::Standardized(statistics);
                &standardized
            }
        };
        self.write(renderer).await?;
        if self.lost_subjects().is_empty() { self.finish(renderer).await.map(Some) } else { Ok(None) }
    }

    /// Reads a recording, or notes that it is skipped.
    async fn read(&mut self, index: usize, recording: &PlannedRecording) -> Result<Option<Signals>, DatasetError> {
        if self.failures.contains_key(&index) {
            return Ok(None);
        }
        let plan = self.plan;
        let read: Result<_, Unusable> = async {
            let mut signals =
                Signals::read(self.raw, &recording.path, plan, self.options, &mut self.resamplers).await?;
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
                self.output.unfinished.keep_unusable(index).await?;
                self.emit(PreprocessEvent::Skipped { path: recording.path.clone(), reason })?;
                Ok(None)
            }
        }
    }

    /// The statistics that time series are normalised with; `None` when the splits have to be made again first.
    async fn statistics(&mut self) -> Result<Option<NormalizationStats>, DatasetError> {
        match &self.options.statistics {
            Some(stats) if stats.channel_means.len() == self.plan.channels.count() => Ok(Some(stats.clone())),
            Some(stats) => {
                Err(DatasetError::Statistics { expected: self.plan.channels.count(), found: stats.channel_means.len() })
            }
            None => match self.output.unfinished.statistics(&self.splits) {
                Some(measured) => Ok(Some(measured)),
                None => self.measure().await,
            },
        }
    }

    /// Mean and standard deviation of every channel over the training split.
    async fn measure(&mut self) -> Result<Option<NormalizationStats>, DatasetError> {
        let (train, _) = SPLIT_FRACTIONS[0];
        let mut accumulator = StatsAccumulator::new(self.plan.channels.count());
        let plan = self.plan;
        for (index, recording) in plan.recordings.iter().enumerate() {
            if self.splits.get(&recording.subject) != Some(&train) {
                continue;
            }
            if let Some(signals) = self.read(index, recording).await? {
                for segment in &recording.segments {
                    for stretch in signals.numbers(segment) {
                        accumulator.add(&stretch)?;
                    }
                }
                self.emit(PreprocessEvent::Measured { path: recording.path.clone() })?;
            }
        }
        if !self.lost_subjects().is_empty() {
            return Ok(None);
        }
        let statistics = accumulator.finish()?;
        self.output.unfinished.keep_statistics(&self.splits, &statistics);
        Ok(Some(statistics))
    }

    /// Writes the windows of all recordings, but of those that were written before a preparation was killed or stopped.
    async fn write(&mut self, renderer: &Renderer) -> Result<(), DatasetError> {
        let plan = self.plan;
        self.output.unfinished.expect_pass(&self.splits, renderer.statistics());
        let is_usable = |index: &usize| !self.failures.contains_key(index);
        let split_of = |index: usize| {
            Some(index).filter(is_usable).and_then(|index| self.splits.get(&plan.recordings[index].subject).copied())
        };
        let TakenOver { recordings, mut numbers, next } = take_over(&mut self.output, plan, renderer, split_of);
        if !recordings.is_empty() {
            self.emit(PreprocessEvent::Resumed { recordings: recordings.len() })?;
        }
        for (index, Written { warnings, bad, .. }) in recordings {
            self.tell(&plan.recordings[index], &warnings, &bad)?;
        }
        for (index, recording) in plan.recordings.iter().enumerate().skip(next) {
            self.write_windows(index, recording, renderer, &mut numbers).await?;
        }
        Ok(())
    }

    /// Tells what is odd about a recording, and keeps which of its channels are bad.
    fn tell(
        &mut self,
        recording: &PlannedRecording,
        warnings: &[String],
        bad: &[BadChannel],
    ) -> Result<(), DatasetError> {
        for warning in warnings {
            self.warn(format!("{}: {warning}", recording.path))?;
        }
        if !bad.is_empty() {
            self.output.bad_channels.insert(recording.path.clone(), bad.to_vec());
        }
        Ok(())
    }

    /// Writes the windows of one recording.
    async fn write_windows(
        &mut self,
        index: usize,
        recording: &PlannedRecording,
        renderer: &Renderer,
        numbers: &mut Numbers,
    ) -> Result<(), DatasetError> {
        let Some(signals) = self.read(index, recording).await? else { return Ok(()) };
        let bad: Vec<BadChannel> = signals.bad.values().cloned().collect();
        self.tell(recording, &signals.warnings, &bad)?;
        let split = self.splits[&recording.subject];
        let before = self.output.rows.len();
        let windowing = self.windowing;
        let channels = signals.channels();
        let starts: Vec<Vec<usize>> =
            recording.segments.iter().map(|segment| signals.windows(segment, &windowing).starts).collect();
        let (total, mut bytes) = (starts.iter().map(Vec::len).sum(), 0);
        for (position, (segment, starts)) in recording.segments.iter().zip(&starts).enumerate() {
            let number = numbers.entry((recording.subject.clone(), segment.tag.clone())).or_insert(0);
            for batch in starts.chunks(BATCH) {
                let mut samples = Vec::with_capacity(batch.len());
                for (&start, sample) in batch.iter().zip(renderer.encode(&channels, batch, windowing.length)?) {
                    let file = renderer.file_name(&segment.tag, *number);
                    bytes += sample.len() as u64;
                    samples.push((Row::new(&file, split, self.plan, (index, position), start), sample));
                    *number += 1;
                }
                self.output.write_samples(samples).await?;
                let windows = self.output.rows.len() - before;
                self.emit(PreprocessEvent::Windows { path: recording.path.clone(), windows, total })?;
            }
        }
        let written = Written { starts, bytes, warnings: signals.warnings, bad };
        self.output.unfinished.keep_written(index, written).await?;
        let (path, split) = (recording.path.clone(), split.to_owned());
        self.emit(PreprocessEvent::Recording { path, split, windows: total })
    }

    /// Removes what an earlier run left behind, then writes statistics, metadata and the report.
    async fn finish(&mut self, renderer: &Renderer) -> Result<PreprocessSummary, DatasetError> {
        let splits = SPLIT_FRACTIONS.map(|(name, _)| self.output.summary_of(name, &self.labels)).to_vec();
        for split in &splits {
            if let Some(warning) = single_classes(split) {
                self.warn(warning)?;
            }
        }
        if let Some(stats) = renderer.statistics() {
            self.output.write_statistics(stats).await?;
        }
        let removed = self.output.remove_stale().await?;
        let recordings = self.plan.recordings.len() - self.failures.len();
        let skipped = self.failures.len() + self.plan.not_planned().count();
        let summary = PreprocessSummary { recordings, skipped, splits, removed };
        self.output.finish(&summary).await?;
        // The work is done: a sink that cancels now cancels nothing.
        let _ = self.emit(PreprocessEvent::Finished(summary.clone()));
        Ok(summary)
    }
}
