//! The folder that preprocessing writes: images or windows, metadata tables that name them, and a report. A table never
//! names a file that is not there.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join_all;
use serde::Serialize;

use super::{
    BadChannel, DatasetError, DatasetPlan, PREPROCESSING_FILE, PreprocessOptions, PreprocessSummary, RawDataset,
    SPLIT_FRACTIONS, Table,
    headers::is_hidden,
    report::{REPORT_SCHEMA, Report, ReportHead},
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

/// A metadata row to be written: a file, and where in the plan its labels are.
pub(super) struct Row {
    pub file_name: String,
    pub split: &'static str,
    pub recording: usize,
    pub segment: usize,
}

/// The output folder of one run.
pub(super) struct Output<'a> {
    storage: &'a dyn Storage,
    dataset: &'a dyn RawDataset,
    plan: &'a DatasetPlan,
    options: &'a PreprocessOptions,
    fingerprint: Fingerprint,
    /// Samples of an earlier run in this folder, which its metadata named.
    earlier: BTreeSet<String>,
    /// Whether something has been written or removed.
    begun: bool,
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
        earlier: BTreeSet<String>,
    ) -> Self {
        Self {
            storage,
            dataset,
            plan,
            options,
            fingerprint,
            earlier,
            begun: false,
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
        if self.begun {
            return Ok(());
        }
        self.write_report(None).await?;
        for (split, _) in SPLIT_FRACTIONS {
            remove_if_there(self.storage, &split_metadata_file(split)).await?;
        }
        remove_if_there(self.storage, METADATA_FILE).await?;
        self.begun = true;
        Ok(())
    }

    /// What has been written so far is as that of an earlier run: removed in the end, unless it is written again.
    pub fn begin_again(&mut self) {
        self.earlier.extend(self.rows.drain(..).map(|row| row.file_name));
    }

    /// Writes what time series were normalised with.
    pub async fn write_statistics(&self, stats: &NormalizationStats) -> Result<(), DatasetError> {
        let path = format!("{}_normalization_stats.json", self.dataset.name());
        Ok(self.storage.write(&path, &json(&stats.versioned())).await?)
    }

    /// Removes the files of an earlier run that this one has not written again.
    pub async fn remove_stale(&self) -> Result<usize, DatasetError> {
        let written: BTreeSet<&str> = self.rows.iter().map(|row| row.file_name.as_str()).collect();
        let mut removed = 0;
        for path in self.earlier.iter().filter(|path| !written.contains(path.as_str())) {
            match self.storage.remove(path).await {
                Ok(()) => removed += 1,
                Err(StorageError::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(removed)
    }

    /// Writes the tables, those without rows as well, and the report that all is done.
    pub async fn finish(&self, summary: &PreprocessSummary) -> Result<(), DatasetError> {
        let mut all = self.table()?;
        for (split, _) in SPLIT_FRACTIONS {
            let mut own = self.table()?;
            for row in self.rows.iter().filter(|row| row.split == split) {
                let labels = &self.plan.recordings[row.recording].segments[row.segment].labels;
                let record = || [row.file_name.as_str(), split].into_iter().chain(labels.iter().map(String::as_str));
                own.write_record(record()).map_err(table_failure)?;
                all.write_record(record()).map_err(table_failure)?;
            }
            self.write_table(&split_metadata_file(split), own).await?;
        }
        self.write_table(METADATA_FILE, all).await?;
        self.write_report(Some(summary)).await
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

/// Checks that a folder may be written to, and changes nothing. Returns the samples that earlier runs left there, which
/// may be removed.
///
/// # Errors
/// [`DatasetError::OutputOfOther`] when it holds another dataset, [`DatasetError::OutputNotOwn`] when it holds anything
/// without the report of preprocessing.
pub(super) async fn claim(output: &dyn Storage, dataset: &dyn RawDataset) -> Result<BTreeSet<String>, DatasetError> {
    let files = match output.list("").await {
        Err(StorageError::NotFound { .. }) => Vec::new(),
        listed => listed?,
    };
    let Some(report) = ReportHead::read(output).await else {
        return match files.into_iter().find(|file| !is_hidden(&file.path)) {
            Some(file) => Err(DatasetError::OutputNotOwn { found: file.path }),
            None => Ok(BTreeSet::new()),
        };
    };
    if report.dataset != dataset.name() {
        return Err(DatasetError::OutputOfOther { dataset: dataset.name().to_owned(), found: report.dataset });
    }
    let mut samples = report.earlier;
    if output.exists(METADATA_FILE).await? {
        let table = Table::read(output, METADATA_FILE).await?;
        let column = table.require_column("file_name")?;
        samples.extend((0..table.len()).map(|row| table.value(row, column).to_owned()));
    }
    if !report.complete {
        // What the run that did not end had written is named by no table. Its names are those of preprocessing, and
        // the folder was its own.
        samples.extend(files.into_iter().map(|file| file.path));
    }
    samples.retain(|path| is_sample(path));
    Ok(samples)
}

async fn remove_if_there(storage: &dyn Storage, path: &str) -> Result<(), DatasetError> {
    match storage.remove(path).await {
        Ok(()) | Err(StorageError::NotFound { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
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
