//! What a dataset has to say about itself. Each that is known is a file in [`known`](super::known) and a line of the list
//! there; everything else asks it through these traits.

use async_trait::async_trait;

use super::{DatasetError, DatasetPlan, PreprocessOptions};
use crate::{
    config::Settings,
    labels::LabelRegistry,
    recording::RecordingInfo,
    storage::{FileEntry, Storage},
};

/// A dataset that run files can name.
pub trait Dataset: Sync {
    /// Its name in settings and run files.
    fn name(&self) -> &'static str;

    /// What it is, in words: `Mental arithmetic recordings`.
    fn title(&self) -> &'static str;

    /// Its tasks, and how their targets are read from the metadata of its samples.
    fn labels(&self) -> LabelRegistry;

    /// What reads its recordings; `None` where only samples that others have made of them are read.
    fn raw(&self) -> Option<&'static dyn RawDataset>;

    /// Folders that are part of its layout, so that its root is above them.
    fn folders(&self) -> &'static [&'static str] {
        &[]
    }

    /// What is lost of its recordings, in a full sentence, where files are laid out as it has them and another dataset has
    /// to read them.
    fn unread(&self, _files: &[FileEntry]) -> Option<String> {
        None
    }
}

/// Where a dataset's recordings are from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// They can be downloaded.
    Published,
    /// This program makes them.
    Generated,
    /// They are anyone's: every column of their table is a label.
    Anyones,
}

/// A dataset whose recordings [`preprocess`](super::preprocess()) reads.
#[async_trait(?Send)]
pub trait RawDataset: Dataset {
    /// Where its recordings are from.
    fn origin(&self) -> Origin;

    /// How its files are named, to be told where there are none.
    fn layout(&self) -> &'static str;

    /// What preprocessing does when nothing else is asked for.
    fn default_options(&self) -> PreprocessOptions {
        PreprocessOptions::default()
    }

    /// The step in samples by which the spectrogram's hop grows until the channels fit side by side.
    fn hop_step(&self) -> usize {
        4
    }

    /// The tasks that can only be learnt from the recordings which [`PreprocessOptions::math_trials`] adds; none where
    /// that means nothing.
    fn tasks_of_math_trials(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether [`PreprocessOptions::math_trials`] means something here.
    fn has_math_trials(&self) -> bool {
        !self.tasks_of_math_trials().is_empty()
    }

    /// The error when no file is named as its own are.
    fn no_recordings(&self) -> DatasetError {
        DatasetError::NoRecordings { dataset: self.name(), layout: self.layout() }
    }

    /// Finds the recordings and checks the labels of all of them. Recordings whose subjects the table does not list are
    /// [`DatasetPlan::unlisted`], as long as others are listed.
    ///
    /// # Errors
    /// [`DatasetError::NoRecordings`] when nothing is laid out as this dataset is; errors that name table, line and
    /// subject when a recording has no usable labels.
    async fn plan(&self, raw: &dyn Storage, options: &PreprocessOptions) -> Result<DatasetPlan, DatasetError>;

    /// Whether a folder that could be planned is this dataset indeed, and not another that is laid out alike. `headers`
    /// are those of its recordings that can be read.
    fn fits(&self, plan: &DatasetPlan, headers: &[&RecordingInfo]) -> bool {
        headers.is_empty() || headers.iter().any(|header| plan.channels.are_in(header))
    }
}

/// Preprocessing as settings say: the dataset's own defaults, with what the settings decide.
#[must_use]
pub fn options_of(dataset: &dyn RawDataset, settings: &Settings) -> PreprocessOptions {
    let of_dataset = settings.datasets.get(dataset.name());
    PreprocessOptions {
        data_type: settings.data_type,
        output_type: settings.output_type,
        min_db: of_dataset.and_then(|of_dataset| of_dataset.min_db),
        max_db: of_dataset.and_then(|of_dataset| of_dataset.max_db),
        ..dataset.default_options()
    }
}

/// Whether one of the tasks can only be learnt from a dataset that was preprocessed with
/// [`PreprocessOptions::math_trials`].
#[must_use]
pub fn needs_math_trials(dataset: &dyn RawDataset, tasks: &[String]) -> bool {
    tasks.iter().any(|task| dataset.tasks_of_math_trials().contains(&task.as_str()))
}
