//! Any folder of recordings: EDF, BDF and EEGLAB files at any depth, and a table of their subjects at the top. What
//! cannot be told from the data is said and not guessed.
//!
//! Channels are found by the labels of the 10-20 system only. Recordings without a channel of a reference have zeros in
//! its place; where some have one and others have none, all have zeros, lest a model tells recordings apart by that.
//! The rate is the one nearest to that of the options which divides the rate of most recordings.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
};

use async_trait::async_trait;

use crate::{
    datasets::{
        Dataset, DatasetError, DatasetPlan, FileProblem, Montage, Origin, PlannedRecording, PreprocessOptions,
        RawDataset, SampleChannels, Table,
        channel_labels::{REFERENCE, reference_of},
        headers::{Header, eeg_rate, is_hidden, most_common, read_headers, recording_paths},
        subject_columns::LabelColumns,
        subject_match::{Matched, SubjectNames, path_name},
    },
    labels::LabelRegistry,
    storage::{FileEntry, Storage},
};

/// Where the table of the subjects is looked for.
const TABLES: &[&str] =
    &["participants.tsv", "another .tsv or .csv at the top with a column of the recordings' subjects"];
/// The table that BIDS has.
const BIDS_TABLE: &str = "participants.tsv";

/// Any folder of recordings with a table of their subjects: `participants.tsv`, or the `.tsv` or `.csv` at the top
/// whose column of subjects (`participant_id`, `subject`, `id`, … or the first) matches most recordings. A recording
/// belongs to the subject that its BIDS name says (`sub-XX`), where there is one, else to the only one that its path
/// names; rows are told apart by session where the table has `session_id`. All columns become labels, and `gender`,
/// `health` and `age` where columns mean them.
#[derive(Debug, Clone, Copy)]
pub struct Recordings;

impl Recordings {
    /// The positions of the 10-20 system and a reference, the first there is.
    pub(in crate::datasets) const MONTAGE: Montage = Montage::ending_in(["T3", "T4", "T5", "T6", REFERENCE])
        .with_substitutes(Montage::LAST, &["A2-A1", "A1", "A2", "M1", "M2", "TP9", "TP10"]);
    /// The same for recordings without one.
    pub(in crate::datasets) const WITHOUT_REFERENCE: Montage =
        Montage::ending_in(["T3", "T4", "T5", "T6", "none"]).without_reference();
}

impl Dataset for Recordings {
    fn name(&self) -> &'static str {
        "recordings"
    }

    fn title(&self) -> &'static str {
        "Recordings"
    }

    fn labels(&self) -> LabelRegistry {
        LabelRegistry::folder()
    }

    fn raw(&self) -> Option<&'static dyn RawDataset> {
        Some(&Self)
    }
}

#[async_trait(?Send)]
impl RawDataset for Recordings {
    fn origin(&self) -> Origin {
        Origin::Anyones
    }

    fn layout(&self) -> &'static str {
        "files of recordings, at any depth"
    }

    /// Windows of about eight seconds as images of 128 pixels, which a laptop's processor can learn from.
    fn default_options(&self) -> PreprocessOptions {
        PreprocessOptions { window_length: 1024, resolution: 128, ..PreprocessOptions::default() }
    }

    async fn plan(&self, raw: &dyn Storage, options: &PreprocessOptions) -> Result<DatasetPlan, DatasetError> {
        let files = raw.list("").await?;
        let mut go_on = |_| ControlFlow::Continue(());
        let (headers, unreadable) = read_headers(raw, &recording_paths(&files), &mut go_on).await?;
        if headers.is_empty() {
            return Err(match unreadable.into_iter().next() {
                Some(FileProblem { path, message }) => DatasetError::Unusable { path, reason: message },
                None => self.no_recordings(),
            });
        }
        let mut plan = self.plan_of(raw, &files, &headers, options).await?;
        plan.left_out.extend(unreadable);
        Ok(plan)
    }
}

