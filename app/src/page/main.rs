//! The page.

#[cfg(target_arch = "wasm32")]
mod charts;

fn main() {}
