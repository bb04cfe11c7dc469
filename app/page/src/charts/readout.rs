//! What is pointed at in a line chart: the crosshair, the nearest value of every line, and the same as a sentence.

use js_sys::Array;
use leptos::prelude::*;
use signal_studio_app_shared::drawing::span::nearest;
use wasm_bindgen::JsValue;

use super::{
    axes::clipped,
    plot::{Geometry, Layer, Plot, Tip, TipRow, set_if_new},
    strokes::dot,
    surface::Frame,
};

/// Where a line is pointed at.
struct Hit {
    x: f64,
    /// What is drawn there: the average where there is one.
    value: f64,
    raw: f64,
}

impl Hit {
    fn of(layer: &Layer, x: f64, is_smoothed: bool) -> Option<Self> {
        let points = layer.series.points();
        let i = nearest(points.xs(), x)?;
        let raw = *points.ys().get(i)?;
        let average = if is_smoothed { layer.smoothed.values().get(i).copied() } else { None };
        Some(Self { x: points.xs()[i], value: average.unwrap_or(raw), raw })
    }
}

/// The x of the point that is nearest to `x`, over all lines that are shown.
pub fn snapped(plot: &Plot, x: f64) -> Option<f64> {
    let mut best: Option<f64> = None;
    plot.each_shown(|layer| {
        let points = layer.series.points();
        if let Some(own) = nearest(points.xs(), x).map(|i| points.xs()[i])
            && best.is_none_or(|other| (own - x).abs() < (other - x).abs())
        {
            best = Some(own);
        }
    });
    best
}

/// The next x of a point, at least `least` away in the direction of its sign.
pub fn next(plot: &Plot, from: f64, least: f64) -> Option<f64> {
    let target = from + least;
    let mut best: Option<f64> = None;
    plot.each_shown(|layer| {
        let points = layer.series.points();
        let xs = points.xs();
        let (own, is_nearer): (_, fn(f64, f64) -> bool) = if least > 0.0 {
            (xs.get(xs.partition_point(|x| *x < target)), |own, other| own < other)
        } else {
            (xs[..xs.partition_point(|x| *x <= target)].last(), |own, other| own > other)
        };
        if let Some(own) = own
            && best.is_none_or(|other| is_nearer(*own, other))
        {
            best = Some(*own);
        }
    });
    best
}

/// What is said where `cursor` points, in a chart of some width.
fn tip(plot: &Plot, geometry: &Geometry, width: f64, cursor: f64) -> Tip {
    let is_smoothed = plot.settings.smoothing.get_untracked() > 0.0;
    let mut rows = Vec::new();
    plot.each_shown(|layer| {
        let Some(hit) = Hit::of(layer, cursor, is_smoothed) else { return };
        let is_elsewhere = (geometry.x.pixel(hit.x) - geometry.x.pixel(cursor)).abs() > 1.0;
        rows.push(TipRow {
            label: layer.series.label().to_owned(),
            color: layer.series.color(),
            style: layer.series.style(),
            value: plot.with_unit(hit.value),
            raw: is_smoothed.then(|| (plot.y_format)(hit.raw)),
            at: is_elsewhere.then(|| (plot.x_format)(hit.x)),
        });
    });
    let left = geometry.x.pixel(cursor);
    let is_right = left > width / 2.0;
    Tip {
        space: if is_right { width - left } else { left },
        is_right,
        x: format!("{} {}", plot.x_label, (plot.x_format)(cursor)),
        rows,
    }
}

/// What is said where `cursor` points, as a sentence.
pub fn sentence(plot: &Plot, geometry: &Geometry, cursor: f64) -> String {
    let Tip { x, rows, .. } = tip(plot, geometry, 0.0, cursor);
    let rows = rows.into_iter().map(|row| match row.at {
        None => format!("{} {}", row.label, row.value),
        Some(at) => format!("{} {} at {at}", row.label, row.value),
    });
    format!("{x}: {}.", rows.collect::<Vec<_>>().join(", "))
}

/// Paints the crosshair and what is being selected, and tells the page what is pointed at.
///
/// # Errors
/// What the browser says when it refuses a stroke.
pub fn crosshair(plot: &Plot, frame: &Frame<'_>) -> Result<(), JsValue> {
    let Some(geometry) = plot.geometry.get() else {
        set_if_new(plot.words.tip, None);
        return Ok(());
    };
    let Geometry { x, y, scale, .. } = geometry;
    let Frame { context, theme, pixel, .. } = frame;
    if let Some((from, to)) = plot.settings.band.get_untracked() {
        context.set_fill_style_str(&theme.accent);
        context.set_global_alpha(0.15);
        context.fill_rect(from.min(to), y.to, (to - from).abs(), y.from - y.to);
        context.set_global_alpha(1.0);
    }
    let cursor = plot.settings.cursor.get_untracked().and_then(|cursor| snapped(plot, cursor));
    let Some(cursor) = cursor.filter(|cursor| x.span.contains(*cursor)) else {
        set_if_new(plot.words.tip, None);
        return Ok(());
    };
    let at = ((x.pixel(cursor) / pixel).floor() + 0.5) * pixel;
    context.set_line_width(*pixel);
    context.set_stroke_style_str(&theme.muted);
    context.set_line_dash(&Array::of2(&3.0.into(), &3.0.into()))?;
    context.begin_path();
    context.move_to(at, y.to);
    context.line_to(at, y.from);
    context.stroke();
    context.set_line_dash(&Array::new())?;

    let is_smoothed = plot.settings.smoothing.get_untracked() > 0.0;
    let mut marks = Vec::new();
    plot.each_shown(|layer| {
        if let Some(hit) = Hit::of(layer, cursor, is_smoothed)
            && scale.holds(hit.value)
        {
            marks.push((x.pixel(hit.x), y.pixel(scale.height(hit.value)), layer.series.color()));
        }
    });
    clipped(context, &geometry, || {
        for (px, py, color) in marks {
            context.set_fill_style_str(&theme.surface);
            dot(context, px, py, 5.0)?;
            context.set_fill_style_str(theme.series(color));
            dot(context, px, py, 3.5)?;
        }
        Ok(())
    })?;
    set_if_new(plot.words.tip, Some(tip(plot, &geometry, frame.width, cursor)));
    Ok(())
}
