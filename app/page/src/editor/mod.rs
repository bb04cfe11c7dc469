//! The editor of run files: a text field of the browser's, with its undo, selection, input methods and accessibility,
//! over a drawn copy of the same text that shows colours and problems. Problems come from [`checked`], which follows
//! the text; the editor draws and lists them. All knowledge of run files comes from
//! [`signal_studio_app_shared::editing`].

mod dom;
mod drawn_text;
mod keyboard;
mod pad;
mod problem_list;
mod suggestions;
mod tip;

use std::time::Duration;

use leptos::{html, prelude::*};
use signal_studio_app_shared::editing::{Checked, Problem, check};

use self::{
    pad::{Pad, Parts},
    problem_list::ProblemList,
    suggestions::Suggestions,
    tip::TipBox,
};

/// An editor of run files, with its list of problems below.
#[component]
pub fn Editor(
    /// The run file. It may be changed from outside as well.
    text: RwSignal<String>,
    /// What is wrong with it; see [`checked`].
    problems: Signal<Vec<Problem>>,
    /// What it is called, for those who cannot see it. Two editors of a page need two names.
    #[prop(into)]
    label: String,
    /// Whether it only shows the file.
    #[prop(optional, into)]
    read_only: Signal<bool>,
    /// Datasets to suggest beside the known ones, as run files call them.
    #[prop(optional, into)]
    datasets: Signal<Vec<String>>,
) -> impl IntoView {
    let parts = Parts {
        input: NodeRef::<html::Textarea>::new(),
        code: NodeRef::<html::Pre>::new(),
        gutter: NodeRef::<html::Div>::new(),
        scroller: NodeRef::<html::Div>::new(),
    };
    let pad = Pad::new(text, read_only, datasets, parts);
    pad.follow(problems);

    let id = |part: &str| format!("{}-{part}", slug(&label));
    let (hint_id, tip_id, list_id) = (id("hint"), id("tip"), id("suggestions"));
    let described_by = {
        let (hint_id, tip_id) = (hint_id.clone(), tip_id.clone());
        move || if pad.tip_shown() { format!("{hint_id} {tip_id}") } else { hint_id.clone() }
    };
    let active = {
        let list_id = list_id.clone();
        move || pad.selected_suggestion().map(|index| format!("{list_id}-{index}"))
    };
    let is_wrong = Memo::new(move |_| problems.with(|problems| pad::any_error(problems)));
    let hint = move || {
        if read_only.get() {
            "This config can be read, not changed. F1 explains the key at the caret."
        } else {
            "Control and Space suggest, F1 explains. Tab indents; Escape, then Tab leaves the editor."
        }
    };

    view! {
        <div class="editor" class:editor--read-only=read_only>
            <div class="editor__frame">
                <div class="editor__scroller" node_ref=parts.scroller on:scroll=move |_| pad.scrolled()>
                    <div
                        class="editor__gutter"
                        aria-hidden="true"
                        node_ref=parts.gutter
                        on:pointermove=move |event| pad.pointer_on_gutter(&event)
                        on:pointerleave=move |_| pad.pointer_left()
                    ></div>
                    <div class="editor__page">
                        <pre class="editor__code" aria-hidden="true" node_ref=parts.code></pre>
                        <textarea
                            class="editor__input"
                            node_ref=parts.input
                            data-testid="editor-text"
                            aria-label=label.clone()
                            aria-describedby=described_by
                            aria-invalid=move || is_wrong.get().to_string()
                            aria-autocomplete=move || if read_only.get() { "none" } else { "list" }
                            aria-controls=list_id.clone()
                            aria-activedescendant=active
                            readonly=read_only
                            spellcheck="false"
                            autocomplete="off"
                            autocapitalize="off"
                            wrap="off"
                            on:input=move |event| pad.input_happened(&event)
                            on:keydown=move |event| pad.key_pressed(&event)
                            on:pointerup=move |_| pad.pressed()
                            on:focus=move |_| pad.caret_may_have_moved()
                            on:blur=move |_| pad.left()
                            on:pointermove=move |event| pad.pointer_on_text(&event)
                            on:pointerleave=move |_| pad.pointer_left()
                            on:scroll=move |_| pad.field_scrolled()
                        ></textarea>
                    </div>
                </div>
            </div>
            <p class="editor__hint" id=hint_id>{hint}</p>
            <TipBox pad id=tip_id/>
            <Suggestions pad id=list_id/>
            <ProblemList pad problems/>
        </div>
    }
}

/// What core says about a run file, kept up to date while it is typed: checked after each frame in which it changed.
/// `datasets` are those there are beside the known ones.
pub fn checked(text: RwSignal<String>, datasets: Signal<Vec<String>>) -> Signal<Checked> {
    let look = move || text.try_with_untracked(|text| datasets.try_with_untracked(|kept| check(text, kept))).flatten();
    let found = RwSignal::new(look().unwrap_or_default());
    let under_way = StoredValue::new(false);
    Effect::watch(
        move || {
            text.track();
            datasets.track();
        },
        move |(), _, _| {
            if under_way.try_update_value(|under_way| std::mem::replace(under_way, true)) == Some(false) {
                // The keystroke is painted first; what is typed before the check has begun is checked with it.
                request_animation_frame(move || {
                    let check_now = move || {
                        under_way.try_update_value(|under_way| *under_way = false);
                        if let Some(now) = look() {
                            found.try_set(now);
                        }
                    };
                    set_timeout(check_now, Duration::ZERO);
                });
            }
        },
        false,
    );
    found.into()
}

/// A name as part of an element's id.
fn slug(label: &str) -> String {
    let letters = label.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    letters.collect()
}
