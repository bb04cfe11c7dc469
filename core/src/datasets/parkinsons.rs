//! Parkinson's patients and controls at rest, of OpenNeuro's ds004584. Its BIDS folder and `participants.tsv` flow in, a
//! plan of recordings with labels flows out.

use async_trait::async_trait;

use super::{DatasetError, Montage, Plan, PlannedRecording, PreprocessOptions, RawDataset, subjects::SubjectTable};
use crate::storage::Storage;

const NAME: &str = "parkinsons";

/// The Parkinson's dataset. Recordings are `sub-NNN/eeg/*_eeg.set`; `participants.tsv` says who is who in the columns
/// `participant_id`, `GROUP` (PD or Control), `GENDER` and `AGE`, in any letter case.
#[derive(Debug, Clone, Copy)]
pub struct Parkinsons;

#[async_trait(?Send)]
impl RawDataset for Parkinsons {
    fn name(&self) -> &'static str {
        NAME
    }

    fn montage(&self) -> &'static Montage {
        &Montage::PARKINSONS
    }

    fn label_columns(&self) -> &'static [&'static str] {
        &["gender", "health", "age", "parkinsons_condition"]
    }

    async fn plan(&self, raw: &dyn Storage, _options: &PreprocessOptions) -> Result<Plan, DatasetError> {
        let files = raw.list("").await?;
        let found: Vec<_> =
            files.iter().filter_map(|entry| Some((subject_of(&entry.path)?, entry.path.as_str()))).collect();
        if found.is_empty() {
            return Err(DatasetError::NoRecordings { dataset: NAME, layout: "sub-NNN/eeg/sub-NNN_task-*_eeg.set" });
        }

        let subjects = SubjectTable::read(raw, NAME, &["participants.tsv"], "participant_id").await?;
        let mut plan = Plan { recordings: Vec::with_capacity(found.len()), warnings: Vec::new() };
        for (id, path) in found {
            let subject = subjects.subject(id, path)?;
            let gender = subject.gender("GENDER", &mut plan.warnings)?;
            let health = subject.health("GROUP", &mut plan.warnings)?;
            let condition = subject.class("parkinsons_condition", &[("health", health), ("gender", gender)])?;
            let labels = [gender, health, &subject.age()?, &condition].map(str::to_owned);
            plan.recordings.push(PlannedRecording::whole(path.to_owned(), id.to_owned(), labels.to_vec()));
        }
        plan.warnings.dedup();
        Ok(plan)
    }
}

/// The subject of a path such as `sub-001/eeg/sub-001_task-Rest_eeg.set`.
fn subject_of(path: &str) -> Option<&str> {
    let mut parts = path.split('/');
    let (subject, folder, file, end) = (parts.next()?, parts.next()?, parts.next()?, parts.next());
    let recording = file.starts_with(subject) && file.to_ascii_lowercase().ends_with("_eeg.set");
    (subject.starts_with("sub-") && folder == "eeg" && recording && end.is_none()).then_some(subject)
}
