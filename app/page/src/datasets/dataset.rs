//! A dataset: what was found in its files, its recordings, and the samples made from it. From here it goes on into a
//! run, is prepared or deleted.

use std::sync::Arc;

use leptos::{either::EitherOf3, prelude::*, task::spawn_local};
use signal_studio_app_shared::{
    format,
    protocol::{Dataset, DatasetLine, Level, Reply, Request},
    training::run_file,
};
use signal_studio_core::datasets::raw_dataset;

use super::{
    found::{Found, Problems},
    prepared::Samples,
    recordings::Recordings,
};
use crate::{
    shell::{
        loaded::{Load, Loaded},
        selection::{DataPage, selection},
        studio::{Studio, studio},
    },
    ui::{Glyph, Icon, Notice, WorkProgress},
};

/// The id of the heading of a dataset.
const TITLE: &str = "dataset-title";

/// The page of a dataset.
#[component]
pub fn DatasetPage(
    /// Its name.
    name: String,
) -> impl IntoView {
    let studio = studio();
    let asked = name.clone();
    let dataset = Loaded::new(
        studio.link,
        move || Some(Request::Dataset { name: asked.clone() }),
        |reply, _| match reply {
            Reply::Dataset(dataset) => Some(Arc::new(*dataset)),
            _ => None,
        },
    );
    let wanted = name.clone();
    let line = Memo::new(move |_| {
        studio.library.with(|library| library.as_ref()?.datasets.iter().find(|line| line.name == wanted).cloned())
    });
    dataset.follow(line, Request::Dataset { name: name.clone() });
    dataset.lead_to(TITLE);
    let again = StoredValue::new(name);
    let retry = move || dataset.ask(Request::Dataset { name: again.get_value() });
    move || match dataset.state.get() {
        Load::Waiting => EitherOf3::A(view! {
            <section class="card stack" aria-busy="true">
                <p class="muted" role="status">"Reading what is known about this dataset…"</p>
            </section>
        }),
        Load::Failed(fault) => EitherOf3::B(view! {
            <div role="alert">
                <Notice level=Level::Error text=fault.message>
                    <button class="button button--small" on:click=move |_| retry()>"Try again"</button>
                </Notice>
            </div>
        }),
        Load::Ready(shown) => EitherOf3::C(view! { <Shown dataset=shown/> }),
    }
}

#[component]
fn Shown(dataset: Arc<Dataset>) -> impl IntoView {
    let selection = selection();
    let name = dataset.name.clone();
    let kind = kind(&dataset);
    let survey = dataset.survey.clone().map(Arc::new);
    let open = {
        let name = name.clone();
        move |path| selection.data_page.set(DataPage::Recording { dataset: name.clone(), path })
    };
    let problems = survey.as_ref().map(|survey| view! { <Problems problems=survey.problems.clone()/> });
    let found = survey.clone().map(|survey| view! { <Found survey/> });
    let recordings =
        survey.filter(|survey| !survey.recordings.is_empty()).map(|survey| view! { <Recordings survey on_open=open/> });
    view! {
        <article class="stack" data-testid="dataset" data-name=name data-kind=kind>
            <Head dataset=dataset.clone()/>
            {found}
            {problems}
            <Samples dataset/>
            {recordings}
        </article>
    }
}

