//! The run file, and the run under way.

use leptos::prelude::*;

/// The run file, and the run under way.
#[component]
pub fn TrainView() -> impl IntoView {
    view! { <h1>"Train"</h1> }
}
