//! A message in the flow of the page.

use leptos::prelude::*;
use signal_studio_app_shared::protocol::Level;

use super::icon::{Glyph, Icon};

/// The words and icons by level.
fn look(level: Level) -> (&'static str, Glyph) {
    match level {
        Level::Info => ("notice notice--info", Glyph::Info),
        Level::Warning => ("notice notice--warn", Glyph::Warning),
        Level::Error => ("notice notice--bad", Glyph::Warning),
    }
}

/// A message in the flow of the page, with what can be done about it as its children.
#[component]
pub fn Notice(
    /// How much it matters.
    level: Level,
    /// Whole sentences.
    #[prop(into)]
    text: Signal<String>,
    /// Buttons.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let (class, glyph) = look(level);
    view! {
        <div class=class>
            <Icon glyph/>
            <p class="notice__text">{text}</p>
            {children.map(|children| view! { <div class="row">{children()}</div> })}
        </div>
    }
}
