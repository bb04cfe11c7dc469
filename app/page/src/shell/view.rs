//! The parts of the page.

/// The parts of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// The run file, and the run under way.
    Train,
    /// Datasets.
    Data,
    /// Runs.
    Runs,
}

impl View {
    /// All of them, in the order of the navigation.
    pub const ALL: [Self; 3] = [Self::Train, Self::Data, Self::Runs];

    /// Its word in the navigation.
    pub fn title(self) -> &'static str {
        match self {
            Self::Train => "Train",
            Self::Data => "Data",
            Self::Runs => "Runs",
        }
    }

    /// Its name in the browser's history.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Data => "data",
            Self::Runs => "runs",
        }
    }

    /// The view of that name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.name() == name)
    }
}
