//! From folders to samples. A folder of raw recordings becomes, by [`preprocess()`], a folder of images or windows with
//! metadata tables; a folder of that kind is read as a [`FolderDataset`] of [`Sample`]s with targets.
//!
//! Each known [`Dataset`] has its files, channels and labels in a file of its own; everything else is shared.

mod augmenter;
mod bad_channels;
mod channel_labels;
mod chosen_channels;
mod classes;
mod counts;
mod dataset;
mod error;
mod features;
mod file_problem;
mod folder;
mod folds;
mod headers;
mod known;
mod leave_out;
mod listed_splits;
mod listing;
mod montage;
mod options;
mod origins;
mod output;
mod picked;
mod plan;
mod positions;
mod prepared;
mod preprocess;
mod preset;
mod preset_tasks;
mod preview;
mod recipe;
mod report;
mod resampling;
mod run_folds;
mod run_options;
mod signal_path;
mod splits;
mod stages;
mod subject_columns;
mod subject_match;
mod subjects;
mod survey;
mod table;
mod table_error;
mod taken_over;
#[cfg(test)]
mod tests;
mod unfinished;
mod unusable;
mod windows;

pub use augmenter::{AugmentationError, Augmenter, PreparedWindows};
pub use bad_channels::{BadChannel, ChannelFault};
pub use channel_labels::{ChannelError, Electrode, Picks};
pub use counts::{ClassCount, LabelCounts};
pub use dataset::{Dataset, Origin, RawDataset, needs_math_trials, options_of};
pub use error::DatasetError;
pub use features::{FeatureShape, Features};
pub use file_problem::FileProblem;
pub use folder::{FolderDataset, Sample, check_subjects_apart, splits, subject_of_path};
pub use folds::{Fold, FoldsError, folds_of};
pub use headers::SurveyEvent;
pub use known::{
    DATASETS, Demo, DemoOptions, Longitudinal, Math, Parkinsons, Recordings, dataset, dataset_names, generate_demo,
    generate_demo_reporting, is_older_demo, labels_of, labels_of_folders, raw_dataset, raw_datasets,
};
pub use listed_splits::ListedSplitsError;
pub use montage::{MONTAGE_CHANNELS, Montage, SampleChannels};
pub use options::{PreprocessEvent, PreprocessOptions, PreprocessSummary, SplitOptions, SplitSummary};
pub use origins::{WINDOWS_FILE, WindowOrigin};
pub use output::{METADATA_FILE, split_metadata_file};
pub use plan::{DatasetPlan, PlannedRecording, Segment};
pub use prepared::{SplitDescription, describe_split, is_prepared};
pub use preprocess::preprocess;
pub use preset::{PresetError, preset, preset_of_prepared};
pub use preview::{WindowContent, WindowPreview, window_preview, window_preview_of};
pub use recipe::{RecordingSamples, SampleRecipe};
pub use report::{
    PREPROCESSING_FILE, Provenance, check_tasks_of_folder, fingerprint_of_prepared, is_unfinished, outdated, provenance,
};
pub use run_folds::folds_of_run;
pub use run_options::{options_of_run, samples_variant};
pub use splits::{SPLIT_FRACTIONS, split_subjects};
pub use stages::{Stage, Step, window_stages};
pub use subject_match::canonical_subject;
pub use survey::{Survey, SurveyedRecording, dataset_root, survey};
pub use table::Table;
pub use table_error::TableError;
