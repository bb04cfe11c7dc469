//! The worker: it holds core and its engine, and serves the page's requests. Each is carried out by itself, so that the
//! page hears about its library while a run trains.

#![cfg(target_arch = "wasm32")]

mod about;
mod active_run;
mod append_file;
mod archive;
mod control;
mod dataset_cache;
mod datasets;
mod devices;
mod errors;
mod files;
mod home;
mod import;
mod journals;
mod library;
mod limits;
mod notes;
mod opfs;
mod pace;
mod packed;
mod panic;
mod post;
mod preview;
mod requests;
mod room;
mod run_check;
mod run_file;
mod run_records;
mod run_storage;
mod runs;
mod sample_cache;
mod samples;
mod scope;
mod single_instance;
mod tensorboard;
mod training;

/// Serves the page's requests.
pub fn run() {
    signal_studio_app_shared::constructors::run();
    requests::serve();
}
