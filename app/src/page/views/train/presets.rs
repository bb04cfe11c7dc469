//! Run files to begin with: those that come with the program, and one made to fit each dataset in the browser.

use leptos::{prelude::*, task::spawn_local};
use signal_studio_app::protocol::{Reply, Request};

use crate::state::{DEMO_CONFIG, studio};

/// A run file that comes with the program: its name, its title, its text.
const SHIPPED: [(&str, &str, &str); 6] = [
    ("demo", "Demo, a minute or two", DEMO_CONFIG),
    ("math", "Mental arithmetic (eegmat)", include_str!("../../../../../configs/classification/math.toml")),
    (
        "baseline",
        "Baseline: Parkinson's, spectrograms",
        include_str!("../../../../../configs/classification/baseline.toml"),
    ),
    (
        "baseline-db-iq",
        "Baseline with real and imaginary part",
        include_str!("../../../../../configs/classification/baseline-db-iq.toml"),
    ),
    (
        "baseline-db-polar",
        "Baseline with magnitude and phase",
        include_str!("../../../../../configs/classification/baseline-db-polar.toml"),
    ),
    (
        "baseline-timeseries",
        "Baseline on the signals themselves",
        include_str!("../../../../../configs/classification/baseline-timeseries.toml"),
    ),
];

/// What stands before a dataset's name in the values of the choice.
const OF_DATASET: &str = "dataset:";

/// The choice of a run file to begin with.
#[component]
pub fn Presets() -> impl IntoView {
    let studio = studio();
    // The text put here last: it can be had again, and is replaced without asking.
    let put = RwSignal::new(None::<(String, String)>);
    let chosen = Memo::new(move |_| {
        studio.config.with(|text| {
            let of_dataset =
                put.with(|put| put.as_ref().filter(|(_, put)| put == text).map(|(value, _)| value.clone()));
            let shipped =
                || SHIPPED.iter().find(|(_, _, shipped)| shipped == text).map(|(value, ..)| (*value).to_owned());
            of_dataset.or_else(shipped).unwrap_or_default()
        })
    });
    let load = move |value: String| {
        if let Some(name) = value.strip_prefix(OF_DATASET) {
            let name = name.to_owned();
            spawn_local(async move {
                match studio.link.ask(Request::Dataset { name }).await {
                    Ok(Reply::Dataset(dataset)) => {
                        put.set(Some((value, dataset.preset.clone())));
                        studio.config.set(dataset.preset);
                    }
                    Ok(reply) => studio.unexpected(&reply),
                    Err(fault) => studio.toasts.fault(&fault),
                }
            });
        } else if let Some((_, _, text)) = SHIPPED.iter().find(|(shipped, ..)| *shipped == value) {
            studio.config.set((*text).to_owned());
        }
    };
    let choose = move |event| {
        let value = event_target_value(&event);
        if chosen.get_untracked().is_empty() {
            studio.confirm(
                "Replace the run file?",
                "The editor holds a run file of your own, which is kept nowhere else. Copy link keeps it, too.",
                "Replace it",
                move || load(value.clone()),
            );
            // Until it is answered, the choice shows what the editor holds.
            event_target::<web_sys::HtmlSelectElement>(&event).set_value("");
        } else {
            load(value);
        }
    };
    let datasets = move || {
        studio.library.with(|library| {
            let datasets = &library.as_ref()?.datasets;
            let options = datasets.iter().map(|dataset| {
                let value = format!("{OF_DATASET}{}", dataset.name);
                let is_chosen = {
                    let value = value.clone();
                    move || chosen.get() == value
                };
                view! { <option value=value selected=is_chosen>{format!("Made to fit {}", dataset.name)}</option> }
            });
            (!datasets.is_empty()).then(|| view! { <optgroup label="Your data">{options.collect_view()}</optgroup> })
        })
    };
    view! {
        <select class="presets" aria-label="Begin with a preset" data-testid="preset-select" prop:value=move || chosen.get() on:change=choose>
            <option value="" disabled=true selected=move || chosen.get().is_empty()>"Your own run file"</option>
            <optgroup label="Shipped">
                {SHIPPED
                    .map(|(value, title, _)| view! { <option value=value selected=move || chosen.get() == value>{title}</option> })
                    .into_iter()
                    .collect_view()}
            </optgroup>
            {datasets}
        </select>
    }
}
