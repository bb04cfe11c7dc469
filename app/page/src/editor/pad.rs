//! The state of an editor and what changes it: typing, edits, the caret, and text and problems that come from outside.

use leptos::{html, prelude::*, wasm_bindgen::JsCast};
use signal_studio_app_shared::editing::{Completion, Edit, Help, Problem, Severity};
use web_sys::{Element, Event, HtmlElement, HtmlTextAreaElement, InputEvent};

use super::{
    dom::{self, Rect},
    drawn_text::DrawnText,
};

/// The elements of an editor.
#[derive(Clone, Copy)]
pub struct Parts {
    /// The text field.
    pub input: NodeRef<html::Textarea>,
    /// The drawn text.
    pub code: NodeRef<html::Pre>,
    /// The line numbers.
    pub gutter: NodeRef<html::Div>,
    /// What scrolls all three.
    pub scroller: NodeRef<html::Div>,
}

/// What is told about a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Tip {
    /// Its problems.
    pub problems: Vec<Problem>,
    /// What its key means.
    pub help: Option<Help>,
    /// Where on the page it is.
    pub anchor: Rect,
}

/// The state of an editor. A copy is the same editor.
#[derive(Clone, Copy)]
pub struct Pad {
    text: RwSignal<String>,
    pub read_only: Signal<bool>,
    pub datasets: Signal<Vec<String>>,
    parts: Parts,
    drawn: StoredValue<Option<DrawnText>, LocalStorage>,
    /// What is suggested at the caret.
    pub completion: RwSignal<Option<Completion>>,
    /// The element that holds the suggestions.
    pub popup: NodeRef<html::Div>,
    /// Which of the suggestions is selected.
    pub chosen: RwSignal<usize>,
    /// What is told about a place.
    pub tip: RwSignal<Option<Tip>>,
    /// The timer that shows or hides a tip.
    pub tip_timer: StoredValue<Option<TimeoutHandle>, LocalStorage>,
    /// Whether the next Tab leaves the editor.
    pub leaving: StoredValue<bool>,
    /// Whether the input event that comes is our own doing.
    accepting: StoredValue<bool>,
}

impl Pad {
    pub fn new(text: RwSignal<String>, read_only: Signal<bool>, datasets: Signal<Vec<String>>, parts: Parts) -> Self {
        Self {
            text,
            read_only,
            datasets,
            parts,
            drawn: StoredValue::new_local(None),
            completion: RwSignal::new(None),
            popup: NodeRef::new(),
            chosen: RwSignal::new(0),
            tip: RwSignal::new(None),
            tip_timer: StoredValue::new_local(None),
            leaving: StoredValue::new(false),
            accepting: StoredValue::new(false),
        }
    }

    /// Keeps the drawn text and its problems equal to what they are outside.
    pub fn follow(self, problems: Signal<Vec<Problem>>) {
        Effect::new(move || {
            let (true, Some(field)) = (self.is_drawn(), self.parts.input.get()) else { return };
            // A text field has no other line breaks, and its places are to be those of the signal's text.
            let text = self.text.get().replace("\r\n", "\n").replace('\r', "\n");
            let shown = self.with_drawn(|drawn| drawn.text() == text && field.value() == text);
            if shown == Some(false) {
                field.set_value(&text);
                self.close_suggestions();
                self.update_drawn(|drawn| drawn.show(text.clone()));
                if self.text.with_untracked(|old| *old != text) {
                    self.text.set(text);
                }
            }
        });
        Effect::new(move || {
            let problems = problems.get();
            if self.is_drawn() {
                self.update_drawn(|drawn| drawn.mark(problems));
            }
        });
    }

    /// Whether there is a drawn text; it is made once its elements are there.
    fn is_drawn(self) -> bool {
        let (Some(code), Some(gutter)) = (self.parts.code.get(), self.parts.gutter.get()) else { return false };
        let element = |element: &HtmlElement| element.clone().unchecked_into::<Element>();
        self.drawn.update_value(|drawn| {
            drawn.get_or_insert_with(|| DrawnText::new(element(&code), element(&gutter)));
        });
        true
    }

    fn field(self) -> Option<HtmlTextAreaElement> {
        self.parts.input.get_untracked()
    }

    pub fn with_drawn<T>(self, read: impl FnOnce(&DrawnText) -> T) -> Option<T> {
        self.drawn.try_with_value(|drawn| drawn.as_ref().map(read)).flatten()
    }

    fn update_drawn(self, change: impl FnOnce(&mut DrawnText)) {
        self.drawn.try_update_value(|drawn| drawn.as_mut().map(change));
    }

    /// The text field, its text, and the bytes selected in it.
    pub fn selected(self) -> Option<(HtmlTextAreaElement, String, std::ops::Range<usize>)> {
        let field = self.field()?;
        let text = self.with_drawn(|drawn| drawn.text().to_owned())?;
        let selection = dom::selection(&field, &text);
        Some((field, text, selection))
    }

