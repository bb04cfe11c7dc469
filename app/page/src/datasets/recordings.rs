//! The recordings of a dataset, as a table that is searched and turned page by page.

use std::{collections::BTreeSet, sync::Arc};

use leptos::prelude::*;
use signal_studio_app_shared::format;
use signal_studio_core::datasets::{Survey, SurveyedRecording};

use super::found::number;

/// Rows of a page.
const ROWS: usize = 100;
/// Columns of labels shown; a table of a hospital has dozens.
const LABELS_SHOWN: usize = 6;

/// The table.
#[component]
pub fn Recordings(
    /// The dataset's files.
    survey: Arc<Survey>,
    /// Takes the path of the recording to open.
    #[prop(into)]
    on_open: Callback<String>,
) -> impl IntoView {
    let sought = RwSignal::new(String::new());
    let page = RwSignal::new(0_usize);
    let survey = StoredValue::new(survey);
    let labels = StoredValue::new(survey.with_value(|survey| shown_labels(survey)));
    let matching = Memo::new(move |_| {
        let sought = sought.get().to_lowercase();
        survey.with_value(|survey| {
            let all = survey.recordings.iter().enumerate();
            all.filter(|(_, recording)| matches(recording, &sought)).map(|(index, _)| index).collect::<Vec<_>>()
        })
    });
    let pages = Memo::new(move |_| matching.with(Vec::len).div_ceil(ROWS).max(1));
    let rows = move || {
        let first = page.get() * ROWS;
        let shown: Vec<usize> = matching.with(|all| all.iter().skip(first).take(ROWS).copied().collect());
        let row = |index: usize| {
            let recording = survey.with_value(|survey| survey.recordings[index].clone());
            view! { <Row recording labels on_open/> }
        };
        shown.into_iter().map(row).collect_view()
    };
    let total = survey.with_value(|survey| survey.recordings.len());
    let summary = move || {
        let found = matching.with(Vec::len);
        let first = page.get() * ROWS;
        match found {
            0 => "No recording matches.".to_owned(),
            found if found <= ROWS && found == total => format::counted(found as u64, "recording", "recordings"),
            found => format!("{} to {} of {}", first + 1, (first + ROWS).min(found), format::count(found as u64)),
        }
    };
    view! {
        <section class="card stack" aria-labelledby="recordings-title">
            <div class="row">
                <h3 id="recordings-title" class="grow">"Recordings"</h3>
                <input
                    type="search"
                    class="recordings__search"
                    placeholder="Search file, subject, label"
                    aria-label="Search recordings"
                    prop:value=sought
                    on:input=move |event| {
                        sought.set(event_target_value(&event));
                        page.set(0);
                    }
                    hidden={total < 2}
                />
            </div>
            <div class="table-scroll table-scroll--tall" tabindex="0" role="region" aria-label="Table of the recordings">
                <table class="table recordings">
                    <thead>
                        <tr>
                            <th scope="col">"File"</th>
                            <th scope="col">"Subject"</th>
                            <th scope="col" class="table__number">"Length"</th>
                            <th scope="col" class="table__number">"Channels"</th>
                            <th scope="col" class="table__number">"Rate"</th>
                            {labels.get_value().into_iter().map(|label| view! { <th scope="col">{label}</th> }).collect_view()}
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <div class="row pager">
                <span class="muted small figure grow" aria-live="polite">{summary}</span>
                <button
                    class="button button--small"
                    hidden=move || { pages.get() < 2 }
                    aria-disabled=move || (page.get() == 0).then_some("true")
                    on:click=move |_| page.update(|page| *page = page.saturating_sub(1))
                >
                    "Previous"
                </button>
                <button
                    class="button button--small"
                    hidden=move || { pages.get() < 2 }
                    aria-disabled=move || (page.get() + 1 >= pages.get()).then_some("true")
                    on:click=move |_| page.update(|page| *page = (*page + 1).min(pages.get_untracked() - 1))
                >
                    "Next"
                </button>
            </div>
        </section>
    }
}

#[component]
fn Row(recording: SurveyedRecording, labels: StoredValue<Vec<String>>, on_open: Callback<String>) -> impl IntoView {
    let SurveyedRecording { path, subject, channels, rate_hz, duration_s, labels: cells, .. } = recording;
    let (folder, file) =
        path.rsplit_once('/').map_or((String::new(), path.as_str()), |(folder, file)| (format!("{folder}/"), file));
    let file = file.to_owned();
    let open = path.clone();
    let cells = labels.with_value(|labels| {
        labels.iter().map(|label| view! { <td>{cells.get(label).cloned().unwrap_or_default()}</td> }).collect_view()
    });
    view! {
        <tr data-testid="recording-row" data-path=path on:click=move |_| on_open.run(open.clone())>
            <th scope="row">
                <button class="table__open" type="button">
                    <span class="muted">{folder}</span>
                    {file}
                </button>
            </th>
            <td>{subject.unwrap_or_else(|| "–".to_owned())}</td>
            <td class="table__number">{format::duration(duration_s)}</td>
            <td class="table__number">{channels}</td>
            <td class="table__number">{format!("{} Hz", number(rate_hz))}</td>
            {cells}
        </tr>
    }
}

/// The columns of labels that any recording has, the first few.
fn shown_labels(survey: &Survey) -> Vec<String> {
    let labelled: BTreeSet<&str> = survey
        .recordings
        .iter()
        .flat_map(|recording| {
            recording.labels.iter().filter(|(_, cell)| !cell.is_empty()).map(|(name, _)| name.as_str())
        })
        .collect();
    survey.label_columns.iter().filter(|name| labelled.contains(name.as_str())).take(LABELS_SHOWN).cloned().collect()
}

fn matches(recording: &SurveyedRecording, sought: &str) -> bool {
    let mut texts = recording.subject.iter().chain([&recording.path]).chain(recording.labels.values());
    sought.is_empty() || texts.any(|text| text.to_lowercase().contains(sought))
}
