//! The page: everything that is seen and pressed. It computes nothing that takes time; the worker does, and tells.

#![cfg(target_arch = "wasm32")]

mod app;
mod browser;
mod charts;
mod drop;
mod drop_anywhere;
mod editor;
mod link;
mod loaded;
mod memory;
mod picture;
mod progress;
mod run_charts;
mod run_files;
mod sample_picture;
mod save;
mod share;
mod state;
mod theme;
mod toasts;
mod ui;
mod views;
mod watch;

/// Starts the page.
pub fn run() {
    signal_studio_app_shared::constructors::run();
    console_error_panic_hook::set_once();
    app::mount();
}
