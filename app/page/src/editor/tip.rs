//! What is told about a place of the text: its problems, and what its key means. It shows under the pointer after a
//! moment, at the caret, or when asked for; Escape hides it, and the pointer may go into it.

use std::time::Duration;

use leptos::{html, prelude::*};
use signal_studio_app_shared::editing::{Fact, Help, Problem, help_at};
use web_sys::PointerEvent;

use super::{
    dom::{self, Rect},
    drawn_text::severity_name,
    pad::{Pad, Tip, popover},
};

/// The pointer rests this long before it is answered, and may be away this long before the answer goes.
const REST: Duration = Duration::from_millis(250);

impl Pad {
    pub fn tip_shown(self) -> bool {
        self.tip.with(Option::is_some)
    }

    pub fn hide_tip(self) {
        self.stop_timer();
        if self.tip.with_untracked(Option::is_some) {
            self.tip.set(None);
        }
    }

    fn stop_timer(self) {
        let timer = self.tip_timer.try_update_value(Option::take).flatten();
        if let Some(timer) = timer {
            timer.clear();
        }
    }

    fn after_rest(self, then: impl FnOnce() + 'static) {
        self.stop_timer();
        if let Ok(timer) = set_timeout_with_handle(then, REST) {
            self.tip_timer.set_value(Some(timer));
        }
    }

    /// Shows what is known of a place; nothing, if nothing is.
    fn show_tip(self, problems: Vec<Problem>, help: Option<Help>, anchor: Rect) {
        let known = !problems.is_empty() || help.is_some();
        // Suggestions are about the same place, and more to the point.
        let tip = (known && self.completion.with_untracked(Option::is_none)).then_some(Tip { problems, help, anchor });
        if self.tip.with_untracked(|shown| *shown != tip) {
            self.tip.set(tip);
        }
    }

    /// The pointer moves over the text.
    pub fn pointer_on_text(self, event: &PointerEvent) {
        if event.buttons() != 0 {
            return;
        }
        let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
        self.after_rest(move || {
            let found = self.with_drawn(|drawn| {
                let (place, anchor) = drawn.place_under(x, y)?;
                Some((problems_at(drawn.problems(), place), help_at(drawn.outline(), place), anchor))
            });
            match found.flatten() {
                Some((problems, help, anchor)) => self.show_tip(problems, help.map(|(_, help)| help), anchor),
                None => self.hide_tip(),
            }
        });
    }

    /// The pointer moves over the line numbers.
    pub fn pointer_on_gutter(self, event: &PointerEvent) {
        let y = f64::from(event.client_y());
        self.after_rest(move || {
            let found = self.with_drawn(|drawn| drawn.problems_of_line(drawn.line_under(y)?));
            match found.flatten() {
                Some((problems, anchor)) => self.show_tip(problems, None, anchor),
                None => self.hide_tip(),
            }
        });
    }

    pub fn pointer_left(self) {
        self.after_rest(move || self.hide_tip());
    }

    /// Tells of the problems at the caret.
    pub fn show_problems_at_caret(self) {
        let Some((_, _, selection)) = self.selected() else { return };
        let found = self.with_drawn(|drawn| {
            let problems: Vec<_> = drawn.problems().iter().filter(|problem| touches(problem, selection.end)).collect();
            let anchor = drawn.rect_of(problems.first()?.span.start)?;
            Some((problems.into_iter().cloned().collect::<Vec<_>>(), anchor))
        });
        match found.flatten() {
            Some((problems, anchor)) => self.show_tip(problems, None, anchor),
            None => self.hide_tip(),
        }
    }

    /// Explains what the caret is in.
    pub fn explain_caret(self) {
        let Some((_, _, selection)) = self.selected() else { return };
        self.close_suggestions();
        let found = self.with_drawn(|drawn| {
            let here = selection.end;
            let problems = drawn.problems().iter().filter(|problem| touches(problem, here)).cloned().collect();
            // A caret behind a word is in it as well.
            let help = help_at(drawn.outline(), here).or_else(|| help_at(drawn.outline(), here.checked_sub(1)?));
            let start = help.as_ref().map_or(here, |(span, _)| span.start);
            Some((problems, help.map(|(_, help)| help), drawn.rect_of(start)?))
        });
        if let Some((problems, help, anchor)) = found.flatten() {
            self.show_tip(problems, help, anchor);
        }
    }
}

fn touches(problem: &Problem, place: usize) -> bool {
    problem.span.start <= place && place <= problem.span.end
}

fn problems_at(problems: &[Problem], place: usize) -> Vec<Problem> {
    let here = |problem: &&Problem| problem.span.start <= place && place < problem.span.end.max(problem.span.start + 1);
    problems.iter().filter(here).cloned().collect()
}

/// The box in which a tip is shown.
#[component]
pub fn TipBox(pad: Pad, id: String) -> impl IntoView {
    let place = NodeRef::<html::Div>::new();
    Effect::new(move || {
        let anchor = pad.tip.with(|tip| tip.as_ref().map(|tip| tip.anchor));
        let Some(tip) = place.get().and_then(|place| popover(&place)) else { return };
        dom::set_open(&tip, anchor.is_some());
        if let Some(anchor) = anchor {
            request_animation_frame(move || dom::place_beside(&tip, anchor, true));
        }
    });
    let content = move || {
        pad.tip.get().map(|Tip { problems, help, .. }| {
            let problem = |problem: Problem| {
                view! { <p class="editor__tip-problem" data-severity=severity_name(problem.severity)>{problem.message}</p> }
            };
            view! {
                {problems.into_iter().map(problem).collect_view()}
                {help.map(|help| view! { <HelpText help/> })}
            }
        })
    };
    view! {
        <div
            class="editor__tip"
            role="tooltip"
            id=id
            popover="manual"
            node_ref=place
            on:pointerenter=move |_| pad.stop_timer()
            on:pointerleave=move |_| pad.pointer_left()
        >
            {content}
        </div>
    }
}

/// What something in a run file is.
#[component]
pub fn HelpText(help: Help) -> impl IntoView {
    let fact = |Fact { name, value }: Fact| {
        view! {
            <dt class="editor__fact">{name}</dt>
            <dd class="editor__fact-value">{value}</dd>
        }
    };
    view! {
        <div class="editor__help">
            <p class="editor__help-title">{help.title}</p>
            {(!help.doc.is_empty()).then(|| view! { <p class="editor__help-doc">{help.doc}</p> })}
            <dl class="editor__facts">{help.facts.into_iter().map(fact).collect_view()}</dl>
        </div>
    }
}
