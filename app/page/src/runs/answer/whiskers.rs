//! The model's scores as dots with the whiskers of their intervals, beside simple methods and guessing. Places are percents
//! of the width, heights are pixels: the picture is as wide as there is room, and its type stays as it is.

use leptos::prelude::*;
use signal_studio_app_shared::runs::answer::whiskers::{Group, Row, Whiskers};
use signal_studio_core::evaluation::Level;

use super::task_answer::TaskAnswer;

/// Height of a group's title.
const TITLE: f64 = 26.0;
/// Height of a row: its name, and below it its dot.
const ROW: f64 = 42.0;
/// From the top of a title or a row to the foot of its text.
const TEXT: f64 = 14.0;
/// From the top of a row to its dot.
const DOT: f64 = 27.0;
/// Between groups.
const GAP: f64 = 12.0;
/// Height of the ticks' labels.
const TICKS: f64 = 18.0;

/// Scores of a task, drawn.
#[component]
pub fn WhiskersChart(
    /// The task.
    answer: TaskAnswer,
    /// What is judged.
    level: RwSignal<Level>,
) -> impl IntoView {
    let left_out: Vec<String> = answer.split.baselines.iter().flat_map(|results| results.left_out.clone()).collect();
    let left_out = (!left_out.is_empty()).then(|| view! { <p>{format!("Not compared: {}.", left_out.join("; "))}</p> });
    let picture = move || {
        let known = answer.level(level.get())?;
        Some(drawn(&Whiskers::of(answer.task(), known, answer.split.baselines.as_ref())?))
    };
    view! {
        <figure class="answer__figure">
            {picture}
            <figcaption class="muted small">
                <p>"Dots are scores, lines their 95\u{202f}% intervals over people, dashes chance."</p>
                {left_out}
            </figcaption>
        </figure>
    }
}

fn drawn(whiskers: &Whiskers) -> impl IntoView + use<> {
    let mut top = 0.0;
    let groups = whiskers.groups.iter().map(|group| {
        let drawn = drawn_group(group, top);
        top += height(group) + GAP;
        drawn
    });
    let groups = groups.collect_view();
    let bottom = top - GAP;
    let ticks = whiskers.ticks.iter().map(|(place, label)| {
        view! {
            <line class="plot__grid" x1=percent(*place) x2=percent(*place) y1=TITLE y2=bottom></line>
            <text class="plot__text plot__text--muted" x=percent(*place) y=bottom + TEXT text-anchor="middle">{label.clone()}</text>
        }
    });
    view! {
        <svg class="plot" width="100%" height=bottom + TICKS role="img" aria-label=whiskers.in_words() data-testid="whiskers">
            {ticks.collect_view()}
            {groups}
        </svg>
    }
}

fn height(group: &Group) -> f64 {
    TITLE + ROW * group.rows.len() as f64
}

fn drawn_group(group: &Group, top: f64) -> impl IntoView + use<> {
    let chance = group.guess.as_ref().map(|(place, chance)| {
        view! {
            <line class="plot__chance" x1=percent(*place) x2=percent(*place) y1=top + TITLE y2=top + height(group)></line>
            <text class="plot__text plot__text--muted" x="100%" y=top + TEXT text-anchor="end">{format!("chance {chance}")}</text>
        }
    });
    let rows = group.rows.iter().enumerate().map(|(place, row)| drawn_row(row, top + TITLE + ROW * place as f64));
    view! {
        <text class="plot__text plot__text--title" x="0" y=top + TEXT>{group.title.clone()}</text>
        {chance}
        {rows.collect_view()}
    }
}

fn drawn_row(row: &Row, top: f64) -> impl IntoView + use<> {
    let (class, radius) = if row.is_model { ("plot__dot", 6.0) } else { ("plot__dot plot__dot--other", 5.0) };
    let y = top + DOT;
    let whisker = row.whisker.map(|[low, high]| {
        view! { <line class="plot__whisker" x1=percent(low) x2=percent(high) y1=y y2=y></line> }
    });
    view! {
        <text class="plot__text" x="0" y=top + TEXT>{row.name.clone()}</text>
        <text class="plot__text" x="100%" y=top + TEXT text-anchor="end">{row.told.clone()}</text>
        {whisker}
        <circle class=class cx=percent(row.place) cy=y r=radius></circle>
    }
}

fn percent(place: f64) -> String {
    format!("{place:.3}%")
}
