//! The log of a run.

use leptos::{html, prelude::*};
use signal_studio_app::protocol::Level;

use crate::watch::LogLine;

/// Distance from the end, in pixels, at which the log still counts as being read there.
const AT_END: i32 = 24;

/// The lines of a log; it stays at its end unless the user has scrolled up.
#[component]
pub fn Log(
    /// The lines, the oldest first.
    lines: RwSignal<Vec<LogLine>>,
) -> impl IntoView {
    let list = NodeRef::<html::Ol>::new();
    let is_at_end = StoredValue::new(true);
    Effect::new(move || {
        lines.track();
        if let Some(list) = list.get().filter(|_| is_at_end.get_value()) {
            request_animation_frame(move || list.set_scroll_top(list.scroll_height()));
        }
    });
    let scrolled = move |_| {
        if let Some(list) = list.get_untracked() {
            is_at_end.set_value(list.scroll_height() - list.scroll_top() - list.client_height() < AT_END);
        }
    };
    view! {
        <section class="card log" aria-labelledby="log-title">
            <h3 id="log-title">"Log"</h3>
            <ol role="list" class="log__lines" node_ref=list tabindex="0" aria-labelledby="log-title" data-testid="log" on:scroll=scrolled>
                <For each=move || lines.get() key=|line| line.id let(line)>
                    {
                        let (level, class, word) = match line.level {
                            Level::Info => ("info", "log__line", ""),
                            Level::Warning => ("warning", "log__line log__line--warn", "Warning: "),
                            Level::Error => ("error", "log__line log__line--bad", "Error: "),
                        };
                        view! {
                            <li class=class data-testid="log-line" data-level=level>
                                <span class="log__time figure">{line.time}</span>
                                <span class="log__text">{word}{line.text}</span>
                            </li>
                        }
                    }
                </For>
            </ol>
        </section>
    }
}
