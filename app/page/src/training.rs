//! The run file, and the run under way: from a text to a model, on one page.

mod commands;
mod eeg_drawing;
pub mod evaluation;
mod log;
mod presets;
mod run;
pub mod run_charts;
mod run_check;
pub mod run_files;
pub mod run_signals;
mod setup;
mod share;
mod welcome;
mod worst_samples;

use leptos::prelude::*;
use signal_studio_app_shared::training::phase::Phase;

use self::{
    run::RunPanel,
    setup::{FILE_TITLE, Setup},
    welcome::{KeptBanner, OtherTabBanner, SharedBanner, Welcome},
};
use crate::{browser::catch_focus, shell::studio::studio};

/// The run file, and the run under way.
#[component]
pub fn TrainView() -> impl IntoView {
    let studio = studio();
    let is_first_visit = Memo::new(move |_| {
        let has_nothing = studio.library.with(|library| match library {
            Some(library) => library.datasets.is_empty() && library.runs.is_empty(),
            // Who was here before has seen the welcome.
            None => !studio.was_here,
        });
        has_nothing && studio.current_run.phase.get() == Phase::Idle && studio.shared.get().is_none()
    });
    let has_run = Memo::new(move |_| studio.current_run.phase.get() != Phase::Idle);
    // A run that was cancelled before it trained goes with its buttons.
    Effect::new(move |had_run: Option<bool>| {
        let has_run = has_run.get();
        if had_run == Some(true) && !has_run {
            catch_focus(FILE_TITLE);
        }
        has_run
    });
    view! {
        <h1 class="visually-hidden">"Train"</h1>
        <SharedBanner/>
        <Show when=move || is_first_visit.get()><Welcome/></Show>
        <Show when=move || has_run.get()><RunPanel/></Show>
        <OtherTabBanner/>
        <KeptBanner/>
        <Setup is_first_visit/>
    }
}
