//! Looking at recordings: the name of a recording and a stretch or a window of it flow in; what a chart or a picture
//! needs flows out.

use signal_studio_app::{
    names::RAW,
    protocol::{Traces, Window},
};
use wasm_bindgen::JsValue;

use crate::{
    errors::{Failure, Outcome},
    studio::Studio,
};

/// What of a recording is asked for.
pub struct Stretch {
    /// Where it starts, in seconds.
    pub start_s: f64,
    /// How long it is, in seconds.
    pub length_s: f64,
    /// Points to which a channel is thinned.
    pub points: usize,
}

/// PENDING
pub async fn traces(_: &Studio, _: &str, _: &str, _: Stretch) -> Outcome<Traces> {
    let _ = RAW;
    Err(Failure::failed("pending"))
}

/// PENDING
pub async fn window(_: &Studio, _: &str, _: &str, _: usize, _: String) -> Outcome<(Window, Option<JsValue>)> {
    Err(Failure::failed("pending"))
}
