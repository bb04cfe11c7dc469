//! What can be done with a run: go on with it, take its config, save it, delete it.

use leptos::{prelude::*, task::spawn_local};
use signal_studio_app::{
    format,
    protocol::{Reply, Request, Run, RunLine, RunStatus},
};

use crate::{
    state::{Studio, View, studio},
    ui::{Glyph, Icon},
    views::opened::opened,
};

/// The buttons.
#[component]
pub fn Actions(
    /// The run.
    line: RunLine,
) -> impl IntoView {
    let studio = studio();
    let opened = opened();
    let name = StoredValue::new(line.name.clone());
    let title = line.title.clone();
    let is_training = line.status == RunStatus::Training;
    let can_go_on = line.status == RunStatus::Resumable;
    let named = move |what: &str| format!("{what} {title}");
    let delete = {
        let line = line.clone();
        move |_| {
            let text = format!(
                "This removes its config, charts and checkpoints from this browser and frees {}. The dataset stays.",
                format::bytes(line.bytes)
            );
            let name = line.name.clone();
            studio.confirm(format!("Delete “{}”?", line.title), text, "Delete", move || {
                remove(studio, opened.run, name.clone())
            });
        }
    };
    view! {
        <div class="row run-actions">
            {is_training.then(|| view! {
                <button class="button button--small" on:click=move |_| studio.go_to(View::Train)>"Watch"</button>
            })}
            {can_go_on.then(|| view! {
                <button
                    class="button button--small"
                    data-testid="run-go-on"
                    disabled=move || studio.watch.is_busy()
                    on:click=move |_| with_run(studio, name.get_value(), move |run| studio.resume(run.line.name, run.config, None))
                >
                    "Go on"
                </button>
            })}
            <button
                class="button button--small"
                data-testid="run-use-config"
                title="Puts its config into the editor"
                on:click=move |_| with_run(studio, name.get_value(), move |run| studio.use_config(run.config))
            >
                "Use config"
            </button>
            <button
                class="button button--small button--icon"
                data-testid="run-download"
                aria-label=named("Download")
                title="Download the run’s folder as a .zip"
                on:click=move |_| studio.download_run(name.get_value())
            >
                <Icon glyph=Glyph::Download/>
            </button>
            <button
                class="button button--small button--icon button--danger"
                data-testid="run-delete"
                aria-label=named("Delete")
                title=if is_training { "A run under way cannot be deleted: stop it first" } else { "Delete" }
                disabled=is_training
                on:click=delete
            >
                <Icon glyph=Glyph::Trash/>
            </button>
        </div>
    }
}

/// Does something with all that is known of a run.
fn with_run(studio: Studio, name: String, then: impl FnOnce(Run) + 'static) {
    spawn_local(async move {
        match studio.link.ask(Request::Run { name }).await {
            Ok(Reply::Run(run)) => then(*run),
            Ok(reply) => studio.unexpected(&reply),
            Err(fault) => studio.toasts.fault(&fault),
        }
    });
}

fn remove(studio: Studio, open: RwSignal<Option<String>>, name: String) {
    spawn_local(async move {
        match studio.link.ask(Request::DeleteRun { name: name.clone() }).await {
            Ok(Reply::Done) => {
                studio.toasts.info("The run is deleted.");
                if open.with_untracked(|open| open.as_ref() == Some(&name)) {
                    open.set(None);
                }
            }
            Ok(reply) => studio.unexpected(&reply),
            Err(fault) => studio.toasts.fault(&fault),
        }
        studio.refresh_library().await;
    });
}
