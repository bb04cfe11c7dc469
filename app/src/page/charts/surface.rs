//! Canvases that lie over each other. Changes flow in, of what is drawn, of the place there is, of the theme; what flows
//! out is at most one painting a frame, none while the canvases cannot be seen.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use js_sys::Array;
use leptos::{
    ev,
    leptos_dom::helpers::{AnimationFrameRequestHandle, WindowListenerHandle, request_animation_frame_with_handle},
    prelude::{document, window, window_event_listener},
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{
    CanvasRenderingContext2d, HtmlCanvasElement, IntersectionObserver, IntersectionObserverEntry,
    IntersectionObserverInit, MediaQueryList, MutationObserver, MutationObserverInit, ResizeObserver,
    ResizeObserverEntry,
};

use super::theme::Theme;

/// How far from the screen's edge a chart is made ready.
const MARGIN: &str = "120px";

/// What one layer is painted on. Lengths are CSS pixels.
pub struct Frame<'a> {
    /// The canvas, cleared.
    pub context: &'a CanvasRenderingContext2d,
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
    /// The width of one of the screen's own pixels.
    pub pixel: f64,
    /// Its colours and type.
    pub theme: &'a Theme,
}

type Paint = Box<dyn Fn(usize, &Frame<'_>) -> Result<(), JsValue>>;

/// Canvases that lie over each other, the lowest first. Dropping it ends all observation.
pub struct Surface {
    shared: Rc<Shared>,
    resize: ResizeObserver,
    intersection: IntersectionObserver,
    mutation: MutationObserver,
    scheme: MediaQueryList,
    window_resize: Option<WindowListenerHandle>,
    on_theme: Closure<dyn FnMut()>,
    /// What the other observers call, alive as long as they are.
    _on_change: [Closure<dyn FnMut(Array)>; 2],
}

struct Shared {
    layers: Vec<(HtmlCanvasElement, CanvasRenderingContext2d)>,
    paint: Paint,
    size: Cell<(f64, f64)>,
    is_on_screen: Cell<bool>,
    theme: RefCell<Option<Theme>>,
    /// The lowest layer that is not as it should be.
    stale: Cell<Option<usize>>,
    frame: Cell<Option<AnimationFrameRequestHandle>>,
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
            theme: RefCell::new(None),
            stale: Cell::new(Some(0)),
            frame: Cell::new(None),
        });

        let weak = Rc::downgrade(&shared);
        let on_resize = Closure::<dyn FnMut(Array)>::new(with(&weak, |shared, entries: Array| {
            if let Some(entry) = last::<ResizeObserverEntry>(&entries) {
                let place = entry.content_rect();
                shared.size.set((place.width(), place.height()));
                shared.redraw(0);
            }
        }));
        let resize = ResizeObserver::new(on_resize.as_ref().unchecked_ref())?;
        resize.observe(&lowest);

        let on_intersection = Closure::<dyn FnMut(Array)>::new(with(&weak, |shared, entries: Array| {
            if let Some(entry) = last::<IntersectionObserverEntry>(&entries) {
                shared.is_on_screen.set(entry.is_intersecting());
                shared.schedule();
            }
        }));
        let options = IntersectionObserverInit::new();
        options.set_root_margin(MARGIN);
        let intersection = IntersectionObserver::new_with_options(on_intersection.as_ref().unchecked_ref(), &options)?;
        intersection.observe(&lowest);

        let on_theme = {
            let retheme = with(&weak, |shared, ()| {
                shared.theme.replace(None);
                shared.redraw(0);
            });
            Closure::<dyn FnMut()>::new(move || retheme(()))
        };
        let mutation = MutationObserver::new(on_theme.as_ref().unchecked_ref())?;
        let options = MutationObserverInit::new();
        options.set_attributes(true);
        options.set_attribute_filter(&Array::of1(&"data-theme".into()));
        if let Some(root) = document().document_element() {
            mutation.observe_with_options(&root, &options)?;
        }
        let scheme = window()
            .match_media("(prefers-color-scheme: dark)")?
            .ok_or("this browser does not tell the colour scheme")?;
        scheme.add_event_listener_with_callback("change", on_theme.as_ref().unchecked_ref())?;

        // The page's zoom changes how many of the screen's pixels there are in the same place.
        let window_resize = Some(window_event_listener(ev::resize, with(&weak, |shared, _| shared.redraw(0))));

        let _on_change = [on_resize, on_intersection];
        Ok(Self { shared, resize, intersection, mutation, scheme, window_resize, on_theme, _on_change })
    }

    /// Paints this layer and those above it, in the next frame in which they can be seen.
    pub fn redraw(&self, layer: usize) {
        self.shared.redraw(layer);
    }
}

impl Drop for Surface {
    fn drop(&mut self) {
        self.resize.disconnect();
        self.intersection.disconnect();
        self.mutation.disconnect();
        if let Err(error) =
            self.scheme.remove_event_listener_with_callback("change", self.on_theme.as_ref().unchecked_ref())
        {
            web_sys::console::error_1(&error);
        }
        if let Some(listener) = self.window_resize.take() {
            listener.remove();
        }
        if let Some(frame) = self.shared.frame.take() {
            frame.cancel();
        }
    }
}

impl Shared {
    fn redraw(self: &Rc<Self>, layer: usize) {
        self.stale.set(Some(self.stale.get().map_or(layer, |other| other.min(layer))));
        self.schedule();
    }

    fn schedule(self: &Rc<Self>) {
        if self.stale.get().is_none() || !self.is_on_screen.get() || self.frame.get().is_some() {
            return;
        }
        let draw = with(&Rc::downgrade(self), |shared, ()| {
            shared.frame.set(None);
            if let Err(error) = shared.draw() {
                web_sys::console::error_1(&error);
            }
        });
        match request_animation_frame_with_handle(move || draw(())) {
            Ok(handle) => self.frame.set(Some(handle)),
            Err(error) => web_sys::console::error_1(&error),
        }
    }

    fn draw(&self) -> Result<(), JsValue> {
        let (width, height) = self.size.get();
        if width < 1.0 || height < 1.0 || !self.is_on_screen.get() {
            return Ok(());
        }
        let Some(lowest) = self.stale.take() else { return Ok(()) };
        let ratio = window().device_pixel_ratio();
        let (columns, rows) = ((width * ratio).round() as u32, (height * ratio).round() as u32);
        if self.theme.borrow().is_none() {
            self.theme.replace(Some(Theme::read(&self.layers[0].0)?));
        }
        let theme = self.theme.borrow();
        let Some(theme) = theme.as_ref() else { return Ok(()) };
        for (layer, (canvas, context)) in self.layers.iter().enumerate().skip(lowest) {
            if canvas.width() != columns || canvas.height() != rows {
                canvas.set_width(columns);
                canvas.set_height(rows);
            }
            context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0)?;
            context.clear_rect(0.0, 0.0, width + 1.0, height + 1.0);
            (self.paint)(layer, &Frame { context, width, height, pixel: 1.0 / ratio, theme })?;
        }
        Ok(())
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
