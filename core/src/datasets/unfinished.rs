//! What a preparation keeps in its folder until it ends, so that one which is killed or stopped can be gone on with: a small
//! file for each recording whose samples are all written, and what was found out before the first of them was. What one
//! preparation kept says nothing to another, of other recordings or with other options.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{BadChannel, DatasetError, leave_out::Judgement};
use crate::{
    fingerprint::Fingerprint,
    kept::{Kept, Versioned},
    signal::NormalizationStats,
    storage::{Storage, StorageError},
};

/// Starts the names of these files; with a dot, so that they count for nothing in the folder.
const PREFIX: &str = ".unfinished-";
/// What was found out before the first sample was written.
const FOUND_FILE: &str = ".unfinished-found.json";

/// Whose samples are in which split, by subject.
type Splits = BTreeMap<String, &'static str>;

/// A recording all of whose samples are written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Written {
    /// The first sample of each window, by segment.
    pub starts: Vec<Vec<usize>>,
    /// Bytes of its samples, all together.
    pub bytes: u64,
    /// What was odd about it, in full sentences.
    pub warnings: Vec<String>,
    /// Its bad channels.
    pub bad: Vec<BadChannel>,
}

/// The file that is kept of a recording.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Note {
    /// The fingerprint of the preparation.
    made_of: String,
    /// Splits and statistics, on which samples depend as well.
    pass: String,
    /// None for a recording that could not be used: with that it could have changed the splits.
    written: Option<Written>,
}

impl Versioned for Note {
    const VERSION: u32 = 2;
}

/// What was found out before the first sample was written.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Found {
    /// The fingerprint of the preparation.
    made_of: String,
    /// Which channels are bad, where these are left out of all recordings.
    judgement: Option<Judgement>,
    /// The splits, and the statistics of the training split.
    statistics: Option<(BTreeMap<String, String>, NormalizationStats)>,
}

impl Versioned for Found {
    const VERSION: u32 = 1;
}

/// What is kept of a preparation until it ends. A note is true as long as it is there: before samples are written with other
/// splits or statistics, all notes of those before are removed.
pub(super) struct Unfinished<'a> {
    storage: &'a dyn Storage,
    keeps: bool,
    made_of: String,
    pass: String,
    /// Whether samples of this pass may have been written.
    is_begun: bool,
    /// By the place of recordings in the plan; those of recordings that cannot be used may not be written yet.
    notes: BTreeMap<usize, Note>,
    /// Recordings that cannot be used and of which that is not written yet.
    pending: BTreeSet<usize>,
    found: Found,
    /// Files of other preparations.
    stale: BTreeSet<String>,
}