impl Recordings {
    /// The plan for recordings whose headers have been read.
    pub(in crate::datasets) async fn plan_of(
        &self,
        raw: &dyn Storage,
        files: &[FileEntry],
        headers: &[Header],
        options: &PreprocessOptions,
    ) -> Result<DatasetPlan, DatasetError> {
        let mut plan = DatasetPlan::new(&Self::MONTAGE, &[], options);
        let Subjects { table, names, matches, .. } = find_table(raw, files, headers, &mut plan.warnings).await?;
        plan.table = table.file().to_owned();
        let mut listed = Vec::with_capacity(headers.len());
        for (header, matched) in headers.iter().zip(matches) {
            match matched {
                Matched::Row(row) => listed.push((header, row)),
                other => plan.left_out.push(other.problem(&header.path, table.file())),
            }
        }
        let mut rows: Vec<usize> = listed.iter().map(|(_, row)| *row).collect();
        rows.sort_unstable();
        rows.dedup();
        let recorded: BTreeSet<&str> = rows.iter().map(|&row| names.of(row)).collect();
        let mut without: Vec<&str> = (0..table.len()).map(|row| names.of(row)).collect();
        without.retain(|subject| !recorded.contains(subject));
        without.dedup();
        plan.without_recording = without.into_iter().map(str::to_owned).collect();

        let headers: Vec<&Header> = listed.iter().map(|(header, _)| *header).collect();
        plan.channels = SampleChannels::Montage(montage_of(&headers, &mut plan.warnings));
        plan.warnings.extend(references(&headers));
        if options.filters.is_none() {
            plan.rate_hz = rate_of(&headers, options.rate_hz, &mut plan.warnings);
        }
        let columns = LabelColumns::new(&table, &rows, &mut plan.warnings);
        plan.label_columns = columns.names();
        plan.recordings = listed
            .into_iter()
            .map(|(header, row)| {
                PlannedRecording::whole(header.path.clone(), path_name(names.of(row), row), columns.cells(row))
            })
            .collect();
        Ok(plan)
    }
}

/// A table and whom its rows are about.
struct Subjects {
    table: Table,
    column: usize,
    names: SubjectNames,
    /// What it says of each recording.
    matches: Vec<Matched>,
}

impl Subjects {
    /// How many recordings have a row.
    fn found(&self) -> usize {
        self.matches.iter().filter(|matched| matches!(matched, Matched::Row(_))).count()
    }

    /// The first recording that seems to be of a subject of the table and has no row for sure, and why.
    fn doubt(&self, headers: &[Header]) -> Option<FileProblem> {
        let mut pairs = headers.iter().zip(&self.matches);
        let (header, matched) = pairs.find(|(_, matched)| !matches!(matched, Matched::Row(_) | Matched::None(_)))?;
        Some(matched.clone().problem(&header.path, self.table.file()))
    }
}

/// The table that tells most recordings' subjects; the first of equals. Others that could be read as well, or not at all, are
/// told. Where `participants.tsv` knows nobody, no other table is asked: it is the one that is meant.
async fn find_table(
    raw: &dyn Storage,
    files: &[FileEntry],
    headers: &[Header],
    warnings: &mut Vec<String>,
) -> Result<Subjects, DatasetError> {
    let is_table = |path: &str| {
        let extension = path.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
        !path.contains('/') && !is_hidden(path) && matches!(extension.as_deref(), Some("csv" | "tsv"))
    };
    let mut candidates: Vec<&str> = files.iter().map(|file| file.path.as_str()).filter(|path| is_table(path)).collect();
    candidates.sort_by_key(|path| *path != BIDS_TABLE);
    let mut tables: Vec<Subjects> = Vec::new();
    let mut broken = Vec::new();
    for &path in &candidates {
        let table = match Table::read(raw, path).await {
            Ok(table) => table,
            Err(error @ DatasetError::Table(_)) if path != BIDS_TABLE => {
                broken.push(error);
                continue;
            }
            Err(error) => return Err(error),
        };
        let Some(column) = SubjectNames::column(&table) else {
            broken.push(DatasetError::NoIdColumn { table: table.file().to_owned() });
            continue;
        };
        let names = SubjectNames::new(&table, column);
        let matches = names.find_all(headers.iter().map(|header| header.path.as_str()));
        let is_meant = path == BIDS_TABLE && !table.is_empty();
        tables.push(Subjects { table, column, names, matches });
        if is_meant && tables.iter().all(|table| table.found() == 0) {
            break;
        }
    }
    let most = tables.iter().map(Subjects::found).max().unwrap_or_default();
    let Some(chosen) = tables.iter().position(|table| most > 0 && table.found() == most) else {
        return Err(no_table(tables, broken, headers));
    };
    let chosen = tables.swap_remove(chosen);
    let file = chosen.table.file();
    warnings.extend(tables.iter().filter(|other| other.found() > 0).map(|other| {
        let other = other.table.file();
        format!("labels come from {file} alone; {other} names the same subjects and is not read: copy its columns into {file}")
    }));
    warnings.extend(broken.iter().map(|error| format!("labels come from {file} alone: {error}")));
    chosen.names.check_unique(&chosen.table)?;
    Ok(chosen)
}

