//! Which recording each sample comes from, and where in it the sample begins, so that what is said of windows can be told
//! by recording and by person. Preprocessing keeps it in `windows.csv`, beside metadata tables whose layout is the original
//! system's; with a split it is read from there.

use std::collections::BTreeMap;

use super::{DatasetError, Table, TableError};
use crate::storage::Storage;

/// Where the samples of all splits come from, in the order of [`METADATA_FILE`](super::METADATA_FILE).
pub const WINDOWS_FILE: &str = "windows.csv";

const FILE_NAME: &str = "file_name";
const RECORDING: &str = "recording";
const START: &str = "start_s";
const DURATION: &str = "duration_s";

/// The stretch of a recording that a sample was made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WindowOrigin<'a> {
    /// The recording's path in the folder of the recordings.
    pub recording: &'a str,
    /// Where it begins: seconds from the recording's first sample, at the rate of the prepared samples. What was not
    /// recorded, between the pieces of a file, does not count.
    pub start_s: f64,
    /// How long it is, in seconds.
    pub duration_s: f64,
}

/// A [`WindowOrigin`] with a text of its own.
#[derive(Debug, Clone)]
pub(super) struct OwnedOrigin {
    recording: String,
    start_s: f64,
    duration_s: f64,
}

impl OwnedOrigin {
    /// What it says.
    pub fn get(&self) -> WindowOrigin<'_> {
        let Self { recording, start_s, duration_s } = self;
        WindowOrigin { recording, start_s: *start_s, duration_s: *duration_s }
    }
}

/// The table of samples, by the names of their files, and where they come from.
pub(super) fn origins_table<'r>(
    samples: impl Iterator<Item = (&'r str, WindowOrigin<'r>)>,
) -> csv::Result<csv::Writer<Vec<u8>>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([FILE_NAME, RECORDING, START, DURATION])?;
    for (file_name, WindowOrigin { recording, start_s, duration_s }) in samples {
        writer.write_record([file_name, recording, &start_s.to_string(), &duration_s.to_string()])?;
    }
    Ok(writer)
}

/// Where the samples at these paths come from; none of those that the folder's table does not name.
///
/// # Errors
/// [`DatasetError`] about the table, as far as it is there.
pub(super) async fn read_origins(
    storage: &dyn Storage,
    paths: &[String],
) -> Result<Vec<Option<OwnedOrigin>>, DatasetError> {
    if !storage.exists(WINDOWS_FILE).await? {
        return Ok(vec![None; paths.len()]);
    }
    let table = Table::read(storage, WINDOWS_FILE).await?;
    let origins = origins_of(&table)?;
    Ok(paths.iter().map(|path| origins.get(path.as_str()).cloned()).collect())
}

/// What a table says, by the names of the files.
fn origins_of(table: &Table) -> Result<BTreeMap<&str, OwnedOrigin>, TableError> {
    let names = table.require_column(FILE_NAME)?;
    let recordings = table.require_column(RECORDING)?;
    let (starts, durations) = (table.require_column(START)?, table.require_column(DURATION)?);
    let mut origins = BTreeMap::new();
    for row in 0..table.len() {
        let refused = |column: usize, wanted: &'static str| TableError::Cell {
            file: table.file().to_owned(),
            line: table.line(row),
            column: table.headers()[column].clone(),
            wanted,
            found: table.value(row, column).to_owned(),
        };
        let seconds = |column: usize| {
            let seconds = table.value(row, column).parse().ok();
            seconds.filter(|seconds: &f64| seconds.is_finite() && *seconds >= 0.0)
        };
        let origin = OwnedOrigin {
            recording: table.value(row, recordings).to_owned(),
            start_s: seconds(starts).ok_or_else(|| refused(starts, "seconds from the recording's beginning"))?,
            duration_s: seconds(durations)
                .filter(|seconds| *seconds > 0.0)
                .ok_or_else(|| refused(durations, "seconds above 0"))?,
        };
        if origin.recording.is_empty() {
            return Err(refused(recordings, "the path of a recording"));
        }
        if origins.insert(table.value(row, names), origin).is_some() {
            return Err(refused(names, "a file that no line before it names"));
        }
    }
    Ok(origins)
}
