//! One run and all that it left, in tabs: what it learnt, with charts and the latest evaluation; how good its model is; its
//! config and files.

use std::sync::Arc;

use leptos::prelude::*;
use signal_studio_app_shared::{
    format,
    protocol::{Level, Reply, Request, Run},
    training::{outcome::outcome, run_lines::RunLines},
};
use signal_studio_core::training::TrainEvent;

use super::{
    actions::Actions,
    answer::AnswerView,
    title::Title,
    words::{status, when},
};
use crate::{
    editor::Editor,
    shell::{
        loaded::{Load, Loaded},
        selection::selection,
        studio::studio,
    },
    training::{evaluation::EvaluationView, run_charts::RunCharts},
    ui::{Glyph, Icon, Notice, Tab, Tabs},
};

/// The id of the heading of a run.
const TITLE: &str = "run-detail-title";

/// The tab that is shown first.
const LEARNING: &str = "learning";
/// The tab that tells how good the model is.
const ANSWER: &str = "answer";

/// The page of a run.
#[component]
pub fn RunPage(
    /// Its name.
    name: String,
) -> impl IntoView {
    let studio = studio();
    let selection = selection();
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
    run.follow(line, Request::Run { name: name.clone() });
    let again = StoredValue::new(name);
    let retry = move || run.ask(Request::Run { name: again.get_value() });
    run.lead_to(TITLE);
    // What was read stays in sight when it cannot be read again.
    let latest = Memo::new(move |before: Option<&Option<Arc<Run>>>| {
        let now = run.state.with(|state| state.ready().cloned());
        now.or_else(|| before.cloned().flatten())
    });
    let is_there = Memo::new(move |_| latest.with(Option::is_some));
    let page = move || {
        let first = if is_there.get() { latest.get_untracked() } else { None };
        first.map(|first| view! { <Shown first latest/> })
    };
    let fault = move || {
        let text = run.state.with(|state| state.fault().map(|fault| fault.message.clone()));
        text.map(|text| {
            view! {
                <div role="alert">
                    <Notice level=Level::Error text>
                        <button class="button button--small" on:click=move |_| retry()>"Try again"</button>
                    </Notice>
                </div>
            }
        })
    };
    view! {
        <div class="row data__trail">
            <button
                class="button button--quiet button--small"
                data-testid="all-runs"
                on:click=move |_| selection.run.set(None)
            >
                <Icon glyph=Glyph::Left/>
                "All runs"
            </button>
        </div>
        <Show when=move || run.state.with(|state| matches!(state, Load::Waiting))>
            <p class="muted" role="status">"Reading the run…"</p>
        </Show>
        {fault}
        {page}
    }
}

/// All of a run. It is made once and follows what is read of the run later, so that the charts keep what was set in them.
#[component]
fn Shown(first: Arc<Run>, latest: Memo<Option<Arc<Run>>>) -> impl IntoView {
    let (name, text) = (first.line.name.clone(), RwSignal::new(first.config.clone()));
    let run = Memo::new(move |_| latest.get().unwrap_or_else(|| first.clone()));
    let line = Memo::new(move |_| run.with(|run| run.line.clone()));
    let status = move || status(line.with(|line| line.status));
    let facts = move || {
        let facts = line.with(|line| {
            [
                format!("on {}", line.dataset),
                line.device.clone(),
                format::counted(line.epochs as u64, "epoch", "epochs"),
                line.best
                    .map_or_else(|| "no score yet".to_owned(), |best| format!("best score {}", format::score(best))),
                line.baseline.map_or_else(String::new, |(baseline, score)| {
                    format!("best baseline {} ({baseline})", format::score(score))
                }),
                when(line.started_ms),
                format::bytes(line.bytes),
            ]
        });
        // A run of the command line does not say on what it was computed.
        facts
            .into_iter()
            .filter(|fact| !fact.is_empty())
            .map(|fact| view! { <li class="chip figure">{fact}</li> })
            .collect_view()
    };
    let ended = move || {
        run.with(|run| run.summary.as_ref().map(|summary| outcome(summary, None)))
            .map(|text| view! { <p class="muted">{text}</p> })
    };
    let history_note = move || {
        run.with(|run| run.events.is_empty() && !run.history.is_empty()).then(|| {
            view! { <p class="muted small">"Its folder holds one record an epoch: the charts have a point for each."</p> }
        })
    };
    let lines = RwSignal::new_local(Vec::<RunLines>::new());
    Effect::new(move || {
        let drawn = RunLines::new();
        run.with(|run| drawn.push_run(run));
        lines.set(vec![drawn]);
    });
    let evaluation = Memo::new(move |_| {
        run.with(|run| {
            run.events.iter().rev().find_map(|(_, event)| match event {
                TrainEvent::Evaluated(evaluation) => Some(Arc::new(evaluation.clone())),
                _ => None,
            })
        })
    });
    let shown = RwSignal::new(LEARNING);
    let learning = move || {
        view! {
            <section class="stack" aria-label="Charts">
                {history_note}
                <RunCharts runs=lines version=Signal::stored(0_u64)/>
            </section>
            <EvaluationView evaluation config=text/>
        }
    };
    let answer = move || view! { <AnswerView line is_seen=Signal::derive(move || shown.get() == ANSWER)/> };
    let config = move || {
        view! {
            <section class="card stack" aria-labelledby="run-config-title">
                <h3 id="run-config-title">"Config"</h3>
                <Editor text problems=Signal::stored(Vec::new()) label="Config of the run" read_only=Signal::stored(true)/>
            </section>
            <Files run/>
        }
    };
    let tabs = vec![
        Tab { key: LEARNING, title: "Learning", content: learning.into() },
        Tab { key: ANSWER, title: "Answer", content: answer.into() },
        Tab { key: "config", title: "Config", content: config.into() },
    ];
    view! {
        <article class="stack run-detail" data-testid="run-detail" data-run=name data-status=move || status().0>
            <header class="card stack">
                <div class="row">
                    <h2 class="run-detail__title" id=TITLE tabindex="-1"><Title line/></h2>
                    <span class=move || status().2>{move || status().1}</span>
                </div>
                <ul class="row" role="list">{facts}</ul>
                {ended}
                <Actions line/>
            </header>
            <Tabs name="run-tab" label="What is shown of the run" tabs shown/>
        </article>
    }
}

#[component]
fn Files(run: Memo<Arc<Run>>) -> impl IntoView {
    let files = Memo::new(move |_| run.with(|run| run.files.clone()));
    let title = move || files.with(|files| format::counted(files.len() as u64, "file", "files"));
    let row = |(path, bytes): (String, u64)| {
        view! { <tr><th scope="row"><code>{path}</code></th><td class="table__number">{format::bytes(bytes)}</td></tr> }
    };
    let rows = move || files.get().into_iter().map(row).collect_view();
    view! {
        <details class="card">
            <summary>{title}</summary>
            <div class="table-scroll"><table class="table run-files"><tbody>{rows}</tbody></table></div>
        </details>
    }
}
