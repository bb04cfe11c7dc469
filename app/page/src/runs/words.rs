//! How runs are told: their status, when they were started; and the heading of all of them.

use signal_studio_app_shared::protocol::RunStatus;

/// The id of the heading of the list, or of what stands where there is no run yet.
pub const LIST_TITLE: &str = "runs-title";

/// A status in the words of attributes, of people, and as a chip.
pub fn status(status: RunStatus) -> (&'static str, &'static str, &'static str) {
    match status {
        RunStatus::Training => ("training", "training", "chip chip--accent"),
        RunStatus::Complete => ("complete", "complete", "chip chip--good"),
        RunStatus::Resumable => ("resumable", "can go on", "chip chip--warn"),
        RunStatus::Ended => ("ended", "ended", "chip"),
    }
}

/// When a run was started, in the browser's own language.
pub fn when(started_ms: f64) -> String {
    let options = js_sys::Object::new();
    for (key, value) in [("dateStyle", "medium"), ("timeStyle", "short")] {
        // A plain object takes every property.
        js_sys::Reflect::set(&options, &key.into(), &value.into()).ok();
    }
    js_sys::Date::new(&started_ms.into()).to_locale_string("default", &options).into()
}
