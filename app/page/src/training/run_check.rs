//! What a run file would do: whether its data are there, and the model that it describes. The worker is asked again
//! when the text or the datasets kept in the browser change, after a pause without a keystroke.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};
use signal_studio_app_shared::{
    editing::Checked,
    format,
    protocol::{DataState, LayerOutline, ModelOutline, Reply, Request, RunCheck},
};

use crate::{
    shell::studio::Studio,
    ui::{Glyph, Icon},
};

/// Time without a keystroke after which the worker is asked.
const PAUSE: Duration = Duration::from_millis(150);

/// What is known of a run file.
#[derive(Debug, Clone, PartialEq)]
pub enum Known {
    /// Nothing yet.
    Nothing,
    /// It has mistakes.
    Mistakes,
    /// This much.
    Checked(RunCheck),
    /// Why nothing can be known.
    Fault(String),
}

/// What is known of the run file in the editor, kept up to date.
pub fn known(studio: Studio, checked: Signal<Checked>) -> Signal<Known> {
    let known = RwSignal::new(Known::Nothing);
    let asked = StoredValue::new(0_u64);
    let datasets =
        Memo::new(move |_| studio.library.with(|library| library.as_ref().map(|library| library.datasets.clone())));
    Effect::new(move || {
        let is_sound = checked.with(|checked| checked.config.is_some());
        // What is kept in the browser may decide whether the data are there.
        datasets.track();
        let number = asked.get_value() + 1;
        asked.set_value(number);
        if !is_sound {
            return known.set(Known::Mistakes);
        }
        if !studio.link.is_ready() {
            // What was known is of another text by now, or of files that have changed.
            return known.set(Known::Nothing);
        }
        let config = studio.config.get_untracked();
        let is_latest = move || asked.try_get_value() == Some(number);
        set_timeout(
            move || {
                if !is_latest() {
                    return;
                }
                spawn_local(async move {
                    let answer = studio.link.ask(Request::CheckRun { config }).await;
                    if is_latest() {
                        known.set(match answer {
                            Ok(Reply::RunCheck(check)) => Known::Checked(check),
                            Ok(reply) => return studio.unexpected(&reply),
                            Err(fault) => Known::Fault(fault.message),
                        });
                    }
                });
            },
            PAUSE,
        );
    });
    known.into()
}

/// What a run file would do.
#[component]
pub fn RunCheckCard(
    /// What is known of it.
    known: Signal<Known>,
    /// What its text says by itself.
    checked: Signal<Checked>,
) -> impl IntoView {
    let state = move || {
        known.with(|known| match known {
            Known::Nothing => "unknown",
            Known::Mistakes | Known::Fault(_) => "problem",
            Known::Checked(check) if !check.problems.is_empty() && check.data != DataState::Missing => "problem",
            Known::Checked(check) => match check.data {
                DataState::Prepared => "prepared",
                DataState::Raw => "raw",
                DataState::Generated => "generated",
                DataState::Missing => "missing",
            },
        })
    };
    let content = move || {
        known.with(|known| match known {
        Known::Nothing => view! { <p class="muted">"The data and the model are shown as soon as the training engine is loaded."</p> }.into_any(),
        Known::Mistakes => view! { <p class="muted">"The run file has mistakes, which are underlined. Without them, the data and the model are shown here."</p> }.into_any(),
        Known::Fault(message) => view! { <p class="run-check__problem"><Icon glyph=Glyph::Warning/>{message.clone()}</p> }.into_any(),
        Known::Checked(check) => checked_view(check).into_any(),
    })
    };
    let plan = move || {
        checked.with(|checked| checked.config.as_ref().map(|config| {
        let tasks = config.dataset.tasks.join(", ");
        let epochs = format::counted(config.training.epochs as u64, "epoch", "epochs");
        view! { <p>"Learns "<strong>{tasks}</strong>" in up to "{epochs}", "{format::counted(config.dataset.batch_size as u64, "sample", "samples")}" at a time."</p> }
    }))
    };
    view! {
        <section class="card run-check" aria-labelledby="run-check-title" data-testid="run-check" data-state=state>
            <h2 id="run-check-title">"What this run does"</h2>
            {plan}
            {content}
        </section>
    }
}

fn checked_view(check: &RunCheck) -> impl IntoView + use<> {
    let (class, glyph, data) = match check.data {
        DataState::Prepared => ("chip chip--good", Glyph::Check, "its samples are ready"),
        DataState::Raw => ("chip chip--accent", Glyph::Info, "its samples are made first"),
        DataState::Generated => ("chip chip--accent", Glyph::Info, "it is made up first"),
        DataState::Missing => ("chip chip--warn", Glyph::Warning, "it is not in this browser"),
    };
    let advice =
        (check.data == DataState::Missing).then_some("Drop its folder anywhere on this page, or choose it under Data.");
    view! {
        <div class="row">
            <span>"Dataset "<strong>{check.dataset.clone()}</strong></span>
            <span class=class><Icon glyph/>{data}</span>
        </div>
        {advice.map(|advice| view! { <p class="muted">{advice}</p> })}
        {check.problems.iter().map(|problem| view! { <p class="run-check__problem"><Icon glyph=Glyph::Warning/>{problem.clone()}</p> }).collect_view()}
        {check.model.as_ref().map(model_view)}
    }
}

fn model_view(model: &ModelOutline) -> impl IntoView + use<> {
    let fact = |term: &'static str, value: String, title: String| {
        view! { <div title=title><dt>{term}</dt><dd class="figure">{value}</dd></div> }
    };
    let row = |layer: &LayerOutline| {
        let shape = layer.output.iter().map(ToString::to_string).collect::<Vec<_>>().join(" × ");
        view! {
            <tr>
                <th scope="row" title=layer.kind.clone()><code>{layer.name.clone()}</code></th>
                <td>{shape}</td>
                <td class="layers__number">{format::count(layer.parameters)}</td>
                <td class="layers__number">{format::short_count(layer.multiply_adds)}</td>
            </tr>
        }
    };
    let layers = model.layers.iter().map(row).collect_view();
    view! {
        <dl class="facts">
            <div>
                <dt>"Learnt values"</dt>
                <dd class="figure" data-testid="model-parameters">{format::count(model.parameters)}</dd>
            </div>
            {fact("Memory to train", format::bytes(model.training_bytes), "An estimate: parameters, optimizer and one batch".to_owned())}
            {fact("Multiply-adds", format::short_count(model.multiply_adds), "Of one sample's forward pass".to_owned())}
        </dl>
        <p class="muted small">"One sample: "{model.input.clone()}</p>
        <details class="layers">
            <summary>{format::counted(model.layers.len() as u64, "layer", "layers")}</summary>
            <div class="layers__scroll" tabindex="0" role="region" aria-label="Layers of the model">
                <table class="layers__table">
                    <thead>
                        <tr>
                            <th scope="col">"Layer"</th>
                            <th scope="col">"Output"</th>
                            <th scope="col" class="layers__number">"Learnt"</th>
                            <th scope="col" class="layers__number">"Mult-adds"</th>
                        </tr>
                    </thead>
                    <tbody>{layers}</tbody>
                </table>
            </div>
        </details>
    }
}
