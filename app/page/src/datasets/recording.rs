//! The page of a recording: what the dataset's survey says of it, its traces, and the windows that a model sees of it.

use std::sync::Arc;

use leptos::{either::EitherOf3, prelude::*};
use signal_studio_app_shared::{
    format,
    protocol::{Dataset, Level, Reply, Request},
    training::run_file,
};

use super::{found::number, traces::TracesPanel, window::WindowPanel};
use crate::{
    browser::focus_on,
    shell::{
        loaded::{Load, Loaded},
        selection::{DataPage, selection},
        studio::studio,
    },
    ui::{Glyph, Icon, Notice},
};

/// The id of the heading of a recording.
const TITLE: &str = "recording-title";

/// The page of a recording.
#[component]
pub fn RecordingPage(
    /// The dataset.
    dataset: String,
    /// The recording's path in it.
    path: String,
) -> impl IntoView {
    let selection = selection();
    let name = dataset.clone();
    let known = Loaded::new(
        studio().link,
        move || Some(Request::Dataset { name: name.clone() }),
        |reply, _| match reply {
            Reply::Dataset(dataset) => Some(Arc::new(*dataset)),
            _ => None,
        },
    );
    focus_on(TITLE);
    let again = StoredValue::new(dataset.clone());
    let retry = move || known.ask(Request::Dataset { name: again.get_value() });
    let back = dataset.clone();
    let shown = path.clone();
    let page = move || match known.state.get() {
        Load::Waiting => EitherOf3::A(view! { <p class="muted" role="status">"Reading the recording’s header…"</p> }),
        Load::Failed(fault) => EitherOf3::B(view! {
            <div role="alert">
                <Notice level=Level::Error text=fault.message>
                    <button class="button button--small" on:click=move |_| retry()>"Try again"</button>
                </Notice>
            </div>
        }),
        Load::Ready(dataset) => EitherOf3::C(view! { <Shown dataset path=path.clone()/> }),
    };
    view! {
        <article class="stack">
            <nav class="row data__trail" aria-label="Where this recording is">
                <button class="button button--quiet button--small" on:click=move |_| selection.data_page.set(DataPage::Dataset(back.clone()))>
                    <Icon glyph=Glyph::Left/>
                    {dataset}
                </button>
            </nav>
            <h2 class="dataset__name" id=TITLE tabindex="-1">{shown}</h2>
            {page}
        </article>
    }
}

#[component]
fn Shown(dataset: Arc<Dataset>, path: String) -> impl IntoView {
    let found =
        dataset.survey.iter().flat_map(|survey| &survey.recordings).find(|recording| recording.path == path).cloned();
    let duration_s = found.as_ref().map(|recording| recording.duration_s);
    let facts = found.map(|recording| {
        let subject = recording.subject.map(|subject| named(&subject));
        let facts = [
            recording.format,
            format::duration(recording.duration_s),
            format::counted(recording.channels as u64, "channel", "channels"),
            format!("{} Hz", number(recording.rate_hz)),
        ];
        let labels = recording.labels.into_iter().filter(|(_, cell)| !cell.is_empty());
        let labels = labels.map(|(name, cell)| view! { <li class="chip">{name}": "{cell}</li> }).collect_view();
        let facts = subject.into_iter().chain(facts).map(|fact| view! { <li class="chip figure">{fact}</li> });
        view! { <ul class="row" role="list">{facts.collect_view()} {labels}</ul> }
    });
    view! {
        {facts}
        <TracesPanel dataset=dataset.name.clone() path=path.clone() duration_s/>
        <WindowPanel dataset=dataset.name.clone() path preset=run_file::for_pictures(&dataset.name, &dataset.preset)/>
    }
}

/// A subject in words: "Subject 07", and "sub-07" as it is.
fn named(subject: &str) -> String {
    let says_so = subject.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("sub"));
    if says_so { subject.to_owned() } else { format!("Subject {subject}") }
}
