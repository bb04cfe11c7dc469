//! The folder that preprocessing writes: images or windows, metadata tables that name them, and a report. A table never
//! names a file that is not there.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join_all;
use serde::Serialize;

use super::{
    BadChannel, DatasetError, DatasetPlan, PREPROCESSING_FILE, PreprocessOptions, PreprocessSummary, RawDataset,
    SPLIT_FRACTIONS, SplitSummary, Table, WINDOWS_FILE, WindowOrigin,
    classes::ClassLabel,
    headers::is_hidden,
    origins::origins_table,
    report::{REPORT_SCHEMA, Report, ReportHead},
    unfinished::{Unfinished, remove_if_there},
};
use crate::{
    fingerprint::Fingerprint,
    kept::Versioned,
    signal::NormalizationStats,
    storage::{Storage, StorageError},
};

/// The metadata of all splits.
pub const METADATA_FILE: &str = "metadata.csv";

/// The name of one split's metadata.
#[must_use]
pub fn split_metadata_file(split: &str) -> String {
    format!("{split}-{METADATA_FILE}")
}

/// A metadata row to be written: a file, where in the plan its labels are, and the sample at which its window begins.
pub(super) struct Row {
    pub file_name: String,
    pub split: &'static str,
    pub recording: usize,
    pub segment: usize,
    pub start: usize,
}

impl Row {
    /// The row of a window in the file `name` that begins at a sample of the plan's recording, in one of its segments.
    pub fn new(
        name: &str,
        split: &'static str,
        plan: &DatasetPlan,
        (recording, segment): (usize, usize),
        start: usize,
    ) -> Self {
        let file_name = format!("{split}/{}/{name}", plan.recordings[recording].subject);
        Self { file_name, split, recording, segment, start }
    }
}

/// The output folder of one run.
pub(super) struct Output<'a> {
    storage: &'a dyn Storage,
    dataset: &'a dyn RawDataset,
    plan: &'a DatasetPlan,
    options: &'a PreprocessOptions,
    fingerprint: Fingerprint,
    /// Samples of earlier runs in this folder.
    earlier: BTreeSet<String>,
    /// Samples that this run, or what it goes on with, has written before the splits were made again or it ended.
    given_up: BTreeSet<String>,
    /// The size of each file that was there.
    sizes: BTreeMap<String, u64>,
    /// Whether something has been written or removed.
    begun: bool,
    /// What is kept until the end.
    pub unfinished: Unfinished<'a>,
    /// What the metadata will name.
    pub rows: Vec<Row>,
    /// The bad channels of each recording that has some, by its path.
    pub bad_channels: BTreeMap<String, Vec<BadChannel>>,
}

impl<'a> Output<'a> {
    /// An output of which nothing is written yet.
    pub fn new(
        storage: &'a dyn Storage,
        dataset: &'a dyn RawDataset,
        plan: &'a DatasetPlan,
        options: &'a PreprocessOptions,
        fingerprint: Fingerprint,
        claimed: Claimed,
        unfinished: Unfinished<'a>,
    ) -> Self {
        let Claimed { report, mut earlier, sizes } = claimed;
        let mut given_up = BTreeSet::new();
        if report.as_ref().is_some_and(|report| !report.complete) {
            // What the run that did not end had written is named by no table. Its names are those of preprocessing, and
            // the folder was its own.
            given_up.extend(sizes.keys().filter(|path| is_sample(path)).cloned());
        }
        if !report.is_some_and(|report| report.is_unfinished_of(&fingerprint)) {
            earlier.append(&mut given_up);
            earlier.retain(|path| sizes.contains_key(path));
        }
        Self {
            storage,
            dataset,
            plan,
            options,
            fingerprint,
            earlier,
            given_up,
            sizes,
            begun: false,
            unfinished,
            rows: Vec::new(),
            bad_channels: BTreeMap::new(),
        }
    }

    /// Writes samples and remembers their rows.
    pub async fn write_samples(&mut self, samples: Vec<(Row, Vec<u8>)>) -> Result<(), DatasetError> {
        self.begin().await?;
        // All at once: a browser takes its time for each file.
        try_join_all(samples.iter().map(|(row, bytes)| self.storage.write(&row.file_name, bytes))).await?;
        self.rows.extend(samples.into_iter().map(|(row, _)| row));
        Ok(())
    }

