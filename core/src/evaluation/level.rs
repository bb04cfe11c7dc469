//! What is judged: single windows, or what a model says of a whole recording or person, which is the mean of what it says of
//! their windows.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What one answer is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// A window.
    Window,
    /// A recording; a part of it that has a label of its own counts as one.
    Recording,
    /// A person; who has windows of several labels is judged once for each.
    Subject,
}

impl Level {
    /// All of them, the finest first.
    pub const ALL: [Self; 3] = [Self::Window, Self::Recording, Self::Subject];
}

/// As in "by window".
impl fmt::Display for Level {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Window => "window",
            Self::Recording => "recording",
            Self::Subject => "subject",
        })
    }
}
