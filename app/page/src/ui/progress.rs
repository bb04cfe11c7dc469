//! How far work has come.

use leptos::prelude::*;
use signal_studio_app_shared::{format, shell::progress::Timed};

/// A bar; without a share it only says that work is under way.
#[component]
pub fn ProgressBar(
    /// From 0 to 1.
    #[prop(into)]
    share: Signal<Option<f64>>,
    /// What the bar measures.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    view! {
        <div
            class="progress"
            class:progress--open=move || share.get().is_none()
            role="progressbar"
            aria-label=label
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=move || share.get().map(|share| format!("{:.0}", share * 100.0))
        >
            <div class="progress__done" style:width=move || share.get().map(|share| format!("{:.2}%", share * 100.0))></div>
        </div>
    }
}

/// An import or a preparation: its bar, what it is at, how fast it goes and how long it still takes.
#[component]
pub fn WorkProgress(
    /// The work; nothing is shown without one.
    #[prop(into)]
    work: Signal<Option<Timed>>,
    /// What the bar measures.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let share = Signal::derive(move || work.with(|work| work.as_ref()?.share()));
    let amount = |amount: f64, unit: &str| match unit {
        "bytes" => format::bytes(amount as u64),
        unit => format!("{} {unit}", format::count(amount as u64)),
    };
    let text = move || {
        work.with(|work| {
            let Some(work) = work else { return String::new() };
            let progress = &work.progress;
            let mut text = match progress.unit.as_str() {
                "bytes" => format!("{} of {}", format::bytes(progress.done), format::bytes(progress.total)),
                unit => format!("{} of {} {unit}", format::count(progress.done), format::count(progress.total)),
            };
            if let Some(rate) = work.rate() {
                text += &match progress.unit.as_str() {
                    "bytes" => format!(", {} a second", amount(rate, "bytes")),
                    _ if rate >= 1.0 => format!(", {rate:.1} a second"),
                    _ => format!(", {} each", format::duration(1.0 / rate)),
                };
            }
            if let Some(remaining) = work.remaining_s() {
                text += &format!(", about {} left", format::duration(remaining));
            }
            text
        })
    };
    view! {
        <div class="work">
            <div class="work__line">
                <span class="work__what">
                    {move || work.with(|work| work.as_ref().map(|work| work.progress.what.clone()))}
                </span>
                <span class="work__figures figure muted small">{text}</span>
            </div>
            <ProgressBar share label/>
        </div>
    }
}
