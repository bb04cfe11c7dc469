//! Mental arithmetic: the EEG of students at rest and while they subtract, of PhysioNet's `eegmat` (Zyma et al. 2019,
//! "Electroencephalograms during Mental Arithmetic Task Performance").

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::{
    datasets::{
        Dataset, DatasetError, DatasetPlan, Montage, Origin, PlannedRecording, PreprocessOptions, RawDataset,
        subjects::{Found, SubjectTable},
    },
    labels::{LabelRegistry, LabelSpec, common},
    storage::Storage,
};

const TABLES: &[&str] = &["subject-info.csv", "raw_eeg/subject-info.csv"];
const LABEL_COLUMNS: &[&str] = &["gender", "health", "age", "state", "doingmath", "math_condition"];
/// The folder of the recordings, unless they lie at the top.
const FOLDER: &str = "raw_eeg/";

/// The mental arithmetic dataset. Recordings are `SubjectNN_1.edf` (rest) and, if math trials are asked for,
/// `SubjectNN_2.edf` (arithmetic), in `raw_eeg/` or at the top; subjects are rows of `subject-info.csv`.
#[derive(Debug, Clone, Copy)]
pub struct Math;

impl Math {
    /// The channels of `eegmat`.
    pub(in crate::datasets) const MONTAGE: Montage = Montage::ending_in(["T3", "T4", "T5", "T6", "A2-A1"]);
}

/// What a subject did while a recording was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Rest,
    Arithmetic,
}

impl Dataset for Math {
    fn name(&self) -> &'static str {
        "math"
    }

    fn title(&self) -> &'static str {
        "Mental arithmetic recordings"
    }

    fn labels(&self) -> LabelRegistry {
        let (gender, activity) = (common::gender(), activity());
        let names = ["bkgnd_male", "bkgnd_female", "math_male", "math_female"];
        let condition = LabelSpec::pair("math_condition", &activity, &gender, &names, "activity and gender in one");
        LabelRegistry::new([gender, activity, condition, common::always_healthy(), common::age()])
    }

    fn raw(&self) -> Option<&'static dyn RawDataset> {
        Some(&Self)
    }

    fn folders(&self) -> &'static [&'static str] {
        &["raw_eeg"]
    }
}

fn activity() -> LabelSpec {
    let classes: [(&str, &[&str]); 2] = [("background", &["false", "no"]), ("doing_math", &["true", "yes"])];
    LabelSpec::numbered("math_activity", &["doingmath"], &classes, "rest, or mental arithmetic")
}

#[async_trait(?Send)]
impl RawDataset for Math {
    fn origin(&self) -> Origin {
        Origin::Published
    }

    fn layout(&self) -> &'static str {
        "SubjectNN_1.edf (rest) and SubjectNN_2.edf (arithmetic), in raw_eeg/ or at the top"
    }

    fn tasks_of_math_trials(&self) -> &'static [&'static str] {
        &["math_activity", "math_condition"]
    }

    async fn plan(&self, raw: &dyn Storage, options: &PreprocessOptions) -> Result<DatasetPlan, DatasetError> {
        let files = raw.list("").await?;
        let paths: Vec<&str> = files.iter().map(|entry| entry.path.as_str()).collect();
        let mut found = recordings(&paths, FOLDER);
        if found.is_empty() {
            found = recordings(&paths, "");
        }
        if !options.math_trials {
            found.retain(|(_, state), _| *state == State::Rest);
        }
        if found.is_empty() {
            return Err(self.no_recordings());
        }

        let subjects = SubjectTable::read(raw, self, TABLES, "Subject").await?;
        let mut plan = DatasetPlan::new(&Self::MONTAGE, LABEL_COLUMNS, options);
        let recordings = found.iter().map(|(&(id, state), &path)| Found { id, path, of: state });
        for (subject, Found { id, path, of: state }) in subjects.listed(recordings, &mut plan)? {
            let gender = subject.gender("Gender", &mut plan.warnings)?;
            let (number, doing_math) = match state {
                State::Rest => ("1", "0"),
                State::Arithmetic => ("2", "1"),
            };
            let condition = subject.class("math_condition", &[("doingmath", doing_math), ("gender", gender)])?;
            let labels =
                [gender, "H", &subject.age(&mut plan.warnings)?, number, doing_math, &condition].map(str::to_owned);
            let folder = format!("sub{}", &id["Subject".len()..]);
            plan.recordings.push(PlannedRecording::whole(path.to_owned(), folder, labels.to_vec()));
            if options.math_trials && state == State::Rest && !found.contains_key(&(id, State::Arithmetic)) {
                plan.warnings.push(format!("{id} has no recording of arithmetic (_2.edf), only of rest: {path}"));
            }
        }
        plan.warnings.dedup();
        Ok(plan)
    }
}

/// The recordings right below a folder, by subject and state.
fn recordings<'a>(paths: &[&'a str], folder: &str) -> BTreeMap<(&'a str, State), &'a str> {
    paths.iter().filter_map(|&path| Some((identify(path.strip_prefix(folder)?)?, path))).collect()
}

/// Subject and state by the name of a file, such as `Subject07_2.edf`.
fn identify(name: &str) -> Option<(&str, State)> {
    let (subject, rest) = name.split_once('_')?;
    let digits = subject.get("Subject".len()..)?;
    let known = subject.get(.."Subject".len())?.eq_ignore_ascii_case("Subject")
        && !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    let state = match rest.to_ascii_lowercase().as_str() {
        "1.edf" => State::Rest,
        "2.edf" => State::Arithmetic,
        _ => return None,
    };
    known.then_some((subject, state))
}
