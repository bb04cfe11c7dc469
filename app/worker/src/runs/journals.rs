//! The journals of runs: read piece by piece, so that a run under way is not held up, and made whole before more is added.

use std::cell::RefCell;

use signal_studio_app_shared::{
    protocol::Level,
    runs::journal::{self, EvaluatedSamples, Reader, Repair},
};
use signal_studio_core::{storage::StorageError, training::TrainEvent};

use crate::{
    opfs::Opfs,
    runs::{
        notes::{journal_file, samples_file},
        records::read_if_there,
    },
    shell::{
        blobs::{read_blob, size_of_blob},
        errors::Outcome,
        event_loop::yield_if_due,
        post::log,
    },
};

/// Read at a time: a few milliseconds of work.
const PIECE: u64 = 64 << 10;

/// No line is longer.
const LONGEST_LINE: u64 = 64 << 20;

/// The journal looked at last. What was read of it is not read again.
#[derive(Default)]
pub struct JournalCache {
    last: RefCell<Option<(String, Reader)>>,
}

impl JournalCache {
    /// What a run reported, as far as it is written.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn events(&self, notes: &Opfs, run: &str) -> Outcome<Vec<(f64, TrainEvent)>> {
        let known = self.last.take().filter(|(name, _)| name == run);
        let mut reader = known.map(|(_, reader)| reader).unwrap_or_default();
        let unreadable = reader.unreadable();
        read_on(notes, run, &mut reader).await?;
        let lost = reader.unreadable().saturating_sub(unreadable);
        if lost > 0 {
            log(
                Level::Warning,
                format!("{lost} lines of what the run {run} reported cannot be read and are left out."),
            );
        }
        let mut events = reader.events();
        self.last.replace(Some((run.to_owned(), reader)));
        if let Some(samples) = samples(notes, run).await? {
            samples.put_into(&mut events);
        }
        Ok(events)
    }

    /// Forgets what was read, because the files change otherwise than by more lines.
    pub fn clear(&self) {
        self.last.replace(None);
    }
}

/// What a run's latest evaluation says of single samples. Where that cannot be read, the user is told: the rest is of use
/// without.
async fn samples(notes: &Opfs, run: &str) -> Outcome<Option<EvaluatedSamples>> {
    let path = samples_file(run);
    let Some(bytes) = read_if_there(notes, &path).await? else { return Ok(None) };
    let why = match EvaluatedSamples::read(&bytes) {
        Ok(Some(samples)) => return Ok(Some(samples)),
        Ok(None) => "was written by a newer version of the studio and is left out: reload the page".to_owned(),
        Err(error) => format!("is damaged and left out: {error}"),
    };
    log(Level::Warning, format!("{}/{path} {why}", notes.path()));
    Ok(None)
}

async fn read_on(notes: &Opfs, run: &str, reader: &mut Reader) -> Outcome<()> {
    let path = journal_file(run);
    let file = match notes.file(&path).await {
        Err(StorageError::NotFound { .. }) => return Ok(()),
        file => file?,
    };
    let size = size_of_blob(&file);
    if size < reader.offset() {
        *reader = Reader::default();
    }
    let mut length = PIECE;
    loop {
        let piece = reader.offset()..size.min(reader.offset() + length);
        let is_last = piece.end == size;
        let bytes = read_blob(&file, piece, &path).await?;
        let taken = reader.take(&bytes);
        // A line that is longer than the piece needs a longer one; one that was cut off waits for its end.
        length = if taken == 0 { 2 * length } else { PIECE };
        if is_last {
            return Ok(());
        }
        if length > LONGEST_LINE {
            reader.skip(bytes.len());
            length = PIECE;
        }
        yield_if_due().await;
    }
}

/// Makes a journal whole to which more is to be added: an end that was cut off would spoil the next line.
///
/// # Errors
/// When it cannot be read or written.
pub async fn make_whole(notes: &Opfs, run: &str) -> Outcome<()> {
    let path = journal_file(run);
    let file = match notes.file(&path).await {
        Err(StorageError::NotFound { .. }) => return Ok(()),
        file => file?,
    };
    let size = size_of_blob(&file);
    let mut length = 0;
    let last_line = loop {
        length = size.min((2 * length).max(PIECE));
        let bytes = read_blob(&file, size - length..size, &path).await?;
        match bytes.iter().rposition(|byte| *byte == b'\n') {
            Some(end) => break bytes[end + 1..].to_vec(),
            None if length == size || length > LONGEST_LINE => break bytes,
            None => yield_if_due().await,
        }
    };
    match journal::repair(&last_line) {
        Repair::Nothing => {}
        Repair::EndLine => notes.append(&path, b"\n").await?,
        Repair::CutOff(bytes) => notes.truncate(&path, size - bytes as u64).await?,
    }
    Ok(())
}
