//! Sending to the page: an array of a message's JSON and its attachments goes through the worker's port.

use js_sys::Array;
use signal_studio_app_shared::protocol::{Event, Level, Message, Progress};
use wasm_bindgen::JsValue;

use crate::shell::scope::{now_ms, scope};

/// Sends a message.
pub fn post(message: &Message) {
    post_with(message, &[]);
}

/// Sends a message with files, blobs or bytes beside it.
pub fn post_with(message: &Message, attachments: &[JsValue]) {
    let text = serde_json::to_string(message).expect("messages have string keys and no foreign types");
    let parts = Array::of(&[JsValue::from(text)]);
    for attachment in attachments {
        parts.push(attachment);
    }
    // It fails for what cannot be cloned only, and files, blobs and bytes can.
    if let Err(error) = scope().post_message(&parts) {
        web_sys::console::error_1(&error);
    }
}

/// Sends the page what happened.
pub fn send_event(event: Event) {
    post(&Message::Event(event));
}

/// Writes a line into the page's log.
pub fn log(level: Level, message: impl Into<String>) {
    send_event(Event::Log { level, message: message.into() });
}

/// Reports how far work has come, no more often than an eye can follow.
pub struct Meter {
    wrap: fn(Progress) -> Event,
    unit: &'static str,
    last_ms: f64,
}

impl Meter {
    /// Of an import.
    pub fn importing(unit: &'static str) -> Self {
        Self { wrap: Event::Importing, unit, last_ms: f64::NEG_INFINITY }
    }

    /// Of a preparation.
    pub fn preparing(unit: &'static str) -> Self {
        Self { wrap: Event::Preparing, unit, last_ms: f64::NEG_INFINITY }
    }

    /// Reports, unless it did a moment ago. The end is always reported.
    pub fn report(&mut self, what: impl FnOnce() -> String, done: u64, total: u64) {
        let now = now_ms();
        if now - self.last_ms < SHORTEST_INTERVAL_MS && done < total {
            return;
        }
        self.last_ms = now;
        send_event((self.wrap)(Progress { what: what(), done, total, unit: self.unit.to_owned() }));
    }
}

/// Of what happens often, no more than this is sent: 20 a second.
pub const SHORTEST_INTERVAL_MS: f64 = 50.0;
