//! The axes of charts, and what is drawn between them.

use signal_studio_app_shared::drawing::ticks::Ticks;
use wasm_bindgen::JsValue;
use web_sys::CanvasRenderingContext2d;

use super::{plot::Geometry, surface::Frame};

/// Between a label and the plot.
pub const GAP: f64 = 8.0;

/// Hairlines and labels of both axes.
pub fn grid(frame: &Frame<'_>, geometry: &Geometry, x_ticks: &Ticks, y_ticks: &Ticks) -> Result<(), JsValue> {
    let Frame { context, pixel, theme, .. } = frame;
    let Geometry { x, y, scale, .. } = geometry;
    // In the middle of one of the screen's pixels a hairline is sharp.
    let sharp = |at: f64| ((at / pixel).floor() + 0.5) * pixel;
    context.set_line_width(*pixel);
    context.set_stroke_style_str(&theme.border);
    context.begin_path();
    for value in &y_ticks.values {
        let at = sharp(y.pixel(scale.height(*value)));
        context.move_to(x.from, at);
        context.line_to(x.to, at);
    }
    for value in &x_ticks.values {
        let at = sharp(x.pixel(*value));
        context.move_to(at, y.from);
        context.line_to(at, y.from + 4.0);
    }
    context.stroke();
    context.set_stroke_style_str(&theme.muted);
    context.begin_path();
    context.move_to(x.from, sharp(y.from));
    context.line_to(x.to, sharp(y.from));
    context.stroke();

    context.set_fill_style_str(&theme.muted);
    context.set_text_baseline("middle");
    context.set_text_align("right");
    for (value, label) in y_ticks.values.iter().zip(&y_ticks.labels) {
        context.fill_text(label, x.from - GAP, y.pixel(scale.height(*value)))?;
    }
    context.set_text_baseline("top");
    context.set_text_align("center");
    for (value, label) in x_ticks.values.iter().zip(&x_ticks.labels) {
        let half = context.measure_text(label)?.width() / 2.0;
        context.fill_text(label, x.pixel(*value).clamp(half, (frame.width - half).max(half)), y.from + GAP)?;
    }
    Ok(())
}

/// The name of the x axis, below its labels.
pub fn x_name(frame: &Frame<'_>, geometry: &Geometry, name: &str) -> Result<(), JsValue> {
    frame.context.set_text_baseline("bottom");
    frame.context.set_text_align("center");
    frame.context.fill_text(name, (geometry.x.from + geometry.x.to) / 2.0, frame.height)
}

/// How wide the widest of some labels is.
pub fn widest(context: &CanvasRenderingContext2d, labels: &[String]) -> Result<f64, JsValue> {
    labels.iter().try_fold(0.0, |widest: f64, label| Ok(widest.max(context.measure_text(label)?.width())))
}

/// Draws within the plot, and a little over its edge so that lines on it are whole.
pub fn clipped(
    context: &CanvasRenderingContext2d,
    geometry: &Geometry,
    draw: impl FnOnce() -> Result<(), JsValue>,
) -> Result<(), JsValue> {
    let Geometry { x, y, .. } = geometry;
    context.save();
    context.begin_path();
    context.rect(x.from - 3.0, y.to - 3.0, x.to - x.from + 6.0, y.from - y.to + 6.0);
    context.clip();
    let result = draw();
    context.restore();
    result
}
