//! The worker's own global object, and its clock.

use wasm_bindgen::JsCast;
use web_sys::DedicatedWorkerGlobalScope;

/// The worker's own global object.
pub fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Milliseconds on a clock that never goes back.
pub fn now_ms() -> f64 {
    // Every worker has it; without one, time stands still and only thinning of events suffers.
    scope().performance().map_or(0.0, |clock| clock.now())
}
