//! Small requests to the browser that belong to the page as a whole.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{FocusOptions, HtmlElement};

/// The id of the element that holds the views.
pub const CONTENT: &str = "main";

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

/// Moves the focus to the element of this id and brings it into view, once what was changed is laid out.
pub fn focus_on(id: &'static str) {
    request_animation_frame(move || focus(id, false));
}

/// Moves the focus to the element of this id if nothing has it any more, because what had it is gone or hidden.
pub fn catch_focus(id: &'static str) {
    // What is hidden loses the focus only after the frame in which that is laid out.
    in_a_frame_after_next(move || {
        if document().active_element().is_none_or(|active| active.tag_name() == "BODY") {
            focus(id, true);
        }
    });
}

/// Does something once what has changed now is painted.
pub fn in_a_frame_after_next(action: impl FnOnce() + 'static) {
    request_animation_frame(move || request_animation_frame(action));
}

fn focus(id: &str, stays_in_place: bool) {
    let Some(element) = document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlElement>().ok())
    else {
        return;
    };
    let options = FocusOptions::new();
    options.set_prevent_scroll(stays_in_place);
    // An element that cannot take the focus leaves it where it is.
    element.focus_with_options(&options).ok();
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
                leptos::logging::warn!("the page will not open offline: {}", describe(&error));
            }
        });
    }
}

/// Milliseconds since the page was opened.
pub fn now_ms() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

/// What a JavaScript error says.
pub fn describe(error: &JsValue) -> String {
    match error.dyn_ref::<js_sys::Error>() {
        Some(error) => String::from(error.message()),
        None => error.as_string().unwrap_or_else(|| format!("{error:?}")),
    }
}
