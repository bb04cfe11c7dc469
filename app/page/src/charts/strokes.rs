//! Lines on a canvas: as strokes, or as bars where they are dense, with their points marked where those are few.

use std::{f64::consts::TAU, ops::Range};

use js_sys::Array;
use signal_studio_app_shared::drawing::series::LineStyle;
use wasm_bindgen::JsValue;
use web_sys::CanvasRenderingContext2d;

use super::{plot::Geometry, surface::Frame};

/// Points that are further apart than this are marked.
const MARK_SPACING: f64 = 14.0;
/// How much of a line's colour is left in its raw values when they lie behind their average.
const FAINT: f64 = 0.22;

/// A line that goes up and down this many times as far as it goes along is dense: it shows more when it is fine.
const DENSE: f64 = 6.0;
/// With more points than this in each column of pixels, a dense line is drawn as bars.
const PACKED: f64 = 6.0;

/// A part of the points to draw, and how.
pub struct Stroke {
    /// Its place in the palette.
    pub color: usize,
    /// How it is dashed.
    pub style: LineStyle,
    /// Whether its smoothed values are drawn over it.
    pub is_faint: bool,
    /// How many points of the line are in sight.
    pub in_sight: usize,
    /// Its points among all that are drawn.
    pub points: Range<usize>,
}

/// One line, of heights, broken where one is NaN.
pub fn trace(frame: &Frame<'_>, geometry: &Geometry, stroke: &Stroke, points: &[(f64, f64)]) -> Result<(), JsValue> {
    let Frame { context, theme, pixel, .. } = frame;
    let Geometry { x, y, .. } = geometry;
    let color = theme.series(stroke.color);
    context.set_stroke_style_str(color);
    context.set_fill_style_str(color);
    context.set_global_alpha(if stroke.is_faint { FAINT } else { 1.0 });
    let climb: f64 =
        points.windows(2).map(|pair| (pair[1].1 - pair[0].1).abs()).filter(|climb| climb.is_finite()).sum();
    let width = x.to - x.from;
    let in_sight = stroke.in_sight as f64;
    let is_dense = climb * y.scale().abs() > DENSE * width;
    if is_dense && in_sight * pixel > PACKED * width {
        columns(frame, geometry, points);
    } else {
        let dashes: Array = stroke.style.dashes().iter().map(|&pixels| JsValue::from(pixels)).collect();
        context.set_line_dash(&dashes)?;
        context.set_line_join("round");
        context.set_line_width(if stroke.is_faint || is_dense { 1.0 } else { 1.6 });
        path(frame, geometry, points);
        context.set_line_dash(&Array::new())?;
    }
    let is_marked = !stroke.is_faint && stroke.style.has_marks() && in_sight * MARK_SPACING < width;
    for (i, &(at, height)) in points.iter().enumerate() {
        let is_gap = |other: Option<&(f64, f64)>| other.is_none_or(|(_, height)| height.is_nan());
        let is_alone = || is_gap(i.checked_sub(1).and_then(|before| points.get(before))) && is_gap(points.get(i + 1));
        if !height.is_nan() && (is_marked || is_alone()) {
            dot(context, x.pixel(at), y.pixel(height), 2.4)?;
        }
    }
    context.set_global_alpha(1.0);
    Ok(())
}

/// A line as a stroke from point to point.
fn path(frame: &Frame<'_>, geometry: &Geometry, points: &[(f64, f64)]) {
    let Frame { context, pixel, .. } = frame;
    context.begin_path();
    let mut previous: Option<(f64, f64)> = None;
    for (i, &(at, height)) in points.iter().enumerate() {
        if height.is_nan() {
            previous = None;
            continue;
        }
        let (x, y) = (geometry.x.pixel(at), geometry.y.pixel(height));
        match previous {
            None => context.move_to(x, y),
            // What moves the pen by less than a pixel is not seen, unless it is where the line ends.
            Some((x0, y0)) if (x - x0).abs() < *pixel && (y - y0).abs() < 0.5 * pixel => {
                if points.get(i + 1).is_some_and(|(_, next)| !next.is_nan()) {
                    continue;
                }
                context.line_to(x, y);
            }
            Some(_) => context.line_to(x, y),
        }
        previous = Some((x, y));
    }
    context.stroke();
}

/// A line that goes up and down in every column of pixels, as a bar in each: that is what a stroke would leave to see,
/// and many times as fast.
fn columns(frame: &Frame<'_>, geometry: &Geometry, points: &[(f64, f64)]) {
    let Frame { context, pixel, .. } = frame;
    // Hairlines in the middle of a column are what canvases paint fastest, and many in one path what they take fastest.
    let bar = |column: f64, top: f64, bottom: f64| {
        let middle = (column + 0.5) * pixel;
        context.move_to(middle, top);
        context.line_to(middle, bottom.max(top + pixel));
    };
    context.set_line_width(*pixel);
    context.begin_path();
    // The column under way with its top and bottom, and where the pen is.
    let mut open: Option<(f64, f64, f64)> = None;
    let mut pen: Option<(f64, f64)> = None;
    for &(at, height) in points {
        if height.is_nan() {
            pen = None;
            continue;
        }
        let (x, y) = (geometry.x.pixel(at), geometry.y.pixel(height));
        let column = (x / pixel).floor();
        let mut from = y;
        if let Some((x0, y0)) = pen {
            from = y0;
            // Columns without a point are crossed in a straight line.
            let mut between = (x0 / pixel).floor() + 1.0;
            while between < column {
                let to = y0 + (y - y0) * ((between + 1.0) * pixel - x0) / (x - x0);
                bar(between, from.min(to), from.max(to));
                from = to;
                between += 1.0;
            }
        }
        let (top, bottom) = (from.min(y), from.max(y));
        open = Some(match open {
            Some((same, other_top, other_bottom)) if same == column => {
                (same, other_top.min(top), other_bottom.max(bottom))
            }
            before => {
                if let Some((column, top, bottom)) = before {
                    bar(column, top, bottom);
                }
                (column, top, bottom)
            }
        });
        pen = Some((x, y));
    }
    if let Some((column, top, bottom)) = open {
        bar(column, top, bottom);
    }
    context.stroke();
}

/// A filled circle.
pub fn dot(context: &CanvasRenderingContext2d, x: f64, y: f64, radius: f64) -> Result<(), JsValue> {
    context.begin_path();
    context.arc(x, y, radius, 0.0, TAU)?;
    context.fill();
    Ok(())
}