/// Why none of the tables tells whose a recording is.
fn no_table(tables: Vec<Subjects>, broken: Vec<DatasetError>, headers: &[Header]) -> DatasetError {
    if let Some(FileProblem { path, message: reason }) = tables.iter().find_map(|table| table.doubt(headers)) {
        return DatasetError::NothingUsable { recordings: headers.len(), path, reason };
    }
    if let Some(error) = broken.into_iter().next() {
        return error;
    }
    let Some(Subjects { table, column, names, .. }) = tables.iter().find(|subjects| !subjects.table.is_empty()) else {
        return DatasetError::MissingTable { dataset: Recordings.name(), expected: TABLES };
    };
    DatasetError::NoSubjectMatches {
        tables: tables.iter().map(|subjects| subjects.table.file().to_owned()).collect(),
        id: names.of(0).to_owned(),
        column: table.headers()[*column].clone(),
        recording: headers.first().map(|header| header.path.clone()).unwrap_or_default(),
    }
}

/// What is said of recordings that were measured against different references; `None` where their labels name one, or none.
fn references(headers: &[&Header]) -> Option<String> {
    let mut paths: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for header in headers {
        if let Some(reference) = reference_of(&header.info.labels()) {
            paths.entry(reference).or_default().push(&header.path);
        }
    }
    let told = paths.iter().map(|(reference, paths)| format!("{reference} in {}, as {}", paths.len(), paths[0]));
    let told = told.collect::<Vec<_>>().join("; ");
    (paths.len() > 1).then(|| {
        format!(
            "the labels of the recordings name different references ({told}): a model may tell recordings apart by that; \
             export all of them against one"
        )
    })
}

/// The montage with a reference if every recording that has the other channels has one.
fn montage_of(headers: &[&Header], warnings: &mut Vec<String>) -> &'static Montage {
    let without = |header: &&&Header| Recordings::WITHOUT_REFERENCE.is_in(&header.info);
    let usable = headers.iter().filter(without).count();
    let with_reference = headers.iter().filter(|header| Recordings::MONTAGE.is_in(&header.info)).count();
    if usable == 0 || with_reference == usable {
        return &Recordings::MONTAGE;
    }
    let who = match with_reference {
        0 => "no recording has".to_owned(),
        some => format!("{some} of {usable} recordings have"),
    };
    warnings.push(format!(
        "{who} a channel of a reference (A2-A1, A1, A2, M1, M2, TP9 or TP10), so that the last of the 20 channels is \
         zeros in all of them"
    ));
    &Recordings::WITHOUT_REFERENCE
}

/// The rate nearest to the wanted one that divides the rate of most recordings; the higher of equals.
fn rate_of(headers: &[&Header], wanted_hz: f64, warnings: &mut Vec<String>) -> f64 {
    let rates = headers.iter().map(|header| eeg_rate(&header.info));
    let Some(common_hz) = most_common(rates).filter(|rate| *rate > 0.0) else { return wanted_hz };
    let factor = (common_hz / wanted_hz).floor().max(1.0);
    let distance = |rate_hz: f64| (rate_hz - wanted_hz).abs();
    let (above, below) = (common_hz / factor, common_hz / (factor + 1.0));
    let rate_hz = if distance(below) < distance(above) { below } else { above };
    if distance(rate_hz) / wanted_hz < 1e-6 {
        return wanted_hz;
    }
    warnings.push(format!(
        "most recordings have {common_hz} Hz, of which {wanted_hz} Hz is no whole fraction: they are decimated to \
         {rate_hz} Hz"
    ));
    rate_hz
}
