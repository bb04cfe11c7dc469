//! The top bar: the name, the navigation, and what concerns the whole page: device, storage, link, theme.

use leptos::{prelude::*, task::spawn_local};
use signal_studio_app_shared::{
    format,
    protocol::{DeviceInfo, Devices},
};
use wasm_bindgen_futures::JsFuture;

use crate::{
    browser::describe,
    shell::{
        fault_notice::FaultNotice,
        link::WorkerState,
        selection::selection,
        studio::{Studio, studio},
        theme::Theme,
        view::View,
    },
    ui::{Glyph, Icon},
};

/// How a run file leaves the choice of a device to the engine.
const AUTOMATIC: &str = "auto";

/// The word for the device that is used where none is asked for.
const CHOSEN_AUTOMATICALLY: &str = "chosen automatically";

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
    let selection = selection();
    let entry = move |view: View| {
        let testid = match view {
            View::Train => "nav-train",
            View::Data => "nav-data",
            View::Runs => "nav-runs",
        };
        let is_busy = move || view == View::Train && studio.current_run.is_busy() && studio.view.get() != View::Train;
        view! {
            <li>
                <button
                    type="button"
                    class="nav__entry"
                    data-testid=testid
                    aria-current=move || (studio.view.get() == view).then_some("page")
                    on:click=move |_| selection.visit(view)
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

/// The device that a run computes on: the run under way, else the next one.
#[derive(Clone, PartialEq)]
struct Used {
    /// All that were found.
    found: Vec<DeviceInfo>,
    /// How a run file asks for it.
    choice: String,
    /// A word for it in the list of all.
    word: &'static str,
    /// What computes on it, and why.
    sentence: String,
}

impl Used {
    fn of(studio: Studio) -> Option<Self> {
        let under_way = studio.current_run.devices.get().filter(|_| studio.current_run.is_busy());
        if let Some(Devices { chosen, why, found }) = under_way {
            let sentence = format!("The run under way computes on {chosen}, {why}.");
            return Some(Self { found, choice: chosen, word: "in use", sentence });
        }
        let Devices { chosen, why, found } = studio.devices.get()?;
        let beside = studio.device.get().map(|device| (device, "as chosen beside the Train button"));
        let asked = beside.or_else(|| studio.own_device.get().map(|device| (device, "as the run file says")));
        Some(match asked.filter(|(device, _)| device != AUTOMATIC) {
            Some((device, whose)) => {
                let is_meant = |info: &&DeviceInfo| {
                    info.choice == device || info.choice.strip_prefix(&device).is_some_and(|rest| rest.starts_with(':'))
                };
                let choice = found.iter().find(is_meant).map_or_else(|| device.clone(), |info| info.choice.clone());
                let sentence = format!("The next run computes on {choice}, {whose}.");
                Self { found, choice, word: "chosen", sentence }
            }
            None => {
                let sentence = format!("Training computes on {chosen}, {why}.");
                Self { found, choice: chosen, word: CHOSEN_AUTOMATICALLY, sentence }
            }
        })
    }

    /// What it is, in a word or two.
    fn class(&self) -> String {
        let info = self.found.iter().find(|info| info.choice == self.choice);
        info.map_or_else(|| self.choice.clone(), |info| info.class.clone())
    }
}

/// What computes, and why; opens a list of all that was found.
#[component]
fn DeviceChip() -> impl IntoView {
    let studio = studio();
    let used = Memo::new(move |_| Used::of(studio));
    let name = move || match (studio.link.state().get(), used.get()) {
        (WorkerState::Dead(_), _) => "No engine".to_owned(),
        (_, Some(used)) => used.class(),
        (_, None) if studio.waiting.with(Option::is_some) => "Waiting for another tab".to_owned(),
        (_, None) if studio.devices_fault.with(Option::is_some) => "No devices".to_owned(),
        (WorkerState::Ready, None) => "Looking for devices…".to_owned(),
        (WorkerState::Loading { done: 0, .. }, None) => "Loading the engine…".to_owned(),
        (WorkerState::Loading { done, .. }, None) => format!("Loading the engine, {}", format::bytes(done)),
    };
    let why = move || used.with(|used| used.as_ref().map(|used| format!(": {}", used.sentence)));
    let list = move || {
        let Used { found, choice, word, sentence } = used.get()?;
        let automatic = studio.devices.with(|devices| devices.as_ref().map(|devices| devices.chosen.clone()));
        let rows = found.into_iter().map(|device| {
            let is_used = device.choice == choice;
            let is_automatic = automatic.as_ref() == Some(&device.choice);
            let word = if is_used { Some(word) } else { is_automatic.then_some(CHOSEN_AUTOMATICALLY) };
            view! {
                <li class="devices__row" class:devices__row--chosen=is_used>
                    <span class="devices__name">{device.description}</span>
                    <span class="muted small">{device.class}" · "<code>{device.choice}</code></span>
                    {word.map(|word| view! { <span class="chip" class:chip--accent=is_used>{word}</span> })}
                </li>
            }
        });
        Some(view! {
            <p>{sentence}</p>
            <ul role="list" class="devices">{rows.collect_view()}</ul>
            <p class="muted small">"Beside the Train button another one can be chosen."</p>
        })
    };
    let state = move || match (studio.link.state().get(), studio.waiting.get()) {
        (WorkerState::Ready | WorkerState::Dead(_), _) => None,
        (_, Some(message)) => Some(message),
        (WorkerState::Loading { total: 0, done }, None) => Some(format!(
            "The training engine is being loaded: {} so far. Everything else can be used meanwhile.",
            format::bytes(done)
        )),
        (WorkerState::Loading { total, done }, None) => Some(format!(
            "The training engine is being loaded: {} of {}. Everything else can be used meanwhile.",
            format::bytes(done),
            format::bytes(total)
        )),
    };
    view! {
        <button type="button" class="header__chip header__chip--device" popovertarget="devices" data-testid="device-chip">
            <Icon glyph=Glyph::Device/>
            <span class="header__chip-text">{name}<span class="visually-hidden">{why}</span></span>
        </button>
        <div id="devices" class="popover" popover="auto" role="group" aria-label="Devices">
            <h2>"Devices"</h2>
            {move || state().map(|text| view! { <p>{text}</p> })}
            <FaultNotice fault=studio.devices_fault/>
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
    let theme = RwSignal::new(Theme::chosen());
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
