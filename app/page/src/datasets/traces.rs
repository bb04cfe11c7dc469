//! The traces of a recording: where in it one is, how much is shown and how large. The worker reads only the stretch
//! that is shown, with as many points as the screen is wide.

use std::sync::Arc;

use leptos::{ev::KeyboardEvent, prelude::*};
use signal_studio_app_shared::{
    drawing::stacked::{SPANS, first_length, lengths},
    format,
    protocol::{Level, Reply, Request},
};
use signal_studio_core::recording::Traces;

use super::trace_canvas::{AmplitudeScale, TraceCanvas};
use crate::{
    shell::{
        loaded::{Load, Loaded},
        studio::studio,
    },
    ui::{Glyph, Icon, Notice},
};

/// An arrow key moves by this share of the stretch.
const ARROW: f64 = 0.2;
/// Annotations listed below the traces.
const ANNOTATIONS_LISTED: usize = 30;

/// The panel.
#[component]
pub fn TracesPanel(
    /// The dataset.
    dataset: String,
    /// The recording's path.
    path: String,
    /// Its length in seconds, if the survey knows it.
    duration_s: Option<f64>,
) -> impl IntoView {
    let start = RwSignal::new(0.0_f64);
    let length = RwSignal::new(first_length(duration_s));
    // Chosen by the data when the first stretch is there.
    let span = RwSignal::new(None::<usize>);
    let points = points();
    let title = path.clone();
    let request = move || {
        Some(Request::Traces {
            dataset: dataset.clone(),
            recording: path.clone(),
            start_s: start.get(),
            length_s: length.get(),
            points,
        })
    };
    let loaded = Loaded::new(studio().link, request, |reply, _| match reply {
        Reply::Traces(traces) => Some(Arc::new(traces)),
        _ => None,
    });
    // The last stretch stays in sight while the next is read, and when that fails.
    let traces = RwSignal::new(None::<Arc<Traces>>);
    Effect::new(move || {
        if let Load::Ready(ready) = loaded.state.get() {
            if span.get_untracked().is_none() && !ready.channels.is_empty() {
                span.set(Some(AmplitudeScale::of(&ready.channels).fitting_span(&ready.channels)));
            }
            traces.set(Some(ready));
        }
    });
    let duration =
        Memo::new(move |_| traces.with(|traces| traces.as_ref().map(|traces| traces.duration_s)).or(duration_s));
    let last_start = move || (duration.get().unwrap_or_default() - length.get()).max(0.0);
    let go = move |to: f64| start.set(to.clamp(0.0, last_start()));
    let span_now = Signal::derive(move || span.get().unwrap_or_default());
    let resize = move |by: isize| {
        span.update(|span| *span = span.map(|span| span.saturating_add_signed(by).min(SPANS.len() - 1)));
    };
    let on_key = move |event: KeyboardEvent| {
        // The browser's own: back, forward, zoom.
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let (here, stretch) = (start.get_untracked(), length.get_untracked());
        match event.key().as_str() {
            "ArrowLeft" => go(here - stretch * ARROW),
            "ArrowRight" => go(here + stretch * ARROW),
            "PageUp" => go(here - stretch),
            "PageDown" => go(here + stretch),
            "Home" => go(0.0),
            "End" => go(last_start()),
            "ArrowUp" | "+" | "=" => resize(-1),
            "ArrowDown" | "-" => resize(1),
            _ => return,
        }
        event.prevent_default();
    };
    let state = move || match (&*loaded.state.read(), loaded.is_busy.get()) {
        (Load::Failed(_), false) => "error",
        (Load::Ready(_), false) => "ready",
        _ => "loading",
    };
    let channels = move || traces.with(|traces| traces.as_ref().map_or(0, |traces| traces.channels.len()));
    let stretch = move || {
        let end = (start.get() + length.get()).min(duration.get().unwrap_or(f64::INFINITY));
        format!("{} to {}", seconds(start.get()), seconds(end))
    };
    let label = move || {
        let amplitude = traces.with(|traces| {
            traces
                .as_ref()
                .map_or_else(String::new, |traces| AmplitudeScale::of(&traces.channels).span_text(span_now.get()))
        });
        format!("Traces of {title}: {} channels, {}, a row spans {amplitude}", channels(), stretch())
    };
    let fault = move || {
        let message = loaded.state.with(|state| state.fault().map(|fault| fault.message.clone()));
        message.map(|text| view! { <div role="alert"><Notice level=Level::Error text/></div> })
    };
    view! {
        <section class="card stack traces" aria-labelledby="traces-title">
            <div class="row">
                <h3 id="traces-title" class="grow">"Traces"</h3>
                <Amplitude traces=traces span/>
                <Lengths length duration on_change=move || go(start.get_untracked())/>
            </div>
            {fault}
            <div class="traces__frame" aria-busy=move || loaded.is_busy.get().to_string()>
                <TraceCanvas
                    traces
                    span=span_now
                    attr:data-testid="traces"
                    attr:data-state=state
                    attr:data-channels=move || channels().to_string()
                    attr:tabindex="0"
                    attr:role="img"
                    attr:aria-label=label
                    attr:aria-describedby="traces-keys"
                    on:keydown=on_key
                />
            </div>
            <div class="row traces__time">
                <button class="button button--icon" aria-label="Previous stretch" aria-disabled=move || (start.get() <= 0.0).then_some("true")
                    on:click=move |_| go(start.get_untracked() - length.get_untracked())>
                    <Icon glyph=Glyph::Left/>
                </button>
                <input
                    type="range"
                    class="grow"
                    aria-label="Where the stretch starts"
                    aria-valuetext=stretch
                    min="0"
                    max=move || last_start().to_string()
                    step=move || (length.get() / 10.0).to_string()
                    prop:value=move || start.get().to_string()
                    on:input=move |event| {
                        if let Ok(to) = event_target_value(&event).parse() {
                            go(to);
                        }
                    }
                />
                <button class="button button--icon" aria-label="Next stretch" aria-disabled=move || (start.get() >= last_start()).then_some("true")
                    on:click=move |_| go(start.get_untracked() + length.get_untracked())>
                    <Icon glyph=Glyph::Right/>
                </button>
                <output class="figure small traces__stretch">
                    {stretch} <span class="muted">{move || duration.get().map(|whole| format!(" of {}", seconds(whole)))}</span>
                </output>
            </div>
            <p class="muted small" id="traces-keys">
                "Each channel is drawn around its own mean. Keys: left and right to scroll, Page Up and Page Down for the \
                 stretch before and after, up and down for the amplitude."
            </p>
            <Annotations traces/>
        </section>
    }
}

