//! How good a run's model is at one task, on one split.

use leptos::prelude::*;
use signal_studio_app_shared::{
    format::counted,
    runs::answer::{
        classes::metrics,
        numbers::level_names,
        sentences::{not_known, sentence},
    },
};
use signal_studio_core::evaluation::Level;

use super::{
    people::PeopleChart,
    scores::{ClassTable, ScoreTable},
    task_answer::TaskAnswer,
    whiskers::WhiskersChart,
};
use crate::charts::ConfusionMatrix;

/// All that is known of a task.
#[component]
pub fn TaskCard(
    /// The task.
    answer: TaskAnswer,
    /// What is judged.
    level: RwSignal<Level>,
) -> impl IntoView {
    let (name, label) = (answer.task().task.clone(), answer.label());
    let heading = name.clone();
    let told = {
        let answer = answer.clone();
        move || match answer.level(level.get()) {
            Some(known) => sentence(&answer.split, answer.task(), known),
            None => not_known(answer.task(), level.get()),
        }
    };
    let is_known = {
        let answer = answer.clone();
        Memo::new(move |_| answer.level(level.get()).is_some())
    };
    let confusion = (!answer.task().classes.is_empty()).then(|| confusion(answer.clone(), level));
    let classes = (!answer.task().classes.is_empty()).then(|| view! { <ClassTable answer=answer.clone() level/> });
    let people = view! { <PeopleChart answer=answer.clone()/> };
    view! {
        <section class="card stack" aria-label=label data-testid="answer-task" data-task=name.clone()>
            <h3>{heading}</h3>
            <p class="answer__sentence" data-testid="answer-sentence">{told}</p>
            <div class="answer__parts" hidden=move || !is_known.get()>
                <WhiskersChart answer=answer.clone() level/>
                {people}
                <ScoreTable answer level/>
                {confusion}
                {classes}
            </div>
        </section>
    }
}

fn confusion(answer: TaskAnswer, level: RwSignal<Level>) -> impl IntoView {
    let (task, classes) = (answer.label(), answer.task().classes.clone());
    let words = {
        let answer = answer.clone();
        Signal::derive(move || {
            let [one, several] = level_names(level.get());
            let answers = answer.level(level.get()).map_or(0, |known| known.answers);
            format!("what {} were taken for", counted(answers as u64, one, several))
        })
    };
    let metrics = Signal::derive(move || answer.level(level.get()).map(|known| metrics(answer.task(), known)));
    view! { <div><ConfusionMatrix task classes metrics words/></div> }
}