    /// The text field tells of input.
    pub fn input_happened(self, event: &Event) {
        self.typed(&event.dyn_ref::<InputEvent>().map(InputEvent::input_type).unwrap_or_default());
    }

    /// The text field has another text: `how` is the kind of input, as browsers name it.
    fn typed(self, how: &str) {
        let Some(field) = self.field() else { return };
        let text = field.value();
        self.update_drawn(|drawn| drawn.show(text.clone()));
        self.text.set(text);
        self.hide_tip();
        if self.accepting.get_value() {
            return;
        }
        self.show_caret(false);
        if how == "insertText" || self.completion.with_untracked(Option::is_some) {
            self.suggest(false);
        }
    }

    /// Makes an edit as if it had been typed.
    pub fn apply(self, edit: &Edit) {
        let (Some((field, text, _)), false) = (self.selected(), self.read_only.get_untracked()) else { return };
        self.accepting.set_value(true);
        if !dom::edit(&field, &text, edit) {
            self.typed("");
        }
        self.accepting.set_value(false);
        self.show_caret(true);
    }

    /// Selects bytes of the text, puts the caret there and brings it into view.
    pub fn jump(self, span: &std::ops::Range<usize>) {
        let Some((field, text, _)) = self.selected() else { return };
        dom::report(field.focus());
        dom::select(&field, &text, span);
        self.show_caret(true);
    }

    /// The pointer was pressed and let go.
    pub fn pressed(self) {
        self.leaving.set_value(false);
        self.caret_may_have_moved();
    }

    /// After a key or a click, once the browser has moved the caret.
    pub fn caret_may_have_moved(self) {
        request_animation_frame(move || {
            if self.has_focus() {
                self.show_caret(true);
                self.show_problems_at_caret();
                self.close_suggestions_elsewhere();
            }
        });
    }

    pub fn has_focus(self) -> bool {
        let Some(field) = self.field() else { return false };
        document().active_element().is_some_and(|active| active.is_same_node(Some(&field)))
    }

    /// The editor has lost the focus.
    pub fn left(self) {
        self.leaving.set_value(false);
        self.close_suggestions();
        self.hide_tip();
        self.update_drawn(|drawn| drawn.point_out(None));
    }

    /// Points out the line of the caret, and brings the caret into view if asked to.
    fn show_caret(self, into_view: bool) {
        let Some((field, text, _)) = self.selected() else { return };
        let units = |place: Result<Option<u32>, _>| place.ok().flatten().unwrap_or(0);
        let backward = field.selection_direction().ok().flatten().is_some_and(|direction| direction == "backward");
        let caret = if backward { units(field.selection_start()) } else { units(field.selection_end()) };
        let caret = signal_studio_app_shared::editing::byte_of(&text, caret as usize);
        self.update_drawn(|drawn| drawn.point_out(Some(caret)));
        if into_view {
            self.bring_into_view(caret);
        }
    }

    fn bring_into_view(self, place: usize) {
        /// Room kept between the caret and the edge, in CSS pixels.
        const MARGIN: f64 = 12.0;
        let (Some(scroller), Some(gutter)) = (self.parts.scroller.get_untracked(), self.parts.gutter.get_untracked())
        else {
            return;
        };
        let Some(Some(caret)) = self.with_drawn(|drawn| drawn.rect_of(place)) else { return };
        let outer = dom::Rect::of(&scroller.get_bounding_client_rect());
        let left = outer.left + f64::from(gutter.offset_width()) + MARGIN;
        let right = outer.left + f64::from(scroller.client_width()) - MARGIN;
        let bottom = outer.top + f64::from(scroller.client_height());
        let shift = |low: f64, high: f64, from: f64, to: f64| {
            if low < from {
                low - from
            } else if high > to {
                high - to
            } else {
                0.0
            }
        };
        let (x, y) = (shift(caret.left, caret.left, left, right), shift(caret.top, caret.bottom, outer.top, bottom));
        if x != 0.0 || y != 0.0 {
            scroller.scroll_by_with_x_and_y(x, y);
        }
    }

    /// What floats over the text has lost its place.
    pub fn scrolled(self) {
        self.place_suggestions();
        if self.tip.with_untracked(Option::is_some) {
            self.hide_tip();
        }
    }

    /// The field itself never scrolls: it is as large as its text. Browsers scroll it for a moment while it grows.
    pub fn field_scrolled(self) {
        if let Some(field) = self.field() {
            field.set_scroll_top(0);
            field.set_scroll_left(0);
        }
    }
}

/// Whether a run could not start.
pub fn any_error(problems: &[Problem]) -> bool {
    problems.iter().any(|problem| problem.severity == Severity::Error)
}

/// An element of the page as the kind that can be shown and hidden.
pub fn popover(element: &impl AsRef<Element>) -> Option<HtmlElement> {
    element.as_ref().clone().dyn_into().ok()
}
