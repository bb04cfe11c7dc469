//! How often each label occurs in each split, as a table whose cells hold bars.

use std::collections::BTreeSet;

use leptos::prelude::*;
use signal_studio_app_shared::format;
use signal_studio_core::datasets::SplitDescription;

/// A table for each column of labels.
#[component]
pub fn LabelCounts(
    /// The splits.
    splits: Vec<SplitDescription>,
) -> impl IntoView {
    let columns: BTreeSet<&String> = splits.iter().flat_map(|split| split.labels.keys()).collect();
    let tables = columns.into_iter().map(|column| view! { <Column splits=splits.clone() column=column.clone()/> });
    view! { <div class="counts">{tables.collect_view()}</div> }
}

#[component]
fn Column(splits: Vec<SplitDescription>, column: String) -> impl IntoView {
    let counts = |split: &SplitDescription| split.labels.get(&column).cloned().unwrap_or_default();
    let cells: BTreeSet<String> = splits.iter().flat_map(|split| counts(split).into_keys()).collect();
    let head = splits.iter().map(|split| view! { <th scope="col">{split.name.clone()}</th> }).collect_view();
    let row = |cell: String| {
        let bars = splits.iter().enumerate().map(|(index, split)| {
            let counts = counts(split);
            let total: usize = counts.values().sum();
            let count = counts.get(&cell).copied().unwrap_or_default();
            let share = count as f64 / total.max(1) as f64;
            view! { <Bar series=index count share/> }
        });
        let name = if cell.is_empty() { "(none)".to_owned() } else { cell.clone() };
        view! { <tr><th scope="row">{name}</th>{bars.collect_view()}</tr> }
    };
    let rows = cells.into_iter().map(row).collect_view();
    view! {
        <table class="counts__table" data-testid="label-counts" data-label=column.clone()>
            <caption>{column.clone()}</caption>
            <thead><tr><td></td>{head}</tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

#[component]
fn Bar(series: usize, count: usize, share: f64) -> impl IntoView {
    // The palette has eight colours.
    let color = format!("var(--series-{})", series % 8 + 1);
    view! {
        <td class="counts__cell">
            <span class="counts__bar" style:width=format!("{}%", share * 100.0) style:background-color=color aria-hidden="true"></span>
            <span class="counts__number">{format::count(count as u64)}</span>
            <span class="counts__share muted">{format!("{:.0} %", share * 100.0)}</span>
        </td>
    }
}
