//! The worker: it holds core and its engine, and serves the page's requests. Each is carried out by itself, so that the
//! page hears about its library while a run trains.

#![cfg(target_arch = "wasm32")]

mod datasets;
mod devices;
mod opfs;
mod runs;
mod shell;
mod training;

/// Serves the page's requests.
pub fn run() {
    signal_studio_app_shared::shell::constructors::run();
    shell::requests::serve();
}
