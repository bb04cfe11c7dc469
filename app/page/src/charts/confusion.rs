//! The confusion matrix of a task, as a table.

use leptos::prelude::*;
use signal_studio_app_shared::{drawing::numbers::precise, training::class_scores::in_words};
use signal_studio_core::training::metrics::{Scores, TaskMetrics};

/// How often each class was taken for which. A row for each true class, shaded by its shares. When the counts change, the
/// table stays, and what it says changes.
#[component]
pub fn ConfusionMatrix(
    /// The task's name.
    #[prop(into)]
    task: String,
    /// The classes' names, in the order of the counts.
    classes: Vec<String>,
    /// The task's result; none before the first evaluation.
    #[prop(into)]
    metrics: Signal<Option<TaskMetrics>>,
    /// What stands over it, instead of what the counts say of how well classes are told apart.
    #[prop(optional, into)]
    words: Option<Signal<String>>,
) -> impl IntoView {
    let heads = classes.iter().map(|class| view! { <th scope="col">{class.clone()}</th> }).collect_view();
    let columns = classes.len();
    let names = classes.clone();
    let row_of = move |truth: usize| {
        metrics.with(|metrics| match metrics.as_ref().map(|metrics| &metrics.scores) {
            Some(Scores::Confusion(counts)) => counts.get(truth).cloned().unwrap_or_default(),
            _ => Vec::new(),
        })
    };
    let words = words.unwrap_or_else(|| {
        Signal::derive(move || {
            metrics.with(|metrics| metrics.as_ref().map(|metrics| in_words(metrics, &names)).unwrap_or_default())
        })
    });
    let rows = classes.into_iter().enumerate().map(|(truth, class)| {
        let row = move || row_of(truth);
        let total = move || row().iter().sum::<u64>();
        let cells = (0..columns).map(|predicted| {
            let count = move || row().get(predicted).copied().unwrap_or_default();
            cell(Memo::new(move |_| (count(), total())), truth == predicted)
        });
        view! {
            <tr>
                <th scope="row">{class}</th>
                {cells.collect_view()}
                <td class="confusion__total">{move || precise(total() as f64)}</td>
            </tr>
        }
    });
    let label = format!("Confusion matrix: {task}");
    view! {
        <div class="confusion" role="region" aria-label=label tabindex="0">
            <table class="confusion__table">
                <caption class="confusion__caption">
                    <span class="confusion__task">{task}</span>
                    " "
                    <span class="confusion__score">{words}</span>
                </caption>
                <thead>
                    <tr>
                        <td></td>
                        <th class="confusion__axis" scope="colgroup" colspan=columns.to_string()>"Predicted"</th>
                        <td></td>
                    </tr>
                    <tr>
                        <th class="confusion__axis confusion__axis--rows" scope="col">"True"</th>
                        {heads}
                        <th class="confusion__total" scope="col">"All"</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}

/// A cell of so many samples, of all those in its row.
fn cell(count: Memo<(u64, u64)>, is_right: bool) -> impl IntoView {
    let share = move || {
        let (count, total) = count.get();
        (total > 0).then(|| percent(count, total))
    };
    view! {
        <td
            class="confusion__cell"
            class:confusion__cell--right=is_right
            style=("--share", move || format!("{:.1}%", share().unwrap_or(0.0)))
        >
            <span class="confusion__count">{move || precise(count.get().0 as f64)}</span>
            <span class="confusion__share">{move || share().map(|share| format!("{share:.0}\u{a0}%"))}</span>
        </td>
    }
}

fn percent(part: u64, all: u64) -> f64 {
    100.0 * part as f64 / all as f64
}

/// "1 sample", "320 samples".
pub fn samples(count: u64) -> String {
    if count == 1 { "1 sample".to_owned() } else { format!("{} samples", precise(count as f64)) }
}
