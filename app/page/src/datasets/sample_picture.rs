//! A sample as one sees it: an image, or for a time series its channels as lines. The worker reads its file.

use std::rc::Rc;

use js_sys::Uint8Array;
use leptos::prelude::*;
use signal_studio_app_shared::protocol::{Reply, Request};
use signal_studio_core::signal::decode_npy;
use wasm_bindgen_futures::JsFuture;

use super::picture::{Picture, as_blob};
use crate::{browser::describe, shell::studio::Studio};

/// Points across the picture of a time series.
const POINTS: usize = 160;
/// Size of that picture, in its own units.
const SIDE: f32 = 100.0;

/// What a sample looks like.
#[derive(Clone)]
pub enum Looks {
    /// It is being read.
    Loading,
    /// An image.
    Image(Rc<Picture>),
    /// The lines of a time series, as an SVG path.
    Lines(Rc<str>),
    /// Why there is nothing.
    Missing(Rc<str>),
}

impl Looks {
    /// Of the sample with this path in the preprocessed folder that `config`, a run file, is on.
    pub async fn read(studio: Studio, config: String, path: String) -> Self {
        read(studio, Request::Sample { config, path }).await.unwrap_or_else(|why| Self::Missing(why.into()))
    }
}

/// The picture of a sample.
#[component]
pub fn SamplePicture(
    /// What it looks like.
    #[prop(into)]
    looks: Signal<Looks, LocalStorage>,
    /// What it is, for those who do not see it.
    #[prop(into)]
    alt: Signal<String>,
) -> impl IntoView {
    move || match looks.get() {
        Looks::Loading => view! { <div class="sample" aria-busy="true"></div> }.into_any(),
        Looks::Image(picture) => view! { <img class="sample" src=picture.url().to_owned() alt=alt/> }.into_any(),
        Looks::Lines(lines) => view! {
            <svg class="sample" viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label=alt>
                <path d=lines.to_string()></path>
            </svg>
        }
        .into_any(),
        Looks::Missing(why) => {
            view! { <div class="sample sample--missing small muted">{why.to_string()}</div> }.into_any()
        }
    }
}

/// Reads a sample's file and makes a picture of it.
async fn read(studio: Studio, request: Request) -> Result<Looks, String> {
    let (reply, attachments) = studio.link.request(request).await.map_err(|fault| fault.message)?;
    let (Reply::Sample, Some(file)) = (&reply, attachments.first()) else {
        return Err("The sample did not arrive.".to_owned());
    };
    let blob = as_blob(file).map_err(|error| describe(&error))?;
    let bytes = JsFuture::from(blob.array_buffer()).await.map_err(|error| describe(&error))?;
    let bytes = Uint8Array::new(&bytes).to_vec();
    if bytes.starts_with(b"\x93NUMPY") {
        let (channels, samples, values) = decode_npy(&bytes).map_err(|error| error.to_string())?;
        return Ok(Looks::Lines(lines(channels, samples, &values).into()));
    }
    Ok(Looks::Image(Rc::new(Picture::of(&blob).map_err(|error| describe(&error))?)))
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
            let (low, high) =
                chunk.iter().fold((f32::MAX, f32::MIN), |(low, high), &value| (low.min(value), high.max(value)));
            // Normalised values: a row is as high as four standard deviations.
            let y = |value: f32| middle - (value / 4.0).clamp(-1.5, 1.5) * row;
            let command = if index == 0 { 'M' } else { 'L' };
            // Writing to a string does not fail.
            write!(path, "{command}{x:.1} {:.1}V{:.1}", y(high), y(low)).ok();
        }
    }
    path
}
