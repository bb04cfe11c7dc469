//! The drawn text: one element a line, one span a piece, and the numbers beside them. After a keystroke only the lines
//! that look different are drawn again. It knows where on the screen a character is, and what is under the pointer.

use leptos::{
    prelude::{document, window},
    wasm_bindgen::JsCast,
};
use signal_studio_app_shared::editing::{
    Ink, Layout, Outline, Piece, Problem, Severity, Syntax, change_between, layout, moved, utf16_of,
};
use web_sys::{Element, Node};

use super::dom::{Rect, report};

/// The text as it is drawn, and what is known of it.
pub struct DrawnText {
    code: Element,
    gutter: Element,
    lines: Vec<Element>,
    numbers: Vec<Element>,
    current: Option<usize>,
    text: String,
    syntax: Syntax,
    outline: Outline,
    problems: Vec<Problem>,
    layout: Layout,
}

impl DrawnText {
    /// An empty text, drawn into `code` with its line numbers in `gutter`.
    pub fn new(code: Element, gutter: Element) -> Self {
        // A view that is made anew may get the elements of the one before, with what was drawn into them.
        code.set_text_content(None);
        gutter.set_text_content(None);
        let mut drawn = Self {
            code,
            gutter,
            lines: Vec::new(),
            numbers: Vec::new(),
            current: None,
            text: String::new(),
            syntax: Syntax::default(),
            outline: Outline::default(),
            problems: Vec::new(),
            layout: Layout::default(),
        };
        drawn.draw(layout("", &[], &[]), String::new());
        drawn
    }

    /// The text that is drawn.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What stands where in it.
    pub fn outline(&self) -> &Outline {
        &self.outline
    }

    /// The problems that are drawn, where they stand now.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Draws another text. Until it is checked, the problems move with the text they are about.
    pub fn show(&mut self, text: String) {
        let change = change_between(&self.text, &text);
        for problem in &mut self.problems {
            problem.span = moved(&problem.span, &change);
        }
        self.syntax = Syntax::of(&text);
        self.outline = Outline::of(&text, &self.syntax);
        let layout = layout(&text, &self.syntax.inks(&text), &self.problems);
        self.draw(layout, text);
    }

    /// Draws other problems.
    pub fn mark(&mut self, problems: Vec<Problem>) {
        self.problems = problems;
        let text = self.text.clone();
        let layout = layout(&text, &self.syntax.inks(&text), &self.problems);
        self.draw(layout, text);
    }

    fn draw(&mut self, new: Layout, text: String) {
        let current = self.current;
        self.set_current(None);
        let (had, has) = (self.lines.len(), new.lines.len());
        let same = |old: usize, now: usize| {
            let (Some(old), Some(now)) = (self.layout.lines.get(old), new.lines.get(now)) else { return false };
            self.text.get(old.span.clone()) == text.get(now.span.clone()) && self.layout.pieces(old) == new.pieces(now)
        };
        let shared = had.min(has);
        let before = (0..shared).take_while(|&line| same(line, line)).count();
        let after = (0..shared - before).take_while(|back| same(had - 1 - back, has - 1 - back)).count();
        for gone in self.lines.drain(before..had - after) {
            gone.remove();
        }
        let next = self.lines.get(before).map(|line| line.unchecked_ref::<Node>().clone());
        let mut made = Vec::with_capacity(has - before - after);
        for line in new.lines.get(before..has - after).unwrap_or_default() {
            let written = text.get(line.span.clone()).unwrap_or_default();
            let Some(element) = line_element(written, new.pieces(line)) else { return };
            report(self.code.insert_before(&element, next.as_ref()));
            made.push(element);
        }
        self.lines.splice(before..before, made);
        self.draw_numbers(&new);
        self.layout = new;
        self.text = text;
        self.set_current(current);
    }

    fn draw_numbers(&mut self, new: &Layout) {
        for gone in self.numbers.drain(new.lines.len().min(self.numbers.len())..) {
            gone.remove();
        }
        for (index, line) in new.lines.iter().enumerate() {
            if index == self.numbers.len() {
                let Some(number) = element("div", "editor__number") else { return };
                number.set_text_content(Some(&(index + 1).to_string()));
                report(self.gutter.append_child(&number));
                self.numbers.push(number);
            } else if self.layout.lines.get(index).map(|line| line.mark) == Some(line.mark) {
                continue;
            }
            let Some(number) = self.numbers.get(index) else { return };
            match line.mark {
                Some(severity) => report(number.set_attribute("data-severity", severity_name(severity))),
                None => report(number.remove_attribute("data-severity")),
            }
        }
    }

    /// Points out the line of a place; none while something else has the focus.
    pub fn point_out(&mut self, place: Option<usize>) {
        self.set_current(place.map(|place| self.layout.line_of(place)));
    }

    fn set_current(&mut self, line: Option<usize>) {
        const CURRENT: &str = "is-current";
        for list in [&self.lines, &self.numbers] {
            if self.current != line
                && let Some(old) = self.current.and_then(|old| list.get(old))
            {
                report(old.class_list().remove_1(CURRENT));
            }
            if let Some(new) = line.and_then(|new| list.get(new)) {
                report(new.class_list().add_1(CURRENT));
            }
        }
        self.current = line;
    }

