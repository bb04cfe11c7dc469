//! The top bar: the name, the navigation, and what concerns the whole page: device, storage, link, theme.

use leptos::{prelude::*, task::spawn_local};
use signal_studio_app::format;
use wasm_bindgen_futures::JsFuture;

use crate::{
    link::{WorkerState, describe},
    state::{View, studio},
    theme::Theme,
    ui::{Glyph, Icon},
};

/// The top bar.
#[component]
pub fn Header() -> impl IntoView {
    view! {
        <header class="header">
            <div class="header__inner">
                <span class="brand">
                    <svg class="brand__logo" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
                        <rect class="logo__tile" width="32" height="32" rx="8"></rect>
                        <path class="logo__wave" d="M4.5 17.5h4l2.2-7 3.4 14 3.5-17.5 3 13.5 2-5.5 1.2 2.5h3.7"></path>
                    </svg>
                    <span class="brand__name">"Signal Studio"</span>
                </span>
                <Navigation/>
                <div class="header__tools">
                    <DeviceChip/>
                    <StorageChip/>
                    <CopyLink/>
                    <ThemeSelect/>
                </div>
            </div>
            <LoadingBar/>
        </header>
    }
}

#[component]
fn Navigation() -> impl IntoView {
    let studio = studio();
    let entry = move |view: View| {
        let testid = match view {
            View::Train => "nav-train",
            View::Data => "nav-data",
            View::Runs => "nav-runs",
        };
        let is_busy = move || view == View::Train && studio.watch.is_busy() && studio.view.get() != View::Train;
        view! {
            <li>
                <button
                    type="button"
                    class="nav__entry"
                    data-testid=testid
                    aria-current=move || (studio.view.get() == view).then_some("page")
                    on:click=move |_| studio.go_to(view)
                >
                    {view.title()}
                    <Show when=is_busy>
                        <span class="nav__busy"><span class="visually-hidden">" (a run is under way)"</span></span>
                    </Show>
                </button>
            </li>
        }
    };
    view! {
        <nav class="nav" aria-label="Parts of the studio">
            <ul role="list" class="nav__list">{View::ALL.map(entry).into_iter().collect_view()}</ul>
        </nav>
    }
}

/// A thin line below the bar while the worker is read.
#[component]
fn LoadingBar() -> impl IntoView {
    let state = studio().link.state();
    let share = move || match state.get() {
        WorkerState::Loading { done, total } if total > 0 => Some(done as f64 / total as f64),
        _ => None,
    };
    let is_loading = move || matches!(state.get(), WorkerState::Loading { .. });
    view! {
        <Show when=is_loading>
            <div class="header__loading" class:header__loading--open=move || share().is_none() aria-hidden="true">
                <div style:width=move || share().map(|share| format!("{:.1}%", share * 100.0))></div>
            </div>
        </Show>
    }
}

