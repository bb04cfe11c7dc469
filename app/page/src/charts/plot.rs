//! What a line chart holds: its lines, how the reader wants to see them, what the page says beside the canvas, and
//! where everything lies since it was painted last.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    rc::Rc,
};

use leptos::prelude::*;
use signal_studio_app_shared::drawing::{
    axis::Axis,
    scale::Scale,
    series::{LineStyle, Series},
    smoothing::Smoothed,
    span::Span,
};

/// How a number is written.
pub type Format = fn(f64) -> String;

/// How the reader wants to see the lines.
#[derive(Clone, Copy)]
pub struct ChartSettings {
    /// The part of the x axis that is shown; all when there is none.
    pub zoom: RwSignal<Option<Span>>,
    /// The x that is pointed at.
    pub cursor: RwSignal<Option<f64>>,
    /// The pixels being selected.
    pub band: RwSignal<Option<(f64, f64)>>,
    /// The weight of the past in the moving average; 0 for none.
    pub smoothing: RwSignal<f64>,
    /// Whether heights are logarithms.
    pub is_log: RwSignal<bool>,
    /// Labels of the lines that are hidden.
    pub hidden: RwSignal<BTreeSet<String>>,
}

impl ChartSettings {
    /// Everything is shown.
    pub fn new(smoothing: f64, is_log: bool) -> Self {
        Self {
            zoom: RwSignal::new(None),
            cursor: RwSignal::new(None),
            band: RwSignal::new(None),
            smoothing: RwSignal::new(smoothing),
            is_log: RwSignal::new(is_log),
            hidden: RwSignal::default(),
        }
    }

    /// The scale of heights.
    pub fn scale(&self) -> Scale {
        if self.is_log.get_untracked() { Scale::Log } else { Scale::Linear }
    }
}

/// What the page says beside the canvas.
#[derive(Clone, Copy)]
pub struct Words {
    /// The chart for those who do not see it.
    pub summary: RwSignal<String>,
    /// Why there is nothing to see.
    pub notice: RwSignal<Option<&'static str>>,
    /// What is left out of what is seen.
    pub note: RwSignal<Option<String>>,
    /// What is pointed at.
    pub tip: RwSignal<Option<Tip>>,
}

impl Words {
    /// Only the title is known.
    pub fn new(title: &str) -> Self {
        Self {
            summary: RwSignal::new(title.to_owned()),
            notice: RwSignal::new(None),
            note: RwSignal::new(None),
            tip: RwSignal::new(None),
        }
    }
}

/// Sets a signal if that changes it: what depends on it is not made anew for nothing.
pub fn set_if_new<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|old| *old != value) {
        signal.set(value);
    }
}

/// What is pointed at.
#[derive(Debug, Clone, PartialEq)]
pub struct Tip {
    /// Pixels from the crosshair to the edge on the other side.
    pub space: f64,
    /// Whether the crosshair is on the right, and the room on its left.
    pub is_right: bool,
    /// The x, with what it counts.
    pub x: String,
    /// One row for each line.
    pub rows: Vec<TipRow>,
}

/// What a line says where it is pointed at.
#[derive(Debug, Clone, PartialEq)]
pub struct TipRow {
    /// The line's label.
    pub label: String,
    /// Its colour's place in the palette.
    pub color: usize,
    /// Its style.
    pub style: LineStyle,
    /// Its nearest value.
    pub value: String,
    /// That value before it was smoothed.
    pub raw: Option<String>,
    /// The value's x, where it is another one.
    pub at: Option<String>,
}

/// A line and its moving average.
pub struct Layer {
    /// The line.
    pub series: Series,
    /// Its average for the smoothing that is set.
    pub smoothed: Smoothed,
}

/// Where everything lies.
#[derive(Clone, Copy)]
pub struct Geometry {
    /// The x axis.
    pub x: Axis,
    /// The y axis, of heights.
    pub y: Axis,
    /// How values become heights.
    pub scale: Scale,
    /// All x that there are.
    pub full: Span,
    /// The shortest span that shows more than one point.
    pub shortest: f64,
}

/// A line chart.
pub struct Plot {
    /// Its title.
    pub title: String,
    /// The unit of its values; may be empty.
    pub unit: String,
    /// What x counts.
    pub x_label: String,
    /// Why there are points and no values.
    pub reason_for_gaps: &'static str,
    /// How an x is written.
    pub x_format: Format,
    /// How a value is written.
    pub y_format: Format,
    /// Its lines.
    pub lines: Signal<Vec<Series>, LocalStorage>,
    /// How they are to be seen.
    pub settings: ChartSettings,
    /// What is said about them.
    pub words: Words,
    /// The lines as they are drawn.
    pub layers: RefCell<Vec<Layer>>,
    /// Where everything lies; none while there is nothing to see.
    pub geometry: Cell<Option<Geometry>>,
    /// Points to draw, kept for their memory.
    pub scratch: RefCell<Vec<(f64, f64)>>,
}

impl Plot {
    /// Takes up the lines as they are now, with the averages of those that it had.
    pub fn follow_lines(&self) {
        let mut layers = self.layers.borrow_mut();
        let mut before = std::mem::take(&mut *layers);
        self.lines.with_untracked(|lines| {
            for series in lines {
                let known = before.iter().position(|layer| layer.series.is(series));
                layers.push(match known {
                    Some(i) => before.swap_remove(i),
                    None => Layer { series: series.clone(), smoothed: Smoothed::default() },
                });
            }
        });
    }

    /// Calls `visit` for every line that is not hidden.
    pub fn each_shown(&self, mut visit: impl FnMut(&mut Layer)) {
        let mut layers = self.layers.borrow_mut();
        self.settings.hidden.with_untracked(|hidden| {
            layers.iter_mut().filter(|layer| !hidden.contains(layer.series.label())).for_each(&mut visit);
        });
    }

    /// Shows `span` of the x axis.
    pub fn show(&self, geometry: &Geometry, span: Span) {
        let span = span.within(&geometry.full);
        set_if_new(self.settings.zoom, (span != geometry.full).then_some(span));
    }

    /// Shows `factor` times as much, around `about`.
    pub fn zoom(&self, geometry: &Geometry, about: f64, factor: f64) {
        self.show(geometry, geometry.x.span.zoomed(about, factor, &geometry.full, geometry.shortest));
    }

    /// Shows everything.
    pub fn show_all(&self) {
        set_if_new(self.settings.zoom, None);
    }

    /// A value with its unit.
    pub fn with_unit(&self, value: f64) -> String {
        let number = (self.y_format)(value);
        if self.unit.is_empty() { number } else { format!("{number}\u{a0}{}", self.unit) }
    }
}

/// A chart that several callbacks share.
pub type SharedPlot = StoredValue<Rc<Plot>, LocalStorage>;