    /// Marks the folder as being rewritten, before the first file is: it is not complete, and the old metadata goes,
    /// since the files it names are about to change. A full disk or a folder without permission fails at the first
    /// step and leaves the older run as it was.
    async fn begin(&mut self) -> Result<(), DatasetError> {
        if !self.begun {
            self.write_report(None).await?;
            for (split, _) in SPLIT_FRACTIONS {
                remove_if_there(self.storage, &split_metadata_file(split)).await?;
            }
            remove_if_there(self.storage, METADATA_FILE).await?;
            remove_if_there(self.storage, WINDOWS_FILE).await?;
            self.begun = true;
        }
        self.unfinished.begin_pass().await
    }

    /// What has been written so far is removed in the end, unless it is written again.
    pub fn begin_again(&mut self) {
        self.given_up.extend(self.rows.drain(..).map(|row| row.file_name));
    }

    /// The size of a sample's file, if it was there before this run.
    pub fn size_before(&self, row: &Row) -> Option<u64> {
        self.sizes.get(&row.file_name).copied()
    }

    /// The rows of a split.
    fn rows_of(&self, split: &str) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.split == split)
    }

    /// What was written to a split.
    pub fn summary_of(&self, split: &'static str, labels: &[ClassLabel]) -> SplitSummary {
        let subject = |recording: usize| self.plan.recordings[recording].subject.as_str();
        let samples = || self.rows_of(split).map(|row| (subject(row.recording), row.recording, row.segment));
        SplitSummary {
            name: split.to_owned(),
            subjects: samples().map(|(subject, ..)| subject).collect::<BTreeSet<_>>().len(),
            windows: self.rows_of(split).count(),
            labels: labels.iter().map(|label| label.count(samples())).collect(),
        }
    }

    /// Writes what time series were normalised with.
    pub async fn write_statistics(&self, stats: &NormalizationStats) -> Result<(), DatasetError> {
        let path = format!("{}_normalization_stats.json", self.dataset.name());
        Ok(self.storage.write(&path, &json(&stats.versioned())).await?)
    }

    /// Removes samples that no row names. Returns how many of them were of earlier runs, whoever removed them: this run, or
    /// what it goes on with.
    pub async fn remove_stale(&self) -> Result<usize, DatasetError> {
        let written: BTreeSet<&str> = self.rows.iter().map(|row| row.file_name.as_str()).collect();
        let is_stale = |path: &&String| !written.contains(path.as_str());
        for path in self.earlier.union(&self.given_up).filter(is_stale) {
            remove_if_there(self.storage, path).await?;
        }
        Ok(self.earlier.iter().filter(is_stale).count())
    }

    /// Writes the tables, those without rows as well, and the report that all is done; nothing is left then to go on with.
    pub async fn finish(&mut self, summary: &PreprocessSummary) -> Result<(), DatasetError> {
        // First, so that wherever a table names samples it is known where they come from.
        self.write_table(WINDOWS_FILE, self.origins().map_err(table_failure)?).await?;
        let mut all = self.table()?;
        for (split, _) in SPLIT_FRACTIONS {
            let mut own = self.table()?;
            for row in self.rows_of(split) {
                let labels = &self.plan.recordings[row.recording].segments[row.segment].labels;
                let record = || [row.file_name.as_str(), split].into_iter().chain(labels.iter().map(String::as_str));
                own.write_record(record()).map_err(table_failure)?;
                all.write_record(record()).map_err(table_failure)?;
            }
            self.write_table(&split_metadata_file(split), own).await?;
        }
        self.write_table(METADATA_FILE, all).await?;
        self.write_report(Some(summary)).await?;
        self.unfinished.remove().await
    }

    /// Where the samples come from, in the order of the metadata of all splits.
    fn origins(&self) -> csv::Result<csv::Writer<Vec<u8>>> {
        let duration_s = self.plan.seconds(self.options.window_length);
        let rows = SPLIT_FRACTIONS.iter().flat_map(|(split, _)| self.rows_of(split));
        origins_table(rows.map(|row| {
            let recording = self.plan.recordings[row.recording].path.as_str();
            (row.file_name.as_str(), WindowOrigin { recording, start_s: self.plan.seconds(row.start), duration_s })
        }))
    }

    fn table(&self) -> Result<csv::Writer<Vec<u8>>, DatasetError> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let header = ["file_name", "split"].into_iter().chain(self.plan.label_columns.iter().map(String::as_str));
        writer.write_record(header).map_err(table_failure)?;
        Ok(writer)
    }

    async fn write_table(&self, path: &str, writer: csv::Writer<Vec<u8>>) -> Result<(), DatasetError> {
        let bytes = writer.into_inner().map_err(|error| table_failure(error.into_error().into()))?;
        Ok(self.storage.write(path, &bytes).await?)
    }

    async fn write_report(&self, summary: Option<&PreprocessSummary>) -> Result<(), DatasetError> {
        let report = Report {
            schema: REPORT_SCHEMA,
            complete: summary.is_some(),
            dataset: self.dataset.name(),
            montage: self.plan.channels.names(),
            options: self.options,
            fingerprint: &self.fingerprint,
            earlier: summary.is_none().then_some(&self.earlier),
            summary,
            bad_channels: &self.bad_channels,
        };
        Ok(self.storage.write(PREPROCESSING_FILE, &json(&report)).await?)
    }
}

