//! Channels drawn below one another on a canvas. It is drawn anew when the traces or the span of a row change, and when
//! the canvas' size or the colours do.

use std::{collections::BTreeMap, sync::Arc};

use leptos::{html, prelude::*};
use signal_studio_app_shared::drawing::{
    span::Span,
    stacked::{self, SPANS},
    ticks::Ticks,
};
use signal_studio_core::recording::{Trace, Traces};
use wasm_bindgen::JsValue;
use web_sys::CanvasRenderingContext2d;

use crate::charts::{Frame, Surface};

/// Pixels below the rows, for the time axis.
const AXIS: f64 = 26.0;
/// Pixels above the rows, for annotations.
const TOP: f64 = 18.0;
/// Pixels right of the rows, for the scale bar.
const RIGHT: f64 = 58.0;
/// Traces may leave their row by this many rows.
const REACH: f64 = 2.5;
/// Places in the palette: of channels that share a scale, of those that have their own, of annotations.
const SHARED: usize = 0;
const BY_ITSELF: usize = 2;
const ANNOTATION: usize = 1;
/// Labels are cut to this share of the width: on a phone the traces need it more.
const LABELS_AT_MOST: f64 = 0.24;

/// How the channels are scaled: those of the most common unit together, every other one by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct AmplitudeScale {
    /// The unit that most channels share, as in the file.
    unit: String,
    /// By which its values are multiplied to be shown.
    factor: f64,
    /// What the multiplied values' unit is called.
    shown: String,
}

impl AmplitudeScale {
    /// Of these channels.
    pub fn of(channels: &[Trace]) -> Self {
        let mut counts = BTreeMap::<&str, usize>::new();
        for channel in channels {
            *counts.entry(&channel.unit).or_default() += 1;
        }
        let unit = counts.into_iter().max_by_key(|(_, count)| *count).map_or("", |(unit, _)| unit);
        match unit {
            "V" => Self { unit: unit.to_owned(), factor: 1e6, shown: "µV".to_owned() },
            "" => Self { unit: String::new(), factor: 1.0, shown: "SD".to_owned() },
            other => Self { unit: other.to_owned(), factor: 1.0, shown: other.to_owned() },
        }
    }

    /// The place in [`SPANS`] of a span that suits these channels.
    pub fn fitting_span(&self, channels: &[Trace]) -> usize {
        let shared = channels.iter().filter(|channel| channel.unit == self.unit);
        stacked::fitting_span(shared.map(|channel| stacked::spread(&channel.extremes) * self.factor).collect())
    }

    /// A span in words: "100 µV".
    pub fn span_text(&self, span: usize) -> String {
        format!("{} {}", SPANS[span.min(SPANS.len() - 1)], self.shown)
    }
}

/// How far apart the rows are, in pixels.
fn pitch(channels: usize) -> f64 {
    // From a single roomy channel to a cap of 256 that is still told apart.
    (520.0 / channels.max(1) as f64).clamp(13.0, 64.0)
}

/// The canvas' height for so many channels, in pixels.
fn height(channels: usize) -> f64 {
    TOP + pitch(channels) * channels.max(4) as f64 + AXIS
}

/// The canvas.
#[component]
pub fn TraceCanvas(
    /// What is drawn.
    #[prop(into)]
    traces: Signal<Option<Arc<Traces>>>,
    /// What a row spans: a place in [`SPANS`].
    #[prop(into)]
    span: Signal<usize>,
) -> impl IntoView {
    let node = NodeRef::<html::Canvas>::new();
    let surface = StoredValue::new_local(None::<Surface>);
    Effect::new(move || {
        let Some(canvas) = node.get() else { return };
        let paint = move |_: usize, frame: &Frame<'_>| match (traces.get_untracked(), span.get_untracked()) {
            (Some(traces), span) => paint(frame, &traces, span),
            (None, _) => Ok(()),
        };
        surface.set_value(Surface::new(vec![canvas], paint).inspect_err(web_sys::console::error_1).ok());
    });
    Effect::new(move || {
        traces.track();
        span.track();
        surface.with_value(|surface| surface.iter().for_each(|surface| surface.redraw_at_once(0)));
    });
    let tall = move || format!("{}px", height(traces.with(|traces| traces.as_ref().map_or(0, |t| t.channels.len()))));
    view! { <canvas class="traces__canvas" node_ref=node style:height=tall></canvas> }
}

/// Where things stand.
struct Layout {
    left: f64,
    right: f64,
    pitch: f64,
    bottom: f64,
}

impl Layout {
    fn x(&self, time_s: f64, traces: &Traces) -> f64 {
        let share = (time_s - traces.start_s) / traces.length_s.max(f64::MIN_POSITIVE);
        self.left + share * (self.right - self.left)
    }
}

