//! What keys do in the editor beyond what the browser does.

use signal_studio_app_shared::editing::{indent, new_line, outdent, toggle_comment};
use web_sys::KeyboardEvent;

use super::pad::Pad;
use leptos::prelude::{GetUntracked, GetValue, SetValue, WithUntracked};

impl Pad {
    /// A key was pressed: either it is ours, or the browser's.
    pub fn key_pressed(self, event: &KeyboardEvent) {
        // Keys of an input method belong to it.
        if event.is_composing() {
            return;
        }
        if self.key_is_ours(event) {
            event.prevent_default();
            event.stop_propagation();
        } else {
            self.caret_may_have_moved();
        }
    }

    fn key_is_ours(self, event: &KeyboardEvent) -> bool {
        let key = event.key();
        let command = event.ctrl_key() || event.meta_key();
        let leaving = self.leaving.get_value();
        if !matches!(key.as_str(), "Shift" | "Control" | "Alt" | "Meta") {
            self.leaving.set_value(false);
        }
        if key == "F1" {
            self.explain_caret();
            return true;
        }
        if key == "Escape" {
            return self.escape();
        }
        if self.read_only.get_untracked() || event.alt_key() {
            return false;
        }
        if event.ctrl_key() && (key == " " || event.code() == "Space") {
            self.suggest(true);
            return true;
        }
        if command && key == "/" {
            return self.edit_selection(|text, selection| Some(toggle_comment(text, selection)));
        }
        if command {
            return false;
        }
        if self.completion.with_untracked(Option::is_some) && self.suggestions_key(&key, event.shift_key()) {
            return true;
        }
        match key.as_str() {
            "Tab" if leaving => false,
            "Tab" if event.shift_key() => {
                let _nothing_to_take_back = self.edit_selection(outdent);
                true
            }
            "Tab" => self.edit_selection(|text, selection| Some(indent(text, selection))),
            "Enter" if !event.shift_key() => self.edit_selection(new_line),
            _ => false,
        }
    }

    /// Closes what is open; with nothing open, the next Tab leaves the editor.
    fn escape(self) -> bool {
        if self.completion.with_untracked(Option::is_some) {
            self.close_suggestions();
        } else if self.tip.with_untracked(Option::is_some) {
            self.hide_tip();
        } else {
            self.leaving.set_value(true);
            return false;
        }
        true
    }

    fn edit_selection(
        self,
        edit: impl FnOnce(&str, &std::ops::Range<usize>) -> Option<signal_studio_app_shared::editing::Edit>,
    ) -> bool {
        let Some((_, text, selection)) = self.selected() else { return false };
        let Some(edit) = edit(&text, &selection) else { return false };
        self.apply(&edit);
        true
    }
}