/// What lies in a folder that may be written to.
pub(super) struct Claimed {
    /// The report of the run before.
    pub report: Option<ReportHead>,
    /// Samples of earlier runs, which a table or the report names.
    earlier: BTreeSet<String>,
    /// The size of each file.
    pub sizes: BTreeMap<String, u64>,
}

/// Checks that a folder may be written to, and changes nothing.
///
/// # Errors
/// [`DatasetError::OutputOfOther`] when it holds another dataset, [`DatasetError::OutputNotOwn`] when it holds anything
/// without the report of preprocessing.
pub(super) async fn claim(output: &dyn Storage, dataset: &dyn RawDataset) -> Result<Claimed, DatasetError> {
    let files = match output.list("").await {
        Err(StorageError::NotFound { .. }) => Vec::new(),
        listed => listed?,
    };
    let sizes = files.into_iter().map(|file| (file.path, file.size)).collect::<BTreeMap<_, _>>();
    let Some(mut report) = ReportHead::read(output).await else {
        return match sizes.keys().find(|path| !is_hidden(path)) {
            Some(path) => Err(DatasetError::OutputNotOwn { found: path.clone() }),
            None => Ok(Claimed { report: None, earlier: BTreeSet::new(), sizes }),
        };
    };
    if report.dataset != dataset.name() {
        return Err(DatasetError::OutputOfOther { dataset: dataset.name().to_owned(), found: report.dataset });
    }
    let mut earlier = std::mem::take(&mut report.earlier);
    if output.exists(METADATA_FILE).await? {
        let table = Table::read(output, METADATA_FILE).await?;
        let column = table.require_column("file_name")?;
        earlier.extend((0..table.len()).map(|row| table.value(row, column).to_owned()));
    }
    earlier.retain(|path| is_sample(path));
    Ok(Claimed { report: Some(report), earlier, sizes })
}

/// Whether a path is one that [`Renderer::file_name`](super::windows::Renderer::file_name) gives:
/// `<split>/<subject>/<kind>-[s<n>-t<n>-]<k>.<extension>`.
fn is_sample(path: &str) -> bool {
    let mut parts = path.split('/');
    let (Some(split), Some(_subject), Some(file), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    SPLIT_FRACTIONS.iter().any(|(own, _)| *own == split) && is_sample_name(file)
}

/// Whether a file is named as preprocessing names samples, here or in the reference system.
pub(super) fn is_sample_name(file: &str) -> bool {
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

/// Our own types as indented JSON.
fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec_pretty(value).expect("plain structs of numbers and texts have a JSON form")
}

fn table_failure(error: csv::Error) -> DatasetError {
    StorageError::Failed { action: "write", reason: error.to_string(), path: METADATA_FILE.to_owned() }.into()
}
