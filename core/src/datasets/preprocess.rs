//! From a folder of recordings to a folder of samples. Labels are checked before anything is written, and the metadata
//! is written when every file it names is there.
//!
//! Memory holds one recording's channels at the target rate, one batch of finished files and the metadata rows; while it is
//! read, as many of its channels at their own rate as there is room for beside what is done.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
};

use super::{
    DatasetError, DatasetPlan, FileProblem, Origin, PlannedRecording, PreprocessEvent, PreprocessOptions,
    PreprocessSummary, RawDataset, SPLIT_FRACTIONS, SplitSummary,
    classes::{ClassLabel, class_labels, single_classes},
    leave_out::leave_out_bad_channels,
    output::{Output, Row, claim},
    report::{check_same_recordings, fingerprint_of},
    resampling::Resamplers,
    splits::{few_subjects, split_by_class},
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
/// `metadata.csv` and `preprocessing.json`. Subjects with a recording that can be used are split with
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

    if options.math_trials && !dataset.has_math_trials() {
        return Err(DatasetError::NoMathTrials { dataset: dataset.name() });
    }
    let earlier = claim(output, dataset).await?;
    let mut plan = DatasetPlan::of(dataset, raw, options).await?;
    let fingerprint = fingerprint_of(dataset, raw, &plan, options).await?;
    // What this program generated can be generated again.
    if !options.replace && dataset.origin() != Origin::Generated {
        check_same_recordings(output, &fingerprint).await?;
    }
    // What is done is what is reported: the dataset may have chosen another rate than the one asked for.
    let options = &PreprocessOptions { rate_hz: plan.rate_hz, ..options.clone() };
    let mut bad_channels = BTreeMap::new();
    if options.bad_channels == BadChannels::Drop {
        bad_channels = leave_out_bad_channels(&mut plan, raw, options, sink).await?;
    }
    let plan = &plan;
    let mut output = Output::new(output, dataset, plan, options, fingerprint, earlier);
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
    loop {
        let statistics;
        let renderer = match &known {
            Some(renderer) => renderer,
            None => {
                let Some(of_training) = preprocessing.statistics().await? else {
                    preprocessing.begin_again().await?;
                    continue;
                };
                statistics = Renderer::Standardized(of_training);
                &statistics
            }
        };
        preprocessing.write(renderer).await?;
        if preprocessing.lost_subjects().is_empty() {
            return preprocessing.finish(renderer).await;
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

    /// Gives every subject with a recording of use a split, and says how many there are.
    fn split(&mut self) -> Result<(), DatasetError> {
        let mut classes: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        let mut numbers = BTreeMap::new();
        for (index, recording) in self.usable() {
            let of_subject = classes.entry(&recording.subject).or_default();
            for segment in 0..recording.segments.len() {
                for (label, class) in self.labels.iter().map(|label| label.class(index, segment)).enumerate() {
                    if let Some(class) = class {
                        let next = numbers.len();
                        of_subject.insert(*numbers.entry((label, class)).or_insert(next));
                    }
                }
            }
        }
        if classes.is_empty() {
            return Err(self.nothing_usable());
        }
        let options = self.options;
        let listed = options.split.listed(classes.keys().copied())?;
        self.splits = match &listed {
            Some(listed) => listed.splits.clone(),
            None => split_by_class(&classes, options.seed, &options.split.fractions()),
        };
        let count = |split: &str| self.splits.values().filter(|&&assigned| assigned == split).count();
        let splits = SPLIT_FRACTIONS.map(|(split, _)| (split.to_owned(), count(split))).to_vec();
        let recordings = self.plan.recordings.len() + self.plan.not_planned().count();
        let empty: Vec<_> = splits.iter().filter(|(_, count)| *count == 0).map(|(split, _)| split.clone()).collect();
        self.emit(PreprocessEvent::Started { recordings, splits })?;
        if let Some(unknown) = listed.map(|listed| listed.unknown).filter(|unknown| !unknown.is_empty()) {
            self.warn(format!("`dataset.split` lists subjects of whom there is no recording: {}", unknown.join(", ")))?;
        }
        self.leave_out_unlisted()?;
        if empty.is_empty() { Ok(()) } else { self.warn(few_subjects(self.splits.len(), &empty)) }
    }

    /// Leaves out the recordings of subjects that are in no split.
    fn leave_out_unlisted(&mut self) -> Result<(), DatasetError> {
        let is_unlisted = |(_, recording): &(usize, &PlannedRecording)| !self.splits.contains_key(&recording.subject);
        let unlisted: Vec<_> = self.usable().filter(is_unlisted).map(|(index, of)| (index, of.path.clone())).collect();
        for (index, path) in unlisted {
            let reason = "no list of `dataset.split` names its subject".to_owned();
            self.failures.insert(index, reason.clone());
            self.emit(PreprocessEvent::Skipped { path, reason })?;
        }
        Ok(())
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

    /// Subjects with a split, but no recording of use.
    fn lost_subjects(&self) -> Vec<String> {
        let usable: BTreeSet<&str> = self.usable().map(|(_, recording)| recording.subject.as_str()).collect();
        self.splits.keys().filter(|subject| !usable.contains(subject.as_str())).cloned().collect()
    }

    /// Makes the splits again, without the subjects that have no recording of use. All are looked at before, lest this
    /// is done for one subject after the other.
    async fn begin_again(&mut self) -> Result<(), DatasetError> {
        let plan = self.plan;
        for (index, recording) in plan.recordings.iter().enumerate() {
            self.read(index, recording).await?;
        }
        let lost = self.lost_subjects().join(", ");
        self.output.begin_again();
        self.warn(format!("the splits are made again, without subjects none of whose recordings can be used: {lost}"))?;
        self.split()
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
            None => self.measure().await,
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
        if self.lost_subjects().is_empty() { Ok(Some(accumulator.finish()?)) } else { Ok(None) }
    }

    /// The error when every recording that was tried is skipped.
    fn nothing_usable(&self) -> DatasetError {
        let first = self.failures.first_key_value();
        DatasetError::NothingUsable {
            recordings: self.failures.len(),
            path: first.map(|(&index, _)| self.plan.recordings[index].path.clone()).unwrap_or_default(),
            reason: first.map(|(_, reason)| reason.clone()).unwrap_or_default(),
        }
    }

    /// Writes the windows of all recordings.
    async fn write(&mut self, renderer: &Renderer) -> Result<(), DatasetError> {
        let plan = self.plan;
        let mut numbers = BTreeMap::new();
        for (index, recording) in plan.recordings.iter().enumerate() {
            self.write_windows(index, recording, renderer, &mut numbers).await?;
        }
        Ok(())
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
            self.warn(format!("{}: {warning}", recording.path))?;
        }
        if !signals.bad.is_empty() {
            self.output.bad_channels.insert(recording.path.clone(), signals.bad.values().cloned().collect());
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

    /// What was written to a split.
    fn summary_of(&self, split: &'static str) -> SplitSummary {
        let subject = |recording: usize| self.plan.recordings[recording].subject.as_str();
        let rows = || self.output.rows.iter().filter(|row| row.split == split);
        let samples = || rows().map(|row| (subject(row.recording), row.recording, row.segment));
        SplitSummary {
            name: split.to_owned(),
            subjects: samples().map(|(subject, ..)| subject).collect::<BTreeSet<_>>().len(),
            windows: rows().count(),
            labels: self.labels.iter().map(|label| label.count(samples())).collect(),
        }
    }

    /// Removes what an earlier run left behind, then writes statistics, metadata and the report.
    async fn finish(&mut self, renderer: &Renderer) -> Result<PreprocessSummary, DatasetError> {
        let splits = SPLIT_FRACTIONS.map(|(name, _)| self.summary_of(name)).to_vec();
        for split in &splits {
            if let Some(warning) = single_classes(split) {
                self.warn(warning)?;
            }
        }
        if let Renderer::Standardized(stats) = renderer {
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
