//! How charts look: axes, and lines thinned out to what the canvas can show.

use std::{f64::consts::TAU, ops::Range};

use js_sys::Array;
use leptos::prelude::*;
use signal_studio_app_shared::drawing::{
    axis::Axis,
    decimation::decimate,
    scale::{Scale, extremes},
    series::LineStyle,
    span::{Span, visible},
    ticks::Ticks,
};
use wasm_bindgen::JsValue;
use web_sys::CanvasRenderingContext2d;

use super::{
    plot::{Geometry, Plot, set_if_new},
    surface::Frame,
};

/// Room above the plot, for half a label and a line's width.
const TOP: f64 = 8.0;
/// Room on the right, for half a label.
const RIGHT: f64 = 12.0;
/// Room below the plot: a row of labels, and the name of the axis.
const BOTTOM: f64 = 38.0;
/// Between a label and the plot.
const GAP: f64 = 8.0;
/// How close ticks may come to each other: rows of labels, and columns.
const TICK_SPACING: (f64, f64) = (56.0, 32.0);
/// Points that are further apart than this are marked.
const MARK_SPACING: f64 = 14.0;
/// How much of a line's colour is left in its raw values when they lie behind their average.
const FAINT: f64 = 0.22;

/// A line that goes up and down this many times as far as it goes along is dense: it shows more when it is fine.
const DENSE: f64 = 6.0;
/// With more points than this in each column of pixels, a dense line is drawn as bars.
const PACKED: f64 = 6.0;

/// A part of the points to draw, and how.
struct Stroke {
    color: usize,
    style: LineStyle,
    is_faint: bool,
    /// How many points of the line are in sight.
    seen: usize,
    points: Range<usize>,
}

/// Paints axes and lines, and remembers where they lie.
///
/// # Errors
/// What the browser says when it refuses a stroke.
pub fn lines(plot: &Plot, frame: &Frame<'_>) -> Result<(), JsValue> {
    plot.follow_lines();
    let mut points = plot.scratch.borrow_mut();
    points.clear();
    let sight = Sight::of(plot, frame, &mut points);
    set_if_new(plot.words.summary, summary(plot));
    set_if_new(plot.words.notice, sight.as_ref().err().copied());
    let sight = match sight {
        Ok(sight) => sight,
        Err(_) => {
            plot.geometry.set(None);
            set_if_new(plot.words.note, None);
            return Ok(());
        }
    };
    set_if_new(plot.words.note, note(sight.left_out));

    let heights = heights(plot, sight.scale, &sight.reach);
    let (top, bottom) = (TOP, frame.height - BOTTOM);
    let rows = ((bottom - top) / TICK_SPACING.1).clamp(2.0, 9.0) as usize;
    let y_ticks = Ticks::of(sight.scale, &heights, rows);
    let left = widest(frame.context, &y_ticks.labels)?.ceil() + GAP;
    let geometry = Geometry {
        x: Axis { span: sight.span, from: left, to: frame.width - RIGHT },
        y: Axis { span: heights, from: bottom, to: top },
        scale: sight.scale,
        full: sight.full,
        shortest: sight.shortest,
    };
    if geometry.x.to <= geometry.x.from || geometry.y.to >= geometry.y.from {
        plot.geometry.set(None);
        return Ok(());
    }
    plot.geometry.set(Some(geometry));

    let columns = ((geometry.x.to - geometry.x.from) / TICK_SPACING.0).clamp(1.0, 12.0) as usize;
    let x_ticks = Ticks::linear(&sight.span, columns, sight.has_whole_x);
    grid(frame, &geometry, &x_ticks, &y_ticks)?;
    x_name(frame, &geometry, &plot.x_label)?;
    clipped(frame.context, &geometry, || {
        for stroke in sight.strokes.iter().filter(|stroke| stroke.is_faint) {
            trace(frame, &geometry, stroke, &points[stroke.points.clone()])?;
        }
        for stroke in sight.strokes.iter().filter(|stroke| !stroke.is_faint) {
            trace(frame, &geometry, stroke, &points[stroke.points.clone()])?;
        }
        Ok(())
    })
}

/// What there is to see, thinned out.
struct Sight {
    full: Span,
    span: Span,
    shortest: f64,
    scale: Scale,
    /// The heights that the lines reach.
    reach: Span,
    has_whole_x: bool,
    /// Values in sight that have no place on a log scale.
    left_out: usize,
    strokes: Vec<Stroke>,
}

