//! Other tabs that have the studio open. All of them keep one run file in the browser: what another has written is not
//! overwritten before the user has chosen.

use leptos::{ev, prelude::*};
use web_sys::StorageEvent;

use super::{local_text::LocalText, studio::Studio};

/// Listens to what other tabs write, as long as the page is shown.
pub fn listen(studio: Studio) {
    let listener = window_event_listener(ev::storage, move |event: StorageEvent| {
        let Some(text) = event.new_value() else { return };
        let key = event.key();
        if key.as_deref() == Some(LocalText::Config.key()) {
            let is_other = studio.config.with_untracked(|own| *own != text);
            studio.other_config.set(is_other.then_some(text));
        } else if key.as_deref() == Some(LocalText::ConfigHistory.key())
            && let Ok(history) = serde_json::from_str(&text)
        {
            studio.config_history.set(history);
        }
    });
    on_cleanup(move || listener.remove());
}

impl Studio {
    /// Takes the other tab's run file; this tab's own can be had back.
    pub fn take_other_config(self) {
        if let Some(text) = self.other_config.get_untracked() {
            self.replace_config(text);
            self.other_config.set(None);
        }
    }

    /// Keeps this tab's run file, in the place of the other's.
    pub fn keep_own_config(self) {
        self.other_config.set(None);
    }
}
