//! The log of a run.

use leptos::prelude::*;
use signal_studio_app_shared::{protocol::Level, training::run_log::LogLine};

/// The lines of a log. It stays at its end unless the user has scrolled up: a box that is filled in reverse does that by
/// itself, without being measured after every line.
#[component]
pub fn Log(
    /// The lines, the oldest first.
    lines: RwSignal<Vec<LogLine>>,
) -> impl IntoView {
    view! {
        <section class="card log" aria-labelledby="log-title">
            <h3 id="log-title">"Log"</h3>
            <div class="log__scroll" tabindex="0" role="region" aria-label="Lines of the log" data-testid="log">
                <ol role="list">
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
            </div>
        </section>
    }
}
