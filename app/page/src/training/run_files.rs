//! Run files that take the place of the one in the editor: of those that come with the program, of a link, a run or a
//! dataset. What the user has written is kept, and can be had back.

use leptos::prelude::*;

use crate::shell::studio::{DEMO_CONFIG, Studio};

/// The run files that come with the program: each with its name, its title, its text.
pub const SHIPPED: [(&str, &str, &str); 7] = [
    ("demo", "Demo, a minute or two", DEMO_CONFIG),
    (
        "eegmat-shallow",
        "Mental arithmetic (eegmat), ShallowFBCSPNet",
        include_str!("../../../../configs/classification/eegmat-shallow.toml"),
    ),
    ("math", "Mental arithmetic, spectrograms", include_str!("../../../../configs/classification/math.toml")),
    (
        "baseline",
        "Baseline: Parkinson's, spectrograms",
        include_str!("../../../../configs/classification/baseline.toml"),
    ),
    (
        "baseline-db-iq",
        "Baseline with real and imaginary part",
        include_str!("../../../../configs/classification/baseline-db-iq.toml"),
    ),
    (
        "baseline-db-polar",
        "Baseline with magnitude and phase",
        include_str!("../../../../configs/classification/baseline-db-polar.toml"),
    ),
    (
        "baseline-timeseries",
        "Baseline on the signals themselves",
        include_str!("../../../../configs/classification/baseline-timeseries.toml"),
    ),
];

impl Studio {
    /// Puts a run file in the place of the one in the editor.
    pub fn replace_config(self, text: String) {
        let before = self.config.get_untracked();
        self.config_history.update(|history| history.put(&before, is_shipped(&before), &text));
        self.config.set(text);
    }

    /// Puts the user's own run file back that another has taken the place of.
    pub fn take_config_back(self) {
        let current = self.config.get_untracked();
        let back =
            self.config_history.try_update(|history| history.take_back(&current, is_shipped(&current))).flatten();
        if let Some(text) = back {
            self.config.set(text);
            self.shared.set(None);
        }
    }
}

/// Whether it is one of those, and nothing of the user's own.
pub fn is_shipped(text: &str) -> bool {
    SHIPPED.iter().any(|(_, _, shipped)| *shipped == text)
}
