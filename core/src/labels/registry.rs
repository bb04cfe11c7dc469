//! The tasks of every dataset.

use super::{LabelSpec, vocabulary};

/// The datasets whose tasks are known.
pub const DATASET_NAMES: &[&str] = &["math", "parkinsons", "seed", "longitudinal", "meta", "demo", "recordings"];

/// Ends the name of a dataset that is used as time series instead of spectrograms; the tasks are the same.
pub const TIMESERIES_SUFFIX: &str = "_timeseries";

/// The tasks of a dataset and how their targets are read.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelRegistry {
    specs: Vec<LabelSpec>,
}

impl LabelRegistry {
    /// The tasks of a dataset, by its name or its name with [`TIMESERIES_SUFFIX`]; `None` for an unknown name.
    #[must_use]
    pub fn for_dataset(name: &str) -> Option<Self> {
        let specs = match name.strip_suffix(TIMESERIES_SUFFIX).unwrap_or(name) {
            "math" => vec![gender(), math_activity(), math_condition(), always_healthy(), age()],
            "parkinsons" => vec![gender(), health(), parkinsons_condition(), age()],
            "seed" => vec![gender(), health(), emotion(), seed_condition(), age()],
            "longitudinal" => vec![gender(), age(), acquisition(), handedness(), always_healthy()],
            "meta" | "demo" | "recordings" => return Some(Self::folder()),
            _ => return None,
        };
        Some(Self { specs })
    }

    /// The tasks of any preprocessed folder.
    #[must_use]
    pub fn folder() -> Self {
        Self { specs: vec![gender(), health(), age()] }
    }

    /// The same tasks and some of one's own; one of the same name takes the other's place.
    #[must_use]
    pub fn with_custom(mut self, specs: impl IntoIterator<Item = LabelSpec>) -> Self {
        for spec in specs {
            match self.specs.iter_mut().find(|known| known.task.name == spec.task.name) {
                Some(known) => *known = spec,
                None => self.specs.push(spec),
            }
        }
        self
    }

    /// How a task's target is read.
    #[must_use]
    pub fn get(&self, task: &str) -> Option<&LabelSpec> {
        self.specs.iter().find(|spec| spec.task.name == task)
    }

    /// The names of all tasks.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.specs.iter().map(|spec| spec.task.name.as_str())
    }
}

const HEALTH_CLASSES: [&str; 2] = ["healthy", "parkinsons"];

fn gender() -> LabelSpec {
    LabelSpec::numbered("gender", &["gender"], &vocabulary::GENDERS, "the subject's gender")
}

fn health() -> LabelSpec {
    let description = "whether the subject has Parkinson's disease";
    LabelSpec::numbered("health", &["health"], &vocabulary::HEALTHS, description)
}

fn always_healthy() -> LabelSpec {
    LabelSpec::always("health", &HEALTH_CLASSES, 0, "every subject of this dataset is healthy")
}

fn age() -> LabelSpec {
    LabelSpec::number("age", "age", Some(0.0), Some("years".to_owned()), "the subject's age at the recording")
}

fn math_activity() -> LabelSpec {
    let classes: [(&str, &[&str]); 2] = [("background", &["false", "no"]), ("doing_math", &["true", "yes"])];
    LabelSpec::numbered("math_activity", &["doingmath"], &classes, "rest, or mental arithmetic")
}

fn math_condition() -> LabelSpec {
    let names = ["bkgnd_male", "bkgnd_female", "math_male", "math_female"];
    LabelSpec::pair("math_condition", &math_activity(), &gender(), &names, "activity and gender in one")
}

fn parkinsons_condition() -> LabelSpec {
    let names = ["healthy_male", "healthy_female", "parkinsons_male", "parkinsons_female"];
    LabelSpec::pair("parkinsons_condition", &health(), &gender(), &names, "health and gender in one")
}

fn emotion() -> LabelSpec {
    let classes: [(&str, &[&str]); 5] =
        [("disgust", &[]), ("fear", &[]), ("sad", &[]), ("neutral", &[]), ("happy", &[])];
    LabelSpec::numbered("emotion", &["emotion_id", "emotion"], &classes, "the emotion a film clip is meant to evoke")
}

fn seed_condition() -> LabelSpec {
    let names = [
        "disgust_male",
        "disgust_female",
        "fear_male",
        "fear_female",
        "sad_male",
        "sad_female",
        "neutral_male",
        "neutral_female",
        "happy_male",
        "happy_female",
    ];
    LabelSpec::pair("seed_condition", &emotion(), &gender(), &names, "emotion and gender in one")
}

fn acquisition() -> LabelSpec {
    let classes: [(&str, &[&str]); 2] = [("pre", &["false"]), ("post", &["true"])];
    LabelSpec::numbered("acquisition", &["acquisition"], &classes, "before or after the cognitive tasks")
}

fn handedness() -> LabelSpec {
    let classes: [(&str, &[&str]); 2] = [("right", &["r", "false"]), ("left", &["l", "true"])];
    LabelSpec::numbered("handedness", &["handedness"], &classes, "the hand the subject prefers")
}
