//! Run files to begin with: those that come with the program, and one made to fit each dataset in the browser.

use leptos::{prelude::*, task::spawn_local};
use signal_studio_app_shared::protocol::{Fault, FaultKind, Reply, Request};

use super::run_files::SHIPPED;
use crate::shell::studio::studio;

/// What stands before a dataset's name in the values of the choice.
const OF_DATASET: &str = "dataset:";

/// The choice of a run file to begin with.
#[component]
pub fn Presets() -> impl IntoView {
    let studio = studio();
    // The one made to fit a dataset that was put into the editor last: its name is shown as long as it is not changed.
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
    // What could not be chosen is not shown as chosen.
    let refused = Trigger::new();
    // Of several choices in a row the last one counts, whenever its run file is there.
    let choices = StoredValue::new(0_u64);
    let load = move |value: String| {
        let choice = choices.get_value() + 1;
        choices.set_value(choice);
        if let Some(name) = value.strip_prefix(OF_DATASET) {
            let name = name.to_owned();
            spawn_local(async move {
                let answer = studio.link.ask(Request::Dataset { name }).await;
                if choices.try_get_value() != Some(choice) {
                    return;
                }
                match answer {
                    Ok(Reply::Dataset(dataset)) => match dataset.preset {
                        Ok(preset) => {
                            put.set(Some((value, preset.clone())));
                            studio.replace_config(preset);
                        }
                        Err(reason) => {
                            let message = format!("{} cannot be trained on: {reason}.", dataset.name);
                            studio.toasts.fault(&Fault { kind: FaultKind::Request, message });
                            refused.notify();
                        }
                    },
                    Ok(reply) => studio.unexpected(&reply),
                    Err(fault) => {
                        studio.toasts.fault(&fault);
                        refused.notify();
                    }
                }
            });
        } else if let Some((_, _, text)) = SHIPPED.iter().find(|(shipped, ..)| *shipped == value) {
            studio.replace_config((*text).to_owned());
        }
    };
    let choose = move |event| load(event_target_value(&event));
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
        <select class="presets" aria-label="Begin with a preset" data-testid="preset-select" prop:value=move || { refused.track(); chosen.get() } on:change=choose>
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
