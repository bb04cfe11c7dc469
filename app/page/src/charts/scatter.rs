//! Predicted against true values, as a square of dots around the diagonal.

use leptos::{html, prelude::*};
use signal_studio_app_shared::drawing::{axis::Axis, numbers::precise, scale::Scale, span::Span, ticks::Ticks};
use wasm_bindgen::JsValue;

use super::{
    axes::{clipped, grid, widest, x_name},
    confusion::samples,
    plot::Geometry,
    strokes::dot,
    surface::{Frame, Surface},
};

/// Above the square, where the name of the y axis stands.
const TOP: f64 = 24.0;
/// On the right, for half a label.
const RIGHT: f64 = 12.0;
/// Below, for labels and the name of the x axis.
const BOTTOM: f64 = 38.0;
/// Between a label and the square.
const GAP: f64 = 8.0;
/// How close ticks may come to each other.
const TICK_SPACING: f64 = 48.0;

/// Dots of predicted (y) against true values (x), both to the same scale, with the line on which they are equal.
#[component]
pub fn ScatterChart(
    /// What is predicted.
    #[prop(into)]
    title: String,
    /// Its unit; may be empty.
    #[prop(into, optional)]
    unit: String,
    /// True and predicted value of each sample.
    #[prop(into)]
    points: Signal<Vec<[f32; 2]>>,
) -> impl IntoView {
    let caption = Memo::new(move |_| points.with(|points| caption(points, &unit)));
    let label = {
        let title = title.clone();
        move || format!("{title}: predicted against true values. {}", caption.get())
    };
    let is_empty = Memo::new(move |_| points.with(|points| !points.iter().any(is_finite)));

    let canvas = NodeRef::<html::Canvas>::new();
    let surface = StoredValue::new_local(None::<Surface>);
    Effect::new(move |_| {
        if let Some(canvas) = canvas.get() {
            let new = Surface::new(vec![canvas], move |_, frame| points.with_untracked(|points| dots(points, frame)));
            surface.set_value(new.inspect_err(web_sys::console::error_1).ok());
        }
    });
    Effect::new(move |_| {
        points.track();
        surface.with_value(|surface| surface.iter().for_each(|surface| surface.redraw(0)));
    });
    let notice = move || is_empty.get().then(|| view! { <p class="chart__notice">"Nothing to draw yet."</p> });
    view! {
        <figure class="chart">
            <figcaption class="chart__head">
                <span class="chart__title">{title}</span>
                <span class="chart__unit">{caption}</span>
            </figcaption>
            <div class="chart__stage chart__stage--square">
                <canvas class="chart__canvas" node_ref=canvas role="img" aria-label=label></canvas>
                {notice}
            </div>
        </figure>
    }
}

fn is_finite(point: &[f32; 2]) -> bool {
    point.iter().all(|value| value.is_finite())
}

/// The mean absolute error, of how many samples, and how many could not be drawn.
fn caption(points: &[[f32; 2]], unit: &str) -> String {
    let drawn: Vec<_> = points.iter().filter(|point| is_finite(point)).collect();
    let mut text = samples(points.len() as u64);
    if !drawn.is_empty() {
        let sum: f64 = drawn.iter().map(|[truth, predicted]| f64::from(predicted - truth).abs()).sum();
        let error = precise(sum / drawn.len() as f64);
        let unit = if unit.is_empty() { String::new() } else { format!("\u{a0}{unit}") };
        text = format!("MAE {error}{unit}, {text}");
    }
    match points.len() - drawn.len() {
        0 => text,
        missing => format!("{text}, {missing} of them without a finite prediction"),
    }
}

fn dots(points: &[[f32; 2]], frame: &Frame<'_>) -> Result<(), JsValue> {
    let Frame { context, theme, .. } = frame;
    let points: Vec<_> = points.iter().filter(|point| is_finite(point)).collect();
    let values = || points.iter().copied().flatten().map(|value| f64::from(*value));
    let extremes =
        Span { start: values().fold(f64::INFINITY, f64::min), end: values().fold(f64::NEG_INFINITY, f64::max) };
    if points.is_empty() {
        return Ok(());
    }
    let span = Scale::Linear.padded(&extremes);
    let ticks = |length: f64| Ticks::linear(&span, (length / TICK_SPACING).clamp(2.0, 8.0) as usize, false);
    let left = widest(context, &ticks(frame.height).labels)?.ceil() + GAP;
    let side = (frame.width - left - RIGHT).min(frame.height - TOP - BOTTOM);
    if side <= 0.0 {
        return Ok(());
    }
    // In the middle of what is wider than high.
    let from = left + (frame.width - left - RIGHT - side) / 2.0;
    let geometry = Geometry {
        x: Axis { span, from, to: from + side },
        y: Axis { span, from: TOP + side, to: TOP },
        scale: Scale::Linear,
        full: span,
        shortest: span.width(),
    };
    let ticks = ticks(side);
    grid(frame, &geometry, &ticks, &ticks)?;
    x_name(frame, &geometry, "True")?;
    context.set_text_align("left");
    context.set_text_baseline("top");
    context.fill_text("Predicted", from, 0.0)?;

    clipped(context, &geometry, || {
        context.set_stroke_style_str(&theme.muted);
        context.set_line_width(1.0);
        context.begin_path();
        context.move_to(geometry.x.from, geometry.y.from);
        context.line_to(geometry.x.to, geometry.y.to);
        context.stroke();
        context.set_fill_style_str(theme.series(0));
        // Where dots lie over each other it is darker.
        context.set_global_alpha((20.0 / (points.len() as f64).sqrt()).clamp(0.2, 0.65));
        for [truth, predicted] in &points {
            let (truth, predicted) = (f64::from(*truth), f64::from(*predicted));
            dot(context, geometry.x.pixel(truth), geometry.y.pixel(predicted), 3.0)?;
        }
        context.set_global_alpha(1.0);
        Ok(())
    })
}
