//! The windows of a recording, each as the model gets it: the worker cuts and computes it as preparing would. The run
//! file in the editor says how, or while that has a mistake the dataset's preset.

use std::{rc::Rc, sync::Arc};

use leptos::{either::Either, prelude::*};
use signal_studio_app_shared::{
    format,
    protocol::{Level, Reply, Request, Window, WindowStage},
    training::run_file,
};
use signal_studio_core::{
    datasets::Step,
    recording::{Trace, Traces},
};

use super::{
    found::number,
    picture::{Picture, as_blob},
    trace_canvas::{AmplitudeScale, TraceCanvas},
};
use crate::{
    shell::{
        loaded::{Load, Loaded},
        studio::studio,
    },
    ui::{Glyph, Icon, Notice},
};

/// What a window has become.
#[derive(Clone)]
struct LoadedWindow {
    window: Window,
    picture: Option<Rc<Picture>>,
}

fn loaded_window(reply: Reply, attachments: Vec<wasm_bindgen::JsValue>) -> Option<LoadedWindow> {
    let Reply::Window(window) = reply else { return None };
    let picture = attachments.first().and_then(|file| Picture::of(&as_blob(file).ok()?).ok()).map(Rc::new);
    (picture.is_some() || !window.stages.is_empty()).then_some(LoadedWindow { window, picture })
}

/// The panel.
#[component]
pub fn WindowPanel(
    /// The dataset.
    dataset: String,
    /// The recording's path.
    path: String,
    /// A run file on the dataset.
    preset: String,
) -> impl IntoView {
    let studio = studio();
    let index = RwSignal::new(0_usize);
    // The model's own, until another is asked for; it stays from window to window.
    let step = RwSignal::new(None::<Step>);
    // A run file with a mistake says nothing about windows; it is followed again once it is corrected.
    let follows_editor = Memo::new(move |_| studio.config.with(|text| run_file::is_valid(text)));
    let request = move || {
        let config = if follows_editor.get() { studio.config.get() } else { preset.clone() };
        Some(Request::Window { dataset: dataset.clone(), recording: path.clone(), window: index.get(), config })
    };
    let loaded = Loaded::new(studio.link, request, loaded_window);
    let shown = Memo::new(move |before: Option<&Option<Shown>>| {
        let now = loaded.state.with(|state| state.ready().map(|loaded| Shown::of(&loaded.window)));
        now.or_else(|| before.copied().flatten())
    });
    let windows = move || shown.get().map_or(0, |shown| shown.windows);
    let next = move |_| {
        let last = shown.get_untracked().map_or(0, |shown| shown.windows.saturating_sub(1));
        index.update(|index| *index = (*index + 1).min(last));
    };
    let position = move || {
        shown.get().map(|Shown { window, windows, start_s, length_s }| {
            format!(
                "Window {} of {}, {} s to {} s",
                format::count(window as u64 + 1),
                format::count(windows as u64),
                number(start_s),
                number(start_s + length_s)
            )
        })
    };
    let picture = move || {
        let state = loaded.state.get();
        match state {
            Load::Waiting => None,
            Load::Failed(fault) => {
                Some(Either::Left(view! { <div role="alert"><Notice level=Level::Error text=fault.message/></div> }))
            }
            Load::Ready(loaded) => Some(Either::Right(view! { <Stages loaded step/> })),
        }
    };
    let source = move || {
        if follows_editor.get() {
            "Made as the run file in the editor says."
        } else {
            "Made as this dataset’s own preset says, because the run file in the editor has a mistake."
        }
    };
    view! {
        <section class="card stack window" aria-labelledby="window-title">
            <div class="row">
                <h3 id="window-title" class="grow">"As the model sees it"</h3>
                <span class="figure small" aria-live="polite">{position}</span>
                <button class="button button--icon" aria-label="Previous window" data-testid="window-previous"
                    aria-disabled=move || (index.get() == 0).then_some("true")
                    on:click=move |_| index.update(|index| *index = index.saturating_sub(1))>
                    <Icon glyph=Glyph::Left/>
                </button>
                <button class="button button--icon" aria-label="Next window" data-testid="window-next"
                    aria-disabled=move || (index.get() + 1 >= windows()).then_some("true")
                    on:click=next>
                    <Icon glyph=Glyph::Right/>
                </button>
            </div>
            <div aria-busy=move || loaded.is_busy.get().to_string()>
                {picture}
                <Show when=move || loaded.state.with(|state| matches!(state, Load::Waiting))>
                    <p class="muted" role="status">"Reading the recording and making its windows…"</p>
                </Show>
            </div>
            <p class="muted small">{source}</p>
        </section>
    }
}

