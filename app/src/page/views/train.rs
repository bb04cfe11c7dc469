//! The run file, and the run under way: from a text to a model, on one page.

pub mod evaluation;
mod hardest;
mod log;
mod outlook;
mod presets;
mod run;
mod setup;
mod waves;
mod welcome;

use leptos::prelude::*;

use crate::{
    state::studio,
    views::train::{
        run::RunPanel,
        setup::Setup,
        welcome::{SharedBanner, Welcome},
    },
    watch::Phase,
};

/// The run file, and the run under way.
#[component]
pub fn TrainView() -> impl IntoView {
    let studio = studio();
    let is_first_visit = Memo::new(move |_| {
        let has_nothing = studio.library.with(|library| {
            library.as_ref().is_none_or(|library| library.datasets.is_empty() && library.runs.is_empty())
        });
        has_nothing && studio.watch.phase.get() == Phase::Idle && studio.shared.get().is_none()
    });
    let has_run = Memo::new(move |_| studio.watch.phase.get() != Phase::Idle);
    view! {
        <h1 class="visually-hidden">"Train"</h1>
        <SharedBanner/>
        <Show when=move || is_first_visit.get()><Welcome/></Show>
        <Show when=move || has_run.get()><RunPanel/></Show>
        <Setup is_first_visit/>
    }
}
