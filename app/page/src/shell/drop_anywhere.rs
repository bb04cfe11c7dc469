//! Takes files that are dropped on the page, wherever it is. A calm overlay says that they can be let go.

use leptos::{ev, prelude::*, task::spawn_local};
use web_sys::DragEvent;

use super::selection::selection;
use crate::datasets::drop::{Dropped, holds_files};

/// The overlay, and what listens for drops.
#[component]
pub fn DropAnywhere() -> impl IntoView {
    let selection = selection();
    let is_over = RwSignal::new(false);
    let carries = |event: &DragEvent| event.data_transfer().filter(holds_files);
    let over = move |event: DragEvent| {
        if let Some(transfer) = carries(&event) {
            // Without this the browser would open the files instead.
            event.prevent_default();
            transfer.set_drop_effect("copy");
            if !is_over.get_untracked() {
                is_over.set(true);
            }
        }
    };
    let leave = move |event: DragEvent| {
        // From one element to another there is a next one; out of the window there is none.
        if event.related_target().is_none() {
            is_over.set(false);
        }
    };
    let drop = move |event: DragEvent| {
        let Some(transfer) = carries(&event) else { return };
        event.prevent_default();
        is_over.set(false);
        let dropped = Dropped::of(&transfer);
        spawn_local(async move {
            match dropped.walk().await {
                Ok(Some(picked)) => selection.import(picked),
                Ok(None) => selection.refuse("There are no files in what was dropped.".to_owned()),
                Err(message) => selection.refuse(message),
            }
        });
    };
    let listeners = [
        window_event_listener(ev::dragenter, over),
        window_event_listener(ev::dragover, over),
        window_event_listener(ev::dragleave, leave),
        window_event_listener(ev::drop, drop),
    ];
    on_cleanup(move || listeners.into_iter().for_each(WindowListenerHandle::remove));
    view! {
        <Show when=move || is_over.get()>
            <div class="drop" aria-hidden="true">
                <div class="drop__frame">
                    <div>
                        <p class="drop__title">"Let go to add these"</p>
                        <p class="muted">"They are copied into this browser’s storage and never leave this machine."</p>
                    </div>
                </div>
            </div>
        </Show>
    }
}
