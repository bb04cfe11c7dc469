//! What every view of a command's work can show.

use std::path::Path;

use signal_studio_core::{datasets::PreprocessEvent, training::TrainEvent};

/// Shows a training run.
pub trait TrainView {
    /// Something has happened.
    fn show(&mut self, event: &TrainEvent);

    /// Something that the user should know, without an end mark.
    fn note(&mut self, text: &str);
}

/// Shows preprocessing.
pub trait PreprocessView {
    /// The demo's recordings are being made, in this folder.
    fn generating(&mut self, folder: &Path);

    /// Something has happened.
    fn show(&mut self, event: &PreprocessEvent);
}
