//! How line charts look: axes, and lines thinned out to what the canvas can show.

use leptos::prelude::*;
use signal_studio_app_shared::drawing::{
    axis::Axis,
    decimation::decimate,
    scale::{Scale, extremes},
    span::{Span, visible},
    ticks::Ticks,
};
use wasm_bindgen::JsValue;

use super::{
    axes::{GAP, clipped, grid, widest, x_name},
    plot::{Geometry, Plot, set_if_new},
    strokes::{Stroke, trace},
    surface::Frame,
};

/// Room above the plot, for half a label and a line's width.
const TOP: f64 = 8.0;
/// Room on the right, for half a label.
const RIGHT: f64 = 12.0;
/// Room below the plot: a row of labels, and the name of the axis.
const BOTTOM: f64 = 38.0;
/// How close ticks may come to each other: rows of labels, and columns.
const TICK_SPACING: (f64, f64) = (56.0, 32.0);
/// Paints axes and lines, and notes where they lie.
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
            let in_sight = visible(line.xs(), &span);
            if scale == Scale::Log {
                left_out += line.ys()[in_sight.clone()].iter().filter(|y| y.is_finite() && **y <= 0.0).count();
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
                    in_sight: in_sight.len(),
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
