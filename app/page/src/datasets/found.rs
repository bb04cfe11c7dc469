//! What was found in a dataset's files: figures, labels, and problems file by file.

use std::sync::Arc;

use leptos::{either::Either, prelude::*};
use signal_studio_app_shared::{
    datasets::overview::{Cells, LabelColumn, Totals, label_columns},
    format,
};
use signal_studio_core::datasets::{FileProblem, Survey};

/// Problems listed before the rest is only counted: a folder of thousands of broken files must not fill the page.
const PROBLEMS_LISTED: usize = 200;

/// Figures and labels of a dataset.
#[component]
pub fn Found(
    /// What its files are.
    survey: Arc<Survey>,
) -> impl IntoView {
    let totals = Totals::of(&survey);
    let columns = label_columns(&survey);
    let labels = if columns.is_empty() {
        Either::Left(view! {
            <p class="muted">
                "No labels were found. A table of subjects at the top of the folder, such as participants.tsv with a \
                 column participant_id, gives the recordings their labels."
            </p>
        })
    } else {
        let recordings = survey.recordings.len();
        Either::Right(columns.into_iter().map(|column| view! { <Label column recordings/> }).collect_view())
    };
    view! {
        <section class="card stack" aria-labelledby="found-title">
            <h3 id="found-title">"What was found"</h3>
            <dl class="figures">
                <Figure name="Recordings" value=format::count(totals.recordings as u64)/>
                <Figure name="Subjects" value=subjects(&totals)/>
                <Figure name="Channels" value=channels(&totals)/>
                <Figure name="Sampling rate" value=rates(&totals.rates_hz)/>
                <Figure name="Total length" value=format::duration(totals.duration_s)/>
                <Figure name="Format" value=totals.formats.join(", ")/>
            </dl>
            <div class="labels">{labels}</div>
        </section>
    }
}

#[component]
fn Figure(name: &'static str, value: String) -> impl IntoView {
    let value = if value.is_empty() { "–".to_owned() } else { value };
    view! {
        <div class="figures__item">
            <dt>{name}</dt>
            <dd>{value}</dd>
        </div>
    }
}

#[component]
fn Label(column: LabelColumn, recordings: usize) -> impl IntoView {
    let cells = match column.cells {
        Cells::Classes(classes) => Either::Left(
            classes
                .into_iter()
                .map(|(cell, count)| {
                    view! { <li class="chip">{cell} <span class="muted figure">{format::count(count as u64)}</span></li> }
                })
                .collect_view(),
        ),
        Cells::Range(low, high) => {
            Either::Right(view! { <li class="chip figure">{format!("{} to {}", number(low), number(high))}</li> })
        }
        Cells::Many(many) => {
            Either::Right(view! { <li class="chip figure">{format!("{} different texts", format::count(many as u64))}</li> })
        }
    };
    let missing = (column.missing > 0).then(|| {
        let text = format!(
            "{} of {} recordings have none",
            format::count(column.missing as u64),
            format::count(recordings as u64)
        );
        view! { <li class="chip chip--warn">{text}</li> }
    });
    view! {
        <div class="labels__column">
            <span class="labels__name">{column.name}</span>
            <ul class="row" role="list">{cells} {missing}</ul>
        </div>
    }
}

fn subjects(totals: &Totals) -> String {
    if totals.subjects == 0 { "not known".to_owned() } else { format::count(totals.subjects as u64) }
}

fn channels(totals: &Totals) -> String {
    match totals.channels {
        None => String::new(),
        Some((fewest, most)) if fewest == most => fewest.to_string(),
        Some((fewest, most)) => format!("{fewest} to {most}"),
    }
}

fn rates(rates_hz: &[f64]) -> String {
    match rates_hz {
        [] => String::new(),
        [low, .., high] if rates_hz.len() > 3 => format!("{} to {} Hz", number(*low), number(*high)),
        few => format!("{} Hz", few.iter().map(|rate| number(*rate)).collect::<Vec<_>>().join(", ")),
    }
}

/// A number of a file as it would be written by hand: "500", "62.5".
pub fn number(value: f64) -> String {
    format!("{}", (value * 100.0).round() / 100.0)
}

/// What is wrong, file by file.
#[component]
pub fn Problems(
    /// What is wrong.
    problems: Vec<FileProblem>,
) -> impl IntoView {
    if problems.is_empty() {
        return None;
    }
    let title = format::counted(problems.len() as u64, "problem in these files", "problems in these files");
    let is_open = problems.len() <= 8;
    let more = problems.len().saturating_sub(PROBLEMS_LISTED);
    let more =
        (more > 0).then(|| view! { <li class="muted">{format!("and {} more", format::count(more as u64))}</li> });
    let entry = |problem: FileProblem| {
        view! {
            <li class="problems__entry" data-testid="dataset-problem">
                <code class="problems__file">{problem.path}</code>
                <span>{problem.message}</span>
            </li>
        }
    };
    Some(view! {
        <details class="card problems" open=is_open>
            <summary><span class="chip chip--warn">{title}</span></summary>
            <ul class="problems__list" role="list">
                {problems.into_iter().take(PROBLEMS_LISTED).map(entry).collect_view()} {more}
            </ul>
        </details>
    })
}
