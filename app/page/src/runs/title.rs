//! A run's title: pressed it opens the run; beside it a pencil that lets it be changed in place.

use leptos::{
    either::Either,
    ev::{KeyboardEvent, SubmitEvent},
    html,
    prelude::*,
    task::spawn_local,
};
use signal_studio_app_shared::protocol::{Reply, Request, RunLine};

use crate::{
    shell::studio::studio,
    ui::{Glyph, Icon},
};

/// The title.
#[component]
pub fn Title(
    /// The run.
    #[prop(into)]
    line: Signal<RunLine>,
    /// Opens the run; without it, it is open.
    #[prop(optional, into)]
    on_open: Option<Callback<()>>,
) -> impl IntoView {
    let studio = studio();
    let is_edited = RwSignal::new(false);
    let field = NodeRef::<html::Input>::new();
    let pencil = NodeRef::<html::Button>::new();
    let title = move || line.with(|line| line.title.clone());
    // From the keyboard, one goes back to where one was; who has clicked elsewhere is there.
    let close = move |goes_back: bool| {
        is_edited.set(false);
        if goes_back {
            // The pencil can take the focus once it is seen again.
            request_animation_frame(move || {
                if let Some(pencil) = pencil.try_get_untracked().flatten() {
                    pencil.focus().ok();
                }
            });
        }
    };
    let accept = move |goes_back: bool| {
        // Leaving the field after Enter or Escape comes here a second time.
        if !is_edited.get_untracked() {
            return;
        }
        close(goes_back);
        let wanted = field.get_untracked().map(|field| field.value()).unwrap_or_default().trim().to_owned();
        let RunLine { name, title, .. } = line.get_untracked();
        if wanted.is_empty() || wanted == title {
            return;
        }
        spawn_local(async move {
            match studio.link.ask(Request::RenameRun { name, title: wanted }).await {
                Ok(Reply::Done) => studio.refresh_library().await,
                Ok(reply) => studio.unexpected(&reply),
                Err(fault) => studio.toasts.fault(&fault),
            }
        });
    };
    Effect::new(move || {
        if is_edited.get()
            && let Some(field) = field.get()
        {
            // The field is there to be typed into; one that cannot take the focus can still be clicked.
            field.focus().ok();
            field.select();
        }
    });
    let text = match on_open {
        Some(on_open) => Either::Left(view! {
            <button class="table__open" data-testid="run-open" on:click=move |_| on_open.run(())>
                <span data-testid="run-title">{title}</span>
            </button>
        }),
        None => Either::Right(view! { <span data-testid="run-title">{title}</span> }),
    };
    view! {
        <span class="run-title" hidden=is_edited>
            {text}
            <button
                class="button button--quiet button--icon button--small"
                data-testid="run-rename"
                aria-label=move || format!("Rename {}", title())
                node_ref=pencil
                on:click=move |_| is_edited.set(true)
            >
                <Icon glyph=Glyph::Pencil/>
            </button>
        </span>
        <Show when=move || is_edited.get()>
            <form class="run-title" on:submit=move |event: SubmitEvent| {
                event.prevent_default();
                accept(true);
            }>
                <input
                    type="text"
                    class="run-title__field"
                    data-testid="run-title-input"
                    aria-label="Title of the run"
                    maxlength="120"
                    node_ref=field
                    value=line.with_untracked(|line| line.title.clone())
                    on:blur=move |_| accept(false)
                    on:keydown=move |event: KeyboardEvent| if event.key() == "Escape" { close(true) }
                />
            </form>
        </Show>
    }
}
