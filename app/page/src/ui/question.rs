//! The dialog that asks before something is done that cannot be undone.

use leptos::{html::Dialog, prelude::*};

use crate::shell::studio::Question;

/// The page's one such dialog: opens when there is a question, and takes it away once it is answered.
#[component]
pub fn QuestionDialog(
    /// What is asked.
    question: RwSignal<Option<Question>>,
) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move || {
        let Some(dialog) = dialog.get() else { return };
        if question.with(Option::is_some) && !dialog.open() {
            // It fails only for a dialog that is open already.
            dialog.show_modal().ok();
        } else if question.with(Option::is_none) && dialog.open() {
            dialog.close();
        }
    });
    let text = move |part: fn(&Question) -> &String| {
        question.with(|question| question.as_ref().map(|question| part(question).clone()))
    };
    // The event comes late: by then the next question may be shown.
    let on_close = move |_| {
        if dialog.get_untracked().is_none_or(|dialog| !dialog.open()) {
            question.set(None);
        }
    };
    let confirm = move |_| {
        if let Some(question) = question.try_update(Option::take).flatten() {
            question.on_yes.run(());
        }
    };
    view! {
        <dialog
            class="dialog"
            node_ref=dialog
            aria-labelledby="question-title"
            aria-describedby="question-text"
            on:close=on_close
        >
            <h2 id="question-title">{move || text(|question| &question.title)}</h2>
            <p id="question-text">{move || text(|question| &question.text)}</p>
            <div class="row dialog__buttons">
                <button type="button" class="button" data-testid="cancel" on:click=move |_| question.set(None)>
                    "Cancel"
                </button>
                <button type="button" class="button button--danger" data-testid="confirm" on:click=confirm>
                    {move || text(|question| &question.action)}
                </button>
            </div>
        </dialog>
    }
}
