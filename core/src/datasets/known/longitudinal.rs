//! Rest with open eyes, twice, some five years apart, before and after cognitive tasks: OpenNeuro's ds005385.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use async_trait::async_trait;

use crate::{
    datasets::{
        Dataset, DatasetError, DatasetPlan, Montage, Origin, PlannedRecording, PreprocessOptions, RawDataset, Table,
        subjects::{Found, Subject, SubjectTable},
    },
    labels::{LabelRegistry, LabelSpec, common},
    recording::is_recording_name,
    storage::{Storage, StorageError},
};

const LABEL_COLUMNS: &[&str] = &["gender", "health", "age", "acquisition", "handedness", "session", "recording_year"];
/// The folders of the sessions.
const SESSIONS: [&str; 2] = ["ses-1", "ses-2"];
/// Before and after the cognitive tasks.
const ACQUISITIONS: [&str; 2] = ["pre", "post"];
/// The task of the recordings that are used, in small letters.
const OPEN_EYES: &str = "_task-eyesopen";
/// Years between the sessions of a subject whose years are not known.
const USUAL_YEARS: u16 = 5;

/// The longitudinal dataset. Recordings are `sub-NNN/ses-{1,2}/eeg/*_task-EyesOpen_acq-{pre,post}_eeg.edf`;
/// `participants.tsv` says who is who in the columns `participant_id`, `age`, `sex` and `handedness`, and
/// `sub-NNN/sub-NNN_sessions.tsv` in which `recording_year` a session was. The age is that of the first session; at the
/// second, the years between them have passed.
#[derive(Debug, Clone, Copy)]
pub struct Longitudinal;

impl Longitudinal {
    /// The channels of ds005385.
    pub(in crate::datasets) const MONTAGE: Montage = Montage::ending_in(["T7", "T8", "TP7", "TP8", "TP10"]);
}

/// When a recording was taken.
#[derive(Debug, Clone, Copy)]
struct Visit {
    /// Index into [`SESSIONS`].
    session: usize,
    acquisition: &'static str,
    has_open_eyes: bool,
}

/// What is the same in all recordings of a subject.
struct Participant {
    gender: &'static str,
    handedness: String,
    /// The years of the sessions, where they are known.
    years: [Option<u16>; 2],
}

impl Dataset for Longitudinal {
    fn name(&self) -> &'static str {
        "longitudinal"
    }

    fn title(&self) -> &'static str {
        "Longitudinal recordings"
    }

    fn labels(&self) -> LabelRegistry {
        LabelRegistry::new([common::gender(), common::age(), acquisition(), handedness(), common::always_healthy()])
    }

    fn raw(&self) -> Option<&'static dyn RawDataset> {
        Some(&Self)
    }
}

fn acquisition() -> LabelSpec {
    let classes: [(&str, &[&str]); 2] = [("pre", &["false"]), ("post", &["true"])];
    LabelSpec::numbered("acquisition", &["acquisition"], &classes, "before or after the cognitive tasks")
}

fn handedness() -> LabelSpec {
    let classes: [(&str, &[&str]); 2] = [("right", &["r", "false"]), ("left", &["l", "true"])];
    LabelSpec::numbered("handedness", &["handedness"], &classes, "the hand the subject prefers")
}

#[async_trait(?Send)]
impl RawDataset for Longitudinal {
    fn origin(&self) -> Origin {
        Origin::Published
    }

