//! Whose samples go into which split, once and again when recordings turn out to be of no use.

use std::collections::BTreeSet;

use super::Preprocessing;
use crate::datasets::{
    DatasetError, PlannedRecording, PreprocessEvent, SPLIT_FRACTIONS,
    classes::classes_by_subject,
    splits::{few_subjects, split_by_class},
};

impl Preprocessing<'_> {
    /// Gives every subject with a recording of use a split, and says how many there are.
    pub(super) fn split(&mut self) -> Result<(), DatasetError> {
        let classes = classes_by_subject(self.usable(), &self.labels);
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

    /// Subjects with a split, but no recording of use.
    pub(super) fn lost_subjects(&self) -> Vec<String> {
        let usable: BTreeSet<&str> = self.usable().map(|(_, recording)| recording.subject.as_str()).collect();
        self.splits.keys().filter(|subject| !usable.contains(subject.as_str())).cloned().collect()
    }

    /// Makes the splits again, without the subjects that have no recording of use. All are looked at before, lest this
    /// is done for one subject after the other.
    pub(super) async fn begin_again(&mut self) -> Result<(), DatasetError> {
        let plan = self.plan;
        for (index, recording) in plan.recordings.iter().enumerate() {
            if !self.output.unfinished.is_usable(index) {
                self.read(index, recording).await?;
            }
        }
        let lost = self.lost_subjects().join(", ");
        self.output.begin_again();
        self.warn(format!("the splits are made again, without subjects none of whose recordings can be used: {lost}"))?;
        self.split()
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
}
