//! The Runs view: every run that is kept, several of them laid over each other, or one with all that it left.

mod actions;
mod compare;
mod detail;
mod list;
mod title;

use leptos::{either::Either, prelude::*, task::spawn_local};
use signal_studio_app_shared::{drawing::slots::Slots, protocol::RunStatus};

use self::{compare::Compare, detail::RunPage, list::RunList};
use super::opened::opened;
use crate::{
    browser::focus_on,
    state::{View, studio},
};

/// The view.
#[component]
pub fn RunsView() -> impl IntoView {
    let studio = studio();
    let opened = opened();
    // The runs laid over each other, each in the place of its colour.
    let chosen = RwSignal::new(Slots::default());
    // A run under way has gone on since its line was seen last.
    Effect::new(move || {
        if studio.view.get() == View::Runs && studio.watch.phase.get_untracked().is_busy() {
            spawn_local(studio.refresh_library());
        }
    });
    // What was pressed to leave a run has gone with it.
    Effect::new(move |was_open: Option<bool>| {
        let is_open = opened.run.with(Option::is_some);
        if was_open == Some(true) && !is_open {
            focus_on(list::TITLE);
        }
        is_open
    });
    view! {
        <div class="runs stack">
            <h1 class="visually-hidden">"Runs"</h1>
            {move || match opened.run.get() {
                Some(name) => Either::Left(view! { <RunPage name/> }),
                None => Either::Right(view! { <RunList chosen/> <Compare chosen/> }),
            }}
        </div>
    }
}

/// A status in the words of attributes, of people, and as a chip.
fn status(status: RunStatus) -> (&'static str, &'static str, &'static str) {
    match status {
        RunStatus::Training => ("training", "training", "chip chip--accent"),
        RunStatus::Complete => ("complete", "complete", "chip chip--good"),
        RunStatus::Resumable => ("resumable", "can go on", "chip chip--warn"),
        RunStatus::Ended => ("ended", "ended", "chip"),
    }
}

/// When a run was started, in the browser's own language.
fn when(started_ms: f64) -> String {
    let options = js_sys::Object::new();
    for (key, value) in [("dateStyle", "medium"), ("timeStyle", "short")] {
        // A plain object takes every property.
        js_sys::Reflect::set(&options, &key.into(), &value.into()).ok();
    }
    js_sys::Date::new(&started_ms.into()).to_locale_string("default", &options).into()
}