    fn layout(&self) -> &'static str {
        "sub-NNN/ses-1/eeg/sub-NNN_ses-1_task-EyesOpen_acq-pre_eeg.edf (or ses-2, acq-post)"
    }

    async fn plan(&self, raw: &dyn Storage, options: &PreprocessOptions) -> Result<DatasetPlan, DatasetError> {
        let files = raw.list("").await?;
        let all = files.iter().filter_map(|entry| identify(&entry.path));
        let (found, others): (Vec<_>, Vec<_>) = all.partition(|found| found.of.has_open_eyes);
        if found.is_empty() {
            return Err(self.no_recordings());
        }

        let subjects = SubjectTable::read(raw, self, &["participants.tsv"], "participant_id").await?;
        let mut plan = DatasetPlan::new(&Self::MONTAGE, LABEL_COLUMNS, options);
        let mut participants: BTreeMap<&str, Participant> = BTreeMap::new();
        let mut guessed: BTreeSet<&str> = BTreeSet::new();
        for (subject, Found { id, path, of: visit }) in subjects.listed(found, &mut plan)? {
            let participant = match participants.entry(id) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(Participant::read(raw, id, subject, &mut plan.warnings).await?),
            };
            let passed = match participant.years {
                _ if visit.session == 0 => 0,
                [Some(first), Some(second)] if first <= second => second - first,
                _ => {
                    guessed.insert(id);
                    USUAL_YEARS
                }
            };
            let labels = vec![
                participant.gender.to_owned(),
                "H".to_owned(),
                subject.age_after(passed, &mut plan.warnings)?,
                visit.acquisition.to_owned(),
                participant.handedness.clone(),
                (visit.session + 1).to_string(),
                participant.years[visit.session].map(|year| year.to_string()).unwrap_or_default(),
            ];
            plan.recordings.push(PlannedRecording::whole(path.to_owned(), id.to_owned(), labels));
        }
        if let Some(first) = guessed.first() {
            let more = if guessed.len() > 1 { format!(" and {} more", guessed.len() - 1) } else { String::new() };
            plan.warnings.push(format!(
                "the years between the sessions of {first}{more} are not known and taken for {USUAL_YEARS}; {} should \
                 say them in its column `recording_year`",
                sessions_table(first)
            ));
        }
        if !others.is_empty() {
            plan.warnings.push(format!("recordings without open eyes (EyesOpen) are not used: {}", others.len()));
        }
        Ok(plan)
    }
}

impl Participant {
    async fn read(
        raw: &dyn Storage,
        id: &str,
        subject: Subject<'_>,
        warnings: &mut Vec<String>,
    ) -> Result<Self, DatasetError> {
        Ok(Self {
            gender: subject.gender("sex", warnings)?,
            handedness: subject.class_name("handedness", warnings)?,
            years: years(raw, id).await?,
        })
    }
}

/// The years of a subject's sessions, where its table tells them.
async fn years(raw: &dyn Storage, id: &str) -> Result<[Option<u16>; 2], DatasetError> {
    let table = match Table::read(raw, &sessions_table(id)).await {
        Err(DatasetError::Storage(StorageError::NotFound { .. }) | DatasetError::Table(_)) => return Ok([None; 2]),
        read => read?,
    };
    let (Some(name), Some(year)) = (table.column("session_id"), table.column("recording_year")) else {
        return Ok([None; 2]);
    };
    Ok(SESSIONS.map(|session| -> Option<u16> {
        let row = (0..table.len()).find(|&row| table.value(row, name).eq_ignore_ascii_case(session))?;
        table.value(row, year).parse().ok()
    }))
}

fn sessions_table(id: &str) -> String {
    format!("{id}/{id}_sessions.tsv")
}

/// The recording of a path such as `sub-001/ses-1/eeg/sub-001_ses-1_task-EyesOpen_acq-pre_eeg.edf`.
fn identify(path: &str) -> Option<Found<'_, Visit>> {
    let parts: Vec<&str> = path.split('/').collect();
    let &[id, folder, "eeg", file] = parts.as_slice() else { return None };
    if !(id.starts_with("sub-") && file.starts_with(id) && is_recording_name(file)) {
        return None;
    }
    let session = SESSIONS.iter().position(|session| *session == folder)?;
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem).to_ascii_lowercase();
    let start = stem.strip_suffix("_eeg")?;
    let (start, acquisition) = ACQUISITIONS
        .into_iter()
        .find_map(|acquisition| Some((start.strip_suffix(acquisition)?.strip_suffix("_acq-")?, acquisition)))?;
    let visit = Visit { session, acquisition, has_open_eyes: start.ends_with(OPEN_EYES) };
    Some(Found { id, path, of: visit })
}
