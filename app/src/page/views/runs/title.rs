//! A run's title: pressed it opens the run; beside it a pencil that lets it be changed in place.

use leptos::{
    ev::{KeyboardEvent, SubmitEvent},
    html,
    prelude::*,
    task::spawn_local,
};
use signal_studio_app::protocol::{Reply, Request, RunLine};

use crate::{
    state::studio,
    ui::{Glyph, Icon},
};

/// The title.
#[component]
pub fn Title(
    /// The run.
    line: RunLine,
    /// Opens the run.
    #[prop(into)]
    on_open: Callback<()>,
) -> impl IntoView {
    let studio = studio();
    let is_edited = RwSignal::new(false);
    let field = NodeRef::<html::Input>::new();
    let pencil = NodeRef::<html::Button>::new();
    let title = StoredValue::new(line.title.clone());
    let name = StoredValue::new(line.name.clone());
    let accept = move || {
        // Leaving the field after Enter or Escape comes here a second time.
        if !is_edited.get_untracked() {
            return;
        }
        is_edited.set(false);
        let wanted = field.get_untracked().map(|field| field.value()).unwrap_or_default().trim().to_owned();
        if wanted.is_empty() || wanted == title.get_value() {
            return;
        }
        spawn_local(async move {
            let request = Request::RenameRun { name: name.get_value(), title: wanted };
            match studio.link.ask(request).await {
                Ok(Reply::Done) => studio.refresh_library().await,
                Ok(reply) => studio.unexpected(&reply),
                Err(fault) => studio.toasts.fault(&fault),
            }
        });
    };
    let begin = move |_| is_edited.set(true);
    Effect::new(move |was_edited: Option<bool>| {
        let edited = is_edited.get();
        if edited && let Some(field) = field.get() {
            // The field is there to be typed into; one that cannot take the focus can still be clicked.
            field.focus().ok();
            field.select();
        } else if was_edited == Some(true)
            && let Some(pencil) = pencil.get()
        {
            pencil.focus().ok();
        }
        edited
    });
    view! {
        <span class="run-title" hidden=is_edited>
            <button class="table__open run-title__open" data-testid="run-open" on:click=move |_| on_open.run(())>
                <span data-testid="run-title">{line.title.clone()}</span>
            </button>
            <button
                class="button button--quiet button--icon button--small"
                data-testid="run-rename"
                aria-label=format!("Rename {}", line.title)
                node_ref=pencil
                on:click=begin
            >
                <Icon glyph=Glyph::Pencil/>
            </button>
        </span>
        <Show when=move || is_edited.get()>
            <form class="run-title" on:submit=move |event: SubmitEvent| {
                event.prevent_default();
                accept();
            }>
                <input
                    type="text"
                    class="run-title__field"
                    data-testid="run-title-input"
                    aria-label="Title of the run"
                    maxlength="120"
                    node_ref=field
                    value=title.get_value()
                    on:blur=move |_| accept()
                    on:keydown=move |event: KeyboardEvent| if event.key() == "Escape" { is_edited.set(false) }
                />
            </form>
        </Show>
    }
}