/// How much a row spans.
#[component]
fn Amplitude(traces: RwSignal<Option<Arc<Traces>>>, span: RwSignal<Option<usize>>) -> impl IntoView {
    let options = move || {
        let scale = traces.with(|traces| traces.as_ref().map(|traces| AmplitudeScale::of(&traces.channels)));
        let scale = scale.unwrap_or_else(|| AmplitudeScale::of(&[]));
        let option = |index: usize| {
            view! { <option value=index.to_string() selected=move || span.get() == Some(index)>{scale.span_text(index)}</option> }
        };
        (0..SPANS.len()).map(option).collect_view()
    };
    view! {
        <label class="row small">
            "A row spans"
            <select on:change=move |event| span.set(event_target_value(&event).parse().ok())>{options}</select>
        </label>
    }
}

/// How long the stretch is.
#[component]
fn Lengths(length: RwSignal<f64>, duration: Memo<Option<f64>>, #[prop(into)] on_change: Callback<()>) -> impl IntoView {
    let options = move || {
        let whole = duration.get();
        let option = |seconds: f64| {
            let text = if whole == Some(seconds) { "All of it".to_owned() } else { format!("{seconds} s") };
            // A length that was chosen before the recording's was known may be longer.
            let is_chosen = move || length.get().min(whole.unwrap_or(f64::INFINITY)) == seconds;
            view! { <option value=seconds.to_string() selected=is_chosen>{text}</option> }
        };
        lengths(whole).into_iter().map(option).collect_view()
    };
    view! {
        <label class="row small">
            "Length"
            <select on:change=move |event| {
                if let Ok(seconds) = event_target_value(&event).parse() {
                    length.set(seconds);
                    on_change.run(());
                }
            }>{options}</select>
        </label>
    }
}

/// Remarks and events of the stretch, for who cannot see them in the drawing.
#[component]
fn Annotations(traces: RwSignal<Option<Arc<Traces>>>) -> impl IntoView {
    move || {
        let all = traces.with(|traces| traces.as_ref().map_or_else(Vec::new, |traces| traces.annotations.clone()));
        if all.is_empty() {
            return None;
        }
        let title = format::counted(all.len() as u64, "annotation in this stretch", "annotations in this stretch");
        let entries = all.into_iter().take(ANNOTATIONS_LISTED);
        let entries = entries
            .map(|(onset, text)| view! { <li class="chip"><span class="figure">{seconds(onset)}</span>{text}</li> });
        Some(view! {
            <details class="small">
                <summary>{title}</summary>
                <ul class="row traces__annotations" role="list">{entries.collect_view()}</ul>
            </details>
        })
    }
}

/// A place in a recording: "12.5 s", "4:05.0".
fn seconds(seconds: f64) -> String {
    let tenths = (seconds * 10.0).round() / 10.0;
    if tenths < 60.0 { format!("{tenths} s") } else { format!("{}:{:04.1}", (tenths / 60.0).floor(), tenths % 60.0) }
}

/// Points worth reading: as many as the screen is wide.
fn points() -> usize {
    let width = window().inner_width().ok().and_then(|width| width.as_f64()).unwrap_or(1200.0);
    (width * window().device_pixel_ratio()).clamp(400.0, 2400.0) as usize
}