fn paint(frame: &Frame<'_>, traces: &Traces, span: usize) -> Result<(), JsValue> {
    let Frame { context, theme, .. } = frame;
    let channels = &traces.channels;
    let scale = AmplitudeScale::of(channels);
    let mut widest = 0.0_f64;
    for channel in channels {
        widest = widest.max(context.measure_text(&channel.label)?.width());
    }
    let layout = Layout {
        left: (widest + 14.0).min(frame.width * LABELS_AT_MOST).max(28.0),
        right: frame.width - RIGHT,
        pitch: pitch(channels.len()),
        bottom: frame.height - AXIS,
    };
    paint_time(frame, traces, &layout)?;
    paint_annotations(frame, traces, &layout)?;
    let shared = layout.pitch * scale.factor / SPANS[span.min(SPANS.len() - 1)];
    context.set_text_align("right");
    context.set_text_baseline("middle");
    for (row, channel) in channels.iter().enumerate() {
        let middle = TOP + layout.pitch * (row as f64 + 0.5);
        let is_shared = channel.unit == scale.unit;
        let pixels_per_unit = match stacked::spread(&channel.extremes) {
            _ if is_shared => shared,
            spread if spread > 0.0 => layout.pitch * 0.8 / spread,
            _ => 0.0,
        };
        context.set_fill_style_str(&theme.muted);
        // The last argument squeezes a long label into the margin instead of letting it run over the traces.
        context.fill_text_with_max_width(&channel.label, layout.left - 8.0, middle, layout.left - 10.0)?;
        context.set_stroke_style_str(theme.series(if is_shared { SHARED } else { BY_ITSELF }));
        paint_trace(context, &channel.extremes, &layout, middle, pixels_per_unit);
    }
    paint_scale_bar(frame, &layout, &scale.span_text(span))
}

/// A channel's line: through the extremes of each column, so that no peak is lost between two of them.
fn paint_trace(
    context: &CanvasRenderingContext2d,
    extremes: &[[f32; 2]],
    layout: &Layout,
    middle: f64,
    pixels_per_unit: f64,
) {
    let centre = stacked::centre(extremes);
    let column = (layout.right - layout.left) / extremes.len().max(1) as f64;
    let reach = layout.pitch * REACH;
    context.begin_path();
    context.set_line_width(1.0);
    context.set_line_join("round");
    let mut is_down = false;
    for (index, extreme) in extremes.iter().enumerate() {
        let Some((top, bottom)) = stacked::stretch(*extreme, centre, pixels_per_unit, middle, reach) else {
            is_down = false;
            continue;
        };
        let x = layout.left + (index as f64 + 0.5) * column;
        let (top, bottom) = (top.max(TOP - 4.0), bottom.min(layout.bottom));
        if is_down {
            context.line_to(x, top);
        } else {
            context.move_to(x, top);
        }
        context.line_to(x, bottom);
        is_down = true;
    }
    context.stroke();
}

/// The grid and its times.
fn paint_time(frame: &Frame<'_>, traces: &Traces, layout: &Layout) -> Result<(), JsValue> {
    let Frame { context, theme, .. } = frame;
    context.set_text_align("center");
    context.set_text_baseline("top");
    context.set_line_width(1.0);
    context.set_stroke_style_str(&theme.border);
    context.set_fill_style_str(&theme.muted);
    let span = Span { start: traces.start_s, end: traces.start_s + traces.length_s };
    let at_most = ((layout.right - layout.left) / 72.0).floor().max(2.0) as usize;
    let ticks = Ticks::linear(&span, at_most, false);
    context.begin_path();
    for (time, label) in ticks.values.iter().zip(&ticks.labels) {
        // Half pixels, so that a line of one pixel covers one.
        let x = layout.x(*time, traces).round() + 0.5;
        context.move_to(x, TOP);
        context.line_to(x, layout.bottom + 4.0);
        context.fill_text(&format!("{label} s"), x, layout.bottom + 8.0)?;
    }
    context.stroke();
    Ok(())
}

/// Events: a line each, and their text where it has room.
fn paint_annotations(frame: &Frame<'_>, traces: &Traces, layout: &Layout) -> Result<(), JsValue> {
    let Frame { context, theme, .. } = frame;
    context.set_text_align("left");
    context.set_text_baseline("top");
    context.set_stroke_style_str(theme.series(ANNOTATION));
    context.set_fill_style_str(theme.series(ANNOTATION));
    let mut free_from = layout.left;
    context.begin_path();
    for (onset, text) in &traces.annotations {
        let x = layout.x(*onset, traces).round() + 0.5;
        if !(layout.left..=layout.right).contains(&x) {
            continue;
        }
        context.move_to(x, TOP - 14.0);
        context.line_to(x, layout.bottom);
        if x >= free_from && !text.is_empty() {
            context.fill_text(text, x + 4.0, 2.0)?;
            free_from = x + context.measure_text(text)?.width() + 10.0;
        }
    }
    context.stroke();
    Ok(())
}

/// A bar as high as a row, and what that is worth.
fn paint_scale_bar(frame: &Frame<'_>, layout: &Layout, text: &str) -> Result<(), JsValue> {
    let Frame { context, theme, .. } = frame;
    let (x, bottom) = (layout.right + 8.5, layout.bottom - 4.5);
    let top = bottom - layout.pitch;
    context.set_stroke_style_str(&theme.muted);
    context.set_fill_style_str(&theme.muted);
    context.set_line_width(1.0);
    context.begin_path();
    for y in [top, bottom] {
        context.move_to(x - 3.0, y);
        context.line_to(x + 3.0, y);
    }
    context.move_to(x, top);
    context.line_to(x, bottom);
    context.stroke();
    context.set_text_align("left");
    context.set_text_baseline("middle");
    context.fill_text_with_max_width(text, x + 6.0, (top + bottom) / 2.0, RIGHT - 14.0)
}
