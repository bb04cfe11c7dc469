//! How often each label occurs in each split, as a table whose cells hold bars.

use std::collections::BTreeSet;

use leptos::prelude::*;
use signal_studio_app_shared::format;
use signal_studio_core::datasets::{LabelCounts, SplitDescription};

/// A table for each column of labels.
#[component]
pub fn LabelTables(
    /// The splits.
    splits: Vec<SplitDescription>,
) -> impl IntoView {
    let columns: BTreeSet<&String> =
        splits.iter().flat_map(|split| &split.labels).map(|counts| &counts.label).collect();
    let tables = columns.into_iter().map(|column| view! { <Column splits=splits.clone() column=column.clone()/> });
    view! { <div class="counts">{tables.collect_view()}</div> }
}

#[component]
fn Column(splits: Vec<SplitDescription>, column: String) -> impl IntoView {
    let counts = |split: &SplitDescription| split.labels.iter().find(|counts| counts.label == column).cloned();
    let counts: Vec<Option<LabelCounts>> = splits.iter().map(counts).collect();
    let classes: BTreeSet<String> =
        counts.iter().flatten().flat_map(|counts| &counts.classes).map(|count| count.class.clone()).collect();
    let are_missing = counts.iter().flatten().any(|counts| counts.without_label > 0);
    let head = splits.iter().map(|split| view! { <th scope="col">{split.name.clone()}</th> }).collect_view();
    // Without a class: the samples that have none.
    let row = |class: Option<String>| {
        let bars = counts.iter().enumerate().map(|(index, counts)| {
            let (count, total) = counts.as_ref().map_or((0, 0), |counts| {
                let of_class = counts.classes.iter().find(|count| Some(&count.class) == class.as_ref());
                let count = match &class {
                    Some(_) => of_class.map_or(0, |count| count.samples),
                    None => counts.without_label,
                };
                (count, counts.samples + counts.without_label)
            });
            view! { <Bar series=index count share={count as f64 / total.max(1) as f64}/> }
        });
        let bars = bars.collect_view();
        let name = class.unwrap_or_else(|| "(none)".to_owned());
        view! { <tr><th scope="row">{name}</th>{bars}</tr> }
    };
    let missing = are_missing.then_some(None);
    let rows = missing.into_iter().chain(classes.into_iter().map(Some)).map(row).collect_view();
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