impl<'a> Unfinished<'a> {
    /// What a preparation of this fingerprint has left among the `files` of a folder, if it `is_resumed`; files that are
    /// damaged count for nothing. Nothing is written unless it `keeps` what it finds out.
    pub async fn read<'f>(
        storage: &'a dyn Storage,
        files: impl Iterator<Item = &'f String>,
        fingerprint: &Fingerprint,
        keeps: bool,
        is_resumed: bool,
    ) -> Self {
        let made_of = fingerprint.digest();
        let found = Found { made_of: made_of.clone(), ..Found::default() };
        let (notes, pending, stale) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
        let mut own =
            Self { storage, keeps, made_of, pass: String::new(), is_begun: false, notes, pending, found, stale };
        for path in files.filter(|path| path.starts_with(PREFIX)) {
            if !(keeps && is_resumed && own.take(path).await) {
                own.stale.insert(path.clone());
            }
        }
        own
    }

    /// Takes what a file says; `false` where that is of another preparation, or nothing.
    async fn take(&mut self, path: &str) -> bool {
        let Ok(bytes) = self.storage.read(path).await else { return false };
        if path == FOUND_FILE {
            return match Kept::<Found>::read(&bytes) {
                Ok(Kept::Current(found)) if found.made_of == self.made_of => {
                    self.found = found;
                    true
                }
                _ => false,
            };
        }
        let index = path.strip_prefix(PREFIX).and_then(|name| name.strip_suffix(".json")?.parse().ok());
        match (index, Kept::<Note>::read(&bytes)) {
            (Some(index), Ok(Kept::Current(note))) if note.made_of == self.made_of && file_of(index) == path => {
                self.notes.insert(index, note);
                true
            }
            _ => false,
        }
    }

    /// Which channels are bad, if all recordings have been judged.
    pub fn judgement(&self) -> Option<Judgement> {
        self.found.judgement.clone()
    }

    /// Keeps which channels are bad.
    pub fn keep_judgement(&mut self, judgement: Judgement) {
        self.found.judgement = Some(judgement);
    }

    /// The statistics of the training split, if they were measured with these splits.
    pub fn statistics(&self, splits: &Splits) -> Option<NormalizationStats> {
        let (measured_with, statistics) = self.found.statistics.as_ref()?;
        let is_same = measured_with.iter().map(|(subject, split)| (subject.as_str(), split.as_str()));
        is_same.eq(splits.iter().map(|(subject, split)| (subject.as_str(), *split))).then(|| statistics.clone())
    }

    /// Keeps the statistics of the training split.
    pub fn keep_statistics(&mut self, splits: &Splits, statistics: &NormalizationStats) {
        let splits = splits.iter().map(|(subject, split)| (subject.clone(), (*split).to_owned())).collect();
        self.found.statistics = Some((splits, statistics.clone()));
    }

    /// The recordings that could not be used when they were last looked at.
    pub fn unusable(&self) -> Vec<usize> {
        self.notes.iter().filter(|(_, note)| note.written.is_none()).map(|(&index, _)| index).collect()
    }

    /// Whether a recording is known to be of use.
    pub fn is_usable(&self, index: usize) -> bool {
        self.notes.get(&index).is_some_and(|note| note.written.is_some())
    }

    /// What comes next is written with these splits and statistics.
    pub fn expect_pass(&mut self, splits: &Splits, statistics: Option<&NormalizationStats>) {
        let pass = json!({ "splits": splits, "statistics": statistics });
        self.pass = Fingerprint::new(&self.made_of, 0, &pass).digest();
        self.is_begun = false;
    }

    /// A recording of which all was written in the same pass.
    pub fn written(&self, index: usize) -> Option<&Written> {
        self.notes.get(&index).filter(|note| note.pass == self.pass)?.written.as_ref()
    }

    /// Before the first sample of a pass: removes the notes of all others, and keeps what was found out.
    pub async fn begin_pass(&mut self) -> Result<(), DatasetError> {
        if self.is_begun {
            return Ok(());
        }
        let is_other = |note: &Note| note.written.is_some() && note.pass != self.pass;
        let others = self.notes.extract_if(.., |_, note| is_other(note)).map(|(index, _)| file_of(index));
        self.stale.extend(others);
        self.remove_stale().await?;
        if self.keeps {
            if self.found.judgement.is_some() || self.found.statistics.is_some() {
                self.storage.write(FOUND_FILE, &self.found.to_json()).await?;
            }
            for index in std::mem::take(&mut self.pending) {
                self.keep(index, None).await?;
            }
        }
        self.is_begun = true;
        Ok(())
    }

    /// Keeps that a recording is written.
    pub async fn keep_written(&mut self, index: usize, written: Written) -> Result<(), DatasetError> {
        if self.keeps { self.keep(index, Some(written)).await } else { Ok(()) }
    }

    /// Keeps that a recording cannot be used, as soon as something is written.
    pub async fn keep_unusable(&mut self, index: usize) -> Result<(), DatasetError> {
        if !self.keeps || self.notes.get(&index).is_some_and(|note| note.written.is_none()) {
            return Ok(());
        }
        if self.is_begun {
            return self.keep(index, None).await;
        }
        self.pending.insert(index);
        Ok(())
    }

    async fn keep(&mut self, index: usize, written: Option<Written>) -> Result<(), DatasetError> {
        let note = Note { made_of: self.made_of.clone(), pass: self.pass.clone(), written };
        self.storage.write(&file_of(index), &note.to_json()).await?;
        self.notes.insert(index, note);
        Ok(())
    }

    /// Removes all of it.
    pub async fn remove(&mut self) -> Result<(), DatasetError> {
        self.stale.extend(std::mem::take(&mut self.notes).into_keys().map(file_of));
        if self.keeps {
            self.stale.insert(FOUND_FILE.to_owned());
        }
        self.remove_stale().await
    }

    async fn remove_stale(&mut self) -> Result<(), DatasetError> {
        for path in std::mem::take(&mut self.stale) {
            remove_if_there(self.storage, &path).await?;
        }
        Ok(())
    }
}

/// The file of the recording at a place of the plan.
fn file_of(index: usize) -> String {
    format!("{PREFIX}{index}.json")
}

/// Removes a file unless there is none.
pub(super) async fn remove_if_there(storage: &dyn Storage, path: &str) -> Result<(), DatasetError> {
    match storage.remove(path).await {
        Ok(()) | Err(StorageError::NotFound { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