impl Sight {
    /// Thins the lines out into `points`, or says why there is nothing to see.
    fn of(plot: &Plot, frame: &Frame<'_>, points: &mut Vec<(f64, f64)>) -> Result<Self, &'static str> {
        let mut full: Option<Span> = None;
        let mut longest = 0;
        let mut has_whole_x = true;
        let mut shown = 0;
        plot.each_shown(|layer| {
            shown += 1;
            let line = layer.series.points();
            if let (Some(first), Some((last, _))) = (line.xs().first(), line.last()) {
                let own = Span { start: *first, end: last };
                full = Some(full.map_or(own, |other| other.union(&own)));
                longest = longest.max(line.len());
                has_whole_x &= line.has_whole_x();
            }
        });
        let Some(full) = full else {
            let hides_some = plot.layers.borrow().iter().any(|layer| !layer.series.is_empty());
            return Err(if hides_some { "Every line with points is hidden." } else { "Nothing to draw yet." });
        };
        let full = Span::around(full.start, full.end);
        let span = plot.settings.zoom.get_untracked().map_or(full, |zoom| zoom.within(&full));
        let scale = plot.settings.scale();
        let weight = plot.settings.smoothing.get_untracked();
        let columns = (frame.width / frame.pixel) as usize;

        let floor = scale.floor();
        let mut strokes = Vec::new();
        let mut reach: Option<Span> = None;
        let mut left_out = 0;
        plot.each_shown(|layer| {
            let line = layer.series.points();
            let seen = visible(line.xs(), &span);
            if scale == Scale::Log {
                left_out += line.ys()[seen.clone()].iter().filter(|y| y.is_finite() && **y <= 0.0).count();
            }
            let mut add = |ys: &[f64], is_faint: bool| {
                let start = points.len();
                decimate(line.xs(), ys, &span, columns, |y| floor < y && y < f64::INFINITY, points);
                scale.raise(&mut points[start..]);
                if let Some(own) = extremes(&points[start..], &span) {
                    reach = Some(reach.map_or(own, |other| other.union(&own)));
                }
                strokes.push(Stroke {
                    color: layer.series.color(),
                    style: layer.series.style(),
                    is_faint,
                    seen: seen.len(),
                    points: start..points.len(),
                });
            };
            add(line.ys(), weight > 0.0);
            if weight > 0.0 {
                add(layer.smoothed.follow(&line, weight), false);
            }
        });
        let Some(reach) = reach else {
            return Err(if left_out > 0 {
                "Nothing here is above zero, where a log scale begins."
            } else {
                plot.reason_for_gaps
            });
        };
        let shortest = full.width() * 2.0 / longest.max(2) as f64;
        Ok(Self { full, span, shortest, scale, reach, has_whole_x, left_out, strokes })
    }
}

/// The heights that the axis shows. Percentages end at a hundred, unless some do not.
fn heights(plot: &Plot, scale: Scale, reach: &Span) -> Span {
    let padded = scale.padded(reach);
    let hundred = if scale == Scale::Log { 2.0 } else { 100.0 };
    if plot.unit == "%" && reach.end <= hundred { Span { end: padded.end.min(hundred), ..padded } } else { padded }
}

fn note(left_out: usize) -> Option<String> {
    match left_out {
        0 => None,
        1 => Some("One value at or below zero has no place on a log scale.".to_owned()),
        n => Some(format!("{n} values at or below zero have no place on a log scale.")),
    }
}

/// The chart for those who do not see it.
fn summary(plot: &Plot) -> String {
    let mut text = format!("{}, line chart.", plot.title);
    for layer in plot.layers.borrow().iter() {
        let line = layer.series.points();
        let label = layer.series.label();
        match line.last() {
            None => text += &format!(" {label}: no points yet."),
            Some((x, y)) => {
                let count = if line.len() == 1 { "1 point".to_owned() } else { format!("{} points", line.len()) };
                let last = plot.with_unit(y);
                text += &format!(" {label}: {count}, last {last} at {} {}.", plot.x_label, (plot.x_format)(x));
            }
        }
    }
    text
}

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

/// One line, of heights, broken where one is NaN.
fn trace(frame: &Frame<'_>, geometry: &Geometry, stroke: &Stroke, points: &[(f64, f64)]) -> Result<(), JsValue> {
    let Frame { context, theme, pixel, .. } = frame;
    let Geometry { x, y, .. } = geometry;
    let color = theme.series(stroke.color);
    context.set_stroke_style_str(color);
    context.set_fill_style_str(color);
    context.set_global_alpha(if stroke.is_faint { FAINT } else { 1.0 });
    let climb: f64 =
        points.windows(2).map(|pair| (pair[1].1 - pair[0].1).abs()).filter(|climb| climb.is_finite()).sum();
    let width = x.to - x.from;
    let seen = stroke.seen as f64;
    let is_dense = climb * y.scale().abs() > DENSE * width;
    if is_dense && seen * pixel > PACKED * width {
        columns(frame, geometry, points);
    } else {
        let dashes = match stroke.style {
            LineStyle::Solid => Array::new(),
            LineStyle::Dashed => Array::of2(&5.0.into(), &4.0.into()),
            LineStyle::Dotted => Array::of2(&1.0.into(), &3.0.into()),
        };
        context.set_line_dash(&dashes)?;
        context.set_line_join("round");
        context.set_line_width(if stroke.is_faint || is_dense { 1.0 } else { 1.6 });
        path(frame, geometry, points);
        context.set_line_dash(&Array::new())?;
    }
    let is_marked = !stroke.is_faint && seen * MARK_SPACING < width;
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
