//! Short messages that appear at the page's edge. Anything may post one; those that only inform leave by themselves.

use std::time::Duration;

use leptos::prelude::*;
use signal_studio_app_shared::protocol::{Fault, FaultKind, Level};

/// How long a message that only informs stays.
const STAYS: Duration = Duration::from_secs(6);

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// Tells it from the others.
    pub id: u64,
    /// How much it matters.
    pub level: Level,
    /// Whole sentences.
    pub message: String,
}

/// The messages shown, the oldest first.
#[derive(Clone, Copy)]
pub struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    next_id: StoredValue<u64>,
}

impl Toasts {
    /// None yet.
    pub fn new() -> Self {
        Self { shown: RwSignal::new(Vec::new()), next_id: StoredValue::new(0) }
    }

    /// What is shown.
    pub fn shown(self) -> Signal<Vec<Toast>> {
        self.shown.into()
    }

    /// Says what went well.
    pub fn info(self, message: impl Into<String>) {
        self.post(Level::Info, message.into());
    }

    /// Says what the user should know; it stays until it is dismissed.
    pub fn warning(self, message: impl Into<String>) {
        self.post(Level::Warning, message.into());
    }

    /// Says what failed; it stays as well.
    pub fn error(self, message: impl Into<String>) {
        self.post(Level::Error, message.into());
    }

    /// Says why a request failed; nothing where the user has cancelled it.
    pub fn fault(self, fault: &Fault) {
        if fault.kind != FaultKind::Cancelled {
            self.error(fault.message.clone());
        }
    }

    /// Takes a message away.
    pub fn dismiss(self, id: u64) {
        self.shown.update(|shown| shown.retain(|toast| toast.id != id));
    }

    fn post(self, level: Level, message: String) {
        let id = self.next_id.get_value();
        self.next_id.set_value(id + 1);
        self.shown.update(|shown| {
            // The same message twice says no more than once.
            shown.retain(|toast| toast.message != message);
            shown.push(Toast { id, level, message });
        });
        if level == Level::Info {
            set_timeout(move || self.dismiss(id), STAYS);
        }
    }
}
