//! The page: everything that is seen and pressed. It computes nothing that takes time; the worker does, and tells.

#![cfg(target_arch = "wasm32")]

mod browser;
mod charts;
mod datasets;
mod devices;
mod editor;
mod runs;
mod shell;
mod training;
mod ui;

/// Starts the page.
pub fn run() {
    signal_studio_app_shared::shell::constructors::run();
    console_error_panic_hook::set_once();
    shell::app::mount();
}
