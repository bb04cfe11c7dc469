//! What is said where the worker was asked for something and cannot give it.

use leptos::prelude::*;
use signal_studio_app_shared::protocol::{Fault, Level};

use super::{
    link::WorkerState,
    studio::{Studio, studio},
};
use crate::ui::Notice;

/// Why something is not there, and the button that asks for it again.
#[component]
pub fn FaultNotice(
    /// Why the worker could not give it.
    fault: RwSignal<Option<Fault>>,
    /// What is said as long as it may still come.
    #[prop(optional)]
    awaited: Option<&'static str>,
) -> impl IntoView {
    let studio = studio();
    let why = Memo::new(move |_| why(studio, fault));
    let text = Signal::derive(move || why.get().unwrap_or_default());
    let fallback = move || awaited.map(|text| view! { <p class="muted" role="status">{text}</p> });
    view! {
        <Show when=move || why.with(Option::is_some) fallback>
            <div role="alert">
                <Notice level=Level::Error text>
                    <button type="button" class="button button--small" data-testid="ask-again" on:click=move |_| studio.ask_again()>
                        "Try again"
                    </button>
                </Notice>
            </div>
        </Show>
    }
}

fn why(studio: Studio, fault: RwSignal<Option<Fault>>) -> Option<String> {
    if let WorkerState::Dead(message) = studio.link.state().get() {
        return Some(format!("The training engine could not be started. {message}"));
    }
    fault.with(|fault| fault.as_ref().map(|fault| fault.message.clone()))
}
