//! Canvases that lie over each other. When data, size or screen change what they show, the painter is asked to paint
//! them, but not while they cannot be seen.

use std::{
    cell::Cell,
    rc::{Rc, Weak},
};

use js_sys::Array;
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{
    CanvasRenderingContext2d, Event, HtmlCanvasElement, IntersectionObserver, IntersectionObserverEntry,
    IntersectionObserverInit, ResizeObserver, ResizeObserverEntry,
};

use super::{
    painter::{self, Painting, When},
    theme::{ChartColors, font_of},
};

/// How far from the screen's edge a chart is made ready.
const MARGIN: &str = "120px";

/// What a canvas tells when it can be painted again.
const RESTORED: &str = "contextrestored";

/// What one layer is painted on. Lengths are CSS pixels.
pub struct Frame<'a> {
    /// The canvas, cleared, with its own type set.
    pub context: &'a CanvasRenderingContext2d,
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
    /// The width of one of the screen's own pixels.
    pub pixel: f64,
    /// The page's colours.
    pub theme: &'a ChartColors,
}

type Paint = Box<dyn Fn(usize, &Frame<'_>) -> Result<(), JsValue>>;

/// Canvases that lie over each other, the lowest first. Dropping it ends all observation.
pub struct Surface {
    shared: Rc<Shared>,
    resize: ResizeObserver,
    intersection: IntersectionObserver,
    /// What the observers call, alive as long as they are.
    _on_change: [Closure<dyn FnMut(Array)>; 2],
    on_restored: Closure<dyn FnMut(Event)>,
}

struct Shared {
    layers: Vec<(HtmlCanvasElement, CanvasRenderingContext2d)>,
    paint: Paint,
    size: Cell<(f64, f64)>,
    is_on_screen: Cell<bool>,
    /// The lowest layer that is not as it should be.
    stale: Cell<Option<usize>>,
}

impl Surface {
    /// Canvases of one size, the lowest first, painted by `paint`, which is told which one.
    ///
    /// # Errors
    /// What the browser says when it gives no context or no observer.
    pub fn new(
        canvases: Vec<HtmlCanvasElement>,
        paint: impl Fn(usize, &Frame<'_>) -> Result<(), JsValue> + 'static,
    ) -> Result<Self, JsValue> {
        let layers = canvases
            .into_iter()
            .map(|canvas| {
                let context = canvas.get_context("2d")?.ok_or("this browser draws nothing on canvases")?;
                Ok((canvas, context.unchecked_into()))
            })
            .collect::<Result<Vec<(_, CanvasRenderingContext2d)>, JsValue>>()?;
        let Some((lowest, _)) = layers.first().cloned() else {
            return Err("a surface needs a canvas".into());
        };
        let shared = Rc::new(Shared {
            layers,
            paint: Box::new(paint),
            size: Cell::default(),
            is_on_screen: Cell::new(false),
            stale: Cell::new(Some(0)),
        });
        let weak = Rc::downgrade(&shared);
        painter::enroll(weak.clone())?;

        let on_resize = Closure::<dyn FnMut(Array)>::new(with(&weak, |shared, entries: Array| {
            if let Some(entry) = last::<ResizeObserverEntry>(&entries) {
                let place = entry.content_rect();
                shared.size.set((place.width(), place.height()));
                shared.redraw(0, When::AtOnce);
            }
        }));
        let resize = ResizeObserver::new(on_resize.as_ref().unchecked_ref())?;
        resize.observe(&lowest);

        let on_intersection = Closure::<dyn FnMut(Array)>::new(with(&weak, |shared, entries: Array| {
            if let Some(entry) = last::<IntersectionObserverEntry>(&entries) {
                shared.is_on_screen.set(entry.is_intersecting());
                shared.schedule(When::InTurn);
            }
        }));
        let options = IntersectionObserverInit::new();
        options.set_root_margin(MARGIN);
        let intersection = IntersectionObserver::new_with_options(on_intersection.as_ref().unchecked_ref(), &options)?;
        intersection.observe(&lowest);

        // With its GPU a browser loses what was painted.
        let on_restored = Closure::<dyn FnMut(Event)>::new(with(&weak, |shared, _: Event| shared.repaint_all()));
        for (canvas, _) in &shared.layers {
            canvas.add_event_listener_with_callback(RESTORED, on_restored.as_ref().unchecked_ref())?;
        }

        let _on_change = [on_resize, on_intersection];
        Ok(Self { shared, resize, intersection, _on_change, on_restored })
    }

    /// Paints this layer and those above it as soon as they can be seen: data have changed them.
    pub fn redraw(&self, layer: usize) {
        self.shared.redraw(layer, When::InTurn);
    }

    /// As [`Surface::redraw`], without waiting for other surfaces: the reader's hand has changed them.
    pub fn redraw_at_once(&self, layer: usize) {
        self.shared.redraw(layer, When::AtOnce);
    }
}

impl Drop for Surface {
    fn drop(&mut self) {
        self.resize.disconnect();
        self.intersection.disconnect();
        for (canvas, _) in &self.shared.layers {
            // It was added to every one.
            canvas.remove_event_listener_with_callback(RESTORED, self.on_restored.as_ref().unchecked_ref()).ok();
        }
    }
}

impl Shared {
    /// Paints canvases that have lost their size and type as well.
    fn repaint_all(self: &Rc<Self>) {
        for (canvas, _) in &self.layers {
            canvas.set_width(0);
        }
        self.redraw(0, When::InTurn);
    }

    fn redraw(self: &Rc<Self>, layer: usize, when: When) {
        self.stale.set(Some(self.stale.get().map_or(layer, |other| other.min(layer))));
        self.schedule(when);
    }

    fn schedule(self: &Rc<Self>, when: When) {
        if self.stale.get().is_some() && self.is_on_screen.get() {
            let painting: Rc<dyn Painting> = self.clone();
            painter::ask(Rc::downgrade(&painting), when);
        }
    }
}

impl Painting for Shared {
    fn paint(&self) -> Result<bool, JsValue> {
        let (width, height) = self.size.get();
        if width < 1.0 || height < 1.0 || !self.is_on_screen.get() {
            return Ok(false);
        }
        let Some(lowest) = self.stale.take() else { return Ok(false) };
        let ratio = window().device_pixel_ratio();
        let (columns, rows) = ((width * ratio).round() as u32, (height * ratio).round() as u32);
        let theme = painter::theme(&self.layers[0].0)?;
        for (layer, (canvas, context)) in self.layers.iter().enumerate().skip(lowest) {
            if canvas.width() != columns || canvas.height() != rows {
                canvas.set_width(columns);
                canvas.set_height(rows);
                // A canvas of another size has forgotten its type. To set it is dear: it is not done for every painting.
                context.set_font(&font_of(canvas)?);
            }
            context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0)?;
            context.clear_rect(0.0, 0.0, width + 1.0, height + 1.0);
            (self.paint)(layer, &Frame { context, width, height, pixel: 1.0 / ratio, theme: &theme })?;
        }
        Ok(true)
    }

    fn expire(self: Rc<Self>) {
        self.redraw(0, When::AtOnce);
    }
}

/// A callback that does nothing once the surface is gone.
fn with<T>(weak: &Weak<Shared>, act: impl Fn(&Rc<Shared>, T) + 'static) -> impl Fn(T) + 'static {
    let weak = weak.clone();
    move |value| {
        if let Some(shared) = weak.upgrade() {
            act(&shared, value);
        }
    }
}

/// The newest of an observer's entries.
fn last<T: JsCast>(entries: &Array) -> Option<T> {
    entries.get(entries.length().checked_sub(1)?).dyn_into().ok()
}
