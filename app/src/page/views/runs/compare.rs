//! Several runs laid over each other. Their names flow in; the worker gives what each has told, once.

use std::{collections::BTreeMap, rc::Rc};

use leptos::{prelude::*, task::spawn_local};
use signal_studio_app::protocol::{Reply, Request, Run};

use crate::{
    run_charts::{RunCharts, RunLines},
    state::studio,
};

/// The charts of the runs chosen.
#[component]
pub fn Compare(
    /// The runs, in the order of their colours.
    chosen: RwSignal<Vec<String>>,
) -> impl IntoView {
    let studio = studio();
    let known = RwSignal::new_local(BTreeMap::<String, Rc<Run>>::new());
    let asked = StoredValue::new(Vec::<String>::new());
    Effect::new(move || {
        for name in chosen.get().into_iter().filter(|name| !asked.with_value(|asked| asked.contains(name))) {
            asked.update_value(|asked| asked.push(name.clone()));
            spawn_local(async move {
                match studio.link.ask(Request::Run { name: name.clone() }).await {
                    Ok(Reply::Run(run)) => {
                        known.try_update(|known| known.insert(name, Rc::new(*run)));
                    }
                    Ok(reply) => studio.unexpected(&reply),
                    Err(fault) => {
                        studio.toasts.fault(&fault);
                        asked.try_update_value(|asked| asked.retain(|other| *other != name));
                        chosen.try_update(|chosen| chosen.retain(|other| *other != name));
                    }
                }
            });
        }
    });
    // Runs that are deleted meanwhile go from the charts as well.
    Effect::new(move || {
        let Some(library) = studio.library.get() else { return };
        let is_gone = |name: &String| !library.runs.iter().any(|line| line.name == *name);
        if chosen.with_untracked(|chosen| chosen.iter().any(is_gone)) {
            chosen.update(|chosen| chosen.retain(|name| !is_gone(name)));
        }
    });
    let titled = move |name: &String| {
        let line =
            studio.library.with(|library| library.as_ref()?.runs.iter().find(|line| line.name == *name).cloned());
        line.map_or_else(|| name.clone(), |line| line.title)
    };
    let runs = Memo::new(move |_| chosen.with(Vec::len));
    let is_read = Memo::new(move |_| {
        known.with(|known| chosen.with(|chosen| chosen.iter().all(|name| known.contains_key(name))))
    });
    let lines = Signal::derive_local(move || {
        known.with(|known| {
            let lines = |(color, name): (usize, &String)| {
                let run = known.get(name)?;
                let lines = RunLines::among(titled(name), color);
                lines.push_run(run);
                Some(lines)
            };
            chosen.with(|chosen| chosen.iter().enumerate().filter_map(lines).collect::<Vec<_>>())
        })
    });
    view! {
        <Show when=move || runs.get() != 0>
            <section class="stack" aria-label="Runs laid over each other">
                <Show when=move || !is_read.get()>
                    <p class="muted" role="status">"Reading the runs…"</p>
                </Show>
                <RunCharts runs=lines version=Signal::stored(0_u64)/>
            </section>
        </Show>
    }
}
