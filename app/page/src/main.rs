//! The program of the page, which lives in a browser only: for other targets it is empty.

fn main() {
    #[cfg(target_arch = "wasm32")]
    signal_studio_page::run();
}
