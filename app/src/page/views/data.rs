//! Datasets.

use leptos::prelude::*;

/// The data that there are.
#[component]
pub fn DataView() -> impl IntoView {
    view! { <h1>"Data"</h1> }
}
