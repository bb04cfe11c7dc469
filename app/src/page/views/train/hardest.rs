//! The samples that a model gets most wrong, as pictures. Their paths flow in with each evaluation; the worker reads
//! their files.

use std::sync::Arc;

use leptos::prelude::*;
use signal_studio_app::format;
use signal_studio_core::training::events::{Evaluation, HardSample};

use crate::sample_picture::SamplePicture;

/// Pictures shown.
const SHOWN: usize = 12;

/// The samples that a model gets most wrong.
#[component]
pub fn Hardest(
    /// The latest evaluation.
    evaluation: Signal<Option<Arc<Evaluation>>>,
    /// The run file.
    config: Signal<String>,
) -> impl IntoView {
    let paths = Memo::new(move |_| {
        evaluation.with(|evaluation| {
            let hardest = evaluation.iter().flat_map(|evaluation| &evaluation.hardest);
            hardest.take(SHOWN).map(|sample| sample.path.clone()).collect::<Vec<_>>()
        })
    });
    let figure = move |path: String| {
        let sample = {
            let path = path.clone();
            Memo::new(move |_| {
                evaluation
                    .with(|evaluation| evaluation.as_ref()?.hardest.iter().find(|sample| sample.path == path).cloned())
            })
        };
        view! { <HardFigure path sample config/> }
    };
    view! {
        <Show when=move || paths.with(|paths| !paths.is_empty())>
            <div class="card stack">
                <h3>"What it gets most wrong"</h3>
                <ul role="list" class="hardest">
                    <For each=move || paths.get() key=Clone::clone let(path)>{figure(path)}</For>
                </ul>
            </div>
        </Show>
    }
}

#[component]
fn HardFigure(path: String, sample: Memo<Option<HardSample>>, config: Signal<String>) -> impl IntoView {
    let alt = move || {
        sample.with(|sample| match sample.as_ref().and_then(|sample| sample.subject.as_ref()) {
            Some(subject) => format!("A sample of {subject}"),
            None => "A sample".to_owned(),
        })
    };
    let caption = move || {
        sample.with(|sample| sample.as_ref().map(|sample| {
        let verdicts = sample.verdicts.iter().map(|verdict| {
            let (class, word) = match verdict.is_right {
                Some(true) => ("hard__verdict hard__verdict--right", ", right"),
                Some(false) => ("hard__verdict hard__verdict--wrong", ", wrong"),
                None => ("hard__verdict", ""),
            };
            view! {
                <li class=class>
                    <span class="muted">{verdict.task.clone()}" "</span>
                    {verdict.truth.clone()}" → "<strong>{verdict.predicted.clone()}</strong>
                    <span class="visually-hidden">{word}</span>
                </li>
            }
        });
        view! {
            <p class="hard__subject">{sample.subject.clone()}<span class="muted figure">" loss "{format::value(sample.loss)}</span></p>
            <ul role="list">{verdicts.collect_view()}</ul>
        }
    }))
    };
    let title = path.clone();
    view! {
        <li class="hard" title=title data-testid="hard-sample">
            <SamplePicture path config=config.get_untracked() alt=Signal::derive(alt)/>
            <div class="hard__caption small">{caption}</div>
        </li>
    }
}
