//! What is kept in the browser: asked for after every change of it.

use leptos::{prelude::*, task::spawn_local};
use signal_studio_app_shared::protocol::{Library, Reply, Request};
use wasm_bindgen_futures::JsFuture;

use super::{studio::Studio, view::View};
use crate::browser::now_ms;

/// Milliseconds after which the end of an epoch is worth asking again what is kept: to look at all of it takes time that
/// a run under way would have.
const LIBRARY_AGE_MS: f64 = 5000.0;

impl Studio {
    /// Asks what is kept in the browser; after every change of it.
    pub async fn refresh_library(self) {
        let asked_ms = now_ms();
        self.listed_ms.set_value(asked_ms);
        match self.link.ask(Request::Library).await {
            // The worker answers as it can: what was asked later may be known already.
            Ok(Reply::Library(_)) if asked_ms < self.shown_ms.get_value() => {}
            Ok(Reply::Library(library)) => {
                self.shown_ms.set_value(asked_ms);
                let known = self.library.with_untracked(|known| known.as_ref().map(entries));
                if !library.is_persistent && known.is_some_and(|known| entries(&library) > known) {
                    spawn_local(self.ask_to_keep());
                }
                self.library_fault.set(None);
                self.library.set(Some(library));
            }
            Ok(reply) => self.unexpected(&reply),
            Err(fault) => {
                self.toasts.fault(&fault);
                self.library_fault.set(Some(fault));
            }
        }
    }

    /// Whether a list of runs is seen that no longer says how far the run under way is.
    pub fn shows_old_runs(self) -> bool {
        self.view.get_untracked() == View::Runs && now_ms() - self.listed_ms.get_value() > LIBRARY_AGE_MS
    }

    /// Asks the browser not to remove by itself what is kept, now that there is something more. Some browsers ask the
    /// user, others decide by themselves; where the answer is no, everything goes on as before.
    async fn ask_to_keep(self) {
        let asked = async { JsFuture::from(window().navigator().storage().persist()?).await };
        if asked.await.is_ok_and(|answer| answer.is_truthy()) {
            self.library.update(|library| {
                if let Some(library) = library {
                    library.is_persistent = true;
                }
            });
        }
    }
}

/// How much is kept.
fn entries(library: &Library) -> usize {
    library.datasets.len() + library.runs.len()
}
