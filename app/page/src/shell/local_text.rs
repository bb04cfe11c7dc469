//! Small texts that outlive the page, in the browser's local storage. Where that is blocked nothing is kept, and
//! everything else works.

use leptos::prelude::window;

/// A text that is kept.
#[derive(Debug, Clone, Copy)]
pub enum LocalText {
    /// The run file in the editor.
    Config,
    /// The user's own run files that others have taken the place of, as JSON.
    ConfigHistory,
    /// The device chosen beside it.
    Device,
    /// The theme: "light" or "dark".
    Theme,
}

impl LocalText {
    /// The key under which the browser keeps it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Config => "signal-studio.config",
            Self::ConfigHistory => "signal-studio.config_history",
            Self::Device => "signal-studio.device",
            // `start.js` reads it before anything is drawn.
            Self::Theme => "signal-studio.theme",
        }
    }

    /// What was kept last.
    pub fn read(self) -> Option<String> {
        storage()?.get_item(self.key()).ok().flatten()
    }

    /// Keeps `text`, or nothing; says whether the browser does. A full or blocked storage costs no more than that.
    pub fn write(self, text: Option<&str>) -> bool {
        let Some(storage) = storage() else { return false };
        match text {
            Some(text) => storage.set_item(self.key(), text).is_ok(),
            None => storage.remove_item(self.key()).is_ok(),
        }
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}
