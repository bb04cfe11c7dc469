//! What a first visit sees, and what a link shows.

use leptos::prelude::*;

use super::waves::WAVES;
use crate::{
    state::{DEMO_CONFIG, Shared, View, studio},
    ui::{Glyph, Icon},
};

/// One clear way to begin.
#[component]
pub fn Welcome() -> impl IntoView {
    let studio = studio();
    let train_demo = move |_| {
        studio.config.set(DEMO_CONFIG.to_owned());
        studio.train(DEMO_CONFIG.to_owned(), studio.device.get_untracked());
    };
    view! {
        <section class="welcome card" aria-labelledby="welcome-title">
            <svg class="welcome__waves" viewBox="0 0 1200 240" preserveAspectRatio="none" aria-hidden="true">
                {WAVES.map(|wave| view! { <path d=wave></path> }).into_iter().collect_view()}
            </svg>
            <div class="welcome__text">
                <h2 id="welcome-title" class="welcome__title">"Train an EEG classifier in this tab"</h2>
                <p class="welcome__lead">
                    "Everything is computed on this machine, in your browser: recordings never leave it."
                </p>
                <div class="row welcome__buttons">
                    <button type="button" class="button button--primary button--large" data-testid="train-demo" on:click=train_demo>
                        <Icon glyph=Glyph::Play/>
                        "Train the demo"
                    </button>
                    <p class="muted">
                        "or drop your recordings anywhere on this page, or "
                        <button type="button" class="link" on:click=move |_| studio.go_to(View::Data)>"choose them"</button> "."
                    </p>
                </div>
                <p class="muted small">
                    "The demo makes up recordings of forty people whose groups differ, and learns to tell them apart. It takes a minute or two."
                </p>
            </div>
        </section>
    }
}

/// Says where the run file came from, and that nothing runs by itself.
#[component]
pub fn SharedBanner() -> impl IntoView {
    let studio = studio();
    let banner = move || {
        let Shared { error, before } = studio.shared.get()?;
        let (state, class, glyph) = match error {
            None => ("ok", "notice", Glyph::Link),
            Some(_) => ("error", "notice notice--bad", Glyph::Warning),
        };
        let text = match error {
            None => {
                "This config came with a link. Nothing runs until you press Train. Beside it stands what it would do."
                    .to_owned()
            }
            Some(why) => format!("The link could not be opened: {why}. Below is the demo's config instead."),
        };
        // What the user had written is not lost to a link.
        let is_own = before != DEMO_CONFIG && studio.config.with_untracked(|text| *text != before);
        let go_back = move |_| {
            studio.config.set(before.clone());
            studio.shared.set(None);
        };
        let back = is_own.then(|| {
            view! { <button type="button" class="button button--small" on:click=go_back>"Back to my run file"</button> }
        });
        Some(view! {
            <div class=class role="status" data-testid="share-banner" data-state=state>
                <Icon glyph/>
                <p class="notice__text">{text}</p>
                {back}
                <button
                    type="button"
                    class="button button--small"
                    data-testid="share-dismiss"
                    on:click=move |_| studio.shared.set(None)
                >
                    "Got it"
                </button>
            </div>
        })
    };
    view! { {banner} }
}
