//! The run file in its editor, what it would do, where it would run, and the button that starts it.

use leptos::prelude::*;
use signal_studio_app_shared::{
    editing::{Checked, Severity},
    protocol::DataState,
};

use super::{
    presets::Presets,
    run_check::{Known, RunCheckCard, known},
};
use crate::{
    editor::{Editor, checked},
    shell::{
        selection::selection,
        studio::{Studio, studio},
    },
    ui::{Glyph, Icon},
};

/// The id of the heading over the editor.
pub const FILE_TITLE: &str = "file-title";

/// The run file and its start.
#[component]
pub fn Setup(
    /// Another button is the one clear way to begin.
    is_first_visit: Memo<bool>,
) -> impl IntoView {
    let studio = studio();
    let datasets = Memo::new(move |_| {
        studio.library.with(|library| {
            library.iter().flat_map(|library| &library.datasets).map(|dataset| dataset.name.clone()).collect::<Vec<_>>()
        })
    });
    let checked = checked(studio.config, datasets.into());
    let known = known(studio, checked);
    let problems = Signal::derive(move || checked.with(|checked| checked.problems.clone()));
    Effect::new(move || {
        let device = checked.with(|checked| checked.config.as_ref().map(|config| config.training.device.to_string()));
        studio.own_device.set(device);
    });
    view! {
        <div class="setup">
            <section class="card setup__file" aria-labelledby=FILE_TITLE>
                <div class="row setup__head">
                    <h2 id=FILE_TITLE tabindex="-1">"Run file"</h2>
                    <Presets/>
                </div>
                <Editor text=studio.config problems label="Run file" datasets/>
            </section>
            <div class="stack setup__side">
                <RunCheckCard known checked/>
                <StartCard known checked is_first_visit/>
            </div>
        </div>
    }
}

/// Why this run file cannot be trained now.
fn obstacle_of(studio: Studio, checked: &Checked, known: &Known) -> Option<String> {
    let errors = checked.problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    match errors {
        0 => (),
        1 => return Some("The run file has a mistake.".to_owned()),
        errors => return Some(format!("The run file has {errors} mistakes.")),
    }
    match known {
        Known::Checked(check) if check.data == DataState::Missing => {
            Some(format!("The dataset {} is not in this browser: drop its folder on this page.", check.dataset))
        }
        Known::Checked(check) => check.problems.first().cloned(),
        Known::Fault(message) => Some(message.clone()),
        Known::Mistakes => Some("The run file has a mistake.".to_owned()),
        Known::Nothing => {
            Some(studio.waiting.get().unwrap_or_else(|| "The training engine is being loaded.".to_owned()))
        }
    }
}

/// Where a run would compute, and the button that starts it.
#[component]
fn StartCard(known: Signal<Known>, checked: Signal<Checked>, is_first_visit: Memo<bool>) -> impl IntoView {
    let studio = studio();
    let at_work = selection().obstacle();
    let obstacle = Memo::new(move |_| {
        at_work.get().or_else(|| checked.with(|checked| known.with(|known| obstacle_of(studio, checked, known))))
    });
    let train = move |_| {
        if obstacle.with_untracked(Option::is_none) {
            studio.shared.set(None);
            studio.train(studio.config.get_untracked(), studio.device.get_untracked());
        }
    };
    let button = move || {
        if is_first_visit.get() { "button start-card__train" } else { "button button--primary start-card__train" }
    };
    view! {
        <section class="card start-card" aria-label="Start">
            <DeviceSelect/>
            <button
                type="button"
                class=button
                data-testid="train-button"
                disabled=move || obstacle.with(Option::is_some)
                aria-describedby="train-obstacle"
                on:click=train
            >
                <Icon glyph=Glyph::Play/>
                "Train"
            </button>
            <p id="train-obstacle" class="muted small start-card__obstacle">{move || obstacle.get()}</p>
        </section>
    }
}

/// The choice of a device.
#[component]
fn DeviceSelect() -> impl IntoView {
    let studio = studio();
    let own = move || match studio.own_device.get() {
        Some(device) => format!("As the run file says: {device}"),
        None => "As the run file says".to_owned(),
    };
    let found = Memo::new(move |_| {
        let mut options = vec![("auto".to_owned(), "Automatic".to_owned())];
        studio.devices.with(|devices| {
            let found = devices.iter().flat_map(|devices| &devices.found);
            options.extend(
                found.map(|device| (device.choice.clone(), format!("{} ({})", device.description, device.class))),
            );
        });
        if let Some(device) = studio.device.get().filter(|device| options.iter().all(|(choice, _)| choice != device)) {
            let text = format!("{device} (not found so far)");
            options.push((device, text));
        }
        options
    });
    let choose = move |event| {
        let choice = event_target_value(&event);
        studio.device.set((!choice.is_empty()).then_some(choice));
    };
    let option = move |(choice, text): (String, String)| {
        let is_chosen = {
            let choice = choice.clone();
            move || studio.device.with(|device| device.as_ref() == Some(&choice))
        };
        view! { <option value=choice selected=is_chosen>{text}</option> }
    };
    view! {
        <label class="field">
            <span class="field__label">"Computes on"</span>
            <select data-testid="device-select" on:change=choose>
                <option value="" selected=move || studio.device.with(Option::is_none)>{own}</option>
                {move || found.get().into_iter().map(option).collect_view()}
            </select>
        </label>
    }
}
