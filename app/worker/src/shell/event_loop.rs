//! Turns for the browser's event loop. The worker has one thread: while it computes, no message comes in. Whoever works for
//! long calls [`yield_if_due`] now and then.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
};

use js_sys::{Function, Promise};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::MessageChannel;

use crate::shell::scope::now_ms;

/// How long to work before the event loop gets its turn: short enough for a click to have its effect at once, long
/// enough for tiny steps not to pay for it.
const STRETCH_MS: f64 = 8.0;

thread_local! {
    static TURNS: Turns = Turns::default();
}

/// Lets the event loop have a turn, if its last one was a while ago.
pub async fn yield_if_due() {
    if now_ms() - TURNS.with(|turns| turns.last_ms.get()) >= STRETCH_MS {
        yield_now().await;
    }
}

/// Lets the event loop have a turn. A message to oneself comes back behind all that wait already; a timer would wait for
/// four milliseconds more.
pub async fn yield_now() {
    let promise = Promise::new(&mut |resolve, _| TURNS.with(|turns| turns.ask(resolve)));
    // The promise is only ever resolved.
    let _ = JsFuture::from(promise).await;
    TURNS.with(|turns| turns.last_ms.set(now_ms()));
}

#[derive(Default)]
struct Turns {
    last_ms: Cell<f64>,
    channel: RefCell<Option<Channel>>,
    waiting: RefCell<VecDeque<Function>>,
}

struct Channel {
    ports: MessageChannel,
    /// Kept for as long as the port calls it.
    _on_message: Closure<dyn FnMut()>,
}

impl Turns {
    fn ask(&self, resolve: Function) {
        let mut channel = self.channel.borrow_mut();
        if channel.is_none() {
            *channel = Channel::new();
        }
        match &*channel {
            Some(channel) if channel.ports.port2().post_message(&JsValue::UNDEFINED).is_ok() => {
                self.waiting.borrow_mut().push_back(resolve);
            }
            // Without a channel there are no turns, but work goes on.
            _ => drop(resolve.call0(&JsValue::UNDEFINED)),
        }
    }
}

impl Channel {
    fn new() -> Option<Self> {
        let ports = MessageChannel::new().ok()?;
        let on_message = Closure::<dyn FnMut()>::new(|| {
            let next = TURNS.with(|turns| turns.waiting.borrow_mut().pop_front());
            if let Some(resolve) = next {
                // A promise's resolve function does not throw.
                let _ = resolve.call0(&JsValue::UNDEFINED);
            }
        });
        ports.port1().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        Some(Self { ports, _on_message: on_message })
    }
}
