//! One run and all that it left: charts, the latest evaluation, its config, its files.

use std::{collections::BTreeMap, sync::Arc};

use leptos::{either::EitherOf3, prelude::*};
use signal_studio_app::{
    format,
    protocol::{Level, Reply, Request, Run},
};
use signal_studio_core::training::{Summary, TrainEvent, history::Ending};

use super::{actions::Actions, status, title::Title, when};
use crate::{
    editor::Editor,
    loaded::{Load, Loaded},
    run_charts::{RunCharts, RunLines},
    state::studio,
    ui::{Glyph, Icon, Notice},
    views::{opened::opened, train::evaluation::EvaluationView},
};

/// The page of a run.
#[component]
pub fn RunPage(
    /// Its name.
    name: String,
) -> impl IntoView {
    let studio = studio();
    let opened = opened();
    let asked = name.clone();
    let run = Loaded::new(
        studio.link,
        move || Some(Request::Run { name: asked.clone() }),
        |reply, _| match reply {
            Reply::Run(run) => Some(Arc::new(*run)),
            _ => None,
        },
    );
    // The run has gone on, or has another title.
    let wanted = name.clone();
    let line = Memo::new(move |_| {
        studio.library.with(|library| library.as_ref()?.runs.iter().find(|line| line.name == wanted).cloned())
    });
    Effect::new(move |before: Option<_>| {
        let line = line.get();
        if before.is_some_and(|before| before != line) {
            run.ask(Request::Run { name: name.clone() });
        }
        line
    });
    let page = move || match run.state.get() {
        Load::Waiting => EitherOf3::A(view! { <p class="muted" role="status">"Reading the run…"</p> }),
        Load::Failed(fault) => {
            EitherOf3::B(view! { <div role="alert"><Notice level=Level::Error text=fault.message/></div> })
        }
        Load::Ready(run) => EitherOf3::C(view! { <Shown run/> }),
    };
    view! {
        <div class="row data__trail">
            <button
                class="button button--quiet button--small"
                data-testid="all-runs"
                on:click=move |_| opened.run.set(None)
            >
                <Icon glyph=Glyph::Left/>
                "All runs"
            </button>
        </div>
        {page}
    }
}

#[component]
fn Shown(run: Arc<Run>) -> impl IntoView {
    let line = run.line.clone();
    let (state, words, chip) = status(line.status);
    let facts = [
        format!("on {}", line.dataset),
        line.device.clone(),
        format::counted(line.epochs as u64, "epoch", "epochs"),
        line.best.map_or_else(|| "no score yet".to_owned(), |best| format!("best score {}", format::value(best))),
        when(line.started_ms),
        format::bytes(line.bytes),
    ];
    let facts = facts.into_iter().map(|fact| view! { <li class="chip figure">{fact}</li> }).collect_view();
    let ended = run.summary.as_ref().map(|summary| view! { <p class="muted">{ending(summary)}</p> });
    let told_little = run.events.is_empty() && !run.history.is_empty();
    let told_little = told_little.then(|| {
        view! { <p class="muted small">"Its folder holds one record an epoch: the charts have a point for each."</p> }
    });
    let lines = RunLines::new();
    lines.push_run(&run);
    let evaluation = run.events.iter().rev().find_map(|(_, event)| match event {
        TrainEvent::Evaluated(evaluation) => Some(Arc::new(evaluation.clone())),
        _ => None,
    });
    let (name, text) = (line.name.clone(), RwSignal::new(run.config.clone()));
    view! {
        <article class="stack run-detail" data-testid="run-detail" data-run=name data-status=state>
            <header class="card stack">
                <div class="row">
                    <h2 class="run-detail__title"><Title line=line.clone() on_open=|| ()/></h2>
                    <span class=chip>{words}</span>
                </div>
                <ul class="row" role="list">{facts}</ul>
                {ended}
                <Actions line/>
            </header>
            <section class="stack" aria-label="Charts">
                {told_little}
                <RunCharts runs=Signal::stored_local(vec![lines]) version=Signal::stored(0_u64)/>
            </section>
            <EvaluationView evaluation=Signal::stored(evaluation) config=text/>
            <section class="card stack" aria-labelledby="run-config-title">
                <h3 id="run-config-title">"Config"</h3>
                <Editor text problems=Signal::stored(Vec::new()) label="Config of the run" read_only=Signal::stored(true)/>
            </section>
            <Files files=run.files.clone()/>
        </article>
    }
}

fn ending(summary: &Summary) -> String {
    let steps = format::counted(summary.global_step as u64, "update", "updates");
    let why = match summary.ended {
        Ending::Finished => "All epochs were trained",
        Ending::MaxSteps => "It reached training.max_steps",
        Ending::EarlyStopping => "The validation score stopped improving",
        Ending::Stopped => "It was stopped",
    };
    let best = match (summary.best_metric, summary.best_epoch) {
        (Some(score), Some(epoch)) => {
            format!(" The best score, {}, was reached in epoch {epoch}.", format::value(score))
        }
        _ => String::new(),
    };
    format!("{why}, after {steps}.{best}")
}

#[component]
fn Files(files: BTreeMap<String, u64>) -> impl IntoView {
    let title = format::counted(files.len() as u64, "file", "files");
    let rows = files.into_iter().map(|(path, bytes)| {
        view! { <tr><th scope="row"><code>{path}</code></th><td class="table__number">{format::bytes(bytes)}</td></tr> }
    });
    view! {
        <details class="card">
            <summary>{title}</summary>
            <div class="table-scroll"><table class="table run-files"><tbody>{rows.collect_view()}</tbody></table></div>
        </details>
    }
}
