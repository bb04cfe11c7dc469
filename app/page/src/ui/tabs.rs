//! Tabs, as the ARIA authoring practices have them: one of them is in the tabbing order, arrow keys, Home and End go to the
//! others and show them at once.

use leptos::{ev::KeyboardEvent, html, prelude::*};

/// A tab.
pub struct Tab {
    /// What tells it from the others, in ids and by `data-testid`.
    pub key: &'static str,
    /// Its title.
    pub title: &'static str,
    /// What it shows: made when it is shown first, and only hidden from then on.
    pub content: ViewFn,
}

/// Tabs, and what the one of them that is chosen shows.
#[component]
pub fn Tabs(
    /// What the ids begin with; no other tabs on the page have it.
    name: &'static str,
    /// What is chosen from.
    label: &'static str,
    /// The tabs, in order.
    tabs: Vec<Tab>,
    /// The key of the one that is shown.
    shown: RwSignal<&'static str>,
) -> impl IntoView {
    let buttons: Vec<(&'static str, NodeRef<html::Button>)> =
        tabs.iter().map(|tab| (tab.key, NodeRef::new())).collect();
    let heads = tabs.iter().zip(&buttons).map(|(tab, (_, button))| head(name, tab, *button, shown));
    let heads = heads.collect_view();
    let on_keydown = move |event: KeyboardEvent| {
        let count = buttons.len();
        let Some(now) = buttons.iter().position(|(key, _)| *key == shown.get_untracked()) else { return };
        let next = match event.key().as_str() {
            "ArrowLeft" => (now + count - 1) % count,
            "ArrowRight" => (now + 1) % count,
            "Home" => 0,
            "End" => count - 1,
            _ => return,
        };
        event.prevent_default();
        let (key, button) = buttons[next];
        shown.set(key);
        if let Some(button) = button.get_untracked() {
            // A tab can always take the focus.
            button.focus().ok();
        }
    };
    let panels = tabs.into_iter().map(|tab| panel(name, tab, shown)).collect_view();
    view! {
        <div class="tabs" role="tablist" aria-label=label on:keydown=on_keydown>{heads}</div>
        {panels}
    }
}

fn head(
    name: &'static str,
    tab: &Tab,
    button: NodeRef<html::Button>,
    shown: RwSignal<&'static str>,
) -> impl IntoView + use<> {
    let (key, title) = (tab.key, tab.title);
    let is_shown = move || shown.get() == key;
    view! {
        <button
            type="button"
            class="tabs__tab"
            role="tab"
            id=format!("{name}-{key}")
            data-testid=format!("{name}-{key}")
            aria-controls=format!("{name}-{key}-panel")
            aria-selected=move || is_shown().to_string()
            tabindex=move || if is_shown() { "0" } else { "-1" }
            node_ref=button
            on:click=move |_| shown.set(key)
        >
            {title}
        </button>
    }
}

fn panel(name: &'static str, tab: Tab, shown: RwSignal<&'static str>) -> impl IntoView {
    let Tab { key, content, .. } = tab;
    let is_shown = move || shown.get() == key;
    let was_shown = Memo::new(move |before: Option<&bool>| before == Some(&true) || is_shown());
    view! {
        <div
            class="stack"
            role="tabpanel"
            id=format!("{name}-{key}-panel")
            aria-labelledby=format!("{name}-{key}")
            tabindex="0"
            hidden=move || !is_shown()
        >
            {move || was_shown.get().then(|| content.run())}
        </div>
    }
}
