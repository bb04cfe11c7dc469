//! The Runs view: every run that is kept, several of them laid over each other, or one with all that it left.

mod actions;
mod answer;
mod compare;
mod detail;
mod download;
mod list;
mod title;
mod words;

use leptos::{either::Either, prelude::*, task::spawn_local};
use signal_studio_app_shared::drawing::slots::Slots;

use self::{compare::Compare, detail::RunPage, list::RunList, words::LIST_TITLE};
use crate::{
    browser::focus_on,
    shell::{selection::selection, studio::studio, view::View},
};

/// The view.
#[component]
pub fn RunsView() -> impl IntoView {
    let studio = studio();
    let selection = selection();
    // The runs laid over each other, each in the place of its colour.
    let chosen = RwSignal::new(Slots::default());
    // A run under way has gone on since its line was seen last.
    Effect::new(move || {
        if studio.view.get() == View::Runs && studio.current_run.phase.get_untracked().is_busy() {
            spawn_local(studio.refresh_library());
        }
    });
    // What was pressed to leave a run has gone with it.
    Effect::new(move |was_open: Option<bool>| {
        let is_open = selection.run.with(Option::is_some);
        if was_open == Some(true) && !is_open {
            focus_on(LIST_TITLE);
        }
        is_open
    });
    view! {
        <div class="runs stack">
            <h1 class="visually-hidden">"Runs"</h1>
            {move || match selection.run.get() {
                Some(name) => Either::Left(view! { <RunPage name/> }),
                None => Either::Right(view! { <RunList chosen/> <Compare chosen/> }),
            }}
        </div>
    }
}
