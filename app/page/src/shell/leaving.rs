//! Leaving the page while something would be lost: the browser asks first.

use leptos::{ev, prelude::*};
use web_sys::BeforeUnloadEvent;

use super::{selection::Selection, studio::Studio};
use crate::training::run_files::is_shipped;

/// Has the browser ask, as long as the page is shown.
pub fn ask_before_leaving(studio: Studio, selection: Selection) {
    let listener = window_event_listener(ev::beforeunload, move |event: BeforeUnloadEvent| {
        if loses_something(studio, selection) {
            event.prevent_default();
            // Browsers before the standard of 2023 go by this, and show words of their own.
            event.set_return_value("leave");
        }
    });
    on_cleanup(move || listener.remove());
}

/// A run loses what it has trained since its last checkpoint, work on files all that was done, a run file that could not
/// be kept its changes.
fn loses_something(studio: Studio, selection: Selection) -> bool {
    let has_unkept_text = || !studio.config_is_kept.get_value() && !studio.config.with(|text| is_shipped(text));
    untrack(|| studio.current_run.is_busy() || selection.is_at_work() || has_unkept_text())
}
