//! Pointers, wheel and keys on a line chart, which move what is shown and what is pointed at.

use std::cell::{Cell, RefCell};

use leptos::prelude::*;
use signal_studio_app_shared::drawing::span::Span;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent, PointerEvent, WheelEvent};

use super::{
    plot::{Geometry, Plot, set_if_new},
    readout,
};

/// A pointer that moved less than this has not been dragged.
const SLOP: f64 = 4.0;
/// Zoom of one press of a key.
const KEY_ZOOM: f64 = 1.6;
/// How much the logarithm of the zoom changes with one pixel of a wheel.
const WHEEL_ZOOM: f64 = 0.002;
/// Pixels in a line of a wheel that counts lines.
const WHEEL_LINE: f64 = 16.0;

/// The pointers that are down, and what they do.
#[derive(Default)]
pub struct Gestures {
    /// Identity and pixel of each pointer that is down.
    pointers: RefCell<Vec<(i32, f64)>>,
    drag: Cell<Drag>,
}

#[derive(Clone, Copy, Default)]
enum Drag {
    #[default]
    None,
    /// What is to be shown is being selected, from this pixel.
    Select(f64),
    /// The axis is being moved, and was last at this pixel.
    Pan(f64),
    /// Two fingers hold these numbers of the axis.
    Pinch(f64, f64),
}

impl Gestures {
    /// A button or a finger came down.
    pub fn down(&self, plot: &Plot, event: &PointerEvent) {
        let Some(geometry) = plot.geometry.get() else { return };
        if event.button() != 0 {
            return;
        }
        if let Some(target) = event.current_target().and_then(|target| target.dyn_into::<Element>().ok())
            && let Err(error) = target.set_pointer_capture(event.pointer_id())
        {
            web_sys::console::warn_1(&error);
        }
        let at = f64::from(event.offset_x());
        let mut pointers = self.pointers.borrow_mut();
        pointers.push((event.pointer_id(), at));
        self.drag.set(match pointers.as_slice() {
            [(_, a), (_, b)] => Drag::Pinch(geometry.x.number(*a), geometry.x.number(*b)),
            [_] if event.pointer_type() == "touch" => Drag::None,
            [_] if event.shift_key() => Drag::Pan(at),
            [_] => Drag::Select(geometry.x.clamped(at)),
            _ => Drag::None,
        });
        set_if_new(plot.settings.cursor, Some(geometry.x.number(at)));
    }

    /// A pointer moved, down or not.
    pub fn moved(&self, plot: &Plot, event: &PointerEvent) {
        let Some(geometry) = plot.geometry.get() else { return };
        let at = f64::from(event.offset_x());
        let mut pointers = self.pointers.borrow_mut();
        if let Some(pointer) = pointers.iter_mut().find(|(id, _)| *id == event.pointer_id()) {
            pointer.1 = at;
        }
        set_if_new(plot.settings.cursor, Some(geometry.x.number(geometry.x.clamped(at))));
        match (self.drag.get(), pointers.as_slice()) {
            (Drag::Select(from), _) => {
                let to = geometry.x.clamped(at);
                set_if_new(plot.settings.band, ((to - from).abs() >= SLOP).then_some((from, to)));
            }
            (Drag::Pan(last), _) => {
                plot.show(&geometry, geometry.x.span.panned((last - at) / geometry.x.scale(), &geometry.full));
                self.drag.set(Drag::Pan(at));
            }
            (Drag::Pinch(a, b), [(_, a_pixel), (_, b_pixel)]) => pinch(plot, &geometry, [a, b], [*a_pixel, *b_pixel]),
            _ => {}
        }
    }

    /// A button or a finger went up.
    pub fn up(&self, plot: &Plot, event: &PointerEvent) {
        self.pointers.borrow_mut().retain(|(id, _)| *id != event.pointer_id());
        self.drag.set(Drag::None);
        let band = plot.settings.band.get_untracked();
        set_if_new(plot.settings.band, None);
        if let (Some((from, to)), Some(geometry)) = (band, plot.geometry.get()) {
            let (start, end) = (geometry.x.number(from.min(to)), geometry.x.number(from.max(to)));
            let span = Span { start, end };
            plot.show(&geometry, span.zoomed((start + end) / 2.0, 1.0, &geometry.full, geometry.shortest));
        }
    }