/// What computes, and why; opens a list of all that was found.
#[component]
fn DeviceChip() -> impl IntoView {
    let studio = studio();
    let devices = studio.devices;
    let name = move || match (studio.link.state().get(), devices.get()) {
        (WorkerState::Dead(_), _) => "No engine".to_owned(),
        (_, Some(devices)) => devices
            .found
            .iter()
            .find(|device| device.choice == devices.chosen)
            .map_or_else(|| devices.chosen.clone(), |device| device.class.clone()),
        (WorkerState::Ready, None) => "Looking for devices…".to_owned(),
        (WorkerState::Loading { done: 0, .. }, None) => "Loading the engine…".to_owned(),
        (WorkerState::Loading { done, .. }, None) => format!("Loading the engine, {}", format::bytes(done)),
    };
    let why = move || devices.with(|devices| devices.as_ref().map(|devices| format!(": {}", devices.why)));
    let list = move || {
        devices.with(|devices| {
            let devices = devices.as_ref()?;
            let rows = devices.found.iter().map(|device| {
                let is_chosen = device.choice == devices.chosen;
                view! {
                    <li class="devices__row" class:devices__row--chosen=is_chosen>
                        <span class="devices__name">{device.description.clone()}</span>
                        <span class="muted small">{device.class.clone()}" · "<code>{device.choice.clone()}</code></span>
                        {is_chosen.then(|| view! { <span class="chip chip--accent">"in use"</span> })}
                    </li>
                }
            });
            Some(view! {
                <p>{format!("Training computes on {}, {}.", devices.chosen, devices.why)}</p>
                <ul role="list" class="devices">{rows.collect_view()}</ul>
                <p class="muted small">"Beside the Train button another one can be chosen."</p>
            })
        })
    };
    let state = move || match studio.link.state().get() {
        WorkerState::Loading { total: 0, done } => Some(format!(
            "The training engine is being loaded: {} so far. Everything else can be used meanwhile.",
            format::bytes(done)
        )),
        WorkerState::Loading { total, done } => Some(format!(
            "The training engine is being loaded: {} of {}. Everything else can be used meanwhile.",
            format::bytes(done),
            format::bytes(total)
        )),
        WorkerState::Ready => None,
        WorkerState::Dead(message) => Some(format!("The training engine could not be started. {message}")),
    };
    let is_dead = move || matches!(studio.link.state().get(), WorkerState::Dead(_));
    view! {
        <button type="button" class="header__chip" popovertarget="devices" data-testid="device-chip">
            <Icon glyph=Glyph::Device/>
            <span class="header__chip-text">{name}<span class="visually-hidden">{why}</span></span>
        </button>
        <div id="devices" class="popover" popover="auto" role="group" aria-label="Devices">
            <h2>"Devices"</h2>
            {move || state().map(|text| view! { <p>{text}</p> })}
            <Show when=is_dead>
                <button type="button" class="button" on:click=move |_| studio.link.restart()>
                    <Icon glyph=Glyph::Again/>"Start it again"
                </button>
            </Show>
            {list}
        </div>
    }
}

/// How much the browser keeps for this page.
#[component]
fn StorageChip() -> impl IntoView {
    let studio = studio();
    let used = move || studio.library.with(|library| library.as_ref().map(|library| format::bytes(library.used_bytes)));
    view! {
        <Show when=move || used().is_some()>
            <button
                type="button"
                class="header__chip header__chip--storage"
                title="Kept in this browser, on this machine only"
                on:click=move |_| studio.go_to(View::Data)
            >
                <Icon glyph=Glyph::Storage/>
                <span class="figure" data-testid="storage-used">{used}</span>
                <span class="visually-hidden">" used in this browser; show the data"</span>
            </button>
        </Show>
    }
}

/// Copies a link that holds the run file.
#[component]
fn CopyLink() -> impl IntoView {
    let studio = studio();
    let copied = RwSignal::new(None::<String>);
    let copy = move |_| {
        let link = match studio.share_link() {
            Ok(link) => link,
            Err(message) => return studio.toasts.error(message),
        };
        copied.set(Some(link.clone()));
        spawn_local(async move {
            match JsFuture::from(window().navigator().clipboard().write_text(&link)).await {
                Ok(_) => studio.toasts.info("The link is copied. It holds the run file and nothing else."),
                Err(error) => studio
                    .toasts
                    .warning(format!("The browser did not allow copying ({}). The link is: {link}", describe(&error))),
            }
        });
    };
    view! {
        <button
            type="button"
            class="header__chip"
            data-testid="copy-link"
            data-link=move || copied.get()
            title="Copies a link that holds the run file and nothing else"
            on:click=copy
        >
            <Icon glyph=Glyph::Link/>
            <span class="header__chip-text header__chip-text--wide">"Copy link"</span>
        </button>
    }
}

#[component]
fn ThemeSelect() -> impl IntoView {
    let theme = RwSignal::new(Theme::remembered());
    let choose = move |event| {
        theme.set(Theme::of_name(&event_target_value(&event)));
        theme.get_untracked().apply();
    };
    let options = Theme::ALL.map(|option| {
        view! { <option value=option.name() selected=move || theme.get() == option>{option.title()}</option> }
    });
    view! {
        <select class="header__theme" aria-label="Colour theme" data-testid="theme-select" on:change=choose>
            {options.into_iter().collect_view()}
        </select>
    }
}
