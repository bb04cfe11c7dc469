//! The tasks that several datasets have.

use super::{LabelSpec, vocabulary};

const HEALTH_CLASSES: [&str; 2] = ["healthy", "parkinsons"];

/// The subject's gender.
pub(crate) fn gender() -> LabelSpec {
    LabelSpec::worded("gender", "gender", &vocabulary::GENDERS, "the subject's gender")
}

/// Whether the subject has Parkinson's disease.
pub(crate) fn health() -> LabelSpec {
    let description = "whether the subject has Parkinson's disease";
    LabelSpec::worded("health", "health", &vocabulary::HEALTHS, description)
}

/// As [`health`], of a dataset without patients.
pub(crate) fn always_healthy() -> LabelSpec {
    LabelSpec::always("health", &HEALTH_CLASSES, 0, "every subject of this dataset is healthy")
}

/// The subject's age in years.
pub(crate) fn age() -> LabelSpec {
    LabelSpec::number("age", "age", Some(0.0), Some("years".to_owned()), "the subject's age at the recording")
}
