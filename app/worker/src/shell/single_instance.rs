//! One studio at a time: two that write the same files would spoil them. Whoever comes second waits until no other tab
//! has the studio open.

use std::{cell::Cell, rc::Rc};

use js_sys::{Function, Object, Promise, Reflect};
use signal_studio_app_shared::protocol::Event;
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::shell::{post::send_event, scope::scope};

/// The lock's name, which other tabs of this site see.
const NAME: &str = "signal-studio";

/// How long the worker before this one may take to end, as after a reload, before the user is told to wait.
const PATIENCE_MS: i32 = 1500;

#[wasm_bindgen]
extern "C" {
    /// The browser's locks, which are let go when whoever holds them ends.
    type Locks;

    #[wasm_bindgen(method, catch)]
    fn request(this: &Locks, name: &str, options: &JsValue, granted: &Function) -> Result<Promise, JsValue>;
}

/// Waits until this is the only worker, which it then stays until it ends. A browser without locks, or
/// one that refuses them, lets everyone in.
pub async fn wait() {
    let navigator = scope().navigator();
    let locks = Reflect::get(&navigator, &"locks".into()).ok().filter(|locks| !locks.is_undefined());
    let Some(locks) = locks.map(JsCast::unchecked_into::<Locks>) else { return };
    let is_alone = Rc::new(Cell::new(false));
    report_later(is_alone.clone());
    let granted = Promise::new(&mut |answer, _| {
        let resolve = answer.clone();
        let on_lock = Closure::once_into_js(move |_lock: JsValue| {
            // A promise's resolve function does not throw.
            let _ = resolve.call0(&JsValue::UNDEFINED);
            // The lock is held until this promise is settled: never.
            Promise::new(&mut |_, _| {})
        });
        let asked = locks.request(NAME, &Object::new(), on_lock.unchecked_ref());
        spawn_local(async move {
            let held = async { JsFuture::from(asked?).await };
            // The promise of a lock that is held is never settled; one that is refused tells so, at once or later.
            if held.await.is_err() {
                let _ = answer.call0(&JsValue::UNDEFINED);
            }
        });
    });
    // The promise is only ever resolved.
    let _ = JsFuture::from(granted).await;
    is_alone.set(true);
}

/// Tells the user what is waited for, if it takes long.
fn report_later(is_alone: Rc<Cell<bool>>) {
    let on_time = Closure::once_into_js(move || {
        if !is_alone.get() {
            let message = "The studio is open in another tab or window, and two would write the same files. This one \
                           goes on as soon as the other is closed.";
            send_event(Event::Waiting { message: message.to_owned() });
        }
    });
    // Without a timer the wait is silent, and no worse for it.
    let _ = scope().set_timeout_with_callback_and_timeout_and_arguments_0(on_time.unchecked_ref(), PATIENCE_MS);
}
