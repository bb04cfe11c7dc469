//! Small requests to the browser that belong to the page as a whole.

use leptos::prelude::*;

/// The service worker's script, beside the page.
const OFFLINE: &str = "offline.js";

/// Marks a moment for whoever measures the page: it appears in the browser's profiler under this name.
pub fn mark(name: &str) {
    if let Some(performance) = window().performance() {
        // A mark that cannot be set is missing in the profiler, and nowhere else.
        performance.mark(name).ok();
    }
}

/// Shows the beginning of the page, once what was changed is laid out.
pub fn scroll_to_top() {
    request_animation_frame(|| window().scroll_to_with_x_and_y(0.0, 0.0));
}

/// Keeps the page's files, so that it opens without a network. Called once all of them have been read, so that they
/// come from the browser's cache.
pub fn keep_for_offline() {
    let navigator = window().navigator();
    // Plain http from another machine, and some private windows, have no service workers.
    if js_sys::Reflect::has(&navigator, &"serviceWorker".into()).unwrap_or(false) {
        let registration = navigator.service_worker().register(OFFLINE);
        leptos::task::spawn_local(async move {
            if let Err(error) = wasm_bindgen_futures::JsFuture::from(registration).await {
                leptos::logging::warn!("the page will not open offline: {}", crate::link::describe(&error));
            }
        });
    }
}
