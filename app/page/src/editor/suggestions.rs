//! The list of suggestions at the caret, with what the selected one means beside it.

use leptos::{html, prelude::*};
use signal_studio_app_shared::editing::{Completion, Edit, Suggestion, complete};

use super::{
    dom,
    pad::{Pad, popover},
    tip::HelpText,
};

/// Suggestions that Page Up and Page Down pass over.
const PAGE: usize = 8;

impl Pad {
    /// Suggests what could be written at the caret. Unless asked for, only where something useful can be said.
    pub fn suggest(self, asked: bool) {
        let found =
            self.selected().filter(|(_, _, selection)| selection.is_empty()).and_then(|(_, text, selection)| {
                let datasets = self.datasets.get_untracked();
                self.with_drawn(|drawn| complete(&text, drawn.outline(), selection.end, &datasets)).flatten()
            });
        let worth_showing = |found: &Completion| {
            let only_what_is_there = matches!(found.suggestions.as_slice(), [only] if bare(only) == found.typed);
            let begun = found.is_value || !found.typed.is_empty();
            asked || (begun && found.chosen.is_none() && !only_what_is_there)
        };
        let found = found.filter(worth_showing);
        self.chosen.set(found.as_ref().and_then(|found| found.chosen).unwrap_or(0));
        self.completion.set(found);
        if self.completion.with_untracked(Option::is_some) {
            self.hide_tip();
        }
        self.place_suggestions();
    }

    /// The number of the selected suggestion while there are any.
    pub fn selected_suggestion(self) -> Option<usize> {
        self.completion.with(Option::is_some).then(|| self.chosen.get())
    }

    pub fn close_suggestions(self) {
        if self.completion.with_untracked(Option::is_some) {
            self.completion.set(None);
        }
    }

    /// Closes the suggestions when the caret has left what they would replace.
    pub fn close_suggestions_elsewhere(self) {
        let Some((_, _, selection)) = self.selected() else { return };
        let elsewhere = |open: &Completion| selection.start < open.replace.start || selection.end > open.replace.end;
        if self.completion.with_untracked(|open| open.as_ref().is_some_and(elsewhere)) {
            self.close_suggestions();
        }
    }

    /// A key while there are suggestions; whether it was theirs.
    pub fn suggestions_key(self, key: &str, shift: bool) -> bool {
        let count = self.completion.with_untracked(|open| open.as_ref().map_or(0, |open| open.suggestions.len()));
        let last = count.saturating_sub(1);
        let chosen = self.chosen.get_untracked().min(last);
        match key {
            "ArrowDown" => self.chosen.set(if chosen == last { 0 } else { chosen + 1 }),
            "ArrowUp" => self.chosen.set(if chosen == 0 { last } else { chosen - 1 }),
            "PageDown" => self.chosen.set((chosen + PAGE).min(last)),
            "PageUp" => self.chosen.set(chosen.saturating_sub(PAGE)),
            "Enter" | "Tab" if !shift => return self.take_suggestion(chosen),
            _ => return false,
        }
        true
    }

    /// Writes a suggestion; whether that changed the text.
    fn take_suggestion(self, index: usize) -> bool {
        let taken = self.completion.with_untracked(|open| {
            let open = open.as_ref()?;
            Some((open.replace.clone(), open.suggestions.get(index)?.clone()))
        });
        self.close_suggestions();
        let Some((replace, Suggestion { insert, leads_on, .. })) = taken else { return false };
        let unchanged = self.with_drawn(|drawn| drawn.text().get(replace.clone()) == Some(insert.as_str()));
        if unchanged != Some(false) {
            return false;
        }
        self.apply(&Edit::replacing(replace, insert));
        if leads_on {
            self.suggest(true);
        }
        true
    }

    /// Has the suggestions put beside what they would replace, once they are drawn.
    pub fn place_suggestions(self) {
        let Some(start) = self.completion.with_untracked(|open| open.as_ref().map(|open| open.replace.start)) else {
            return;
        };
        request_animation_frame(move || {
            let list = self.popup.get_untracked().and_then(|list| popover(&list));
            let anchor = self.with_drawn(|drawn| drawn.rect_of(start)).flatten();
            if let (Some(list), Some(anchor)) = (list, anchor) {
                dom::place_beside(&list, anchor, false);
            }
        });
    }
}

/// A suggestion as it would be typed, without quotes.
fn bare(suggestion: &Suggestion) -> String {
    suggestion.label.trim_matches('"').to_lowercase()
}

/// The list of suggestions.
#[component]
pub fn Suggestions(pad: Pad, id: String) -> impl IntoView {
    let is_open = Memo::new(move |_| pad.completion.with(Option::is_some));
    Effect::new(move || {
        let is_open = is_open.get();
        if let Some(popup) = pad.popup.get().and_then(|popup| popover(&popup)) {
            dom::set_open(&popup, is_open);
        }
    });
    let list = NodeRef::<html::Ul>::new();
    Effect::new(move || {
        let chosen = pad.chosen.get();
        pad.completion.track();
        // The list is drawn by another effect of the same change.
        request_animation_frame(move || {
            let Some(list) = list.get_untracked() else { return };
            let Some(option) = u32::try_from(chosen).ok().and_then(|chosen| list.children().item(chosen)) else {
                return;
            };
            let (outer, inner) = (list.get_bounding_client_rect(), option.get_bounding_client_rect());
            if inner.top() < outer.top() || inner.bottom() > outer.bottom() {
                option.scroll_into_view_with_bool(inner.top() < outer.top());
            }
        });
    });
    let options = {
        let id = id.clone();
        move || {
            let open = pad.completion.get();
            let suggestions = open.map(|open| open.suggestions).unwrap_or_default();
            let option = |(index, suggestion): (usize, Suggestion)| {
                view! {
                    <li
                        class="editor__suggestion"
                        role="option"
                        id=format!("{id}-{index}")
                        aria-selected=move || (pad.chosen.get() == index).to_string()
                        on:click=move |_| { let _unchanged = pad.take_suggestion(index); }
                    >
                        <span class="editor__suggestion-name">{suggestion.label}</span>
                        <span class="editor__suggestion-detail">{suggestion.detail}</span>
                    </li>
                }
            };
            suggestions.into_iter().enumerate().map(option).collect_view()
        }
    };
    let help = move || {
        let chosen = pad.chosen.get();
        let chosen = pad.completion.with(|open| Some(open.as_ref()?.suggestions.get(chosen)?.help()));
        chosen.map(|help| view! { <HelpText help/> })
    };
    view! {
        <div
            class="editor__suggestions"
            popover="manual"
            node_ref=pad.popup
            // The focus stays in the text.
            on:pointerdown=|event| event.prevent_default()
            on:mousedown=|event| event.prevent_default()
        >
            <ul class="editor__suggestion-list" role="listbox" id=id aria-label="Suggestions" node_ref=list>
                {options}
            </ul>
            <div class="editor__suggestion-help">{help}</div>
        </div>
    }
}
