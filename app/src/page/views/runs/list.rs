//! All runs as a table. The library flows in; which are opened and which are laid over each other flows out.

use leptos::{either::Either, prelude::*};
use signal_studio_app::{format, protocol::RunLine};

use super::{actions::Actions, status, title::Title, when};
use crate::{
    state::{View, studio},
    ui::{Empty, Glyph},
    views::opened::opened,
};

/// The table.
#[component]
pub fn RunList(
    /// The runs laid over each other.
    chosen: RwSignal<Vec<String>>,
) -> impl IntoView {
    let studio = studio();
    let runs = Memo::new(move |_| studio.library.with(|library| library.as_ref().map(|library| library.runs.clone())));
    let is_empty = Memo::new(move |_| runs.with(|runs| runs.as_ref().is_some_and(Vec::is_empty)));
    let is_known = Memo::new(move |_| runs.with(Option::is_some));
    move || match (is_known.get(), is_empty.get()) {
        (false, _) => Either::Left(Either::Left(view! {
            <p class="muted" role="status">"Looking for runs in this browser…"</p>
        })),
        (true, true) => Either::Left(Either::Right(view! {
            <section class="card">
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
            <section class="card stack" aria-labelledby="runs-title">
                <div class="row">
                    <h2 id="runs-title" class="grow">"Runs"</h2>
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
                                key=RunKey::of
                                let:line
                            >
                                <Row line chosen/>
                            </For>
                        </tbody>
                    </table>
                </div>
            </section>
        }),
    }
}

/// What makes a row another: all that it shows.
#[derive(PartialEq, Eq, Hash)]
struct RunKey(String, String, &'static str, usize, Option<u64>, u64);

impl RunKey {
    fn of(line: &RunLine) -> Self {
        let (status, ..) = status(line.status);
        Self(line.name.clone(), line.title.clone(), status, line.epochs, line.best.map(f64::to_bits), line.bytes)
    }
}

#[component]
fn Row(line: RunLine, chosen: RwSignal<Vec<String>>) -> impl IntoView {
    let opened = opened();
    let (state, words, chip) = status(line.status);
    let name = StoredValue::new(line.name.clone());
    let place = move || chosen.with(|chosen| name.with_value(|name| chosen.iter().position(|other| other == name)));
    let choose = move |_| {
        chosen.update(|chosen| match chosen.iter().position(|other| *other == name.get_value()) {
            Some(index) => drop(chosen.remove(index)),
            None => chosen.push(name.get_value()),
        });
    };
    let (run, datum) = (line.name.clone(), line.clone());
    // The palette has eight colours.
    let swatch = move || place().map(|place| format!("var(--series-{})", place % 8 + 1));
    view! {
        <tr class="runs__row" data-testid="run-row" data-run=run data-status=state>
            <td>
                <label class="runs__choose">
                    <input
                        type="checkbox"
                        data-testid="run-overlay"
                        prop:checked=move || place().is_some()
                        on:change=choose
                        style:accent-color=swatch
                    />
                    <span class="visually-hidden">{format!("Compare {}", line.title)}</span>
                </label>
            </td>
            <th scope="row"><Title line=line.clone() on_open=move || opened.run.set(Some(name.get_value()))/></th>
            <td data-label="Status"><span class=chip>{words}</span></td>
            <td data-label="Dataset">{line.dataset.clone()}</td>
            <td data-label="Device">{line.device.clone()}</td>
            <td data-label="Epochs" class="table__number">{format::count(line.epochs as u64)}</td>
            <td data-label="Best score" class="table__number">{line.best.map_or_else(|| "–".to_owned(), format::value)}</td>
            <td data-label="Started" class="runs__when">{when(line.started_ms)}</td>
            <td data-label="Size" class="table__number">{format::bytes(line.bytes)}</td>
            <td><Actions line=datum/></td>
        </tr>
    }
}
