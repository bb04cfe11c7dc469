//! What the editor asks of the browser's document: rectangles, popovers, and edits that the browser's own undo knows.

use leptos::{logging::warn, prelude::document, wasm_bindgen::JsCast};
use signal_studio_app_shared::editing::{Edit, byte_of, utf16_of};
use std::ops::Range;
use web_sys::{DomRect, HtmlDocument, HtmlElement, HtmlTextAreaElement, wasm_bindgen::JsValue};

/// A rectangle of the screen, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rect {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Rect {
    pub fn of(rect: &DomRect) -> Self {
        Self { left: rect.left(), top: rect.top(), right: rect.right(), bottom: rect.bottom() }
    }
}

/// Tells in the console of a refusal of the document's: none is expected, and the text is never at stake.
pub fn report<T>(result: Result<T, JsValue>) {
    if let Err(error) = result {
        warn!("the editor could not change the page: {error:?}");
    }
}

/// The selected bytes of a text field's text.
pub fn selection(field: &HtmlTextAreaElement, text: &str) -> Range<usize> {
    let units = |place: Result<Option<u32>, JsValue>| place.ok().flatten().unwrap_or(0) as usize;
    byte_of(text, units(field.selection_start()))..byte_of(text, units(field.selection_end()))
}

/// Selects bytes of a text field's text.
pub fn select(field: &HtmlTextAreaElement, text: &str, span: &Range<usize>) {
    let units = |byte| u32::try_from(utf16_of(text, byte)).unwrap_or(u32::MAX);
    report(field.set_selection_range(units(span.start), units(span.end)));
}

/// Edits a text field's text as if it had been typed, so that the browser's undo takes it back. Whether an input event
/// told of it: browsers that refuse get the text set without one.
pub fn edit(field: &HtmlTextAreaElement, text: &str, edit: &Edit) -> bool {
    report(field.focus());
    select(field, text, &edit.range);
    let typed = document().dyn_into::<HtmlDocument>().is_ok_and(|document| {
        let done = if edit.insert.is_empty() {
            document.exec_command("delete")
        } else {
            document.exec_command_with_show_ui_and_value("insertText", false, &edit.insert)
        };
        done.unwrap_or(false)
    });
    if !typed {
        report(field.set_range_text(&edit.insert));
    }
    select(field, &field.value(), &edit.select);
    typed
}

/// Shows or hides a popover.
pub fn set_open(popover: &HtmlElement, open: bool) {
    if popover.matches(":popover-open").unwrap_or(false) != open {
        report(if open { popover.show_popover() } else { popover.hide_popover() });
    }
}

/// Puts a popover beside a rectangle of the screen: above or below it as wanted, on the other side where there is no
/// room, and always within the window.
pub fn place_beside(popover: &HtmlElement, anchor: Rect, above: bool) {
    /// Room between the popover and what it is about, and the window's edges.
    const GAP: f64 = 4.0;
    let Some(root) = document().document_element() else { return };
    let (width, height) = (f64::from(root.client_width()), f64::from(root.client_height()));
    let size = popover.get_bounding_client_rect();
    let fits_above = anchor.top - GAP - size.height() >= GAP;
    let fits_below = anchor.bottom + GAP + size.height() <= height - GAP;
    let above = if above { fits_above || !fits_below } else { fits_above && !fits_below };
    let top = if above { anchor.top - GAP - size.height() } else { anchor.bottom + GAP };
    let left = anchor.left.min(width - GAP - size.width()).max(GAP);
    let style = popover.style();
    report(style.set_property("left", &format!("{}px", left.round())));
    report(style.set_property("top", &format!("{}px", top.max(GAP).round())));
}
