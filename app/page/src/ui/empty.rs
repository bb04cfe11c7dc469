//! What stands where nothing is yet.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// A place that is still empty, and how to fill it.
#[component]
pub fn Empty(
    /// A sign of what will be here.
    glyph: Glyph,
    /// What is missing.
    #[prop(into)]
    title: String,
    /// How it comes here.
    #[prop(into)]
    text: String,
    /// Buttons.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <span class="empty__icon"><Icon glyph/></span>
            <p class="empty__title">{title}</p>
            <p class="muted">{text}</p>
            {children.map(|children| view! { <div class="row">{children()}</div> })}
        </div>
    }
}
