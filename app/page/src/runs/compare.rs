//! Several runs laid over each other. The worker is asked what each of them has told, and again when the library says
//! something new of it.

use std::{collections::BTreeMap, rc::Rc};

use leptos::{prelude::*, task::spawn_local};
use signal_studio_app_shared::{
    drawing::slots::Slots,
    protocol::{Reply, Request, Run, RunLine},
    training::run_lines::RunLines,
};

use crate::{shell::studio::studio, training::run_charts::RunCharts};

/// The charts of the runs chosen.
#[component]
pub fn Compare(
    /// The runs, in the places of their colours.
    chosen: RwSignal<Slots>,
) -> impl IntoView {
    let studio = studio();
    let known = RwSignal::new_local(BTreeMap::<String, Rc<Run>>::new());
    // What the library said of each when it was asked for.
    let asked = StoredValue::new(BTreeMap::<String, RunLine>::new());
    let lines = Memo::new(move |_| {
        studio.library.with(|library| {
            let line = |name: &str| library.as_ref()?.runs.iter().find(|line| line.name == name).cloned();
            chosen.with(|chosen| chosen.iter().filter_map(|(_, name)| line(name)).collect::<Vec<_>>())
        })
    });
    Effect::new(move || {
        for line in lines.get() {
            let name = line.name.clone();
            let before = asked.try_update_value(|asked| asked.insert(name.clone(), line.clone())).flatten();
            if before.as_ref() == Some(&line) {
                continue;
            }
            spawn_local(async move {
                match studio.link.ask(Request::Run { name: name.clone() }).await {
                    Ok(Reply::Run(run)) => {
                        // An answer that comes late is of an earlier moment.
                        if asked.try_with_value(|asked| asked.get(&name) == Some(&line)) == Some(true) {
                            known.try_update(|known| known.insert(name, Rc::new(*run)));
                        }
                    }
                    Ok(reply) => studio.unexpected(&reply),
                    Err(fault) => {
                        studio.toasts.fault(&fault);
                        asked.try_update_value(|asked| asked.remove(&name));
                        chosen.try_update(|chosen| chosen.retain(|other| other != name));
                    }
                }
            });
        }
    });
    // Runs that are deleted meanwhile go from the charts as well.
    Effect::new(move || {
        let Some(library) = studio.library.get() else { return };
        let is_there = |name: &str| library.runs.iter().any(|line| line.name == name);
        if chosen.with_untracked(|chosen| chosen.iter().any(|(_, name)| !is_there(name))) {
            chosen.update(|chosen| chosen.retain(is_there));
        }
    });
    // Each run's name, title and colour: what of the library's lines the charts show.
    let looks = Memo::new(move |_| {
        lines.with(|lines| {
            chosen.with(|chosen| {
                let look = |line: &RunLine| Some((line.name.clone(), line.title.clone(), chosen.place_of(&line.name)?));
                lines.iter().filter_map(look).collect::<Vec<_>>()
            })
        })
    });
    let is_read = Memo::new(move |_| {
        known.with(|known| looks.with(|looks| looks.iter().all(|(name, ..)| known.contains_key(name))))
    });
    // Not derived: that would make all lines anew for each chart.
    let drawn = RwSignal::new_local(Vec::<RunLines>::new());
    Effect::new(move || {
        let runs = known.with(|known| {
            let lines = |(name, title, color): (String, String, usize)| {
                let lines = RunLines::among(title, color);
                lines.push_run(known.get(&name)?);
                Some(lines)
            };
            looks.get().into_iter().filter_map(lines).collect::<Vec<_>>()
        });
        drawn.set(runs);
    });
    view! {
        <Show when=move || !chosen.with(Slots::is_empty)>
            <section class="stack" aria-label="Runs laid over each other">
                <Show when=move || !is_read.get()>
                    <p class="muted" role="status">"Reading the runs…"</p>
                </Show>
                <RunCharts runs=drawn version=Signal::stored(0_u64)/>
            </section>
        </Show>
    }
}
