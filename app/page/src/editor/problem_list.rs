//! The list of problems below the text: each leads to its place, and can be put right where core knows what was meant.

use leptos::prelude::*;
use signal_studio_app_shared::editing::{Problem, Severity};

use super::{drawn_text::severity_name, pad::Pad};

/// The list of problems.
#[component]
pub fn ProblemList(pad: Pad, problems: Signal<Vec<Problem>>) -> impl IntoView {
    let summary = Memo::new(move |_| problems.with(|problems| summary(problems)));
    let state = Memo::new(move |_| {
        problems.with(|problems| problems.iter().map(|problem| problem.severity).max()).map_or("good", severity_name)
    });
    let entry = move |problem: Problem| {
        let (span, fix) = (problem.span.clone(), problem.fix.clone());
        let meant = problem.suggestion.clone().unwrap_or_default();
        let repair = fix.map(|fix| {
            let offered = move || !pad.read_only.get();
            let apply = move |_| pad.apply(&fix);
            view! {
                <Show when=offered>
                    <button
                        type="button"
                        class="editor__fix"
                        data-testid="problem-fix"
                        on:click=apply.clone()
                    >
                        "Change to " <code>{meant.clone()}</code>
                    </button>
                </Show>
            }
        });
        let place = format!("{}:{}", problem.line, problem.column);
        view! {
            <li class="editor__problem" data-testid="problem-entry" data-severity=severity_name(problem.severity)>
                <button type="button" class="editor__problem-link" on:click=move |_| pad.jump(&span)>
                    <span class="editor__problem-place">
                        <span class="visually-hidden">{severity_word(problem.severity)} " in line "</span>
                        {place}
                    </span>
                    <span class="editor__problem-message">{problem.message}</span>
                </button>
                {repair}
            </li>
        }
    };
    view! {
        <div class="editor__problems">
            <p class="editor__summary" aria-live="polite" data-severity=state>{summary}</p>
            <ul class="editor__problem-list">
                {move || problems.get().into_iter().map(entry).collect_view()}
            </ul>
        </div>
    }
}

fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "Problem",
        Severity::Notice => "Notice",
    }
}

/// How many problems and notices there are, in words.
fn summary(problems: &[Problem]) -> String {
    let count = |severity, one: &str, more: &str| match problems.iter().filter(|p| p.severity == severity).count() {
        0 => None,
        1 => Some(format!("1 {one}")),
        many => Some(format!("{many} {more}")),
    };
    let counts = [count(Severity::Error, "problem", "problems"), count(Severity::Notice, "notice", "notices")];
    let counts: Vec<_> = counts.into_iter().flatten().collect();
    if counts.is_empty() { "No problems".to_owned() } else { counts.join(", ") }
}
