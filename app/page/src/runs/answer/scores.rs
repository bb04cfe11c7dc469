//! All scores of a task with their intervals, and those of each class, as tables.

use leptos::prelude::*;
use signal_studio_app_shared::{
    format,
    runs::answer::{
        classes::{ClassLine, class_lines},
        numbers::{self, capitalised},
        sentences::caution,
    },
};
use signal_studio_core::evaluation::{Level, ScoreAssessment};

use super::task_answer::TaskAnswer;

/// Every score of a task.
#[component]
pub fn ScoreTable(
    /// The task.
    answer: TaskAnswer,
    /// What is judged.
    level: RwSignal<Level>,
) -> impl IntoView {
    let note = {
        let answer = answer.clone();
        move || answer.level(level.get()).and_then(caution).map(|text| view! { <p class="muted small">{text}</p> })
    };
    let rows = move || {
        let unit = answer.task().unit.as_deref();
        let scores = answer.level(level.get()).map_or(&[][..], |known| &known.scores);
        scores.iter().map(|score| row(score, unit)).collect_view()
    };
    view! {
        <div>
            <div class="table-scroll">
                <table class="table answer__table">
                    <caption class="answer__caption">"Scores"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Score"</th>
                            <th scope="col" class="table__number">"Value"</th>
                            <th scope="col" class="table__number">"95\u{202f}% interval"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {note}
        </div>
    }
}

fn row(of: &ScoreAssessment, unit: Option<&str>) -> impl IntoView + use<> {
    let name = of.score.name();
    let interval =
        of.interval.map_or_else(|| "not known".to_owned(), |known| numbers::interval(of.score, &known, unit));
    view! {
        <tr data-testid="answer-score" data-score=name data-value=of.value.to_string()>
            <th scope="row">{capitalised(name)}</th>
            <td class="table__number">{numbers::score(of.score, of.value, unit)}</td>
            <td class="table__number">{interval}</td>
        </tr>
    }
}

/// What the answers say of each class.
#[component]
pub fn ClassTable(
    /// The task.
    answer: TaskAnswer,
    /// What is judged.
    level: RwSignal<Level>,
) -> impl IntoView {
    let rows = move || {
        let lines = answer.level(level.get()).map_or_else(Vec::new, |known| class_lines(answer.task(), known));
        lines.into_iter().map(class_row).collect_view()
    };
    view! {
        <div class="table-scroll">
            <table class="table answer__table">
                <caption class="answer__caption">"Classes"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Class"</th>
                        <th scope="col" class="table__number">"Answers"</th>
                        <th scope="col" class="table__number">"Recall"</th>
                        <th scope="col" class="table__number">"Precision"</th>
                        <th scope="col" class="table__number">"ROC AUC"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn class_row(line: ClassLine) -> impl IntoView {
    let share = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), format::percent);
    view! {
        <tr>
            <th scope="row">{line.class}</th>
            <td class="table__number">{format::count(line.answers)}</td>
            <td class="table__number">{share(line.recall)}</td>
            <td class="table__number">{share(line.precision)}</td>
            <td class="table__number">{line.roc_auc.map_or_else(|| "–".to_owned(), |area| format!("{area:.3}"))}</td>
        </tr>
    }
}