    /// The browser took the pointer for something else: nothing was meant.
    pub fn cancel(&self, plot: &Plot, event: &PointerEvent) {
        set_if_new(plot.settings.band, None);
        set_if_new(plot.settings.cursor, None);
        self.up(plot, event);
    }

    /// The pointer went elsewhere. A finger has gone up then, and what it pointed at is still to be read.
    pub fn leave(&self, plot: &Plot, event: &PointerEvent) {
        if event.pointer_type() != "touch" {
            set_if_new(plot.settings.cursor, None);
        }
    }
}

/// Shows what lies between two fingers that hold two numbers of the axis.
fn pinch(plot: &Plot, geometry: &Geometry, numbers: [f64; 2], pixels: [f64; 2]) {
    let pixel = (numbers[1] - numbers[0]) / (pixels[1] - pixels[0]);
    // Fingers on top of each other, or past each other, hold nothing.
    if !pixel.is_finite() || pixel <= 0.0 {
        return;
    }
    let width = (pixel * (geometry.x.to - geometry.x.from)).max(geometry.shortest);
    let start = numbers[0] - pixel * (pixels[0] - geometry.x.from);
    plot.show(geometry, Span { start, end: start + width });
}

/// The wheel zooms a chart that has the focus, or with Ctrl, as two fingers on a touchpad do; else the page scrolls.
pub fn wheel(plot: &Plot, event: &WheelEvent) {
    let Some(geometry) = plot.geometry.get() else { return };
    let is_focused = event.current_target().map(JsCast::unchecked_into::<Element>) == document().active_element();
    if !(is_focused || event.ctrl_key() || event.meta_key()) {
        return;
    }
    event.prevent_default();
    let line = if event.delta_mode() == WheelEvent::DOM_DELTA_PIXEL { 1.0 } else { WHEEL_LINE };
    let (across, along) = (event.delta_x() * line, event.delta_y() * line);
    if event.shift_key() || across.abs() > along.abs() {
        let distance = if across == 0.0 { along } else { across };
        plot.show(&geometry, geometry.x.span.panned(distance / geometry.x.scale(), &geometry.full));
    } else {
        let about = geometry.x.number(geometry.x.clamped(f64::from(event.offset_x())));
        plot.zoom(&geometry, about, (along.clamp(-300.0, 300.0) * WHEEL_ZOOM).exp());
    }
}

/// Arrows move what is pointed at, plus and minus zoom, 0 shows everything. Gives what is to be said about it.
pub fn key(plot: &Plot, event: &KeyboardEvent) -> Option<String> {
    let geometry = plot.geometry.get()?;
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return None;
    }
    let settings = plot.settings;
    let span = geometry.x.span;
    let cursor = settings.cursor.get_untracked();
    let pixels = if event.shift_key() { (geometry.x.to - geometry.x.from) / 10.0 } else { 1.0 };
    let step = pixels / geometry.x.scale();
    let pointed = match event.key().as_str() {
        "ArrowRight" => Some(cursor.map_or(span.start, |x| readout::next(plot, x, step).unwrap_or(x))),
        "ArrowLeft" => Some(cursor.map_or(span.end, |x| readout::next(plot, x, -step).unwrap_or(x))),
        "Home" => Some(geometry.full.start),
        "End" => Some(geometry.full.end),
        "+" | "=" => {
            plot.zoom(&geometry, cursor.unwrap_or((span.start + span.end) / 2.0), 1.0 / KEY_ZOOM);
            None
        }
        "-" | "_" => {
            plot.zoom(&geometry, cursor.unwrap_or((span.start + span.end) / 2.0), KEY_ZOOM);
            None
        }
        "0" => {
            plot.show_all();
            None
        }
        "Escape" if cursor.is_some() => {
            set_if_new(settings.cursor, None);
            None
        }
        _ => return None,
    };
    event.prevent_default();
    let pointed = readout::snapped(plot, pointed?)?;
    set_if_new(settings.cursor, Some(pointed));
    if pointed < span.start {
        plot.show(&geometry, span.panned(pointed - span.start, &geometry.full));
    } else if pointed > span.end {
        plot.show(&geometry, span.panned(pointed - span.end, &geometry.full));
    }
    Some(readout::sentence(plot, &geometry, pointed))
}
