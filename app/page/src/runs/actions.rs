//! What can be done with a run: go on with it, take its config, save it, delete it.

use leptos::{prelude::*, task::spawn_local};
use signal_studio_app_shared::{
    format,
    protocol::{Reply, Request, Run, RunLine, RunStatus},
};

use super::words::LIST_TITLE;
use crate::{
    browser::catch_focus,
    shell::{
        selection::selection,
        studio::{Studio, studio},
        view::View,
    },
    ui::{Glyph, Icon},
};

/// The buttons.
#[component]
pub fn Actions(
    /// The run.
    #[prop(into)]
    line: Signal<RunLine>,
) -> impl IntoView {
    let studio = studio();
    let selection = selection();
    let name = move || line.with_untracked(|line| line.name.clone());
    let is = move |status: RunStatus| line.with(|line| line.status == status);
    let obstacle = selection.obstacle();
    let named = move |what: &'static str| move || line.with(|line| format!("{what} {}", line.title));
    let delete = move |_| {
        let RunLine { name, title, bytes, .. } = line.get_untracked();
        let text = format!(
            "This removes its config, charts and checkpoints from this browser and frees {}. The dataset stays.",
            format::bytes(bytes)
        );
        studio.confirm(format!("Delete “{title}”?"), text, "Delete", move || {
            remove(studio, selection.run, name.clone())
        });
    };
    let delete_title = move || {
        if is(RunStatus::Training) { "A run under way cannot be deleted: stop it first" } else { "Delete" }
    };
    view! {
        <div class="row run-actions">
            <Show when=move || is(RunStatus::Training)>
                <button class="button button--small" on:click=move |_| studio.go_to(View::Train)>"Watch"</button>
            </Show>
            <Show when=move || is(RunStatus::Resumable)>
                <button
                    class="button button--small"
                    data-testid="run-go-on"
                    disabled=move || obstacle.with(Option::is_some)
                    title=move || obstacle.get()
                    on:click=move |_| with_run(studio, name(), move |run| studio.resume_kept(&run))
                >
                    "Go on"
                </button>
            </Show>
            <button
                class="button button--small"
                data-testid="run-use-config"
                title="Puts its config into the editor"
                on:click=move |_| with_run(studio, name(), move |run| studio.use_config(run.config))
            >
                "Use config"
            </button>
            <button
                class="button button--small button--icon"
                data-testid="run-download"
                aria-label=named("Download")
                title="Download the run’s folder as a .zip"
                on:click=move |_| studio.download_run(name())
            >
                <Icon glyph=Glyph::Download/>
            </button>
            <button
                class="button button--small button--icon button--danger"
                data-testid="run-delete"
                aria-label=named("Delete")
                title=delete_title
                disabled=move || is(RunStatus::Training)
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
        // The button that was pressed has gone with its row.
        catch_focus(LIST_TITLE);
    });
}
