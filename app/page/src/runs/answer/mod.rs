//! How good a run's model is on people that it was not trained on: the test first, then validation; by window, recording or
//! person. The worker reads what the model said and scores it; here it is told and drawn.

mod people;
mod scores;
mod task;
mod task_answer;
mod whiskers;

use std::sync::Arc;

use leptos::prelude::*;
use signal_studio_app_shared::{
    protocol::{Answer, Level as Weight, Reply, Request, RunLine, SplitAnswer},
    runs::answer::{
        numbers::{capitalised, level_names},
        sentences::{extent, no_answer},
    },
};
use signal_studio_core::evaluation::Level;

use self::{task::TaskCard, task_answer::TaskAnswer};
use crate::{
    shell::{
        loaded::{Load, Loaded},
        studio::studio,
    },
    ui::Notice,
};

/// How good a run's model is.
#[component]
pub fn AnswerView(
    /// The run.
    line: Memo<RunLine>,
    /// Whether this is seen: the worker is asked for nothing that nobody looks at.
    #[prop(into)]
    is_seen: Signal<bool>,
) -> impl IntoView {
    let studio = studio();
    let request = Request::Answer { run: line.with_untracked(|line| line.name.clone()) };
    let asked = request.clone();
    let loaded = Loaded::new(
        studio.link,
        move || is_seen.get().then(|| asked.clone()),
        |reply, _| match reply {
            Reply::Answer(answer) => Some(Arc::new(*answer)),
            _ => None,
        },
    );
    // A better model has been found, or the run has ended.
    let news =
        Memo::new(move |_| is_seen.get().then(|| line.with(|line| (line.status, line.best.map(|best| best.value)))));
    loaded.follow(news, request.clone());
    // What was read stays in sight when it cannot be read again.
    let latest = Memo::new(move |before: Option<&Option<Arc<Answer>>>| {
        let now = loaded.state.with(|state| state.ready().cloned());
        now.or_else(|| before.cloned().flatten())
    });
    let level = RwSignal::new(Level::Window);
    let fault = move || {
        let text = loaded.state.with(|state| state.fault().map(|fault| fault.message.clone()))?;
        let request = request.clone();
        Some(view! {
            <div role="alert">
                <Notice level=Weight::Error text>
                    <button class="button button--small" on:click=move |_| loaded.ask(request.clone())>
                        "Try again"
                    </button>
                </Notice>
            </div>
        })
    };
    let answer = move || {
        latest.get().map(|answer| match answer.splits.is_empty() {
            true => {
                let why = move || no_answer(line.with(|line| line.status));
                view! { <p class="card muted" data-testid="no-answer">{why}</p> }.into_any()
            }
            false => view! { <Levels answer=answer.clone() level/> {splits(&answer, level)} }.into_any(),
        })
    };
    view! {
        <div class="stack answer" data-testid="answer">
            <Show when=move || loaded.state.with(|state| matches!(state, Load::Waiting))>
                <p class="muted" role="status">"Working out how good the model is…"</p>
            </Show>
            {fault}
            {answer}
        </div>
    }
}

/// What is judged: all that is shown follows it.
#[component]
fn Levels(answer: Arc<Answer>, level: RwSignal<Level>) -> impl IntoView {
    let tasks = || answer.splits.iter().flat_map(|split| &split.assessment.tasks);
    let is_known = |level: &Level| tasks().any(|task| task.levels.iter().any(|known| known.level == *level));
    let choice = |choice: Level| {
        let [one, several] = level_names(choice);
        view! {
            <label class="choices__choice">
                <input type="radio" name="answer-level" data-testid="answer-level" value=one
                    prop:checked=move || level.get() == choice
                    on:change=move |_| level.set(choice)/>
                <span>{capitalised(several)}</span>
            </label>
        }
    };
    let choices = Level::ALL.into_iter().filter(is_known).map(choice).collect_view();
    view! {
        <fieldset class="row choices">
            <legend class="visually-hidden">"What is judged"</legend>
            <span class="muted small" aria-hidden="true">"What is judged"</span>
            {choices}
        </fieldset>
    }
}

fn splits(answer: &Answer, level: RwSignal<Level>) -> impl IntoView + use<> {
    let untested = !answer.splits.iter().any(|split| split.is_test);
    let note = untested.then(|| {
        view! {
            <p class="muted">
                "This run was not tested: how good it is on people by whom nothing was chosen is not known."
            </p>
        }
    });
    let splits =
        answer.splits.iter().map(|split| view! { <Split split=Arc::new(split.clone()) level/> }).collect_view();
    view! {
        {note}
        {splits}
    }
}

#[component]
fn Split(split: Arc<SplitAnswer>, level: RwSignal<Level>) -> impl IntoView {
    let (title, test_id, caution) = match split.is_test {
        true => ("Test", "answer-test", None),
        false => {
            let caution = "The checkpoint was chosen by this split, so its score here is too good.";
            ("Validation", "answer-validation", Some(view! { <p class="muted">{caution}</p> }))
        }
    };
    let of = format!("Split “{}”: {}.", split.split, extent(&split.assessment));
    let tasks = (0..split.assessment.tasks.len()).map(|task| {
        let answer = TaskAnswer { split: split.clone(), task };
        view! { <TaskCard answer level/> }
    });
    view! {
        <section class="stack" data-testid=test_id data-split=split.split.clone() aria-label=title>
            <div>
                <h2>{title}</h2>
                <p class="muted small">{of}</p>
                {caution}
            </div>
            {tasks.collect_view()}
        </section>
    }
}
