//! From folders to samples. A folder of raw recordings flows through [`preprocess()`] into a folder of images or windows
//! with metadata tables; a folder of that kind flows through [`FolderDataset`] into [`Sample`]s with targets.
//!
//! Each raw dataset is a [`RawDataset`] that knows its files, its channels and its labels; everything else is shared.

mod channel_labels;
mod classes;
mod demo;
mod error;
mod folder;
mod longitudinal;
mod math;
mod montage;
mod options;
mod output;
mod parkinsons;
mod prepared;
mod preprocess;
mod preset;
mod preset_tasks;
mod preview;
mod raw;
mod recordings;
mod report;
mod splits;
mod subject_columns;
mod subject_match;
mod subjects;
mod survey;
mod table;
#[cfg(test)]
mod tests;
mod unusable;
mod windows;

pub use channel_labels::{ChannelError, Electrode, Picks};
pub use demo::{Demo, DemoOptions, generate_demo, generate_demo_telling, is_older_demo};
pub use error::DatasetError;
pub use folder::{FeatureShape, Features, FolderDataset, Sample, check_subjects_apart, splits};
pub use longitudinal::Longitudinal;
pub use math::Math;
pub use montage::{MONTAGE_CHANNELS, Montage};
pub use options::{
    ClassCount, LabelCount, PreprocessEvent, PreprocessOptions, PreprocessSummary, SplitSummary, needs_math_trials,
    options_of,
};
pub use output::{METADATA_FILE, split_metadata_file};
pub use parkinsons::Parkinsons;
pub use prepared::{describe_split, is_prepared};
pub use preprocess::preprocess;
pub use preset::{PresetError, preset, preset_of_prepared};
pub use preview::{WindowContent, WindowPreview, window_preview, window_preview_of};
pub use raw::{Plan, PlannedRecording, RawDataset, Segment};
pub use recordings::Recordings;
pub use report::{PREPROCESSING_FILE, Preparation, fingerprint_of_prepared, outdated, preparation};
pub use splits::{SPLIT_FRACTIONS, split_subjects};
pub use survey::{FileProblem, SplitDescription, Survey, SurveyEvent, SurveyedRecording, dataset_root, survey};
pub use table::{Table, TableError};

/// The datasets that can be preprocessed.
pub const RAW_DATASETS: [&dyn RawDataset; 5] = [&Math, &Parkinsons, &Longitudinal, &Demo, &Recordings];

/// The raw dataset of that name.
#[must_use]
pub fn raw_dataset(name: &str) -> Option<&'static dyn RawDataset> {
    RAW_DATASETS.into_iter().find(|dataset| dataset.name() == name)
}
