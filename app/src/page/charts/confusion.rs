//! The confusion matrix: counts of true and predicted classes flow in, a table flows out.

use leptos::prelude::*;
use signal_studio_app::drawing::numbers::precise;

/// How often each class was taken for which. A row for each true class, shaded by its shares.
#[component]
pub fn ConfusionMatrix(
    /// The task's name.
    #[prop(into)]
    task: String,
    /// The classes' names, in the order of the counts.
    classes: Vec<String>,
    /// `counts[t][p]`: samples of class `t` that were taken for class `p`.
    counts: Vec<Vec<u64>>,
) -> impl IntoView {
    let all: u64 = counts.iter().flatten().sum();
    let right: u64 = counts.iter().enumerate().filter_map(|(i, row)| row.get(i)).sum();
    let score = if all == 0 {
        "no samples".to_owned()
    } else {
        format!("{:.1}\u{a0}% of {} right", percent(right, all), samples(all))
    };
    let heads = classes.iter().map(|class| view! { <th scope="col">{class.clone()}</th> }).collect_view();
    let columns = classes.len();
    let rows = classes.into_iter().zip(counts).enumerate().map(|(i, (class, row))| {
        let total: u64 = row.iter().sum();
        let cells = row.into_iter().enumerate().map(|(j, count)| cell(count, total, i == j)).collect_view();
        view! {
            <tr>
                <th scope="row">{class}</th>
                {cells}
                <td class="confusion__total">{precise(total as f64)}</td>
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
                    <span class="confusion__score">{score}</span>
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

fn cell(count: u64, total: u64, is_right: bool) -> impl IntoView {
    let share = if total == 0 { None } else { Some(percent(count, total)) };
    view! {
        <td
            class="confusion__cell"
            class:confusion__cell--right=is_right
            style=("--share", format!("{:.1}%", share.unwrap_or(0.0)))
        >
            <span class="confusion__count">{precise(count as f64)}</span>
            <span class="confusion__share">{share.map(|share| format!("{share:.0}\u{a0}%"))}</span>
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
