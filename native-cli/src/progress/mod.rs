//! What a command shows while it works: bars on a terminal, plain lines elsewhere, one JSON object an event for scripts,
//! or nothing.

mod bars;
mod json;
mod lines;
mod pace;
mod text;
mod views;

use std::io::{self, IsTerminal};

pub use self::views::{PreprocessView, TrainView};
pub use text::{baselines, bytes, columns, count, how_it_ended, metrics_of_record, test};

/// How much a command shows, and to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verbosity {
    /// Bars for someone who watches.
    Bars,
    /// Lines for a log.
    Lines,
    /// Events for a program.
    Json,
    /// Warnings only.
    Quiet,
}

impl Verbosity {
    /// What suits the user's wishes and where stderr leads.
    pub fn new(json: bool, quiet: bool) -> Self {
        match (json, quiet) {
            (true, _) => Self::Json,
            (false, true) => Self::Quiet,
            (false, false) if io::stderr().is_terminal() => Self::Bars,
            (false, false) => Self::Lines,
        }
    }
}

/// The view of a run that trains with batches of this size.
pub fn train_view(verbosity: Verbosity, batch_size: usize) -> Box<dyn TrainView> {
    match verbosity {
        Verbosity::Bars => Box::new(bars::TrainBar::new(batch_size)),
        Verbosity::Lines => Box::new(lines::TrainLines::new(batch_size)),
        Verbosity::Json => Box::new(json::Json::new("train")),
        Verbosity::Quiet => Box::new(lines::NotesOnly),
    }
}

/// The view of preprocessing.
pub fn preprocess_view(verbosity: Verbosity) -> Box<dyn PreprocessView> {
    match verbosity {
        Verbosity::Bars => Box::new(bars::PreprocessBar::default()),
        Verbosity::Lines => Box::new(lines::PreprocessLines::default()),
        Verbosity::Json => Box::new(json::Json::new("preprocess")),
        Verbosity::Quiet => Box::new(lines::NotesOnly),
    }
}
