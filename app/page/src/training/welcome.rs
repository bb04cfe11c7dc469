//! What a first visit sees, what a link shows, and the way back to the run file that was there before.

use leptos::prelude::*;
use signal_studio_app_shared::editing::ConfigHistory;

use super::{eeg_drawing::TRACES, setup::FILE_TITLE};
use crate::{
    browser::catch_focus,
    shell::{
        selection::selection,
        studio::{DEMO_CONFIG, Shared, studio},
        view::View,
    },
    ui::{Glyph, Icon},
};

/// One clear way to begin.
#[component]
pub fn Welcome() -> impl IntoView {
    let studio = studio();
    let obstacle = selection().obstacle();
    let train_demo = move |_| {
        studio.replace_config(DEMO_CONFIG.to_owned());
        studio.train(DEMO_CONFIG.to_owned(), studio.device.get_untracked());
    };
    view! {
        <section class="welcome card" aria-labelledby="welcome-title">
            <svg class="welcome__waves" viewBox="0 0 1200 240" preserveAspectRatio="none" aria-hidden="true">
                {TRACES.map(|wave| view! { <path d=wave></path> }).into_iter().collect_view()}
            </svg>
            <div class="welcome__text">
                <h2 id="welcome-title" class="welcome__title">"Train an EEG classifier in this tab"</h2>
                <p class="welcome__lead">
                    "Everything is computed on this machine, in your browser: recordings never leave it."
                </p>
                <div class="row welcome__buttons">
                    <button
                        type="button"
                        class="button button--primary button--large"
                        data-testid="train-demo"
                        disabled=move || obstacle.with(Option::is_some)
                        title=move || obstacle.get()
                        on:click=train_demo
                    >
                        <Icon glyph=Glyph::Play/>
                        "Train the demo"
                    </button>
                    <p class="muted">
                        "or drop your recordings anywhere on this page, or "
                        <button type="button" class="link" on:click=move |_| studio.go_to(View::Data)>"choose them"</button> "."
                    </p>
                </div>
                <p class="muted small">
                    "The demo makes up recordings of fifty people whose groups differ, and learns to tell them apart. It takes a minute or two."
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
        let Shared { error } = studio.shared.get()?;
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
        let dismiss = move |_| {
            studio.shared.set(None);
            catch_focus(FILE_TITLE);
        };
        Some(view! {
            <div class=class role="status" data-testid="share-banner" data-state=state>
                <Icon glyph/>
                <p class="notice__text">{text}</p>
                <Back/>
                <button type="button" class="button button--small" data-testid="share-dismiss" on:click=dismiss>
                    "Got it"
                </button>
            </div>
        })
    };
    view! { {banner} }
}

/// Says that a run file of the user's own is kept after another has taken its place, unless a link says so.
#[component]
pub fn KeptBanner() -> impl IntoView {
    let studio = studio();
    let is_shown = move || studio.shared.with(Option::is_none) && studio.config_history.with(ConfigHistory::has_any);
    let forget = move |_| {
        studio.config_history.update(ConfigHistory::forget);
        catch_focus(FILE_TITLE);
    };
    view! {
        <Show when=is_shown>
            <div class="notice" role="status" data-testid="kept-banner">
                <Icon glyph=Glyph::Info/>
                <p class="notice__text">"Another run file has taken the place of yours, which is kept in this browser."</p>
                <Back/>
                <button type="button" class="button button--small" data-testid="kept-forget" on:click=forget>
                    "I no longer need it"
                </button>
            </div>
        </Show>
    }
}

/// Says that another tab has another run file, and lets the user choose.
#[component]
pub fn OtherTabBanner() -> impl IntoView {
    let studio = studio();
    let take = move |_| {
        studio.take_other_config();
        catch_focus(FILE_TITLE);
    };
    let keep = move |_| {
        studio.keep_own_config();
        catch_focus(FILE_TITLE);
    };
    view! {
        <Show when=move || studio.other_config.with(Option::is_some)>
            <div class="notice" role="status" data-testid="other-tab-banner">
                <Icon glyph=Glyph::Warning/>
                <p class="notice__text">
                    "Another tab has changed the run file. One of the two is kept in this browser: until you choose, it is the other tab’s."
                </p>
                <button type="button" class="button button--small" data-testid="other-tab-take" on:click=take>
                    "Take the other’s"
                </button>
                <button type="button" class="button button--small" data-testid="other-tab-keep" on:click=keep>
                    "Keep this one"
                </button>
            </div>
        </Show>
    }
}

/// The way back to the user's own run file, if there is one.
#[component]
fn Back() -> impl IntoView {
    let studio = studio();
    let go_back = move |_| {
        studio.take_config_back();
        catch_focus(FILE_TITLE);
    };
    view! {
        <Show when=move || studio.config_history.with(ConfigHistory::has_any)>
            <button type="button" class="button button--small" data-testid="kept-back" on:click=go_back>
                "Back to my run file"
            </button>
        </Show>
    }
}
