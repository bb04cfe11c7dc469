//! Paints the page's canvases, and knows the theme that is on. Each frame paints those that follow the reader's hand
//! and one of the others, so that no frame is held up by all of them at once.

use std::{
    cell::{Cell, OnceCell, RefCell},
    collections::VecDeque,
    rc::{Rc, Weak},
};

use js_sys::Array;
use leptos::{
    ev,
    prelude::{document, request_animation_frame, window, window_event_listener},
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{HtmlCanvasElement, MediaQueryList, MutationObserver, MutationObserverInit};

use super::theme::ChartColors;

/// What can be painted.
pub trait Painting {
    /// Paints what is not as it should be; says whether there was anything.
    ///
    /// # Errors
    /// What the browser says when it refuses a stroke.
    fn paint(&self) -> Result<bool, JsValue>;

    /// Nothing is as it should be any more: colours or the size of a pixel have changed.
    fn expire(self: Rc<Self>);
}

/// When something is painted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// In the next frame: the reader's hand moves it.
    AtOnce,
    /// One a frame, after those that have waited longer: data have changed it.
    InTurn,
}

type WeakPainting = Weak<dyn Painting>;

#[derive(Default)]
struct Painter {
    all: RefCell<Vec<WeakPainting>>,
    at_once: RefCell<Vec<WeakPainting>>,
    in_turn: RefCell<VecDeque<WeakPainting>>,
    is_awaiting_frame: Cell<bool>,
    theme: RefCell<Option<Rc<ChartColors>>>,
    watch: OnceCell<Watch>,
}

/// What the browser calls when the look of the page changes, as long as the page lives.
struct Watch {
    _on_theme: Closure<dyn FnMut()>,
    _mutation: MutationObserver,
    _scheme: MediaQueryList,
}

thread_local! {
    static PAINTER: Painter = Painter::default();
}

/// From now on this is told when the look of the page changes.
///
/// # Errors
/// What the browser says when it cannot be asked for that.
pub fn enroll(painting: WeakPainting) -> Result<(), JsValue> {
    PAINTER.with(|painter| {
        if painter.watch.get().is_none() {
            // Nobody else sets it: there is one thread, and nothing here waits.
            painter.watch.set(watch()?).ok();
        }
        let mut all = painter.all.borrow_mut();
        all.retain(|known| known.strong_count() > 0);
        all.push(painting);
        Ok(())
    })
}

/// This is not as it should be.
pub fn ask(painting: WeakPainting, when: When) {
    PAINTER.with(|painter| {
        match when {
            When::AtOnce => painter.at_once.borrow_mut().push(painting),
            When::InTurn => {
                let mut in_turn = painter.in_turn.borrow_mut();
                if !in_turn.iter().any(|known| known.ptr_eq(&painting)) {
                    in_turn.push_back(painting);
                }
            }
        }
        painter.await_frame();
    });
}

/// The theme that is on.
///
/// # Errors
/// As for [`ChartColors::read`].
pub fn theme(canvas: &HtmlCanvasElement) -> Result<Rc<ChartColors>, JsValue> {
    PAINTER.with(|painter| {
        if let Some(theme) = &*painter.theme.borrow() {
            return Ok(theme.clone());
        }
        let theme = Rc::new(ChartColors::read(canvas)?);
        painter.theme.replace(Some(theme.clone()));
        Ok(theme)
    })
}

impl Painter {
    fn await_frame(&self) {
        if !self.is_awaiting_frame.replace(true) {
            request_animation_frame(|| PAINTER.with(Self::paint));
        }
    }

    fn paint(&self) {
        self.is_awaiting_frame.set(false);
        // Painting may ask for more, which then waits for the next frame.
        for painting in self.at_once.take() {
            paint(&painting);
        }
        while let Some(painting) = self.take_turn() {
            if paint(&painting) {
                break;
            }
        }
        if !self.in_turn.borrow().is_empty() {
            self.await_frame();
        }
    }

    fn take_turn(&self) -> Option<WeakPainting> {
        self.in_turn.borrow_mut().pop_front()
    }

    fn expire(&self) {
        self.theme.replace(None);
        let all: Vec<_> = self.all.borrow().iter().filter_map(Weak::upgrade).collect();
        all.into_iter().for_each(Painting::expire);
    }
}

/// Whether there was anything to paint.
fn paint(painting: &WeakPainting) -> bool {
    let Some(painting) = painting.upgrade() else { return false };
    painting.paint().unwrap_or_else(|error| {
        web_sys::console::error_1(&error);
        false
    })
}

fn watch() -> Result<Watch, JsValue> {
    let expire = || PAINTER.with(Painter::expire);
    let on_theme = Closure::<dyn FnMut()>::new(expire);
    let mutation = MutationObserver::new(on_theme.as_ref().unchecked_ref())?;
    let options = MutationObserverInit::new();
    options.set_attributes(true);
    options.set_attribute_filter(&Array::of1(&"data-theme".into()));
    if let Some(root) = document().document_element() {
        mutation.observe_with_options(&root, &options)?;
    }
    let scheme =
        window().match_media("(prefers-color-scheme: dark)")?.ok_or("this browser does not tell the colour scheme")?;
    scheme.add_event_listener_with_callback("change", on_theme.as_ref().unchecked_ref())?;
    // The page's zoom changes how many of the screen's pixels there are in the same place.
    window_event_listener(ev::resize, move |_| expire());
    Ok(Watch { _on_theme: on_theme, _mutation: mutation, _scheme: scheme })
}
