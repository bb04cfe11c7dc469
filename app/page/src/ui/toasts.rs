//! The short messages at the page's edge.

use leptos::prelude::*;
use signal_studio_app_shared::protocol::Level;

use super::icon::{Glyph, Icon};
use crate::{
    browser::{CONTENT, catch_focus},
    shell::toasts::Toasts,
};

/// All messages shown; screen readers read new ones as they come.
#[component]
pub fn ToastList(
    /// The messages.
    toasts: Toasts,
) -> impl IntoView {
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.shown().get() key=|toast| toast.id let(toast)>
                {
                    let (level, class, glyph) = match toast.level {
                        Level::Info => ("info", "toast", Glyph::Check),
                        Level::Warning => ("warning", "toast toast--warn", Glyph::Warning),
                        Level::Error => ("error", "toast toast--bad", Glyph::Warning),
                    };
                    let dismiss = move |_| {
                        toasts.dismiss(toast.id);
                        catch_focus(CONTENT);
                    };
                    view! {
                        <div class=class data-testid="toast" data-level=level>
                            <Icon glyph/>
                            <p class="toast__text">{toast.message}</p>
                            <button
                                type="button"
                                class="button button--quiet button--icon button--small"
                                aria-label="Dismiss this message"
                                on:click=dismiss
                            >
                                <Icon glyph=Glyph::Close/>
                            </button>
                        </div>
                    }
                }
            </For>
        </div>
    }
}