/// Name, kind and what can be done.
#[component]
fn Head(dataset: Arc<Dataset>) -> impl IntoView {
    let studio = studio();
    let selection = selection();
    let is_raw = dataset.survey.as_ref().is_some_and(|survey| survey.dataset.is_some());
    let is_usable = is_raw || !dataset.prepared.is_empty();
    let can_train = is_usable && dataset.preset.is_ok();
    let preset = StoredValue::new(run_file::for_pictures(&dataset.name, &dataset.preset));
    let name = StoredValue::new(dataset.name.clone());
    let is_busy = move || {
        selection.preparing.with(|dataset| name.with_value(|name| dataset.as_ref().is_some_and(|busy| busy == name)))
    };
    let line = DatasetLine { name: dataset.name.clone(), bytes: dataset.bytes };
    let parts = parts(&dataset);
    let is_blocked = Memo::new(move |_| selection.is_at_work() || studio.current_run.is_busy());
    let prepare = move |_| {
        if is_blocked.get_untracked() {
            return;
        }
        let editor = studio.config.get_untracked();
        let config = if run_file::names_dataset(&editor, &name.get_value()) { editor } else { preset.get_value() };
        selection.prepare(name.get_value(), config);
    };
    let delete = move |_| {
        let line = line.clone();
        let title = format!("Delete “{}”?", line.name);
        let text = format!(
            "This removes {parts} from this browser and frees {}. Files outside the browser and your runs stay.",
            format::bytes(line.bytes)
        );
        studio.confirm(title, text, "Delete", move || remove(studio, selection.data_page, line.name.clone()));
    };
    let why_not = (!can_train).then(|| {
        let reason = dataset.preset.as_ref().err().map(|reason| format!("It cannot be trained on: {reason}."));
        let reason = reason.unwrap_or_else(|| "There is nothing in it to train on: see the problems below.".to_owned());
        view! { <p class="muted small" data-testid="no-preset">{reason}</p> }
    });
    view! {
        <header class="stack dataset__head">
            <div class="row data__trail data__back">
                <button class="button button--quiet button--small" on:click=move |_| selection.data_page.set(DataPage::All)>
                    <Icon glyph=Glyph::Left/>
                    "All datasets"
                </button>
            </div>
            <div class="row">
                <h2 class="dataset__name" id=TITLE tabindex="-1">{dataset.name.clone()}</h2>
                <span class="chip">{kind_in_words(&dataset)}</span>
                <span class="chip figure">{format::bytes(dataset.bytes)}</span>
            </div>
            <div class="row">
                <button
                    class="button button--primary"
                    data-testid="use-in-run"
                    disabled=!can_train
                    on:click=move |_| studio.use_config(preset.get_value())
                >
                    "Use in a run"
                </button>
                <button
                    class="button"
                    data-testid="prepare"
                    hidden=!is_raw
                    aria-disabled=move || is_blocked.get().then_some("true")
                    title="Makes the images or windows that a model learns from. Training does it by itself where it is needed."
                    on:click=prepare
                >
                    "Prepare samples"
                </button>
                <button class="button button--danger" data-testid="dataset-delete" disabled=is_busy on:click=delete>
                    "Delete…"
                </button>
            </div>
            {why_not}
            <Show when=is_busy>
                <div class="card stack" data-testid="prepare-progress">
                    <h3>"Preparing samples"</h3>
                    <Show when=move || studio.preparing.with(Option::is_none)>
                        <p class="muted" role="status">"Reading the recordings…"</p>
                    </Show>
                    <WorkProgress work=studio.preparing label="Preparing samples"/>
                    <div class="row">
                        <button class="button" data-testid="prepare-cancel" on:click=move |_| studio.cancel()>"Cancel"</button>
                    </div>
                </div>
            </Show>
        </header>
    }
}

fn remove(studio: Studio, page: RwSignal<DataPage>, name: String) {
    spawn_local(async move {
        match studio.link.ask(Request::DeleteDataset { name: name.clone() }).await {
            Ok(Reply::Done) => {
                studio.toasts.info(format!("“{name}” is deleted."));
                // The user may have gone on to another one.
                if page.with_untracked(|page| page.dataset() == Some(&name)) {
                    page.set(DataPage::All);
                }
            }
            Ok(reply) => studio.unexpected(&reply),
            Err(fault) => studio.toasts.fault(&fault),
        }
        studio.refresh_library().await;
    });
}

/// What a dataset is, in the words of attributes.
fn kind(dataset: &Dataset) -> String {
    match &dataset.survey {
        None => "prepared".to_owned(),
        Some(survey) => survey.dataset.clone().unwrap_or_else(|| "unknown".to_owned()),
    }
}

fn kind_in_words(dataset: &Dataset) -> &'static str {
    match &dataset.survey {
        None => "Preprocessed folder",
        Some(survey) => survey.dataset.as_deref().and_then(raw_dataset).map_or("Not recognised", |known| known.title()),
    }
}

/// What deleting takes away.
fn parts(dataset: &Dataset) -> String {
    let recordings = dataset
        .survey
        .as_ref()
        .map(|survey| format!("its {}", format::counted(survey.recordings.len() as u64, "recording", "recordings")));
    let samples: usize = dataset.prepared.iter().flat_map(|variant| &variant.splits).map(|split| split.samples).sum();
    let samples = (samples > 0).then(|| format!("its {}", format::counted(samples as u64, "sample", "samples")));
    match (recordings, samples) {
        (Some(recordings), Some(samples)) => format!("{recordings} and {samples}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "its files".to_owned(),
    }
}
