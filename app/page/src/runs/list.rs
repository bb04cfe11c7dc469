//! All runs as a table, in which one is opened and several are chosen to be laid over each other.

use leptos::{either::Either, prelude::*};
use signal_studio_app_shared::{drawing::slots::Slots, format, protocol::RunLine};

use super::{
    actions::Actions,
    title::Title,
    words::{LIST_TITLE, status, when},
};
use crate::{
    shell::{fault_notice::FaultNotice, selection::selection, studio::studio, view::View},
    ui::{Empty, Glyph},
};

/// The table.
#[component]
pub fn RunList(
    /// The runs laid over each other.
    chosen: RwSignal<Slots>,
) -> impl IntoView {
    let studio = studio();
    let runs = Memo::new(move |_| studio.library.with(|library| library.as_ref().map(|library| library.runs.clone())));
    let is_empty = Memo::new(move |_| runs.with(|runs| runs.as_ref().is_some_and(Vec::is_empty)));
    let is_known = Memo::new(move |_| runs.with(Option::is_some));
    move || match (is_known.get(), is_empty.get()) {
        (false, _) => Either::Left(Either::Left(view! {
            <FaultNotice fault=studio.library_fault awaited="Looking for runs in this browser…"/>
        })),
        (true, true) => Either::Left(Either::Right(view! {
            <section class="card" id=LIST_TITLE tabindex="-1">
                <Empty
                    glyph=Glyph::Play
                    title="No runs yet"
                    text="Every run is kept here with its config, charts and checkpoints. A run folder from the command \
                          line can be dropped anywhere on this page."
                >
                    <button class="button button--primary" on:click=move |_| studio.go_to(View::Train)>"Train one"</button>
                </Empty>
            </section>
        })),
        (true, false) => Either::Right(view! {
            <section class="card stack" aria-labelledby=LIST_TITLE>
                <div class="row">
                    <h2 id=LIST_TITLE class="grow" tabindex="-1">"Runs"</h2>
                    <p class="muted small">"Tick runs to lay them over each other."</p>
                </div>
                <div class="table-scroll">
                    <table class="table runs__table">
                        <thead>
                            <tr>
                                <td><span class="visually-hidden">"Compare"</span></td>
                                <th scope="col">"Run"</th>
                                <th scope="col">"Status"</th>
                                <th scope="col">"Dataset"</th>
                                <th scope="col">"Device"</th>
                                <th scope="col" class="table__number">"Epochs"</th>
                                <th scope="col" class="table__number">"Best score"</th>
                                <th scope="col">"Started"</th>
                                <th scope="col" class="table__number">"Size"</th>
                                <th scope="col"><span class="visually-hidden">"What to do with it"</span></th>
                            </tr>
                        </thead>
                        <tbody>
                            <For
                                each=move || runs.get().unwrap_or_default()
                                key=|line| line.name.clone()
                                let:line
                            >
                                <Row first=line runs chosen/>
                            </For>
                        </tbody>
                    </table>
                </div>
            </section>
        }),
    }
}

/// A row, which stays as long as there is the run: what is being done in it is not disturbed by the run going on.
#[component]
fn Row(first: RunLine, runs: Memo<Option<Vec<RunLine>>>, chosen: RwSignal<Slots>) -> impl IntoView {
    let selection = selection();
    let name = StoredValue::new(first.name.clone());
    let line = Memo::new(move |before: Option<&RunLine>| {
        let now = runs.with(|runs| runs.iter().flatten().find(|line| line.name == first.name).cloned());
        now.or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
    });
    let shown = move |cell: fn(&RunLine) -> String| move || line.with(cell);
    let status = move || status(line.with(|line| line.status));
    let place = move || chosen.with(|chosen| name.with_value(|name| chosen.place_of(name)));
    let choose = move |_| chosen.update(|chosen| name.with_value(|name| chosen.toggle(name)));
    // The palette has eight colours.
    let swatch = move || place().map(|place| format!("var(--series-{})", place % 8 + 1));
    view! {
        <tr class="runs__row" data-testid="run-row" data-run=name.get_value() data-status=move || status().0>
            <td>
                <label class="runs__choose">
                    <input
                        type="checkbox"
                        data-testid="run-overlay"
                        prop:checked=move || place().is_some()
                        on:change=choose
                        style:accent-color=swatch
                    />
                    <span class="visually-hidden">{shown(|line| format!("Compare {}", line.title))}</span>
                </label>
            </td>
            <th scope="row"><Title line on_open=move || selection.run.set(Some(name.get_value()))/></th>
            <td data-label="Status"><span class=move || status().2>{move || status().1}</span></td>
            <td data-label="Dataset" class="runs__dataset">{shown(|line| line.dataset.clone())}</td>
            <td data-label="Device">{shown(|line| line.device.clone())}</td>
            <td data-label="Epochs" class="table__number">{shown(|line| format::count(line.epochs as u64))}</td>
            <td data-label="Best score" class="table__number">
                {shown(|line| line.best.map_or_else(|| "–".to_owned(), format::score))}
                {move || line.with(baseline).map(|text| view! { <div class="muted small">{text}</div> })}
            </td>
            <td data-label="Started" class="runs__when">{shown(|line| when(line.started_ms))}</td>
            <td data-label="Size" class="table__number">{shown(|line| format::bytes(line.bytes))}</td>
            <td><Actions line/></td>
        </tr>
    }
}

/// The best of the simple methods beside a run, in words.
fn baseline(line: &RunLine) -> Option<String> {
    line.baseline.map(|(baseline, score)| format!("{baseline} {}", format::score(score)))
}
