//! Adding recordings: where files are picked, what files are understood, and how far the worker has copied them.

use leptos::{either::Either, prelude::*};
use signal_studio_app_shared::protocol::Level;
use signal_studio_core::datasets::{Origin, raw_datasets};
use wasm_bindgen::JsCast;

use super::drop;
use crate::{
    browser::catch_focus,
    shell::{selection::selection, studio::studio},
    ui::{Notice, WorkProgress},
};

/// The id of the heading.
pub const TITLE: &str = "add-title";

/// What is understood, and what becomes of it.
const UNDERSTOOD: [(&str, &str); 5] = [
    (
        "EDF and BDF",
        "recordings, with a table of subjects (.tsv or .csv) beside them or in a folder as BIDS lays it out",
    ),
    ("EEGLAB .set", "with its data inside, or in an .fdt file beside it"),
    ("A preprocessed folder", "images or windows with their metadata tables, from the command line for instance"),
    ("A .zip", "of any of these"),
    ("A run folder", "from the command line: it is shown under Runs"),
];

/// The same with the datasets that are known by name.
fn understood() -> Vec<(&'static str, String)> {
    let published = raw_datasets().filter(|dataset| dataset.origin() == Origin::Published);
    let published: Vec<_> = published.map(|dataset| format!("{} ({})", dataset.title(), dataset.name())).collect();
    let known = ("Known datasets", format!("as they are published: {}", published.join(", ")));
    let (recordings, others) = UNDERSTOOD.split_at(2);
    let plain = |&(what, how): &(&'static str, &str)| (what, how.to_owned());
    recordings.iter().map(plain).chain([known]).chain(others.iter().map(plain)).collect()
}

/// The place to drop files on, or what is being added.
#[component]
pub fn Add(
    /// Whether there is no dataset yet.
    is_first: Signal<bool>,
) -> impl IntoView {
    let selection = selection();
    // What was pressed to begin or to cancel has gone.
    Effect::new(move |was_adding: Option<bool>| {
        let is_adding = selection.adding.with(Option::is_some);
        if was_adding.is_some_and(|was_adding| was_adding != is_adding) {
            catch_focus(TITLE);
        }
        is_adding
    });
    move || match selection.adding.get() {
        Some(title) => Either::Left(view! { <Adding title/> }),
        None => Either::Right(view! { <Target is_first/> }),
    }
}

#[component]
fn Target(is_first: Signal<bool>) -> impl IntoView {
    let selection = selection();
    let take = move |event: web_sys::Event| {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok()) else {
            return;
        };
        let picked = input.files().as_ref().and_then(drop::picked);
        // So that the same files can be picked once more.
        input.set_value("");
        match picked {
            Some(picked) => selection.import(picked),
            None => selection.refuse("There are no files in that folder.".to_owned()),
        }
    };
    let title = move || if is_first.get() { "Add recordings" } else { "Add more recordings" };
    let refused = move || {
        selection.refused.get().map(|fault| {
            view! {
                <div role="alert">
                    <Notice level=Level::Error text=fault.message>
                        <button class="button button--small" on:click=move |_| selection.refused.set(None)>"Dismiss"</button>
                    </Notice>
                </div>
            }
        })
    };
    view! {
        {refused}
        <section class="add" class:add--first=is_first aria-labelledby=TITLE>
            <svg class="add__icon" viewBox="0 0 48 48" width="48" height="48" aria-hidden="true">
                <path d="M6 14a4 4 0 0 1 4-4h9l4 5h15a4 4 0 0 1 4 4v17a4 4 0 0 1-4 4H10a4 4 0 0 1-4-4z"></path>
                <path d="M12 29h5l2.5-6 4 11 3.5-14 3 9h6"></path>
            </svg>
            <h2 id=TITLE tabindex="-1">{title}</h2>
            <p class="muted add__text">
                "Drop a folder, files or a .zip anywhere on this page. They are copied into this browser’s own storage and \
                 never leave this machine."
            </p>
            <div class="row add__buttons">
                <label class="button button--primary add__pick">
                    "Choose folder"
                    <input
                        type="file"
                        class="visually-hidden"
                        data-testid="drop-folder"
                        prop:webkitdirectory=true
                        on:change=take
                    />
                </label>
                <label class="button add__pick">
                    "Choose files"
                    <input type="file" class="visually-hidden" data-testid="drop-files" multiple on:change=take/>
                </label>
                <button class="button button--quiet" data-testid="make-demo" on:click=move |_| selection.make_demo()>
                    "Add the built-in demo"
                </button>
            </div>
        </section>
        <section class="card understood" aria-labelledby="understood-title">
            <h3 id="understood-title">"What is understood"</h3>
            <dl class="understood__list">
                {understood()
                    .into_iter()
                    .map(|(what, how)| view! { <div><dt>{what}</dt><dd class="muted">{how}</dd></div> })
                    .collect_view()}
            </dl>
        </section>
    }
}

#[component]
fn Adding(title: String) -> impl IntoView {
    let studio = studio();
    // The demo's recordings are made, all others are copied.
    let work = Signal::derive(move || studio.importing.get().or_else(|| studio.preparing.get()));
    view! {
        <section class="card stack" data-testid="import-progress" aria-labelledby=TITLE>
            <h2 id=TITLE tabindex="-1">{format!("Adding {title}")}</h2>
            <Show when=move || work.with(Option::is_none)>
                <p class="muted" role="status">"Looking at the files…"</p>
            </Show>
            <WorkProgress work label="Adding files"/>
            <div class="row">
                <button class="button" data-testid="import-cancel" on:click=move |_| studio.cancel()>"Cancel"</button>
                <span class="muted small">"Until it is done nothing of it is kept."</span>
            </div>
        </section>
    }
}
