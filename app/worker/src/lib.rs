//! The worker: it holds core and its engine. Requests of the page flow in as messages; replies and events flow out. Each
//! request is carried out by itself, so that the page hears about its library while a run trains.

#![cfg(target_arch = "wasm32")]

mod archive;
mod control;
mod devices;
mod errors;
mod files;
mod growing;
mod import;
mod library;
mod limits;
mod opfs;
mod outlook;
mod pace;
mod packed;
mod panic;
mod post;
mod preview;
mod remembering;
mod requests;
mod run_file;
mod runs;
mod samples;
mod seen;
mod session;
mod sole;
mod studio;
mod tensorboard;

/// Serves the page's requests.
pub fn run() {
    signal_studio_app_shared::constructors::run();
    requests::serve();
}