    /// Where a place of the text is on the screen: the left edge of its character, as high as its line.
    pub fn rect_of(&self, place: usize) -> Option<Rect> {
        let index = self.layout.line_of(place);
        let (line, element) = (self.layout.lines.get(index)?, self.lines.get(index)?);
        let place = place.saturating_sub(line.span.start).min(line.span.len());
        let whole = Rect::of(&element.get_bounding_client_rect());
        let pieces = self.layout.pieces(line);
        let found = pieces.iter().rposition(|piece| piece.span.start <= place && !piece.span.is_empty());
        let Some(found) = found else {
            // An empty line has no letter to measure, only the room in front of it.
            let style = window().get_computed_style(element).ok().flatten()?;
            let room: f64 = style.get_property_value("padding-left").ok()?.trim_end_matches("px").parse().ok()?;
            return Some(Rect { left: whole.left + room, right: whole.left + room, ..whole });
        };
        let piece = pieces.get(found)?;
        let written = self.text.get(line.span.start + piece.span.start..line.span.start + piece.span.end)?;
        let offset = utf16_of(written, place - piece.span.start);
        let rect = self.range_rect(element, found, 0, offset)?;
        Some(Rect { left: rect.right, right: rect.right, ..whole })
    }

    /// What is under a point of the screen: a place of the text, and the piece it lies in.
    pub fn place_under(&self, x: f64, y: f64) -> Option<(usize, Rect)> {
        let index = self.line_under(y)?;
        let (line, element) = (self.layout.lines.get(index)?, self.lines.get(index)?);
        let whole = Rect::of(&element.get_bounding_client_rect());
        self.layout.pieces(line).iter().enumerate().find_map(|(number, piece)| {
            let written = self.text.get(line.span.start + piece.span.start..line.span.start + piece.span.end)?;
            let rect = self.range_rect(element, number, 0, utf16_of(written, written.len()))?;
            let here = rect.left <= x && x < rect.right;
            here.then_some((line.span.start + piece.span.start, Rect { top: whole.top, bottom: whole.bottom, ..rect }))
        })
    }

    /// The line at a height of the screen.
    pub fn line_under(&self, y: f64) -> Option<usize> {
        let (first, last) = (self.lines.first()?, self.lines.last()?);
        let (top, bottom) = (first.get_bounding_client_rect().top(), last.get_bounding_client_rect().bottom());
        #[expect(clippy::cast_precision_loss, reason = "lines are far fewer than 2^53")]
        let line = (y - top) / (bottom - top) * self.lines.len() as f64;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be at least 0")]
        let index = (line >= 0.0).then_some(line as usize)?;
        (index < self.lines.len()).then_some(index)
    }

    /// The problems that begin in a line, and where its number is.
    pub fn problems_of_line(&self, index: usize) -> Option<(Vec<Problem>, Rect)> {
        let line = self.layout.lines.get(index)?;
        let here = |problem: &&Problem| line.span.start <= problem.span.start && problem.span.start <= line.span.end;
        let problems = self.problems.iter().filter(here).cloned().collect();
        Some((problems, Rect::of(&self.numbers.get(index)?.get_bounding_client_rect())))
    }

    /// The rectangle of characters of a piece.
    fn range_rect(&self, line: &Element, piece: usize, start: usize, end: usize) -> Option<Rect> {
        let child = line.child_nodes().item(u32::try_from(piece).ok()?)?;
        let node = child.first_child().unwrap_or(child);
        let range = document().create_range().ok()?;
        range.set_start(&node, u32::try_from(start).ok()?).ok()?;
        range.set_end(&node, u32::try_from(end).ok()?).ok()?;
        Some(Rect::of(&range.get_bounding_client_rect()))
    }
}

/// A line as an element. What has neither a colour nor a mark is a bare text in it.
fn line_element(line: &str, pieces: &[Piece]) -> Option<Element> {
    let element_of_line = element("div", "editor__line")?;
    for piece in pieces {
        let written = line.get(piece.span.clone()).unwrap_or_default();
        if piece.ink.is_none() && piece.mark.is_none() {
            report(element_of_line.append_child(&document().create_text_node(written)));
            continue;
        }
        let span = element("span", piece.ink.map_or("", ink_class))?;
        span.set_text_content(Some(written));
        if let Some(severity) = piece.mark {
            report(span.class_list().add_1("editor__mark"));
            report(span.set_attribute("data-severity", severity_name(severity)));
            report(span.set_attribute("data-testid", "problem"));
        }
        report(element_of_line.append_child(&span));
    }
    Some(element_of_line)
}

fn element(name: &str, class: &str) -> Option<Element> {
    // Fails for a name that HTML cannot have only.
    let element = document().create_element(name).ok()?;
    if !class.is_empty() {
        element.set_class_name(class);
    }
    Some(element)
}

fn ink_class(ink: Ink) -> &'static str {
    match ink {
        Ink::Table => "editor__table",
        Ink::Key => "editor__key",
        Ink::Text => "editor__string",
        Ink::Number | Ink::Date => "editor__figure",
        Ink::Switch => "editor__keyword",
        Ink::Comment => "editor__comment",
        Ink::Punctuation => "editor__sign",
    }
}

/// A severity as an attribute says it.
pub fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Notice => "notice",
    }
}
