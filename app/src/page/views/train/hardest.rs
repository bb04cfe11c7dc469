//! The samples that a model gets most wrong, as pictures. Their paths flow in with each evaluation; the worker reads
//! their files.

use std::sync::Arc;

use js_sys::{Array, Uint8Array};
use leptos::{prelude::*, task::spawn_local};
use signal_studio_app::{format, protocol::{Reply, Request}};
use signal_studio_core::{
    signal::decode_npy,
    training::events::{Evaluation, HardSample},
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Url};

use crate::{link::describe, state::{Studio, studio}};

/// Pictures shown.
const SHOWN: usize = 12;
/// Points across the picture of a time series.
const POINTS: usize = 160;
/// Size of that picture, in its own units.
const SIDE: f32 = 100.0;

/// What a sample looks like.
#[derive(Debug, Clone, PartialEq)]
enum Picture {
    /// It is being read.
    Loading,
    /// The address of an image.
    Image(String),
    /// The lines of a time series, as an SVG path.
    Lines(String),
    /// Why there is none.
    Missing(String),
}

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
        let sample = { let path = path.clone(); Memo::new(move |_| evaluation.with(|evaluation| {
            evaluation.as_ref()?.hardest.iter().find(|sample| sample.path == path).cloned()
        })) };
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
    let studio = studio();
    let picture = RwSignal::new(Picture::Loading);
    let request = Request::Sample { config: config.get_untracked(), path: path.clone() };
    spawn_local(async move {
        let read = read(studio, request).await.unwrap_or_else(Picture::Missing);
        // It may have made room for another one meanwhile; its image is then dropped with it.
        if let Some(Picture::Image(url)) = picture.try_set(read) {
            drop(Url::revoke_object_url(&url));
        }
    });
    on_cleanup(move || {
        if let Some(Picture::Image(url)) = picture.try_get_untracked() {
            drop(Url::revoke_object_url(&url));
        }
    });
    let alt = move || sample.with(|sample| match sample.as_ref().and_then(|sample| sample.subject.as_ref()) {
        Some(subject) => format!("A sample of {subject}"),
        None => "A sample".to_owned(),
    });
    let image = move || match picture.get() {
        Picture::Loading => view! { <div class="hard__picture"></div> }.into_any(),
        Picture::Image(url) => view! { <img class="hard__picture" src=url alt=alt/> }.into_any(),
        Picture::Lines(lines) => view! {
            <svg class="hard__picture" viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label=alt><path d=lines></path></svg>
        }.into_any(),
        Picture::Missing(why) => view! { <div class="hard__picture hard__picture--missing small muted">{why}</div> }.into_any(),
    };
    let caption = move || sample.with(|sample| sample.as_ref().map(|sample| {
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
    }));
    view! {
        <li class="hard" title=path data-testid="hard-sample">
            {image}
            <div class="hard__caption small">{caption}</div>
        </li>
    }
}

/// Reads a sample's file and makes a picture of it.
async fn read(studio: Studio, request: Request) -> Result<Picture, String> {
    let (reply, attachments) = studio.link.request(request).await.map_err(|fault| fault.message)?;
    let (Reply::Sample, Some(file)) = (&reply, attachments.first()) else {
        return Err("The sample did not arrive.".to_owned());
    };
    let blob = as_blob(file).map_err(|error| describe(&error))?;
    let bytes = JsFuture::from(blob.array_buffer()).await.map_err(|error| describe(&error))?;
    let bytes = Uint8Array::new(&bytes).to_vec();
    if bytes.starts_with(b"\x93NUMPY") {
        let (channels, samples, values) = decode_npy(&bytes).map_err(|error| error.to_string())?;
        return Ok(Picture::Lines(lines(channels, samples, &values)));
    }
    Ok(Picture::Image(Url::create_object_url_with_blob(&blob).map_err(|error| describe(&error))?))
}

fn as_blob(file: &JsValue) -> Result<Blob, JsValue> {
    match file.dyn_ref::<Blob>() {
        Some(blob) => Ok(blob.clone()),
        None => Blob::new_with_u8_array_sequence(&Array::of1(file)),
    }
}

/// A time series as an SVG path: channels below each other, each thinned to its extremes.
fn lines(channels: usize, samples: usize, values: &[f32]) -> String {
    use std::fmt::Write;
    let row = SIDE / channels.max(1) as f32;
    let mut path = String::new();
    for (channel, values) in values.chunks_exact(samples.max(1)).enumerate() {
        let middle = row * (channel as f32 + 0.5);
        let chunks = values.chunks(samples.div_ceil(POINTS).max(1));
        let width = SIDE / chunks.len() as f32;
        for (index, chunk) in chunks.enumerate() {
            let x = width * (index as f32 + 0.5);
            let (low, high) = chunk.iter().fold((f32::MAX, f32::MIN), |(low, high), &value| (low.min(value), high.max(value)));
            // Normalised values: a row is as high as four standard deviations.
            let y = |value: f32| middle - (value / 4.0).clamp(-1.5, 1.5) * row;
            let command = if index == 0 { 'M' } else { 'L' };
            // Writing to a string does not fail.
            write!(path, "{command}{x:.1} {:.1}V{:.1}", y(high), y(low)).ok();
        }
    }
    path
}
