//! Parkinson's patients and controls at rest, of OpenNeuro's ds004584.

use async_trait::async_trait;

use crate::{
    datasets::{
        Dataset, DatasetError, DatasetPlan, Montage, Origin, PlannedRecording, PreprocessOptions, RawDataset,
        subjects::{Found, PARKINSONS, SubjectTable},
    },
    labels::{LabelRegistry, LabelSpec, common},
    recording::{RecordingInfo, is_recording_name},
    storage::Storage,
};

const LABEL_COLUMNS: &[&str] = &["gender", "health", "age", "parkinsons_condition"];

/// The Parkinson's dataset. Recordings are `sub-NNN/eeg/*_eeg.set` (or `.edf`, `.bdf`); `participants.tsv` says who is
/// who in the columns `participant_id`, `GROUP` (PD or Control), `GENDER` and `AGE`, in any letter case.
#[derive(Debug, Clone, Copy)]
pub struct Parkinsons;

impl Parkinsons {
    /// They were measured against Pz, so that they have no channel there: CPz, its neighbour, is taken for it.
    pub(in crate::datasets) const MONTAGE: Montage =
        Montage::ending_in(["T7", "T8", "TP7", "TP8", "TP10"]).with_substitutes(Montage::PZ, &["CPz"]);
}

impl Dataset for Parkinsons {
    fn name(&self) -> &'static str {
        "parkinsons"
    }

    fn title(&self) -> &'static str {
        "Parkinson’s recordings"
    }

    fn labels(&self) -> LabelRegistry {
        let (gender, health) = (common::gender(), common::health());
        let names = ["healthy_male", "healthy_female", "parkinsons_male", "parkinsons_female"];
        let condition = LabelSpec::pair("parkinsons_condition", &health, &gender, &names, "health and gender in one");
        LabelRegistry::new([gender, health, condition, common::age()])
    }

    fn raw(&self) -> Option<&'static dyn RawDataset> {
        Some(&Self)
    }
}

#[async_trait(?Send)]
impl RawDataset for Parkinsons {
    fn origin(&self) -> Origin {
        Origin::Published
    }

    fn layout(&self) -> &'static str {
        "sub-NNN/eeg/sub-NNN_task-*_eeg.set (or .edf, .bdf)"
    }

    async fn plan(&self, raw: &dyn Storage, options: &PreprocessOptions) -> Result<DatasetPlan, DatasetError> {
        let files = raw.list("").await?;
        let found: Vec<_> = files
            .iter()
            .filter_map(|entry| Some(Found { id: subject_of(&entry.path)?, path: &entry.path, of: () }))
            .collect();
        if found.is_empty() {
            return Err(self.no_recordings());
        }

        let subjects = SubjectTable::read(raw, self, &["participants.tsv"], "participant_id").await?;
        let mut plan = DatasetPlan::new(&Self::MONTAGE, LABEL_COLUMNS, options);
        for (subject, Found { id, path, .. }) in subjects.listed(found, &mut plan)? {
            let gender = subject.gender("GENDER", &mut plan.warnings)?;
            let health = subject.health("GROUP", &mut plan.warnings)?;
            let condition = subject.class("parkinsons_condition", &[("health", health), ("gender", gender)])?;
            let labels = [gender, health, &subject.age(&mut plan.warnings)?, &condition].map(str::to_owned);
            plan.recordings.push(PlannedRecording::whole(path.to_owned(), id.to_owned(), labels.to_vec()));
        }
        plan.warnings.dedup();
        Ok(plan)
    }

    /// Many studies have tables and files like these; this one has patients of this disease.
    fn fits(&self, plan: &DatasetPlan, headers: &[&RecordingInfo]) -> bool {
        let has_patients = plan.recordings.iter().any(|recording| recording.segments[0].labels[1] == PARKINSONS);
        has_patients && (headers.is_empty() || headers.iter().any(|header| plan.channels.are_in(header)))
    }
}

/// The subject of a path such as `sub-001/eeg/sub-001_task-Rest_eeg.set`.
fn subject_of(path: &str) -> Option<&str> {
    let mut parts = path.split('/');
    let (subject, folder, file, end) = (parts.next()?, parts.next()?, parts.next()?, parts.next());
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let recording = file.starts_with(subject) && is_recording_name(file) && stem.to_ascii_lowercase().ends_with("_eeg");
    (subject.starts_with("sub-") && folder == "eeg" && recording && end.is_none()).then_some(subject)
}
