//! From folders to samples. A folder of raw recordings flows through [`preprocess()`] into a folder of images or windows
//! with metadata tables; a folder of that kind flows through [`FolderDataset`] into [`Sample`]s with targets.
//!
//! Each raw dataset is a [`RawDataset`] that knows its files, its channels and its labels; everything else is shared.

mod demo;
mod error;
mod folder;
mod math;
mod montage;
mod options;
mod output;
mod parkinsons;
mod prepared;
mod preprocess;
mod raw;
mod splits;
mod subjects;
mod survey;
mod table;
#[cfg(test)]
mod tests;
mod windows;

pub use demo::{Demo, DemoOptions, generate_demo};
pub use error::DatasetError;
pub use folder::{FeatureShape, Features, FolderDataset, Sample, splits};
pub use math::Math;
pub use montage::{Electrode, MONTAGE_CHANNELS, MissingChannel, MissingReason, Montage, Picks};
pub use options::{PreprocessEvent, PreprocessOptions, PreprocessSummary, SplitSummary};
pub use output::{METADATA_FILE, PREPROCESSING_FILE, split_metadata_file};
pub use parkinsons::Parkinsons;
pub use prepared::{describe_split, is_prepared};
pub use preprocess::preprocess;
pub use raw::{Plan, PlannedRecording, RawDataset, Segment};
pub use splits::{SPLIT_FRACTIONS, split_subjects};
pub use survey::{FileProblem, SplitDescription, Survey, SurveyEvent, SurveyedRecording, dataset_root, survey};
pub use table::{Table, TableError};

/// The datasets that can be preprocessed.
pub const RAW_DATASETS: [&dyn RawDataset; 3] = [&Math, &Parkinsons, &Demo];

/// The raw dataset of that name.
#[must_use]
pub fn raw_dataset(name: &str) -> Option<&'static dyn RawDataset> {
    RAW_DATASETS.into_iter().find(|dataset| dataset.name() == name)
}
