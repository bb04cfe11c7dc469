//! The samples that a model gets most wrong, as pictures. Each evaluation names them by their paths, and the worker
//! reads the files of those that are not shown yet. A picture and what is said of it change together.

use std::{array, collections::HashMap, sync::Arc};

use leptos::{prelude::*, task::spawn_local};
use signal_studio_app_shared::format;
use signal_studio_core::training::events::{Evaluation, WorstSample};

use crate::{
    datasets::sample_picture::{Looks, SamplePicture},
    shell::studio::studio,
};

/// Pictures shown.
const SHOWN: usize = 12;

/// A sample, and what it looks like.
#[derive(Clone)]
struct PicturedSample {
    sample: WorstSample,
    looks: Looks,
}

/// One of the figures; empty until its picture is there.
type Slot = RwSignal<Option<PicturedSample>, LocalStorage>;

/// The samples that a model gets most wrong.
#[component]
pub fn WorstSamples(
    /// The latest evaluation.
    evaluation: Signal<Option<Arc<Evaluation>>>,
    /// The run file.
    config: Signal<String>,
) -> impl IntoView {
    let studio = studio();
    let worst_samples = Memo::new(move |_| {
        evaluation.with(|evaluation| {
            let worst_samples = evaluation.iter().flat_map(|evaluation| &evaluation.worst_samples);
            worst_samples.take(SHOWN).cloned().collect::<Vec<_>>()
        })
    });
    let slots: [Slot; SHOWN] = array::from_fn(|_| RwSignal::new_local(None));
    Effect::new(move |before: Option<String>| {
        let (config, worst_now) = (config.get(), worst_samples.get());
        // In another run the same path may be another sample.
        if worst_now.is_empty() || before.is_some_and(|before| before != config) {
            slots.iter().for_each(|slot| slot.set(None));
        }
        let pictured = slots.iter().filter_map(|slot| slot.get_untracked());
        let read: HashMap<String, Looks> = pictured.map(|known| (known.sample.path, known.looks)).collect();
        for (index, (slot, sample)) in slots.into_iter().zip(worst_now).enumerate() {
            if let Some(looks) = read.get(&sample.path) {
                slot.set(Some(PicturedSample { sample, looks: looks.clone() }));
                continue;
            }
            let config = config.clone();
            spawn_local(async move {
                let looks = Looks::read(studio, config, sample.path.clone()).await;
                // Another evaluation may have come meanwhile, and all of this may be gone.
                if worst_samples.try_with_untracked(|worst_samples| worst_samples.get(index) == Some(&sample))
                    == Some(true)
                {
                    slot.try_set(Some(PicturedSample { sample, looks }));
                }
            });
        }
        config
    });
    let count = Memo::new(move |_| worst_samples.with(Vec::len));
    view! {
        <Show when=move || worst_samples.with(|worst_samples| !worst_samples.is_empty())>
            <div class="card stack">
                <h3>"What it gets most wrong"</h3>
                <ul role="list" class="worst-samples">
                    <For each=move || slots.into_iter().take(count.get()).enumerate() key=|(index, _)| *index let((_, pictured))>
                        <WorstSampleFigure pictured/>
                    </For>
                </ul>
            </div>
        </Show>
    }
}

#[component]
fn WorstSampleFigure(pictured: Slot) -> impl IntoView {
    let looks = Signal::derive_local(move || {
        pictured.with(|shown| shown.as_ref().map_or(Looks::Loading, |shown| shown.looks.clone()))
    });
    let sample = Memo::new(move |_| pictured.with(|shown| shown.as_ref().map(|shown| shown.sample.clone())));
    let path = move || sample.with(|sample| sample.as_ref().map(|sample| sample.path.clone()));
    let alt = move || {
        sample.with(|sample| match sample.as_ref().and_then(|sample| sample.subject.as_ref()) {
            Some(subject) => format!("A sample of {subject}"),
            None => "A sample".to_owned(),
        })
    };
    let caption = move || {
        sample.with(|sample| sample.as_ref().map(|sample| {
        let predictions = sample.predictions.iter().map(|prediction| {
            let (class, word) = match prediction.is_right {
                Some(true) => ("worst-sample__prediction worst-sample__prediction--right", ", right"),
                Some(false) => ("worst-sample__prediction worst-sample__prediction--wrong", ", wrong"),
                None => ("worst-sample__prediction", ""),
            };
            view! {
                <li class=class>
                    <span class="muted">{prediction.task.clone()}" "</span>
                    {prediction.truth.clone()}" → "<strong>{prediction.predicted.clone()}</strong>
                    <span class="visually-hidden">{word}</span>
                </li>
            }
        });
        view! {
            <p class="worst-sample__subject">{sample.subject.clone()}<span class="muted figure">" loss "{format::value(sample.loss)}</span></p>
            <ul role="list">{predictions.collect_view()}</ul>
        }
    }))
    };
    view! {
        <li class="worst-sample" title=path data-testid="worst-sample">
            <SamplePicture looks alt=Signal::derive(alt)/>
            <div class="worst-sample__caption small">{caption}</div>
        </li>
    }
}
