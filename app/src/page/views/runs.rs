//! Runs.

use leptos::prelude::*;

/// The runs that there are.
#[component]
pub fn RunsView() -> impl IntoView {
    view! { <h1>"Runs"</h1> }
}
