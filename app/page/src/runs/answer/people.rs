//! What the model says of each person: for classes the share of windows that are right, the lowest first; for a number what
//! is predicted against what is true. The same stands in a table, which is opened.

use leptos::{either::Either, prelude::*};
use signal_studio_app_shared::runs::answer::people::{PeopleDots, PersonDot};

use super::task_answer::TaskAnswer;

/// Height of the picture of shares, of which the dots take what lies between both ends.
const HEIGHT: f64 = 190.0;
/// Height of a share of all.
const ALL: f64 = 14.0;
/// Height of a share of nothing.
const NOTHING: f64 = 172.0;
/// Where the dots begin and end, in percent of the width: on the left stand the ticks' labels.
const BETWEEN: [f64; 2] = [14.0, 99.0];
/// Colours there are.
const PALETTE: usize = 8;

/// Side of the picture of numbers.
const SIDE: f64 = 320.0;
/// Where its axes begin and end, from the left and from the bottom.
const AXIS: [f64; 2] = [40.0, 308.0];

/// People as dots.
#[component]
pub fn PeopleChart(
    /// The task.
    answer: TaskAnswer,
) -> impl IntoView {
    let task = answer.task();
    PeopleDots::of(task).map(|people| {
        let has_classes = !task.classes.is_empty();
        let words = people.in_words();
        let (caption, said) = match has_classes {
            true => ("Windows that are right, by person", "Right"),
            false => ("Predicted, as the mean over a person’s windows, against true", "Predicted"),
        };
        let picture = match has_classes {
            true => Either::Left(shares(&people, words)),
            false => Either::Right(numbers(&people, words)),
        };
        let legend = task.classes.iter().enumerate().map(|(class, name)| {
            let class = class % PALETTE + 1;
            view! {
                <li class="answer__class">
                    <svg width="12" height="12" aria-hidden="true">
                        <circle class=format!("plot__dot plot__dot--{class}") cx="6" cy="6" r="5"></circle>
                    </svg>
                    {name.clone()}
                </li>
            }
        });
        let legend = has_classes.then(|| view! { <ul class="answer__legend" role="list">{legend.collect_view()}</ul> });
        view! {
            <figure class="answer__figure">
                <figcaption class="answer__caption">{caption}</figcaption>
                {picture}
                {legend}
                <details>
                    <summary class="muted small">"As a table"</summary>
                    {table(people.dots, said)}
                </details>
            </figure>
        }
    })
}

fn shares(people: &PeopleDots, words: String) -> impl IntoView + use<> {
    let y = |share: f64| NOTHING - share / 100.0 * (NOTHING - ALL);
    let ticks = [0.0, 50.0, 100.0].map(|share| {
        view! {
            <line class="plot__grid" x1=format!("{}%", BETWEEN[0]) x2="100%" y1=y(share) y2=y(share)></line>
            <text class="plot__text plot__text--muted" x="0" y=y(share) + 4.0>{format!("{share:.0}\u{202f}%")}</text>
        }
    });
    let dots = people.dots.iter().map(|dot| {
        let [right, up] = dot.place;
        let x = BETWEEN[0] + right / 100.0 * (BETWEEN[1] - BETWEEN[0]);
        view! { <circle class=class_of(dot) cx=format!("{x:.3}%") cy=y(up) r="5"><title>{dot.in_words()}</title></circle> }
    });
    view! {
        <svg class="plot" width="100%" height=HEIGHT role="img" aria-label=words data-testid="people">
            {ticks.into_iter().collect_view()}
            {dots.collect_view()}
        </svg>
    }
}

fn numbers(people: &PeopleDots, words: String) -> impl IntoView + use<> {
    let [start, end] = AXIS;
    let x = move |place: f64| start + place / 100.0 * (end - start);
    let y = move |place: f64| SIDE - x(place);
    let ticks = people.ticks.iter().map(move |(place, label)| {
        let place = *place;
        view! {
            <line class="plot__grid" x1=x(0.0) x2=x(100.0) y1=y(place) y2=y(place)></line>
            <line class="plot__grid" x1=x(place) x2=x(place) y1=y(0.0) y2=y(100.0)></line>
            <text class="plot__text plot__text--muted" x=start - 6.0 y=y(place) + 4.0 text-anchor="end">{label.clone()}</text>
            <text class="plot__text plot__text--muted" x=x(place) y=y(0.0) + 17.0 text-anchor="middle">{label.clone()}</text>
        }
    });
    let dots = people.dots.iter().map(move |dot| {
        let [right, up] = dot.place;
        view! {
            <line class="plot__residual" x1=x(right) x2=x(right) y1=y(up) y2=y(right)></line>
            <circle class=class_of(dot) cx=x(right) cy=y(up) r="5"><title>{dot.in_words()}</title></circle>
        }
    });
    view! {
        <svg class="plot plot--square" viewBox=format!("0 0 {SIDE} {SIDE}") role="img" aria-label=words data-testid="people">
            {ticks.collect_view()}
            <line class="plot__chance" x1=x(0.0) x2=x(100.0) y1=y(0.0) y2=y(100.0)></line>
            {dots.collect_view()}
            <text class="plot__text plot__text--muted" x=end y=SIDE - 6.0 text-anchor="end">"True"</text>
            <text class="plot__text plot__text--muted" x=start y="9">"Predicted"</text>
        </svg>
    }
}

fn class_of(dot: &PersonDot) -> String {
    format!("plot__dot plot__dot--{}", dot.class.unwrap_or_default() % PALETTE + 1)
}

fn table(dots: Vec<PersonDot>, said: &'static str) -> impl IntoView {
    let rows = dots.into_iter().map(|dot| {
        view! {
            <tr>
                <th scope="row">{dot.subject}</th>
                <td>{dot.label}</td>
                <td class="table__number">{dot.windows.to_string()}</td>
                <td class="table__number">{dot.said}</td>
            </tr>
        }
    });
    view! {
        <div class="table-scroll">
            <table class="table answer__table">
                <thead>
                    <tr>
                        <th scope="col">"Person"</th>
                        <th scope="col">"Label"</th>
                        <th scope="col" class="table__number">"Windows"</th>
                        <th scope="col" class="table__number">{said}</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}