/// Which window it is.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Shown {
    window: usize,
    windows: usize,
    start_s: f64,
    length_s: f64,
}

impl Shown {
    fn of(window: &Window) -> Self {
        Self { window: window.window, windows: window.windows, start_s: window.start_s, length_s: window.length_s }
    }
}

/// What a step is called.
fn title(step: Step) -> &'static str {
    match step {
        Step::Recorded => "Recorded",
        Step::Interpolated => "Interpolated",
        Step::Referred => "Reference",
        Step::Notch => "Notch",
        Step::BandPass => "Band-pass",
        Step::Resampled => "Resampled",
        Step::Scaled => "Scaled",
    }
}

/// A window after each step that leads to it, one at a time. Radio buttons choose: arrow keys go from one to the next.
#[component]
fn Stages(loaded: LoadedWindow, step: RwSignal<Option<Step>>) -> impl IntoView {
    let LoadedWindow { window, picture } = loaded;
    let steps: Vec<Step> = window.stages.iter().map(|stage| stage.step).collect();
    // None is the image.
    let last = if picture.is_some() { None } else { steps.last().copied() };
    let shown = {
        let steps = steps.clone();
        Memo::new(move |_| step.get().filter(|step| steps.contains(step)).or(last))
    };
    let choices: Vec<Option<Step>> = steps.into_iter().map(Some).chain(picture.is_some().then_some(None)).collect();
    let choice = move |choice: Option<Step>| {
        view! {
            <label class="choices__choice">
                <input type="radio" name="stage" data-testid="stage"
                    value=choice.map_or("image", Step::as_str)
                    prop:checked=move || shown.get() == choice
                    on:change=move |_| step.set(choice)/>
                <span>{choice.map_or("Image", title)}</span>
            </label>
        }
    };
    let bad = (!window.bad_channels.is_empty()).then(|| {
        let channels = window.bad_channels.join(", ");
        view! { <Notice level=Level::Warning text=format!("Bad channels of this recording: {channels}.")/> }
    });
    let window = StoredValue::new(window);
    let picture = StoredValue::new_local(picture);
    let drawn = move || {
        let stage = window.with_value(|window| {
            shown.get().and_then(|step| window.stages.iter().find(|stage| stage.step == step).cloned())
        });
        match stage {
            Some(stage) => Either::Left(window.with_value(|window| drawn_stage(window, stage))),
            None => Either::Right(picture.with_value(|picture| {
                picture.clone().map(|picture| window.with_value(|window| drawn_image(window, picture)))
            })),
        }
    };
    view! {
        <fieldset class="row choices" data-testid="stages">
            <legend class="visually-hidden">"The signal after the step"</legend>
            {choices.into_iter().map(choice).collect_view()}
        </fieldset>
        {bad}
        {drawn}
    }
}

/// An image with a point for each of its pixels. Its address lives as long as it is shown.
fn drawn_image(window: &Window, picture: Rc<Picture>) -> impl IntoView + use<> {
    let alt =
        format!("Spectrogram of window {}: a row of pixels for each frequency of each channel", window.window + 1);
    let picture = StoredValue::new_local(picture);
    view! {
        <img
            class="window__image"
            data-testid="window-image"
            data-window=window.window.to_string()
            data-windows=window.windows.to_string()
            src=picture.with_value(|picture| picture.url().to_owned())
            alt=alt
        />
    }
}

/// Channels after a step. Voltages are all drawn as large as the recorded ones, so that steps can be compared.
fn drawn_stage(window: &Window, WindowStage { step, channels }: WindowStage) -> impl IntoView + use<> {
    let recorded = window.stages.first().map_or(&[][..], |stage| &stage.channels);
    let is_voltage = |channels: &[Trace]| channels.first().is_some_and(|channel| channel.unit == "V");
    let like = if is_voltage(&channels) { recorded } else { &channels };
    let scale = AmplitudeScale::of(like);
    let span = scale.fitting_span(like);
    let label = format!(
        "Window {}, {}: {} channels at {} Hz, a row spans {}",
        window.window + 1,
        title(step).to_lowercase(),
        channels.len(),
        number(channels.first().map_or(0.0, |channel| channel.rate_hz)),
        scale.span_text(span)
    );
    let traces = Traces {
        start_s: window.start_s,
        length_s: window.length_s,
        duration_s: window.length_s,
        channels,
        annotations: Vec::new(),
    };
    view! {
        <TraceCanvas
            traces=Signal::stored(Some(Arc::new(traces)))
            span=Signal::stored(span)
            attr:data-testid="window-image"
            attr:data-window=window.window.to_string()
            attr:data-windows=window.windows.to_string()
            attr:data-stage=step.as_str()
            attr:role="img"
            attr:aria-label=label
        />
    }
}
